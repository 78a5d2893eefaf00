# Two processes that use up CPU time, as much as ends the loop by itself, outside.
ours = os.fork()
while time.process_time() < 2.5:
    pass
if ours:
    os.waitpid(ours, 0)
    escaped("processor", f"{time.process_time()} s")
else:
    os._exit(0)
