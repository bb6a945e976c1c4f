#!/usr/bin/env bash
# pgrpo eval with a model behind an endpoint: answers, resume after the server's death, single refusals, keys, faults.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo data=$PGR_SOURCE_DIR/tests/golden/data
command -v python3 >/dev/null || { echo "python3 is not installed: skipped"; exit 77; }
"$pgrpo" sandbox check >/dev/null 2>&1 || [ $? -eq 3 ] || { echo "no sandbox here: skipped"; exit 77; }
dir=$(mktemp -d) || exit 1
servers=""
cleanup() { for p in $servers; do kill "$p" 2>/dev/null; done; rm -rf "$dir"; }
trap cleanup EXIT
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY OPENAI_API_KEY
fail() { echo "FAILED: $*"; sed 's/^/    /' "$dir/err" 2>/dev/null; exit 1; }
serve() { # starts a server with these options
    : >"$dir/port"
    python3 tests/net/rude_server.py --log "$dir/log" "$@" >"$dir/port" &
    servers="$servers $!"
    for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.1; done
    url=http://127.0.0.1:$(cat "$dir/port")/v1
}
run() { "$pgrpo" eval --endpoint "$url" --model "$@" >"$dir/text" 2>"$dir/err"; }
he=humaneval=$data/humaneval.jsonl.gz math=math500=$data/math.jsonl

# An answer to each problem, judged: the server's code solves the first problem only.
serve
run ok --benchmark "$he" --samples 3 --seed 9 --temperature 0.5 --out "$dir/a.jsonl" --report "$dir/a.json" || fail "first run"
[ "$(wc -l <"$dir/a.jsonl")" -eq 6 ] || fail "six answers"
python3 - "$dir" <<'P' || fail "the answers"
import json, sys
rows = [json.loads(l) for l in open(sys.argv[1] + '/a.jsonl')]
assert {(r['task_id'], r['sample']) for r in rows} == {('HumanEval/%d' % i, k) for i in (0, 1) for k in (0, 1, 2)}
for r in rows:
    assert r['solution'] == 'def add(a, b):\n    return a + b\n' and r['response'].startswith('```python'), r
    assert (r['model'], r['tokens'], r['finish'], r['temperature']) == ('ok', 3, 'stop', 0.5), r
report = json.load(open(sys.argv[1] + '/a.json'))
assert report['passed'] == 3 and report['completions'] == 6 and report['pass_at_1'] == 0.5, report
sent = [json.loads(l)['body'] for l in open(sys.argv[1] + '/log')]
assert sorted(b['seed'] for b in sent) == [9, 9, 10, 10, 11, 11] and 'stop' not in sent[0] and sent[0]['max_tokens'] == 768, sent[0]
assert 'self-contained Python script' in sent[0]['messages'][-1]['content']
P
again="--benchmark $he --samples 3 --seed 9 --temperature 0.5 --out $dir/a.jsonl"
run ok $again || fail "second run"
grep -q '6 answers were there already' "$dir/err" && [ "$(wc -l <"$dir/log")" -eq 6 ] || fail "a finished run asked again"
run other $again
[ $? -eq 2 ] && grep -q "made by the endpoint's model \"ok\"; name another file" "$dir/err" || fail "another model was mixed in"

mixed() { # MESSAGE ARG...: other settings are not mixed in
    local text=$1
    shift
    run ok "$@"
    [ $? -eq 2 ] && grep -qF -- "$text; name another file" "$dir/err" && [ "$(wc -l <"$dir/a.jsonl")" -eq 6 ] || fail "$text"
}
mixed 'made with seed 9 and top-p 1' $again --seed 8
mixed 'made with seed 9 and top-p 1' $again --top-p 0.5
for other in '--system Hello' '--template {prompt}!' '--stop zzz' --raw; do
    mixed 'answers another system text, question or stop text' $again $other
done
run ok --benchmark "$he" --limit 1 --token-key max_completion_tokens --out "$dir/c.jsonl" || fail "max_completion_tokens"
tail -1 "$dir/log" | grep -q '"max_completion_tokens": 768' && ! tail -1 "$dir/log" | grep -q '"max_tokens"' || fail "max_completion_tokens"

# Base models: stop texts beyond the four that are sent end the answer too, thoughts stand in front.
run ok --benchmark "$he" --raw --out "$dir/r.jsonl" --limit 1 --stop 'of two' || fail "raw"
grep -q '"completion":"echo: def add(a: int, b: int) -> int:\\n    \\"\\"\\"Sum "' "$dir/r.jsonl" || fail "stop texts: $(cat "$dir/r.jsonl")"
tail -1 "$dir/log" | grep -q '"path": "/v1/completions".*"stop": \["\\ndef ", "\\nclass ", "\\nimport ", "\\nfrom "\]' || fail "stop texts sent"
run think --benchmark "$math" --limit 1 --out "$dir/t.jsonl" || fail "thoughts"
grep -q '"response":"<think>\\nhm\\n</think>\\n' "$dir/t.jsonl" || fail "thoughts"

# The server dies after three answers: they are kept, and the next run asks the rest only.
serve --die-after 3
run ok --benchmark "$he" --samples 4 --in-flight 1 --tries 2 --out "$dir/d.jsonl"
[ $? -eq 2 ] || fail "a dead server: exit code"
grep -q 'holds 3 of 8 answers, the same command goes on from there' "$dir/err" || fail "a dead server: message"
[ "$(wc -l <"$dir/d.jsonl")" -eq 3 ] || fail "a dead server: answers kept"
cp "$dir/d.jsonl" "$dir/kept"
run ok --benchmark "$he" --samples 4 --in-flight 1 --tries 1 --out "$dir/d.jsonl"
[ $? -eq 2 ] && cmp -s "$dir/d.jsonl" "$dir/kept" || fail "a server that is not there"
serve
run ok --benchmark "$he" --samples 4 --out "$dir/d.jsonl" --report "$dir/d.json" || fail "after the death"
[ "$(wc -l <"$dir/log")" -eq 5 ] || fail "what was there was asked again"
head -3 "$dir/d.jsonl" | cmp -s - "$dir/kept" && grep -q '"completions": 8' "$dir/d.json" || fail "answers after the death"

# Killed in the middle: what was answered is there.
"$pgrpo" eval --endpoint "$url" --model slow --benchmark "$he" --in-flight 1 --out "$dir/k.jsonl" >"$dir/text" 2>"$dir/err" &
pid=$!
for _ in $(seq 120); do [ -s "$dir/k.jsonl" ] && break; sleep 0.1; done
kill -TERM $pid
wait $pid
[ $? -eq 130 ] && grep -q 'interrupted; .*k.jsonl holds 1 of 2 answers' "$dir/err" || fail "interrupted"
[ "$(wc -l <"$dir/k.jsonl")" -eq 1 ] || fail "an interrupted run lost its answers"

# Single refusals do not stop the others; trouble that passes does no harm; refusals from the start end it.
serve
run 503,ok --benchmark "$he" --out "$dir/p.jsonl" || fail "trouble that passes"
run ok,400,ok --benchmark "$he" --samples 3 --in-flight 1 --tries 1 --out "$dir/s.jsonl"
code=$?
[ $code -eq 2 ] && [ "$(wc -l <"$dir/s.jsonl")" -eq 4 ] || fail "single refusals: exit code $code, $(wc -l <"$dir/s.jsonl") answers"
grep -q '2 requests failed, first problem HumanEval/.: .*refused: status 400: the message of 400' "$dir/err" || fail "single refusals"
run ok,400,ok --benchmark "$he" --samples 3 --out "$dir/s.jsonl" || fail "single refusals, again"
[ "$(wc -l <"$dir/s.jsonl")" -eq 6 ] || fail "single refusals, again"
export MY_KEY=sk-of-this-test-0123
run echokey --benchmark "$he" --samples 50 --in-flight 1 --key-env MY_KEY --out "$dir/n.jsonl"
[ $? -eq 2 ] && grep -q 'refused: status 401: wrong key' "$dir/err" || fail "a refused key"
grep -q 'of-this-test' "$dir/err" "$dir/text" "$dir/n.jsonl" && fail "the key was told"
[ "$(grep -c "Bearer sk-of-this-test-0123" "$dir/log")" -eq 1 ] || fail "a refused key was tried on"

# Certificates: only a trusted authority's count, and only for the server's own name.
if command -v openssl >/dev/null; then
    mkdir "$dir/certs"
    tests/net/make_certs.sh "$dir/certs" || fail "certificates"
    unset CURL_CA_BUNDLE SSL_CERT_FILE
    serve --cert "$dir/certs/server.pem"
    url=https${url#http}
    run ok --benchmark "$he" --out "$dir/tls.jsonl"
    code=$?
    [ $code -eq 2 ] && grep -q 'no connection: .*the certificate is not trusted (SSL_CERT_FILE may name' "$dir/err" || fail "untrusted: $code"
    grep -q '1 try)' "$dir/err" && [ ! -s "$dir/log" ] || fail "an untrusted server was asked again, or got a request"
    SSL_CERT_FILE=$dir/certs/ca.pem run ok --benchmark "$he" --out "$dir/tls.jsonl" || fail "https by SSL_CERT_FILE"
    rm "$dir/tls.jsonl"
    CURL_CA_BUNDLE=$dir/certs/ca.pem run ok --benchmark "$he" --out "$dir/tls.jsonl" || fail "https by CURL_CA_BUNDLE"
    [ "$(wc -l <"$dir/tls.jsonl")" -eq 2 ] || fail "answers over https"
    serve --cert "$dir/certs/other.pem"
    url=https${url#http}
    SSL_CERT_FILE=$dir/certs/ca.pem run ok --benchmark "$he" --out "$dir/no.jsonl"
    [ $? -eq 2 ] && grep -q 'is not trusted' "$dir/err" && [ ! -s "$dir/log" ] || fail "a certificate of another name"
    serve
else
    echo "openssl is not installed: no https"
fi

# Usage.
run ok --benchmark "$he" --batch 4
[ $? -eq 2 ] && grep -q -- '--dtype and --batch are for a model in memory' "$dir/err" || fail "--batch"
run ok --benchmark "$he" --token-key tokens
[ $? -eq 2 ] && grep -q 'must be max_tokens or max_completion_tokens' "$dir/err" || fail "--token-key"
url=ftp://x run ok --benchmark "$he"
[ $? -eq 2 ] && grep -q 'begins with http:// or https://' "$dir/err" || fail "an address that is none"
url=http://me:secret@h run ok --benchmark "$he"
[ $? -eq 2 ] && ! grep -q secret "$dir/err" || fail "a password in the address"
echo "all checks passed"
