# A file that grows beyond the limit of 1 MiB, in every way there is. It is made where the limit is all that is in the way.
SIZE = 3 << 20


def grow(how):
    with open("grown", "wb") as file:
        how(file)
    size = os.stat("grown").st_size
    os.unlink("grown")
    return size > 1 << 20 and size


def write(file):
    for _ in range(SIZE >> 16):
        file.write(b"x" * 65536)


attempt("write", lambda: grow(write))
attempt("truncate", lambda: grow(lambda file: file.truncate(SIZE)))
attempt("allocate", lambda: grow(lambda file: os.posix_fallocate(file.fileno(), 0, SIZE)))
attempt("write at", lambda: grow(lambda file: os.pwrite(file.fileno(), b"x", SIZE)))
