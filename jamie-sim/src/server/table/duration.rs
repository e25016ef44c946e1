//! Durations as kubectl shows them: `45s`, `3m20s`, `5d3h`.

use jiff::Timestamp;
use serde_json::Value;

use crate::server::fields::text;

/// How old an object is.
pub(crate) fn age(object: &Value, now: Timestamp) -> String {
    human(text(object, "/metadata/creationTimestamp"), now)
}

/// How long ago a time was.
pub(crate) fn human(time: &str, now: Timestamp) -> String {
    match time.parse::<Timestamp>() {
        Ok(time) => seconds(now.as_second() - time.as_second()),
        Err(_) => "<unknown>".to_owned(),
    }
}

/// A number of seconds in at most two units.
pub(crate) fn seconds(total: i64) -> String {
    let pair = |big: i64, unit: char, small: i64, small_unit: char| {
        if small == 0 {
            format!("{big}{unit}")
        } else {
            format!("{big}{unit}{small}{small_unit}")
        }
    };
    let (minutes, hours) = (total / 60, total / 3600);
    match total {
        ..-1 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        0..120 => format!("{total}s"),
        120..600 => pair(minutes, 'm', total % 60, 's'),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => pair(hours, 'h', minutes % 60, 'm'),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => pair(hours / 24, 'd', hours % 24, 'h'),
        691_200..63_072_000 => format!("{}d", hours / 24),
        63_072_000..252_288_000 => pair(hours / 24 / 365, 'y', hours / 24 % 365, 'd'),
        _ => format!("{}y", hours / 24 / 365),
    }
}
