#!/usr/bin/env python3
"""Writes src/text/unicode_tables.c: what the `tokenizers` library takes characters for.

Its parts carry Unicode tables of different ages, and ours come from PCRE2 and utf8proc, of whatever age the system has.
Every table here is asked from the library itself, over all code points:

  split    letter, number, white space or other, as the regular expressions of pre-tokenizers see it (Oniguruma)
           - only for the code points where a PCRE2 of Unicode 14 or newer may see something else
  numeric  the Digits pre-tokenizer (Rust's char::is_numeric)
  word     \\w around added tokens with single_word (Rust's regex crate)
  nfc      code points the NFC normaliser acts on, and starters that may join them (Unicode 9 in tokenizers 0.23)

Needs tokenizers, and a Python of Unicode 14 or newer (3.11)."""
import sys
import unicodedata

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

ALL = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def matched(regex):
    split = pre_tokenizers.Split(Regex(regex), "removed", invert=True)
    out = set()
    for i in range(0, len(ALL), 65536):
        for piece, _ in split.pre_tokenize_str("".join(map(chr, ALL[i:i + 65536]))):
            out.update(map(ord, piece))
    return out


def numeric():
    digits = pre_tokenizers.Digits(individual_digits=True)
    out = set()
    for i in range(0, len(ALL), 4096):
        text = "".join("x" + chr(c) for c in ALL[i:i + 4096] if c != ord("x"))
        for piece, _ in digits.pre_tokenize_str(text):
            if "x" not in piece:
                out.update(map(ord, piece))
    return out


def around_added_token(**flags):
    """For each code point c, the text span that the added token takes in "\\n<T>c"."""
    tok = Tokenizer(models.BPE({"<T>": 0}, []))
    tok.add_tokens([AddedToken("<T>", normalized=False, **flags)])
    return {c: tok.encode("<T>" + chr(c)).offsets for c in ALL}


def nfc_classes():
    nfc, nfd = normalizers.NFC().normalize_str, normalizers.NFD().normalize_str
    active, joins = set(), set()
    for c in ALL:
        x = chr(c)
        if nfc(x) != x:
            active.add(c)
            continue
        if nfd(x) != x:
            joins.add(c)
        # A combining class above 1 moves before U+0334 (class 1), one below 230 moves before U+0301.
        if nfc("q" + x + "\u0334") != "q" + x + "\u0334" or nfc("q\u0301" + x) != "q\u0301" + x:
            active.add(c)
    pairs = [(0x1100, 0x1161), (0xAC00, 0x11A8)]
    for c in ALL:
        parts = unicodedata.decomposition(chr(c))
        if parts and not parts.startswith("<") and " " in parts:
            pairs.append(tuple(int(p, 16) for p in parts.split()))
    for first, second in pairs:
        if nfc(chr(first) + chr(second)) != chr(first) + chr(second) and nfc(chr(second)) == chr(second):
            joins.add(first)
            active.add(second)
    joins |= set(range(0x1100, 0x1113))  # Hangul: leading consonants join vowels, syllables join final consonants
    active |= set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))
    return {c: 1 if c in active else 2 for c in active | joins}


def runs(classes):
    out = []
    for c in sorted(classes):
        if out and out[-1][1] == c - 1 and out[-1][2] == classes[c]:
            out[-1][1] = c
        else:
            out.append([c, c, classes[c]])
    return out


def emit(f, name, comment, classes):
    rows = runs(classes)
    f.write(f"\n/* {comment} */\nconst struct pgr_cp_run {name}[] = {{\n")
    line = "   "
    for first, last, cls in rows:
        item = f" {{0x{first:x}, 0x{last:x}, {cls}}},"
        if len(line) + len(item) > 120:
            f.write(line + "\n")
            line = "   "
        line += item
    f.write(f"{line}\n}};\nconst size_t {name}_n = sizeof {name} / sizeof *{name};\n")
    return len(rows)


def main():
    letter, number, space = matched(r"\p{L}"), matched(r"\p{N}"), matched(r"\s")
    assert letter | number | space | matched(r"[^\s\p{L}\p{N}]") == set(ALL)
    cls = lambda c: "PGR_CP_LETTER" if c in letter else "PGR_CP_NUMBER" if c in number else "PGR_CP_SPACE" if c in space else "PGR_CP_OTHER"
    # PCRE2 10.40 and newer know at least Unicode 14 and agree on what was assigned there, but for U+180E, which its \s takes.
    doubtful = {c: cls(c) for c in ALL if unicodedata.category(chr(c)) == "Cn" or c == 0x180E}
    base = unicodedata.unidata_version.split(".")[0]
    assert base == "14", f"this Python knows Unicode {base}; the table must start from 14"

    joined = around_added_token(single_word=True)
    word = {c: 1 for c in ALL if not joined[c]}
    stripped = around_added_token(rstrip=True)
    strip_space = {c for c in ALL if stripped[c] == [(0, 4)]}
    assert strip_space == space, "white space differs between the regular expressions and added tokens"

    with open(sys.argv[1], "w", encoding="ascii") as f:
        f.write(f"/* unicode_tables.c - made by tools/make_unicode_tables.py from tokenizers {tokenizers.__version__}; see unicode.h. */\n"
                '#include "text/unicode.h"\n/* clang-format off */\n')
        n = [
            emit(f, "pgr_split_runs", "Code points on which PCRE2 may disagree, with their class in pre-tokenizers.", doubtful),
            emit(f, "pgr_numeric_runs", "Numbers of the Digits pre-tokenizer.", {c: 1 for c in numeric()}),
            emit(f, "pgr_word_runs", "Word characters around added tokens.", word),
            emit(f, "pgr_nfc_runs", "1: NFC may change or move it, or compose it with what is before; 2: may compose with what follows.",
                 nfc_classes()),
        ]
    print("runs:", *n)


if __name__ == "__main__":
    main()
