#!/usr/bin/env bash
# pgrpo generate: a tiny model with a letter tokenizer (streaming, JSON lines, stops, the same tokens for any batch),
# refusals, and chat with the small real model where it was fetched.
. tests/run.sh
command=generate

# The golden model has 64 ids: 0 a dot, 1 and 2 special, then 61 characters. Most bytes have no id.
m=$dir/model
cp -r tests/golden/load/qwen2 "$m"
vocab='".":0' id=3
for c in {a..z} {A..Z} {0..8}; do vocab="$vocab,\"$c\":$id" id=$((id + 1)); done
cat >"$m/tokenizer.json" <<JSON
{"added_tokens":[{"id":1,"content":"<s>","special":true,"normalized":false},{"id":2,"content":"</s>","special":true,"normalized":false}],
 "normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},"decoder":{"type":"ByteLevel"},
 "model":{"type":"BPE","vocab":{$vocab,"<s>":1,"</s>":2},"merges":[]}}
JSON

run 2 "--model is needed" --prompt x
run 2 "give either --prompt TEXT or --file" --model "$m"
run 2 "give either --prompt TEXT or --file" --model "$m" --prompt x --file y
run 2 "did you mean --temperature" --model "$m" --prompt x --temprature 1
run 2 '--dtype is "f16"' --model "$m" --prompt x --dtype f16
run 2 "top-p is 1.5" --model "$m" --prompt x --top-p 1.5
run 2 "none.jsonl: cannot open" --model "$m" --raw --file "$dir/none.jsonl"
run 2 "tokenizer.json" --model tests/golden/load/qwen2 --prompt x
run 2 "use --raw" --model "$m" --prompt x
run 2 "the prompt is empty" --model "$m" --raw --prompt ""
printf '{"prompt":"abc"}\n{"promt":"abc"}\n' >"$dir/bad.jsonl"
run 2 'bad.jsonl:2: missing key "prompt"' --model "$m" --raw --file "$dir/bad.jsonl"
printf '{"prompt":"abc"}\n{"prompt":"abc"\n' >"$dir/bad.jsonl"
run 2 'bad.jsonl:2' --model "$m" --raw --file "$dir/bad.jsonl"
head -c 5000 /dev/zero | tr '\0' a | sed 's/.*/{"prompt":"&"}/' >"$dir/bad.jsonl"
run 2 'bad.jsonl:1: the prompt has 5000 tokens, the model takes 4096' --model "$m" --raw --file "$dir/bad.jsonl"

for gb in 0.000001 0.00004; do # no room for the weights; for the cache
    PGR_MEMORY_GB=$gb run 2 "too little memory" --model "$m" --raw --prompt abc
done
run 0 "10 completion tokens" --model "$m" --raw --prompt abc --max-tokens 10 --seed 4 --dtype f32
[ "$(tail -c 1 "$dir/out" | od -An -tx1 | tr -d ' ')" = 0a ] || fail "no newline after the text"
stream=$(cat "$dir/out")
printf '{"prompt":"abc"}\n{"prompt":"Zebra"}\n\n{"prompt":"x"}\n' >"$dir/p.jsonl"
first=""
for batch in 1 2 64; do
    run 0 '"tokens_per_second"' --model "$m" --raw --file "$dir/p.jsonl" --samples 3 --max-tokens 10 --seed 4 --dtype f32 \
        --batch $batch --json
    [ "$(wc -l <"$dir/out")" -eq 10 ] || fail "batch $batch: $(wc -l <"$dir/out") lines, want 9 and a summary"
    got=$(head -9 "$dir/out" | sort)
    [ -z "$first" ] || [ "$got" = "$first" ] || fail "batch $batch gives other completions"
    first=$got
done
echo "$first" | grep -qF "{\"index\":0,\"sample\":0,\"text\":\"$stream\",\"finish\":\"length\",\"tokens\":10,\"logp_sum\":-" ||
    fail "the streamed text \"$stream\" is not that of the file's first sample: $first"

# A stop string ends the text before it, whatever it was; the second half of the streamed text serves.
stop=${stream:4:2}
run 0 "1 ended" --model "$m" --raw --prompt abc --max-tokens 10 --seed 4 --dtype f32 --stop "$stop"
[ "$(cat "$dir/out")" = "${stream%%"$stop"*}" ] || fail "--stop $stop gives \"$(cat "$dir/out")\" of \"$stream\""

# A closed pipe and Ctrl-C end it. Without an end token the text is long enough to be cut.
cp -r "$m" "$dir/endless"
sed -i 's/"eos_token_id": 2,/"eos_token_id": null,/' "$dir/endless/config.json"
rm -f "$dir/endless/generation_config.json"
timeout 60 "$pgrpo" generate --model "$dir/endless" --raw --prompt abc --max-tokens 4000 --seed 4 2>"$dir/err" | head -c 5 >/dev/null
code=${PIPESTATUS[0]}
[ $code -eq 2 ] || fail "a closed pipe: exit code $code"
rm "$dir/out" # what an earlier run left would send the signal too early
"$pgrpo" generate --model "$m" --raw --file "$dir/p.jsonl" --samples 5000 --max-tokens 4000 >"$dir/out" 2>"$dir/err" &
pid=$!
for _ in $(seq 200); do [ -s "$dir/out" ] && break; sleep 0.05; done
kill -INT $pid
wait $pid
[ $? -eq 130 ] || fail "SIGINT: exit code is not 130"
grep -q '"finish":"interrupted"' "$dir/out" || fail "SIGINT: what ran is not delivered"

# Every allocation may fail: one line, exit code 1, nothing leaked (the dev preset looks for leaks).
n=0 code=1
while [ $code -ne 0 ]; do
    n=$((n + 1))
    PGR_FAIL_ALLOC=$n "$pgrpo" generate --model "$m" --raw --file "$dir/p.jsonl" --samples 2 --max-tokens 3 --stop zz \
        --repetition-penalty 1.1 >"$dir/out" 2>"$dir/err"
    code=$?
    [ $code -eq 0 ] || { [ $code -eq 1 ] && [ "$(wc -l <"$dir/err")" -eq 1 ]; } || fail "allocation $n fails: exit code $code"
done
[ $n -gt 50 ] || fail "only $n allocations were made to fail"

name=smollm2-135m-instruct
if ! "$pgrpo" fetch | grep -A1 "^$name" | grep -q "here: "; then
    echo "passed without a chat: $name is not fetched"
    exit 0
fi
run 0 "Paris" --model $name --prompt "Which city is the capital of France? Say its name." --temperature 0 --max-tokens 12
printf '{"messages":[{"role":"system","content":"Be short."},{"role":"user","content":"Which city is the capital of France? Say its name."}]}\n' >"$dir/chat.jsonl"
run 0 "Paris" --model $name --file "$dir/chat.jsonl" --temperature 0 --max-tokens 12
echo "all checks passed"
