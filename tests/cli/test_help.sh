#!/usr/bin/env bash
# Every command has help; what is unknown is refused in one line with exit code 2.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo
bad=0
fail() { echo "FAILED: $*"; bad=1; }
out=$("$pgrpo" --help) || fail "--help exits $?"
commands=$(echo "$out" | grep -E '^  [a-z]+ ' | awk '{print $1}')
[ -n "$commands" ] || fail "--help lists no command"
for c in $commands; do
    help=$("$pgrpo" "$c" --help) || fail "$c --help exits $?"
    [ "$(echo "$help" | wc -l)" -ge 3 ] || fail "$c --help is too short: $help"
    err=$("$pgrpo" "$c" --no-such-option 2>&1 >/dev/null)
    code=$?
    [ $code -eq 2 ] || fail "$c --no-such-option exits $code: $err"
    [ "$(echo "$err" | wc -l)" -eq 1 ] || fail "$c --no-such-option says more than one line: $err"
done
"$pgrpo" --version | grep -q '^pgrpo ' || fail "--version"
PGR_ISA=ref "$pgrpo" --version | grep -q '^kernels: [a-z0-9]* (this machine has [a-z0-9]*)$' || fail "--version: instruction sets"
"$pgrpo" tran 2>/dev/null
[ $? -eq 2 ] || fail "unknown command does not exit 2"
"$pgrpo" 2>/dev/null >/dev/null
[ $? -eq 2 ] || fail "no command does not exit 2"
exit $bad
