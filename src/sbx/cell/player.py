"""What runs inside a cell: imports modules once, forks per program (guard.c makes each fork a guarded player), runs it.

The supervisor believes nothing that comes from a player: frames on descriptor 3 are claims, compared elsewhere. So this
file holds no secret and decides nothing, and a program that rewrites it gains nothing. A judge is a player too, in a
cell where no solution ever runs.

A job (descriptor 4) is a line "MODE bytes-of-an-answer length length ..." ('-' = absent) and then that many bytes each:
  run     setup, program                      run once as __main__
  calls   setup, program, entry, calls        answer each call with a frame 'a'
  answer  setup, program, callee, calls       answer the calls of tests that need no judge
  serve   setup, program                      answer requests of the judge (descriptor 5)
  judge   setup, flags, entry, tests          run tests against a solution elsewhere
  same    setup, program, entry               run tests (they come by descriptor 5) in this very process
Frames out: a letter, a decimal length, ':', the payload:
  a index;value          an answer                     x (where, type, text)     what ended the program
  q, r                   request and reply (bridge.py) v (passed, kind, text, token) a verdict
  w text                 an exception out of a call (answer)    u  a judge is needed (answer)
  n reason               the tests need to run in the solution's process         l the program is loaded (same)
Values are in the wire form (wire.h)."""
import sys

sys.path.pop(0)  # the folder of this file


def load(site, names):
    """Imports what programs commonly use, so that a fork starts with it. Returns the names that failed."""
    if site:
        sys.path.append(site)
    missing = []
    for name in names:
        try:
            __import__(name)
        except ImportError:
            missing.append(name)
    return missing


STANDARD = '''abc array ast atexit base64 bisect builtins calendar cmath collections collections.abc contextlib copy
dataclasses datetime decimal enum fractions functools gc hashlib heapq inspect io itertools json keyword linecache locale
math numbers operator os pprint queue random re signal statistics string struct textwrap threading time traceback types
typing unicodedata warnings weakref zlib _strptime'''.split()


def load_standard(ignored=lambda **hooks: None):
    """What modules want to do after a fork (random: another seed; threading: forget threads) takes longer than the fork. Here
    it does nothing: main() sets the seed, and there is only the main thread."""
    import os
    register, os.register_at_fork = os.register_at_fork, ignored
    load('', STANDARD)
    os.register_at_fork = register


load_standard()
bad = load(sys.argv[1], sys.argv[2].split())
if bad:
    print('cannot import', ', '.join(bad), file=sys.stderr)
    raise SystemExit(4)

import _random
import _sitebuiltins
import atexit
import builtins
import gc
import linecache
import os
import random
import threading
import traceback
import types
import zlib

builtins.exit = _sitebuiltins.Quitter('exit', 'Ctrl-D (i.e. EOF)')
builtins.quit = _sitebuiltins.Quitter('quit', 'Ctrl-D (i.e. EOF)')
sys.argv = ['solution.py']


# ---- talking ----

def write_all(fd, b, write=os.write):
    b = memoryview(b)
    while b:
        b = b[write(fd, b):]


def send(letter, payload):
    write_all(3, b'%b%d:%b' % (letter, len(payload), payload))


def read_job(fd=4):
    data = part = os.read(fd, 1 << 16)
    while part:
        part = os.read(fd, 1 << 20)
        data += part
    os.close(fd)
    head, _, rest = data.partition(b'\n')
    mode, limit, *sizes = head.decode().split()
    LIMIT[0] = int(limit)
    blobs, pos = [], 0
    for s in sizes:
        blobs.append(None if s == '-' else rest[pos:pos + int(s)])
        pos += 0 if s == '-' else int(s)
    return mode, blobs


# ---- running a program ----

def finish(code, stop=os._exit):
    """What the interpreter does at its end, without taking every module apart."""
    for step in (threading._shutdown, atexit._run_exitfuncs, sys.stdout.flush, sys.stderr.flush):
        try:
            step()
        except SystemExit as e:
            code = e.code if type(e.code) is int else code
        except BaseException:
            code = code or 120
    stop(code & 255)


def report(where, error):
    """Prints the traceback without our own frames, and claims what happened."""
    kind = type(error)
    try:
        if issubclass(kind, MemoryError):
            send(b'x', b't3:s%d:%bs11:MemoryErrors0:' % (len(where), where))
        tb = error.__traceback__
        while tb and tb.tb_frame.f_code.co_filename == __file__:
            tb = tb.tb_next
        line = ''
        for f, n in traceback.walk_tb(tb):
            if f.f_code.co_filename in ('solution.py', 'setup.py', 'tests.py'):
                line = ' (%sline %d)' % ('' if f.f_code.co_filename[:2] == 'so' else f.f_code.co_filename + ' ', n)
        if isinstance(error, SyntaxError) and error.lineno:
            line = ' (line %d)' % error.lineno
        try:
            text = str(error.msg if isinstance(error, SyntaxError) else error)[:300] + line
        except BaseException:
            text = line
        if not issubclass(kind, MemoryError):
            send(b'x', encode((where.decode(), type_name(kind), text)))
        traceback.print_exception(kind, error, tb)
    except BaseException:
        pass


def run_code(source, name, where, ns, excused=()):
    """Compiles and runs source in ns. Returns None when it ran to its end or raised what is excused, else the exit
    status."""
    stage = b'compile' if where == b'run' else where
    try:
        text = source.decode('utf-8')
        code = compile(text, name, 'exec', dont_inherit=True)
    except BaseException as e:
        report(stage, e)
        return 1
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    try:
        exec(code, ns)
    except SystemExit as e:
        return exit_status(e)
    except excused:
        pass
    except BaseException as e:
        report(where, e)
        return 1
    return None


def exit_status(e):
    if e.code is None:
        return 0
    if isinstance(e.code, int):
        return int(e.code) & 255
    try:
        print(e.code, file=sys.stderr)
    except BaseException:
        pass
    return 1


def new_module(name):
    module = types.ModuleType(name)
    module.__dict__['__builtins__'] = builtins
    sys.modules[name] = module
    return module.__dict__


def load_program(setup, program, name, excused=()):
    """The namespace after setup and program ran, and the classes that the setup defined. Ends the process when either
    does not run to its end. excused: NameError where the setup may need the solution; the tests run it then."""
    ns = new_module(name)
    if setup:
        status = run_code(setup, 'setup.py', b'setup', ns, excused)
        if status is not None:
            finish(status or 1)
    classes = own_classes(ns)
    status = run_code(program, 'solution.py', b'run', ns)
    if status is not None:
        finish(status)
    return ns, classes


def own_classes(ns):
    return {k: v for k, v in ns.items() if isinstance(v, type) and v.__module__ == ns['__name__'] and k == v.__name__}


def mode_run(setup, program):
    load_program(setup, program, '__main__')
    finish(0)


def mode_calls(setup, program, entry, calls):
    ns, _ = load_program(setup, program, 'solution')
    d = Decoder(calls)
    i = 0
    try:
        find = compile(entry.decode(), 'entry', 'eval')
        while d.pos < len(calls):
            args, kwargs = d.value(), d.value()
            v = eval(find, ns)(*args, **kwargs)
            send(b'a', b'%d;' % i + encode(v))
            i += 1
    except BaseException as e:
        report(b'call', e)
        finish(exit_status(e) or 1 if isinstance(e, SystemExit) else 1)
    finish(0)


class PlayerPeer(Peer):
    """Answers the judge. Whatever the solution makes of this object, its answers stay claims."""
    serves_map = True

    def __init__(self, ns, classes):
        super().__init__(b'h', b'j', classes)
        self.ns = ns

    def is_shared(self, v, t):
        # Solutions often repeat a class of the setup.
        name = t.__name__
        return name in self.classes and (self.classes[name] is t or t.__module__ == 'solution')

    def class_of(self, name):
        t = self.ns.get(name)
        return t if isinstance(t, type) else self.classes[name]

    def do_names(self, names):
        out = []
        for name in names:
            v = self.ns.get(name, self)
            if v is self:
                out.append(('absent', None))
            elif isinstance(v, type) and issubclass(v, BaseException):
                out.append(('exception', [c.__name__ for c in v.__mro__[1:-1]]))
            else:
                out.append(('value', v))
        return out

    def do_call(self, f, args, kwargs):
        return f(*args, **kwargs)

    def do_get(self, v, name):
        return getattr(v, name)

    def do_set(self, v, name, w):
        setattr(v, name, w)

    def do_delete(self, v, name):
        delattr(v, name)

    def do_op(self, name, *operands):
        return OPS[name](*operands)


def mode_serve(setup, program):
    ns, classes = load_program(setup, program, 'solution', NameError)
    peer = PlayerPeer(ns, classes)
    try:
        while True:
            letter, payload = peer.read()
            if letter == b'q':
                peer.serve(payload)
    except Gone:
        finish(0)
    except BaseException as e:
        report(b'call', e)
        finish(1)


def find_callee(ns, classes, callee):
    """What evaluates a callee, f or Class().f, each time anew; None for objects that a judge would not get as handles."""
    first, *rest = callee.decode().split('.')
    made = first.endswith('()')
    root = ns.get(first[:-2] if made else first)
    if type(root) is types.FunctionType and not made and not rest:
        return lambda: root
    if type(root) is not type or root.__mro__ != (root, object) or root.__module__ != 'solution' or not made or len(rest) != 1 or classes:
        return None

    def find():
        v = root()
        if type(v) is not root:
            raise Unusual
        m = getattr(v, rest[0])
        if type(m) not in (types.FunctionType, types.MethodType):
            raise Unusual
        return m
    return find


class Unusual(BaseException):
    """A judge is needed."""


def exception_text(peer, e):
    """What a judge says of an exception out of the solution; None if it is to say it itself."""
    error = peer.exception(*peer.describe(e))
    if isinstance(error, (StopIteration, StopAsyncIteration)):
        error = peer.exception(['RuntimeError'], ('StopIteration out of a function',), '')
    if isinstance(error, OtherExit):
        return 'the solution called exit()'
    if not isinstance(error, Exception):
        return None
    return '%s: %s' % ('AssertionError' if isinstance(error, AssertionError) else type(error).__name__, one_line(error))


def mode_answer(setup, program, callee, calls, stop=os._exit):
    ns, classes = load_program(setup, program, 'solution')
    d, i = Decoder(calls), 0
    try:
        find = find_callee(ns, classes, callee)
        if find is None:
            raise Unusual
        while d.pos < len(calls):
            args, kwargs = d.value(), d.value()
            v = find()(*args, **kwargs)
            send(b'a', b'%d;' % i + encode(v))
            i += 1
    except BaseException as e:
        text = None
        try:
            if type(e) is not Unusual:
                peer = PlayerPeer(ns, classes)
                peer.exceptions.update((k, v) for k, v in classes.items() if issubclass(v, BaseException))
                text = exception_text(peer, e)
            send(b'u' if text is None else b'w', b'' if text is None else encode(text))
        except BaseException:
            send(b'u', b'')
    stop(0)


def common_annotations():
    """typing remembers what it has made: a child finds these ready."""
    from typing import Any, Dict, List, Optional, Set, Tuple, Union
    for t in (int, str, float, bool, Any):
        List[t], Set[t], Optional[t], Tuple[t, t], Tuple[t, ...], Dict[str, t], Dict[int, t], List[List[t]], Optional[List[t]]
    Union[int, str], Union[int, float], Tuple[int, str], Tuple[str, int], Tuple[str, bool], List[Tuple[int, int]]


MODES = {'run': mode_run, 'answer': mode_answer, 'calls': mode_calls, 'serve': mode_serve, 'judge': mode_judge, 'same': mode_same}


def main(main_thread=threading.main_thread(), get_native_id=threading.get_native_id,
         set_seed=_random.Random.seed, generator=random._inst, crc=zlib.crc32):
    common_annotations()
    gc.collect()
    gc.freeze()
    if os.fork() != 0:  # guard.so lets only players out of this call
        os._exit(9)
    main_thread._native_id = get_native_id()
    mode, blobs = read_job()
    # The same job gives the same result: unseeded generators start from the job's own bytes.
    seed = 0
    for b in blobs[:2] if mode == 'answer' else blobs:
        seed = crc(b or b'', seed)
    set_seed(generator, seed)
    if 'numpy' in sys.modules:
        sys.modules['numpy'].random.seed(seed)
    MODES[mode](*blobs[:MODES[mode].__code__.co_argcount])


main()
