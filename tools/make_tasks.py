#!/usr/bin/env python3
"""Writes data/tasks.jsonl from tools/tasks/*.py: runs each reference solution on its calls and records the results.

    make_tasks.py [--check]      --check only says whether data/tasks.jsonl is up to date (exit status 1 if not)

The form of a record is in docs/data.md.
"""

import json
import pathlib
import sys

import tasks

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "data" / "tasks.jsonl"
MIN_CALLS = 6


def typed(value):
    """A Python value as typed JSON: tuples and sets are tagged, dictionaries have string keys, integers fit 64 bits."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        assert -2**63 <= value < 2**63, f"{value} does not fit 64 bits"
        return value
    if isinstance(value, float):
        assert value == value and abs(value) != float("inf"), f"{value} is no JSON number"
        return value
    if isinstance(value, list):
        return [typed(v) for v in value]
    if isinstance(value, tuple):
        return {"__tuple__": [typed(v) for v in value]}
    if isinstance(value, set):
        return {"__set__": [typed(v) for v in sorted(value, key=lambda v: (str(type(v)), v))]}
    if isinstance(value, dict):
        assert all(isinstance(k, str) and not k.startswith("__") for k in value), f"keys of {value}"
        return {k: typed(v) for k, v in value.items()}
    raise AssertionError(f"{value!r} of {type(value)} cannot be written")


def record(task):
    calls = []
    for c in task.calls:
        entry = {"args": [typed(a) for a in c.args]}
        if c.kwargs:
            entry["kwargs"] = {k: typed(v) for k, v in c.kwargs.items()}
        assert entry not in [{k: v for k, v in e.items() if k != "expected"} for e in calls], f"{c.text(task.name)} twice"
        entry["expected"] = typed(task.result(c))
        calls.append(entry)
    assert len(calls) >= MIN_CALLS, f"only {len(calls)} calls"
    assert len({json.dumps(c["expected"]) for c in calls}) >= 2, "all results are equal"
    return {
        "id": task.id,
        "topic": task.topic.name,
        "split": task.topic.split,
        "difficulty": task.difficulty,
        "prompt": task.prompt(),
        "entry_point": task.name,
        "solution": task.solution,
        "calls": calls,
    }


def main():
    lines, names = [], set()
    for topic in tasks.all_topics():
        for task in topic.tasks:
            try:
                assert task.name not in names, "the name is taken"
                names.add(task.name)
                lines.append(json.dumps(record(task), ensure_ascii=False) + "\n")
            except Exception as e:
                sys.exit(f"{task.id}: {type(e).__name__}: {e}")
    text = "".join(lines)
    if sys.argv[1:] == ["--check"]:
        if not OUT.exists() or OUT.read_text(encoding="utf-8") != text:
            sys.exit(f"{OUT} is out of date: run tools/make_tasks.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUT.write_text(text, encoding="utf-8")
    print(f"{len(lines)} tasks")


if __name__ == "__main__":
    main()
