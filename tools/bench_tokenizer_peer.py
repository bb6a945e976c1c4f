#!/usr/bin/env python3
"""The speed of Hugging Face `tokenizers` on one thread, on the files that bench_tokenizer reads.

    bench_tokenizer_peer.py MODEL [--rounds 5] FILE...

MODEL: a GGUF file (its tokenizer.json is made by gguf_tokenizer.py) or a folder with tokenizer.json. Prints one JSON
line like bench_tokenizer; times are CPU seconds."""
import argparse
import json
import os
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
from tokenizers import Tokenizer

import gguf_tokenizer

p = argparse.ArgumentParser()
p.add_argument("model")
p.add_argument("--rounds", type=int, default=5)
p.add_argument("files", nargs="+")
a = p.parse_args()
if os.path.isfile(a.model):
    tok = Tokenizer.from_str(json.dumps(gguf_tokenizer.from_gguf(a.model)[0]))
else:
    tok = Tokenizer.from_file(os.path.join(a.model, "tokenizer.json"))
texts = [open(f, encoding="utf-8").read() for f in a.files]
n_bytes = sum(len(t.encode()) for t in texts)
encode, decode = [], []
for _ in range(a.rounds):
    start = time.process_time()
    out = [tok.encode(t, add_special_tokens=False).ids for t in texts]
    encode.append(time.process_time() - start)
    start = time.process_time()
    for ids in out:
        tok.decode(ids, skip_special_tokens=False)
    decode.append(time.process_time() - start)
n = sum(map(len, out))
print(json.dumps({"bench": "tokenizers (peer)", "tokens_per_second": round(n / min(encode)),
                  "mb_per_second": round(n_bytes / 1e6 / min(encode), 2), "cold_mb_per_second": round(n_bytes / 1e6 / encode[0], 2),
                  "decode_mb_per_second": round(n_bytes / 1e6 / min(decode), 2), "bytes": n_bytes, "tokens": n, "files": len(texts)}))
