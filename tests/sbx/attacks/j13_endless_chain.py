# A linked list that ends in itself: the tests never end, and that is no pass.
def solve(n):
    n.next = n
    return n
