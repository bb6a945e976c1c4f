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

# Export: what both accept. The digests are those that review writes: SHA-256 of id, chosen, rejected, each with its NUL.
command="lcbrb export"
python3 - "$dir" <<'PY'
import hashlib, json, sys
def digest(*t): return hashlib.sha256(b"".join(x.encode() + b"\0" for x in t)).hexdigest()[:12]
with open(sys.argv[1] + "/p.jsonl", "w") as f:
    for i in range(3):
        f.write(json.dumps({"id": f"p{i}", "prompt": "q", "chosen": f"c{i}", "rejected": f"r{i}", "seed": 7}) + "\n")
for name, said in (("ann", "aar"), ("bob", "aa.")):
    with open(f"{sys.argv[1]}/{name}.jsonl", "w") as f:
        f.write(json.dumps({"review": 1, "reviewer": name}) + "\n")
        for i, d in enumerate(said):
            if d != ".":
                f.write(json.dumps({"id": f"p{i}", "pair": digest(f"p{i}", f"c{i}", f"r{i}"),
                                    "decision": "accept" if d == "a" else "reject", "revealed": i == 1}) + "\n")
    if name == "ann":
        open(f"{sys.argv[1]}/{name}.jsonl", "a").write(json.dumps({"pair": digest("p0", "c0", "r0"), "comment": "fine"}) + "\n")
PY
run 0 '{"pairs":3,"accepted":2,"rejected":1,"undecided":0,"reviews":2}' --json --pairs "$dir/p.jsonl" --output "$dir/ok.jsonl" "$dir/ann.jsonl" "$dir/bob.jsonl"
[ "$(wc -l <"$dir/ok.jsonl")" -eq 2 ] || fail "two pairs were to be written"
grep -qF '"chosen":"c0","rejected":"r0","seed":7,"reviews":[{"reviewer":"ann","revealed":false,"comment":"fine"},{"reviewer":"bob","revealed":false}]' "$dir/ok.jsonl" || fail "no reviews in the pair"
command="rm eval" run 0 'all                               2' "$dir/ok.jsonl"
run 2 "--output $dir/p.jsonl is a file that is read" --pairs "$dir/p.jsonl" --output "$dir/p.jsonl" "$dir/ann.jsonl"
run 2 "export needs --pairs and --output" "$dir/ann.jsonl"
run 2 'missing key "review"' --pairs "$dir/p.jsonl" --output "$dir/ok.jsonl" "$dir/p.jsonl"
run 2 'no pair is accepted by all reviews (0 rejected, 1 undecided)' --pairs "$dir/one.jsonl" --output "$dir/ok.jsonl" "$dir/bob.jsonl"
[ "$(wc -l <"$dir/ok.jsonl")" -eq 2 ] || fail "a refused export changed the file"
