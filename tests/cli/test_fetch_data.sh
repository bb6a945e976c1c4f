#!/usr/bin/env bash
# pgrpo fetch of data sets over https from a server on this machine: breaks, kills, wrong sums, statuses, redirects, certificates,
# and fetched names as benchmarks.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo golden=$PGR_SOURCE_DIR/tests/golden/data
for tool in python3 openssl; do command -v $tool >/dev/null || { echo "$tool is not installed"; exit 77; }; done
dir=$(mktemp -d)
servers=""
cleanup() { for p in $servers; do kill "$p" 2>/dev/null; done; rm -rf "$dir"; }
trap cleanup EXIT
real=${PGRPO_CACHE:-$HOME/.cache/pgrpo}
export PGRPO_CACHE=$dir/cache
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY CURL_CA_BUNDLE SSL_CERT_FILE
fail() { echo "FAILED: $*"; sed 's/^/    /' "$dir/err" 2>/dev/null; exit 1; }
# run EXIT_CODE TEXT ARG...: pgrpo ARG... must end so, with TEXT on stdout or stderr
run() {
    local code=$1 text=$2 got
    shift 2
    "$pgrpo" "$@" >"$dir/out" 2>"$dir/err"
    got=$?
    [ $got -eq "$code" ] || fail "pgrpo $*: exit code $got, want $code"
    grep -qF -- "$text" "$dir/out" "$dir/err" || fail "pgrpo $*: no \"$text\""
}
mkdir "$dir/certs" "$dir/files"
tests/net/make_certs.sh "$dir/certs" || fail "certificates"
serve() { # starts a server with these words; its port is in $port
    : >"$dir/port"
    python3 tests/cli/file_server.py "$dir/files" "$@" >"$dir/port" &
    servers="$servers $!"
    for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.1; done
    port=$(cat "$dir/port")
}
log=$dir/files/requests.log data=$PGRPO_CACHE/data
head -c 3000000 /dev/urandom >"$dir/files/test.jsonl"
cp "$dir/files/test.jsonl" "$dir/first.jsonl"
serve --cert "$dir/certs/server.pem"
web=https://127.0.0.1:$port

# ---- certificates ----
run 2 "the certificate is not trusted (SSL_CERT_FILE may name" fetch aime24 --url $web/ok/test.jsonl
[ "$(wc -l <"$dir/err")" -le 2 ] || fail "an untrusted server was asked more than once"
SSL_CERT_FILE=$dir/certs/none.pem run 2 "cannot be read as certificates" fetch aime24 --url $web/ok/test.jsonl
[ ! -s "$log" ] || fail "an untrusted server got a request"
export SSL_CERT_FILE=$dir/certs/ca.pem
run 0 "$data/aime24.jsonl" fetch aime24 --url $web/ok/test.jsonl
(unset SSL_CERT_FILE; CURL_CA_BUNDLE=$dir/certs/ca.pem run 0 "$data/minerva_math.jsonl" fetch minerva --url $web/ok/test.jsonl) || exit 1
secure=$port
serve --cert "$dir/certs/other.pem"
run 2 "is not trusted" fetch bigcodebench --url https://127.0.0.1:$port/ok/test.jsonl
port=$secure
run 2 "redirects to an address that is not https" fetch bigcodebench --url $web/down/test.jsonl
run 2 "redirects more than 8 times" fetch bigcodebench --url $web/loop/test.jsonl

# ---- the first fetch is recorded, later ones must give the same ----
grep -q '"recorded at the first fetch"' "$data/aime24.fetched.json" || fail "no record"
grep -q "$(sha256sum <"$dir/first.jsonl" | cut -d' ' -f1)" "$data/aime24.fetched.json" || fail "not the sum"
[ ! -e "$PGRPO_CACHE/downloads/aime24" ] || fail "the parts were left"
before=$(wc -l <"$log")
run 0 '"source":"cache"' fetch aime24 --json
[ "$(wc -l <"$log")" -eq "$before" ] || fail "a complete file was fetched again"
printf x >>"$data/aime24.jsonl"
run 0 "fetching again" fetch aime24 --url $web/ok/test.jsonl
cmp "$dir/first.jsonl" "$data/aime24.jsonl" || fail "a damaged file was kept"
rm "$data/aime24.jsonl"
head -c 2000000 /dev/urandom >"$dir/files/test.jsonl"
run 2 "to take the new file, remove that record" fetch aime24 --url $web/ok/test.jsonl
[ ! -e "$data/aime24.jsonl" ] && [ ! -e "$PGRPO_CACHE/downloads/aime24/test.jsonl.part" ] || fail "another file was kept"
echo "{" >"$data/aime24.fetched.json"
run 2 "remove that record to fetch anew" fetch aime24 --url $web/ok/test.jsonl
rm "$data/aime24.fetched.json"
run 0 "$data/aime24.jsonl" fetch aime24 --url $web/ok/test.jsonl
cmp "$dir/files/test.jsonl" "$data/aime24.jsonl" || fail "the new file"

# ---- what no fetch has left is the user's ----
echo mine >"$data/mbpp.jsonl"
run 2 "so it stays: move it away" fetch mbpp --url $web/ok/test.jsonl
grep -qx mine "$data/mbpp.jsonl" || fail "the user's file is gone"
echo mine >"$data/math_test.jsonl"
run 0 "cannot be checked" fetch math
rm "$data/mbpp.jsonl" "$data/math_test.jsonl"

# ---- sums that the program knows, or the hub announces ----
run 2 "(pinned); the download was removed" fetch math500 --url $web/ok/test.jsonl
[ ! -e "$data/math500.jsonl" ] && [ ! -e "$PGRPO_CACHE/downloads/math500/test.jsonl.part" ] || fail "a wrong file was kept"
run 2 "sends more than 749738 bytes; the download was removed" fetch gsm8k --url $web/ok/test.jsonl
cp "$dir/first.jsonl" "$dir/files/prmbench_preview.jsonl"
run 2 "sends more than 3000000 bytes; the download was removed" fetch prmbench --url $web/store,more/prmbench_preview.jsonl
HF_ENDPOINT=$web/ run 0 "$data/prmbench_preview.jsonl" fetch prmbench
HF_ENDPOINT=https://me:secret@127.0.0.1 run 2 'HF_ENDPOINT must not hold a user or password' fetch prmbench
grep -q '"announced by the hub"' "$data/prmbench.fetched.json" || fail "the hub's sum does not count"
grep -q "^/datasets/hitsmy/PRMBench_Preview/resolve/[0-9a-f]*/prmbench_preview.jsonl - -$" "$log" || fail "the hub's address"
rm "$data"/prmbench*
run 2 "(announced by the hub); the download was removed" fetch prmbench --url $web/lie/prmbench_preview.jsonl
[ ! -e "$data/prmbench_preview.jsonl" ] || fail "a file with another sum than the announced one was kept"

# ---- breaks ----
cp "$dir/first.jsonl" "$dir/files/test.jsonl"
again() { # TEXT WORDS: fetched whole, the last request as TEXT says
    rm -f "$data"/bigcodebench.fetched.json "$data/BigCodeBench.jsonl.gz"
    : >"$log"
    run 0 "$data/BigCodeBench.jsonl.gz" fetch bigcodebench --url "$web/$2/test.jsonl"
    cmp "$dir/first.jsonl" "$data/BigCodeBench.jsonl.gz" || fail "$2: another file"
    tail -1 "$log" | grep -qE -- "$1" || fail "$2: last request $(tail -1 "$log")"
}
again 'bytes=1500000- "' cut
again 'bytes=1500000- "' cut,plain # the server sends all of it again
again ' - -$' cut,mute             # nothing tells that the rest is of the same file
again 'bytes=1500000- "' move,cut,b
again ' - -$' busy
again 'bytes=1500000- "' short,store
again ' - -$' cut,astray # a wrong range is not glued on
again 'bytes=2500000- "' cut,slice # less than the range asked for is not the end
run 2 "HTTP status 404" fetch bigcodebench_hard --url $web/ok/nothing.jsonl
run 2 "HTTP status 403" fetch bigcodebench_hard --url $web/403/test.jsonl
run 2 "told no length" fetch bigcodebench_hard --url $web/short,c/test.jsonl
run 2 "Failed to connect" fetch bigcodebench_hard --url https://127.0.0.1:1/x
for url in ftp://x/y file:///etc/passwd "https://me:secret@127.0.0.1/x"; do run 2 "--url must" fetch bigcodebench --url "$url"; done
run 2 "--url is for data sets" fetch smollm2-135m-instruct --url $web/ok/test.jsonl
: >"$log"
run 2 "transfer closed" fetch bigcodebench_hard --url $web/waver,plain/test.jsonl
[ "$(wc -l <"$log")" -eq 5 ] || fail "a server that breaks off now late, now early was asked $(wc -l <"$log") times"

# ---- a process that is killed, and a file that changed meanwhile ----
part=$PGRPO_CACHE/downloads/bigcodebench_hard/BigCodeBench-Hard.jsonl.gz.part
kill_half() {
    "$pgrpo" fetch bigcodebench_hard --url "$web/stall/test.jsonl?secret" >"$dir/out" 2>"$dir/err" &
    local p=$!
    for _ in $(seq 100); do [ -s "$part" ] && [ "$(stat -c %s "$part")" -ge 1000000 ] && break; sleep 0.1; done
    kill -9 $p
    wait $p 2>/dev/null
    [ -s "$part" ] && [ ! -e "$data/BigCodeBench-Hard.jsonl.gz" ] || fail "no part after kill -9"
}
rm -rf "$PGRPO_CACHE/downloads/bigcodebench_hard"
kill_half
have=$(stat -c %s "$part")
"$pgrpo" fetch bigcodebench_hard --url $web/stall,again/test.jsonl >"$dir/out" 2>"$dir/err" &
p=$!
for _ in $(seq 100); do [ "$(stat -c %s "$part")" -gt "$have" ] && break; sleep 0.1; done
kill -TERM $p
wait $p
[ $? -eq 130 ] && grep -q "the next fetch goes on from here" "$dir/err" || fail "an interrupted fetch"
[ "$(stat -c %s "$part")" -gt "$have" ] || fail "the second fetch got nothing"
have=$(stat -c %s "$part")
: >"$log"
run 0 "$data/BigCodeBench-Hard.jsonl.gz" fetch bigcodebench_hard --url $web/ok/test.jsonl
grep -q "bytes=$have- \"" "$log" || fail "the killed fetch was not resumed at $have"
cmp "$dir/first.jsonl" "$data/BigCodeBench-Hard.jsonl.gz" || fail "resumed to another file"
run 0 "$data/LeetCodeDataset-test.jsonl" fetch leetcode --url "$web/ok/test.jsonl?secret"
! grep -q secret "$data/leetcode.fetched.json" || fail "what stands behind ? was recorded"
rm "$data"/BigCodeBench-Hard* "$data"/bigcodebench_hard*
serve --cert "$dir/certs/server.pem"
web=https://127.0.0.1:$port
kill_half
head -c 2500000 /dev/urandom >"$dir/files/test.jsonl"
run 0 "$data/BigCodeBench-Hard.jsonl.gz" fetch bigcodebench_hard --url $web/ok/test.jsonl
cmp "$dir/files/test.jsonl" "$data/BigCodeBench-Hard.jsonl.gz" || fail "halves of two files"
"$pgrpo" fetch bigcodebench_hard --url "$web/404/test.jsonl?secret" >"$dir/out" 2>"$dir/err"
! grep -q secret "$dir/err" || fail "what stands behind ? was told"

# ---- while another fetch of the same runs ----
flock -F "$PGRPO_CACHE/downloads/apps.lock" sleep 60 >/dev/null &
holder=$!
for _ in $(seq 100); do flock -n "$PGRPO_CACHE/downloads/apps.lock" true || break; sleep 0.1; done
"$pgrpo" fetch apps --url $web/ok/test.jsonl >"$dir/out" 2>"$dir/err" &
p=$!
for _ in $(seq 100); do grep -q "waiting for another fetch" "$dir/err" && break; sleep 0.1; done
kill -TERM $p
wait $p
[ $? -eq 130 ] || fail "a fetch that waits was not to be interrupted"
kill $holder
wait $holder 2>/dev/null

# ---- several files ----
for k in "" 2 3 4 5 6; do echo x >"$dir/files/test$k.jsonl"; done
run 2 "test.jsonl: ended after 2 of 1252609773 bytes" fetch livecodebench --url $web/ok/

# ---- names as benchmarks ----
run 2 "run: pgrpo fetch humanevalplus" check --benchmark humanevalplus /dev/null
run 2 "run: pgrpo fetch mbppplus" check --benchmark mbpp+ /dev/null
run 2 "run: pgrpo fetch mbpp," eval --model nothing --benchmark mbpp
run 2 "no data set of that name" eval --model nothing --benchmark mbpp=nothing
run 2 "none of the benchmark" eval --model nothing --benchmark "mbpp=$golden/humaneval.jsonl.gz"
run 2 "no problem within the filter" eval --model nothing --benchmark "humaneval=$golden/humaneval.jsonl.gz" --split none
run 2 "no such file or folder, and no model" eval --model nothing --benchmark "humaneval=$golden/humaneval.jsonl.gz"
cp "$golden/math.jsonl" "$data/math500.jsonl"
echo '{"task_id": "test/algebra/1.json", "response": "x"}' >"$dir/one.jsonl"
for name in math500 math500=math500; do run 0 "math500" check --benchmark $name --no-files "$dir/one.jsonl"; done

# ---- the real file, where it is ----
if [ -s "$real/data/HumanEval.jsonl.gz" ]; then
    cp "$real/data/HumanEval.jsonl.gz" "$dir/files/"
    run 0 "$data/HumanEval.jsonl.gz" fetch humaneval --url $web/cut,mute/HumanEval.jsonl.gz
    tail -1 "$log" | grep -q "bytes=22438-" || fail "a part of a file whose sum is known was not continued"
else
    echo "no $real/data/HumanEval.jsonl.gz: a fetch of the real file was left out"
fi
echo "all checks passed"
