# What EvalPlus' `sanitize` leaves of an answer, written over Python's own parser. Nothing of the answer is run: it is
# text on standard input, after a line with the name that the tests call (empty: keep every definition).
#
# First the longest piece of whole lines that parses, by lines that are not blank; of equals the one that begins, then
# ends, first. Of it the imports, then the top-level definitions that the name needs, by the names that occur in them:
# classes, functions that contain a return, assignments; of each name the first. Decorated definitions go, as
# there. If nothing is left, the piece itself is the result.
import ast
import sys


def parses(text):
    try:
        ast.parse(text)
        return True
    except (SyntaxError, MemoryError, ValueError):
        return False


def longest_piece(text):
    lines = text.split("\n")
    before = [0]
    for line in lines:
        before.append(before[-1] + bool(line.strip()))
    pieces = [(before[i] - before[j + 1], i, j) for i in range(len(lines)) for j in range(i + 1, len(lines))]
    for count, i, j in sorted(pieces):
        if count < 0 and parses("\n".join(lines[i : j + 1])):
            return "\n".join(lines[i : j + 1])
    return lines[0]


def names_in(node):
    found = set()
    for x in ast.walk(node):
        for value in (getattr(x, key, None) for key in ("id", "attr", "arg", "name", "asname", "module", "rest")):
            if isinstance(value, str):
                found.update(value.split("."))
        if isinstance(x, (ast.Global, ast.Nonlocal)):
            found.update(x.names)
        elif isinstance(x, ast.MatchClass):
            found.update(x.kwd_attrs)
    return found


# EvalPlus takes the first plain name among target, type and value, one after the other.
def assigned_name(node):
    parts = [node.target, node.annotation, node.value] if isinstance(node, ast.AnnAssign) else [node.targets[0]]
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        parts.append(node.value)
    return next((p.id for p in parts if isinstance(p, ast.Name)), None)


def definition_name(node):
    if isinstance(node, ast.ClassDef):
        return None if node.decorator_list else node.name
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        plain = not node.decorator_list and any(isinstance(x, ast.Return) for x in ast.walk(node))
        return node.name if plain else None
    return assigned_name(node)


def sanitize(text, entry_point):
    piece = longest_piece(text)
    body = ast.parse(piece).body if parses(piece) else []
    imports, definitions = [], {}
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            continue
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.append(node)
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Assign, ast.AnnAssign)):
            name = definition_name(node)
            unnamed = name is None and isinstance(node, (ast.Assign, ast.AnnAssign))
            if name is not None or unnamed:
                definitions.setdefault(name, node)
    wanted = {entry_point} if entry_point else set(definitions)
    queue = list(wanted)
    while queue:
        node = definitions.get(queue.pop())
        new = names_in(node) - wanted if node else set()
        wanted |= new
        queue += new
    kept = imports + [node for name, node in definitions.items() if name in wanted]
    return "\n".join(ast.get_source_segment(piece, node) for node in kept).strip() or piece


entry_point, _, text = sys.stdin.buffer.read().decode("utf-8").partition("\n")
sys.stdout.buffer.write(sanitize(text, entry_point).encode("utf-8"))
