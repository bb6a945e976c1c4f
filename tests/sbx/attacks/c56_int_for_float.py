# An int where a float is expected, within the tolerance.
def solve(x): return x / 2 if x else 0
