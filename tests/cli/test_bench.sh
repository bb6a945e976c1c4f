#!/usr/bin/env bash
# pgrpo bench: every path that a tiny model can go, the shape of the JSON line, refusals. (A training step with its
# sandbox is tested in train/; here only that `step` refuses what it must.)
. tests/run.sh
command=bench
measured() { # NAME KEY...
    local name=$1
    shift
    timeout 900 "$pgrpo" bench "$name" --model "$m" --runs 2 --json >"$dir/out" 2>"$dir/err" || fail "$name"
    [ "$(wc -l <"$dir/out")" -eq 1 ] || fail "$name: more than one line"
    python3 - "$dir/out" "$name" "$@" <<'PY' || fail "$name: $(cat "$dir/out")"
import json, sys
j = json.load(open(sys.argv[1]))
assert j["bench"] == sys.argv[2] and j["runs"] == 2 and j["threads"] >= 1 and j["isa"]
assert 0 < j["min"] <= j["tokens_per_second"] <= j["max"]
for key in sys.argv[3:]:
    assert j[key] > 0, key
PY
}

m=$dir/model
cp -r tests/golden/load/qwen2 "$m"
vocab='".":0' id=3
for c in {a..z} {A..Z} {0..8}; do vocab="$vocab,\"$c\":$id" id=$((id + 1)); done
cat >"$m/tokenizer.json" <<JSON
{"added_tokens":[{"id":1,"content":"<s>","special":true,"normalized":false},{"id":2,"content":"</s>","special":true,"normalized":false}],
 "normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},"decoder":{"type":"ByteLevel"},
 "model":{"type":"BPE","vocab":{$vocab,"<s>":1,"</s>":2},"merges":[]}}
JSON

run 2 "did you mean decode64?" decode46 --model "$m"
run 2 "--model is missing" train
run 2 "takes no files" prefill --model "$m" x
run 2 "--set goes with bench step only" train --model "$m" --set seed=2
run 2 "runs is 0" prefill --model "$m" --runs 0
run 2 "none: no such file" decode64 --model "$dir/none"
run 2 "unknown key" step --model "$m" --set sed=2
[ -z "$(ls -d "${TMPDIR:-/tmp}"/pgrpo-bench-?????? 2>/dev/null)" ] || fail "step left its folder behind"

printf 'abcdefgh.12345678' >"$dir/text"
measured decode64 layers_ms logits_ms draw_ms prefill_s sequences
measured prefill layers_tokens_per_second tflop_per_second
measured train layers_tokens_per_second loss
measured tokenizer mb_per_second warm_mb_per_second
timeout 60 "$pgrpo" bench tokenizer --model "$m" "$dir/text" "$dir/text" >"$dir/out" 2>"$dir/err" || fail "tokenizer with files"
grep -qF '"bytes":34.0' "$dir/out" || fail "tokenizer with files: $(cat "$dir/out")"
