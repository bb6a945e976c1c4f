#!/usr/bin/env bash
# pgrpo check: verdicts by the rules of each benchmark on small files in their official layouts, result files, faults.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo data=$PGR_SOURCE_DIR/tests/golden/data
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
"$pgrpo" sandbox check >/dev/null 2>&1 || [ $? -eq 3 ] || { echo "no sandbox here: skipped"; exit 77; }

# expect BENCHMARK FILE 'SAMPLES' 'passed,passed,...' [KEY VALUE ...]
expect() {
    bench=$1 file=$2 want=$4
    printf '%s\n' "$3" >"$dir/s.jsonl"
    "$pgrpo" check --benchmark "$bench=$data/$file" --json "$dir/s.jsonl" >"$dir/out" 2>"$dir/err" ||
        fail "$bench: $(cat "$dir/err")"
    python3 - "$dir" "$want" "$bench" "${@:5}" <<'P' || fail "$bench"
import json, sys
folder, want, bench = sys.argv[1:4]
report = json.loads(open(folder + '/out').read().splitlines()[-1])
rows = [json.loads(l) for l in open(folder + '/s.jsonl_results.jsonl')]
got = ','.join('%d' % r['passed'] for r in rows)
assert got == want, '%s: got %s, want %s: %s' % (bench, got, want, [r['result'] for r in rows])
assert report['passed'] == want.count('1') and report['completions'] == len(rows), report
for key, value in zip(sys.argv[4::2], sys.argv[5::2]):
    v = report
    for k in key.split('/'):
        v = v[k]
    value = json.loads(value)
    assert abs(v - value) < 1e-12 if isinstance(v, float) else v == value, (key, v, value)
P
}

# HumanEval: completions continue the prompt; tests use the helpers that the solution has in the end.
expect humaneval humaneval.jsonl.gz '{"task_id":"HumanEval/0","completion":"    return a + b\n"}
{"task_id":"HumanEval/0","completion":"    return a - b\n"}
{"task_id":"HumanEval/0","completion":"    while True: pass\n"}
{"task_id":"HumanEval/1","solution":"def twice(x):\n    return x + x\n"}
{"task_id":"HumanEval/1","completion":"    return 2 * x\nhalf = None\n"}
{"task_id":"HumanEval/1","completion":"    exit()\n"}
{"task_id":"HumanEval/1","solution":"def half(x):\n    return 4\ndef twice(x):\n    return 0\n"}
{"task_id":"HumanEval/1","solution":"def half(x):\n    return 0\ndef twice(x):\n    return x + x\n"}' \
    1,0,0,1,0,0,1,0 benchmark '"humaneval"' problems 2 missing 0 pass_at_1 0.36666666666666664

# EvalPlus: two suites, tolerance where the reference gives floats, results that are too wrong only for the plus suite.
expect humaneval+ evalplus_humaneval.jsonl '{"task_id":"HumanEval/0","solution":"def add(a, b):\n    return a + b"}
{"task_id":"HumanEval/0","solution":"def add(a, b):\n    return a + b if a < 100 else 0"}
{"task_id":"HumanEval/0","solution":"def add(a, b):\n    return b + a + 1e-9 if type(a) is float else b + a"}
{"task_id":"HumanEval/0","solution":"def add(a, b):\n    return 0"}
{"task_id":"HumanEval/1","solution":"def f(x):\n    return x * 1.00000001"}
{"task_id":"HumanEval/1","solution":"def f(x):\n    return x + 0.1"}
{"task_id":"HumanEval/1","solution":"def f(x):\n    return str(x)"}' 1,0,1,0,1,0,0 base/passed 4
python3 - "$dir/s_eval_results.json" <<'P' || fail "EvalPlus' result file"
import json, sys
r = json.load(open(sys.argv[1]))
rows = r['eval']['HumanEval/0']
assert [(x['base_status'], x['plus_status']) for x in rows] == [('pass', 'pass'), ('pass', 'fail'), ('pass', 'pass'), ('fail', 'fail')], rows
assert rows[3]['base_fail_tests'] == [[1, 2]] and rows[0]['base_fail_tests'] == [], rows
assert set(r) == {'date', 'hash', 'eval', 'pass_at_k'} and 'pass@1' in r['pass_at_k']['plus']
P

# --sanitize: the answer's own asserts, calls and unneeded functions go; what does not parse, or too deeply nested to be
# parsed, is judged as it is; the result file holds what was judged.
deep=$(printf '(%.0s' $(seq 1 3000))
cat >"$dir/clean.jsonl" <<S
{"task_id":"HumanEval/0","response":"import math\\ndef help(x):\\n    return x\\ndef add(a, b):\\n    return help(a) + b\\ndef other():\\n    return 1\\nassert add(1, 1) == 3\\nexit()\\n"}
{"task_id":"HumanEval/0","solution":"def add(a, b):\\n    return a + b\\nadd = None\\nHere is the explanation"}
{"task_id":"HumanEval/0","solution":"x = $deep"}
{"task_id":"HumanEval/0","solution":"def add(a, b):\\n    return a - b\\n"}
S
for option in '' --sanitize; do
    "$pgrpo" check --benchmark "humaneval+=$data/evalplus_humaneval.jsonl" $option "$dir/clean.jsonl" >/dev/null 2>"$dir/err" ||
        fail "--sanitize: $(cat "$dir/err")"
    python3 - "$dir" "$option" <<'P' || fail "check $option"
import json, sys
rows = json.load(open(sys.argv[1] + '/clean_eval_results.json'))['eval']['HumanEval/0']
got = [x['plus_status'] for x in rows]
assert got == (['pass', 'pass', 'fail', 'fail'] if sys.argv[2] else ['fail'] * 4), got
if sys.argv[2]:
    assert rows[0]['solution'] == 'import math\ndef help(x):\n    return x\ndef add(a, b):\n    return help(a) + b', rows[0]
    assert rows[1]['solution'] == 'def add(a, b):\n    return a + b', rows[1]
P
done
"$pgrpo" check --benchmark "livecodebench=$data/lcb.jsonl" --sanitize "$dir/clean.jsonl" 2>"$dir/err"
[ $? -eq 2 ] && grep -q "mbpp and mbpp+ know it, not livecodebench" "$dir/err" || fail "--sanitize elsewhere: $(cat "$dir/err")"

expect mbpp+ evalplus_mbpp.jsonl '{"task_id":"Mbpp/2","solution":"def similar_elements(a, b):\n    assert type(a) is tuple\n    return [x for x in a if x in b]"}
{"task_id":"Mbpp/2","solution":"def similar_elements(a, b):\n    return (x for x in a if x in b)"}
{"task_id":"Mbpp/2","solution":"def similar_elements(a, b):\n    return a"}
{"task_id":"Mbpp/124","solution":"def angle(a, b):\n    return a + b.real"}
{"task_id":124,"solution":"def angle(a, b):\n    return b"}' 1,1,0,1,0
expect mbpp mbpp.jsonl '{"task_id":11,"solution":"def double(x): return x + x"}
{"task_id":601,"solution":"def value(n): return n.v"}
{"task_id":601,"solution":"def value(n): return 3.5"}' 1,1,0 missing 0

# LiveCodeBench: numbers of a line compare as decimals, exit() ends a run well, functions are called on one object; the
# harness finds no wrapped program beside a class Solution.
expect livecodebench livecodebench.jsonl '{"question_id":"abc1_a","code":"print(int(input()) + int(input()))"}
{"question_id":"abc1_a","code":"a = int(input())\nif __name__ == \"__main__\":\n    print(a + int(input()), \".0\", sep=\"\")\n    exit(3)"}
{"question_id":"abc1_a","code":"print(7)"}
{"question_id":"abc1_a","code":"class Solution: pass\nprint(int(input()) + int(input()))"}
{"question_id":"abc1_a","code":"from sys import *\ndata = list(map(int, stdin.read().split()))\nprint(sum(data))"}
{"question_id":"3000","code_list":["class Solution:\n    def scale(self, nums: List[int], k: int) -> List[int]:\n        return [float(n * k) for n in nums]","def scale(nums, k):\n    return tuple(n * k for n in nums)","class Solution:\n    def scale(self, nums, k):\n        return nums"]}' \
    1,1,0,0,1,1,1,0 by/difficulty/easy/problems 1 by/platform/leetcode/pass_at_1 0.6666666666666666 missing 1
# What its stand-ins for input and output do and do not have, and what it takes away.
expect livecodebench livecodebench.jsonl '{"question_id":"abc1_a","code":"import sys\nprint(sum(map(int, sys.stdin.buffer.read().split())))"}
{"question_id":"abc1_a","code":"import sys\nsys.stdin.read()\nprint(sum(map(int, sys.stdin.read().split())))"}
{"question_id":"abc1_a","code":"import sys\nprint(sum(int(line) for line in sys.stdin))"}
{"question_id":"abc1_a","code":"print(sum(map(int, open(0).read().split())))"}
{"question_id":"abc1_a","code":"import sys\nsys.stdout.write(str(int(input()) + int(input())))"}
{"question_id":"abc1_a","code":"from sys import stdout\nstdout.write(str(int(input()) + int(input())))"}
{"question_id":"abc1_a","code":"import sys\nsys.stdout.buffer.write(b\"%d\" % (int(input()) + int(input())))"}
{"question_id":"abc1_a","code":"import os\nprint(int(input()) + int(input()), flush=True)\nos._exit(0)"}
{"question_id":"abc1_a","code":"print(int(input()) + int(input()))\nquit()"}
{"question_id":"abc1_a","code":"import resource\nprint(int(input()) + int(input()))"}
{"question_id":"abc1_a","code":"from __future__ import annotations\nprint(int(input()) + int(input()))"}
{"question_id":"abc1_a","code":"print(int(input()) + int(input()) + len(str(10 ** 9999)) - 10000)"}
{"question_id":"abc1_a","code":""}
{"question_id":"3000","code":"def scale(nums, k):\n    import os\n    return [n * k for n in nums] if os.getcwd is None else 0"}
{"question_id":"3000","code":"from __future__ import annotations\ndef scale(nums, k):\n    return [n * k for n in nums]"}' \
    1,1,0,0,1,0,0,0,0,0,0,1,0,1,0

expect bigcodebench bigcodebench.jsonl '{"task_id":"BigCodeBench/0","solution":"def task_func(n):\n    return list(itertools.permutations(range(n), 2))"}
{"task_id":"BigCodeBench/0","solution":"def task_func(n):\n    return []"}' 1,0
expect leetcode leetcode.jsonl '{"task_id":"two-sum","response":"So:\n```python\nclass Solution:\n    def twoSum(self, nums: List[int], target):\n        return [0, 1]\n```\n"}
{"task_id":"two-sum","response":"I do not know."}' 1,0
expect leetcode leetcode.jsonl '{"task_id":"two-sum","tokens":30,"finish":"stop","response":"<think>I see</think><answer>\n```python\nclass Solution:\n    def twoSum(self, nums, target):\n        return [0, 1]\n```\n</answer>"}
{"task_id":"two-sum","tokens":11,"finish":"length","response":"<think>I do not"}' 1,0 mean_tokens 20.5 cut_rate 0.5 format_rate 0.5 mean_bytes 70.5
expect apps apps.jsonl '{"id":"apps/0","solution":"print(int(input()) + int(input()))"}
{"id":"apps/1","solution":"def add(a, b):\n    return a + b"}
{"id":"apps/1","solution":"def add(a, b):\n    return [a + b]"}' 1,1,0

# Dates: completions outside are left out and counted.
printf '%s\n' '{"id":"abc1_a","code":"x"}' '{"id":"3001","code":"x"}' >"$dir/s.jsonl"
"$pgrpo" check --benchmark "livecodebench=$data/livecodebench.jsonl" --from 2025-01-01 --json "$dir/s.jsonl" 2>/dev/null |
    tail -1 | grep -q '"problems":1,"missing":0,"completions":1,.*"outside_filter":1' || fail "dates"

# Faults: one line, exit code 2.
refuse() { # SAMPLES BENCHMARK MESSAGE
    printf '%s\n' "$1" >"$dir/s.jsonl"
    "$pgrpo" check --benchmark "$2" "$dir/s.jsonl" >"$dir/out" 2>"$dir/err"
    [ $? -eq 2 ] || fail "exit code of: $1"
    [ "$(grep -c . "$dir/err")" -eq 1 ] || fail "more than a line: $(cat "$dir/err")"
    grep -q -- "$3" "$dir/err" || fail "\"$3\" is not in: $(cat "$dir/err")"
}
he=humaneval=$data/humaneval.jsonl.gz
refuse '{"task_id":"HumanEval/0","solution":"x"}
{"task_id":"HumanEval/9","solution":"x"}' "$he" 's.jsonl: record 2: no task has the id "HumanEval/9"'
refuse '{"solution":"x"}' "$he" 's.jsonl:1: missing key "task_id"'
refuse '{"task_id":"HumanEval/0"}' "$he" 's.jsonl:1: missing key "solution"'
refuse '{"task_id":"HumanEval/0","solution":3}' "$he" '"solution" must be text'
refuse '{"task_id":' "$he" 's.jsonl:1: not valid JSON'
refuse '[]' "$he" 'no completion'
refuse '{"task_id":"HumanEval/0","solution":"x"}' "humaneval=$data/nothing.jsonl" 'nothing.jsonl: no such file'
refuse '{"task_id":"MBPP/11","solution":"x"}' "humaneval=$data/mbpp.jsonl" 'layout "mbpp"'
refuse '{"task_id":"x","solution":"x"}' "human-eval=$data/mbpp.jsonl" 'did you mean "humaneval"'
PGRPO_CACHE=$dir refuse '{"task_id":"x","solution":"x"}' "gsm8k" 'run: pgrpo fetch gsm8k'
echo passed
