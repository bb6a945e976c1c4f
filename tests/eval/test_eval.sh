#!/usr/bin/env bash
# pgrpo eval with a tiny model: answers are written, judged, resumed after a cut, and two results compare.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo data=$PGR_SOURCE_DIR/tests/golden/data model=$PGR_SOURCE_DIR/tests/golden/models/text
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*"; cat "$dir/err" 2>/dev/null; exit 1; }
"$pgrpo" sandbox check >/dev/null 2>&1 || [ $? -eq 3 ] || { echo "no sandbox here: skipped"; exit 77; }
run() { "$pgrpo" eval --model "$model" --benchmark "$@" >"$dir/text" 2>"$dir/err"; }
he=humaneval=$data/humaneval.jsonl.gz
limits="--max-tokens 6 --raw"

run "$he" $limits --samples 3 --temperature 1 --seed 5 --out "$dir/a.jsonl" --report "$dir/a.json" || fail "first run"
[ "$(wc -l <"$dir/a.jsonl")" -eq 6 ] || fail "six answers"
grep -q '"task_id":"HumanEval/1","sample":2,"completion":' "$dir/a.jsonl" || fail "fields"
grep -q '"completions": 6' "$dir/a.json" || fail "report"

# Again: nothing is computed, the same result.
cp "$dir/a.jsonl" "$dir/first"
run "$he" $limits --samples 3 --temperature 1 --seed 5 --out "$dir/a.jsonl" || fail "second run"
cmp -s "$dir/a.jsonl" "$dir/first" || fail "a finished file changed"
grep -q '6 answers were there already' "$dir/err" || fail "resume is told"

# Cut in the middle of a line: the same answers in the end.
head -c $(($(head -2 "$dir/first" | wc -c) + 20)) "$dir/first" >"$dir/a.jsonl"
run "$he" $limits --samples 3 --temperature 1 --seed 5 --out "$dir/a.jsonl" || fail "run after a cut"
[ "$(sort "$dir/a.jsonl")" = "$(sort "$dir/first")" ] || fail "answers after a cut differ"

# Other settings are not mixed in; a file of something else is told.
run "$he" $limits --samples 3 --temperature 0.5 --out "$dir/a.jsonl"
[ $? -eq 2 ] && grep -q 'name another file with --out' "$dir/err" || fail "other settings"
echo '{"x":1}' >"$dir/b.jsonl"
run "$he" $limits --out "$dir/b.jsonl"
[ $? -eq 2 ] && grep -q 'b.jsonl:1: missing key "task_id"' "$dir/err" || fail "a foreign file"

# Math has no code; the first problems only.
run "math500=$data/math.jsonl" --max-tokens 4 --limit 2 --raw --out "$dir/m.jsonl" --json || fail "math"
[ "$(wc -l <"$dir/m.jsonl")" -eq 2 ] || fail "limit"
grep -q '"solution"' "$dir/m.jsonl" && fail "math has no code"

# Comparison of files of results.
printf '%s\n' '{"task_id":"a","passed":true}' '{"task_id":"b","passed":true}' '{"task_id":"c","passed":false}' >"$dir/x.jsonl"
printf '%s\n' '{"task_id":"a","passed":true}' '{"task_id":"b","passed":false}' '{"task_id":"c","passed":false}' >"$dir/y.jsonl"
"$pgrpo" eval --compare --json "$dir/x.jsonl" "$dir/y.jsonl" 2>"$dir/err" | tail -1 |
    grep -q '"only_a":1,"only_b":0,"mcnemar_p":1.0}' || fail "comparison"
"$pgrpo" eval --compare "$dir/x.jsonl" "$dir/m.jsonl" 2>"$dir/err"
[ $? -eq 2 ] && grep -q 'm.jsonl:1: needs "task_id" and "passed"' "$dir/err" || fail "no file of results"
"$pgrpo" eval --compare "$dir/x.jsonl" 2>"$dir/err"
[ $? -eq 2 ] || fail "one file only"
echo passed
