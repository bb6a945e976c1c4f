# Generators for lists: would compare equal once turned into one.
def solve(xs): return (x for x in sorted(xs))
