#!/usr/bin/env bash
# pgrpo data contamination: grams by hand-made texts, against a plain recount, faults.
set -u
pgrpo=$PGR_BINARY_DIR/pgrpo
command -v python3 >/dev/null || { echo "python3 is not installed: skipped"; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
python3 - "$dir" <<'P'
import json, random, sys
rng = random.Random(3)
words = ['w%d' % i for i in range(12)]
text = lambda n: ' '.join(rng.choice(words) for _ in range(n))
task = lambda i, prompt, solution: {'id': i, 'prompt': prompt, 'entry_point': 'f', 'tests': ['assert f(1) == 1'], 'solution': solution}
bench = [task('same', 'One two three four five six seven eight nine ten eleven twelve thirteen fourteen', 'def f(x): return x'),
         task('cut', 'a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 b13', 'def f(x): return x'),
         task('short', 'Écrire six mots, juste six mots', 'def f(x):\n    y = x\n    return y'),
         task('tiny', 'four words are few', 'def f(x): return x')]
bench += [task('r%d' % i, text(rng.randint(3, 30)), 'def f(x):\n    return "%s"' % text(rng.randint(0, 30))) for i in range(40)]
train = [{'messages': [{'role': 'user', 'content': 'X: one TWO, three-four five six seven eight nine ten (eleven) twelve thirteen! But'}]},
         {'deep': {'list': [0, None, 'a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12', 'b13']}},
         {'prompt': 'Il faut écrire; six mots juste six mots!'}, {'prompt': 'Écrire six mots juste six mots'}]
train += [{'prompt': text(rng.randint(2, 200)), 'chosen': text(50)} for _ in range(60)]
for name, rows in ('bench', bench), ('train', train):
    open('%s/%s.jsonl' % (sys.argv[1], name), 'w').writelines(json.dumps(r, ensure_ascii=False) + '\n' for r in rows)
P
for n in 13 5 7; do
    "$pgrpo" data contamination --n $n --report "$dir/r.json" "$dir/train.jsonl" "$dir/bench.jsonl" >"$dir/out" 2>"$dir/err" || fail "$(cat "$dir/err")"
    python3 - "$dir" $n <<'P' || fail "grams of $n words differ from a plain recount"
import json, re, sys
folder, n = sys.argv[1], int(sys.argv[2])
rows = lambda name: [json.loads(l) for l in open('%s/%s.jsonl' % (folder, name), encoding='utf-8')]
low = lambda s: ''.join(c.lower() if c < '\x80' else c for c in s)
split = lambda s: re.findall('[a-z0-9_\x80-\U0010ffff]+', low(s))
def texts(v):
    if isinstance(v, str): yield v
    for x in v if isinstance(v, list) else v.values() if isinstance(v, dict) else (): yield from texts(x)
seen = {}
for i, r in enumerate(rows('train')):
    for t in map(split, texts(r)):
        for k in range(5, n + 1):
            for a in range(len(t) - k + 1): seen.setdefault(tuple(t[a:a + k]), i + 1)
want, counts = {}, {'prompt': [0, 0, 0, 0], 'solution': [0, 0, 0, 0]}
for r in rows('bench'):
    for part in counts:
        t = split(r[part])
        grams = [tuple(t[a:a + n]) for a in range(len(t) - n + 1)] or ([tuple(t)] if len(t) >= 5 else [])
        found = [seen[g] for g in grams if g in seen]
        c = counts[part]
        c[0] += bool(found); c[1] += bool(grams) and 2 * len(found) >= len(grams); c[2] += bool(grams) and len(found) == len(grams); c[3] += not grams
        if found: want.setdefault(r['id'], {})[part] = (len(found) / len(grams), '%s/train.jsonl:%d' % (folder, min(found)))
got = json.load(open(folder + '/r.json'))
assert (got['n'], got['problems'], got['records']) == (n, 44, 64), got
for part, c in counts.items():
    assert [got[part][k] for k in ('any', 'half', 'all', 'not_compared')] == c, (part, got[part], c)
assert {i: {p: (round(x['share'], 9), x['first']) for p, x in v.items()} for i, v in got['per_problem'].items()} == \
       {i: {p: (round(s, 9), w) for p, (s, w) in v.items()} for i, v in want.items()}
if n == 13:
    per = got['per_problem']
    assert per['same']['prompt']['share'] == 0.5 and 'cut' not in per and 'tiny' not in per, per
    assert per['short']['prompt'] == {'share': 1.0, 'first': folder + '/train.jsonl:4'}, per['short']
P
done
grep -q '^problems *44, 64 training records, grams of 7 words$' "$dir/out" || fail "$(cat "$dir/out")"

refuse() { # MESSAGE ARG...
    local text=$1
    shift
    "$pgrpo" data contamination "$@" >"$dir/out" 2>"$dir/err"
    [ $? -eq 2 ] && [ "$(grep -c . "$dir/err")" -eq 1 ] && grep -qF -- "$text" "$dir/err" || fail "$*: $(cat "$dir/err")"
}
refuse 'n' --n 4 "$dir/train.jsonl" "$dir/bench.jsonl"
refuse "$dir/none.jsonl" "$dir/none.jsonl" "$dir/bench.jsonl"
refuse "$dir/none.jsonl" "$dir/train.jsonl" "$dir/none.jsonl"
echo '{"a": ' >"$dir/bad.jsonl"
refuse "bad.jsonl:1" "$dir/bad.jsonl" "$dir/bench.jsonl"
refuse "bad.jsonl" "$dir/train.jsonl" "$dir/bad.jsonl"

# A benchmark's faulty records are counted, the others are compared.
{ head -3 "$dir/bench.jsonl"; echo '{"id": "x", "prompt": 3}'; echo 'no JSON'; tail -n +4 "$dir/bench.jsonl"; } >"$dir/part.jsonl"
"$pgrpo" data contamination --report "$dir/p.json" "$dir/train.jsonl" "$dir/part.jsonl" >"$dir/out" 2>"$dir/err" || fail "faulty records: $(cat "$dir/err")"
grep -q '2 faulty records of the benchmark left out, first .*part.jsonl:4: ' "$dir/err" || fail "faulty records: $(cat "$dir/err")"
grep -q '"faulty": 2' "$dir/p.json" && grep -q '"problems": 44' "$dir/p.json" || fail "faulty records: counts"
echo "all checks passed"
