//! Kubernetes quantities (`250m`, `16Gi`) in, thousandths of the unit out, and back.

/// Thousandths of the unit; nothing when the text is no quantity.
pub(crate) fn milli(text: &str) -> Option<i64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let number: f64 = number.parse().ok()?;
    let factor: f64 = match suffix {
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        exponent => {
            return exponent
                .strip_prefix(['e', 'E'])?
                .parse::<i32>()
                .ok()
                .map(|e| (number * 10f64.powi(e) * 1e3) as i64);
        }
    };
    Some((number * factor * 1e3).round() as i64)
}

/// The quantity of a JSON field, text or number.
pub(crate) fn of(value: &serde_json::Value) -> Option<i64> {
    match value {
        serde_json::Value::String(text) => milli(text),
        serde_json::Value::Number(number) => number.as_f64().map(|number| (number * 1e3) as i64),
        _ => None,
    }
}

/// How Kubernetes writes an amount of a resource.
pub(crate) fn show(resource: &str, milli: i64) -> String {
    let whole = milli / 1000;
    if resource.ends_with("cpu") {
        return if milli % 1000 == 0 {
            whole.to_string()
        } else {
            format!("{milli}m")
        };
    }
    if resource.ends_with("memory") || resource.ends_with("storage") {
        for (suffix, size) in [
            ("Ti", 1_i64 << 40),
            ("Gi", 1 << 30),
            ("Mi", 1 << 20),
            ("Ki", 1 << 10),
        ] {
            if whole != 0 && whole % size == 0 {
                return format!("{}{suffix}", whole / size);
            }
        }
    }
    whole.to_string()
}

#[cfg(test)]
mod tests {
    use super::{milli, show};

    #[test]
    fn there_and_back() {
        for (resource, text) in [
            ("cpu", "250m"),
            ("limits.cpu", "4"),
            ("memory", "512Mi"),
            ("requests.storage", "10Gi"),
            ("pods", "12"),
        ] {
            assert_eq!(
                milli(text).map(|amount| show(resource, amount)).as_deref(),
                Some(text)
            );
        }
        assert_eq!(milli("1e3"), Some(1_000_000));
        assert_eq!(milli("lots"), None);
    }
}
