#!/usr/bin/env python3
"""Small faults put into the reference solutions of data/tasks.jsonl, to show that the calls of each task find them.

    mutate.py report [TASK ...]             runs every mutant; prints the survivors and a summary
    mutate.py emit N SOLUTIONS EXPECTED     writes for each task its reference and N mutants as solutions to judge,
                                            and the verdict that each of them must get
    mutate.py compare EXPECTED VERDICTS     fails with a list if a verdict is not the expected one

A mutant differs from the reference in one place: a comparison, an operator, a constant off by one, a condition that is
always true or false, a statement or an option left out, `min` for `max`, a last result that is spoiled, or the whole
body replaced by the most frequent result or by an argument.
`emit` takes mutants that answer every call without an exception and at least one of them wrongly, spread over the
kinds of fault, and stops with an error at a task that has fewer than N. Mutants run in this process under a limit on executed lines:
use it on this project's own references only.
"""

import ast
import copy
import json
import pathlib
import resource
import signal
import sys

from make_tasks import typed

ROOT = pathlib.Path(__file__).resolve().parent.parent
TASKS = ROOT / "data" / "tasks.jsonl"

COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}
OPERATORS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mod, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list", "enumerate": "list"}
RESULTS = {
    int: ("({}) + 1", "-({})"), bool: ("not ({})",), str: ("({})[1:]", "({})[:-1]", "({})[::-1]"),
    list: ("({})[1:]", "({})[:-1]", "({})[::-1]", "({}) * 2"), set: ("({}) | {{0}}", "({}) - {{1}}"),
    dict: ("dict(list(({}).items())[1:])", "{{**({}), '~': 0}}"), tuple: ("({})[::-1]",),
}
DROPPABLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.If, ast.For, ast.While, ast.Break, ast.Continue)


def changes(node):
    """Yields (kind, change) for a node; change() makes the fault in the node itself, or returns its replacement."""

    def put(field, value):
        return lambda: setattr(node, field, value)

    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for other in COMPARISONS[type(op)]:
                yield "comparison", put("ops", node.ops[:i] + [other()] + node.ops[i + 1:])
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in OPERATORS:
        yield "operator", put("op", OPERATORS[type(node.op)]())
    if isinstance(node, ast.BoolOp):
        yield "and-or", put("op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        for i in range(len(node.values)):
            yield "part of a condition", put("values", node.values[:i] + node.values[i + 1:])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield "sign", lambda: node.operand
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield "constant", put("value", not node.value)
        elif isinstance(node.value, int):
            yield "constant", put("value", node.value + 1)
            yield "constant", put("value", node.value - 1)
        elif isinstance(node.value, str):
            yield "constant", put("value", node.value + "~" if node.value == "" else node.value[:-1])
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield "branch", put("test", ast.Constant(False))
        if not isinstance(node, ast.While):
            yield "branch", put("test", ast.Constant(True))
    if isinstance(node, ast.comprehension):
        for i in range(len(node.ifs)):
            yield "filter", put("ifs", node.ifs[:i] + node.ifs[i + 1:])
    if isinstance(node, ast.Slice):
        for field in ("lower", "upper", "step"):
            if getattr(node, field):
                yield "slice", put(field, None)
    if isinstance(node, ast.Call):
        for i in range(len(node.keywords)):
            yield "option", put("keywords", node.keywords[:i] + node.keywords[i + 1:])
    if isinstance(node, ast.Name) and node.id in NAMES:
        yield "function", put("id", NAMES[node.id])
    if isinstance(node, DROPPABLE):
        yield "statement", lambda: ast.Pass()


class Change(ast.NodeTransformer):
    """Applies the change with the given number, counted over all nodes in the order of the visit."""

    def __init__(self, number):
        self.number, self.seen, self.kind = number, 0, None

    def visit(self, node):
        if isinstance(node, ast.FunctionDef):  # types of arguments and result are no part of what the function does
            node.args.defaults = [self.visit(d) for d in node.args.defaults]
            node.body = [self.visit(s) for s in node.body]
            return node
        if isinstance(node, ast.FormattedValue):  # 02d and 02 are the same for integers
            node.value = self.visit(node.value)
            return node
        for kind, change in changes(node):
            if self.seen == self.number:
                self.kind = kind
                self.seen += 1
                return change() or node
            self.seen += 1
        return self.generic_visit(node)


def mutants(task):
    """All different mutants of a task as (kind, source)."""
    tree = ast.parse(task["solution"])
    seen = {ast.unparse(tree)}
    number = 0
    while True:
        transformer = Change(number)
        source = ast.unparse(ast.fix_missing_locations(transformer.visit(copy.deepcopy(tree))))
        if transformer.kind is None:
            break
        number += 1
        if source not in seen:
            seen.add(source)
            yield transformer.kind, source
    texts = [json.dumps(c["expected"]) for c in task["calls"]]
    constant = untyped(json.loads(max(texts, key=texts.count)))
    arguments = [a.arg for a in tree.body[0].args.args]
    for returned in [repr(constant)] + arguments:
        body = copy.deepcopy(tree)
        body.body[0].body = [ast.Return(ast.parse(returned, mode="eval").body)]
        yield "result", ast.unparse(body)
    for form in RESULTS.get(type(constant), ()):
        body = copy.deepcopy(tree)
        last = body.body[0].body[-1]
        if isinstance(last, ast.Return):
            last.value = ast.parse(form.format(ast.unparse(last.value)), mode="eval").body
            yield "result", ast.unparse(body)


def untyped(value):
    """The Python value of typed JSON."""
    if isinstance(value, list):
        return [untyped(v) for v in value]
    if isinstance(value, dict):
        if "__tuple__" in value:
            return tuple(untyped(value["__tuple__"]))
        if "__set__" in value:
            return set(untyped(value["__set__"]))
        return {k: untyped(v) for k, v in value.items()}
    return value


class TooManyLines(BaseException):
    pass


def out_of_time(*_):
    raise TooManyLines


class LineLimit:
    """Counts executed lines and raises TooManyLines at the limit, or after a second of computing (numbers that grow
    without end need few lines)."""

    def __init__(self, limit):
        self.left = self.limit = limit

    def __enter__(self):
        signal.setitimer(signal.ITIMER_VIRTUAL, 1)
        sys.settrace(self.trace)
        return self

    def __exit__(self, *_):
        sys.settrace(None)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def trace(self, frame, event, arg):
        self.left -= 1
        if self.left < 0:
            raise TooManyLines
        return self.trace

    def used(self):
        return self.limit - self.left


def run(source, task, limit):
    """Runs all calls: (outcome, lines), outcome one of right, wrong (every call gave a result), error, endless."""
    outcome = "right"
    lines = LineLimit(limit)
    try:
        space = {"__name__": "solution"}
        exec(compile(source, "solution", "exec"), space)
        function = space[task["entry_point"]]
        for c in task["calls"]:
            args, kwargs = untyped(c["args"]), untyped(c.get("kwargs", {}))
            with lines:
                got = function(*args, **kwargs)
            try:
                same = json.dumps(typed(got), sort_keys=True) == json.dumps(c["expected"], sort_keys=True)
            except (AssertionError, TypeError):
                same = False
            outcome = outcome if same else "wrong"
    except TooManyLines:
        return "endless", lines.used()
    except Exception:
        return "error", lines.used()
    return outcome, lines.used()


def load():
    with open(TASKS, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def reference_lines(task):
    outcome, lines = run(task["solution"], task, 10_000_000)
    if outcome != "right":
        sys.exit(f"{task['id']}: the reference fails its own calls ({outcome})")
    return lines


def report(wanted):
    totals = {}
    for task in load():
        if wanted and task["id"] not in wanted:
            continue
        limit = 20 * reference_lines(task) + 5000
        counts = {}
        for kind, source in mutants(task):
            outcome, _ = run(source, task, limit)
            counts[outcome] = counts.get(outcome, 0) + 1
            totals[outcome] = totals.get(outcome, 0) + 1
            if outcome == "right":
                print(f"{task['id']}: survivor ({kind})")
                old = ast.unparse(ast.parse(task["solution"])).splitlines()
                new = source.splitlines()
                for line in [f"  - {x}" for x in old if x not in new] + [f"  + {x}" for x in new if x not in old]:
                    print(line)
        if counts.get("wrong", 0) < 3:
            print(f"{task['id']}: only {counts.get('wrong', 0)} mutants give a wrong result")
    print(json.dumps(totals))


def emit(count, solutions_path, expected_path):
    solutions, expected = [], []
    for task in load():
        limit = 20 * reference_lines(task) + 5000
        solutions.append({"id": task["id"], "solution": task["solution"]})
        expected.append({"id": task["id"], "verdict": "accepted", "kind": "reference"})
        by_kind = {}
        for kind, source in mutants(task):
            by_kind.setdefault(kind, []).append(source)
        found = 0
        while found < count and by_kind:  # one mutant of each kind, then a second one of each, and so on
            for kind in list(by_kind):
                source = by_kind[kind].pop(0)
                if not by_kind[kind]:
                    del by_kind[kind]
                if found < count and run(source, task, limit)[0] == "wrong":
                    found += 1
                    solutions.append({"id": task["id"], "solution": source + "\n"})
                    expected.append({"id": task["id"], "verdict": "wrong_answer", "kind": kind})
        if found < count:
            sys.exit(f"{task['id']}: only {found} mutants give a wrong result, {count} are asked for")
    for path, records in ((solutions_path, solutions), (expected_path, expected)):
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(r) + "\n" for r in records)
    print(f"{len(solutions)} solutions")


def compare(expected_path, verdicts_path):
    with open(expected_path, encoding="utf-8") as f:
        expected = [json.loads(line) for line in f]
    with open(verdicts_path, encoding="utf-8") as f:
        verdicts = [json.loads(line) for line in f]
    bad = [f"{e['id']} ({e['kind']}): {v.get('verdict')}, not {e['verdict']}: {json.dumps(v)}"
           for e, v in zip(expected, verdicts) if (e["id"], e["verdict"]) != (v.get("id"), v.get("verdict"))]
    if len(expected) != len(verdicts):
        bad.append(f"{len(verdicts)} verdicts for {len(expected)} solutions")
    if bad:
        sys.exit("\n".join(bad))
    print(f"{len(verdicts)} verdicts are as expected")


def main():
    args = sys.argv[1:]
    signal.signal(signal.SIGVTALRM, out_of_time)
    memory = 4 << 30
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if args[:1] == ["report"]:
        report(args[1:])
    elif args[:1] == ["emit"] and len(args) == 4:
        emit(int(args[1]), args[2], args[3])
    elif args[:1] == ["compare"] and len(args) == 3:
        compare(args[1], args[2])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
