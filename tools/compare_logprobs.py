#!/usr/bin/env python3
"""Compares `pgrpo logprobs` with transformers in float32 on the same Hugging Face folder.

    compare_logprobs.py PGRPO FOLDER [FILE.jsonl] [--dtype f32|bf16]

FILE holds {"prompt","completion"} lines (some of its own when left out). Token ids must be equal. Prints the largest and mean
difference of the tokens' log-probabilities and fails above a bound: 2e-3 nats for f32 (float32 sums over a few thousand terms
and some dozens of layers), 0.5 for bf16 (8 bits of mantissa in activations and weights; the mean must stay below 0.03).
Needs torch, transformers."""
import argparse
import json
import subprocess
import tempfile

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

OWN = [
    {"prompt": "def fibonacci(n):\n    ", "completion": "if n < 2:\n        return n\n    return fibonacci(n - 1) + fibonacci(n - 2)\n"},
    {"prompt": "The capital of France is", "completion": " Paris. It lies on the Seine."},
    {"prompt": "<|im_start|>user\nAdd 17 and 25.<|im_end|>\n<|im_start|>assistant\n", "completion": "17 + 25 = 42<|im_end|>"},
    {"prompt": "Zürich, 東京, Москва: ", "completion": "три города 🏙️"},
    {"prompt": "\n".join(f"x{i} = {i * i}" for i in range(200)), "completion": "\nx200 = 40000\n"},
]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("pgrpo")
    p.add_argument("folder")
    p.add_argument("file", nargs="?")
    p.add_argument("--dtype", default="f32", choices=["f32", "bf16"])
    a = p.parse_args()
    file = a.file
    if not file:
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", delete=False) as f:
            f.writelines(json.dumps(x) + "\n" for x in OWN)
            file = f.name
    lines = [json.loads(x) for x in open(file) if x.strip()]
    out = subprocess.run([a.pgrpo, "logprobs", "--model", a.folder, "--dtype", a.dtype, file], check=True, capture_output=True, text=True)
    ours = [json.loads(x) for x in out.stdout.splitlines()]
    assert len(ours) == len(lines), (len(ours), len(lines))
    tok = AutoTokenizer.from_pretrained(a.folder)
    model = AutoModelForCausalLM.from_pretrained(a.folder, dtype=torch.float32)
    worst, total, n = 0.0, 0.0, 0
    for line, mine in zip(lines, ours):
        prompt = tok(line["prompt"], add_special_tokens=False)["input_ids"]
        completion = tok(line["completion"], add_special_tokens=False)["input_ids"]
        assert mine["ids"] == completion, (mine["ids"], completion)
        with torch.no_grad():
            logits = model(torch.tensor([prompt + completion])).logits[0, len(prompt) - 1:-1]
        logp = torch.log_softmax(logits.double(), -1)[range(len(completion)), completion]
        diff = (torch.tensor(mine["logprobs"], dtype=torch.float64) - logp).abs()
        assert abs(sum(mine["logprobs"]) - mine["sum"]) < 1e-3
        worst, total, n = max(worst, diff.max().item()), total + diff.sum().item(), n + len(completion)
    print(f"{a.dtype}: {len(lines)} lines, {n} tokens, largest difference {worst:.3g} nats, mean {total / n:.3g}")
    assert worst <= (2e-3 if a.dtype == "f32" else 0.5) and total / n <= (1e-3 if a.dtype == "f32" else 0.03)


if __name__ == "__main__":
    main()
