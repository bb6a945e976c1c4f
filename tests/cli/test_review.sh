#!/usr/bin/env bash
# pgrpo lcbrb review in a pseudo terminal (review_terminal.py), and agreement of two reviewers.
. tests/run.sh
command -v python3 >/dev/null || { echo "python3 is not installed: skipped"; exit 77; }
command="lcbrb review"
echo '{"id":"a","prompt":"p","chosen":"x","rejected":"y"}' >"$dir/one.jsonl"
run 2 "review needs --pairs, --output and --reviewer" --pairs "$dir/one.jsonl"
run 2 "must be a terminal" --pairs "$dir/one.jsonl" --output "$dir/r.jsonl" --reviewer eve </dev/null
run 2 "begun with \"reviewer\" \"eve\", now it is \"bob\"" --pairs "$dir/one.jsonl" --output "$dir/r.jsonl" --reviewer bob </dev/null
echo '{"id":"a","prompt":"p","chosen":"x"}' >"$dir/half.jsonl"
run 2 'missing key "rejected"' --pairs "$dir/half.jsonl" --output "$dir/s.jsonl" --reviewer eve </dev/null
cat "$dir/one.jsonl" "$dir/one.jsonl" >"$dir/two.jsonl"
run 2 'stands twice' --pairs "$dir/two.jsonl" --output "$dir/s.jsonl" --reviewer eve </dev/null
timeout 600 python3 tests/cli/review_terminal.py "$pgrpo" "$dir" || exit 1

# Both accept 20, both reject 15, they differ on 5 and 10: kappa = (0.7 - 0.5) / (1 - 0.5).
command="lcbrb agreement"
python3 - "$dir" <<'PY'
import json, sys
n = 0
with open(sys.argv[1] + "/a.jsonl", "w") as a, open(sys.argv[1] + "/b.jsonl", "w") as b:
    for f, name in ((a, "ann"), (b, "bob")):
        f.write(json.dumps({"review": 1, "reviewer": name}) + "\n")
    for k, x, y in ((20, "accept", "accept"), (5, "accept", "reject"), (10, "reject", "accept"), (15, "reject", "reject")):
        for _ in range(k):
            n += 1
            for f, d in ((a, x), (b, y)):
                f.write(json.dumps({"id": str(n), "pair": f"p{n}", "decision": "accept" if d == "reject" else "reject"}) + "\n")
                f.write(json.dumps({"id": str(n), "pair": f"p{n}", "decision": d}) + "\n")  # the last one counts
    a.write(json.dumps({"id": "x", "pair": "only", "decision": "accept"}) + "\n")
    a.write(json.dumps({"id": "x", "pair": "only", "comment": "hm"}) + "\n")
PY
run 0 '"both":50,"only_a":1,"only_b":0,"counts":[[20,5],[10,15]],"equal":0.69999999999999996,"kappa":0.39' --json "$dir/a.jsonl" "$dir/b.jsonl"
run 0 "Cohen's kappa 0.400" "$dir/a.jsonl" "$dir/b.jsonl"
run 0 "Cohen's kappa 1.000" "$dir/a.jsonl" "$dir/a.jsonl"
head -3 "$dir/a.jsonl" >"$dir/c.jsonl"
run 0 "not defined" "$dir/c.jsonl" "$dir/c.jsonl"
head -1 "$dir/a.jsonl" >"$dir/none.jsonl"
run 2 "decide no pair in common" "$dir/none.jsonl" "$dir/a.jsonl"
sed 's/"reject"/"perhaps"/' "$dir/b.jsonl" >"$dir/bad.jsonl"
run 2 'must be "accept" or "reject"' "$dir/a.jsonl" "$dir/bad.jsonl"
