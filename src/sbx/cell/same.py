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

PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, type(None))
PLAIN_IDS = frozenset(map(id, PLAIN))  # by identity: a metaclass has an opinion too
COMPARE = {ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
           ast.GtE: operator.ge}
ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


HEAP_TYPE = 1 << 9  # of type flags: a class made at run time
KNOWN = {}  # id: class, of those that were there before the solution ran
MRO = type.__dict__['__mro__'].__get__


def all_classes():
    found, unseen = {}, [object]
    while unseen:
        c = unseen.pop()
        if id(c) not in found:
            found[id(c)] = c
            unseen += type.__subclasses__(c)
    return found


def note_known_classes(made_by_solution=()):
    """What is of other making, whatever it says of itself."""
    KNOWN.update((k, c) for k, c in all_classes().items() if k not in made_by_solution)
    mock = sys.modules.get('unittest.mock')
    for c in (vars(mock).values() if mock else ()):  # made to equal what they do not
        if isinstance(c, type) and type.__getattribute__(c, '__module__') == 'unittest.mock':
            KNOWN.pop(id(c), None)


def is_foreign(v, look=type):
    """Whether v is of a class that the solution made."""
    return id(look(v)) not in PLAIN_IDS and id(look(v)) not in KNOWN


def is_own_opinion(a, b, look=type):
    """Whether a comparison would ask an object of the solution about a plain value."""
    return is_foreign(a) and id(look(b)) in PLAIN_IDS or is_foreign(b) and id(look(a)) in PLAIN_IDS


def overrides(v, name, look=type):
    """The solution's class defines this method itself instead of having it from a built-in one."""
    for c in MRO(look(v)):
        if name in type.__getattribute__(c, '__dict__'):
            return id(c) not in KNOWN
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


def safe_in(a, b, look=type):
    if is_foreign(a) and id(look(b)) in PLAIN_IDS and overrides(a, '__eq__'):
        return any(a is x for x in b)
    return a in b


OTHERS = {ast.In: safe_in, ast.NotIn: lambda a, b: not safe_in(a, b), ast.Is: operator.is_, ast.IsNot: operator.is_not}
SAFE = {op: safe_compare('__%s__' % f.__name__, f) for op, f in COMPARE.items()}
SAFE.update({op: OTHERS[op] for op in (ast.In, ast.NotIn)})
SAFE.update((op, safe_arithmetic('__%s__' % f.__name__, f)) for op, f in ARITHMETIC.items())


def compare_chain(names, *values):
    """a < b < c with both comparisons guarded; every operand is computed, also behind one that decides."""
    for name, a, b in zip(names, values, values[1:]):
        result = CHAIN[name](a, b)
        if not result:
            break
    return result


CHAIN = {op.__name__: SAFE.get(op) or OTHERS[op] for op in [*COMPARE, *OTHERS]}


class Guarded(ast.NodeTransformer):
    """Comparisons and arithmetic of the tests go through the functions above."""

    def call(self, node, op, a, b):
        f = ast.Name('_sbx_' + op.__name__, ast.Load())
        return ast.copy_location(ast.Call(f, [a, b], []), node)

    def visit_Compare(self, n):
        self.generic_visit(n)
        if any(type(op) in SAFE for op in n.ops):
            if len(n.ops) == 1:
                return self.call(n, type(n.ops[0]), n.left, n.comparators[0])
            names = ast.Tuple([ast.Constant(type(op).__name__) for op in n.ops], ast.Load())
            return ast.copy_location(ast.Call(ast.Name('_sbx_chain', ast.Load()), [names, n.left] + n.comparators, []), n)
        return n

    def visit_BinOp(self, n):
        self.generic_visit(n)
        return self.call(n, type(n.op), n.left, n.right) if type(n.op) in ARITHMETIC else n


CONSULTED = '''__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __len__ __iter__ __getitem__ __contains__ __hash__ __sub__ __rsub__
__round__ __abs__ __class__ keys items values difference'''.split()  # by unittest's assertions


def guarded_assertion(original, name):
    def check(self, first, second, *args, **kwargs):
        if is_own_opinion(first, second) and any(overrides(first if is_foreign(first) else second, n) for n in CONSULTED):
            raise AssertionError('%s of an object of the solution and a plain value' % name)
        return original(self, first, second, *args, **kwargs)
    return check


def imported_names(program):
    """The modules that a program imports anywhere."""
    try:
        tree = ast.parse(program.decode())
    except Exception:
        return []
    names = []
    for n in ast.walk(tree):
        if isinstance(n, ast.Import):
            names += [a.name for a in n.names]
        elif isinstance(n, ast.ImportFrom) and n.module and not n.level:
            names += [n.module] + ['%s.%s' % (n.module, a.name) for a in n.names]
    return [name for name in names if name.split('.')[0] not in ('antigravity', 'this', 'solution', '__main__')]


def import_all(names):
    for name in names:
        try:
            __import__(name)
        except BaseException:
            pass  # it fails again where it is wanted


class Kept:
    """Modules, classes and functions as they are, to be put back after the solution has run. State that is no function,
    class or module stays as the solution left it, but for this script's own."""

    def __init__(self, own):
        self.modules, self.dicts, self.codes, self.own = dict(sys.modules), [], [], own
        seen = set()
        for module in list(sys.modules.values()):
            if isinstance(module, types.ModuleType):
                self.keep(vars(module), None, seen)

    def keep(self, names, owner, seen):
        if id(names) in seen:
            return
        seen.add(id(names))
        own = names is self.own
        kept = {k: v for k, v in names.items() if own or callable(v) or isinstance(v, (types.ModuleType, classmethod, staticmethod))}
        self.dicts.append((names, owner, kept, set(names)))
        for v in kept.values():
            v = getattr(v, '__func__', v) if isinstance(v, (classmethod, staticmethod)) else v
            if isinstance(v, type):
                if v.__flags__ & HEAP_TYPE and id(v) not in seen:
                    seen.add(id(v))
                    self.keep_class(v, seen)
            elif isinstance(v, types.FunctionType) and id(v) not in seen:
                seen.add(id(v))
                self.codes.append((v, v.__code__, v.__defaults__, v.__kwdefaults__ and dict(v.__kwdefaults__)))
        if own:
            self.contents = [(v, type(v)(v)) for v in kept.values() if type(v) in (dict, list, set)]

    def keep_class(self, t, seen):
        names = type.__dict__['__dict__'].__get__(t)
        kept = {k: v for k, v in names.items() if callable(v) or isinstance(v, (classmethod, staticmethod, property))}
        self.dicts.append((names, t, kept, set(names)))
        for v in list(names.values()):
            v = getattr(v, '__func__', v) if isinstance(v, (classmethod, staticmethod)) else v
            if isinstance(v, types.FunctionType) and id(v) not in seen:
                seen.add(id(v))
                self.codes.append((v, v.__code__, v.__defaults__, v.__kwdefaults__ and dict(v.__kwdefaults__)))

    def put_back(self):
        for f, code, defaults, kwdefaults in self.codes:
            if f.__code__ is not code:
                f.__code__ = code
            if f.__defaults__ is not defaults:
                f.__defaults__ = defaults
            if f.__kwdefaults__ != kwdefaults:
                f.__kwdefaults__ = kwdefaults
        for names, owner, kept, before in self.dicts:
            if owner is None:  # new names that stand before built-in ones
                for name in names.keys() - before if names is self.own else (names.keys() & vars(builtins).keys()) - before:
                    del names[name]
            elif owner.__module__.split('.')[0] in ('unittest', 'ast', '__main__'):
                for name in names.keys() - before:
                    type.__delattr__(owner, name)
            for name, v in kept.items():
                if names.get(name, self) is not v:
                    if owner is None:
                        names[name] = v
                    else:
                        type.__setattr__(owner, name, v)
        for v, content in self.contents:
            if type(v) is list:
                v[:] = content
            else:
                v.clear()
                v.update(content)
        for name, module in list(sys.modules.items()):
            if name not in self.modules and name != 'solution' and getattr(module, '__spec__', None) is None:
                del sys.modules[name]  # made up by the solution
        sys.modules.update(self.modules)


def mode_same(setup, program, entry):
    import unittest.mock
    import_all(imported_names(program))
    note_known_classes()
    kept = Kept(globals())
    put_back = kept.put_back
    builtin = dict(builtins.__dict__)
    ns, _ = load_program(setup, program, 'solution')
    builtins.__dict__.clear()
    builtins.__dict__.update(builtin)
    put_back()
    for name in [k for k, v in vars(unittest.defaultTestLoader).items() if callable(v)]:
        delattr(unittest.defaultTestLoader, name)
    cases = dict(unittest.TestCase.__dict__)
    for name in ('assertEqual', 'assertAlmostEqual', 'assertListEqual', 'assertDictEqual', 'assertTupleEqual',
                 'assertSetEqual', 'assertSequenceEqual', 'assertCountEqual', 'assertMultiLineEqual', 'assertGreater',
                 'assertGreaterEqual', 'assertLess', 'assertLessEqual'):
        setattr(unittest.TestCase, name, guarded_assertion(cases[name], name))
    send(b'l', b'')
    letter, tests = Peer(b'', b'', {}).read()
    (token, *texts), trees, names = read_tests(tests), [], Names()
    foreign = {k: c for k, c in all_classes().items() if k not in KNOWN}
    for text in texts:
        import_all(imported_names(text.encode()))
    note_known_classes(foreign)
    for op, f in SAFE.items():
        ns['_sbx_' + op.__name__] = f
    ns['_sbx_chain'] = compare_chain
    for text in texts:
        tree = ast.parse(text, 'tests.py')
        names.visit(tree)
        trees.append(ast.fix_missing_locations(Guarded().visit(tree)))
    sys.modules['solution'] = sys.modules.get('solution') or types.ModuleType('solution')
    verdict(*run_tests(texts, trees, ns, names, entry_name(entry), True), token)
