#!/usr/bin/env bash
# pgrpo logprobs: refusals, and on a real model from the cache the form of the output and its independence of the batch.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo
dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $1"; exit 1; }
refused() { # text, arguments ...
    local want=$1; shift
    "$pgrpo" logprobs "$@" >"$dir/out" 2>"$dir/err"; local code=$?
    [ $code -eq 2 ] || fail "exit code $code for: $*"
    [ "$(wc -l <"$dir/err")" -eq 1 ] || fail "more than one line for: $*"
    grep -q -- "$want" "$dir/err" || fail "\"$(cat "$dir/err")\" lacks \"$want\""
}
echo '{"prompt": "a", "completion": "b"}' >"$dir/one.jsonl"
refused "model is missing" "$dir/one.jsonl"
refused "must be f32 or bf16" --model x --dtype f16 "$dir/one.jsonl"
refused "/no/such" --model /no/such "$dir/one.jsonl"
refused "operands" --model /no/such

model=${PGRPO_CACHE:-$HOME/.cache/pgrpo}/models/smollm2-135m-instruct.gguf
[ -f "$model" ] || { echo "$model is not there (pgrpo fetch smollm2-135m-instruct): only refusals tested"; exit 77; }
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
echo '{"prompt": "a"}' >"$dir/bad.jsonl"
refused 'bad.jsonl:1: missing key "completion"' --model "$model" "$dir/bad.jsonl"

python3 - "$dir" <<'PY'
import json, sys
lines = [{"prompt": "def add(a, b):\n", "completion": "    return a + b\n"},
         {"prompt": "def add(a, b):\n", "completion": "    return a - b\n"},
         {"prompt": "", "completion": "Hello world"}, {"prompt": "x", "completion": ""},
         {"prompt": "<|im_start|>user\n", "completion": "Hi<|im_end|>"}]
long = [{"prompt": "word " * 30 + str(i), "completion": " and so on" * 9} for i in range(10)]
json_lines = lambda rows: "".join(json.dumps(r) + "\n" for r in rows)
open(sys.argv[1] + "/all.jsonl", "w").write(json_lines(lines + long + lines[::-1]))
open(sys.argv[1] + "/few.jsonl", "w").write(json_lines(lines))
PY
"$pgrpo" logprobs --model "$model" "$dir/all.jsonl" >"$dir/all" || fail "run"
"$pgrpo" logprobs --model "$model" "$dir/few.jsonl" >"$dir/few" || fail "run"
python3 - "$dir" <<'PY' || fail "output"
import json, sys
read = lambda name: [json.loads(l) for l in open(sys.argv[1] + "/" + name)]
every, few = read("all"), read("few")
assert len(every) == 20 and len(few) == 5, (len(every), len(few))
assert every[:5] == few and every[:-6:-1] == few, "the batch changed a result"
for r in every:
    assert len(r["ids"]) == len(r["logprobs"])
    known = [x for x in r["logprobs"] if x is not None]
    assert all(x <= 0 for x in known) and abs(sum(known) - r["sum"]) < 1e-5
assert few[2]["logprobs"][0] is None and None not in few[2]["logprobs"][1:]
assert few[3] == {"ids": [], "logprobs": [], "sum": 0}
assert few[4]["ids"][-1] == 2, "a special token's text is its id"
PY
echo "ok"
