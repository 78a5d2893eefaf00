//! Serde for operating-system strings: text where it is text, else its bytes. (serde's own form for `OsString` names
//! the platform, and its form for paths refuses what is not UTF-8.)

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Repr {
    Text(String),
    Bytes { bytes: Vec<u8> },
}

impl From<&OsStr> for Repr {
    fn from(s: &OsStr) -> Self {
        s.to_str().map_or_else(|| Self::Bytes { bytes: s.as_bytes().to_vec() }, |t| Self::Text(t.to_owned()))
    }
}

impl From<Repr> for OsString {
    fn from(r: Repr) -> Self {
        match r {
            Repr::Text(t) => t.into(),
            Repr::Bytes { bytes } => Self::from_vec(bytes),
        }
    }
}

pub(crate) fn serialize<T: AsRef<OsStr>, S: Serializer>(s: &T, to: S) -> Result<S::Ok, S::Error> {
    Repr::from(s.as_ref()).serialize(to)
}

pub(crate) fn deserialize<'de, T: From<OsString>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Ok(T::from(Repr::deserialize(from)?.into()))
}

/// The same for lists.
pub(crate) mod list {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(list: &[OsString], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(list.iter().map(|s| Repr::from(s.as_os_str())))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<OsString>, D::Error> {
        Ok(Vec::<Repr>::deserialize(from)?.into_iter().map(Into::into).collect())
    }
}

/// The same for an optional path.
pub(crate) mod option {
    use std::path::PathBuf;

    use super::*;

    pub(crate) fn serialize<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
        path.as_ref().map(|p| Repr::from(p.as_os_str())).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Repr>::deserialize(from)?.map(|r| OsString::from(r).into()))
    }
}

/// The same for pairs of strings.
pub(crate) mod pairs {
    use std::collections::BTreeMap;

    use super::*;

    pub(crate) fn serialize<S: Serializer>(map: &BTreeMap<OsString, OsString>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(map.iter().map(|(k, v)| (Repr::from(k.as_os_str()), Repr::from(v.as_os_str()))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<OsString, OsString>, D::Error> {
        Ok(Vec::<(Repr, Repr)>::deserialize(from)?.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}
