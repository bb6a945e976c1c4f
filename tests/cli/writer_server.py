#!/usr/bin/env python3
"""An OpenAI-compatible endpoint on this machine that writes reasonings, solutions and votes, for the tests of od and lcbrb build.
Prints its port. What it answers depends on the seed and the last message alone, after a pause, so that requests overlap.

    writer_server.py [--log FILE] [--die-after N] [--gather N]

    words      forty words; to questions for code the code, to those that want thoughts a reasoning and a solution that is right for odd seeds; to a judge's a verdict
    thoughts   the same, the reasoning apart (reasoning_content)
    shy        the same, but status 400 for seeds that are multiples of 7, never for the first request
    no         status 400 always

--gather N: the first N requests are answered when all N are there, or after ten seconds.

FILE gets a line of JSON for each request: active (requests at that time), key, body."""
import argparse
import json
import os
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("--log")
parser.add_argument("--die-after", type=int, default=0)
parser.add_argument("--gather", type=int, default=0)
o = parser.parse_args()
log = open(o.log, "w", buffering=1) if o.log else None
lock = threading.Lock()
total = active = 0


class Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def send(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        global total, active
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with lock:
            total += 1
            active += 1
            n = total
            if o.die_after and n > o.die_after:
                os._exit(0)
            if log:
                log.write(json.dumps({"active": active, "key": self.headers.get("Authorization"), "body": body}) + "\n")
        time.sleep(0.05)
        end = time.monotonic() + 10
        while n <= o.gather and total < o.gather and time.monotonic() < end:
            time.sleep(0.01)
        try:
            self.answer(body, n)
        except OSError:
            pass
        with lock:
            active -= 1

    def answer(self, body, n):
        model, seed, text = body["model"], body["seed"], body["messages"][-1]["content"]
        if model == "no" or (model == "shy" and n > 1 and seed % 7 == 0):
            return self.send(400, {"error": {"message": "not this one"}})
        r = random.Random(f"{seed} {text}")
        words = " ".join(f"w{r.randrange(1000):03d}" for _ in range(40)) + "."
        message = {"role": "assistant", "content": words}
        if "Verdict" in text:
            message["content"] = "I compared them.\nVerdict: " + ("no" if seed % 5 == 0 else "yes")
        elif "how it is to be solved" in text:
            message["content"] = f"```python\ndef f(n):\n    return n + {1 if seed % 2 else 5}\n```"
        elif "</answer>" in text:
            code = f"<answer>\ndef f(n):\n    return n + {1 if seed % 2 else 5}\n</answer>"
            message["content"] = code if model == "thoughts" else f"<think>\n{words}\n</think>\n{code}"
            if model == "thoughts":
                message["reasoning_content"] = words
        self.send(200, {"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": 5, "completion_tokens": 40}})


server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
server.handle_error = lambda *args: None  # clients that go away
print(server.server_port, flush=True)
server.serve_forever()
