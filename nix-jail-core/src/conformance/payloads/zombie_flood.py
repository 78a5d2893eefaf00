# Orphans that end at once: pid 1 must reap them. Outside, the zombies are our own, which nobody reaps.
def zombies():
    found = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                found += file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except OSError:
            pass
    return found


for _ in range(400):
    pid = os.fork()
    if pid == 0:
        if not CONTROL and os.fork() == 0:
            os._exit(0)
        os._exit(0)
    if not CONTROL:
        os.waitpid(pid, 0)
end = time.time() + (0.2 if CONTROL else 3)
while zombies() and time.time() < end:
    time.sleep(0.02)
attempt("zombies", zombies)
