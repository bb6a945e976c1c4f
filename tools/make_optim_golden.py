#!/usr/bin/env python3
"""Writes tests/golden/train/optim.json: torch's AdamW and gradient clipping on a small parameter list, and
transformers' learning-rate schedules. Needs torch and transformers."""
import json
import pathlib

import torch
import transformers

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "train" / "optim.json"


def adamw(weight_decay, beta1, beta2, eps, max_norm, schedule, warmup):
    g = torch.Generator().manual_seed(5)
    sizes = [("matrix", 24), ("norm", 4), ("bias", 6), ("matrix", 15)]
    params = [torch.nn.Parameter(torch.randn(n, generator=g).float().double()) for _, n in sizes]
    groups = [
        {"params": [p for p, (k, _) in zip(params, sizes) if k == "matrix"], "weight_decay": weight_decay},
        {"params": [p for p, (k, _) in zip(params, sizes) if k != "matrix"], "weight_decay": 0.0},
    ]
    opt = torch.optim.AdamW(groups, lr=0.01, betas=(beta1, beta2), eps=eps, foreach=False, fused=False)
    steps = 5
    sched = transformers.get_scheduler(schedule, opt, num_warmup_steps=warmup, num_training_steps=steps)
    out = dict(weight_decay=weight_decay, beta1=beta1, beta2=beta2, epsilon=eps, max_grad_norm=max_norm, schedule=schedule,
               warmup=warmup, total=steps, base_lr=0.01, kinds=[k for k, _ in sizes], sizes=[n for _, n in sizes],
               start=torch.cat([p.detach() for p in params]).tolist(), steps=[])
    for step in range(steps):
        grads = [(torch.randn(n, generator=g) * 2.0 ** (3 * step - 9)).double() for _, n in sizes]
        for p, gr in zip(params, grads):
            p.grad = gr.clone()
        norm = torch.nn.utils.clip_grad_norm_(params, max_norm if max_norm else float("inf")).item()
        lr = sched.get_last_lr()[0]
        opt.step()
        sched.step()
        out["steps"].append(dict(lr=lr, norm=norm, grad=torch.cat(grads).tolist(),
                                 param=torch.cat([p.detach() for p in params]).tolist()))
    return out


def schedules():
    out = []
    for name in ("linear", "cosine", "constant", "constant_with_warmup"):
        for warmup, total in ((0, 7), (3, 10), (5, 5)):
            opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
            sched = transformers.get_scheduler(name, opt, num_warmup_steps=warmup, num_training_steps=total)
            lrs = []
            for _ in range(total + 2):
                lrs.append(sched.get_last_lr()[0])
                opt.step()
                sched.step()
            out.append(dict(schedule=name, warmup=warmup, total=total, lr=lrs))
    return out


OUT.parent.mkdir(parents=True, exist_ok=True)
value = {"made_with": f"torch {torch.__version__}, transformers {transformers.__version__}",
         "adamw": [adamw(0.0, 0.9, 0.999, 1e-8, 1.0, "linear", 0), adamw(0.1, 0.8, 0.95, 1e-6, 0.0, "cosine", 2)],
         "schedules": schedules()}
OUT.write_text(json.dumps(value).replace('{"weight_decay"', '\n{"weight_decay"').replace('{"schedule"', '\n{"schedule"') + "\n")
