#!/usr/bin/env python3
"""How much of its task a model's reasoning repeats, from the completions of training runs.

    echo_share.py RUN... [--steps 10]

A line for each run and each block of steps: reasonings, their mean length in words, the mean share of their word trigrams that stand in the
task's text, and the share of reasonings in which 80 % or more do."""
import argparse
import glob
import json
import os
import re

p = argparse.ArgumentParser()
p.add_argument("run", nargs="+")
p.add_argument("--steps", type=int, default=10)
a = p.parse_args()


def trigrams(text):
    words = re.findall(r"\w+", text.lower())
    return [tuple(words[i : i + 3]) for i in range(len(words) - 2)], len(words)


for run in a.run:
    blocks = {}
    for path in sorted(glob.glob(os.path.join(run, "completions", "step-*.jsonl"))):
        for line in open(path, encoding="utf-8"):
            row = json.loads(line)
            thought = re.search(r"<think>(.*?)</think>", row["completion"], re.S)
            if not thought:
                continue
            grams, n_words = trigrams(thought.group(1))
            if not grams:
                continue
            task = set(trigrams(row["prompt"])[0])
            blocks.setdefault((row["step"] - 1) // a.steps, []).append((n_words, sum(g in task for g in grams) / len(grams)))
    for b, rows in sorted(blocks.items()):
        n = len(rows)
        print(f"{run} steps {b * a.steps + 1}-{(b + 1) * a.steps}: {n} reasonings, {sum(r[0] for r in rows) / n:.1f} words, "
              f"share of the task's words {sum(r[1] for r in rows) / n:.2f}, mostly the task {sum(r[1] >= 0.8 for r in rows) / n:.2f}")
