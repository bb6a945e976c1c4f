# Right text.
def solve(s): return s.upper()
