# A little more off than the tolerance allows.
def solve(x): return x / 2 + 1.2e-6
