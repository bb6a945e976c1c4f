from . import Topic

task = Topic("parsing", split="train")


@task("easy", "3,5,-2", "", "7", "0,0", "10,20,30,40", "-1,-2")
def sum_of_csv(text: str) -> int:
    """`text` holds whole numbers separated by commas, without spaces. Return their sum; the empty string gives 0."""
    return sum(int(p) for p in text.split(",")) if text else 0


@task("easy", "name=Ann", "a=", "=b", "x=1=2", "none", "", "path=/usr/bin")
def split_pair(text: str) -> list[str]:
    """Split `text` at its first equals sign and return the two parts as a list. If there is no equals sign, the
    second part is the empty string."""
    key, _, value = text.partition("=")
    return [key, value]


@task("easy", "a1b22c", "", "42", "no digits", "0-0-7", "x9y", "1 2 3")
def digits_as_number(text: str) -> int:
    """Take all digits 0 to 9 of `text` in order and return the number that they form together. Without any digit
    the result is 0."""
    ds = "".join(c for c in text if c in "0123456789")
    return int(ds) if ds else 0


@task("easy", "report.txt", "archive.tar.gz", "README", ".hidden", "a.", "x.y", "")
def file_extension(name: str) -> str:
    """Return the part of the file name after its last dot. Return the empty string if there is no dot or if the
    only dot is the first character."""
    i = name.rfind(".")
    return name[i + 1:] if i > 0 else ""


@task("medium", "a=1;b=2", "", "x=-5", "k=1;k=2", "a=0;b=0;c=0", "one=1;two=22;three=333")
def parse_settings(text: str) -> dict[str, int]:
    """`text` holds settings `name=number` separated by semicolons. Return them as a dictionary from name to
    integer. If a name occurs more than once, the last number counts. The empty string gives the empty dictionary."""
    out = {}
    for part in text.split(";"):
        if part:
            name, number = part.split("=")
            out[name] = int(number)
    return out


@task("medium", "1h30m", "45s", "2h", "", "1h1m1s", "90m", "10h0m5s", "59m59s")
def duration_seconds(text: str) -> int:
    """`text` is a duration such as `1h30m`: whole numbers, each followed by h for hours, m for minutes or s for
    seconds. Return the duration in seconds. The empty string means 0."""
    total = number = 0
    for c in text:
        if c.isdigit():
            number = number * 10 + int(c)
        else:
            total += number * {"h": 3600, "m": 60, "s": 1}[c]
            number = 0
    return total


@task("medium", "1-3,7", "", "5", "2-2", "10-12,1-2", "4,4,3-5", "8-9,20,1")
def expand_ranges(text: str) -> list[int]:
    """`text` lists page numbers separated by commas; a part `a-b` with a <= b stands for all pages from a to b.
    Return the pages in the order in which they are listed, repetitions included. The empty string gives the empty
    list."""
    out = []
    for part in text.split(","):
        if "-" in part:
            a, b = part.split("-")
            out.extend(range(int(a), int(b) + 1))
        elif part:
            out.append(int(part))
    return out


@task("medium", "12+30", "7-10", "0+0", "5-3-2", "1+2+3-4", "100", "10-2+5")
def sum_expression(text: str) -> int:
    """`text` is made of non-negative whole numbers joined by plus and minus signs, without spaces, and starts
    with a number. Return its value, computed from left to right."""
    total, sign, number = 0, 1, 0
    for c in text + "+":
        if c.isdigit():
            number = number * 10 + int(c)
        else:
            total += sign * number
            sign = 1 if c == "+" else -1
            number = 0
    return total


@task("medium", "GET /home HTTP/1.1", "POST /a/b HTTP/1.0", "DELETE / HTTP/2", "GET /x", "", "get /x HTTP/1.1",
      "GET home HTTP/1.1", "PUT /q HTTP/1.1 extra", "GET /x FTP/1.1", "GET1 /x HTTP/1.1", "GET /x HTTP",
      "GET /x HTTPS/1.1")
def request_path(line: str) -> str:
    """A request line has exactly three parts separated by single spaces: a method made of capital letters only, a
    path that starts with a slash, and a version that starts with `HTTP/`. Return the path, or the empty string if
    the line does not have this form."""
    parts = line.split(" ")
    if len(parts) != 3:
        return ""
    method, path, version = parts
    if not (method.isalpha() and method.isupper() and path.startswith("/") and version.startswith("HTTP/")):
        return ""
    return path


@task("medium", "say \"hello world\" now", "a b", "", "\"\"", "  x   y ", "\"one\" \"two three\"", "a \"b\" c",
      "\"a\" \"b c\"  d", "one \"\" two")
def split_quoted(text: str) -> list[str]:
    """Split `text` at spaces into words. Inside a pair of double quotes spaces do not split, and the quotes are
    not part of the word. Quotes are always closed and always enclose a whole word; several spaces count as one,
    and an empty pair of quotes is an empty word."""
    words, i = [], 0
    while i < len(text):
        if text[i] == " ":
            i += 1
        elif text[i] == '"':
            end = text.index('"', i + 1)
            words.append(text[i + 1:end])
            i = end + 1
        else:
            end = i
            while end < len(text) and text[end] != " ":
                end += 1
            words.append(text[i:end])
            i = end
    return words


@task("medium", "MDCCLXIX", "IV", "I", "XLII", "MMXXIII", "CDXLIV", "IX", "DC")
def roman_value(numeral: str) -> int:
    """Return the value of a valid Roman numeral in capital letters (I = 1, V = 5, X = 10, L = 50, C = 100, D =
    500, M = 1000). A smaller sign directly before a larger one is subtracted."""
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    total = 0
    for i, c in enumerate(numeral):
        v = values[c]
        total += -v if i + 1 < len(numeral) and values[numeral[i + 1]] > v else v
    return total


@task("hard", "2+3*4", "7", "2*3+4*5", "10-2*3", "1*1*1", "8-4-2", "2*0+5", "100-99*1")
def value_with_precedence(text: str) -> int:
    """`text` is made of non-negative whole numbers joined by the signs +, - and *, without spaces. Return its
    value, where multiplication binds stronger than addition and subtraction, and equal ranks go from left to
    right."""
    import re
    total, sign, pending = 0, 1, []
    for token in re.findall(r"[0-9]+|[-+*]", text) + ["+"]:
        if token in "+-":
            product = 1
            for n in pending:
                product *= n
            total += sign * product
            sign, pending = (1 if token == "+" else -1), []
        elif token != "*":
            pending.append(int(token))
    return total


@task("hard", "a2b3", "", "x", "a10", "2", "ab2c", "z1y0x2", "q12w")
def unpack_counts(text: str) -> str:
    """Each character of `text` that is not a digit may be followed by a number that says how often it is
    repeated; without a number it stands once. Return the unpacked text. Digits at the very beginning belong to no
    character and are skipped."""
    out, i = [], 0
    while i < len(text):
        c = text[i]
        i += 1
        if c.isdigit():
            continue
        start = i
        while i < len(text) and text[i].isdigit():
            i += 1
        out.append(c * (int(text[start:i]) if i > start else 1))
    return "".join(out)


@task("easy", "4 8 15", "", "7", "  1   2 ", "10 -3", "0 0 0")
def numbers_in(text: str) -> list[int]:
    """`text` holds integers separated by spaces. Return them as a list; without integers it is empty."""
    return [int(p) for p in text.split()]


@task("easy", "ann@home.org", "x@y", "a.b@c.d.e", "me@mail", "long.name@example.net", "@host")
def part_after_at(address: str) -> str:
    """`address` contains exactly one at sign (@). Return the part after it."""
    return address.split("@")[1]


@task("easy", "yes", "no", "YES", "maybe", "", "Yes", "yess")
def is_yes(answer: str) -> bool:
    """Return True if the answer is the word yes in any mixture of upper and lower case, else False."""
    return answer.lower() == "yes"
