# Answers everything rightly and hangs in an exit handler.
import atexit, threading
atexit.register(threading.Event().wait)
def solve(a, b): return a + b
