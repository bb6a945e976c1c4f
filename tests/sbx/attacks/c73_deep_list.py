# A list nested a hundred thousand deep.
def solve(xs):
    v = []
    for _ in range(100000): v = [v]
    return v
