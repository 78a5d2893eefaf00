# What every case in Python begins with. See report.rs for the lines.
import errno, os, sys, time

# Whether this is the control, outside. What would harm the machine there is left out then.
CONTROL = os.environ.get("CONTROL") == "1"


def line(word, name, detail):
    text = f"{word}: {name} = {detail}".replace("\n", " ")
    print(text.encode("ascii", "backslashreplace").decode())


def held(name, why=""):
    line("HELD", name, why)


def escaped(name, how=""):
    line("ESCAPED", name, how)


def unavailable(name, why=""):
    """For controls: what is tried does not exist on this machine."""
    line("UNAVAILABLE", name, why)


def attempt(name, attack):
    """An attack that succeeds returns something true; one that fails returns something false or raises OSError."""
    try:
        got = attack()
    except OSError as e:
        held(name, errno.errorcode.get(e.errno, e))
    else:
        escaped(name, got) if got else held(name)


def contains(path, mark=b"nix-jail-planted-secret"):
    with open(path, "rb") as file:
        return mark in file.read(1 << 20)
