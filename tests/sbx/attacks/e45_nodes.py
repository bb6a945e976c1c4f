# Reverses a linked list of the setup's class.
def solve(n):
    out = None
    while n: n.next, out, n = out, n, n.next
    return out
