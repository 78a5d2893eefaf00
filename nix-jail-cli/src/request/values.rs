//! Single values.

use std::ffi::OsStr;
use std::time::Duration;

use nix_jail::{ByteSize, Error, Feature, JobId, Profile, parse_duration};

use crate::output::{Failure, shown};

/// The profiles, by name.
const PROFILES: [(&str, Profile); 3] =
    [("default", Profile::Default), ("strict", Profile::Strict), ("build", Profile::Build)];

pub(crate) fn duration(flag: &str, value: Option<&OsStr>) -> Result<Option<Duration>, Failure> {
    value.map(|value| parse_duration(&shown(value)).map_err(|e| renamed(flag, &e))).transpose()
}

pub(crate) fn size(flag: &str, value: Option<&OsStr>) -> Result<Option<ByteSize>, Failure> {
    value.map(|value| shown(value).parse().map_err(|e| renamed(flag, &e))).transpose()
}

pub(crate) fn count(flag: &str, value: Option<&OsStr>) -> Result<Option<u32>, Failure> {
    let Some(value) = value else { return Ok(None) };
    let number = value.to_str().and_then(|text| text.parse().ok()).filter(|n| *n > 0);
    let bad = || {
        let reason = format!("\"{}\" is not a number that can be counted to", shown(value));
        Failure::invalid(flag, &reason, format!("a whole number from 1 to {}:  {flag} 100", u32::MAX))
    };
    number.map(Some).ok_or_else(bad)
}

pub(crate) fn name(value: &OsStr) -> Result<JobId, Failure> {
    JobId::new(shown(value)).map_err(|e| renamed("--name", &e))
}

pub(crate) fn profile(value: &OsStr) -> Result<Profile, Failure> {
    let known = PROFILES.iter().find(|(name, _)| value == *name).map(|(_, profile)| *profile);
    known.ok_or_else(|| unknown("--profile", "profile", value, PROFILES.iter().map(|(name, _)| *name)))
}

/// One feature, or all of them.
pub(crate) fn features(value: &OsStr) -> Result<Vec<Feature>, Failure> {
    if value == "all" {
        return Ok(Feature::ALL.to_vec());
    }
    let known = value.to_str().and_then(|name| name.parse().ok()).map(|feature| vec![feature]);
    let names = Feature::ALL.iter().map(|f| f.name()).chain(["all"]);
    known.ok_or_else(|| unknown("--allow-degraded", "feature", value, names))
}

/// The name that was probably meant.
pub(crate) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = names.into_iter().map(|name| (strsim::jaro_winkler(word, name), name));
    scored.filter(|(score, _)| *score > 0.75).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

fn unknown<'a>(flag: &str, what: &str, value: &OsStr, names: impl Iterator<Item = &'a str> + Clone) -> Failure {
    let fix = match nearest(&value.to_string_lossy(), names.clone()) {
        Some(near) => format!("did you mean {flag} {near}?"),
        None => format!("one of {}", names.collect::<Vec<_>>().join(", ")),
    };
    Failure::invalid(flag, &format!("there is no {what} \"{}\"", shown(value)), fix)
}

/// An error of the library about a lone value, with the option in place of its field.
fn renamed(flag: &str, error: &Error) -> Failure {
    match error {
        Error::InvalidSpec { reason, fix, .. } => Failure::invalid(flag, reason, fix.clone().unwrap_or_default()),
        other => Failure::of(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered() {
        let names = || Feature::ALL.iter().map(|f| f.name());
        assert_eq!(nearest("memroy", names()), Some("memory"));
        assert_eq!(nearest("wallclock", names()), Some("wall-clock"));
        assert_eq!(nearest("xyzzy", names()), None);
        let failure = profile(OsStr::new("strcit")).unwrap_err();
        assert_eq!(failure.fix.as_deref(), Some("did you mean --profile strict?"));
        let failure = features(OsStr::new("??")).unwrap_err();
        assert!(failure.fix.is_some_and(|fix| fix.starts_with("one of hide-host-files, ")));
    }

    #[test]
    fn counts() {
        assert_eq!(count("--tasks", Some(OsStr::new("12"))).unwrap(), Some(12));
        for bad in ["0", "-1", "4294967296", "5k", "", "1.5", " 1"] {
            let failure = count("--tasks", Some(OsStr::new(bad))).unwrap_err();
            assert!(failure.message.starts_with("--tasks: ") && failure.fix.is_some(), "{failure:?}");
        }
    }

    #[test]
    fn a_bad_limit_names_its_option() {
        for bad in ["0", "-5s", "1w", "99999999999999999999s"] {
            let failure = duration("--time", Some(OsStr::new(bad))).unwrap_err();
            assert!(failure.message.starts_with("--time: \""), "{failure:?}");
        }
        assert!(size("--output", Some(OsStr::new("5X"))).unwrap_err().message.starts_with("--output: \"5X\""));
    }
}
