# Everything that a jail on the host's programs may have, and nothing else.
ROOT = "bin dev etc jail lib lib32 lib64 libx32 nix proc sbin tmp usr workspace"
ETC = """alternatives ca-certificates fonts group hostname hosts java-8-openjdk java-11-openjdk java-17-openjdk
    java-21-openjdk java-25-openjdk ld.so.cache localtime mime.types nsswitch.conf passwd pki protocols resolv.conf services
    ssh ssl timezone"""
DEV = "console core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero"
for place, known in [("/", ROOT), ("/etc", ETC), ("/etc/ssh", "ssh_config ssh_config.d"), ("/dev", DEV)]:
    attempt(place, lambda: " ".join(sorted(set(os.listdir(place)) - set(known.split()))))
for place in ["/tmp", "/dev/shm", "/workspace", "/jail"]:
    attempt("empty places", lambda: os.path.isdir(place) and " ".join(os.listdir(place)))
