# Right answers by calls.
def solve(a, b): return a + b
