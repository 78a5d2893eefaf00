//! `nix-jail capabilities`

use nix_jail::{Capabilities, Feature, Finding, Support};
use serde::Serialize;

use crate::args::Form;
use crate::output::{self, escaped, json};

/// Prints what this build can promise where nothing is missing.
pub(crate) fn capabilities(form: Form) -> u8 {
    let promised = nix_jail::host_platform(false).capabilities();
    match form {
        Form::Json => json::object(&rows(&promised)),
        Form::Text => output::to_stdout(&text(&rows(&promised))),
        Form::Markdown => output::to_stdout(&markdown(&rows(&promised))),
    }
}

#[derive(Serialize)]
struct Row {
    feature: Feature,
    meaning: &'static str,
    support: Support,
    how: String,
}

fn rows(promised: &Capabilities) -> Vec<Row> {
    let row = |(feature, finding): (Feature, Option<&Finding>)| Row {
        feature,
        meaning: feature.meaning(),
        support: finding.map(|f| f.support).unwrap_or_default(),
        how: finding.map_or("not in this version".into(), |f| escaped(&f.how)),
    };
    promised.iter().map(row).collect()
}

const fn word(support: Support) -> &'static str {
    match support {
        Support::Enforced => "enforced",
        Support::BestEffort => "best effort",
        Support::Unsupported => "no",
    }
}

fn text(rows: &[Row]) -> String {
    rows.iter().map(|row| format!("{:18} {:12} {}\n", row.feature.name(), word(row.support), row.how)).collect()
}

fn markdown(rows: &[Row]) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let mut table = String::from("| feature | promise | kept | by |\n| --- | --- | --- | --- |\n");
    for row in rows {
        let (name, kept) = (row.feature.name(), word(row.support));
        table += &format!("| `{name}` | {} | {kept} | {} |\n", cell(row.meaning), cell(&row.how));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_has_a_row() {
        let promised = Capabilities::none().enforced(Feature::Tasks, "a | b");
        let rows = rows(&promised);
        assert_eq!(rows.len(), Feature::ALL.len());
        let table = markdown(&rows);
        assert!(table.contains(
            "| `tasks` | The job cannot have more processes and threads than this at once. | enforced | a \\| b |"
        ));
        assert!(table.contains("| `disk` |") && table.lines().all(|line| line.starts_with('|')));
        assert!(text(&rows).contains("tasks              enforced     a | b\n"));
    }
}
