# Puts a function of its own into an instance, where the class has a method.
def solve(n):
    n.__dict__['values'] = lambda: [3, 2, 1]
    n.__dict__['__class__'] = int
    return n
