# Right beside the tests.
def solve(a, b): return a + b
