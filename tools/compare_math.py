#!/usr/bin/env python3
"""Compares our verdicts on math answers with Math-Verify's and with the rules of Qwen2.5-Math's grader (math_peers.py).

    compare_math.py DATA.jsonl... [--jobs N] [--max N] [--show N] [--out FILE.jsonl]

Each record's "answer" is paired with itself, with rewritings that are equal by construction and with mistakes that are different
by construction (math_variants.py). Prints, per file and kind of pair, how each grader judged, and lists the pairs in which two
graders disagree or one is wrong. Exit code 1 if a verdict of ours is wrong (equal for a mistake, different for a rewriting).

Needs math-verify, antlr4-python3-runtime 4.11, word2number, and a C compiler (src/math is built into a temporary library)."""
import argparse
import collections
import ctypes
import json
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import math_peers
import math_variants

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAMES = ["equal", "different", "undecided"]


class Rules(ctypes.Structure):
    _fields_ = [("rel_tol", ctypes.c_double), ("qwen", ctypes.c_bool)]


class Result(ctypes.Structure):
    _fields_ = [("verdict", ctypes.c_int), ("reason", ctypes.c_char * 160)]


def build(folder):
    lib = pathlib.Path(folder) / "math.so"
    sources = sorted((ROOT / "src/math").glob("*.c")) + [ROOT / "src/base/mem.c", ROOT / "src/base/err.c"]
    subprocess.run([os.environ.get("CC", "cc"), "-std=c17", "-O2", "-shared", "-fPIC", "-ffp-contract=off", "-D_POSIX_C_SOURCE=200809L",
                    f"-I{ROOT}/src", *map(str, sources), "-lm", "-lpthread", "-o", str(lib)], check=True)
    return str(lib)


def ours(lib, rules, gold, given):
    g, h, r = gold.encode(), given.encode(), Result()
    if lib.pgr_math_equal(g, ctypes.c_size_t(len(g)), h, ctypes.c_size_t(len(h)), ctypes.byref(rules), ctypes.byref(r)) != 0:
        raise MemoryError
    return NAMES[r.verdict], r.reason.decode()


LIB = None


def start(path):
    global LIB
    LIB = ctypes.CDLL(path)
    import logging
    import warnings
    logging.disable(logging.ERROR)
    warnings.simplefilter("ignore")


def judge(pair):
    name, gold, how, given, truth = pair
    default, why = ours(LIB, Rules(1e-4, False), gold, given)
    loose, _ = ours(LIB, Rules(1e-4, True), gold, given)
    verify = math_peers.math_verify(gold, given)
    rules = math_peers.qwen(gold, given, name == "minerva_math")
    return dict(file=name, gold=gold, how=how, given=given, truth=truth, ours=default, why=why, ours_qwen=loose,
                math_verify="equal" if verify else "different", qwen="equal" if rules else "different")


def pairs(path, limit):
    rng = random.Random(6)
    name = pathlib.Path(path).stem
    seen = set()
    for line in list(open(path))[:limit]:
        gold = json.loads(line)["answer"].strip()
        if gold in seen:
            continue
        seen.add(gold)
        yield name, gold, "itself", gold, "equal"
        for how, text in math_variants.equal(gold):
            yield name, gold, how, text, "equal"
        for how, text in math_variants.different(gold, rng):
            if text != gold:
                yield name, gold, how, text, "different"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("data", nargs="+")
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--max", type=int, default=10**9)
    p.add_argument("--show", type=int, default=40, help="disagreements listed per class")
    p.add_argument("--out", help="all verdicts, a JSON line each")
    a = p.parse_args()
    todo = [x for f in a.data for x in pairs(f, a.max)]
    with tempfile.TemporaryDirectory() as folder:
        lib = build(folder)
        with multiprocessing.Pool(a.jobs, start, (lib,)) as pool:
            rows = list(pool.imap(judge, todo, chunksize=16))
    if a.out:
        with open(a.out, "w") as f:
            f.writelines(json.dumps(r) + "\n" for r in rows)
    graders = ["ours", "ours_qwen", "math_verify", "qwen"]
    print(f"{'file':14} {'truth':10} {'pairs':>6}  " + "  ".join(f"{g + ': eq/diff/und':>26}" for g in graders))
    for name in dict.fromkeys(r["file"] for r in rows):
        for truth in ("equal", "different"):
            part = [r for r in rows if r["file"] == name and r["truth"] == truth]
            counts = [collections.Counter(r[g] for r in part) for g in graders]
            print(f"{name:14} {truth:10} {len(part):6}  " + "  ".join(f"{'/'.join(str(c[n]) for n in NAMES):>26}" for c in counts))
    for title, one, other in (("ours and Math-Verify", "ours", "math_verify"), ("ours (qwen rules) and Qwen2.5-Math's rules", "ours_qwen", "qwen")):
        print(f"\n{title}: rows ours, columns theirs")
        table = collections.Counter((r[one], r[other]) for r in rows)
        for n in NAMES:
            print(f"  {n:10} equal {table[n, 'equal']:6}   different {table[n, 'different']:6}")
        shown = collections.Counter()
        for r in rows:
            if r[one] == r[other]:
                continue
            key = (r[one], r[other], r["how"])
            shown[key] += 1
            if shown[key] <= a.show:
                print(f"    {one} {r[one]}, {other} {r[other]}, truth {r['truth']}: {r['gold']!r} / {r['given']!r} ({r['how']}; {r['why']})")
    wrong = [r for r in rows if r["ours"] != "undecided" and r["ours"] != r["truth"]]
    print(f"\nours wrong: {len(wrong)} of {len(rows)}; undecided: {sum(r['ours'] == 'undecided' for r in rows)}")
    for r in wrong:
        print(f"    {r['ours']}, truth {r['truth']}: {r['gold']!r} / {r['given']!r} ({r['how']}; {r['why']})")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
