# Off by more than the tolerance where the expected value is huge.
def solve(x): return x / 2 * (1 + 1e-5 if x > 1e9 else 1)
