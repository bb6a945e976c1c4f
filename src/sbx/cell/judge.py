"""The judge: runs a data set's own tests (asserts, check(), unittest) against a solution that is elsewhere."""
import ast
import builtins
import sys
import types

# Tests that use these look into the solution's own process.
SAME_PROCESS_MODULES = {'mock', 'inspect', 'importlib', 'io', 'contextlib', 'tempfile', 'shutil', 'pathlib', 'glob',
                        'subprocess', 'pandas', 'matplotlib', 'seaborn', 'sklearn', 'scipy', 'tensorflow', 'torch',
                        'sqlite3', 'logging', 'socket', 'requests', 'PIL', 'cv2', 'zipfile', 'csv', 'os', 'warnings'}
MODULES = {'np': 'numpy', 'numpy': 'numpy'}  # by the names under which tests use them
# Modules of the standard library that the judge takes its own of when tests use them without an import. Not those that
# act on the solution's process or files.
OWN_MODULES = (set(getattr(sys, 'stdlib_module_names', ())) - SAME_PROCESS_MODULES -
               {'antigravity', 'idlelib', 'lib2to3', 'test', 'this', 'tkinter', 'turtle', 'turtledemo'}) | {'sys'}
PROCESS_ATTRIBUTES = {'stdout', 'stderr', 'stdin', 'modules', 'argv', 'path'}  # of sys
FIXTURES = {'capsys', 'capfd', 'monkeypatch', 'tmp_path', 'tmpdir', 'mocker', 'caplog'}


class JudgePeer(Peer):
    """What a solution may do with the judge's objects: call what a test passed to it, and use public attributes of
    instances of the tests' own classes. Nothing else is reachable: no frame, no module, no private name. What the tests
    ask of an object of one of their classes, the class answers: an attribute of the solution's may not take the place of
    a method."""
    keeps_methods = True

    def __init__(self, classes):
        super().__init__(b'j', b'h', classes)

    def check(self, v, name):
        if name[:1] == '_' or type(v).__module__ != 'tests':
            raise AttributeError(name)

    def do_call(self, f, args, kwargs):
        if not isinstance(f, (types.FunctionType, types.BuiltinFunctionType, types.MethodType)) and \
                (f if isinstance(f, type) else type(f)).__module__ != 'tests':
            raise TypeError('this object cannot be called from the solution')
        return f(*args, **kwargs)

    def do_get(self, v, name):
        self.check(v, name)
        return getattr(v, name)

    def do_set(self, v, name, w):
        self.check(v, name)
        if is_method(type(v), name):
            raise AttributeError(name)
        setattr(v, name, w)

    def do_op(self, name, *operands):
        return OPS[name](*operands)


class Names(ast.NodeVisitor):
    """Names that tests use, names that they define anywhere, functions that they call, and why they might need the
    solution's own process."""

    def __init__(self):
        self.used, self.defined, self.called, self.imported, self.reason = [], set(), set(), [], None
        self.modules = {}  # names of modules: the attributes that tests use

    def visit_Name(self, n):
        if isinstance(n.ctx, ast.Load):
            if n.id not in self.used:
                self.used.append(n.id)
        else:
            self.defined.add(n.id)

    def define(self, n):
        self.defined.add(n.name)
        self.generic_visit(n)

    visit_ClassDef = define

    def visit_FunctionDef(self, n):
        args = n.args.posonlyargs + n.args.args + n.args.kwonlyargs
        wanted = FIXTURES & {a.arg for a in args}
        if wanted:
            self.reason = 'a test takes ' + wanted.pop()
        self.define(n)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, n):
        self.defined.add(n.arg)
        self.generic_visit(n)

    def visit_ExceptHandler(self, n):
        if n.name:
            self.defined.add(n.name)
        self.generic_visit(n)

    def visit_Call(self, n):
        if isinstance(n.func, ast.Name):
            self.called.add(n.func.id)
            if n.func.id in ('open', 'exec', 'eval', 'globals'):
                self.reason = 'the tests call %s()' % n.func.id
        self.generic_visit(n)

    def visit_Attribute(self, n):
        if isinstance(n.value, ast.Name) and (n.value.id in OWN_MODULES or n.value.id in STANDARD or n.value.id in MODULES):
            self.modules.setdefault(n.value.id, set()).add(n.attr)
        if isinstance(n.value, ast.Name) and n.value.id == 'sys' and n.attr in PROCESS_ATTRIBUTES - {'path'}:
            self.reason = 'the tests use sys.' + n.attr
        self.generic_visit(n)

    def note_module(self, name):
        parts = set(name.split('.'))
        if parts & SAME_PROCESS_MODULES:
            self.reason = 'the tests import ' + name

    def visit_Import(self, n):
        for a in n.names:
            self.note_module(a.name)
            self.defined.add((a.asname or a.name).split('.')[0])

    def visit_ImportFrom(self, n):
        if n.module == 'solution':
            self.used += [a.name for a in n.names if a.name != '*']
            self.imported += [a.name for a in n.names]
            return
        self.note_module(n.module or '')
        for a in n.names:
            self.note_module(a.name)
            self.defined.add(a.asname or a.name)


def read_tests(blob):
    """The snippets, as the supervisor joins them."""
    return Decoder(blob).value()


def entry_name(entry):
    """The first identifier of an entry point such as Solution().f."""
    head = ''
    for c in (entry or b'').decode():
        if not (head + c).isidentifier():
            break
        head += c
    return head


def has_pytest():
    try:
        import pytest
        return True
    except ImportError:
        return False


class TestFailed(AssertionError):
    pass


def run_unittest(classes):
    import unittest
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(c) for c in classes)
    result = unittest.TestResult()
    result.failfast = True
    suite.run(result)
    for _, text in result.failures + result.errors:
        raise TestFailed(text.strip().rsplit('\n', 1)[-1])
    if result.unexpectedSuccesses:
        raise TestFailed('unexpected success')


def run_snippet(tree, text, ns, names, entry):
    """Runs a snippet, and what it defines without calling: check(candidate), test functions, unittest cases."""
    if 'pytest' in text and not has_pytest():
        sys.modules['pytest'] = pytest_lookalike()
    exec(compile(tree, 'tests.py', 'exec'), ns)
    cases = []
    for n in tree.body:
        if isinstance(n, ast.FunctionDef) and n.name not in names.called:
            required = len(n.args.args) - len(n.args.defaults)
            if n.name == 'check' and required == 1 and entry:
                ns['check'](ns[entry])
            elif n.name.startswith('test'):
                for row in getattr(ns[n.name], '_sbx_rows', [{}] if required == 0 else []):
                    ns[n.name](**row)
        elif isinstance(n, ast.ClassDef) and not any(w in text for w in ('unittest.main', 'TextTestRunner', '.run(')):
            case = ns.get(n.name)
            if 'unittest' in sys.modules and isinstance(case, type) and issubclass(case, sys.modules['unittest'].TestCase):
                cases.append(case)
    if cases:
        run_unittest(cases)


def one_line(text):
    return ' '.join(str(text).split())[:400]


def run_tests(texts, trees, ns, names, entry, in_one_process=False):
    """(passed, kind, text): kind is 'pass' or the name of a verdict."""
    for i, (text, tree) in enumerate(zip(texts, trees)):
        try:
            run_snippet(tree, text, ns, names, entry)
        except Malformed as e:
            return i, 'runtime_error', 'malformed answer: ' + one_line(e)
        except SystemExit as e:
            if isinstance(e, OtherExit):
                return i, 'runtime_error', 'the solution called exit()'
            # In one process an exit may be the solution's; unittest.main() makes one of its own.
            if e.code or in_one_process and 'unittest.main' not in text:
                return i, 'wrong_answer', 'exit(%s)' % one_line(e.code)
        except AssertionError as e:
            if getattr(e, '_sbx_remote', False):
                return i, 'runtime_error', 'AssertionError: ' + one_line(e)
            return i, 'wrong_answer', one_line(e)
        except Exception as e:
            text = '%s: %s' % (type(e).__name__, one_line(e))
            if getattr(e, '_sbx_remote', False) or isinstance(e, NameError):
                return i, 'runtime_error', text
            return i, 'wrong_answer', text
        send(b'p', b'')
    return len(texts), 'pass', ''


def verdict(passed, kind, text, token=''):
    send(b'v', encode((passed, kind, text, token)))
    os._exit(0)


def prepare(setup, tests, entry):
    """The tests' namespace with the setup run in it, the snippets, their trees, the names in them, and the setup's code
    if it must wait for the solution: in some data sets (MBPP) it uses what the solution defines."""
    ns, late = new_module('tests'), None
    texts = read_tests(tests)
    names = Names()
    if setup:
        code = compile(setup.decode(), 'setup.py', 'exec', dont_inherit=True)
        try:
            exec(code, ns)
        except NameError:
            ns, late = new_module('tests'), code
            names.visit(ast.parse(setup.decode()))
    trees = []
    for text in texts:
        trees.append(ast.parse(text, 'tests.py'))
        linecache.cache['tests.py'] = (len(text), None, text.splitlines(True), 'tests.py')
        names.visit(trees[-1])
    return ns, texts, trees, names, late


def own_module(name, attributes):
    """The module, or None where the tests cannot mean it: it is absent or lacks what they use."""
    if name == 'sys' and attributes & PROCESS_ATTRIBUTES:
        return None
    try:
        module = __import__(name)
        for a in attributes:
            if not hasattr(module, a):
                __import__('%s.%s' % (name, a))
    except ImportError:
        return None
    return module


def bind_solution(peer, ns, names, entry):
    """Names of the solution that the tests use become what the player says they are. A name that the setup defines
    stays the judge's own, but for the entry point. So does a module that tests use as the solution's import: isclose()
    of a solution's own `math` would decide the test."""
    peer.may_stop = 'StopIteration' in names.used
    for name in names.modules.keys() - names.defined - names.called - set(ns) - {entry}:
        module = own_module(MODULES.get(name, name), names.modules[name])
        if module:
            ns[name] = module
    wanted = [n for n in names.used if n not in names.defined and n not in ns and not hasattr(builtins, n)]
    if entry and entry not in wanted:
        wanted.append(entry)
    solution = types.ModuleType('solution')
    for name, (kind, v) in zip(wanted, peer.request('names', wanted)):
        if kind == 'exception':
            base = next((b for b in (getattr(builtins, n, None) for n in v)
                         if isinstance(b, type) and issubclass(b, BaseException)), Exception)
            v = peer.exceptions[name] = type(name, (base,), {'__module__': 'tests'})
        if kind != 'absent':
            ns[name] = v
            setattr(solution, name, v)
    sys.modules['solution'] = solution


def mode_judge(setup, flags, entry, tests):
    entry = entry_name(entry)
    try:
        ns, texts, trees, names, late = prepare(setup, tests, entry)
    except BaseException as e:
        verdict(0, 'tests', 'the tests do not load: %s: %s' % (type(e).__name__, one_line(e)))
    if names.reason and b's' in flags:
        send(b'n', names.reason.encode())
        os._exit(0)
    peer = JudgePeer(own_classes(ns))
    peer.exceptions.update((k, v) for k, v in own_classes(ns).items() if issubclass(v, BaseException))
    try:
        bind_solution(peer, ns, names, entry)
        if late:
            exec(late, ns)
            peer.classes.update(own_classes(ns))
        outcome = run_tests(texts, trees, ns, names, entry)
    except Gone:
        os._exit(0)
    except Malformed as e:
        outcome = 0, 'runtime_error', 'malformed answer: ' + one_line(e)
    except BaseException as e:
        outcome = 0, 'runtime_error' if isinstance(e, NameError) else 'wrong_answer', '%s: %s' % (type(e).__name__, one_line(e))
    verdict(*outcome)
