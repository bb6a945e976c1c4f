# The right text as bytes.
def solve(s): return s.upper().encode()
