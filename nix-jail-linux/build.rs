//! Compiles `helper/`, which is a program of its own without a standard library, and leaves it as `$OUT_DIR/helper` for
//! the library to include. Needs nothing but the compiler itself, and a linker: the one that Cargo is told to use, else
//! `cc`, else the linker that comes with rustc.
use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// Static, at a fixed address, without anything that the program does not need at run time: it is executed for every job.
const OPTIONS: [&str; 7] = [
    "opt-level=s",
    "panic=abort",
    "relocation-model=static",
    "codegen-units=1",
    "strip=symbols",
    "force-unwind-tables=no",
    "target-feature=+crt-static",
];

/// For a bare linker, and for a compiler that passes them on.
const LINK: [&str; 6] =
    ["--build-id=none", "--gc-sections", "--no-eh-frame-hdr", "-znoseparate-code", "-znorelro", "-zmax-page-size=4096"];

fn main() {
    println!("cargo::rerun-if-changed=helper");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=NIX_JAIL_HELPER");
    if env::var_os("CARGO_CFG_TARGET_OS").is_none_or(|os| os != "linux") {
        return;
    }
    let mut failures = String::new();
    for linker in linkers() {
        match compile(&linker) {
            Ok(()) => return,
            Err(failure) => failures += &format!("--- with {}:\n{failure}\n", linker.program.display()),
        }
    }
    panic!("cannot build nix-jail's helper (see helper/main.rs) with any linker\n{failures}");
}

struct Linker {
    program: OsString,
    /// Whether it is a compiler that runs the linker.
    driver: bool,
}

fn linkers() -> Vec<Linker> {
    let told = env::var_os("RUSTC_LINKER").map(|program| {
        let name = program.to_string_lossy().into_owned();
        Linker { driver: !name.ends_with("ld") && !name.contains("lld"), program }
    });
    let cc = Linker { program: "cc".into(), driver: true };
    let own = Linker { program: "rust-lld".into(), driver: false };
    told.into_iter().chain([cc, own]).collect()
}

#[expect(clippy::disallowed_methods, reason = "a build script has no module for processes")]
fn compile(linker: &Linker) -> Result<(), String> {
    let variable = |name: &str| env::var_os(name).ok_or(format!("Cargo did not set {name}"));
    let image = Path::new(&variable("OUT_DIR")?).join("helper");
    let mut rustc = Command::new(variable("RUSTC")?);
    rustc.args(["helper/main.rs", "--crate-name", "nix_jail_helper", "--crate-type", "bin", "--edition", "2024"]);
    rustc.arg("--target").arg(variable("TARGET")?).arg("-o").arg(&image);
    let mut linker_option = OsString::from("linker=");
    linker_option.push(&linker.program);
    rustc.arg("-C").arg(linker_option);
    let link = if linker.driver {
        let flags = LINK.map(|flag| format!("-Wl,{flag}"));
        ["-nostartfiles", "-nostdlib", "-static", "-no-pie"]
            .map(String::from)
            .into_iter()
            .chain(flags)
            .collect::<Vec<_>>()
    } else {
        rustc.args(["-C", "linker-flavor=ld.lld", "-C", "link-self-contained=no"]);
        ["-static"].into_iter().chain(LINK).map(String::from).collect()
    };
    rustc.args(
        OPTIONS
            .map(String::from)
            .into_iter()
            .chain(link.into_iter().map(|flag| format!("link-arg={flag}")))
            .flat_map(|option| ["-C".to_owned(), option]),
    );
    // Flags meant for the library (coverage, sanitizers) have no place in a program without a runtime.
    let output = rustc.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
