# An array, a buffer with the right numbers in it.
import array
def solve(xs): return array.array('q', sorted(xs))
