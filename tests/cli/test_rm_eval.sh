#!/usr/bin/env bash
# pgrpo rm eval: the same scores as rm score, what the table and the JSON say, the baselines alone, refusals.
. tests/run.sh
command="rm eval" model=$dir/model
chat_model "$model"
for i in 1 2 3 4 5 6 7 8; do
    echo "{\"id\":\"$i\",\"prompt\":\"task $((i / 2))\",\"chosen\":\"so it is $i\",\"rejected\":\"or not $i$i\",\"dimension\":\"d$((i % 2))\"}"
done >"$dir/pairs.jsonl"
echo '{"prompt":"p","chosen":["a","b","c"],"rejected":["d","e","f"],"domain":"chat"}' >"$dir/bench.jsonl"
run 2 "cannot open" "$dir/none.jsonl"
run 2 "no score.weight" --model "$model" "$dir/pairs.jsonl"
run 2 "needs --model" --untrained "$dir/pairs.jsonl"
run 2 "must be f32 or bf16" --dtype f16 "$dir/pairs.jsonl"
run 2 'no pair with split "x"' --split x "$dir/pairs.jsonl"

"$pgrpo" rm eval "$dir/pairs.jsonl" --json >"$dir/base" || fail "baselines alone"
tail -1 "$dir/base" | grep -q '"model":null' || fail "JSON without a model"
grep -q '^all  *8 ' "$dir/base" || fail "table"
grep -q '^d1  *4 ' "$dir/base" || fail "table by dimension"

"$pgrpo" convert "$model" "$dir/rm" --score >"$dir/out" 2>"$dir/err" || fail "a reward model: $(cat "$dir/err")"
"$pgrpo" rm eval --model "$dir/rm" "$dir/pairs.jsonl" --scores "$dir/scores" --json --dtype f32 >"$dir/eval" || fail "eval"
"$pgrpo" rm score --model "$dir/rm" "$dir/pairs.jsonl" --dtype f32 >"$dir/score" 2>"$dir/err" || fail "score"
"$pgrpo" rm eval --model "$model" --untrained --seed 3 "$dir/pairs.jsonl" --limit 5 >"$dir/untrained" || fail "untrained"
grep -q '^all  *5 ' "$dir/untrained" || fail "limit"
"$pgrpo" rm eval --model "$dir/rm" "$dir/bench.jsonl" >"$dir/bench" || fail "RM-Bench"
grep -q '^RM-Bench: easy ' "$dir/bench" || fail "RM-Bench's matrix"

# A random model as judge: its answers say nothing, so all pairs are ties, and grades are 0.
mkdir "$dir/prompts"
echo "{problem} {first} {second}" >"$dir/prompts/compare.txt"
echo "{problem} {reasoning}" >"$dir/prompts/grade.txt"
echo "x" | tee "$dir/prompts/system.txt" >"$dir/prompts/version.txt"
run 2 "one of them" --model "$dir/rm" --judge "$model" "$dir/pairs.jsonl"
run 2 "must be compare or grade" --judge "$model" --judge-mode guess "$dir/pairs.jsonl"
run 2 "needs --judge" --endpoint http://127.0.0.1:9/v1 "$dir/pairs.jsonl"
run 2 "can only grade those" --judge "$model" --prompts "$dir/prompts" --max-tokens 4 "$dir/bench.jsonl"
"$pgrpo" rm eval --judge "$model" --max-tokens 4 "$dir/pairs.jsonl" >"$dir/judge" 2>/dev/null || fail "judge with long prompts"
grep -q '^0 questions; 16 answers say nothing, 16 questions were too long$' "$dir/judge" || fail "too long: $(cat "$dir/judge")"
"$pgrpo" rm eval --judge "$model" --prompts "$dir/prompts" --max-tokens 4 "$dir/pairs.jsonl" --json >"$dir/judge" 2>"$dir/err" || fail "judge: $(cat "$dir/err")"
grep -q '^16 questions; 16 answers say nothing, 0 questions were too long$' "$dir/judge" || fail "judge: $(cat "$dir/judge")"
grep -q '^ties (counted as wrong): 8$' "$dir/judge" || fail "judge: $(cat "$dir/judge")"
tail -1 "$dir/judge" | grep -q '"judge":{"mode":"compare","prompts":"x:' || fail "judge: $(tail -1 "$dir/judge")"
"$pgrpo" rm eval --judge "$model" --prompts "$dir/prompts" --judge-mode grade --max-tokens 4 "$dir/bench.jsonl" --scores "$dir/grades" >"$dir/judge" 2>"$dir/err" ||
    fail "grades: $(cat "$dir/err")"
grep -q '"chosen":\[0,0,0\],"rejected":\[0,0,0\]' "$dir/grades" || fail "grades: $(cat "$dir/grades")"

# Out of memory at any allocation: exit code 1 and one line that says so.
for ((n = 1; n < 4000; n += 13)); do
    PGR_FAIL_ALLOC=$n "$pgrpo" rm eval "$dir/pairs.jsonl" --json >"$dir/out" 2>"$dir/err"; code=$?
    [ $code -eq 0 ] && break
    [ $code -eq 1 ] && [ "$(wc -l <"$dir/err")" -eq 1 ] || fail "allocation $n: exit code $code, $(cat "$dir/err")"
done
[ $code -eq 0 ] && [ $n -gt 50 ] || fail "failing allocations: ended at $n with exit code $code"

command -v python3 >/dev/null || { echo "no python3: output not compared"; exit 77; }
python3 - "$dir" <<'PY' || fail "output"
import json, sys
d = sys.argv[1]
scores = [json.loads(l) for l in open(d + "/scores")]
singles = [json.loads(l) for l in open(d + "/score")]
result = json.loads(open(d + "/eval").read().splitlines()[-1])
assert [s["id"] for s in scores] == [str(i) for i in range(1, 9)]
for a, b in zip(scores, singles, strict=True):
    assert a["chosen"] == [b["chosen"]] and a["rejected"] == [b["rejected"]], (a, b)
right = [s["chosen"][0] > s["rejected"][0] for s in scores]
assert result["n"] == 8 and result["problems"] == 5 and abs(result["accuracy"] - sum(right) / 8) < 1e-12
for k in (0, 1):
    of = [r for i, r in enumerate(right, 1) if i % 2 == k]
    assert abs(result["dimensions"][f"d{k}"]["accuracy"] - sum(of) / len(of)) < 1e-12
assert result["low"] <= result["accuracy"] <= result["high"]
assert set(result["baselines"]) == {"longer", "shorter", "bag_of_words"}
PY
echo ok
