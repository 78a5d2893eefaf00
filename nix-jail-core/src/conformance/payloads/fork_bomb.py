# As many processes as can be had, up to what no machine minds.
import signal

children = []
try:
    while len(children) < 300:
        child = os.fork()
        if child == 0:
            time.sleep(20)
            os._exit(0)
        children.append(child)
except OSError as e:
    attempt("fork", lambda: e.errno != errno.EAGAIN and e)
limit = int(os.environ["LIMIT"])
attempt("processes", lambda: len(children) > limit and len(children))
attempt("none at all", lambda: not CONTROL and len(children) < limit // 4 and f"only {len(children)}")
for child in children:
    os.kill(child, signal.SIGKILL)
