//! A name that does not exist and those that do in, the one that was probably meant out.

/// The candidate most like `name`, where one is like enough to be a slip of the pen.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let flat = flatten(name);
    candidates
        .filter(|candidate| *candidate != name)
        .map(|candidate| (likeness(&flat, &flatten(candidate)), candidate))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

/// Case and separators tell no two names apart for a reader.
fn flatten(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | '.'))
        .flat_map(char::to_lowercase)
        .take(128)
        .collect()
}

fn likeness(a: &str, b: &str) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    if a == b {
        return 1.0;
    }
    let typo = strsim::normalized_damerau_levenshtein(a, b);
    // In short names one letter weighs much: a lost, doubled or swapped one is still a slip, another one is not.
    let letters = |name: &str| {
        let mut letters: Vec<char> = name.chars().collect();
        letters.sort_unstable();
        letters
    };
    let is_slip = a.len() != b.len() || letters(a) == letters(b);
    if is_slip && a.len().min(b.len()) >= 2 && strsim::damerau_levenshtein(a, b) == 1 {
        return typo.max(0.8);
    }
    // One name inside the other (`api-config` and `api-config-v2`) is a match as well, unless it is a mere scrap.
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.len() >= 3 && long.contains(short) {
        typo.max(0.75 + 0.2 * short.len() as f64 / long.len() as f64)
    } else {
        typo
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_slips_and_not_strangers() {
        let names = ["api-config", "web-config", "ca"];
        assert_eq!(nearest("api-cofnig", names.into_iter()), Some("api-config"));
        assert_eq!(nearest("API_CONFIG", names.into_iter()), Some("api-config"));
        assert_eq!(nearest("web-config-v2", names.into_iter()), Some("web-config"));
        assert_eq!(nearest("payments", names.into_iter()), None);
        assert_eq!(nearest("wbe", ["web"].into_iter()), Some("web"));
        assert_eq!(nearest("app", ["api"].into_iter()), None);
        assert_eq!(nearest("", names.into_iter()), None);
    }
}
