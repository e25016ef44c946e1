//! Image names in; what the kubelet says about pulling them out.

/// Whether the name could be one; upper-case repositories and stray characters cannot.
pub(super) fn is_valid(image: &str) -> bool {
    let (path, tag) = split(image);
    let good_path = !path.is_empty()
        && path.split('/').enumerate().all(|(index, part)| {
            let host = index == 0 && path.contains('/');
            !part.is_empty()
                && part.chars().all(|c| {
                    c.is_ascii_lowercase()
                        || c.is_ascii_digit()
                        || matches!(c, '.' | '-' | '_')
                        || host && (c == ':' || c.is_ascii_uppercase())
                })
        });
    let good_tag = tag.is_none_or(|tag| {
        !tag.is_empty()
            && tag
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    });
    good_path && good_tag
}

/// The repository and the tag; a digest counts to neither.
fn split(image: &str) -> (&str, Option<&str>) {
    let image = image.split_once('@').map_or(image, |(name, _)| name);
    match image.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (image, None),
    }
}

/// The name with registry and tag, as the runtime knows it.
pub(super) fn full(image: &str) -> String {
    let (path, tag) = split(image);
    let known_host = path
        .split_once('/')
        .is_some_and(|(host, _)| host.contains(['.', ':']) || host == "localhost");
    let path = match (known_host, path.contains('/')) {
        (true, _) => path.to_owned(),
        (false, true) => format!("docker.io/{path}"),
        (false, false) => format!("docker.io/library/{path}"),
    };
    match image.split_once('@') {
        Some((_, digest)) => format!("{path}@{digest}"),
        None => format!("{path}:{}", tag.unwrap_or("latest")),
    }
}

/// What a registry answers for a tag that is not there.
pub(super) fn not_found(image: &str) -> String {
    let full = full(image);
    format!(
        "rpc error: code = NotFound desc = failed to pull and unpack image \"{full}\": failed to resolve reference \"{full}\": {full}: not found"
    )
}

/// What the kubelet says of a name that is none.
pub(super) fn unparsable(image: &str) -> String {
    format!(
        "Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": invalid reference format"
    )
}

#[cfg(test)]
mod tests {
    use super::{full, is_valid};

    #[test]
    fn names_are_completed_and_checked() {
        assert_eq!(full("nginx"), "docker.io/library/nginx:latest");
        assert_eq!(full("bitnami/redis:7"), "docker.io/bitnami/redis:7");
        assert_eq!(full("localhost:5000/a:1"), "localhost:5000/a:1");
        assert!(is_valid("ghcr.io/shop/api:1.4.2"));
        assert!(!is_valid("ghcr.io/Shop/api:1.4.2"));
        assert!(!is_valid("nginx:"));
        assert!(!is_valid("nginx latest"));
    }
}
