from . import Topic

task = Topic("words", split="train")


@task("easy", "the cat sat", "", "  two   spaces ", "one", "a b c d", " x ")
def word_count(text: str) -> int:
    """Return the number of words in `text`. Words are separated by one or more spaces; spaces at the ends do not
    count."""
    return len(text.split())


@task("easy", "the quick brown fox", "", "a bb cc", "word", "one three seven two", "zz yyy xxx")
def longest_word(text: str) -> str:
    """Return the longest word of `text`, in which words are separated by spaces; of several equally long words,
    the first. The empty text gives the empty string."""
    return max(text.split(), key=len, default="")


@task("easy", "good morning world", "", "x", "a b", "never odd or even", "one two three four")
def reverse_word_order(text: str) -> str:
    """The words of `text` are separated by single spaces. Return the words in reverse order, again separated by
    single spaces."""
    return " ".join(text.split()[::-1])


@task("easy", "random access memory", "", "x", "Portable Network Graphics", "as soon as possible", "one")
def acronym(text: str) -> str:
    """The words of `text` are separated by single spaces. Return the first letters of all words, as capital
    letters, joined without anything between."""
    return "".join(w[0].upper() for w in text.split())


@task("easy", ("the cat and the dog", "the"), ("", "a"), ("the then other", "the"), ("A a a", "a"), ("x x x", "x"),
      ("one two", "three"))
def count_word(text: str, word: str) -> int:
    """The words of `text` are separated by single spaces. Return how many of them are equal to `word`. Upper and
    lower case are different."""
    return text.split().count(word)


@task("medium", "it was the best it was", "", "a", "b a b a", "one two two three three three", "x y z")
def words_once(text: str) -> list[str]:
    """The words of `text` are separated by single spaces. Return the words that occur exactly once, in the order
    in which they occur."""
    words = text.split()
    return [w for w in words if words.count(w) == 1]


@task("medium", "tea for two and two for tea", "", "one", "b a a b c", "z z y", "red blue red green blue")
def most_frequent_word(text: str) -> str:
    """The words of `text` are separated by single spaces. Return the word that occurs most often; if several
    words occur equally often, return the alphabetically first of them. The empty text gives the empty string."""
    words = text.split()
    if not words:
        return ""
    return min(set(words), key=lambda w: (-words.count(w), w))


@task("medium", ("listen", "silent"), ("abc", "abd"), ("Dormitory", "dirty room"), ("", ""), ("aab", "abb"),
      ("a", "aa"), ("Tea", "eat"))
def same_letters(first: str, second: str) -> bool:
    """Return True if the two texts use exactly the same letters, each equally often, when spaces are left out and
    upper and lower case count as the same; otherwise return False."""
    def letters(text):
        return sorted(text.lower().replace(" ", ""))
    return letters(first) == letters(second)


@task("medium", "Pull up, lull up!", "", "No", "Step on no pets!", "ab", "A, b... a", "12 21", "1a2", "x",
      "Never odd, or even.", "01 10")
def is_mirror_sentence(text: str) -> bool:
    """Return True if `text` reads the same forwards and backwards when only its letters and digits are looked at
    and upper and lower case count as the same; otherwise return False."""
    kept = [c.lower() for c in text if c.isalnum()]
    return kept == kept[::-1]


@task("medium", "hello world", "", "apple", "xyz", "i am here", "string theory out", "under blue", "stump us")
def play_latin(text: str) -> str:
    """The words of `text` are lowercase and separated by single spaces. Change each word: if it starts with one
    of the vowels a, e, i, o, u, append `way`; otherwise move all letters before its first vowel to the end and
    append `ay`. A word without vowels just gets `ay`. Return the changed words, separated by single spaces."""
    out = []
    for w in text.split():
        i = 0
        while i < len(w) and w[i] not in "aeiou":
            i += 1
        out.append(w + "way" if i == 0 else w[i:] + w[:i] + "ay")
    return " ".join(out)


@task("medium", (["one", "two", "three"], "and"), (["a", "b"], "or"), ([], "and"), (["only"], "and"),
      (["x", "y", "z", "w"], "or"), (["p", "q"], "nor"))
def join_in_words(items: list[str], last: str) -> str:
    """Return the items as an enumeration: separated by a comma and a space, except that the last two are joined
    by the word `last` with a space on each side and no comma. One item is returned as it is, and no items give
    the empty string."""
    if len(items) < 2:
        return "".join(items)
    return ", ".join(items[:-1]) + " " + last + " " + items[-1]


@task("medium", (["cat", "tac", "dog", "act", "god"],), ([],), (["x"],), (["ab", "ba", "abc", "cab"],),
      (["a", "b", "a"],), (["stop", "pots", "tops", "opts"],))
def anagram_groups(words: list[str]) -> list[list[str]]:
    """Put words that are made of exactly the same letters into the same group. Return the groups in the order in
    which their first words occur, and the words of a group in their original order."""
    groups = {}
    for w in words:
        groups.setdefault("".join(sorted(w)), []).append(w)
    return list(groups.values())


@task("hard", ("a bb ccc dd", 5), ("", 10), ("word", 4), ("one two three", 20), ("aa bb cc dd", 2),
      ("it is a very long day", 7), ("a b c d e", 3))
def wrap_words(text: str, width: int) -> list[str]:
    """The words of `text` are separated by single spaces, and no word is longer than `width`. Fill lines from
    left to right: put each next word on the current line, after a single space, if the line then has at most
    `width` characters; otherwise start a new line with it. Return the lines. The empty text gives no lines."""
    lines = []
    for w in text.split():
        if lines and len(lines[-1]) + 1 + len(w) <= width:
            lines[-1] += " " + w
        else:
            lines.append(w)
    return lines


@task("hard", ["basket", "base", "basement"], [], ["dog"], ["dog", "car"], ["same", "same"], ["", "abc"],
      ["prefix", "pre", "prepare"], ["abcz", "ab", "abd"], ["zoo", "zebra", "zap"], ["longer", "lo"])
def shared_beginning(words: list[str]) -> str:
    """Return the longest string with which all words of the list begin. The empty list gives the empty string."""
    if not words:
        return ""
    first = min(words, key=len)
    for i, c in enumerate(first):
        if any(w[i] != c for w in words):
            return first[:i]
    return first


@task("easy", "red green blue", "", "one", "a bb ccc", "x y", "hello big world")
def word_lengths(text: str) -> list[int]:
    """The words of `text` are separated by single spaces. Return the list of the lengths of the words."""
    return [len(w) for w in text.split()]


@task("easy", ("I like tea", "tea", "milk"), ("", "a", "b"), ("a b a", "a", "c"), ("cat concat", "cat", "dog"),
      ("x", "x", "y"), ("one two", "three", "four"))
def replace_word(text: str, old: str, new: str) -> str:
    """The words of `text` are separated by single spaces. Return the text with every word that equals `old`
    replaced by `new`. Parts of longer words do not change."""
    return " ".join(new if w == old else w for w in text.split())


@task("easy", (["b", "a"], "-"), ([], ","), (["x"], "+"), (["one", "two", "three"], " "), (["", ""], "."),
      (["p", "q", "r"], ""))
def join_with(words: list[str], separator: str) -> str:
    """Return the words in one string, with `separator` between each two of them."""
    return separator.join(words)
