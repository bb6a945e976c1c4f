#!/usr/bin/env python3
"""Drives `pgrpo lcbrb review` in a pseudo terminal: review_terminal.py PGRPO FOLDER. See test_review.sh."""
import fcntl, json, os, pty, re, select, signal, struct, subprocess, sys, termios, time

PGRPO, DIR = sys.argv[1:3]
PAIRS, OUT = f"{DIR}/pairs.jsonl", f"{DIR}/review.jsonl"
OURS = re.compile(rb"\x1b\[(\?1049[hl]|\?25[hl]|[0-9]+;1H|H|K|0m|7m|1;4m)")
HOSTILE = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202e\x00end \u200b\x08"


def fail(what):
    sys.exit(f"FAILED: {what}")


def need(ok, what):
    if not ok:
        fail(what)


class Terminal:
    def __init__(self, *args, rows=30, cols=80):
        self.master, slave = pty.openpty()
        self.slave = slave
        self.rows, self.cols = rows, cols
        self.size(rows, cols)
        self.before = termios.tcgetattr(slave)
        self.all = b""
        env = dict(os.environ, LSAN_OPTIONS="detect_leaks=0")
        self.child = subprocess.Popen([PGRPO, "lcbrb", "review", "--pairs", PAIRS, "--output", OUT, "--reviewer", "eve", *args],
                                      stdin=slave, stdout=slave, stderr=subprocess.PIPE, env=env, start_new_session=True,
                                      preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def size(self, rows, cols):
        self.rows, self.cols = rows, cols
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def read(self, until=None):
        """Output until the frame has this text and is complete."""
        end, quiet = time.time() + 60, 0
        while time.time() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                self.all += os.read(self.master, 65536)
                quiet = 0
            else:
                quiet += 1
                if quiet >= 2 and (until is None or until in self.frame()):
                    return self.frame()
                if self.child.poll() is not None and quiet > 5:
                    break
        fail(f"waited for {until!r}, saw\n{self.frame()}")

    def frame(self):
        raw = self.all[self.all.rfind(b"\x1b[H"):]
        parts = re.split(rb"\x1b\[([0-9]+);1H\x1b\[K", raw)
        rows = {1: parts[0]}
        for k in range(1, len(parts) - 1, 2):
            rows[int(parts[k])] = parts[k + 1]
        self.last = {n: OURS.sub(b"", r).decode() for n, r in rows.items()}
        return "\n".join(self.last[n] for n in sorted(self.last))

    def key(self, keys, until=None):
        os.write(self.master, keys.encode())
        return self.read(until)

    def end(self, code):
        self.child.wait(60)
        while select.select([self.master], [], [], 0.1)[0]:
            self.all += os.read(self.master, 65536)
        err = self.child.stderr.read().decode()
        need(self.child.returncode == code, f"exit code {self.child.returncode}, want {code}: {err}")
        need(termios.tcgetattr(self.slave) == self.before, "the terminal's settings are not put back")
        need(b"\x1b[?1049l" in self.all[-200:] and b"\x1b[?25h" in self.all[-200:], "the screen is not left")
        rest = OURS.sub(b"", self.all)
        left = [c for c in rest if c < 32 and c not in b"\r\n"]
        need(not left and b"\xc2\x9b" not in rest and "\u202e".encode() not in rest, f"control characters reach the terminal: {left}")
        os.close(self.master)
        os.close(self.slave)
        return err


def lines():
    return [json.loads(l) for l in open(OUT)]


def left_is_chosen(frame):
    row = next(r for r in frame.split("\n") if "GOODSIDE" in r or "BADSIDE" in r)
    return "GOODSIDE" in row.split(" | ")[0]


with open(PAIRS, "w") as f:
    for i in range(6):
        f.write(json.dumps({
            "id": f"t/{i}" + (HOSTILE if i == 2 else ""), "prompt": "Add two numbers.\n" + "word " * 300 + ("PROBLEMEND" + HOSTILE),
            "chosen": f"GOODSIDE {i} sort the list first " + (HOSTILE if i == 1 else ""), "rejected": f"BADSIDE {i} sort a list first " + "long " * 200,
            "chosen_verdict": "accepted", "chosen_tests": [3, 3], "chosen_solution": "return a + b" + HOSTILE, "chosen_sample": 1,
            "rejected_verdict": "wrong_answer", "rejected_tests": [1, 3], "rejected_detail": "got" + HOSTILE, "rejected_solution": "return a - b", "rejected_sample": 2,
        }) + "\n")

# Blind: nothing tells which side passed; a key is on the disk before the next frame.
t = Terminal()
frame = t.read("1 of 6")
need("accepted" not in frame and "wrong_answer" not in frame and "chosen" not in frame, "the verdict shows")
need("PROBLEMEND" not in frame and "more rows" in frame, "the whole problem shows")
first_left = left_is_chosen(frame)
need(first_left != left_is_chosen(t.key("s")), "s does not swap")
need(first_left == left_is_chosen(t.key("s")), "s s is not the same")
t.key("a", "Say which side")
need(len(lines()) == 1, "a blind accept was saved")
t.key("l" if first_left else "r", "2 of 6")
last = lines()[-1]
need((last["decision"], last["picked"], last["revealed"]) == ("accept", "chosen", False), f"saved {last}")
frame = t.key("", "2 of 6")
t.key("r" if left_is_chosen(frame) else "l", "3 of 6")
last = lines()[-1]
need((last["decision"], last["picked"]) == ("reject", "rejected"), f"saved {last}")
t.key("v", "rejected: wrong_answer, 1 of 3")
t.key("v", "l left is better")
t.key("x", "4 of 6")
last = lines()[-1]
need((last["decision"], last["revealed"], "picked" in last) == ("reject", True, False), f"saved {last}")
t.key("b", "REJECTED")
t.key("a", "Say which side")
t.key("va", "4 of 6")
need(lines()[-1]["decision"] == "accept", "a after v is not saved")
# comments
t.key("c", "comment (Enter saves")
t.key("h\u00e9\x7f\x7fhello\x1b", "l left is better")
need("comment" not in lines()[-1], "a dropped comment was saved")
t.key("cn\u00e4\x7fo q\r", "comment:")
need(lines()[-1]["comment"] == "no q", f"saved {lines()[-1]}")
# the window
for cols, rows in ((40, 12), (200, 50), (3, 2), (1, 1), (80, 24)):
    t.size(rows, cols)
    os.kill(t.child.pid, signal.SIGWINCH)
    t.read()
    need(max(t.last) == max(rows, 1) or rows == 1, f"{max(t.last)} rows drawn in {rows}")
    if cols >= 40:
        wide = max(len(OURS.sub(b"", r.encode()).decode()) for r in t.last.values())
        need(wide <= cols, f"a row of {wide} in {cols} columns")
t.key("p", "undecided")
for _ in range(60):
    t.key("  ") if "PROBLEMEND" not in t.frame() else None
need("PROBLEMEND" in t.frame(), "the problem's end cannot be scrolled to")
t.key("\x1b[5~\x1b[A\x1b[B\x1b[C", "5 of 6")
t.key("\x1b[D", "4 of 6")
# kill -9 in the middle, then go on
os.kill(t.child.pid, signal.SIGKILL)
t.child.wait()
t = Terminal()
t.read("4 of 6")
need("3 of 6 decided" in t.frame(), t.frame())
os.kill(t.child.pid, signal.SIGTERM)
need("interrupted" in t.end(130), "no word of the interruption")
for sig in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
    t = Terminal()
    t.read("4 of 6")
    os.kill(t.child.pid, sig)
    t.end(130)
t = Terminal()
t.read("4 of 6")
t.key("\x1a", "4 of 6")  # Ctrl-Z does not leave a raw terminal behind
os.write(t.master, b"\x03")
t.end(130)
t = Terminal("--open")
frame = t.read("chosen: accepted, 3 of 3 tests")
need(left_is_chosen(frame), "open: the chosen text is not on the left")
t.key("aa", "6 of 6")
t.key("x", "all are decided")
t.key("u", "All pairs are decided")
os.write(t.master, b"q")
t.end(0)
need([l.get("decision") for l in lines()[-3:]] == ["accept", "accept", "reject"], "open decisions")
need(all(l["revealed"] for l in lines()[-3:]), "open decisions are not marked as revealed")
print(f"ok, {len(lines())} lines")
