//! Compiles `helper/`, which is a program of its own without a standard library, and leaves it as `$OUT_DIR/helper` for
//! the library to include. Needs nothing but the compiler itself, and a linker: the one that Cargo is told to use, else
//! `cc`, else the linker that comes with rustc.
use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// For `cc`, which passes them on, and for a bare linker.
const FLAGS: [&str; 6] =
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
    let options = ["opt-level=s", "panic=abort", "relocation-model=static", "codegen-units=1", "strip=symbols"];
    let options = options.into_iter().chain(["force-unwind-tables=no", "target-feature=+crt-static"]);
    options.for_each(|option| drop(rustc.args(["-C", option])));
    rustc.arg("-C").arg({
        let mut option = OsString::from("linker=");
        option.push(&linker.program);
        option
    });
    if linker.driver {
        rustc.args(["-C", "link-args=-nostartfiles -nostdlib -static -no-pie"]);
        FLAGS.iter().for_each(|flag| drop(rustc.args(["-C", &format!("link-arg=-Wl,{flag}")])));
    } else {
        rustc.args(["-C", "linker-flavor=ld.lld", "-C", "link-arg=-static", "-C", "link-self-contained=no"]);
        FLAGS.iter().for_each(|flag| drop(rustc.args(["-C", &format!("link-arg={flag}")])));
    }
    // Flags meant for the library (coverage, sanitizers) have no place in a program without a runtime.
    let output = rustc.env_remove("RUSTFLAGS").output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}
