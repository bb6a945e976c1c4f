#!/usr/bin/env bash
# pgrpo sandbox: what each sub-command prints, its exit codes, its refusals, and failing allocations in both processes.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*"; sed 's/^/    /' "$dir/out" "$dir/err" | head -40; exit 1; }
run() { # EXIT_CODE TEXT ARG...
    local code=$1 text=$2 got
    shift 2
    timeout 120 "$pgrpo" sandbox "$@" >"$dir/out" 2>"$dir/err" </dev/null
    got=$?
    [ $got -eq "$code" ] || fail "$*: exit code $got, want $code"
    grep -qF -- "$text" "$dir/out" "$dir/err" || fail "$*: no \"$text\""
}

echo 'print(input()[::-1])' >"$dir/ok.py"
echo 'def f(:' >"$dir/bad.py"
printf 'import sys\nsys.stdout.write("a" * 3000000)\n' >"$dir/long.py"
printf 'while True: pass\n' >"$dir/loop.py"
printf 'abc\n' >"$dir/in"

timeout 60 "$pgrpo" sandbox run --stdin "$dir/in" "$dir/ok.py" >"$dir/out" 2>"$dir/err" </dev/null
if grep -qE "no isolation|no /usr/bin/python3" "$dir/err"; then
    echo "skipped: $(cat "$dir/err")"
    exit 77
fi
run 0 "cba" run --stdin "$dir/in" "$dir/ok.py"
[ "$(cat "$dir/out")" = cba ] || fail "stdout holds more than the program's output"
grep -q "accepted" "$dir/err" || fail "no verdict on stderr"
run 3 "runtime_error: EOFError" run "$dir/ok.py"
run 3 "compile_error: SyntaxError" run "$dir/bad.py"
run 3 "time_limit: more than 0.2 s of CPU" run --cpu 0.2 "$dir/loop.py"
run 0 "accepted" run "$dir/long.py"
[ "$(wc -c <"$dir/out")" -eq 3000000 ] || fail "output of 3000000 bytes came back as $(wc -c <"$dir/out")"
run 3 "output_limit" run --output 1000 "$dir/long.py"
run 0 '"verdict":"accepted"' run --json --stdin "$dir/in" "$dir/ok.py"
run 2 "none.py" run "$dir/none.py"
run 2 "did you mean --stdin" run --stdn x "$dir/ok.py"
run 2 "--cpu" run --cpu -1 "$dir/ok.py"
run 2 "/none/python3" run --python /none/python3 "$dir/ok.py"
run 2 "no_such_module" run --preload no_such_module "$dir/ok.py"
run 2 'did you mean "judge"' juge
run 2 'only "unsafe"' run --sandbox safe "$dir/ok.py"

cat >"$dir/tasks.jsonl" <<'J'
{"id":"sum","prompt":"p","entry_point":"f","calls":[{"args":[1,2],"expected":3},{"args":[2,2],"expected":4}]}
{"id":"io","prompt":"p","tests":{"stdin":["1","2"],"stdout":["1","4"]}}
{"id":"asserts","prompt":"p","entry_point":"g","tests":["assert g(1) == 1","assert g(2) == 2"]}
{"id":"math","problem":"1+1","answer":"2"}
J
cat >"$dir/solutions.jsonl" <<'J'
{"id":"asserts","solution":"def g(x): return 1"}
{"id":"sum","solution":"def f(a, b): return a + b"}
{"id":"io","solution":"x = int(input()); print(x * x)"}
{"id":"sum","solution":"import time\ntime.sleep(0.5)\ndef f(a, b): return 3"}
{"id":"io","solution":"print(1)"}
J
run 0 "judged 5, accepted 2" judge "$dir/tasks.jsonl" "$dir/solutions.jsonl"
cp "$dir/solutions.jsonl" "$dir/solutions5.jsonl"
want="asserts:wrong_answer:1 sum:accepted:2 io:accepted:2 sum:wrong_answer:1 io:wrong_answer:1 "
got=$(sed 's/.*"id":"\([a-z]*\)","verdict":"\([a-z_]*\)","passed":\([0-9]*\).*/\1:\2:\3/' "$dir/out" | tr '\n' ' ')
[ "$got" = "$want" ] || fail "verdicts: $got, want $want"
grep -q '"input":"f(2, 2)","expected":"4","got":"3"' "$dir/out" || fail "the failing call is not shown"
printf '{"id":"nope","solution":"x"}\n' >"$dir/s.jsonl"
run 2 's.jsonl:1: no task has the id "nope"' judge "$dir/tasks.jsonl" "$dir/s.jsonl"
printf '{"id":"math","solution":"x"}\n' >"$dir/s.jsonl"
printf '{"id":"math","solution":"it is \\\\boxed{\\\\frac{4}{2}}"}\n' >>"$dir/s.jsonl"
run 0 "judged 2, accepted 1" judge "$dir/tasks.jsonl" "$dir/s.jsonl"
grep -q '"id":"math","verdict":"wrong_answer"' "$dir/out" || fail "a wrong final answer is not refused"
printf '{"id":"sum"}\n' >"$dir/s.jsonl"
run 2 's.jsonl:1: missing key "solution"' judge "$dir/tasks.jsonl" "$dir/s.jsonl"

run 0 "0 of" check
run 0 '"failed":0' check --json
run 0 '"programs_per_second":' bench --runs 20 --json

# Without isolation only by the user's word.
PGR_SBX_TIER=3 run 2 "grants no isolation" run --stdin "$dir/in" "$dir/ok.py"
PGR_SBX_TIER=3 run 0 "cba" run --sandbox=unsafe --stdin "$dir/in" "$dir/ok.py"
grep -q "weaker_isolation tier=3" "$dir/err" || fail "an unsafe run does not say so"

# Started as root, all of it again as an ordinary user.
as_user="setpriv --reuid 65534 --regid 65534 --clear-groups"
if [ "$(id -u)" -eq 0 ] && chmod -R a+rX "$dir" && $as_user test -x "$pgrpo" 2>"$dir/err"; then
    tool=$pgrpo
    cat >"$dir/as_user" <<S
#!/bin/sh
exec $as_user $tool "\$@"
S
    chmod 755 "$dir/as_user"
    pgrpo=$dir/as_user
    run 0 "0 of" check
    run 0 "cba" run --stdin "$dir/in" "$dir/ok.py"
    run 3 "time_limit" run --cpu 0.2 "$dir/loop.py"
    run 0 "judged 5, accepted 2" judge "$dir/tasks.jsonl" "$dir/solutions5.jsonl"
    run 0 '"programs_per_second":' bench --runs 20 --json
    pgrpo=$tool
fi

# An interrupted judge leaves in order; a second signal is not needed.
for i in $(seq 200); do echo '{"id":"sum","solution":"while True: pass"}'; done >"$dir/s.jsonl"
timeout 60 "$pgrpo" sandbox judge "$dir/tasks.jsonl" "$dir/s.jsonl" >"$dir/out" 2>"$dir/err" </dev/null &
sleep 1.5
kill -INT $!
wait $!
[ $? -eq 130 ] || fail "interrupted judge: exit code $?"

# Every allocation of the client and of the supervisor fails once: an error of one line and no crash, or (where the
# supervisor was replaced in time) the right result.
for n in 1 2 3 4 5 6 7 8 9 10 12 14 16 18 20 25 30 35 40 50 60 80 100 130 160 200 300 400; do
    PGR_FAIL_ALLOC=$n PGR_LOG=error timeout 60 "$pgrpo" sandbox run --stdin "$dir/in" "$dir/ok.py" >"$dir/out" 2>"$dir/err" </dev/null
    code=$?
    [ $code -le 3 ] || fail "allocation $n: exit code $code"
    if grep -qE "Sanitizer|runtime error" "$dir/err"; then fail "allocation $n"; fi
    [ $code -ne 0 ] || [ "$(cat "$dir/out")" = cba ] || fail "allocation $n: accepted without the output"
done
echo "sandbox command: ok"
