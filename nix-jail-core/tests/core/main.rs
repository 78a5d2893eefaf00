//! The core alone, on the fake platform: what it promises about any backend.

mod admission;
mod cancellation;
mod closing;
mod data;
mod delegation;
mod events;
mod failures;
mod front;
mod support;
mod waiting;

/// One binary links once; a module that nobody names would never run.
#[test]
fn every_file_is_a_module() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/core");
    // Away from the checkout (the tests run as another user too) there is nothing to compare with.
    let Ok(files) = std::fs::read_dir(here) else { return };
    for file in files {
        let name = file.expect("an entry").file_name().into_string().expect("UTF-8");
        let module = name.strip_suffix(".rs").expect("a Rust file");
        let named = include_str!("main.rs").lines().any(|line| line == format!("mod {module};"));
        assert!(named || module == "main", "tests/core/{name} is in no mod line of main.rs");
    }
}
