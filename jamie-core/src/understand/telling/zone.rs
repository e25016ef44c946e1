//! What people call a time zone in, its IANA name out: "Berlin", "Europe/Berlin", "CET", "UTC+2".

use std::sync::LazyLock;

use jiff::tz::{self, TimeZone};

use super::said::QUOTED_SPACE;

/// What people say in place of a name of the database: abbreviations and places that it has no name for.
const SAID: &[(&str, &str)] = &[
    ("utc", "UTC"),
    ("gmt", "Etc/GMT"),
    ("zulu", "UTC"),
    ("bst", "Europe/London"),
    ("uk", "Europe/London"),
    ("england", "Europe/London"),
    ("scotland", "Europe/London"),
    ("wales", "Europe/London"),
    ("manchester", "Europe/London"),
    ("british", "Europe/London"),
    ("ireland", "Europe/Dublin"),
    ("cet", "Europe/Berlin"),
    ("cest", "Europe/Berlin"),
    ("central european", "Europe/Berlin"),
    ("germany", "Europe/Berlin"),
    ("german", "Europe/Berlin"),
    ("munich", "Europe/Berlin"),
    ("hamburg", "Europe/Berlin"),
    ("cologne", "Europe/Berlin"),
    ("frankfurt", "Europe/Berlin"),
    ("france", "Europe/Paris"),
    ("lyon", "Europe/Paris"),
    ("spain", "Europe/Madrid"),
    ("barcelona", "Europe/Madrid"),
    ("italy", "Europe/Rome"),
    ("milan", "Europe/Rome"),
    ("portugal", "Europe/Lisbon"),
    ("netherlands", "Europe/Amsterdam"),
    ("poland", "Europe/Warsaw"),
    ("krakow", "Europe/Warsaw"),
    ("sweden", "Europe/Stockholm"),
    ("norway", "Europe/Oslo"),
    ("denmark", "Europe/Copenhagen"),
    ("finland", "Europe/Helsinki"),
    ("switzerland", "Europe/Zurich"),
    ("geneva", "Europe/Zurich"),
    ("austria", "Europe/Vienna"),
    ("eet", "Europe/Helsinki"),
    ("eest", "Europe/Helsinki"),
    ("israel", "Asia/Jerusalem"),
    ("tel aviv", "Asia/Jerusalem"),
    ("est", "America/New_York"),
    ("edt", "America/New_York"),
    ("et", "America/New_York"),
    ("eastern", "America/New_York"),
    ("boston", "America/New_York"),
    ("cst", "America/Chicago"),
    ("cdt", "America/Chicago"),
    ("austin", "America/Chicago"),
    ("mst", "America/Denver"),
    ("mdt", "America/Denver"),
    ("pst", "America/Los_Angeles"),
    ("pdt", "America/Los_Angeles"),
    ("pacific", "America/Los_Angeles"),
    ("san francisco", "America/Los_Angeles"),
    ("seattle", "America/Los_Angeles"),
    ("california", "America/Los_Angeles"),
    ("brazil", "America/Sao_Paulo"),
    ("ist", "Asia/Kolkata"),
    ("india", "Asia/Kolkata"),
    ("bangalore", "Asia/Kolkata"),
    ("bengaluru", "Asia/Kolkata"),
    ("mumbai", "Asia/Kolkata"),
    ("delhi", "Asia/Kolkata"),
    ("pune", "Asia/Kolkata"),
    ("jst", "Asia/Tokyo"),
    ("japan", "Asia/Tokyo"),
    ("osaka", "Asia/Tokyo"),
    ("sgt", "Asia/Singapore"),
    ("beijing", "Asia/Shanghai"),
    ("shenzhen", "Asia/Shanghai"),
    ("aest", "Australia/Sydney"),
    ("aedt", "Australia/Sydney"),
    ("new zealand", "Pacific/Auckland"),
    ("wellington", "Pacific/Auckland"),
];

/// Every name of the database, with its last part as people say it.
static NAMES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    tz::db()
        .available()
        .map(|name| {
            let name = name.as_str().to_owned();
            let place = name.rsplit('/').next().unwrap_or_default();
            (place.replace('_', " ").to_lowercase(), name)
        })
        .collect()
});

/// The IANA name of what people call a time zone.
pub(crate) fn find(said: &str) -> Option<String> {
    let said = said.trim().to_lowercase().replace(QUOTED_SPACE, " ");
    let said = said.trim_start_matches("the ");
    let bare = said
        .trim_end_matches(" time zone")
        .trim_end_matches(" timezone")
        .trim_end_matches(" times")
        .trim_end_matches(" time")
        .trim_end_matches(" summer")
        .trim_end_matches(" standard");
    if bare.is_empty() {
        return None;
    }
    if let Some((_, name)) = SAID.iter().find(|(word, _)| *word == bare) {
        return Some((*name).to_owned());
    }
    if let Some(offset) = bare.strip_prefix("utc").or_else(|| bare.strip_prefix("gmt")) {
        return offset_name(offset.trim());
    }
    let zone = |name: &&(String, String)| name.1.eq_ignore_ascii_case(&bare.replace(' ', "_"));
    let place =
        |name: &&(String, String)| name.0 == bare && name.1.contains('/') && !name.1.starts_with("Etc/");
    NAMES
        .iter()
        .find(zone)
        .or_else(|| NAMES.iter().find(place))
        .map(|(_, name)| name.clone())
}

/// "+2", "-5", "+02:00": the sign of the database's fixed zones is the other way round.
fn offset_name(offset: &str) -> Option<String> {
    let hours = offset.strip_suffix(":00").unwrap_or(offset);
    let hours: i8 = hours.parse().ok().filter(|hours| (-12..=14).contains(hours))?;
    Some(match hours {
        0 => "UTC".to_owned(),
        east if east > 0 => format!("Etc/GMT-{east}"),
        west => format!("Etc/GMT+{}", west.unsigned_abs()),
    })
}

/// The zone with an IANA name.
pub(crate) fn zones(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn places_abbreviations_and_offsets_are_zones() {
        for (said, expected) in [
            ("Europe/Berlin", Some("Europe/Berlin")),
            ("berlin", Some("Europe/Berlin")),
            ("Berlin time", Some("Europe/Berlin")),
            ("new york", Some("America/New_York")),
            ("CET", Some("Europe/Berlin")),
            ("UTC", Some("UTC")),
            ("utc+2", Some("Etc/GMT-2")),
            ("GMT-5", Some("Etc/GMT+5")),
            ("UTC+02:00", Some("Etc/GMT-2")),
            ("utc+99", None),
            ("a meeting", None),
            ("charge", None),
            ("the office", None),
            ("", None),
        ] {
            assert_eq!(find(said).as_deref(), expected, "{said}");
        }
    }
}
