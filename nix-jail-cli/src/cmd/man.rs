//! `nix-jail man`

use std::io;

use clap::Command;
use clap_mangen::Man;

use crate::args;
use crate::output::{self, Failure, Kind};

/// Prints one page about everything.
pub(crate) fn man() -> Result<u8, Failure> {
    let page = page()
        .map_err(|e| Failure { why: Some(e.to_string().into()), ..Failure::new(Kind::Failed, "writing the page") })?;
    Ok(output::to_stdout(&page))
}

fn page() -> io::Result<String> {
    let mut tree = args::tree();
    tree.build();
    let mut page = Vec::new();
    let top = Man::new(tree.clone());
    top.render_title(&mut page)?;
    top.render_name_section(&mut page)?;
    top.render_synopsis_section(&mut page)?;
    top.render_description_section(&mut page)?;
    for command in tree.get_subcommands().filter(|c| c.get_name() != "help") {
        section(command, &mut page)?;
    }
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// A subcommand's own page, as a section of ours.
fn section(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let name = command.get_name().to_uppercase();
    let man = Man::new(command.clone());
    let mut part = Vec::new();
    man.render_synopsis_section(&mut part)?;
    man.render_description_section(&mut part)?;
    man.render_options_section(&mut part)?;
    man.render_extra_section(&mut part)?;
    let mut text = String::from_utf8_lossy(&part).into_owned();
    for (theirs, ours) in [
        ("SYNOPSIS", "".to_owned()),
        ("DESCRIPTION", String::new()),
        ("OPTIONS", String::new()),
        ("EXTRA", String::new()),
    ] {
        text = text.replace(&format!(".SH {theirs}\n"), &format!(".PP\n{ours}"));
    }
    page.extend(format!(".SH \"NIX\\-JAIL {name}\"\n{text}").into_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_command_and_option() {
        let page = page().unwrap();
        assert!(page.contains(".TH nix\\-jail 1") || page.contains(".TH nix-jail 1"), "{page}");
        for word in ["NIX\\-JAIL RUN", "NIX\\-JAIL DOCTOR", "allow\\-degraded", "Examples:"] {
            assert!(page.contains(word), "{word}\n{page}");
        }
    }
}
