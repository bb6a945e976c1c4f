#!/usr/bin/env bash
# pgrpo tokenize: both output formats, decoding, refusals with their exit codes, and every allocation failing in turn.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo
golden=$PGR_SOURCE_DIR/tests/golden/tok
failed=0
check() { # NAME GOT WANT
    [ "$2" = "$3" ] && return
    printf '%s:\n  got  %s\n  want %s\n' "$1" "$2" "$3"
    failed=1
}
text='it is 12<|im_end|>'
array=$(printf %s "$text" | "$pgrpo" tokenize --model "$golden/qwen2")
line=$(printf %s "$text" | "$pgrpo" tokenize --model "$golden/qwen2.gguf" --ids)
check "array and line" "$array" "[${line// /,}]"
check "last id" "${line##* }" 1002
check "round trip of the line" "$(echo "$line" | "$pgrpo" tokenize --model "$golden/qwen2" --decode)" "$text"
check "round trip of the array" "$(echo "$array" | "$pgrpo" tokenize --model "$golden/qwen2" --decode)" "$text"
plain=$(printf %s "$text" | "$pgrpo" tokenize --model "$golden/qwen2" --plain --ids)
[ "$plain" != "$line" ] || check plain "$plain" "other ids"
check "round trip of plain text" "$(echo "$plain" | "$pgrpo" tokenize --model "$golden/qwen2" --decode)" "$text"
check "empty" "$("$pgrpo" tokenize --model "$golden/qwen2" </dev/null)" "[]"
check "bytes" "$(printf 'a\377\000b\n' | "$pgrpo" tokenize --model "$golden/qwen2" --ids |
    "$pgrpo" tokenize --model "$golden/qwen2" --decode | od -An -tx1 | tr -d ' ')" 61ff00620a

refuse() { # WANT INPUT ARGUMENTS...
    local want=$1 input=$2 message code
    shift 2
    message=$(printf %s "$input" | "$pgrpo" tokenize "$@" 2>&1 >/dev/null)
    code=$?
    check "exit code of $*" $code 2
    check "lines of $*" "$(printf '%s\n' "$message" | wc -l)" 1
    case $message in *"$want"*) ;; *) check "message of $*" "$message" "$want" ;; esac
}
refuse "--model is missing" ""
refuse "did you mean --model" "" --modle x
refuse "goes with neither" "" --model "$golden/qwen2" --decode --ids
refuse "no-such-model" "" --model no-such-model
refuse "neither a folder" "" --model "$golden/chat.json"
refuse "byte 2: a token id" "1 x" --model "$golden/qwen2" --decode
refuse "byte 0: a token id" "-1" --model "$golden/qwen2" --decode
refuse "token id 4000 at place 1" "1 4000" --model "$golden/qwen2" --decode

# Each failed allocation is an error message, never a crash; LeakSanitizer speaks up in the dev build.
for model in qwen2 smollm.gguf; do
    n=1
    while :; do
        out=$(printf 'e\314\201 %080d x<think>' 7 | PGR_FAIL_ALLOC=$n "$pgrpo" tokenize --model "$golden/$model" 2>&1)
        code=$?
        [ $code -eq 0 ] && break
        if [ $code -ne 1 ] || [ "$(printf '%s\n' "$out" | wc -l)" -ne 1 ]; then
            check "allocation $n of $model" "exit code $code: $out" "exit code 1 and one line"
            break
        fi
        n=$((n + 1))
        [ $n -lt 2000 ] || { check "allocations of $model" "$n and more" "fewer"; break; }
    done
    [ $n -gt 10 ] || check "allocations of $model" "$n" "more than 10"
done
exit $failed
