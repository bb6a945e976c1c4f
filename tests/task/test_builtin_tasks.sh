# The built-in tasks: data/tasks.jsonl is what its sources make, every reference solution passes in the sandbox, and four
# mutants of each (tools/mutate.py) are found wrong there.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo
python=/usr/bin/python3
[ -x $python ] || { echo "skipped: no $python"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

PYTHONDONTWRITEBYTECODE=1 && export PYTHONDONTWRITEBYTECODE
$python tools/make_tasks.py --check || exit 1
$python tools/mutate.py emit 4 "$work/solutions.jsonl" "$work/expected.jsonl" || exit 1
if ! "$pgrpo" sandbox judge data/tasks.jsonl "$work/solutions.jsonl" >"$work/verdicts.jsonl" 2>"$work/err"; then
    tail -n 3 "$work/err"
    grep -q "grants no isolation" "$work/err" && { echo "skipped: no sandbox on this host"; exit 77; }
    exit 1
fi
$python tools/mutate.py compare "$work/expected.jsonl" "$work/verdicts.jsonl" || exit 1
