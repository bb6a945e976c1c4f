#!/usr/bin/env python3
"""A hub on this machine for test_fetch.sh: serves ROOT/REPO/resolve/REVISION/FILE as the real one does. Prints its port.
Arguments: root folder; then words: "cut" breaks the first download of the weights off half-way, "lie" announces a wrong SHA-256."""
import hashlib
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

root, words = sys.argv[1], set(sys.argv[2:])
COMMIT = "0123456789abcdef0123456789abcdef01234567"
log = open(os.path.join(root, "requests.log"), "w", buffering=1)


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def find(self):
        parts = self.path.strip("/").split("/")
        if parts[0] == "stored":
            return os.path.join(root, "files", parts[1]), True
        if len(parts) == 5 and parts[2] == "resolve" and parts[3] in ("main", COMMIT):
            return os.path.join(root, "files", parts[4]), False
        return "", False

    def reply(self, body):
        log.write(f"{self.command} {self.path} {self.headers.get('Range', '')}\n")
        path, stored = self.find()
        if not os.path.isfile(path):
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        data = open(path, "rb").read()
        if path.endswith(".safetensors") and not stored:
            digest = hashlib.sha256(data + (b"x" if "lie" in words else b"")).hexdigest()
            self.send_response(302)
            self.send_header("x-repo-commit", COMMIT)
            self.send_header("x-linked-etag", f'"{digest}"')
            self.send_header("x-linked-size", str(len(data)))
            self.send_header("Location", "/stored/" + os.path.basename(path))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        first = int(self.headers["Range"].removeprefix("bytes=").split("-")[0]) if "Range" in self.headers else 0
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        if not stored:
            self.send_header("x-repo-commit", COMMIT)
        self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        if not body:
            return
        if stored and "cut" in words:
            words.discard("cut")
            self.wfile.write(data[first:len(data) // 2])
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
            return
        self.wfile.write(data[first:])

    def do_HEAD(self):
        self.reply(False)

    def do_GET(self):
        self.reply(True)


server = HTTPServer(("127.0.0.1", 0), Hub)
print(server.server_port, flush=True)
server.serve_forever()
