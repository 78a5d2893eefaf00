# Descriptors, up to what no machine minds, after asking for more.
import resource



def raised():
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))
    except ValueError:
        return False
    return True


attempt("raise", raised)
mine = []


def hoard(more):
    while len(mine) < 250:
        mine.append(more())
    return f"{len(mine)} are open"


attempt("open", lambda: hoard(lambda: os.open("/dev/null", os.O_RDONLY)))
attempt("dup", lambda: hoard(lambda: os.dup(1)))
