# Forks twice into a daemon that would answer later runs: refused.
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True: os.write(3, b'a4:0;i5;')
    os._exit(0)
def solve(a, b): return 0
