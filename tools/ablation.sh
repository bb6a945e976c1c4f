#!/usr/bin/env bash
# The ablation of docs/experiments.md: grpo, ungated and p-grpo from the same start, two seeds each, one run after the
# other. Started again after an interruption, it goes on where it stopped.
#   tools/ablation.sh PGRPO OUTPUT_DIR [STEPS]
# A run is done when its folder holds `done`; its checkpoints and model are then deleted, metrics and completions stay.
set -eu
pgrpo=$1
out=$2
steps=${3:-30}
cd "$(dirname "$0")/.."

mkdir -p "$out"
if [ ! -f "$out/reward/config.json" ]; then
    "$pgrpo" rm train --model qwen2.5-coder-0.5b-instruct --pairs data/pairs.jsonl --output "$out/reward" \
        --epochs 1 --seed 1 --calibration spread 2> "$out/reward.log"
fi
for seed in 1 2; do
    for mode in grpo ungated p-grpo; do
        run=$out/$mode-seed$seed
        [ -f "$run/done" ] && continue
        mkdir -p "$run"
        [ $mode = grpo ] && start=true || start=false # the start is the same: evaluated once
        "$pgrpo" train configs/ablation.yaml --resume --set "reward_mode=$mode" --set "seed=$seed" --set "max_steps=$steps" --set eval_on_start=$start \
            --set "output_dir=$run" --set "reward_model_name_or_path=$out/reward" 2>> "$run/log"
        date -u +%FT%TZ > "$run/done"
        rm -rf "$run"/checkpoint-* "$run"/model*.safetensors
    done
done
