# Sourced by checks of the command line: the program $pgrpo, a folder $dir that goes away at the end, and:
#   fail TEXT...               ends the check with what the last command wrote on stderr
#   run EXIT_CODE TEXT ARG...  `pgrpo $command ARG...` must end so, with TEXT on stdout or stderr; a refusal is one line
#   chat_model FOLDER          the golden model with tokenizer and a chat template of a known family
#   chat_template FOLDER       that template alone
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo command=""
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*"; [ ! -e "$dir/err" ] || sed 's/^/    /' "$dir/err"; exit 1; }
run() {
    local code=$1 text=$2 got
    shift 2
    # shellcheck disable=SC2086
    timeout 120 "$pgrpo" $command "$@" >"$dir/out" 2>"$dir/err"
    got=$?
    [ $got -eq "$code" ] || fail "pgrpo $command $*: exit code $got, want $code"
    grep -qF -- "$text" "$dir/out" "$dir/err" || fail "pgrpo $command $*: no \"$text\""
    [ "$code" -eq 0 ] || [ "$(wc -l <"$dir/err")" -eq 1 ] || fail "pgrpo $command $*: not one line of error"
}
chat_template() {
    cat >"$1/tokenizer_config.json" <<'JSON'
{"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "chat_template": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"}
JSON
}
chat_model() {
    cp -r tests/golden/models/text "$1"
    chat_template "$1"
}
