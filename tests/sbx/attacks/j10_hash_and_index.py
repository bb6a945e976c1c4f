# A result that is an int by __index__, __int__, __float__ and __hash__, but none by type.
class N:
    def __init__(self, v): self.v = v
    def __index__(self): return self.v
    __int__ = __index__
    def __float__(self): return float(self.v)
    def __hash__(self): return hash(self.v)
    def __eq__(self, o): return int(o) == self.v
def solve(a, b): return N(a + b)
