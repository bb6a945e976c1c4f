#!/usr/bin/env bash
# pgrpo od build and lcbrb build with a model behind an endpoint: many requests at once, resume after the server's death,
# refusals, keys.
. tests/run.sh
command -v python3 >/dev/null || { echo "python3 is not installed: skipped"; exit 77; }
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY OPENAI_API_KEY
servers=""
cleanup() { for p in $servers; do kill "$p" 2>/dev/null; done; rm -rf "$dir"; }
trap cleanup EXIT
serve() { # starts a server with these options
    : >"$dir/port"
    python3 tests/cli/writer_server.py --log "$dir/log" "$@" >"$dir/port" &
    servers="$servers $!"
    for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.1; done
    url=http://127.0.0.1:$(cat "$dir/port")/v1
}
asked() { wc -l <"$dir/log"; }
for i in 1 2 3 4; do
    echo "{\"id\":\"t/$i\",\"prompt\":\"Problem $i: add one to n\",\"entry_point\":\"f\",\"calls\":[{\"args\":[$i],\"expected\":$((i + 1))}]}"
done >"$dir/tasks.jsonl"

# od build
command="od build"
tasks="--tasks $dir/tasks.jsonl"
serve --gather 4
export MY_KEY=sk-of-this-test-0123
run 0 "36 pairs" $tasks --endpoint "$url" --model words --key-env MY_KEY --seed 3 --output "$dir/od.jsonl"
whole=$(asked)
[ "$whole" -ge 28 ] || fail "$whole requests"
grep -q '"generator":"words"' "$dir/od.jsonl" || fail "no provenance"
python3 - "$dir" <<'P' || fail "the requests"
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1] + "/log")]
assert max(r["active"] for r in rows) >= 4, [r["active"] for r in rows]
assert all(r["key"] == "Bearer sk-of-this-test-0123" for r in rows)
bodies = [r["body"] for r in rows]
assert len({b["seed"] for b in bodies}) == len(bodies), "seeds repeat"
b = bodies[0]
assert (b["model"], b["temperature"], b["top_p"], b["max_tokens"]) == ("words", 0.8, 0.95, 400), b
assert [m["role"] for m in b["messages"]] == ["system", "user"], b
P
grep -q 'of-this-test' "$dir"/od.jsonl* "$dir/out" "$dir/err" && fail "the key was told"
serve --die-after 9
run 2 "the same command goes on from what was answered" $tasks --endpoint "$url" --model words --tries 1 --seed 3 --output "$dir/dead.jsonl"
kept=$(($(wc -l <"$dir/dead.jsonl.texts.jsonl") - 1))
[ "$kept" -ge 1 ] && [ "$kept" -le 9 ] || fail "$kept answers kept of 9"
serve
run 0 "36 pairs" $tasks --endpoint "$url" --model words --seed 3 --output "$dir/dead.jsonl"
[ "$(asked)" -eq $((whole - kept)) ] || fail "asked $(asked) times, $kept of $whole were there"
cmp "$dir/od.jsonl" "$dir/dead.jsonl" || fail "other pairs after the server's death"
run 2 'begun with "generator" "words"' $tasks --endpoint "$url" --model shy --seed 3 --output "$dir/dead.jsonl"
serve
run 0 "too long or refused" $tasks --endpoint "$url" --model shy --seed 3 --in-flight 1 --output "$dir/shy.jsonl"
refused=$(python3 -c "import json,sys; print(sum(json.loads(l)['body']['seed'] % 7 == 0 for l in list(open(sys.argv[1]))[1:]))" "$dir/log")
[ "$refused" -gt 0 ] && grep -q " $refused too long or refused" "$dir/out" || fail "$refused were refused"
run 2 "not this one" $tasks --endpoint "$url" --model no --output "$dir/no.jsonl"
run 2 "for an --endpoint" $tasks --model words --in-flight 3 --output "$dir/x.jsonl"
run 2 "not for an endpoint" $tasks --endpoint "$url" --model words --batch 3 --output "$dir/x.jsonl"
run 2 "must be max_tokens or max_completion_tokens" $tasks --endpoint "$url" --model words --token-key x --output "$dir/x.jsonl"
run 2 "begins with http:// or https://" $tasks --endpoint ftp://x --model words --output "$dir/x.jsonl"

echo '{"id":"p/1","prompt":"Problem: add one to n"}' >"$dir/plain.jsonl"
run 0 "9 pairs" --tasks "$dir/plain.jsonl" --endpoint "$url" --model words --seed 3 --output "$dir/plain-pairs.jsonl"

# What runs programs.
"$pgrpo" sandbox check >/dev/null 2>&1 || [ $? -eq 3 ] || { echo "ok, without programs: no sandbox here"; exit 0; }
serve
run 0 "112 solutions from accepted texts" $tasks --endpoint "$url" --model words --seed 3 --verify 4 --cpu 1 --output "$dir/v.jsonl"
python3 - "$dir" <<'P' || fail "the verified pairs"
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1] + "/v.jsonl")]
assert 0 < len(rows) < 36 and all(r["chosen_passed"][0] > r["rejected_passed"][0] and r["chosen_passed"][1] == 4 for r in rows)
every = {json.loads(l)["id"] for l in open(sys.argv[1] + "/od.jsonl")}
assert {r["id"] for r in rows} < every
P
command="lcbrb build"
serve
run 0 "4 problems, 32 samples" $tasks --endpoint "$url" --model words --samples 8 --seed 3 --output "$dir/l.jsonl"
pairs=$(wc -l <"$dir/l.jsonl")
[ "$pairs" -ge 2 ] || fail "$pairs pairs"
whole=$(asked)
python3 - "$dir" <<'P' || fail "the pairs"
import json, sys
for l in open(sys.argv[1] + "/l.jsonl"):
    p = json.loads(l)
    assert "n + 1" in p["chosen_solution"] and "n + 5" in p["rejected_solution"], p
    assert p["generator"] == p["judge"] == "words" and p["votes"] == 3 and p["chosen_agree"][0] >= 2, p
stops = [json.loads(l)["body"].get("stop") for l in open(sys.argv[1] + "/log")]
assert ["</answer>"] in stops and None in stops, stops
P
serve --die-after 20
run 2 "goes on from what was answered" $tasks --endpoint "$url" --model words --samples 8 --seed 3 --tries 1 --output "$dir/m.jsonl"
serve
run 0 "4 problems, 32 samples" $tasks --endpoint "$url" --model words --samples 8 --seed 3 --output "$dir/m.jsonl"
[ "$(asked)" -lt "$whole" ] || fail "all was asked again"
cmp "$dir/l.jsonl" "$dir/m.jsonl" || fail "other pairs after the server's death"
serve
run 0 "32 samples" $tasks --endpoint "$url" --model thoughts --judge words --judge-endpoint "$url" --samples 8 --output "$dir/t.jsonl"
grep -q '"generator":"thoughts","judge":"words"' "$dir/t.jsonl" || fail "no pair with thoughts that came apart"
run 2 "--judge-endpoint needs --judge" $tasks --endpoint "$url" --model words --judge-endpoint "$url" --output "$dir/x.jsonl"
"$pgrpo" lcbrb build $tasks --endpoint "$url" --model shy --judge words --judge-endpoint "$url" --samples 20 --output "$dir/s.jsonl" >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] && grep -q "answers were refused by the model" "$dir/err" || fail "refused answers are not told"
grep -q '"sample":' "$dir/s.jsonl.samples.jsonl" || fail "no sample beside the refused ones"
echo "all checks passed"
