#!/usr/bin/env bash
# What `make run` does after the build: a real P-GRPO training, small enough for a coffee. The reward model is kept in
# the cache, keyed by what it is made from, so a second run goes straight to the training.
set -eu
pgrpo=$1
model=qwen2.5-coder-0.5b-instruct
cache=${PGRPO_CACHE:-$HOME/.cache/pgrpo}
out=runs/quickstart

step() { printf '\n== %s\n' "$*" >&2; }

step "1/4 the model ($model)"
"$pgrpo" fetch "$model"
"$pgrpo" inspect "$model" | sed -n 1,8p

step "2/4 the sandbox of this host"
"$pgrpo" sandbox check

step "3/4 a reward model from the built-in pairs"
key=$({ cat data/pairs.jsonl; "$pgrpo" --version | head -n 1; } | sha256sum | cut -c1-16)
reward=$cache/reward/quickstart-$key
if [ -f "$reward/config.json" ]; then
    echo "cached: $reward" >&2
else
    mkdir -p "$cache/reward"
    "$pgrpo" rm train --model "$model" --pairs data/pairs.jsonl --output "$reward" --epochs 1 --seed 1
fi
mkdir -p "$out"
ln -sfn "$reward" "$out/reward-model"

step "4/4 P-GRPO on the built-in tasks"
rm -rf "$out/policy"
"$pgrpo" train configs/quickstart.yaml

step "done"
cat >&2 <<MSG
The trained model is a Hugging Face folder: $out/policy
  metrics.jsonl      one line an update
  completions/       every completion with its reward parts, verdict and advantage
Try it:
  $pgrpo generate --model $out/policy --prompt 'Write a Python function that reverses the words of a sentence.'
Change configs/quickstart.yaml or see README.md for your own model and tasks.
MSG
