#!/usr/bin/env bash
# pgrpo rm train: the folder, its learning curve and its calibration; what rm score makes of it; refusals.
. tests/run.sh
model=$dir/model
chat_model "$model"
for i in $(seq 1 60); do
    split=train; [ $((i % 4)) -eq 0 ] && split=validation
    echo "{\"prompt\":\"task $i\",\"chosen\":\"so it is $i\",\"rejected\":\"or it is $i\",\"split\":\"$split\",\"dimension\":\"d$((i % 3))\",\"type\":\"t\"}"
done >"$dir/pairs.jsonl"
train() { "$pgrpo" rm train --model "$model" --pairs "$dir/pairs.jsonl" --learning-rate 0.003 --dtype f32 "$@" 2>"$dir/err"; }
train --output "$dir/rm" --epochs 4 --eval-steps 2 --early-stopping-patience 50 >"$dir/out" || fail "train: $(cat "$dir/err")"
train --output "$dir/plain" --epochs 1 --calibration none >"$dir/plain.out" || fail "train without calibration"
[ -e "$dir/plain/reward_calibration.json" ] && fail "a calibration although none was asked for"
train --output "$dir/x" --calibration platt >/dev/null && fail "an unknown calibration"
grep -q "must be spread, probability or none" "$dir/err" || fail "$(cat "$dir/err")"
[ -e "$dir/x" ] && fail "a folder although the command failed"
mkdir "$dir/mine" && echo x >"$dir/mine/notes.txt"
train --output "$dir/mine" --epochs 1 >/dev/null && fail "a folder of other files was replaced"
{ grep -q "is no model folder" "$dir/err" && [ -e "$dir/mine/notes.txt" ]; } || fail "other files: $(cat "$dir/err")"
head -3 "$dir/pairs.jsonl" >"$dir/few.jsonl"
train --pairs "$dir/few.jsonl" --output "$dir/plain" --epochs 1 >"$dir/few.out" || fail "a model folder is not replaced: $(cat "$dir/err")"
grep -q '"eval_accuracy":null,"eval_loss":null,"eval_pairs":0' "$dir/few.out" || fail "nothing held out: $(cat "$dir/few.out")"
train --output "$dir/lora" --epochs 1 --lora-r 2 --lora-alpha 6 >"$dir/lora.out" || fail "adapters: $(cat "$dir/err")"
for i in $(seq 2 60); do echo "{\"id\":\"$i\",\"chosen\":[$((i % 4 + 5))],\"rejected\":[$((i % 3))]}"; done >"$dir/grades.jsonl"
train --output "$dir/graded" --epochs 1 --grades "$dir/grades.jsonl" >"$dir/graded.out" || fail "grades: $(cat "$dir/err")"
grep -q "^21 of 60 pairs have no two grades and are left out$" "$dir/err" || fail "left out: $(cat "$dir/err")"
echo '{"id":"3","chosen":[1],"rejected":[2]}' >>"$dir/grades.jsonl"
train --output "$dir/x" --grades "$dir/grades.jsonl" >/dev/null && fail "two grades of one pair"
grep -q 'grades.jsonl:60: a second record of "3"' "$dir/err" || fail "$(cat "$dir/err")"
echo '{"id":"3","chosen":["good"],"rejected":[2]}' >"$dir/grades.jsonl"
train --output "$dir/x" --grades "$dir/grades.jsonl" >/dev/null && fail "a grade that is no number"
grep -q 'key "chosen" must be a list of one grade' "$dir/err" || fail "$(cat "$dir/err")"
train --output "$dir/x" --lora-alpha 6 >/dev/null && fail "an alpha without a rank"
grep -q "needs --lora-r" "$dir/err" || fail "$(cat "$dir/err")"
"$pgrpo" rm score --model "$dir/rm" --dtype f32 "$dir/pairs.jsonl" >"$dir/pairs.out" 2>/dev/null || fail "score"
echo '{"prompt":"task 4","reasoning":"so it is 4"}' >"$dir/one.jsonl"
"$pgrpo" rm score --model "$dir/rm" --dtype f32 "$dir/one.jsonl" >"$dir/one.out" || fail "score"
"$pgrpo" rm score --model "$dir/rm" --dtype f32 --no-calibration "$dir/one.jsonl" >"$dir/raw.out" || fail "score"
PGR_MEMORY_GB=0.000001 "$pgrpo" rm score --model "$dir/rm" "$dir/one.jsonl" >"$dir/x.out" 2>"$dir/err"
{ [ $? -eq 2 ] && grep -q "too little memory: the model needs" "$dir/err"; } || fail "too little memory: $(cat "$dir/err")"
PGR_MEMORY_GB=0.000001 train --output "$dir/y" >/dev/null
{ [ $? -eq 2 ] && grep -q "too little memory: reward-model training" "$dir/err"; } || fail "too little memory: $(cat "$dir/err")"
command -v python3 >/dev/null || { echo "no python3: output not compared"; exit 77; }
python3 - "$dir" <<'PY' || fail "output"
import json, math, sys
d = sys.argv[1]
lines = lambda name: [json.loads(l) for l in open(d + "/" + name)]
out, cal = lines("out")[-1], json.load(open(d + "/rm/reward_calibration.json"))
curve = lines("rm/rm_metrics.jsonl")
evals = [r for r in curve if "eval_loss" in r]
steps = [r for r in curve if "loss" in r]
assert [r["step"] for r in steps] == list(range(1, 13)), steps  # 45 pairs, 16 an update, 4 epochs
assert [r["step"] for r in evals] == [0, 2, 4, 6, 8, 10, 12]
best = min(evals[1:], key=lambda r: r["eval_loss"])
assert best["best"] and out["step"] == best["step"] and out["eval_loss"] == best["eval_loss"]
for r in evals:
    g = r["eval_dimensions"]
    assert sum(x["pairs"] for x in g.values()) == 15 == r["eval_types"]["t"]["pairs"] == r["eval_pairs"]
    assert abs(sum(x["accuracy"] * x["pairs"] for x in g.values()) / 15 - r["eval_accuracy"]) < 1e-12
# The folder is the best model: its scores have the best evaluation's accuracy, and their spread is the calibration.
pairs, held = lines("pairs.jsonl"), []
for p, s in zip(pairs, lines("pairs.out"), strict=True):
    if p["split"] == "validation": held.append(s)
assert abs(sum(s["chosen"] > s["rejected"] for s in held) / 15 - out["eval_accuracy"]) < 1e-12
scores = [s[k] for s in held for k in ("chosen", "rejected")]
mean = sum(scores) / 30
std = (sum((x - mean) ** 2 for x in scores) / 30) ** 0.5
assert abs(cal["offset"] - mean) < 1e-5 and abs(cal["temperature"] - std * 3 ** 0.5 / math.pi) < 1e-5, (cal, mean, std)
assert cal["method"] == "spread" and cal["pairs"] == 15 and out["calibration"]["offset"] == cal["offset"]
one, raw = lines("one.out")[0], lines("raw.out")[0]
assert one["score"] == raw["score"] == held[0]["chosen"]
assert abs(raw["reward"] - 1 / (1 + math.exp(-raw["score"]))) < 1e-6
assert abs(one["reward"] - 1 / (1 + math.exp(-(one["score"] - cal["offset"]) / cal["temperature"]))) < 1e-6
assert lines("plain.out")[-1]["calibration"] is None

# The folder holds the merged model, adapter/ in it what PEFT reads: W = W0 + alpha / r B A, the head whole.
import array, glob, struct
def tensors(folder, name="model*.safetensors"):
    found = {}
    for path in glob.glob(folder + "/" + name):
        raw = open(path, "rb").read()
        n = struct.unpack("<Q", raw[:8])[0]
        head = json.loads(raw[8 : 8 + n])
        head.pop("__metadata__", None)
        for key, t in head.items():
            assert t["dtype"] == "F32", t
            a, b = t["data_offsets"]
            found[key] = t["shape"], array.array("f", raw[8 + n + a : 8 + n + b])
    return found
cfg = json.load(open(d + "/lora/adapter/adapter_config.json"))
assert (cfg["peft_type"], cfg["task_type"], cfg["r"], cfg["lora_alpha"]) == ("LORA", "SEQ_CLS", 2, 6), cfg
assert cfg["modules_to_save"] == ["score"] and cfg["base_model_name_or_path"] == d + "/model", cfg
base, merged = tensors(d + "/model"), tensors(d + "/lora")
adapter = tensors(d + "/lora/adapter", "adapter_model.safetensors")
assert adapter.pop("base_model.model.score.weight") == merged["score.weight"]
n_adapted = 0
for key, (shape, w) in merged.items():
    if key == "score.weight": continue
    stem = "base_model.model." + key.removesuffix(".weight")
    a, b = adapter.pop(stem + ".lora_A.weight", None), adapter.pop(stem + ".lora_B.weight", None)
    if a is None:
        assert w == base[key][1], key
        continue
    (r, cols), (rows, _) = a[0], b[0]
    assert r == 2 and [rows, cols] == shape, (key, a[0], b[0])
    n_adapted += 1
    for i in range(0, rows * cols, 7):
        o, c = divmod(i, cols)
        terms = [3 * b[1][o * 2 + k] * a[1][k * cols + c] for k in range(2)]
        want = base[key][1][i] + sum(terms)
        assert abs(w[i] - want) <= 6 * 2**-24 * (abs(base[key][1][i]) + sum(map(abs, terms))) + 1e-30, (key, i, w[i], want)
assert not adapter and n_adapted > 0 and n_adapted % 7 == 0, adapter.keys()
PY
echo ok
