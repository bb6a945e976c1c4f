#!/usr/bin/env python3
"""Checks the adapters that `pgrpo rm train --lora-r N` writes: PEFT puts FOLDER/adapter on the model it was trained from, transformers
loads the merged FOLDER itself, and both must give the same score to some texts. Needs torch, transformers, peft.

    check_adapter.py BASE FOLDER     BASE: the causal model as a Hugging Face folder (`pgrpo convert` makes one of a GGUF)"""
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

TEXTS = ["def f(x):\n    return x + 1", "Sort the list, then walk it once.", "no"]


def scores(model, tokenizer):
    model.config.pad_token_id = tokenizer.pad_token_id or tokenizer.eos_token_id
    with torch.inference_mode():
        return [model(**tokenizer(t, return_tensors="pt")).logits.item() for t in TEXTS]


def main(base, folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    merged = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32)
    plain = AutoModelForSequenceClassification.from_pretrained(base, num_labels=1, dtype=torch.float32)
    adapted = PeftModel.from_pretrained(plain, folder + "/adapter")
    a, b = scores(merged, tokenizer), scores(adapted, tokenizer)
    print("merged", a)
    print("PEFT  ", b)
    worst = max(abs(x - y) for x, y in zip(a, b))
    print("largest difference", worst)
    # The merged folder holds rounded weights when it was written in bfloat16.
    rounded = torch.finfo(torch.bfloat16).eps if "bfloat16" in open(folder + "/config.json").read() else 1e-4
    sys.exit(worst > 8 * rounded * max(1.0, max(map(abs, b))))


if __name__ == "__main__":
    main(*sys.argv[1:])
