//! What program is run, and with what: errors as a shell tells them apart, and bytes as they are.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;

use super::files::workspace;
use super::{Case, Control, Payload};
use crate::conformance::{Bench, Trouble, native};
use crate::{Error, Root};

pub(super) const CASES: &[Case] = &[
    Case { name: "not-found", attack: Payload::Drive(|bench| Box::pin(not_found(bench))), ..Case::PLAIN },
    Case { name: "not-executable", attack: Payload::Drive(|bench| Box::pin(not_executable(bench))), ..Case::PLAIN },
    Case {
        name: "missing-interpreter",
        attack: Payload::Drive(|bench| Box::pin(missing_interpreter(bench))),
        ..Case::PLAIN
    },
    Case { name: "large-argv", attack: Payload::Drive(|bench| Box::pin(large_argv(bench))), ..Case::PLAIN },
    Case { name: "odd-bytes", attack: Payload::Drive(|bench| Box::pin(odd_bytes(bench))), ..Case::PYTHON },
    Case {
        name: "scripts",
        plant: |bench| {
            let script = bench.work().join("script");
            fs::write(&script, "#!/bin/sh -e\necho \"HELD: script = $0 $*\"\n")?;
            Ok(fs::set_permissions(script, Permissions::from_mode(0o755))?)
        },
        attack: Payload::Sh("./script a 'b  c'"),
        grant: workspace,
        control: Control::Same,
        ..Case::PLAIN
    },
];

/// Runs a program of the workspace, or of the jail, and tells what came of it by the codes of a shell.
async fn code(bench: &Bench, program: &OsStr) -> Result<i32, Trouble> {
    let mut command = bench.jail.command(program);
    workspace(bench, &mut command);
    match command.output().await {
        Ok(output) => Ok(output.exit.code.unwrap_or(-1)),
        Err(Error::NotFound { .. }) => Ok(127),
        Err(Error::NotExecutable { .. }) => Ok(126),
        Err(other) => Err(other.into()),
    }
}

/// The same must come of each in the jail and, by a shell, outside.
async fn same(bench: &Bench, expected: i32, programs: &[&OsStr]) -> Result<(), Trouble> {
    for program in programs {
        let told = code(bench, program).await?;
        let mut sh = native::command("sh");
        sh.args(["-c", "exec \"$1\"", "sh"]).arg(program).current_dir(bench.work());
        let native = native::run(sh, bench.dir(), super::LIMIT)?.code;
        if told != expected {
            return Err(Trouble::failed(format!(
                "{} gives {told}, not {expected} (native {native:?})",
                program.display()
            )));
        }
        if native != Some(expected) {
            return Err(Trouble::failed(format!("the control of {} gives {native:?}", program.display())));
        }
    }
    Ok(())
}

async fn not_found(bench: &Bench) -> Result<(), Trouble> {
    let names =
        ["nix-jail-no-such-program", "/usr/bin/nix-jail-no-such-program", "./none", "no/such/dir/x", "/etc/passwd/x"];
    same(bench, 127, &names[..4].iter().map(OsStr::new).collect::<Vec<_>>()).await?;
    // Behind a file, a shell says "not a directory" and 127 or 126, as it likes.
    match code(bench, names[4].as_ref()).await? {
        126 | 127 => {}
        other => return Err(Trouble::failed(format!("{} gives {other}", names[4]))),
    }
    // What exists outside only is not found either.
    let secret = bench.dir().join("program");
    fs::copy("/bin/sh", &secret)?;
    fs::set_permissions(&secret, Permissions::from_mode(0o755))?;
    match code(bench, secret.as_os_str()).await? {
        127 => Ok(()),
        other => Err(Trouble::failed(format!("a program of the host that the jail does not show gives {other}"))),
    }
}

async fn not_executable(bench: &Bench) -> Result<(), Trouble> {
    fs::write(bench.work().join("data"), "x\n")?;
    fs::create_dir(bench.work().join("directory"))?;
    same(bench, 126, &["./data".as_ref(), "./directory".as_ref(), "/etc/passwd".as_ref(), "/usr".as_ref()]).await
}

/// The script is there, and the file that cannot be found is not the one that was asked for.
async fn missing_interpreter(bench: &Bench) -> Result<(), Trouble> {
    for (name, text) in [("script", "#!/no/such/interpreter\n"), ("garbage", "\x7fELF, it says")] {
        let path = bench.work().join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, Permissions::from_mode(0o755))?;
        let mut command = bench.jail.command(format!("./{name}"));
        workspace(bench, &mut command);
        match command.output().await {
            Err(Error::NotExecutable { reason, .. }) if !reason.is_empty() => {}
            other => return Err(Trouble::failed(format!("{name}: {:?}", other.map(|output| output.exit)))),
        }
    }
    // The control: the same with an interpreter that is there.
    fs::write(bench.work().join("script"), "#!/bin/sh\nexit 5\n")?;
    match code(bench, "./script".as_ref()).await? {
        5 => Ok(()),
        other => Err(Trouble::failed(format!("a good script gives {other}"))),
    }
}

async fn large_argv(bench: &Bench) -> Result<(), Trouble> {
    // Many and long, but within what every kernel takes.
    let args: Vec<OsString> = (0..1500).map(|n| format!("{n:0512}").into()).collect();
    let text = "echo $#; eval \"echo \\${$#}\"";
    let output = bench.jail.command("sh").args(["-c", text, "sh"]).args(args.clone()).output().await?;
    let expected = [b"1500\n", args[1499].as_bytes(), b"\n"].concat();
    if output.stdout != expected {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        return Err(Trouble::failed(format!("1,500 arguments: {:?}, {said}", output.exit)));
    }
    for (what, args) in [
        ("an argument of 3 MB", vec![OsString::from_vec(vec![b'x'; 3_000_000])]),
        ("arguments of 16 MB", vec![OsString::from_vec(vec![b'x'; 100_000]); 160]),
    ] {
        // The control: this machine does not take them without a jail either.
        let native = native::command("true").args(&args).status();
        if native.is_ok() {
            return Err(Trouble::skipped("argument-limit", format!("{what} is within what this machine takes")));
        }
        match bench.jail.command("true").args(args).output().await {
            Err(Error::NotExecutable { .. } | Error::InvalidSpec { .. }) => {}
            other => return Err(Trouble::failed(format!("{what}: {:?}", other.map(|output| output.exit)))),
        }
    }
    Ok(())
}

/// Nothing between the spec and the program reads, splits, expands or trims what is passed.
async fn odd_bytes(bench: &Bench) -> Result<(), Trouble> {
    let odd: [&[u8]; 13] = [
        b"",
        b" ",
        b"two\nlines\n",
        b"\x1b[31mred\x1b[0m\x07\x08",
        b"\xff\xfe\x80invalid",
        b"$(touch /tmp/pwned) `id` ${HOME} $HOME",
        b"%s%n%d",
        b"'\"\\",
        b"--help",
        b"*?[a]{b,c}~",
        "\u{202e}\u{e4}\u{1f980}".as_bytes(),
        b"\x01\x02\x03\x7f",
        &[b'x'; 4096],
    ];
    let odd: Vec<OsString> = odd.iter().map(|bytes| OsStr::from_bytes(bytes).to_owned()).collect();
    let text = "import os, sys\n\
                for arg in sys.argv[1:]: print(os.fsencode(arg).hex())\n\
                for name, value in sorted(os.environb.items()):\n\
                \x20   if name.startswith(b'ODD'): print(name.hex(), value.hex())";
    let names: Vec<OsString> = (0..odd.len()).map(|n| OsString::from(format!("ODD{n:02} \u{e4}\x1b[1m"))).collect();
    let mut command = bench.jail.command("python3");
    command.args(["-ISc", text]).args(odd.clone());
    for (name, value) in names.iter().zip(&odd) {
        command.env(name, value);
    }
    let jailed = command.output().await?;
    let mut command = native::command("python3");
    command.args(["-ISc", text]).args(&odd).envs(names.iter().zip(&odd));
    let native = native::run(command, bench.dir(), super::LIMIT)?;

    let hex = |s: &OsStr| s.as_bytes().iter().map(|b| format!("{b:02x}")).collect::<String>();
    let args = odd.iter().map(|arg| hex(arg) + "\n").collect::<String>();
    let env = names.iter().zip(&odd).map(|(name, value)| format!("{} {}\n", hex(name), hex(value)));
    let expected = args + &env.collect::<String>();
    if native.output != expected.as_bytes() {
        return Err(Trouble::skipped("native", "Python does not get these bytes without a jail either"));
    }
    if jailed.stdout != expected.as_bytes() {
        let said = String::from_utf8_lossy(&jailed.stdout).into_owned();
        return Err(Trouble::failed(format!("{:?}: got {said}, not {expected}", jailed.exit)));
    }
    odd_names(bench, &odd).await
}

/// The same as names of files, directories and programs.
async fn odd_names(bench: &Bench, odd: &[OsString]) -> Result<(), Trouble> {
    for name in odd.iter().filter(|name| !name.is_empty() && name.len() < 256 && !name.as_bytes().contains(&b'/')) {
        let dir = bench.work().join(name);
        fs::create_dir(&dir)?;
        let program = dir.join(name);
        fs::write(&program, "#!/bin/sh\nexit 5\n")?;
        fs::set_permissions(&program, Permissions::from_mode(0o755))?;
        let inside = std::path::Path::new("/workspace").join(name);
        let mut command = bench.jail.command(inside.join(name));
        workspace(bench, &mut command);
        let exit = command.root(Root::Host).current_dir(inside).output().await?.exit;
        if exit.code != Some(5) {
            return Err(Trouble::failed(format!("a program called {name:?}: {exit:?}")));
        }
    }
    Ok(())
}
