//! Runs untrusted commands from a Rust program, many at once: `cargo run --example embed`.

use std::time::Duration;

use nix_jail::{Feature, Jail, Reason, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let jail = nix_jail::host();

    // One command, like tokio::process::Command.
    let output = jail.command("sh").args(["-c", "id -un; ls /home; echo done"]).output().await?;
    print!("{}", String::from_utf8_lossy(&output.stdout));

    // Sixty-four at once, each with limits of its own.
    let jobs: Vec<_> = (0..64).map(|n| tokio::spawn(limited(jail.clone(), n))).collect();
    let mut ended = 0;
    for job in jobs {
        ended += usize::from(job.await.expect("no task panics")?.success());
    }
    println!("{ended} of 64 ended well");

    // A limit has a reason of its own.
    let exit = jail.command("sleep").arg("60").time(Duration::from_millis(100)).status().await?;
    assert_eq!(exit.reason, Reason::TimedOut);

    // Started from a thread that ends, waited for from here.
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let (handle, starter) = (tokio::runtime::Handle::current(), jail.clone());
    std::thread::spawn(move || {
        let job = handle.block_on(async { starter.command("sh").args(["-c", "sleep .2; exit 7"]).spawn().await });
        assert!(sender.send(job).is_ok(), "somebody waits for it");
    });
    let job = receiver.await.expect("the thread sends")?;
    println!("the job of a thread that has ended returned {:?}", job.wait().await?.code);

    // What a machine cannot promise is refused before anything starts.
    println!("memory limits here: {:?}", jail.capabilities().support(Feature::Memory));
    drop(job);
    jail.close(Duration::from_secs(5)).await
}

async fn limited(jail: Jail, n: u32) -> Result<nix_jail::Exit> {
    jail.command("sh")
        .args(["-c", &format!("test $(({n} * 2)) -ge 0")])
        .tasks(16)
        .time(Duration::from_secs(20))
        .status()
        .await
}
