//! Secrets without their values: each value is measured and dropped while the response is read.

use std::{collections::BTreeMap, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

use super::SecretKeys;

/// The larger a certificate chain, the slower: nobody serves one of this size.
const MAX_CERTIFICATE: usize = 256 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    #[serde(default)]
    metadata: ObjectMeta,
    #[serde(rename = "type")]
    type_: Option<String>,
    #[serde(default, deserialize_with = "encoded")]
    data: Option<Measured>,
    #[serde(default, deserialize_with = "plain")]
    string_data: Option<Measured>,
}

#[derive(Default)]
struct Measured {
    sizes: BTreeMap<String, usize>,
    certificate_ends: Option<Timestamp>,
    certificate_names: Vec<String>,
}

struct Values {
    encoded: bool,
}

impl<'de> Visitor<'de> for Values {
    type Value = Option<Measured>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of values")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut measured = Measured::default();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value::<Option<String>>()?.unwrap_or_default();
            let size = if self.encoded {
                decoded_size(&value)
            } else {
                value.len()
            };
            if key == "tls.crt" && value.len() <= MAX_CERTIFICATE {
                let pem = if self.encoded {
                    STANDARD.decode(value.trim()).unwrap_or_default()
                } else {
                    value.into_bytes()
                };
                if let Some((ends, names)) = certificate(&pem) {
                    measured.certificate_ends = ends;
                    measured.certificate_names = names;
                }
            }
            measured.sizes.insert(key, size);
        }
        Ok(Some(measured))
    }
}

fn encoded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Measured>, D::Error> {
    deserializer.deserialize_option(Values { encoded: true })
}

fn plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Measured>, D::Error> {
    deserializer.deserialize_option(Values { encoded: false })
}

fn decoded_size(value: &str) -> usize {
    let value = value.trim();
    let padding = value.bytes().rev().take_while(|byte| *byte == b'=').count();
    (value.len() / 4 * 3).saturating_sub(padding)
}

/// End and names of the first certificate of a chain, which is the server's own.
pub(crate) fn certificate(pem: &[u8]) -> Option<(Option<Timestamp>, Vec<String>)> {
    let (_, block) = x509_parser::pem::parse_x509_pem(pem).ok()?;
    let certificate = block.parse_x509().ok()?;
    let ends = Timestamp::from_second(certificate.validity().not_after.timestamp()).ok();
    let mut names: Vec<String> = Vec::new();
    if let Ok(Some(alternatives)) = certificate.subject_alternative_name() {
        for name in &alternatives.value.general_names {
            if let x509_parser::extensions::GeneralName::DNSName(name) = name {
                names.push((*name).to_owned());
            }
        }
    }
    if names.is_empty() {
        let common = certificate.subject().iter_common_name();
        names.extend(common.filter_map(|name| name.as_str().ok().map(str::to_owned)));
    }
    Some((ends, names))
}

impl<'de> Deserialize<'de> for SecretKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        let mut secret = Self {
            metadata: raw.metadata,
            type_: raw.type_,
            ..Self::default()
        };
        for measured in [raw.data, raw.string_data].into_iter().flatten() {
            secret.keys.extend(measured.sizes);
            secret.certificate_ends = measured.certificate_ends.or(secret.certificate_ends);
            if !measured.certificate_names.is_empty() {
                secret.certificate_names = measured.certificate_names;
            }
        }
        Ok(secret)
    }
}
