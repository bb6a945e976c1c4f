"""How a built-in task is written, and how the modules of this package become records.

One module is one topic. It makes a Topic, and every task is a function under that topic's decorator:

    task = Topic("strings", split="train")

    @task("easy", "ab", "", call("x", times=3))
    def echo(text: str, times: int = 2) -> str:
        \"\"\"Return `text` repeated `times` times.\"\"\"
        return text * times

The decorator takes the difficulty and the calls to test with: a tuple holds the positional arguments, any other
value is the only argument, `call(...)` also takes keyword arguments. The docstring is the statement, the body is the
reference solution, and the first calls (two unless `show` says otherwise) become the examples of the statement.
A solution is self-contained: it imports what it needs inside the function.
"""

import ast
import copy
import importlib
import inspect
import pkgutil
import textwrap
import zlib

DIFFICULTIES = ("easy", "medium", "hard")
SPLITS = ("train", "validation")


class Call:
    def __init__(self, args, kwargs):
        self.args, self.kwargs = args, kwargs

    def text(self, name):
        parts = [repr(a) for a in self.args] + [f"{k}={v!r}" for k, v in self.kwargs.items()]
        return f"{name}({', '.join(parts)})"


def call(*args, **kwargs):
    return Call(args, kwargs)


class Task:
    def __init__(self, topic, difficulty, calls, show, function):
        self.topic, self.difficulty, self.function = topic, difficulty, function
        self.name = function.__name__
        self.id = f"{topic.name}/{self.name}"
        self.calls = [c if isinstance(c, Call) else Call(c if isinstance(c, tuple) else (c,), {}) for c in calls]
        self.shown = self.calls[:show]
        paragraphs = inspect.getdoc(function).split("\n\n")
        self.statement = "\n\n".join(" ".join(p.split()) for p in paragraphs)
        self.solution, self.signature = source_without_docstring(function)

    def result(self, c):
        args, kwargs = copy.deepcopy((c.args, c.kwargs))
        return self.function(*args, **kwargs)

    def prompt(self):
        """The statement in one of three frames, picked by the task's name."""
        examples = [(c.text(self.name), repr(self.result(c))) for c in self.shown]
        frame = zlib.crc32(self.name.encode()) % 3
        if frame == 0:
            lines = "\n".join(f"{c} == {r}" for c, r in examples)
            return f"Write a Python function `{self.signature}`.\n\n{self.statement}\n\nExamples:\n{lines}\n"
        if frame == 1:
            said = " and ".join(f"`{c}` returns `{r}`" for c, r in examples)
            return f"Implement the Python function `{self.signature}`. {self.statement}\n\nFor example, {said}.\n"
        lines = "\n".join(f">>> {c}\n{r}" for c, r in examples)
        return f"{self.statement}\n\nDefine it in Python as `{self.signature}`.\n\n{lines}\n"


class Topic:
    def __init__(self, name, split):
        assert split in SPLITS
        self.name, self.split, self.tasks = name, split, []

    def __call__(self, difficulty, *calls, show=2):
        assert difficulty in DIFFICULTIES

        def add(function):
            self.tasks.append(Task(self, difficulty, calls, show, function))
            return function

        return add


def source_without_docstring(function):
    """The function's source without decorator and docstring, and its signature line without `def` and colon."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    node = ast.parse("\n".join(lines)).body[0]
    doc, rest = node.body[0], node.body[1]
    head = lines[node.lineno - 1:doc.lineno - 1]
    signature = " ".join(" ".join(head).split())[len("def "):-1]
    return "\n".join(head + lines[doc.end_lineno:]) + "\n", signature


def all_topics():
    topics = []
    for info in pkgutil.iter_modules(__path__):
        topics.append(importlib.import_module(f"{__name__}.{info.name}").task)
    return topics
