from . import Topic, call

task = Topic("formatting", split="validation")


@task("easy", (7, 3), (123, 2), (0, 1), (42, 5), (1000, 4), (5, 1), (0, 4))
def zero_padded(number: int, width: int) -> str:
    """Return the non-negative `number` in decimal, filled up on the left with zeros to at least `width`
    characters."""
    return str(number).zfill(width)


@task("easy", ("ab", 5), ("abcdef", 3), ("", 2), ("x", 1), ("dots", 8), ("hey", 4))
def dotted(text: str, width: int) -> str:
    """Return `text` filled up on the right with dots to `width` characters. A text that is already that long or
    longer stays as it is."""
    return text + "." * (width - len(text))


@task("easy", 1234567, 0, 999, 1000, -45000, -999, 1000000000)
def with_thousands(number: int) -> str:
    """Return `number` in decimal with a comma between each group of three digits, counted from the right. A minus
    sign stays in front."""
    return f"{number:,}"


@task("easy", 125, 0, 5, 99, 100, 100050, 20, 1, 7)
def price_text(cents: int) -> str:
    """Return a non-negative number of cents as a price in euros: the euros, a dot, and the cents with exactly two
    digits."""
    return f"{cents // 100}.{cents % 100:02d}"


@task("medium", 1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111, 0, 103, 110, 112, 211, 311, 1011, 1001)
def ordinal(number: int) -> str:
    """Return the non-negative `number` with its English ordinal ending: `st` after 1, `nd` after 2, `rd` after 3
    as the last digit, and `th` otherwise; numbers that end in 11, 12 or 13 also take `th`."""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}" + {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


@task("medium", (["a", "bb", "ccc"], 2), ([], 3), (["x"], 1), (["abcd", "e"], 0), (["one", "three", "five"], 3),
      (["", "yy"], 1))
def align_right(lines: list[str], margin: int) -> list[str]:
    """Put spaces in front of the lines so that all of them have the same length: the length of the longest line
    plus `margin`. Return the new lines."""
    width = max((len(t) for t in lines), default=0) + margin
    return [t.rjust(width) for t in lines]


@task("medium", (3, "*"), (1, "#"), (0, "x"), (2, "o"), (4, "+"), (5, "1"))
def pyramid(height: int, mark: str) -> list[str]:
    """Return the lines of a pyramid that is `height` lines high. Line i, counted from 1, has 2 * i - 1 marks,
    with as many spaces in front of them that all lines are centred under each other, and no spaces after them."""
    return [" " * (height - i) + mark * (2 * i - 1) for i in range(1, height + 1)]


@task("medium", 3725, 0, 59, 60, 3600, 86400, 61, 3601, 359999, 36000 * 4)
def human_duration(seconds: int) -> str:
    """Return a non-negative duration in the form `1h 2m 5s`: hours, minutes below 60 and seconds below 60. Parts
    that are 0 are left out; a duration of 0 is `0s`."""
    parts = [(seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")]
    return " ".join(f"{n}{unit}" for n, unit in parts if n) or "0s"


@task("medium", "hello world", "", "a", "the LAST one", "two  spaces", "mIxEd cAsE")
def title_words(text: str) -> str:
    """Return `text` with the first character of every word as a capital letter and all its other letters in lower
    case. Words are separated by spaces, all of which stay."""
    return " ".join(w[:1].upper() + w[1:].lower() for w in text.split(" "))


@task("medium", ("Attention everyone", 12), ("short", 10), ("", 5), ("exactly ten", 11), ("abcdef", 3), ("abcdef", 5),
      ("one more thing", 13))
def shorten(text: str, limit: int) -> str:
    """Return `text` if it has at most `limit` characters. Otherwise return its beginning followed by three dots,
    so that the result has exactly `limit` characters. `limit` is at least 3."""
    return text if len(text) <= limit else text[:limit - 3] + "..."


@task("hard", ([["a", "1"], ["bbb", "22"]],), ([["x"]],), ([["", "y"], ["zz", ""]],),
      ([["name", "age"], ["Al", "7"], ["Maria", "45"]],), ([["1", "2", "3"]],), ([["long cell", "b"], ["c", "d"]],),
      show=1)
def table_lines(rows: list[list[str]]) -> list[str]:
    """All rows have the same number of cells. Return one line for each row: every cell is filled up on the right
    with spaces to the width of the widest cell of its column, and the cells are joined with ` | `."""
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    return [" | ".join(cell.ljust(w) for cell, w in zip(row, widths)) for row in rows]


@task("hard", 1944, 4, 9, 3999, 40, 58, 1, 2500, 400, 499, 100, 150, 1000, 10, 444, 90, 500, 5)
def to_roman(number: int) -> str:
    """Return `number` (1 to 3999) as a Roman numeral in capital letters, with the usual short forms IV, IX, XL,
    XC, CD and CM."""
    out = ""
    for value, sign in [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
                        (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]:
        out += sign * (number // value)
        number %= value
    return out


@task("easy", call("Ann"), call("Bob", greeting="Hi"), call("", greeting="Hey"), call("Zoe"),
      call("Al", greeting="Good day"), call("x y"))
def greet(name: str, greeting: str = "Hello") -> str:
    """Return the greeting, a comma, a space, the name and an exclamation mark. Without a name, that is, when it
    is the empty string, return the greeting and the exclamation mark only."""
    return f"{greeting}, {name}!" if name else f"{greeting}!"


@task("easy", ("abc", 6), ("abc", 2), ("", 3), ("x", 1), ("hello", 8), ("ab", 3))
def right_aligned(text: str, width: int) -> str:
    """Return `text` with spaces put in front of it so that it has `width` characters. A text that is already that
    long or longer stays as it is."""
    return text.rjust(width)


@task("easy", ("title", 2), ("", 3), ("a", 0), ("hi there", 1), ("x", 4), ("-", 2))
def starred(text: str, count: int) -> str:
    """Return `text` with `count` asterisks (*) directly before it and as many directly after it."""
    return "*" * count + text + "*" * count


@task("easy", (7, 30), (0, 5), (12, 0), (23, 59), (10, 10), (1, 1))
def clock_text(hour: int, minute: int) -> str:
    """Return the time in the form `HH:MM`, both numbers with two digits."""
    return f"{hour:02d}:{minute:02d}"
