# Processes that want to outlive the job, or its control. Each leaves a sign of life in a file. They hold stdout open.
import signal

beats = os.environ["BEATS"] if CONTROL else "/workspace"
END = time.time() + 30


def over():
    """Outside, they end when they are told to, and in any case."""
    return CONTROL and (os.path.exists(beats + "/stop") or time.time() > END)


def beat(name):
    while not over():
        with open(f"{beats}/{name}", "a") as file:
            file.write("x")
        time.sleep(0.02)
    os._exit(0)


def double_fork():
    os.setsid()
    if os.fork():
        os._exit(0)
    beat("double-fork")


def stubborn():
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    beat("stubborn")


def chain():
    # Always young: each lives for 50 ms and leaves another.
    while not over():
        with open(f"{beats}/chain", "a") as file:
            file.write("x")
        time.sleep(0.05)
        if os.fork():
            os._exit(0)
    os._exit(0)


def stopped():
    os.kill(os.getpid(), signal.SIGSTOP)
    os._exit(0)


for survivor in (double_fork, stubborn, chain) if CONTROL else (double_fork, stubborn, chain, stopped):
    if os.fork() == 0:
        survivor()
time.sleep(0.3)
held("started")
