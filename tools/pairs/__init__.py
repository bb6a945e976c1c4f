"""How a built-in reasoning pair is written, and how the modules of this package become records.

One module belongs to one split; it makes a Book and calls

    book.quartet("topic/task", "logical_rigor", optimized=..., degraded=..., base=..., base_degraded=...)
    book.pair("topic/task", "logical_rigor", "optimized>degraded", chosen=..., rejected=...)

with the id of a task of data/tasks.jsonl (its statement is the prompt) or of a problem made by

    book.problem("extra/name", signature, statement, examples...)

The texts are reasoning in plain words, without code blocks, as it stands between <think> and </think>. A quartet has
two ways of reasoning about one problem, `optimized` and the plainer `base`, each with a degraded copy that keeps its
style. It makes four pairs, in which either style wins and loses, so that style does not tell which text is better.
"""

import importlib
import pkgutil
import re
import textwrap

DIMENSIONS = ("factual_accuracy", "logical_rigor", "logical_coherence")
TYPES = ("optimized>degraded", "optimized>base", "base>degraded")


def tidy(text):
    """Paragraphs without indentation and line breaks, separated by one blank line each."""
    paragraphs = re.split(r"\n\s*\n", textwrap.dedent(text).strip())
    return "\n\n".join(" ".join(p.split()) for p in paragraphs)


class Book:
    def __init__(self, split):
        self.split, self.pairs, self.problems = split, [], {}

    def problem(self, name, signature, statement, *examples):
        lines = "\n".join(examples)
        self.problems[name] = f"Write a Python function `{signature}`.\n\n{tidy(statement)}\n\nExamples:\n{lines}\n"

    def pair(self, task, dimension, kind, chosen, rejected):
        assert dimension in DIMENSIONS and kind in TYPES, (task, dimension, kind)
        self.pairs.append((task, dimension, kind, tidy(chosen), tidy(rejected)))

    def quartet(self, task, dimension, optimized, degraded, base, base_degraded):
        self.pair(task, dimension, "optimized>degraded", optimized, degraded)
        self.pair(task, dimension, "optimized>base", optimized, base)
        self.pair(task, dimension, "base>degraded", base, base_degraded)
        self.pair(task, dimension, "base>degraded", base, degraded)


def all_books():
    return [importlib.import_module(f"{__name__}.{info.name}").book for info in pkgutil.iter_modules(__path__)]
