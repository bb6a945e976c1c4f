#!/usr/bin/env python3
"""Writes tests/golden/sampling.json: what transformers' own chain of logits processors leaves of some rows of logits.

    python3 tools/make_sampling_golden.py [OUT]

Needs torch and transformers. The chain is the one that `generate` builds from a GenerationConfig, so the order of the
steps is theirs too. Logits are whole numbers of 1/256, which float32 holds exactly. A case whose cut lies within
rounding of a token's cumulative probability would be decided by float32 rounding: the script refuses such a case.
"""
import json
import os
import sys

import torch
import transformers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM
from transformers.generation import LogitsProcessorList

N_VOCAB = 2300  # three blocks of 1024, the last one partial
UNIT = 256


def rows():
    g = torch.Generator().manual_seed(7)
    peaked = torch.randn(N_VOCAB, generator=g) * 3.0
    flat = torch.randn(N_VOCAB, generator=g) * 0.3
    tied = torch.randint(-4, 5, (N_VOCAB,), generator=g).float() - 8.0
    tied[[5, 1500, 2299]] = 3.0  # three equals at the top, in three blocks
    tied[[17, 900, 1024, 2048]] = 2.0
    return [(r * UNIT).round().int().tolist() for r in (peaked, flat, tied)]


CASES = [
    dict(row=0),
    dict(row=0, temperature=0.6),
    dict(row=0, top_k=1),
    dict(row=0, top_k=50),
    dict(row=0, top_k=2299),
    dict(row=0, top_p=0.9),
    dict(row=0, top_p=0.0),
    dict(row=0, top_p=0.999),
    dict(row=0, min_p=0.05),
    dict(row=0, min_p=1.0),
    dict(row=0, temperature=0.7, top_k=20, top_p=0.8),
    dict(row=0, temperature=1.5, top_k=40, top_p=0.95, min_p=0.1),
    dict(row=0, temperature=1.3, top_k=400, top_p=0.5, min_p=0.3),
    dict(row=0, temperature=2.0, top_p=0.7, min_p=0.02),
    dict(row=0, repetition_penalty=1.3, seen="top"),
    dict(row=0, repetition_penalty=0.7, seen="top", temperature=0.8, top_k=30),
    dict(row=0, repetition_penalty=1.1, seen="top", temperature=0.7, top_k=20, top_p=0.8, min_p=0.01),
    dict(row=1, top_p=0.3),
    dict(row=1, top_k=1000, top_p=0.25, temperature=1.7),
    dict(row=1, temperature=0.05, top_p=0.95),
    dict(row=1, temperature=0.05, min_p=0.01),
    dict(row=2, top_k=2),
    dict(row=2, top_k=4),
    dict(row=2, top_k=5, top_p=0.5),
    dict(row=2, top_p=0.35),
    dict(row=2, top_p=0.8),
    dict(row=2, temperature=0.5, min_p=0.2),
]


def margin_ok(scores, case):
    """Are the cuts of top-p and min-p clear of rounding? In float64, on what the earlier steps left."""
    l = scores.double()
    if case.get("top_k"):
        kth = torch.topk(l, case["top_k"])[0][-1]
        l = torch.where(l < kth, torch.tensor(float("-inf"), dtype=l.dtype), l)
    p = torch.softmax(l, -1)
    top_p = case.get("top_p", 1.0)
    if top_p < 1:
        cum = torch.sort(p)[0].cumsum(-1)
        if ((cum - (1 - top_p)).abs() < 2e-5 * (1 - top_p)).any() and top_p > 0:
            return False
    if case.get("min_p"):
        rel = p / p.max()
        near = (rel - case["min_p"]).abs() < 1e-6 * case["min_p"]
        if (near & (rel < 1)).any():
            return False
    return True


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../tests/golden/sampling.json")
    model = LlamaForCausalLM(
        LlamaConfig(vocab_size=N_VOCAB, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1)
    )
    data = rows()
    cases = []
    for case in CASES:
        row = torch.tensor(data[case["row"]]).float() / UNIT
        seen = []
        if case.get("seen") == "top":
            seen = torch.topk(row, 6)[1].tolist() + torch.topk(-row, 4)[1].tolist()
            seen = seen + seen[:3]  # a token seen twice is penalised once
        settings = {k: v for k, v in case.items() if k not in ("row", "seen")}
        cfg = GenerationConfig(do_sample=True, **{"top_k": 0, "temperature": 1.0, **settings})
        ids = torch.tensor([seen], dtype=torch.long)
        chain = model._get_logits_processor(
            generation_config=cfg,
            input_ids_seq_length=len(seen),
            encoder_input_ids=ids,
            prefix_allowed_tokens_fn=None,
            logits_processor=LogitsProcessorList(),
            device="cpu",
        )
        scores = row[None].clone()
        before_cuts = None
        for step in chain:
            if type(step).__name__ in ("TopKLogitsWarper", "TopPLogitsWarper", "MinPLogitsWarper") and before_cuts is None:
                before_cuts = scores.clone()
            scores = step(ids, scores)
        if before_cuts is None:
            before_cuts = scores
        if not margin_ok(before_cuts[0], case):
            sys.exit(f"case {case}: a cut lies within rounding, choose another")
        p = torch.softmax(scores.double(), -1)[0]
        kept = [i for i in range(N_VOCAB) if p[i] > 0]
        n_kept = len(kept)
        # Which of equals at the cut stay is an accident of torch.sort: their number counts, not their ids.
        cut_off = {data[case["row"]][i] for i in range(N_VOCAB) if p[i] == 0 and i not in seen}
        kept = [i for i in kept if data[case["row"]][i] not in cut_off]
        kept = kept[:: max(1, n_kept // 300)]  # of a long list a part is enough beside its length
        cases.append(
            dict(row=case["row"], **settings, seen=seen, n_kept=n_kept, kept=kept,
                 p=[float(f"{p[i].item():.7g}") for i in kept])
        )
    doc = dict(made_by="tools/make_sampling_golden.py", transformers=transformers.__version__, torch=torch.__version__,
               unit=UNIT, n_vocab=N_VOCAB, rows=data, cases=cases)
    with open(out, "w") as f:
        f.write("{\n" + ",\n".join(f'"{k}": ' + json.dumps(v, separators=(",", ":")) for k, v in doc.items()) + "\n}\n")
    print(f"{out}: {len(cases)} cases, {os.path.getsize(out)} bytes; kept {[c['n_kept'] for c in cases]}")


if __name__ == "__main__":
    main()
