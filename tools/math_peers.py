"""Other graders of math answers, for tools/compare_math.py: each is equal(gold, given) -> bool.

math_verify: the package, called as its documentation says (gold first, both as $...$).
qwen: the rules of Qwen2.5-Math's evaluation, written anew from its published behaviour, because it is no package. What is the
same: normalisation of both strings, numbers within a relative 1e-4 (also of a hundredth and of a hundredfold), brackets left
aside, element-wise tuples and matrices, one-sided "x =", and SymPy's equality of the parsed strings. What differs: the third
of its three parsers, latex2sympy2, needs an older antlr and is replaced by latex2sympy2_extended; of its list of 120 unit
words only those that can stand in the answers of the three data sets are here."""
import math
import re
import signal

UNITS = ("degree degrees east west mph ft feet deg mile miles inch inches lb lbs per way men percent hr hour hours square sq cubic cu "
         "number day days minute minutes min second seconds sec unit units kg g m cm mm km month months year years liter liters "
         "yard yards meter meters prime ratio gallon gallons o t a h s d l c").split()


class Late(Exception):
    pass


def limited(seconds, f, *args):
    def ring(*_):
        raise Late()
    old = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return f(*args)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def math_verify(gold, given):
    from math_verify import parse, verify
    try:
        return bool(verify(parse(f"${gold}$"), parse(f"${given}$")))
    except Exception:
        return False


# ---------------------------------------------------------------------------------------------- Qwen2.5-Math's rules
def braces_for(command, s):
    """\\frac12 and \\frac1{72} with both arguments in braces."""
    parts = s.split(command)
    out = [parts[0]]
    for p in parts[1:]:
        if p[:1] != "{":
            if len(p) < 2:
                return s
            p = "{" + p[0] + "}" + (p[1:] if p[1] == "{" else "{" + p[1] + "}" + p[2:])
        out.append(p)
    return command.join(out)


def normalise(s, skip_unit):
    from word2number import w2n
    s = s.strip().replace("\n", "").rstrip(".").replace("\\!", "")
    s = re.sub(r"\\begin\{array\}\{.*?\}", r"\\begin{pmatrix}", s)
    s = s.replace("\\end{array}", "\\end{pmatrix}").replace("bmatrix", "pmatrix")
    for a, b in (("tfrac", "frac"), ("dfrac", "frac"), ("\\neq", "\\ne"), ("\\leq", "\\le"), ("\\geq", "\\ge"), ("\\left", ""),
                 ("\\right", ""), ("\\{", "{"), ("\\}", "}")):
        s = s.replace(a, b)
    bare = re.sub(r"\\text{.*?}$", "", s).strip()
    s = bare or s
    if not skip_unit:
        for _ in range(2):
            for u in UNITS:
                s = re.sub(r"(^|\W)" + u + r"($|\W)", r"\1\2", s) or s
    for a in ("^{\\circ}", "^\\circ", "\\$", "$", "\\(", "\\)"):
        s = s.replace(a, "")
    try:
        s = str(w2n.word_to_num(s))
    except ValueError:
        pass
    s = re.sub(r"\\text\{(.*?)\}", r"\1", s)
    for a in ("x=", "y=", "z=", "x\\in", "y\\in", "z\\in", "x\\to", "y\\to", "z\\to"):
        s = s.replace(a, "")
    s = s.replace("\\emptyset", "{}").replace("(-\\infty,\\infty)", "\\mathbb{R}").replace("\\%", "").replace("%", "")
    s = s.replace(" .", " 0.").replace("{.", "{0.").replace("infinity", "\\infty")
    if "\\infty" not in s:
        s = s.replace("inf", "\\infty")
    s = s.replace("and", "").replace("\\mathbf", "")
    s = re.sub(r"\\mbox{.*?}", "", s)
    if "j" in s and "i" not in s:
        s = s.replace("j", "i")
    s = re.sub(r"(\d+)\.0*([^\d])", r"\1\2", s)
    s = re.sub(r"(\d+)\.0*$", r"\1", s)
    if not s:
        return s
    s = "0" + s if s[0] == "." else s
    sides = s.split("=")
    if len(sides) == 2 and len(sides[0]) <= 2:
        s = sides[1]
    s = braces_for("\\frac", re.sub(r"\\sqrt(\w+)", r"\\sqrt{\1}", s).replace(" ", ""))
    m = re.fullmatch(r"(-?\d+)/(-?\d+)", s)
    return "\\frac{%s}{%s}" % m.groups() if m else s


def number(s):
    s = s.replace(",", "")
    try:
        return float(s)
    except ValueError:
        pass
    try:
        return float(s.rstrip("%").rstrip("\\")) / 100 if s.endswith("%") else None
    except ValueError:
        return None


def parsed(s):
    from latex2sympy2_extended import latex2sympy
    from sympy.parsing.latex import parse_latex
    from sympy.parsing.sympy_parser import parse_expr
    for f in (parse_latex, parse_expr, latex2sympy):
        for text in (s.replace("\\\\", "\\"), s):
            try:
                return f(text)
            except Late:
                raise
            except Exception:
                pass
    return s


def symbolic(x, y):
    from sympy import N, simplify
    x, y = parsed(x), parsed(y)
    tests = (lambda: str(x) == str(y) or x == y,
             lambda: x.equals(y) or simplify(x - y) == 0,
             lambda: abs(x.lhs - x.rhs).equals(abs(y.lhs - y.rhs)),
             lambda: math.isclose(float(N(y)), float(N(x)), rel_tol=1e-4),
             lambda: x.shape == y.shape and x.applyfunc(lambda v: round(v, 3)).equals(y.applyfunc(lambda v: round(v, 3))))
    for t in tests:
        try:
            if t():
                return True
        except Late:
            raise
        except Exception:
            pass
    return False


def qwen_equal(given, gold):
    if given.strip().lower() == gold.strip().lower():
        return True
    if gold in list("ABCDE"):
        letters = re.findall(r"\b(A|B|C|D|E)\b", given.upper())
        if letters and letters[-1] == gold:
            return True
    x, y = number(given), number(gold)
    if x is not None and y is not None:
        if any(math.isclose(v, x, rel_tol=1e-4) for v in (y / 100, y, y * 100)):
            return True
    if not given:
        return False
    given, gold = given.strip(), gold.strip()
    a, b = given, gold
    if (a[:1] == "[" and a[-1:] == "]" and not (b[:1] == "(" and b[-1:] == ")")) or \
       (a[:1] == "(" and a[-1:] == ")" and not (b[:1] == "[" and b[-1:] == "]")):
        a, b = a.strip("[]()"), b.strip("[]()")
    drop = str.maketrans("", "", "{}()")
    if a.translate(drop).lower() == b.translate(drop).lower():
        return True
    if all(re.match(r"(\(|\[).+(\)|\])", v) for v in (given, gold)):
        p, q = given[1:-1].split(","), gold[1:-1].split(",")
        return len(p) == len(q) and all(map(qwen_equal, p, q))
    matrix = re.compile(r"\\begin\{pmatrix\}(.*)\\end\{pmatrix\}", re.S)
    m, k = matrix.fullmatch(given), matrix.fullmatch(gold)
    if m and k:
        p, q = ([r.split("&") for r in v.group(1).split("\\\\") if r.strip()] for v in (m, k))
        return [len(r) for r in p] == [len(r) for r in q] and all(qwen_equal(u, v) for r, s in zip(p, q) for u, v in zip(r, s))
    if given.count("=") == 1 and gold.count("=") == 1:
        d, e = ("%s - (%s)" % tuple(v.strip() for v in w.split("=")) for w in (given, gold))
        return symbolic(d, e) or symbolic(f"-({d})", e)
    for one, other, swap in ((given, gold, False), (gold, given, True)):
        if one.count("=") == 1 and len(one.split("=")[0].strip()) <= 2 and "=" not in other:
            right = one.split("=")[1]
            return qwen_equal(other, right) if swap else qwen_equal(right, other)
    return symbolic(given, gold)


def qwen(gold, given, skip_unit=False):
    try:
        return limited(3, lambda: qwen_equal(normalise(given, skip_unit), normalise(gold, skip_unit)))
    except Late:
        return False
    except Exception:
        return False
