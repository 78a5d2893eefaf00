# Two processes that use up CPU time: together three seconds, which ends the loop by itself, outside.
ours = os.fork()
while time.process_time() < 1.5:
    sum(range(10000))
if ours:
    os.waitpid(ours, 0)
    escaped("processor", f"{time.process_time()} s")
else:
    os._exit(0)
