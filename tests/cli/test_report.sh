#!/usr/bin/env bash
# pgrpo report: a page of two runs and a reward model; what hostile completions become; refusals; in a browser, if there
# is one.
. tests/run.sh
command=report
command -v python3 >/dev/null || { echo "no python3: the page cannot be read"; exit 77; }
mkdir "$dir/a" "$dir/a/completions" "$dir/b" "$dir/rm" "$dir/empty" "$dir/bad" "$dir/cut"
python3 - "$dir" <<'PY'
import json, sys
d = sys.argv[1]
def rows(path, rs):
    with open(path, "w") as f:
        for r in rs: f.write(json.dumps(r, ensure_ascii=False) + "\n")
rows(d + "/a/metrics.jsonl", [{"step": 0, "eval_pass@1": 0.25}] +
     [{"step": s, "reward": s / 4, "rewards/thinking/mean": None if s == 2 else 0.5, "<b>odd&": s} for s in range(1, 9)])
rows(d + "/b/metrics.jsonl", [{"step": s, "reward": 2 - s / 4} for s in range(1, 5)])
rows(d + "/rm/rm_metrics.jsonl", [{"step": 0, "eval_accuracy": 0.5, "eval_types": {"t": {"accuracy": 0.5, "pairs": 2}}}])
hostile = "</script><script>document.title='owned'</script><!-- ]]> \u2028 \u202e \x00 \x1b[31m \\ \" ' \ud83d\ude00".encode("utf-8", "surrogatepass").decode("utf-8", "replace")
def row(step, sample, text, **more):
    return {"step": step, "id": "t/%d" % step, "sample": sample, "prompt": "p" + hostile, "completion": text, "reward": 1.5,
            "rewards": {"format": 1.0, "outcome": 0.0, "thinking": None}, "verdict": "wrong_answer", "advantage": 0.1,
            "length": len(text), "finish": "stop", "secret": "left out", **more}
for s in (1, 2, 100000):
    rows(d + "/a/completions/step-%05d.jsonl" % s,
         [row(s, 0, "<think>" + hostile + "</think><answer>x = 1</answer>"),
          {**row(s, 1, hostile), "verdict": "</option>" + hostile, "detail": hostile, "format_error": hostile, "id": hostile},
          row(s, 2, "\u00e4" * 40000), {**row(s, 3, ""), "reward": None, "rewards": [], "length": None, "step": None}])
PY
printf '{"step":1,"reward":1}\n{"step":2,"reward":' >"$dir/cut/metrics.jsonl"
printf '{"reward":1}\n' >"$dir/bad/metrics.jsonl"
run 2 "holds neither metrics.jsonl" "$dir/empty"
run 2 "holds neither metrics.jsonl" "$dir/none"
run 2 "metrics.jsonl:2: not valid JSON" "$dir/cut"
run 2 'metrics.jsonl:1: missing key "step"' "$dir/bad"
run 2 "several runs need --output" "$dir/a" "$dir/b"
printf '{"step":1}\n' >"$dir/cut/metrics.jsonl"
mkdir "$dir/cut/completions"
printf '{"completion":"\xff"}\n' >"$dir/cut/completions/step-00001.jsonl"
run 2 "step-00001.jsonl:1: not valid JSON" "$dir/cut"
printf '{"completion":7}\n' >"$dir/cut/completions/step-00001.jsonl"
run 2 'key "completion" must be a string' "$dir/cut"
[ ! -e "$dir/cut/report.html" ] || fail "a refused report left a page"

run 0 "$dir/b/report.html" "$dir/b"
grep -q "id=data" "$dir/b/report.html" && fail "a browser without completions"
run 0 "$dir/page.html" "$dir/a" "$dir/b" "$dir/rm" --output "$dir/page.html" --svg "$dir/svg/deep"
run 0 "$dir/few.html" "$dir/a" --output "$dir/few.html" --completions 5
run 0 "$dir/two.html" "$dir/a" --output "$dir/two.html" --completions 2

python3 - "$dir" <<'PY' || fail "what the page holds"
import json, os, sys, html.parser, xml.dom.minidom
d = sys.argv[1]
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(); self.tags = []; self.scripts = []; self.charts = []; self.open = None
    def handle_starttag(self, tag, attrs):
        self.tags.append(tag); self.open = tag
        if tag == "script": self.scripts.append("")
        assert not any(k.startswith("on") for k, _ in attrs), attrs
    def handle_data(self, data):
        if self.open == "script": self.scripts[-1] += data
        if self.open == "figcaption": self.charts.append(data)
    def handle_endtag(self, tag): self.open = None
def page(name):
    p = Page(); raw = open(f"{d}/{name}.html", "rb").read(); p.feed(raw.decode("utf-8")); p.raw = raw
    return p, json.loads(p.scripts[0])
p, runs = page("page")
assert p.tags.count("script") == 2 and "b" not in p.tags, p.tags
assert [r["name"] for r in runs] == [d + "/a"]
cs = runs[0]["completions"]
assert len(cs) == 12 and [c["sample"] for c in cs] == [0, 1, 2, 3] * 3
assert [c.get("step") for c in cs] == [1, 1, 1, None, 2, 2, 2, None] + [100000] * 3 + [None], "in the order of the steps"
want = [json.loads(l) for l in open(d + "/a/completions/step-00001.jsonl")]
assert cs[0]["think"] == want[0]["completion"][7:].split("</think>")[0] and cs[0]["answer"] == "x = 1"
assert "completion" not in cs[0] and cs[1]["completion"] == want[1]["completion"] and cs[1]["id"] == want[1]["id"]
assert cs[0]["prompt"] == want[0]["prompt"] and cs[0]["format"] == 1 and cs[0]["reward"] == 1.5
assert cs[2]["completion"] == "\u00e4" * 16384 + "\n[47232 more bytes are left out]"
assert not any("secret" in c for c in cs) and "thinking" not in cs[0]
for chart in ("reward", "eval_pass@1", "<b>odd&", "eval_accuracy", "eval_types/t", "rewards/thinking/mean"):
    assert chart in p.charts, (chart, p.charts)
few, two = page("few")[1][0]["completions"], page("two")[1][0]["completions"]
assert len(few) == 5 and len(two) == 2, (few, two)
svg = sorted(os.listdir(d + "/svg/deep"))
assert svg == ["eval_accuracy.svg", "eval_pass_1.svg", "reward.svg", "rewards_thinking_mean.svg"], svg
for s in svg:
    xml.dom.minidom.parse(f"{d}/svg/deep/{s}")
PY

# Out of memory at any allocation: exit code 1 and one line that says so.
for ((n = 1; n < 100000; n += 97)); do
    PGR_FAIL_ALLOC=$n "$pgrpo" report "$dir/a" --output "$dir/alloc.html" >"$dir/out" 2>"$dir/err"; code=$?
    [ $code -eq 0 ] && break
    [ $code -eq 1 ] && [ "$(wc -l <"$dir/err")" -eq 1 ] || fail "allocation $n: exit code $code, $(cat "$dir/err")"
done
[ $code -eq 0 ] && [ $n -gt 97 ] || fail "failing allocations: ended at $n with exit code $code"

command -v chromium >/dev/null || { echo "no chromium: the page was not opened"; exit 77; }
timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$dir/profile" --dump-dom "file://$dir/page.html" \
    >"$dir/dom" 2>"$dir/err" || fail "chromium ends with $?"
python3 - "$dir" <<'PY' || fail "what the browser made of it"
import sys
dom = open(sys.argv[1] + "/dom").read()
assert "<title>pgrpo report</title>" in dom, "a script of a completion ran"
assert '<span id="count">12 of 12</span>' in dom
assert dom.count("<tr") >= 12 and 'class="on"' in dom
assert "\\u{202e}" in dom and "\\u{1b}" in dom and "\u202e" not in dom.split('id="browser"')[1].split('id="data"')[0]
PY
echo ok
