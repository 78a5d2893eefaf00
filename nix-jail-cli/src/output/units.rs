//! Amounts as people read them.

use std::time::Duration;

/// `0.9 s`, `3 min 20 s`, `12 ms`.
pub(crate) fn duration(d: Duration) -> String {
    let millis = d.as_millis();
    match millis {
        0..100 => format!("{millis} ms"),
        100..60_000 => format!("{:.1} s", d.as_secs_f64()),
        _ => format!("{} min {} s", d.as_secs() / 60, d.as_secs() % 60),
    }
}

/// As [`nix_jail::parse_duration`] reads it: `90s`, `15m`, `1h`.
pub(crate) fn limit(d: Duration) -> String {
    let millis = d.as_millis();
    for (each, suffix) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")] {
        if millis >= each && millis.is_multiple_of(each) {
            return format!("{}{suffix}", millis / each);
        }
    }
    format!("{millis}ms")
}

/// `38 MB`, `1.2 GB`: decimal, rounded.
pub(crate) fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{} kB", n / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", n / 1_000_000),
        _ => format!("{:.1} GB", n as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        assert_eq!(duration(Duration::from_millis(12)), "12 ms");
        assert_eq!(duration(Duration::from_millis(940)), "0.9 s");
        assert_eq!(duration(Duration::from_secs(200)), "3 min 20 s");
        assert_eq!(bytes(38_400_000), "38 MB");
    }

    #[test]
    fn limits_read_back() {
        for text in ["500ms", "90s", "15m", "1h", "2d"] {
            assert_eq!(limit(nix_jail::parse_duration(text).unwrap()), text);
        }
    }
}
