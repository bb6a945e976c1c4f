# A dict of three million entries.
def solve(a, b): return dict.fromkeys(range(3000000))
