# System calls by another door than the one that the filter watches: getpid, in machine code.
import ctypes, mmap, platform

DOORS = {
    "i386": b"\xb8\x14\x00\x00\x00\xcd\x80\xc3",  # mov eax, 20; int 0x80; ret
    "x32": b"\xb8\x27\x00\x00\x40\x0f\x05\xc3",  # mov eax, 0x40000000 + 39; syscall; ret
}


def answer(code):
    """What a child gets: 0 for its own pid, 1 for something else, less for the signal that ended it."""
    memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(code)
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
    child = os.fork()
    if child == 0:
        os._exit(0 if call() == os.getpid() else 1)
    status = os.waitpid(child, 0)[1]
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)


for name, code in DOORS.items() if platform.machine() == "x86_64" else []:
    got = answer(code)
    if got == 0:
        escaped(name, "it answers")
    elif CONTROL:
        unavailable(name, f"this kernel has no such door ({got})")
    else:
        held(name, f"exit {got}" if got > 0 else f"signal {-got}")
if platform.machine() != "x86_64":
    held("none")
    unavailable("doors", "none is known for this architecture")
