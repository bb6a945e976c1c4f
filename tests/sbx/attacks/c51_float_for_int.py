# 5.0 where 5 is right.
def solve(a, b): return float(a + b)
