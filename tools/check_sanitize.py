#!/usr/bin/env python3
"""Compares src/eval/py/sanitize.py with EvalPlus' own sanitize, answer by answer, then on damaged copies of them.

    check_sanitize.py --benchmark FILE [--benchmark FILE] [--damaged 4000] ANSWERS.jsonl ...

Needs evalplus 0.3.1 with tree-sitter and tree-sitter-python. FILE names the functions that are tested ("entry_point"
of each "id" or "task_id"). Two results are the same if their syntax trees are, or their texts where one does not parse.
Exit status 1 on a difference."""
import argparse
import ast
import gzip
import json
import pathlib
import random
import sys

from evalplus.sanitize import sanitize as official

p = argparse.ArgumentParser()
p.add_argument("--benchmark", action="append", required=True)
p.add_argument("--damaged", type=int, default=4000)
p.add_argument("answers", nargs="+")
a = p.parse_args()
source = (pathlib.Path(__file__).parent.parent / "src/eval/py/sanitize.py").read_text()
ours = {}
exec(source[: source.index("\nentry_point, _, text = ")], ours)
entry = {}
for path in a.benchmark:
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as f:
        for line in f:
            r = json.loads(line)
            entry[r.get("id") or r["task_id"]] = r["entry_point"]

LINES = ["@functools.lru_cache", "x: int = foo", "a, b = helper(3)", "y += 2", "obj.attr = helper", "d[k] = helper",
         "async def g(): return 1", "class K(Base): z = helper", "from __future__ import annotations",
         "import os.path as p, sys", "def noreturn(): pass", "t = u = helper", "lambda q: q",
         'def helper(x): return f"{x.real:{w}}"', "w = 3", "Base = object", "match x:\n    case K(q=1): pass",
         "global zz", "try: pass\nexcept Exception as eee: helper", 'print("hi")']


def tree(text):
    return ast.dump(ast.parse(text)) if ours["parses"](text) else text


def differs(text, name):
    want, got = official(text, name), ours["sanitize"](text, name)
    if want == got or tree(want) == tree(got):
        return False
    print(f"---- {name}\n{text}\n---- EvalPlus\n{want}\n---- ours\n{got}")
    return True


rows = [json.loads(line) for path in a.answers for line in open(path)]
rows = [(r.get("response") or r.get("solution"), entry[r["task_id"]]) for r in rows]
bad = sum(differs(*r) for r in rows)
random.seed(1)
bad_damaged = 0
for _ in range(a.damaged):
    text, name = random.choice(rows)
    lines = text.split("\n")[:60]
    for _ in range(random.randint(0, 3)):
        if lines:
            lines.pop(random.randrange(len(lines)))
    for _ in range(random.randint(0, 5)):
        lines.insert(random.choice([0, len(lines), random.randint(0, len(lines))]), random.choice(LINES))
    bad_damaged += differs("\n".join(lines), name)
print(f"{len(rows)} answers, {bad} different; {a.damaged} damaged ones, {bad_damaged} different")
sys.exit(bad + bad_damaged > 0)
