# The right text and a NUL, invisible characters or a line end after it.
def solve(s): return s.upper() + '\0\u200b'
