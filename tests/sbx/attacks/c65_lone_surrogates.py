# Half of a surrogate pair, which no encoder likes.
def solve(s): return s.upper()[:-1] + '\ud800\udfff'
