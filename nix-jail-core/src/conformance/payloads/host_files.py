# Planted secrets, and what lies on every machine.
for path in os.environ["SECRETS"].split(":"):
    attempt(path, lambda: contains(path))
for path in ["/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/machine-id", "/etc/ssh/ssh_host_ed25519_key"]:
    attempt(path, lambda: open(path, "rb").read(1))
for place in ["/root", "/home", "/var", "/run", "/mnt", "/opt", "/srv", "/media", "/boot", "/lost+found"]:
    attempt(place, lambda: " ".join(os.listdir(place)))
# Whatever homes the list of users knows of, the host's own if it is in view.
for user in open("/etc/passwd"):
    name, home = user.split(":")[0], user.split(":")[5]
    if name != "jail" and home.startswith(("/home", "/root", "/var")):
        attempt("homes", lambda: os.listdir(home))
