from . import Topic, call

task = Topic("strings", split="train")


@task("easy", "banana", "", "a", "Mississippi", "AAA", "no repeat")
def first_and_last(text: str) -> str:
    """Return a string made of the first and the last character of `text`. A string of one character gives that
    character twice; the empty string gives the empty string."""
    return text[0] + text[-1] if text else ""


@task("easy", "Hello World", "", "ABC", "abc", "x1Y2z3", "ÄbC", "  ")
def count_uppercase(text: str) -> int:
    """Return how many characters of `text` are uppercase letters."""
    return sum(1 for c in text if c.isupper())


@task("easy", ("-", "abc"), ("", "abc"), ("--", "a"), (", ", ""), (" ", "two"), ("ab", "xyz"))
def put_between(separator: str, text: str) -> str:
    """Return the characters of `text` with `separator` between each two neighbours, and nothing before the first
    or after the last character."""
    return separator.join(text)


@task("easy", "abcdef", "abcde", "", "x", "ab", "hello world", "0123456789")
def swap_halves(text: str) -> str:
    """Cut `text` in the middle and return the second half followed by the first half. If the length is odd, the
    middle character belongs to the first half."""
    cut = (len(text) + 1) // 2
    return text[cut:] + text[:cut]


@task("easy", ("hello", "l"), ("hello", "z"), ("", "a"), ("aaaa", "a"), ("Banana", "b"), ("abcabc", "c"), show=2)
def positions_of(text: str, letter: str) -> list[int]:
    """Return the list of all indices, in increasing order, at which the single character `letter` stands in
    `text`. Upper and lower case are different characters."""
    return [i for i, c in enumerate(text) if c == letter]


@task("medium", "aaabccd", "", "abc", "zzzz", "aabbaa", "a", "1122 33")
def squeeze_runs(text: str) -> str:
    """Return `text` with every run of equal neighbouring characters reduced to one character."""
    out = []
    for c in text:
        if not out or out[-1] != c:
            out.append(c)
    return "".join(out)


@task("medium", "aabbbc", "abcd", "", "zzzaaa", "aabbcc", "xxyyyyx", "aAaA", "aabbb", "abbbcccc", "xxxyy", "abccc",
      "zaaabbb")
def longest_run_letter(text: str) -> str:
    """Return the character that forms the longest run of equal neighbouring characters in `text`. If several runs
    have the same length, the first of them counts. The empty string gives the empty string."""
    best, best_len, i = "", 0, 0
    while i < len(text):
        j = i
        while j < len(text) and text[j] == text[i]:
            j += 1
        if j - i > best_len:
            best, best_len = text[i], j - i
        i = j
    return best


@task("medium", "Hello, World", "a1b2", "", "xyz", "A-Z", "?!", "abc def")
def reverse_letters_only(text: str) -> str:
    """Reverse the order of the letters of `text` while every character that is not a letter stays at its place."""
    letters = [c for c in text if c.isalpha()]
    return "".join(letters.pop() if c.isalpha() else c for c in text)


@task("medium", ("abcabcab", "abc"), ("aaaa", "aa"), ("hello", "xyz"), ("", "a"), ("abababa", "aba"), ("abc", "abcd"),
      ("AbAb", "ab"), ("aaa", "aaaa"), ("xxxx", "xxx"), ("ab", "b"))
def count_overlapping(text: str, part: str) -> int:
    """Return how many times the non-empty string `part` occurs in `text`. Occurrences may overlap."""
    return sum(1 for i in range(len(text) - len(part) + 1) if text[i:i + len(part)] == part)


@task("medium", "listen to me", "", "a", "Aa", "the quick brown fox jumps over the lazy dog", "zebra!",
      "abcdefghijklm")
def missing_letters(text: str) -> str:
    """Return, in alphabetical order, the lowercase letters from a to z that do not occur in `text`. Upper and
    lower case count as the same letter."""
    have = set(text.lower())
    return "".join(c for c in "abcdefghijklmnopqrstuvwxyz" if c not in have)


@task("medium", ("abcdef", 2), ("abcdefg", 3), ("", 4), ("ab", 5), ("abcdef", 1), ("hello world", 4), ("aaaa", 2))
def reverse_chunks(text: str, size: int) -> str:
    """Cut `text` from the left into chunks of `size` characters (the last chunk may be shorter), reverse the
    characters inside each chunk, and return the chunks joined again. `size` is at least 1."""
    return "".join(text[i:i + size][::-1] for i in range(0, len(text), size))


@task("hard", "abcbd", "", "a", "abba", "xyz", "racecarx", "aabbaa", "noonabcba", "abccba", "xaabb", "aab", "bb")
def longest_mirror_length(text: str) -> int:
    """Return the length of the longest piece of consecutive characters of `text` that reads the same forwards and
    backwards. The empty string gives 0."""
    best = 0
    for i in range(len(text)):
        for lo, hi in ((i, i), (i, i + 1)):
            while lo >= 0 and hi < len(text) and text[lo] == text[hi]:
                best = max(best, hi - lo + 1)
                lo, hi = lo - 1, hi + 1
    return best


@task("hard", ("abc", "cab"), ("abc", "acb"), ("", ""), ("a", "a"), ("ab", "abab"), ("aab", "aba"), ("abcd", "abdc"),
      ("", "a"), ("a", ""), ("abc", "abcabc"), ("abcabc", "bcabca"))
def rotation_steps(first: str, second: str) -> int:
    """Return the smallest number of steps after which `first` becomes `second`, where one step moves the first
    character to the end. Return -1 if no number of steps does it. Two empty strings need 0 steps."""
    if len(first) != len(second):
        return -1
    if not first:
        return 0
    for steps in range(len(first)):
        if first[steps:] + first[:steps] == second:
            return steps
    return -1


@task("easy", call("abc"), call("abc", mark="*"), call("", mark="#"), call("a b"), call("xy", mark="<>"), call("1"))
def surround(text: str, mark: str = "|") -> str:
    """Return `text` with `mark` put directly before and directly after it. The mark is a vertical bar unless
    another one is given."""
    return mark + text + mark


@task("easy", "hello", "", "a", "ABC", "a b", "12")
def double_letters(text: str) -> str:
    """Return `text` with every character written twice."""
    return "".join(c + c for c in text)


@task("easy", ("hello", 3), ("hi", 0), ("", 5), ("abc", 3), ("abc", 9), ("python", 1), ("abc", 4), ("hello", 7))
def last_characters(text: str, count: int) -> str:
    """Return the last `count` characters of `text`, or all of it if it is shorter. `count` is not negative."""
    return text[len(text) - count:] if count < len(text) else text


@task("easy", ("banana", "a"), ("", "x"), ("xxx", "x"), ("Hello", "h"), ("abc", "z"), ("a b a", " "))
def without_letter(text: str, letter: str) -> str:
    """Return `text` without any occurrence of the character `letter`. Upper and lower case are different
    characters."""
    return text.replace(letter, "")
