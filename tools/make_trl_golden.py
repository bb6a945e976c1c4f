#!/usr/bin/env python3
"""Writes tests/golden/train/grpo_loss.json and advantages.json: TRL's own numbers on small random tensors.

The loss comes from trl.GRPOTrainer._compute_loss, called on a stand-in for the trainer that hands it fixed
log-probabilities; the advantages from the lines of _generate_and_score_completions that compute them. Everything runs
in float64 on values that are exact in float32, so that the reference has no rounding of its own to speak of.

Needs: torch, trl 1.16 (run with any Python that has them).
"""
import collections
import inspect
import json
import pathlib
import re
import textwrap
import types

import torch
import trl
from trl import GRPOTrainer
from trl.trainer import grpo_trainer

OUT = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "train"
MAX_COMPLETION = 12


def f32(x):
    return x.float().double()


class Accelerator:
    num_processes = 1

    def reduce(self, x, reduction=None):
        return x

    def gather(self, x):
        return x


def stand_in(c, logps):
    s = types.SimpleNamespace()
    s._get_per_token_logps_and_entropies = lambda *a, **k: (logps, torch.zeros_like(logps), None)
    s.aux_loss_enabled = False
    s.top_entropy_quantile = 1.0
    s.off_policy_mask_threshold = None
    s.importance_sampling_level = "token"
    s.use_vllm = False
    s.vllm_importance_sampling_correction = False
    s._entropy_bonus_enabled = False
    s.beta = c["beta"]
    s.loss_type = c["loss_type"]
    s.epsilon_low, s.epsilon_high = c["epsilon"], c["epsilon_high"]
    s.max_completion_length = MAX_COMPLETION
    s.current_gradient_accumulation_steps = c["gradient_accumulation_steps"]
    s.args = types.SimpleNamespace(delta=c["delta"], use_bias_correction_kl=c["use_bias_correction_kl"],
                                   steps_per_generation=c["steps_per_generation"])
    s.accelerator = Accelerator()
    s.model = types.SimpleNamespace(training=True)
    s._metrics = {"train": collections.defaultdict(list)}
    return s


def make_case(seed, **over):
    c = dict(loss_type="dapo", epsilon=0.2, epsilon_high=0.28, delta=None, beta=0.0, use_bias_correction_kl=True,
             gradient_accumulation_steps=1, steps_per_generation=1, micro_batch=6, on_policy=False)
    c.update(over)
    g = torch.Generator().manual_seed(seed)
    gas, micro = c["gradient_accumulation_steps"], c["micro_batch"]
    n_seq = gas * micro
    length = torch.randint(1, 10, (n_seq,), generator=g)
    length[1] = 0  # a masked sequence
    width = int(length.max())
    mask = (torch.arange(width)[None] < length[:, None]).long()
    logp = f32(-5 * torch.rand(n_seq, width, generator=g))
    old = f32(logp + 0.3 * torch.randn(n_seq, width, generator=g))
    ref = f32(logp + 0.5 * torch.randn(n_seq, width, generator=g))
    adv = f32(torch.randn(n_seq, generator=g))
    adv[2] = 0.0
    round_tok = int(mask.sum()) * c["steps_per_generation"] // gas + 3  # the rest of the round has other tokens
    loss, grad, metrics = 0.0, [], collections.defaultdict(list)
    for m in range(gas):
        rows = slice(m * micro, (m + 1) * micro)
        leaf = logp[rows].clone().requires_grad_()
        s = stand_in(c, leaf)
        empty = torch.zeros(micro, 0, dtype=torch.long)
        inputs = dict(prompt_ids=empty, prompt_mask=empty, completion_ids=mask[rows], completion_mask=mask[rows],
                      advantages=adv[rows], num_items_in_batch=torch.tensor(float(round_tok), dtype=torch.float64),
                      ref_per_token_logps=ref[rows])
        if not c["on_policy"]:
            inputs["old_per_token_logps"] = old[rows]
        part = GRPOTrainer._compute_loss(s, None, inputs)
        part.backward()
        loss += part.item()
        grad.append(leaf.grad)
        for k, v in s._metrics["train"].items():
            metrics[k] += v
    grad = torch.cat(grad)
    flat = lambda x: [v for r, n in zip(x.tolist(), length.tolist()) for v in r[:n]]
    out = dict(c, length=length.tolist(), advantage=adv.tolist(), logp=flat(logp), logp_old=flat(old),
               logp_ref=flat(ref), round_tok=round_tok, max_completion=MAX_COMPLETION, loss=loss, grad=flat(grad))
    if gas == 1:  # with several micro-batches TRL averages the micro-batches' shares, we count tokens
        out["metrics"] = {k: v[0] for k, v in metrics.items() if k != "entropy"}
    return out


def loss_cases():
    cases = []
    for t in ("grpo", "bnpo", "dr_grpo", "dapo"):
        cases.append(make_case(len(cases), loss_type=t))
        cases.append(make_case(len(cases), loss_type=t, on_policy=True, beta=0.04))
        cases.append(make_case(len(cases), loss_type=t, gradient_accumulation_steps=2, steps_per_generation=4,
                               micro_batch=4, beta=0.1, use_bias_correction_kl=False))
    cases.append(make_case(len(cases), delta=1.1))
    cases.append(make_case(len(cases), delta=2.0, beta=0.5))
    cases.append(make_case(len(cases), epsilon=0.0, epsilon_high=0.0, loss_type="grpo"))
    return cases


def trl_advantages(rewards, num_generations, scale):
    source = inspect.getsource(GRPOTrainer._generate_and_score_completions)
    start = source.index("        unscorable_mask = torch.isnan(rewards_per_func).all(dim=1)")
    end = source.index("advantages = torch.nan_to_num(advantages, nan=0.0)")
    end = source.index("\n", end)
    code = textwrap.dedent(source[start:end])
    code = re.sub(r"\bself\.reward_weights\b", "weights", code)
    s = types.SimpleNamespace(multi_objective_aggregation="sum_then_normalize", scale_rewards=scale)
    scope = dict(vars(grpo_trainer), self=s, rewards_per_func=rewards[:, None], weights=torch.ones(1).double(),
                 device="cpu", num_generations=num_generations)
    exec(code, scope)
    return scope["advantages"], scope["is_std_zero"]


def advantage_cases():
    nan = float("nan")
    third = f32(torch.tensor([1 / 3])).item()
    sets = [
        (4, [0, 1, 2, 2, 1, 1, 1, 1, 0, 0, 0, 2.625]),
        (4, [nan, 1, 2, 0, nan, nan, nan, 1, nan, nan, nan, nan, 2, nan, 1, 2]),
        (2, [third, 2.5, 0, 0]),
        (3, [nan, nan, nan]),
    ]
    cases = []
    for group, r in sets:
        for scale in ("group", "batch", "none"):
            rewards = torch.tensor(r, dtype=torch.float64)
            adv, zero = trl_advantages(rewards, group, scale)
            cases.append(dict(group=group, scale=scale, reward=[None if x != x else x for x in r], advantage=adv.tolist(),
                              std_zero=[bool(z) for z in zero.tolist()]))
    return cases


def save(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"made_with": f"trl {trl.__version__}, torch {torch.__version__}", "cases": value})
    (OUT / name).write_text(text.replace('{"loss_type"', '\n{"loss_type"').replace('{"group"', '\n{"group"') + "\n")


save("grpo_loss.json", loss_cases())
save("advantages.json", advantage_cases())
