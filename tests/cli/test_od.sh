#!/usr/bin/env bash
# pgrpo od build with a tiny model: a run that is killed and begun again writes what an unbroken one writes; refusals.
# (What is a good text is tested in tests/pref/test_od_check.c, which pairs are made in test_od_build.c.)
. tests/run.sh
command="od build" model=$dir/model
# A random model with 64 ids: 0 a dot, 1 and 2 the chat's, 3 and 4 space and new line, then letters. Seven letters end a
# text as <|im_end|> does, or it would hardly ever end.
cp -r tests/golden/load/qwen2 "$model"
vocab='".":0,"<|im_start|>":1,"<|im_end|>":2,"\u0120":3,"\u010a":4' id=5
for c in {a..z} {A..Z} {0..6}; do vocab="$vocab,\"$c\":$id" id=$((id + 1)); done
cat >"$model/tokenizer.json" <<JSON
{"added_tokens":[{"id":1,"content":"<|im_start|>","special":true,"normalized":false},{"id":2,"content":"<|im_end|>","special":true,"normalized":false}],
 "normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},"decoder":{"type":"ByteLevel"},
 "model":{"type":"BPE","vocab":{$vocab},"merges":[]}}
JSON
chat_template "$model"
sed -i 's/"eos_token_id": 2,/"eos_token_id": [2,40,41,42,43,44,45,46],/' "$model/config.json"
rm -f "$model/generation_config.json"
for i in $(seq 1 12); do
    echo "{\"id\":\"t/$i\",\"prompt\":\"Add some to a number\",\"entry_point\":\"f\",\"calls\":[{\"args\":[1],\"expected\":$((i + 1))}]}"
done >"$dir/tasks.jsonl"
# Prompts of those letters.
mkdir "$dir/prompts"
echo "{problem}" >"$dir/prompts/base.txt"
echo "{reasoning} {change}" >"$dir/prompts/rewrite.txt"
for f in system solve_system; do echo "Be brief." >"$dir/prompts/$f.txt"; done
echo "{problem} {reasoning}" >"$dir/prompts/solve.txt"
echo "test-1" >"$dir/prompts/version.txt"
for d in factual_accuracy logical_rigor logical_coherence; do
    echo better >"$dir/prompts/optimized_$d.txt"
    echo worse >"$dir/prompts/degraded_$d.txt"
done
# Its texts are letters: bounds so wide that they pass.
wide=(--model "$model" --tasks "$dir/tasks.jsonl" --prompts "$dir/prompts" --min-words 1 --length-band 1000 --max-script 1 --max-similarity 1
    --max-tokens 60 --max-length 500 --batch 4 --attempts 3)
run 2 "build needs --model, --tasks and --output" --model "$model"
run 2 "did you mean --attempts?" --atempts 3
run 2 "--length-band is 0.5" "${wide[@]}" --length-band 0.5 --output "$dir/x"
run 2 "leave no room for a question" "${wide[@]}" --max-tokens 600 --output "$dir/x"
run 2 "$dir/none" "${wide[@]}" --prompts "$dir/none" --output "$dir/x"
[ ! -e "$dir/x" ] || fail "a refused run left a file of pairs"

run 0 "12 problems" "${wide[@]}" --output "$dir/whole.jsonl" --json
[ -s "$dir/whole.jsonl.texts.jsonl" ] || fail "no texts"
texts=$(wc -l <"$dir/whole.jsonl.texts.jsonl")
[ "$texts" -gt 20 ] || fail "only $texts lines of texts"
run 2 'begun with "seed" 0, now it is 1' "${wide[@]}" --output "$dir/whole.jsonl" --seed 1

sed 's/Add some/Add none/' "$dir/tasks.jsonl" >"$dir/other.jsonl"
run 2 "the problem of task t/" "${wide[@]}" --tasks "$dir/other.jsonl" --output "$dir/whole.jsonl"

killed=0
for round in $(seq 1 20); do
    "$pgrpo" od build "${wide[@]}" --output "$dir/part.jsonl" >"$dir/out" 2>"$dir/err" &
    pid=$!
    want=$((texts * round / 8 + 2))
    for _ in $(seq 400); do
        kill -0 $pid 2>/dev/null || break
        [ "$(cat "$dir/part.jsonl.texts.jsonl" 2>/dev/null | wc -l)" -lt $want ] || break
        sleep 0.01
    done
    kill -9 $pid 2>/dev/null && killed=$((killed + 1))
    wait $pid 2>/dev/null && break
done
run 0 "12 problems" "${wide[@]}" --output "$dir/part.jsonl"
cmp "$dir/whole.jsonl" "$dir/part.jsonl" || fail "other pairs after $killed kills"
[ "$(sort "$dir/whole.jsonl.texts.jsonl")" = "$(sort "$dir/part.jsonl.texts.jsonl")" ] || fail "other texts after $killed kills"
echo "ok, killed $killed times, $((texts - 1)) texts, $(wc -l <"$dir/whole.jsonl") pairs"
