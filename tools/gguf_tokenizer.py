#!/usr/bin/env python3
"""A tokenizer.json for `tokenizers`, made from the metadata of a GGUF file, independently of our C code: the truth that
compare_tokenizer.py and make_tok_golden.py test against.

    gguf_tokenizer.py MODEL.gguf OUT_DIR

The pre-tokenizers are those of the models' own tokenizer.json: Qwen2 (NFC; Split by its pattern; ByteLevel), SmolLM2
(Digits; ByteLevel with GPT-2's pattern), Llama 3 (Split by its pattern; ByteLevel; ignore_merges)."""
import json
import os
import sys

QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")


def byte_level(use_regex):
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": use_regex, "use_regex": use_regex}


def split(pattern):
    return {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}, byte_level(False)]}


PRE = {
    "qwen2": {"normalizer": {"type": "NFC"}, "pre_tokenizer": split(QWEN2)},
    "smollm": {"normalizer": None, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
        {"type": "Digits", "individual_digits": True}, byte_level(True)]}},
    "llama-bpe": {"normalizer": None, "pre_tokenizer": split(LLAMA3)},
}


def tokenizer_json(vocab, merges, added, pre, ignore_merges=False):
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, **PRE[pre],
            "post_processor": None, "decoder": byte_level(False),
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                      "ignore_merges": ignore_merges, "vocab": vocab, "merges": merges}}


def added_token(id_, content, special, **flags):
    return {"id": id_, "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": special, **flags}


def from_gguf(path):
    """(tokenizer.json as an object, chat template)"""
    from gguf import GGUFReader
    fields = GGUFReader(path).fields
    get = lambda key: fields["tokenizer." + key].contents()
    tokens, types = get("ggml.tokens"), get("ggml.token_type")
    added = [added_token(i, t, k == 3) for i, (t, k) in enumerate(zip(tokens, types)) if k in (3, 4)]
    last = max(i for i, k in enumerate(types) if k == 1)
    vocab = {t: i for i, (t, k) in enumerate(zip(tokens, types)) if i <= last and k in (1, 3, 4)}
    pre = get("ggml.pre")
    return tokenizer_json(vocab, get("ggml.merges"), added, pre, pre == "llama-bpe"), get("chat_template")


def write(path, out_dir):
    tok, template = from_gguf(path)
    os.makedirs(out_dir, exist_ok=True)
    with open(os.path.join(out_dir, "tokenizer.json"), "w", encoding="utf-8") as f:
        json.dump(tok, f, ensure_ascii=False)
    with open(os.path.join(out_dir, "chat_template.jinja"), "w", encoding="utf-8", newline="") as f:
        f.write(template)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    write(sys.argv[1], sys.argv[2])
