# True in the place of 1, deep within a result.
def solve(xs): return [x == 1 or x for x in sorted(xs)]
