# What a job may know of its environment: what the jail sets, and what it was given (SECRETS, CONTROL).
KNOWN = {"HOME", "USER", "LOGNAME", "PATH", "TERM", "LANG", "PWD", "SHLVL", "LC_CTYPE", "SECRETS", "CONTROL"}
attempt("token", lambda: os.environ.get("NIX_JAIL_PLANTED_TOKEN"))
attempt("others", lambda: " ".join(sorted(set(os.environ) - KNOWN)))
for pid in filter(str.isdigit, os.listdir("/proc")):
    attempt("of processes", lambda: contains(f"/proc/{pid}/environ", b"NIX_JAIL_PLANTED_TOKEN"))
if not CONTROL and os.environ.get("HOME", "/").startswith(("/home", "/root")):
    escaped("home", os.environ["HOME"])
