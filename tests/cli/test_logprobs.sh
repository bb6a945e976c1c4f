#!/usr/bin/env bash
# pgrpo logprobs on a tiny model with a tokenizer: equal to transformers, independent of the batch; refusals.
. tests/run.sh
command=logprobs model=tests/golden/models/text
echo '{"prompt": "a", "completion": "b"}' >"$dir/one.jsonl"
echo '{"prompt": "a"}' >"$dir/bad.jsonl"
printf '{"prompt": "a", "completion": "b"}\nno json\n' >"$dir/text.jsonl"
printf '{"prompt": "%0600d", "completion": "b"}\n' 0 >"$dir/long.jsonl"
run 2 "model is missing" "$dir/one.jsonl"
run 2 "must be f32 or bf16" --model $model --dtype f16 "$dir/one.jsonl"
run 2 "/no/such" --model /no/such "$dir/one.jsonl"
run 2 "operands" --model $model
run 2 'bad.jsonl:1: missing key "completion"' --model $model "$dir/bad.jsonl"
run 2 'text.jsonl:2: not valid JSON' --model $model "$dir/text.jsonl"
run 2 'long.jsonl:1: prompt and completion are 601 tokens' --model $model "$dir/long.jsonl"

PGR_MEMORY_GB=0.000001 run 2 'text: too little memory: the model needs' --model $model "$dir/one.jsonl"
PGR_MEMORY_GB=0.001 run 2 'a pass over 4096 tokens: too little memory' --model $model "$dir/one.jsonl"

# Out of memory at any allocation: exit code 1 and one line that says so.
for ((n = 1; n < 2000; n += 7)); do
    PGR_FAIL_ALLOC=$n "$pgrpo" logprobs --model $model "$dir/one.jsonl" >"$dir/out" 2>"$dir/err"; code=$?
    [ $code -eq 0 ] && break
    [ $code -eq 1 ] && [ "$(wc -l <"$dir/err")" -eq 1 ] || fail "allocation $n: exit code $code, $(cat "$dir/err")"
done
[ $code -eq 0 ] && [ $n -gt 50 ] || fail "failing allocations: ended at $n with exit code $code"

command -v python3 >/dev/null || { echo "no python3: only refusals tested"; exit 77; }
python3 - "$dir" <<'PY'
import json, sys
lines = [json.loads(l) for l in open("tests/golden/models/text/golden.jsonl")]
lines = [{"prompt": l["prompt"], "completion": l["completion"]} for l in lines]
long = [{"prompt": "word " * 30 + str(i), "completion": " and so on" * 9} for i in range(30)]
json_lines = lambda rows: "".join(json.dumps(r) + "\n" for r in rows)
open(sys.argv[1] + "/all.jsonl", "w").write(json_lines(lines + long + lines[::-1]))
PY
"$pgrpo" logprobs --model $model "$dir/all.jsonl" >"$dir/all" || fail "run"
"$pgrpo" logprobs --model $model tests/golden/models/text/golden.jsonl >"$dir/bf16" || fail "run"
"$pgrpo" logprobs --model $model --dtype f32 tests/golden/models/text/golden.jsonl >"$dir/f32" || fail "run"
python3 - "$dir" <<'PY' || fail "output"
import json, sys
read = lambda name: [json.loads(l) for l in open(name)]
want = read("tests/golden/models/text/golden.jsonl")
every, bf16, f32 = (read(sys.argv[1] + "/" + name) for name in ("all", "bf16", "f32"))
n = len(want)
assert len(every) == 2 * n + 30 and every[:n] == bf16 and every[:-n - 1:-1] == bf16, "the batch changed a result"
# tests/model/model_test.h derives the bounds: 16 stages of sums of at most 64 terms, 24 roundings to bfloat16
top = max(-x for w in want for x in w["logprobs"] if x is not None)
for got, bound in ((f32, 16 * 8 * 2**-23 * top), (bf16, 24 / 512 * top)):
    for g, w in zip(got, want):
        assert g["ids"] == w["ids"], (g, w)
        for a, b in zip(g["logprobs"], w["logprobs"], strict=True):
            assert (a is None) == (b is None) and (a is None or abs(a - b) <= bound), (a, b, bound)
        assert abs(g["sum"] - sum(x for x in g["logprobs"] if x is not None)) < 1e-5
PY
echo "ok"
