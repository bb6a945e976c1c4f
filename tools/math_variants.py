"""Answers made from a right answer, for tools/compare_math.py: equal(answer) and different(answer) yield (how, text) pairs that
are equal to it, or different from it, by construction."""
import random
import re
from fractions import Fraction

INT = re.compile(r"-?\d+")
FRAC = re.compile(r"\\(?:d|t)?frac\{(\d+)\}\{(\d+)\}")
PLAIN = re.compile(r"-?\d*\.\d+|-?\d+")


def top_split(s, seps):
    """Cuts at separators outside of all brackets; returns parts and the separators between."""
    parts, between, depth, start = [], [], 0, 0
    for i, c in enumerate(s):
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif depth == 0 and c in seps and i > 0:
            parts.append(s[start:i])
            between.append(c)
            start = i + 1
    return parts + [s[start:]], between


def is_polynomial(s):
    return not re.search(r"\de-?\d", s) and re.fullmatch(r"[a-z0-9+\-^ {}]+", s) and re.search(r"[a-z]", s) and not re.search(r"[a-z]{2}", s) and "_" not in s


def equal(a):
    yield "spaced", "  " + re.sub(r"(?<=[,+=])", " ", a) + " "
    yield "in dollars", f"${a}$" if "$" not in a else a
    if "\\frac" in a:
        yield "dfrac", a.replace("\\frac", "\\dfrac")
        if not re.search(r"\d *\\frac", a):  # a mixed number
            yield "frac as slash", FRAC.sub(lambda m: f"({m[1]}/{m[2]})", a)
        yield "frac times 3", FRAC.sub(lambda m: "\\frac{%d}{%d}" % (3 * int(m[1]), 3 * int(m[2])), a)
    if a.startswith("(") or a.startswith("["):
        yield "left right", "\\left" + a[:-1] + "\\right" + a[-1]
    if INT.fullmatch(a):
        n = int(a)
        yield "as a quotient", "\\frac{%d}{7}" % (7 * n)
        yield "as a sum", f"{n - 3}+3"
        yield "as a decimal", f"{n}.0"
        yield "named", f"x = {n}"
        yield "with a unit", f"{n} \\text{{ cm}}"
        if abs(n) >= 1000:
            yield "thousands", f"{n:,}"
        yield "scientific", f"{Fraction(n, 10)} \\times 10" if n % 10 == 0 else f"{n / 10} \\times 10"
    elif re.fullmatch(r"-?\d*\.\d+", a):
        f = Fraction(a)
        yield "as a fraction", "%s\\frac{%d}{%d}" % ("-" if f < 0 else "", abs(f.numerator), f.denominator)
        yield "more digits", a + "0"
        yield "named", f"y = {a}"
        yield "with a unit", a + " \\text{ m}"
    m = re.fullmatch(r"(-?[\d.]+)e(-?\d+)", a)
    if m:
        yield "times ten to the", f"{m[1]} \\times 10^{{{m[2]}}}"
        yield "with units", f"{m[1]} \\times 10^{{{m[2]}}} \\mathrm{{~erg}} / \\mathrm{{s}}"
        yield "other exponent", f"{float(m[1]) * 10:.10g}e{int(m[2]) - 1}"
    m = re.fullmatch(r"\\frac\{(\d+)\}\{(\d+)\}", a)
    if m:
        p, q = int(m[1]), int(m[2])
        yield "rounded to 8 digits", f"{p / q:.8g}"
        yield "over", f"{p} \\div {q}"
        if p > q and p % q:
            yield "mixed", f"{p // q}\\frac{{{p % q}}}{{{q}}}"
    if a.endswith("^\\circ"):
        yield "degrees dropped", a[:-6]
        yield "degrees in words", a[:-6] + " \\text{ degrees}"
    if re.search(r"\\sqrt\{\d+\}", a):
        yield "power of a half", re.sub(r"\\sqrt\{(\d+)\}", r"(\1)^{1/2}", a)
        yield "root times 4", re.sub(r"\\sqrt\{(\d+)\}", lambda m: "\\frac{\\sqrt{%d}}{2}" % (4 * int(m[1])), a)
    if "\\pm" in a and "," not in a:
        yield "both signs", a.replace("\\pm", "+") + ", " + a.replace("\\pm", "-")
    if "pmatrix" in a:
        yield "bmatrix", a.replace("pmatrix", "bmatrix")
        if "&" not in a:
            yield "vector", "(" + a.replace("\\begin{pmatrix}", "").replace("\\end{pmatrix}", "").replace("\\\\", ",") + ")"
    m = re.fullmatch(r"\\text\{(.*)\}", a)
    if m:
        yield "plain text", m[1]
        yield "textbf", f"\\textbf{{{m[1]}}}"
    m = re.fullmatch(r"(?:x \\in )?([(\[])(.*),(.*)([)\]])", a)
    if m and (m[1] + m[4] in ("(]", "[)", "[]") and "," not in m[2] or "infty" in a) and "cup" not in a:
        low = "" if "infty" in m[2] else m[2] + (" < " if m[1] == "(" else " \\le ")
        high = "" if "infty" in m[3] else (" < " if m[4] == ")" else " \\le ") + m[3]
        yield "as an inequality", low + "x" + high
        yield "element of", "x \\in " + a.replace("x \\in ", "")
    if "\\cup" in a:
        yield "union turned", " \\cup ".join(reversed([x.strip() for x in a.split("\\cup")]))
    parts, between = top_split(a, ",")
    if between and not re.search(r"\d,\\!", a) and not re.fullmatch(r"\d+(,\d{3})+", a):
        yield "list turned", ", ".join(reversed([x.strip() for x in parts]))
        yield "as a set", "\\{" + a + "\\}"
    if is_polynomial(a):
        parts, between = top_split(a, "+-")
        if between:
            signs = [""] + between
            terms = [(signs[i] or "+") + parts[i].strip() for i in range(len(parts))]
            if not parts[0].strip().startswith("-"):
                yield "terms turned", " ".join(reversed(terms)).lstrip("+")
                yield "terms doubled", "\\frac{1}{2}(2(" + a + "))"
    if a.count("=") == 1 and "d" not in a and "\\" not in a:
        l, r = a.split("=")
        yield "sides turned", f"{r.strip()} = {l.strip()}"
        yield "doubled", f"2({l.strip()}) = 2({r.strip()})"
        yield "moved over", f"{l.strip()} - ({r.strip()}) = 0"


def different(a, rng):
    """a with a mistake."""
    numbers = [m for m in re.finditer(r"\d+", a.replace("\\!", "")) if not re.search(r"begin\{array\}", a)]
    base = a.replace("\\!", "")
    if re.search(r"frac *\d\d", a) or re.search(r"\d\.\d{3}|\.\d{4}", a):
        numbers = []  # a digit more would be another number than it seems, or less than the tolerance
    if numbers:
        m = rng.choice(numbers)
        v = int(m[0])
        yield "a number plus 1", base[:m.start()] + str(v + 1) + base[m.end():]
        m = rng.choice(numbers)
        if int(m[0]) > 1:
            yield "a number times 2", base[:m.start()] + str(2 * int(m[0])) + base[m.end():]
    if PLAIN.fullmatch(a) and float(a):
        yield "sign", a[1:] if a[0] == "-" else "-" + a
        yield "hundredfold", f"{float(a) * 100:.12g}"
        yield "off by 1 %", f"{float(a) * 1.01:.12g}"
    if re.fullmatch(r"\\frac\{(\d+)\}\{(\d+)\}", a):
        m = FRAC.fullmatch(a)
        if m[1] != m[2]:
            yield "turned over", "\\frac{%s}{%s}" % (m[2], m[1])
        yield "rounded to 2 digits", f"{float('%.1e' % (int(m[1]) / int(m[2]))):g}" if abs(
            float("%.1e" % (int(m[1]) / int(m[2]))) - int(m[1]) / int(m[2])) > 1e-3 * int(m[1]) / int(m[2]) else "0"
    for x, y in (("\\sin", "\\cos"), ("\\cos", "\\sin"), ("\\pi", "\\pi^2"), ("\\sqrt{", "2\\sqrt{"), ("e^{-", "e^{"), ("\\pm", "+")):
        if x in a and "/" not in a:
            yield f"{x} as {y}", a.replace(x, y, 1)
    m = re.fullmatch(r"([(\[])(.*),(.*)([)\]])", a)
    if m and "cup" not in a and a.count(",") == 1:
        yield "an end", ("[" if m[1] == "(" else "(") + a[1:] if "infty" not in m[2] else a[:-1] + ("]" if m[4] == ")" else ")")
        if "," not in m[2] and m[2].strip() != m[3].strip():
            yield "swapped", f"{m[1]}{m[3]},{m[2]}{m[4]}"
    m = re.fullmatch(r"\\text\{(.*)\}", a)
    if m:
        yield "another text", "\\text{%s}" % {"east": "west", "even": "odd", "(C)": "(D)", "(E)": "(A)", "(B)": "(A)"}.get(m[1], "neither")
    if re.search(r"[a-z]", re.sub(r"\\[a-z]+", "", a)) and "=" not in a and not m and "\\in" not in a and not re.search(r"\de-?\d", a):
        yield "plus 1", a + " + 1"
        yield "times 3", f"3({a})"
    if a.count("=") == 1:
        yield "right side plus 1", a + " + 1"
    parts, between = top_split(a, ",")
    if between and not re.search(r"\d,\\!", a) and not re.fullmatch(r"\d+(,\d{3})+", a):
        yield "item left out", ",".join(parts[:-1])
