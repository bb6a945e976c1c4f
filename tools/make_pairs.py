#!/usr/bin/env python3
"""Writes data/pairs.jsonl from tools/pairs/*.py and checks it.

    make_pairs.py [--check]      --check only says whether data/pairs.jsonl is up to date (exit status 1 if not)

Checked: tasks exist and are not of the validation split (the policy is judged on those), texts hold no code blocks,
pairs differ, a problem is in one split only, and neither length nor single words give the answer away.
"""

import collections
import json
import pathlib
import re
import sys

import pairs

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "data" / "pairs.jsonl"


def records():
    with open(ROOT / "data" / "tasks.jsonl", encoding="utf-8") as f:
        tasks = {t["id"]: t for t in map(json.loads, f)}
    out, numbers = [], collections.Counter()
    for book in pairs.all_books():
        for task, dimension, kind, chosen, rejected in book.pairs:
            if task in tasks:
                assert tasks[task]["split"] == "train", f"{task} is a validation task"
            prompt = tasks[task]["prompt"] if task in tasks else book.problems[task]
            numbers[task] += 1
            out.append({"id": f"{task}/{numbers[task]}", "prompt": prompt, "chosen": chosen, "rejected": rejected,
                        "task": task, "dimension": dimension, "type": kind, "split": book.split})
    return out


def longer_wins(some):
    """Accuracy of the rule "the longer text is the chosen one"."""
    return sum(len(r["chosen"]) > len(r["rejected"]) for r in some) / len(some)


def words(text):
    return set(re.findall(r"[a-z]+", text.lower()))


def one_word_rules(some):
    """For each word the pairs in which only the chosen or only the rejected text has it: {word: [chosen, rejected]}."""
    counts = collections.defaultdict(lambda: [0, 0])
    for r in some:
        a, b = words(r["chosen"]), words(r["rejected"])
        for w in a - b:
            counts[w][0] += 1
        for w in b - a:
            counts[w][1] += 1
    return counts


def check(rs):
    seen, split_of = set(), {}
    for r in rs:
        assert r["chosen"] != r["rejected"], r["id"]
        assert (r["chosen"], r["rejected"]) not in seen, f"{r['id']} is there twice"
        seen.add((r["chosen"], r["rejected"]))
        assert split_of.setdefault(r["prompt"], r["split"]) == r["split"], f"{r['task']} is in two splits"
        for text in (r["chosen"], r["rejected"]):
            assert "```" not in text and "<" + "think" not in text, f"{r['id']} holds a code block or a tag"
            assert 100 <= len(text) <= 2000, f"{r['id']}: a text of {len(text)} characters"
    assert len(rs) >= 120, f"only {len(rs)} pairs"
    for split, least in (("train", 90), ("validation", 30)):
        some = [r for r in rs if r["split"] == split]
        assert len(some) >= least, f"only {len(some)} pairs of the {split} split"
        assert 0.4 <= longer_wins(some) <= 0.6, f"{split}: the longer text wins in {longer_wins(some):.0%}"
        for key, values in (("dimension", pairs.DIMENSIONS), ("type", pairs.TYPES)):
            for value in values:
                part = [r for r in some if r[key] == value]
                assert len(part) >= len(some) / 8, f"{split}: only {len(part)} pairs of {value}"
                assert 0.3 <= longer_wins(part) <= 0.7, f"{split}, {value}: the longer text wins in {longer_wins(part):.0%}"
    for word, (a, b) in one_word_rules(rs).items():
        # a word of many pairs must not stand on one side only: at most 4 of 5 (and 20 pairs are needed to say so)
        assert a + b < 20 or 0.2 <= a / (a + b) <= 0.8, f'"{word}" is only in the chosen text {a}, only in the rejected {b} times'


def main():
    rs = records()
    check(rs)
    text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rs)
    if sys.argv[1:] == ["--check"]:
        if not OUT.exists() or OUT.read_text(encoding="utf-8") != text:
            sys.exit(f"{OUT} is out of date: run tools/make_pairs.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUT.write_text(text, encoding="utf-8")
    print(f"{len(rs)} pairs, the longer text is the chosen one in {longer_wins(rs):.0%}")


if __name__ == "__main__":
    main()
