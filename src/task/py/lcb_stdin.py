# Runs a program the way LiveCodeBench does: its last `if __name__ == '__main__'` unfolded, everything but imports
# made the body of a function, exit() a normal end. The program meets the harness' stand-ins for input and output:
# - its imports run before these are in place, so `from sys import stdin, stdout` gives it an empty file, of which only
#   read, readline and readlines are replaced, and an output that nobody reads; open(0) is empty, too;
# - sys.stdin cannot be iterated, its read() always gives all, its buffer has read() and readline() alone;
# - sys.stdout has no buffer.
import ast
import builtins
import io
import os
import sys
import types


def unfold(code):
    try:
        tree = ast.parse(code)
        last = tree.body[-1]
        if isinstance(last, ast.If) and ast.unparse(last.test).strip() == "__name__ == '__main__'":
            code = ast.unparse(tree.body[:-1]) + '\n' + ast.unparse(last.body)
    except Exception:
        pass
    return code


def make_function(code, imports):
    try:
        tree = ast.parse(code)
        kinds = ast.Import, ast.ImportFrom
        head = [s for s in tree.body if isinstance(s, kinds)]
        body = [s for s in tree.body if not isinstance(s, kinds)]
        f = ast.FunctionDef(name='wrapped_function', body=body, decorator_list=[], lineno=-1,
                            args=ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[]))
        return imports + '\n' + ast.unparse(head) + '\n' + ast.unparse(f)
    except Exception:
        return code


class Bytes:
    def __init__(self, text):
        self.all = text.encode()

    def read(self, *_):
        return self.all

    def readline(self, *_):
        return self.all.partition(b'\n')[0] + b'\n'


class Input:
    def __init__(self, text):
        self.all, self.stream, self.buffer = text, io.StringIO(text), Bytes(text)

    def read(self, *_):
        return self.all

    def readline(self, *args):
        return self.stream.readline(*args)

    def readlines(self, *_):
        return self.all.split('\n')

    def __getattr__(self, name):
        return getattr(self.stream, name)


class Output(io.TextIOWrapper):
    @property
    def buffer(self):
        raise AttributeError("'_io.StringIO' object has no attribute 'buffer'")


def die(status=0, stop=os._exit):
    stop(1)  # an end without the harness' knowledge is a failure, whatever the status


def load(code):
    module = types.ModuleType('tmp_sol', '')
    compiled = compile(code, 'solution.py', 'exec')
    try:
        exec(compiled, module.__dict__)
        home = module.Solution() if 'class Solution' in code else module
    except SystemExit:
        raise RuntimeError('exit() while the program is loaded') from None
    return home.wrapped_function


def main(code, imports):
    code = make_function(unfold(code), imports)
    text = sys.stdin.buffer.read().decode()
    out = Output(open(os.dup(1), 'wb'), 'utf-8', 'surrogatepass', '\n')
    out.close = lambda x: 1
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os._exit = die
    function = load(code)
    lines, before = iter(text.split('\n')), sys.stdin
    before.read = lambda *_: text
    before.readlines = lambda *_: text.split('\n')
    before.readline = lambda *_: next(lines)
    sys.stdin, sys.stdout = Input(text), out
    builtins.open = lambda *a, **k: io.StringIO(text)
    try:
        function()
    except SystemExit:
        pass
    finally:
        out.flush()
