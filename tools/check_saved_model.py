#!/usr/bin/env python3
"""Checks a folder that `pgrpo convert MODEL.gguf FOLDER --dtype f32` wrote: transformers must load it with no key missing or left
over, and every weight must equal what transformers makes of the GGUF file itself (it has a dequantiser and a name map of its
own), bit for bit. Needs torch, transformers, gguf. Usage: check_saved_model.py MODEL.gguf FOLDER"""
import os
import sys

import torch
from transformers import AutoModelForCausalLM


def main(gguf, folder):
    want = AutoModelForCausalLM.from_pretrained(os.path.dirname(gguf), gguf_file=os.path.basename(gguf), dtype=torch.float32)
    got, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    bad = {k: v for k, v in info.items() if v}
    if bad:
        sys.exit(f"loading {folder}: {bad}")
    a, b = want.state_dict(), got.state_dict()
    if a.keys() != b.keys():
        sys.exit(f"names differ: {sorted(a.keys() ^ b.keys())[:5]}")
    for name in a:
        if a[name].shape != b[name].shape or not torch.equal(a[name], b[name]):
            sys.exit(f"{name} differs: largest difference {(a[name] - b[name]).abs().max()}")
    for key in ("rms_norm_eps", "num_attention_heads", "num_key_value_heads", "hidden_size", "intermediate_size", "vocab_size",
                "num_hidden_layers", "max_position_embeddings", "rope_parameters", "tie_word_embeddings"):
        if getattr(want.config, key) != getattr(got.config, key):
            print(f"note: config {key}: GGUF {getattr(want.config, key)}, folder {getattr(got.config, key)}")
    print(f"{len(a)} tensors, {sum(p.numel() for p in got.parameters())} parameters equal")


if __name__ == "__main__":
    main(*sys.argv[1:3])
