#!/usr/bin/env python3
"""An OpenAI-compatible endpoint on this machine that can be rude, for the tests of src/net and of eval. Prints its port.

    rude_server.py [--log FILE] [--die-after N] [--cert PEM]

What it does is told by the model's name, a list of words by commas; the n-th request with the same name and last message meets
the n-th word, and all further ones the last:

    ok         answers "echo: " and the last message; code if the message asks for Python, \\boxed{1} behind a question mark
    busyN      429 with Retry-After: N             dateN    429 with Retry-After as the date N seconds ahead
    S          status S with a JSON error           sS       status S with no body
    drop       closes the connection unanswered    half     sends half of a good reply, then closes
    cut        the same without announcing a length
    garbage    200 with text that is no JSON        list     200 with JSON of another shape
    error      200 with {"error": ...}             null     200 with content null
    huge       200 with 4 MB of text               slow     answers after 5 s
    noise      bytes that are not HTTP             echokey  401 that repeats the Authorization header
    leakjson   200, no JSON, with the header in it  move     302 to itself
    think      an answer with reasoning_content    length   an answer with finish_reason "length"

FILE gets a line of JSON for each request: time, path, key, body. --die-after: the process ends at once with request N + 1.
With PEM (key and certificate): https."""
import argparse
import email.utils
import json
import os
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("--log")
parser.add_argument("--die-after", type=int, default=0)
parser.add_argument("--cert")
o = parser.parse_args()
log = open(o.log, "w", buffering=1) if o.log else None
lock = threading.Lock()
seen = {}
total = active = 0


class Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def send(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def do_POST(self):
        global total, active
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        chat = self.path.split("?")[0].endswith("/chat/completions")
        text = body["messages"][-1]["content"] if chat else body["prompt"]
        with lock:
            total += 1
            active += 1
            if o.die_after and total > o.die_after:
                os._exit(0)
            n = seen[body["model"], text] = seen.get((body["model"], text), -1) + 1
            words = body["model"].split(",")
            word = words[min(n, len(words) - 1)]
            if log:
                log.write(json.dumps({"time": time.time(), "path": self.path, "active": active, "word": word,
                                      "key": self.headers.get("Authorization"), "body": body}) + "\n")
        try:
            self.answer(word, chat, text)
        except OSError:
            self.close_connection = True
        finally:
            with lock:
                active -= 1

    def answer(self, word, chat, text):
        reply = "echo: " + text
        if "Python" in text:
            reply = "```python\ndef add(a, b):\n    return a + b\n```"
        if text.endswith("?"):
            reply = "So \\boxed{1}."
        message = {"role": "assistant", "content": reply}
        if word == "think":
            message["reasoning_content"] = "hm"
        if word == "null":
            message["content"] = None
        if word == "huge":
            message["content"] = "x" * 4000000
        choice = {"index": 0, "finish_reason": "length" if word == "length" else "stop"}
        choice.update({"message": message} if chat else {"text": reply})
        good = json.dumps({"id": "x", "object": "chat.completion", "choices": [choice],
                           "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}}).encode()
        key = self.headers.get("Authorization") or ""
        if word == "slow":
            time.sleep(5)
        if word in ("ok", "null", "huge", "slow", "think", "length"):
            self.send(200, good, Content_Type="application/json")
        elif word.startswith("busy"):
            self.send(429, b'{"error": {"message": "slow down"}}', Retry_After=word[4:])
        elif word.startswith("date"):
            self.send(429, b"", Retry_After=email.utils.formatdate(time.time() + int(word[4:]), usegmt=True))
        elif word.isdigit():
            self.send(int(word), b'{"error": {"message": "the message of %s"}}' % word.encode())
        elif word[0] == "s" and word[1:].isdigit():
            self.send(int(word[1:]), b"")
        elif word == "drop":
            self.hang_up()
        elif word == "half":
            self.send_response(200)
            self.send_header("Content-Length", str(len(good)))
            self.end_headers()
            self.wfile.write(good[:len(good) // 2])
            self.wfile.flush()
            self.hang_up()
        elif word == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + good[:len(good) // 2])
            self.wfile.flush()
            self.hang_up()
        elif word == "garbage":
            self.send(200, b"<html>\x1b[31mnot json</html>")
        elif word == "list":
            self.send(200, b'["choices"]')
        elif word == "error":
            self.send(200, b'{"error": {"message": "model overloaded"}}')
        elif word == "noise":
            self.wfile.write(b"\x00\x01noise\r\n\r\n")
            self.wfile.flush()
            self.hang_up()
        elif word == "echokey":
            self.send(401, json.dumps({"error": {"message": "wrong key: " + "y" * 270 + " " + key}}).encode())
        elif word == "leakjson":
            self.send(200, (key + " " + key.split()[-1]).encode())
        elif word == "move":
            self.send(302, b"", Location=self.path)
        else:
            self.send(400, b'{"error": "no such word"}')


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


    def handle_error(self, request, client_address):
        if not o.cert:  # who does not trust the certificate hangs up
            super().handle_error(request, client_address)


server = Server(("127.0.0.1", 0), Endpoint)
if o.cert:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(o.cert)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
