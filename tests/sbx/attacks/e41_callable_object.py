# The entry point is an object with __call__, found on first use.
class Adder:
    def __call__(self, a, b): return a + b
solve = Adder()
