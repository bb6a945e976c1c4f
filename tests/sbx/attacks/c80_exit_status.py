# All answers right but an end with status 7: a pass needs a regular end.
import atexit, os
atexit.register(os._exit, 7)
def solve(a, b): return a + b
