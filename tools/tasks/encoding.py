from . import Topic

task = Topic("encoding", split="validation")


@task("easy", ("abc", 1), ("xyz", 3), ("Hi there", 0), ("", 5), ("Zebra-9", 2), ("hello", 26), ("wxyz", 30))
def shift_letters(text: str, steps: int) -> str:
    """Move every lowercase letter a to z of `text` forward in the alphabet by `steps` places (not negative),
    going on with a after z. All other characters stay. Return the result."""
    out = ""
    for c in text:
        if "a" <= c <= "z":
            c = chr((ord(c) - ord("a") + steps) % 26 + ord("a"))
        out += c
    return out


@task("easy", "abc", "", "xyz", "Hello", "az", "m n", "a1b")
def mirror_alphabet(text: str) -> str:
    """Replace each lowercase letter of `text` by the one at the mirrored place of the alphabet: a becomes z, b
    becomes y, and so on. All other characters stay. Return the result."""
    return "".join(chr(ord("a") + ord("z") - ord(c)) if "a" <= c <= "z" else c for c in text)


@task("easy", "abc", "", "z", "hello", "ZzA", "a-b")
def letter_numbers(text: str) -> list[int]:
    """Return the places in the alphabet (a = 1, b = 2, ..., z = 26) of the letters of `text`, in order. Capital
    letters count as lowercase ones; characters that are none of these letters are skipped."""
    return [ord(c) - ord("a") + 1 for c in text.lower() if "a" <= c <= "z"]


@task("medium", "aaabcc", "", "a", "abc", "zzzzzzzzzzzz", "aabbaa", "xyyyx")
def pack_runs(text: str) -> str:
    """Write each run of equal neighbouring characters of `text` as the character followed by the length of the
    run, but write a run of length 1 as the character alone. `text` has no digits. Return the result."""
    out, i = "", 0
    while i < len(text):
        j = i
        while j < len(text) and text[j] == text[i]:
            j += 1
        out += text[i] + (str(j - i) if j - i > 1 else "")
        i = j
    return out


@task("medium", "sos", "", "e", "team", "set me", "oast")
def to_morse(text: str) -> str:
    """Write the text, which has only the letters a, e, m, o, s, t and single spaces, in Morse code: a is `.-`, e
    is `.`, m is `--`, o is `---`, s is `...`, t is `-`. Put one space between letters of a word, and ` / ` (with
    its spaces) between words."""
    code = {"a": ".-", "e": ".", "m": "--", "o": "---", "s": "...", "t": "-"}
    return " / ".join(" ".join(code[c] for c in word) for word in text.split(" ")) if text else ""


@task("medium", ("attack", "ab"), ("aaa", "b"), ("", "key"), ("hello", "abc"), ("zzz", "ab"), ("secret", "zyx"),
      ("q", "dogs"))
def keyword_cipher(text: str, key: str) -> str:
    """`text` and the non-empty `key` consist of lowercase letters. Repeat the key until it is as long as the
    text. Move each letter of the text forward in the alphabet by the place of the key letter below it, where a
    moves by 0, b by 1, and so on, going on with a after z. Return the result."""
    out = ""
    for i, c in enumerate(text):
        step = ord(key[i % len(key)]) - ord("a")
        out += chr((ord(c) - ord("a") + step) % 26 + ord("a"))
    return out


@task("medium", "Hi", "", "A", "az", "~ !", "0")
def hex_codes(text: str) -> str:
    """Return the codes of the characters of `text`, which are all ASCII, in lowercase hexadecimal with exactly
    two digits each, joined by single spaces."""
    return " ".join(f"{ord(c):02x}" for c in text)


@task("medium", "48 69", "", "41", "7a 61", "30", "21 20 21")
def from_hex_codes(codes: str) -> str:
    """`codes` holds hexadecimal numbers of two digits separated by single spaces, each the code of an ASCII
    character. Return the text of these characters. The empty string gives the empty string."""
    return "".join(chr(int(p, 16)) for p in codes.split())


@task("medium", ("abcdefg", 3), ("", 2), ("ab", 5), ("hello world", 2), ("xyz", 1), ("abcdef", 3), ("123456789", 4))
def read_by_columns(text: str, width: int) -> str:
    """Write `text` into rows of `width` characters (the last row may be shorter). Then read it column by column,
    each from top to bottom, from the left column to the right one. Return the characters in that order."""
    return "".join(text[c::width] for c in range(width))


@task("medium", "79927398713", "0", "18", "59", "4242424242424242", "1234567812345670", "1234567812345678")
def check_digits_valid(digits: str) -> bool:
    """`digits` is a non-empty string of digits. Count its digits from the right, starting with 1. Double every
    digit at an even place; if the double is larger than 9, subtract 9. Add up all these values and the unchanged
    digits at odd places. Return True if the sum is divisible by 10, else False."""
    total = 0
    for i, d in enumerate(reversed(digits)):
        v = int(d)
        if i % 2 == 1:
            v *= 2
            if v > 9:
                v -= 9
        total += v
    return total % 10 == 0


@task("hard", ("hello world", 3), ("", 2), ("abc", 1), ("abcdefgh", 2), ("zigzagtext", 4), ("ab", 5),
      ("railfence", 3))
def zigzag_rows(text: str, rows: int) -> str:
    """Write the characters of `text` one after another in a zigzag: the first goes to row 1, the next to row 2,
    and so on down to row `rows`, then up again to row 1, then down again. Return the characters of row 1, then
    those of row 2, and so on, each row in the order of writing. With one row all characters are in it."""
    lines, r, step = [""] * rows, 0, 1
    for c in text:
        lines[r] += c
        if r == 0:
            step = 1
        elif r == rows - 1:
            step = -1
        if rows > 1:
            r += step
    return "".join(lines)


@task("hard", "a3b2", "", "z", "a1b1", "x12", "ab2c", "q2q2")
def packed_length(code: str) -> int:
    """`code` describes a text: each letter may be followed by a number, which says how often the letter stands
    there; without a number it stands there once. Return the length of the described text."""
    length, i = 0, 0
    while i < len(code):
        i += 1
        start = i
        while i < len(code) and code[i].isdigit():
            i += 1
        length += int(code[start:i]) if i > start else 1
    return length


@task("easy", "abc", "", "A", "z!", "Hi", "  ")
def character_codes(text: str) -> list[int]:
    """Return the list of the character codes (as given by Python's `ord`) of the characters of `text`."""
    return [ord(c) for c in text]


@task("easy", [72, 105], [], [97], [65, 66, 67], [33, 32, 33], [122, 48])
def text_of_codes(codes: list[int]) -> str:
    """Return the text made of the characters with the given codes (as given by Python's `chr`)."""
    return "".join(chr(c) for c in codes)


@task("easy", "Hello", "", "ABC", "abc", "a1B2", "x Y")
def swap_case(text: str) -> str:
    """Return `text` with every uppercase letter in lower case and every lowercase letter in upper case."""
    return text.swapcase()
