#!/usr/bin/env bash
# pgrpo convert and names as models: refusals, and the small real model where it was fetched.
. tests/run.sh
nowhere=$dir/nowhere name=smollm2-135m-instruct
run 2 "operands" convert tests/golden/load/llama.gguf
run 2 "tests is already there" convert tests/golden/load/llama.gguf tests
run 2 '--dtype is "f16"' convert tests/golden/load/llama.gguf "$nowhere" --dtype f16
run 2 "no such file or folder, and no model of that name (did you mean $name?)" convert ${name}s "$nowhere"
run 2 "neither a Hugging Face folder nor a GGUF file" convert Makefile "$nowhere"
PGRPO_CACHE=$dir run 2 "run: pgrpo fetch $name" convert $name "$nowhere"
[ "$(ls "$dir")" = "err
out" ] || fail "a refused conversion left files"

# Out of memory at the n-th allocation: an orderly end, and no folder.
for n in $(seq 2 5 1000); do
    PGR_FAIL_ALLOC=$n "$pgrpo" convert tests/golden/models/text "$nowhere" >"$dir/out" 2>"$dir/err"
    code=$?
    [ $code -eq 0 ] && break
    { [ $code -eq 1 ] && grep -qi "memory" "$dir/err"; } || fail "allocation $n fails: exit code $code"
    [ ! -e "$nowhere" ] || fail "allocation $n fails: a folder is there"
done
[ $code -eq 0 ] && [ "$n" -gt 40 ] || fail "no end of failing allocations at $n"
run 0 "" convert "$nowhere" "$dir/same"
cmp "$nowhere/model.safetensors" "$dir/same/model.safetensors" || fail "the second conversion differs"
cp -r "$nowhere" "$dir/few" && cp tests/golden/load/llama/*.json "$dir/few/"
run 2 "embeddings" convert "$dir/few" "$dir/small"

if ! "$pgrpo" fetch | grep -A1 "^$name" | grep -q "here: "; then
    echo "refusals passed; $name is not fetched, so no real conversion"
    exit 0
fi
run 0 "$dir/hf" convert $name "$dir/hf" --max-shard-mb 100
for f in config.json generation_config.json model.safetensors.index.json tokenizer.json tokenizer_config.json chat_template.jinja; do
    [ -s "$dir/hf/$f" ] || fail "no $f"
done
# The folder tokenizes as its source, converts again to the same weights, and is a reward model on request.
want=$(echo "def f(x): return x" | "$pgrpo" tokenize --model $name)
[ "$(echo "def f(x): return x" | "$pgrpo" tokenize --model "$dir/hf")" = "$want" ] || fail "the folder tokenizes differently"
run 0 "" convert "$dir/hf" "$dir/again"
run 0 "" convert $name "$dir/direct"
cmp "$dir/again/model.safetensors" "$dir/direct/model.safetensors" || fail "the second conversion differs"
run 0 "" convert "$dir/hf" "$dir/rm" --score --seed 3
grep -q LlamaForSequenceClassification "$dir/rm/config.json" || fail "no classification model"
echo "all checks passed"
