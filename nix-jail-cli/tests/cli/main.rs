//! The command line, from the outside: each test runs the real binary. Names F1, P3, .. are the cases from the field that
//! `docs/design/` lists; a test that cannot run on this machine says SKIPPED, never passes in silence.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod bad_input;
mod bin;
mod cases_files;
mod cases_process;
mod exit_codes;
mod help;
mod hints;
mod host_shape;
mod json;
mod machine;
mod plan;
mod programs;
mod signals;
mod skip;
mod terminal;
