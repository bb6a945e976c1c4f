"""Tests in the solution's own process: for tests that cannot be split from it (they patch its modules, share files
with it, or look at its output). Weaker: a program written against this file can forge a verdict, because it can reach
everything in its process. What is done all the same: the tests arrive after the solution has run to its end; built-in
functions and unittest are put back to what they were before; the tests' own comparisons and arithmetic do not ask a
solution's object for its opinion of a plain value; an exit is no pass; and a verdict counts only with the token that
came with the tests."""
import ast
import builtins
import operator
import sys
import types

PLAIN = (int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type(None))
COMPARE = {ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
           ast.GtE: operator.ge}
ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def is_foreign(v, look=type, get=type.__getattribute__):
    """Whether v is of a class that the solution made."""
    t = look(v)
    return t not in PLAIN and get(t, '__module__') == 'solution'


def is_own_opinion(a, b, look=type):
    """Whether a comparison would ask an object of the solution about a plain value."""
    return is_foreign(a) and look(b) in PLAIN or is_foreign(b) and look(a) in PLAIN


def overrides(v, name, look=type):
    """The solution's class defines this method itself instead of having it from a built-in one."""
    for c in type.mro(look(v)):
        if name in type.__getattribute__(c, '__dict__'):
            return type.__getattribute__(c, '__module__') == 'solution'
    return False


def safe_compare(name, f):
    def compare(a, b):
        if is_own_opinion(a, b) and overrides(a if is_foreign(a) else b, name):
            return name == '__ne__'
        return f(a, b)
    return compare


def safe_arithmetic(name, f):
    def compute(a, b):
        if is_own_opinion(a, b) and any(overrides(a if is_foreign(a) else b, n) for n in (name, '__r' + name[2:])):
            raise TypeError('arithmetic of an object of the solution with a plain value')
        return f(a, b)
    return compute


SAFE = {op: safe_compare('__%s__' % f.__name__, f) for op, f in COMPARE.items()}
SAFE.update((op, safe_arithmetic('__%s__' % f.__name__, f)) for op, f in ARITHMETIC.items())


class Guarded(ast.NodeTransformer):
    """Comparisons and arithmetic of the tests go through the functions above."""

    def call(self, node, op, a, b):
        f = ast.Name('_sbx_' + op.__name__, ast.Load())
        return ast.copy_location(ast.Call(f, [a, b], []), node)

    def visit_Compare(self, n):
        self.generic_visit(n)
        if len(n.ops) != 1 or type(n.ops[0]) not in COMPARE:
            return n
        return self.call(n, type(n.ops[0]), n.left, n.comparators[0])

    def visit_BinOp(self, n):
        self.generic_visit(n)
        return self.call(n, type(n.op), n.left, n.right) if type(n.op) in ARITHMETIC else n


def guarded_assertion(original, name):
    def check(self, first, second, *args, **kwargs):
        if is_own_opinion(first, second):
            raise AssertionError('%s of an object of the solution and a plain value' % name)
        return original(self, first, second, *args, **kwargs)
    return check


def mode_same(setup, program, entry):
    import unittest
    kept = dict(builtins.__dict__)
    cases = dict(unittest.TestCase.__dict__)
    ns, _ = load_program(setup, program, 'solution')
    builtins.__dict__.clear()
    builtins.__dict__.update(kept)
    for name, v in cases.items():
        if callable(v) and unittest.TestCase.__dict__.get(name) is not v:
            setattr(unittest.TestCase, name, v)
    for name in ('assertEqual', 'assertAlmostEqual', 'assertListEqual', 'assertDictEqual', 'assertTupleEqual',
                 'assertSetEqual', 'assertSequenceEqual', 'assertCountEqual', 'assertMultiLineEqual'):
        setattr(unittest.TestCase, name, guarded_assertion(cases[name], name))
    send(b'l', b'')
    letter, tests = Peer(b'', b'', {}).read()
    (token, *texts), trees, names = read_tests(tests), [], Names()
    for op, f in SAFE.items():
        ns['_sbx_' + op.__name__] = f
    for text in texts:
        tree = ast.parse(text, 'tests.py')
        names.visit(tree)
        trees.append(ast.fix_missing_locations(Guarded().visit(tree)))
    sys.modules['solution'] = sys.modules.get('solution') or types.ModuleType('solution')
    verdict(*run_tests(texts, trees, ns, names, entry_name(entry), True), token)
