#!/usr/bin/env python3
"""Checks that transformers' AutoTokenizer loads a folder written by pgrpo to the same ids as the GGUF file it came from.

    check_tokenizer_folder.py FOLDER MODEL.gguf

The truth is gguf_tokenizer.py; also compared: chat template, special tokens, decoding."""
import random
import sys

from tokenizers import Tokenizer
from transformers import AutoTokenizer

import compare_tokenizer
import gguf_tokenizer


def main():
    folder, gguf = sys.argv[1:]
    tok, template = gguf_tokenizer.from_gguf(gguf)
    import json
    truth = Tokenizer.from_str(json.dumps(tok))
    auto = AutoTokenizer.from_pretrained(folder)
    rng = random.Random(7)
    texts = [*compare_tokenizer.code_files(), *compare_tokenizer.by_block(rng), *compare_tokenizer.combining(rng),
             *compare_tokenizer.mixed(rng, 20000, [t["content"] for t in tok["added_tokens"]])]
    want = [e.ids for e in truth.encode_batch(texts, add_special_tokens=False)]
    got = auto(texts, add_special_tokens=False)["input_ids"]
    bad = [t for t, w, g in zip(texts, want, got) if w != g]
    for t in bad[:3]:
        print(repr(t[:100]))
    plain = auto(texts[:200])["input_ids"]
    chat = [{"role": "user", "content": "Hi"}]
    same_template = auto.chat_template == template
    print(f"{type(auto).__name__}: {len(texts)} texts, {len(bad)} differ; {len(auto)} tokens; "
          f"template {'same' if same_template else 'DIFFERS'}; adds on its own: {plain[0][:1] if plain[0][:3] != want[0][:3] else 'nothing'}; "
          f"special {auto.special_tokens_map}")
    print(auto.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)[-60:])
    assert truth.decode(want[0]) == auto.decode(got[0])
    sys.exit(bool(bad) or not same_template)


if __name__ == "__main__":
    main()
