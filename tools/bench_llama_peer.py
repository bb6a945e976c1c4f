#!/usr/bin/env python3
"""The decode64 benchmark with llama.cpp, to stand beside `pgrpo bench decode64`.

    bench_llama_peer.py GGUF [--sequences 64] [--runs 2] [--threads N]

Needs llama-cpp-python. Prompts of 128 random tokens, then 128 steps of one token for each sequence in one batch, through
llama.cpp's own interface. Nothing is drawn from the logits, random tokens go on, so the peer has a little less to do.
Prints one JSON line: median, minimum and maximum tokens per second of the steps."""
import argparse
import json
import os
import random
import statistics
import time

import llama_cpp as lc

p = argparse.ArgumentParser()
p.add_argument("gguf")
p.add_argument("--sequences", type=int, default=64)
p.add_argument("--runs", type=int, default=2)
p.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
a = p.parse_args()
PROMPT, NEW, UBATCH = 128, 128, 512
random.seed(0)
lc.llama_backend_init()
quiet = lc.llama_log_callback(lambda *_: None)  # must live as long as it can be called
lc.llama_log_set(quiet, None)
model = lc.llama_model_load_from_file(a.gguf.encode(), lc.llama_model_default_params())
if not model:
    raise SystemExit(f"{a.gguf}: llama.cpp cannot load it")
n_vocab = lc.llama_vocab_n_tokens(lc.llama_model_get_vocab(model))
o = lc.llama_context_default_params()
o.n_ctx = a.sequences * (PROMPT + NEW)
o.n_seq_max = a.sequences
o.n_batch = max(UBATCH, a.sequences)
o.n_ubatch = UBATCH
o.n_threads = o.n_threads_batch = a.threads


def decode(ctx, batch, rows, logits):
    """rows: (sequence, position)"""
    batch.n_tokens = len(rows)
    for i, (s, at) in enumerate(rows):
        batch.token[i] = random.randrange(n_vocab)
        batch.pos[i] = at
        batch.n_seq_id[i] = 1
        batch.seq_id[i][0] = s
        batch.logits[i] = logits
    if lc.llama_decode(ctx, batch) != 0:
        raise SystemExit("llama_decode failed")


rates = []
for _ in range(a.runs):
    ctx = lc.llama_init_from_model(model, o)
    batch = lc.llama_batch_init(o.n_batch, 0, 1)
    per_call = UBATCH // PROMPT
    for s in range(0, a.sequences, per_call):
        decode(ctx, batch, [(q, at) for q in range(s, min(s + per_call, a.sequences)) for at in range(PROMPT)], False)
    lc.llama_synchronize(ctx)
    start = time.monotonic()
    for step in range(NEW):
        decode(ctx, batch, [(s, PROMPT + step) for s in range(a.sequences)], True)
        lc.llama_get_logits(ctx)[0]
    rates.append(a.sequences * NEW / (time.monotonic() - start))
    lc.llama_batch_free(batch)
    lc.llama_free(ctx)
print(json.dumps({"bench": f"decode{a.sequences} (peer)", "llama_cpp_python": lc.__version__, "gguf": os.path.basename(a.gguf),
                  "threads": a.threads, "runs": a.runs, "tokens_per_second": round(statistics.median(rates), 1),
                  "min": round(min(rates), 1), "max": round(max(rates), 1)}))
