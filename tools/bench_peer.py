#!/usr/bin/env python3
"""What `pgrpo bench` measures, with torch and transformers on the CPU.

    bench_peer.py decode64|decode256|prefill|train [--runs 3] [--threads N] [--model FOLDER] [--checkpoint]

Without a model: random bfloat16 weights in the shape of Qwen2.5-Coder-0.5B (speed does not depend on the values). Prints
one JSON line: median, minimum and maximum tokens per second. decode64 is generate() over 64 prompts of 128 random tokens
with 128 new tokens each, decode256 over 256; the time of a run with one new token (the prefill) is taken off. train is forward, backward,
clipping and AdamW with float32 states over 8 sequences of 512 tokens."""
import argparse
import json
import resource
import time

import torch
import transformers

p = argparse.ArgumentParser()
p.add_argument("bench", choices=["decode64", "decode256", "prefill", "train"])
p.add_argument("--runs", type=int, default=3)
p.add_argument("--threads", type=int)
p.add_argument("--model")
p.add_argument("--checkpoint", action="store_true")
a = p.parse_args()
if a.threads:
    torch.set_num_threads(a.threads)
torch.manual_seed(0)
if a.model:
    model = transformers.AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.bfloat16)
else:
    c = transformers.Qwen2Config(vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24,
                                 num_attention_heads=14, num_key_value_heads=2, tie_word_embeddings=True)
    torch.set_default_dtype(torch.bfloat16)
    model = transformers.Qwen2ForCausalLM(c)
    torch.set_default_dtype(torch.float32)
vocab = model.config.vocab_size


def timed(f):
    start = time.monotonic()
    f()
    return time.monotonic() - start


def decode(n, new):
    ids = torch.randint(vocab, (n, 128))
    model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=new, min_new_tokens=new, do_sample=True,
                   temperature=1.0, top_k=0, pad_token_id=0)


def score(ids):
    with torch.inference_mode():
        for row in ids.split(1):
            logp = model(row).logits.float().log_softmax(-1)
            logp[:, :-1].gather(-1, row[:, 1:, None])


rates = []
if a.bench.startswith("decode"):
    n = int(a.bench.removeprefix("decode"))
    model.eval()
    prefill = min(timed(lambda: decode(n, 1)) for _ in range(2))
    for _ in range(a.runs):
        rates.append(n * 127 / (timed(lambda: decode(n, 128)) - prefill))
elif a.bench == "prefill":
    model.eval()
    ids = torch.randint(vocab, (8, 512))
    score(ids)
    for _ in range(a.runs):
        rates.append(ids.numel() / timed(lambda: score(ids)))
else:
    model.train()
    if a.checkpoint:
        model.gradient_checkpointing_enable()
    model.config.use_cache = False
    master = [w.detach().float().requires_grad_() for w in model.parameters()]
    optim = torch.optim.AdamW(master, lr=1e-6)
    ids = torch.randint(vocab, (8, 512))

    def step():
        for row in ids.split(2):
            (model(row, labels=row).loss / 4).backward()
        for m, w in zip(master, model.parameters()):
            m.grad = w.grad.float()
            w.grad = None
        torch.nn.utils.clip_grad_norm_(master, 1.0)
        optim.step()
        optim.zero_grad()
        with torch.no_grad():
            for m, w in zip(master, model.parameters()):
                w.copy_(m)

    step()
    for _ in range(a.runs):
        rates.append(ids.numel() / timed(step))
rates.sort()
print(json.dumps({"bench": a.bench + " (peer)", "torch": torch.__version__, "transformers": transformers.__version__,
                  "threads": torch.get_num_threads(), "runs": a.runs,
                  "tokens_per_second": round(rates[len(rates) // 2], 1), "min": round(rates[0], 1),
                  "max": round(rates[-1], 1),
                  "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)}))
