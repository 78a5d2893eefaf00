# VICTIM is a process of the host. The harness looks whether it lives afterwards.
import signal

signal.signal(signal.SIGTERM, signal.SIG_IGN)
victim = int(os.environ["VICTIM"])
if not CONTROL:
    for number in (signal.SIGTERM, signal.SIGKILL):
        for everybody in (-1, 1):
            try:
                os.kill(everybody, number)
            except OSError:
                pass
    time.sleep(0.2)
    # Pid 1 lives, or we would not.
    held("init")
try:
    os.kill(victim, signal.SIGKILL)
except OSError:
    pass
