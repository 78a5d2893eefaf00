//! The generated /etc of a host root: who the job is, how names are resolved, and the host's own files that programs need
//! and that tell nothing about its users.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix_jail_core::{Mount, Source};

use super::host_root::as_it_is;

/// Every entry costs a few microseconds of each start: what programs do without is not here.
const GENERATED: [(&str, &str); 7] = [
    (
        "/etc/passwd",
        "root:x:0:0:root:/root:/usr/sbin/nologin\njail:x:1000:1000:jail:/jail:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    ),
    ("/etc/group", "root:x:0:\njail:x:1000:\nnogroup:x:65534:\n"),
    ("/etc/hosts", "127.0.0.1 localhost jail\n::1 localhost ip6-localhost\n"),
    ("/etc/resolv.conf", "# nothing can be resolved: this jail has no network\n"),
    ("/etc/protocols", "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6 41 IPv6\nipv6-icmp 58 IPv6-ICMP\n"),
    (
        "/etc/services",
        "ftp 21/tcp\nssh 22/tcp\ntelnet 23/tcp\nsmtp 25/tcp mail\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\npop3 110/tcp\n\
         ntp 123/udp\nimap2 143/tcp imap\nldap 389/tcp\nhttps 443/tcp\nhttps 443/udp\nsubmission 587/tcp\nimaps 993/tcp\npop3s 995/tcp\n\
         mysql 3306/tcp\npostgresql 5432/tcp\nredis 6379/tcp\n",
    ),
    ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n"),
];

/// The host's own, shown as they are, each with the reason why programs need it. A mount each, which costs more than the
/// rest of the line: what is small is copied instead.
const SHOWN: [(&str, &str); 12] = [
    ("/etc/alternatives", "Debian's links from names to programs go through it"),
    ("/etc/ld.so.cache", "the loader finds libraries by it"),
    ("/etc/ssl/certs", "the certificates that TLS clients trust"),
    ("/etc/ca-certificates/extracted", "where Arch and its kin keep them"),
    ("/etc/pki/tls", "where Fedora and its kin keep them"),
    ("/etc/pki/ca-trust", "where Fedora and its kin keep them"),
    ("/etc/fonts", "headless renderers find fonts by it"),
    ("/etc/java-8-openjdk", "Debian's java links its configuration there"),
    ("/etc/java-11-openjdk", "Debian's java links its configuration there"),
    ("/etc/java-17-openjdk", "Debian's java links its configuration there"),
    ("/etc/java-21-openjdk", "Debian's java links its configuration there"),
    ("/etc/java-25-openjdk", "Debian's java links its configuration there"),
];

/// The host's own that are small.
const COPIED: [(&str, &str); 3] = [
    ("/etc/localtime", "the time zone"),
    ("/etc/ssl/openssl.cnf", "openssl refuses to start without it in some builds"),
    ("/etc/ssh/ssh_config", "ssh's defaults"),
];

/// No file is copied beyond this size, in bytes.
const SMALL: u64 = 64 << 10;

pub(super) fn mounts() -> impl Iterator<Item = Mount> {
    let generated = GENERATED.iter().map(|(path, content)| Mount::new(Source::File(content.as_bytes().into()), path));
    let shown = SHOWN.iter().filter_map(|(path, _why)| as_it_is(Path::new(path)));
    let copied = COPIED.iter().filter_map(|(path, _why)| copy(Path::new(path)));
    generated.chain(shown).chain(copied)
}

/// The content of a small file that everybody may read; a symlink as a symlink.
fn copy(path: &Path) -> Option<Mount> {
    let meta = fs::symlink_metadata(path).ok()?;
    if !meta.is_file() || meta.len() > SMALL || meta.permissions().mode() & 0o004 == 0 {
        return as_it_is(path);
    }
    Some(Mount::new(Source::File(fs::read(path).ok()?.into()), path))
}
