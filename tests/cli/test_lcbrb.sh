#!/usr/bin/env bash
# pgrpo lcbrb build with a tiny model: a run that is killed and begun again has the samples and pairs of an unbroken one;
# refusals. (Which samples are paired is tested in tests/pref/test_lcbrb_build.c.)
. tests/run.sh
"$pgrpo" sandbox check >/dev/null 2>&1 || [ $? -eq 3 ] || { echo "no sandbox here: skipped"; exit 77; }
command="lcbrb build" model=$dir/model
# A random model with 64 ids that stand for pieces of an answer, so that some answers have reasoning and code: 0 a dot, 1
# and 2 the chat's, 3 and 4 space and new line.
cp -r tests/golden/load/qwen2 "$model"
vocab='".":0,"<|im_start|>":1,"<|im_end|>":2,"\u0120":3,"\u010a":4' id=5
for c in {a..z} {A..Z} {0..2}; do vocab="$vocab,\"$c\":$id" id=$((id + 1)); done
cat >"$model/tokenizer.json" <<JSON
{"added_tokens":[{"id":1,"content":"<|im_start|>","special":true,"normalized":false},{"id":2,"content":"<|im_end|>","special":true,"normalized":false},
  {"id":60,"content":"<think>","special":false,"normalized":false},{"id":61,"content":"</think>","special":false,"normalized":false},
  {"id":62,"content":"<answer>","special":false,"normalized":false},{"id":63,"content":"</answer>","special":false,"normalized":false}],
 "normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},"decoder":{"type":"ByteLevel"},
 "model":{"type":"BPE","vocab":{$vocab},"merges":[]}}
JSON
chat_template "$model"
sed -i 's/"eos_token_id": 2,/"eos_token_id": [2,44],/' "$model/config.json"
rm -f "$model/generation_config.json"
for i in $(seq 1 6); do
    echo "{\"id\":\"t/$i\",\"prompt\":\"Add some to a number\",\"difficulty\":\"easy\",\"tests\":{\"stdin\":[\"1\"],\"stdout\":[\"$((i + 1))\"]}}"
done >"$dir/tasks.jsonl"
mkdir "$dir/prompts"
echo "{problem} {form}" >"$dir/prompts/solve.txt"
echo "{problem} {reasoning} {solution}" >"$dir/prompts/agree.txt"
echo "{problem} {reasoning}" >"$dir/prompts/sound.txt"
echo "{starter}" >"$dir/prompts/form_starter.txt"
for f in solve agree sound; do cp "$dir/prompts/$f.txt" "$dir/prompts/math_$f.txt"; done
for f in system judge_system form_stdin math_system; do echo "Be brief" >"$dir/prompts/$f.txt"; done
echo "test-1" >"$dir/prompts/version.txt"
args=(--model "$model" --tasks "$dir/tasks.jsonl" --prompts "$dir/prompts" --samples 24 --min-words 1 --length-band 1000 --max-tokens 120
    --max-length 500 --batch 16 --temperature 1 --top-p 1 --cpu 1)
run 2 "build needs --model, --tasks and --output" --model "$model"
run 2 "did you mean --samples?" --sample 3
run 2 "--votes is 16" "${args[@]}" --votes 16 --output "$dir/x"
run 2 "--judge needs --votes" "${args[@]}" --votes 0 --judge "$model" --output "$dir/x"
run 2 "leave no room for a question" "${args[@]}" --max-tokens 600 --output "$dir/x"
run 2 "has no {solution}" "${args[@]}" --prompts "$(cp -r "$dir/prompts" "$dir/poor" && echo "{problem} {reasoning}" >"$dir/poor/agree.txt" && echo "$dir/poor")" --output "$dir/x"
run 2 "let through" "${args[@]}" --difficulty hard --output "$dir/x"
[ ! -e "$dir/x" ] || fail "a refused run left a file of pairs"
echo '{"id":"t/1","prompt":"Add some"}' >"$dir/untested.jsonl"
run 2 'needs "tests" or "calls"' "${args[@]}" --tasks "$dir/untested.jsonl" --output "$dir/y"

run 0 "6 problems, 144 samples" "${args[@]}" --output "$dir/whole.jsonl" --json
lines=$(wc -l <"$dir/whole.jsonl.samples.jsonl")
[ "$lines" -ge 145 ] || fail "only $lines lines of samples"
ran=$(grep -c '"verdict"' "$dir/whole.jsonl.samples.jsonl")
[ "$ran" -gt 0 ] || fail "no sample had code to run"
run 2 'begun with "seed" 0, now it is 1' "${args[@]}" --output "$dir/whole.jsonl" --seed 1

killed=0
for round in $(seq 1 12); do
    "$pgrpo" lcbrb build "${args[@]}" --output "$dir/part.jsonl" >"$dir/out" 2>"$dir/err" &
    pid=$!
    want=$((lines * round / 7 + 2))
    for _ in $(seq 400); do
        kill -0 $pid 2>/dev/null || break
        [ "$(cat "$dir/part.jsonl.samples.jsonl" 2>/dev/null | wc -l)" -lt $want ] || break
        sleep 0.01
    done
    kill -9 $pid 2>/dev/null && killed=$((killed + 1))
    wait $pid 2>/dev/null && break
done
run 0 "6 problems, 144 samples" "${args[@]}" --output "$dir/part.jsonl"
cmp "$dir/whole.jsonl" "$dir/part.jsonl" || fail "other pairs after $killed kills"
[ "$(sort "$dir/whole.jsonl.samples.jsonl")" = "$(sort "$dir/part.jsonl.samples.jsonl")" ] || fail "other samples after $killed kills"
echo "ok, killed $killed times, $((lines - 1)) lines of samples, of which $ran ran"
