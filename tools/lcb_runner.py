"""LiveCodeBench's runner, written again from its rules (its testing_util.py of 2025, the version whose sys.stdin has a
buffer), as independent truth for agree.py: no line of pgrpo takes part.

judge(code, function, tests): 'passed' or 'failed: ...'. All tests of a problem run in one process, one after the other,
up to the first that fails; 6 s of wall time each, (6 + 1) * tests + 5 in all. What the rules imply, and people stumble
over:
- by stdin, imports run while sys.stdin and sys.stdout are still the process's own, so `from sys import stdin, stdout`
  gives the program an empty file (its read, readline and readlines are replaced, its iterator and buffer are not) and an
  output that nobody reads;
- sys.stdin.read() gives the whole input each time, readlines() the lines without their ends, buffer.readline() the first
  line each time, and `for line in sys.stdin` is a TypeError;
- open is the real one, for the import block brings it into the program: open(0) is empty;
- sys.stdout has no buffer;
- quit, os.remove, os.system and others are None; `import resource` is an ImportError."""
import ast
import decimal
import io
import json
import multiprocessing
import os
import signal
import sys
import types
import unittest.mock

SECONDS = 6
MODULES = ('string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys '
           'json').split()
BLOCK = ''.join('from %s import *\n' % m for m in MODULES + ['builtins', 'typing']) + \
        ''.join('import %s\n' % m for m in MODULES) + 'sys.setrecursionlimit(50000)\n'
GONE_FROM_OS = ('kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename renames truncate replace '
                'unlink fchmod fchown chmod chown chroot lchflags lchmod lchown getcwd chdir').split()


class OutOfTime(Exception):
    pass


def ring(*_):
    raise OutOfTime


def disarm_process():
    import builtins
    import shutil
    import subprocess
    builtins.quit = builtins.help = None
    for name in GONE_FROM_OS:
        setattr(os, name, None)
    shutil.rmtree = shutil.move = shutil.chown = subprocess.Popen = None
    for name in ('ipdb', 'joblib', 'resource', 'psutil', 'tkinter'):
        sys.modules[name] = None
    sys.set_int_max_str_digits(50000)


def load(source):
    module = types.ModuleType('tmp_sol', '')
    signal.alarm(SECONDS)
    exec(source, module.__dict__)
    home = module.Solution() if 'class Solution' in source else module
    signal.alarm(0)
    return home


# ---- stdin ----

def as_function(code):
    try:
        body = ast.parse(code).body
        if isinstance(body[-1], ast.If) and ast.unparse(body[-1].test) == "__name__ == '__main__'":
            code = ast.unparse(body[:-1]) + '\n' + ast.unparse(body[-1].body)
    except Exception:
        pass
    try:
        body = ast.parse(code).body
        imports = [s for s in body if type(s) in (ast.Import, ast.ImportFrom)]
        rest = [s for s in body if type(s) not in (ast.Import, ast.ImportFrom)]
        no_arguments = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
        function = ast.FunctionDef('wrapped_function', no_arguments, rest, [], lineno=-1)
        return '\n'.join((BLOCK, ast.unparse(imports), ast.unparse(function)))
    except Exception:
        return code


class Bytes:
    def __init__(self, text):
        self.data = text.encode()

    def read(self, *_):
        return self.data

    def readline(self, *_):
        return self.data.split(b'\n')[0] + b'\n'


class Stdin:
    def __init__(self, text):
        self.text, self.stream, self.buffer = text, io.StringIO(text), Bytes(text)

    def read(self, *_):
        return self.text

    def readline(self, *a):
        return self.stream.readline(*a)

    def readlines(self, *_):
        return self.text.split('\n')

    def __getattr__(self, name):
        return getattr(self.stream, name)


def output_of(function, text):
    """What the function prints for this input. The order of the replacements counts: those of single methods meet the
    stdin that was there before."""
    rest = iter(text.split('\n'))
    out, before = io.StringIO(), sys.stdout
    out.close = lambda x: 1
    sys.stdout = out
    signal.alarm(SECONDS)
    try:
        with unittest.mock.patch('sys.stdin.read', lambda *a: text), \
                unittest.mock.patch('sys.stdin.readlines', lambda *a: text.split('\n')), \
                unittest.mock.patch('sys.stdin.readline', lambda *a: next(rest)), \
                unittest.mock.patch('sys.stdin', Stdin(text)), \
                unittest.mock.patch('builtins.open', unittest.mock.mock_open(read_data=text)):
            try:
                function()
            except SystemExit:
                pass
        signal.alarm(0)
    finally:
        sys.stdout = before
        signal.alarm(0)
    return out.getvalue()


def numbers(line):
    return [decimal.Decimal(word) for word in line.split()]


def same_text(got, want):
    a, b = ([line.strip() for line in text.strip().split('\n')] for text in (got, want))
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        if x == y:
            continue
        try:
            x, y = numbers(x), numbers(y)
        except Exception:
            return False
        if x != y:
            return False
    return True


def run_stdin(code, tests):
    function = load(as_function(code)).wrapped_function
    for i, t in enumerate(tests):
        if not same_text(output_of(function, t['input']), t['output']):
            return 'failed: wrong output of test %d' % i
    return 'passed'


# ---- functions ----

def run_calls(code, name, tests):
    method = getattr(load(BLOCK + '\n\n' + code), name)
    cases = [([json.loads(line) for line in t['input'].split('\n')], json.loads(t['output'])) for t in tests]
    for i, (args, want) in enumerate(cases):
        signal.alarm(SECONDS)
        got = method(*args)
        signal.alarm(0)
        if isinstance(got, tuple):
            got = list(got)
        if not got == want:
            return 'failed: wrong result of test %d' % i
    return 'passed'


# ---- one process for each program ----

def child(pipe, code, function, tests):
    null = os.open(os.devnull, os.O_RDWR)  # its messages go nowhere
    for fd in (1, 2):
        os.dup2(null, fd)
    signal.signal(signal.SIGALRM, ring)
    disarm_process()
    try:
        pipe.send(run_calls(code, function, tests) if function else run_stdin(code, tests))
    except OutOfTime:
        pipe.send('failed: time')
    except Exception as e:
        pipe.send(('failed: %s: %s' % (type(e).__name__, e))[:300])


def judge(code, function, tests):
    parent, pipe = multiprocessing.Pipe(False)
    p = multiprocessing.Process(target=child, args=(pipe, code, function, tests))
    p.start()
    pipe.close()
    result = 'failed: time of all tests'
    try:
        if parent.poll((SECONDS + 1) * len(tests) + 5):
            result = parent.recv()
    except EOFError:
        result = 'failed: the process ended'
    p.kill()
    p.join()
    return result
