//! Kubernetes quantities in ("250m", "1.5Gi", "1e3"), plain numbers out, and those numbers as people read them.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

/// The quantity in thousandths, rounded up as the scheduler does; `None` when it is no quantity.
///
/// Negative amounts count as none at all.
pub fn milli(quantity: &Quantity) -> Option<u128> {
    let text = quantity.0.trim();
    if text.starts_with('-') {
        return Some(0);
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // More digits than this say nothing that anybody could schedule by.
    let fraction: String = fraction.chars().take(12).collect();
    let digits: u128 = match format!("{whole}{fraction}").parse() {
        Ok(digits) => digits,
        Err(_) if whole.len() > 20 => return Some(u128::from(u64::MAX)),
        Err(_) => return None,
    };
    let (times, divided): (u128, u128) = match suffix {
        "" => (1_000, 1),
        "n" => (1, 1_000_000),
        "u" => (1, 1_000),
        "m" => (1, 1),
        "k" => (1_000_000, 1),
        "M" => (1_000_000_000, 1),
        "G" => (1_000_000_000_000, 1),
        "T" => (1_000_000_000_000_000, 1),
        "P" => (1_000_000_000_000_000_000, 1),
        "E" => (1_000_000_000_000_000_000_000, 1),
        "Ki" => (1_000 << 10, 1),
        "Mi" => (1_000 << 20, 1),
        "Gi" => (1_000 << 30, 1),
        "Ti" => (1_000 << 40, 1),
        "Pi" => (1_000 << 50, 1),
        "Ei" => (1_000 << 60, 1),
        exponent => {
            let exponent: i32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = 10_u128.checked_pow(exponent.unsigned_abs())?;
            if exponent < 0 {
                (1_000, power)
            } else {
                (power.checked_mul(1_000)?, 1)
            }
        }
    };
    let divided = divided.checked_mul(10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?)?;
    Some(digits.checked_mul(times)?.div_ceil(divided))
}

/// The quantity as a whole number, rounded up: bytes, pods, GPUs. What is no quantity counts as 0.
pub fn whole(quantity: &Quantity) -> u64 {
    milli(quantity).map_or(0, |milli| {
        u64::try_from(milli.div_ceil(1_000)).unwrap_or(u64::MAX)
    })
}

/// The quantity in thousandths of a core. What is no quantity counts as 0.
pub fn milli_cpu(quantity: &Quantity) -> u64 {
    milli(quantity).map_or(0, |milli| u64::try_from(milli).unwrap_or(u64::MAX))
}

/// Thousandths of a core as people write them: `250m`, `2`, `1.5`.
pub fn show_cpu(milli: u64) -> String {
    match (milli / 1_000, milli % 1_000) {
        (0, 0) => "0".to_owned(),
        (whole, 0) => whole.to_string(),
        (whole, part) if whole > 0 && part % 100 == 0 => format!("{whole}.{}", part / 100),
        _ => format!("{milli}m"),
    }
}

/// Bytes as people write them in manifests: `256Mi`, `1.5Gi`, `900`.
pub fn show_bytes(bytes: u64) -> String {
    const UNITS: [(&str, u32); 5] = [("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
    for (unit, shift) in UNITS {
        let one = 1_u64 << shift;
        if bytes >= one {
            let tenths = (bytes as f64 / one as f64 * 10.0).round() / 10.0;
            return if tenths.fract() == 0.0 || tenths >= 100.0 {
                format!("{tenths:.0}{unit}")
            } else {
                format!("{tenths:.1}{unit}")
            };
        }
    }
    bytes.to_string()
}

/// An amount of a named resource as people write it.
pub fn show(resource: &str, milli: u128) -> String {
    let whole = u64::try_from(milli.div_ceil(1_000)).unwrap_or(u64::MAX);
    if resource.ends_with("cpu") {
        show_cpu(u64::try_from(milli).unwrap_or(u64::MAX))
    } else if resource.ends_with("memory") || resource.contains("storage") || resource.contains("hugepages") {
        show_bytes(whole)
    } else {
        whole.to_string()
    }
}

/// The share in whole per cent; nothing of nothing is none.
pub fn percent(part: u64, whole: u64) -> Option<u64> {
    (whole > 0).then(|| (u128::from(part) * 100 / u128::from(whole)) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<u128> {
        milli(&Quantity(text.to_owned()))
    }

    #[test]
    fn reads_every_suffix() {
        assert_eq!(of("250m"), Some(250));
        assert_eq!(of("2"), Some(2_000));
        assert_eq!(of("0.1"), Some(100));
        assert_eq!(of(".5"), Some(500));
        assert_eq!(of("1.5Gi"), Some(1_610_612_736_000));
        assert_eq!(of("100k"), Some(100_000_000));
        assert_eq!(of("1e3"), Some(1_000_000));
        assert_eq!(of("123456789n"), Some(124), "rounds up");
        assert_eq!(of("-5"), Some(0));
        assert_eq!(of("lots"), None);
        assert_eq!(of("5 apples"), None);
        assert_eq!(of(""), None);
        assert_eq!(of("1e99"), None);
    }

    #[test]
    fn writes_what_people_write() {
        assert_eq!(show_cpu(250), "250m");
        assert_eq!(show_cpu(1_500), "1.5");
        assert_eq!(show_cpu(2_000), "2");
        assert_eq!(show_cpu(1_234), "1234m");
        assert_eq!(show_bytes(256 << 20), "256Mi");
        assert_eq!(show_bytes(3 << 29), "1.5Gi");
        assert_eq!(show_bytes(900), "900");
    }
}
