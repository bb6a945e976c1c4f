#!/usr/bin/env python3
"""What `pgrpo bench step` measures, with TRL's GRPOTrainer on the CPU.

    bench_step_peer.py MODEL_FOLDER [--steps 1]

One step is 8 prompts x 8 completions of at most 256 tokens and one update; bfloat16 model and states, gradient
checkpointing. The prompts are those of src/cli/bench_step.c, read from there. The reward is a constant sequence of
numbers, so that every completion has an advantage. Prints one JSON line: seconds a step, mean length, peak memory."""
import argparse
import json
import pathlib
import re
import resource
import tempfile
import time

import datasets
import torch
import transformers
import trl

p = argparse.ArgumentParser()
p.add_argument("model")
p.add_argument("--steps", type=int, default=1)
a = p.parse_args()
source = (pathlib.Path(__file__).parent.parent / "src/cli/bench_step.c").read_text()
topics = re.findall(r'"([^"]+)"', source[source.index("topics[]"):source.index("};", source.index("topics[]"))])
assert len(topics) == 8, topics
ask = ("Explain {} at length: the idea, the data structures, each step of the code, the edge cases, and what it costs. "
       "Then write it as a Python function `solve(x)`.")
data = datasets.Dataset.from_list([{"prompt": [{"role": "user", "content": ask.format(t)}]} for t in topics] * (a.steps + 1))
lengths, ends = [], []


def reward(completions, completion_ids, **_):
    lengths.append([len(c) for c in completion_ids])
    return [float(i % 5) for i in range(len(completions))]


class Clock(transformers.TrainerCallback):
    def on_train_begin(self, *args, **kwargs):
        ends.append(time.monotonic())

    def on_step_end(self, *args, **kwargs):
        ends.append(time.monotonic())


with tempfile.TemporaryDirectory() as out:
    config = trl.GRPOConfig(
        output_dir=out, use_cpu=True, bf16=True, gradient_checkpointing=True, per_device_train_batch_size=8,
        gradient_accumulation_steps=8, num_generations=8, max_completion_length=256, temperature=1.0, learning_rate=1e-6,
        max_steps=a.steps, beta=0.0, save_strategy="no", report_to=[], logging_steps=1, seed=1)
    model = transformers.AutoModelForCausalLM.from_pretrained(a.model, dtype=torch.bfloat16)
    trainer = trl.GRPOTrainer(model=model, reward_funcs=reward, args=config, train_dataset=data, callbacks=[Clock()],
                              processing_class=transformers.AutoTokenizer.from_pretrained(a.model))
    trainer.train()
steps = [b - a for a, b in zip(ends, ends[1:])]
all_lengths = [n for batch in lengths for n in batch]
print(json.dumps({"bench": "step (peer)", "trl": trl.__version__, "torch": torch.__version__,
                  "transformers": transformers.__version__, "threads": torch.get_num_threads(), "steps": len(steps),
                  "step_s": sum(steps) / len(steps), "min": min(steps), "max": max(steps),
                  "mean_length": sum(all_lengths) / len(all_lengths), "completions": len(all_lengths),
                  "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9}))
