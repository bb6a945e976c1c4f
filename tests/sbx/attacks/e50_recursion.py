# Recursion to a depth of 50,000 after raising the limit, in a thread with a large stack.
import sys, threading
sys.setrecursionlimit(200000)
threading.stack_size(256 << 20)
def depth(n): return 0 if n == 0 else 1 + depth(n - 1)
def run(): print(depth(50000))
t = threading.Thread(target=run)
t.start()
t.join()
print('OK')
