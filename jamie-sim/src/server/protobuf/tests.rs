//! Bodies in protobuf are read, and broken ones refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;

use super::object;

fn run(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2, u8::try_from(bytes.len()).unwrap()];
    out.extend_from_slice(bytes);
    out
}

fn body(api_version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
    let meta = [run(1, api_version.as_bytes()), run(2, kind.as_bytes())].concat();
    [b"k8s\0".to_vec(), run(1, &meta), run(2, raw)].concat()
}

fn map() -> Vec<u8> {
    let metadata = [run(1, b"settings"), run(2, b""), run(3, b"shop")].concat();
    let entry = [run(1, b"colour"), run(2, b"red")].concat();
    body("v1", "ConfigMap", &[run(1, &metadata), run(2, &entry)].concat())
}

#[test]
fn a_config_map_is_read() {
    let wanted = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop"}, "data": {"colour": "red"}});
    assert_eq!(object(&map()).unwrap(), wanted);
}

#[test]
fn what_is_not_known_is_refused_and_never_lost() {
    let refused = object(&body("v1", "ConfigMap", &run(9, b"something"))).unwrap_err();
    assert_eq!(refused.code, 415);
    assert!(
        refused.message.contains("field 9 of ConfigMap"),
        "{}",
        refused.message
    );
    assert!(object(&body("v1", "Nonsense", &run(1, b"x"))).is_err());
    assert!(object(b"{}").is_err());
}

#[test]
fn broken_bodies_end_in_an_answer() {
    let whole = map();
    for end in 0..whole.len() {
        let _ = object(whole.get(..end).unwrap());
    }
    for place in 4..whole.len() {
        for byte in [0, 0x7f, 0x80, 0xff] {
            let mut broken = whole.clone();
            *broken.get_mut(place).unwrap() = byte;
            let _ = object(&broken);
        }
    }
}
