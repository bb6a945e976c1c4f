#!/usr/bin/env python3
"""Compares the ids of `pgrpo tokenize` with those of Hugging Face `tokenizers`, over megabytes of text of many kinds.

    compare_tokenizer.py PGRPO MODEL [--seed N] [--files PATH ...]

MODEL is a GGUF file (its tokenizer.json is made by gguf_tokenizer.py) or a folder with tokenizer.json. Texts are joined
with an added token between them, which neither tokenizer looks across, so that one run of pgrpo covers many small texts.
Prints a line for each kind of text and ends with status 1 after any difference."""
import argparse
import glob
import json
import os
import random
import subprocess
import sys
import sysconfig
import tempfile
import unicodedata

from tokenizers import Tokenizer

import gguf_tokenizer

ALL = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def code_files():
    for path in sorted(glob.glob(os.path.join(sysconfig.get_paths()["stdlib"], "*.py"))):
        with open(path, encoding="utf-8", errors="ignore") as f:
            yield f.read()


def by_block(rng):
    """Words of neighbouring code points: each script gets some."""
    for start in range(0, 0x30000, 0x80):
        if 0xD800 <= start < 0xE000:
            continue
        block = [chr(c) for c in range(start, start + 0x80)]
        for _ in range(3):
            yield " ".join("".join(rng.choices(block, k=rng.randint(1, 9))) for _ in range(6)) + rng.choice(["", "\n", " "])


def every_code_point():
    for c in ALL:
        x = chr(c)
        yield f"a{x} {x}b{x}{x}1{x}\n{x}  {x}'{x}"


MARKS = [chr(c) for c in ALL if unicodedata.combining(chr(c))]
STARTERS = [chr(c) for c in ALL if unicodedata.decomposition(chr(c)) and not unicodedata.decomposition(chr(c)).startswith("<")]


def combining(rng):
    hangul = [chr(c) for c in [*range(0x1100, 0x1200), *range(0xAC00, 0xAC40)]]
    for _ in range(20000):
        base = rng.choice([rng.choice("aeioucnszAEIOU q1"), rng.choice(STARTERS), rng.choice(hangul), chr(rng.choice(ALL))])
        yield base + "".join(rng.choice([rng.choice(MARKS), rng.choice(STARTERS), rng.choice(hangul)])
                             for _ in range(rng.randint(1, 5)))


def decompositions():
    for x in STARTERS:
        for form in ("NFD", "NFC"):
            y = unicodedata.normalize(form, x)
            yield y
            yield y + "\u0323\u0301"
        d = unicodedata.normalize("NFD", x)
        yield d[0] + "\u0334" + d[1:]
        yield "".join(reversed(d))


PIECES = ["'s", "'T", "'RE", "'ve", "'ſ", "'K", " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", "\u00a0", "\u3000", "\u0085", "\u2028", "\u180e",
          "\x00", "\x1b", "\x7f", "\x1c", "a", "Wort", "déjà", "e\u0301", "你好", "٣٤", "½", "²", "Ⅳ", "123", "4567890", "-", "--", "!?", "...", "{}",
          "_x", "$", "€", "👩\u200d👩\u200d👧\u200d👦", "🏳️\u200d🌈", "🇩🇪", "👍🏽", "\u200b", "\ufeff", "\ufffd", "한국어", "가", "हिन्दी", "ไทย",
          "𝒳", "𓀀", "\U000e0001", "\U0010ffff", "<|", "|>", "<think>", "ﬁ", "ß", "İ", "ǅ", "ſt"]


def mixed(rng, n, specials):
    pieces = PIECES + specials
    for _ in range(n):
        yield "".join(rng.choices(pieces, k=rng.randint(1, 20)))


def random_text(rng):
    for _ in range(4000):
        yield "".join(chr(rng.choice(ALL)) for _ in range(rng.randint(1, 30)))
        yield bytes(rng.randrange(256) for _ in range(60)).decode("utf-8", "ignore")
        yield "".join(chr(rng.randrange(128)) for _ in range(60))


def long_runs(rng):
    for x in ["a", " ", "\n", "\t", "1", "é", "字", "-", "ab", "\u0301", "\u0301\u0323", " \n", "'s", "\u00a0", "ก", "😀", "\x00", "=", "x1"]:
        for n in (1, 7, 8, 9, 15, 16, 17, 22, 23, 24, 47, 48, 49, 50, 127, 1000, 20000):
            yield x * n
            yield "q" + x * n + "z"
            yield " " + x * n + " \n"
    for _ in range(40):
        yield "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(40, 3000)))
        yield "".join(rng.choice("ABCDEFabcdef0123456789+/=") for _ in range(rng.randint(40, 3000)))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("pgrpo")
    p.add_argument("model")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--files", nargs="*", default=[])
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        folder = a.model
        if os.path.isfile(a.model):
            gguf_tokenizer.write(a.model, tmp)
            folder = tmp
        with open(os.path.join(folder, "tokenizer.json"), encoding="utf-8") as f:
            added = [t["content"] for t in json.load(f)["added_tokens"]]
        truth = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
        sep = added[0]
        sep_id = truth.token_to_id(sep)

        def ours(data, *args):
            r = subprocess.run([a.pgrpo, "tokenize", "--model", a.model, *args], input=data, stdout=subprocess.PIPE, check=True)
            return r.stdout

        rng = random.Random(a.seed)
        files = []
        for path in a.files:
            with open(path, encoding="utf-8", errors="ignore") as f:
                files.append(f.read())
        kinds = [("python sources", list(code_files())), ("files", files), ("scripts by block", list(by_block(rng))),
                 ("every code point", list(every_code_point())), ("combining marks", list(combining(rng))),
                 ("decompositions", list(decompositions())),
                 ("mixed pieces", list(mixed(rng, 60000, []))), ("with added tokens", list(mixed(rng, 20000, added[1:] * 2))),
                 ("random", list(random_text(rng))), ("long runs", list(long_runs(rng)))]
        bad = 0
        for name, texts in kinds:
            texts = [t for t in texts if sep not in t]
            if not texts:
                continue
            data = sep.join(texts).encode("utf-8")
            ids = list(map(int, ours(data, "--ids").split()))
            groups = [[]]
            for i in ids:
                if i == sep_id:
                    groups.append([])
                else:
                    groups[-1].append(i)
            want = [e.ids for e in truth.encode_batch(texts, add_special_tokens=False)]
            wrong = [(t, w, g) for t, w, g in zip(texts, want, groups) if w != g]
            ok = len(groups) == len(want) and not wrong
            back = ours(" ".join(map(str, ids)).encode(), "--decode").decode("utf-8", "replace")
            # tokenizers reads characters of added tokens as bytes of its alphabet; only ASCII ones stay themselves.
            same = back == truth.decode(ids, skip_special_tokens=False) or not all(t.isascii() for t in added)
            print(f"{'ok  ' if ok and same else 'FAIL'} {name}: {len(texts)} texts, {len(data)} bytes, {len(ids)} ids, "
                  f"{len(wrong)} differ{'' if same else ', decoding differs'}", flush=True)
            for t, w, g in wrong[:5]:
                print(f"     {t[:200]!r}\n       tokenizers {w[:40]}\n       pgrpo      {g[:40]}")
            bad += not (ok and same)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
