# A set, for comparers that ignore order.
def solve(xs): return set(xs)
