# One line without an end, on both streams, of 16 MiB.
chunk = b"x" * 65536
for _ in range(128):
    os.write(1, chunk)
    os.write(2, chunk)
os.write(1, b"\n")
escaped("end", "all of it was written")
