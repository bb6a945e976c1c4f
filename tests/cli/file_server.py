#!/usr/bin/env python3
"""A server of files on this machine for test_fetch_data.sh: GET /WORDS/.../FILE gives ROOT/FILE. Prints its port.

    file_server.py ROOT [--cert PEM]      with PEM (key and certificate): https

WORDS, by commas, tell how:
    ok       as servers do, with ranges and a validator
    cut      the first answer breaks off half-way          stall    the first answer stops half-way and waits
    busy     the first answer is 503                       short    the first answer ends half-way without a length
    plain    no ranges: always the whole file              mute     no validator
    more     the file and 1 MB behind it                   astray   ranges that begin one byte late
    slice    of a range 1 MB at most                       waver    each answer breaks off, by turns late and early
    loop     302 to itself
    move     302 to the same without this word             down     302 to http://127.0.0.1:1/
    store    302 with the sum announced, as the hub does   lie      the same with a wrong sum
    S        status S with a page of HTML

A path that begins with /datasets/, as on the hub, is "store". ROOT/requests.log gets a line for each request: path, Range,
If-Range."""
import argparse
import hashlib
import os
import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

parser = argparse.ArgumentParser()
parser.add_argument("root")
parser.add_argument("--cert")
o = parser.parse_args()
log = open(os.path.join(o.root, "requests.log"), "a", buffering=1)
seen = set()


class Files(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def first_time(self, word):
        first = (word, self.path) not in seen
        seen.add((word, self.path))
        return first

    def turn(self):
        """False and True by turns."""
        if self.first_time("turn"):
            return False
        seen.remove(("turn", self.path))
        return True

    def send_part(self, status, headers, part, length):
        """Headers for all of it, then only the part."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if length is not None:
            self.send_header("Content-Length", str(length))
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(part)
        self.wfile.flush()
        self.close_connection = True

    def do_GET(self):
        log.write(f"{self.path} {self.headers.get('Range', '-')} {self.headers.get('If-Range', '-')}\n")
        parts = self.path.split("?")[0].strip("/").split("/")
        words = ["store"] if parts[0] == "datasets" else parts[0].split(",")
        path = os.path.join(o.root, parts[-1])
        statuses = [w for w in words if w.isdigit()]
        if statuses or not os.path.isfile(path):
            return self.answer(int(statuses[0]) if statuses else 404, [("Content-Type", "text/html")], b"<html>no</html>" * 9)
        data = open(path, "rb").read()
        if "busy" in words and self.first_time("busy"):
            return self.answer(503, [("Retry-After", "1")], b"later")
        for word in ("move", "store", "lie"):
            if word in words:
                rest = ",".join(w for w in words if w != word) or "ok"
                digest = hashlib.sha256(data + (b"x" if word == "lie" else b"")).hexdigest()
                hub = [("x-repo-commit", "1" * 40), ("x-linked-etag", f'"{digest}"'), ("x-linked-size", str(len(data)))]
                return self.answer(302, [("Location", f"/{rest}/{parts[-1]}")] + (hub if word != "move" else []))
        if "loop" in words:
            return self.answer(302, [("Location", self.path)])
        if "down" in words:
            return self.answer(302, [("Location", "http://127.0.0.1:1/" + parts[-1])])
        etag = '"' + hashlib.md5(data).hexdigest() + '"'
        headers = [] if "mute" in words else [("ETag", etag)]
        first, status = 0, 200
        wanted = self.headers.get("Range", "")
        if wanted and "plain" not in words and self.headers.get("If-Range", etag) == etag:
            first = int(wanted.removeprefix("bytes=").split("-")[0])
            if first >= len(data):
                return self.answer(416, headers + [("Content-Range", f"bytes */{len(data)}")])
            first += "astray" in words
            status = 206
            last = min(first + 1000000, len(data)) if "slice" in words else len(data)
            headers.append(("Content-Range", f"bytes {first}-{last - 1}/{len(data)}"))
            rest = data[first:last]
        else:
            rest = data
        if "more" in words:
            rest += b"x" * 1000000
        half = rest[:len(rest) // 2]
        if "waver" in words:
            return self.send_part(status, headers, rest[:len(rest) // (3 if self.turn() else 2)], len(rest))
        if "cut" in words and self.first_time("cut"):
            return self.send_part(status, headers, half, len(rest))
        if "stall" in words and self.first_time("stall"):
            self.send_part(status, headers, half, len(rest))
            time.sleep(60)
            return None
        if "short" in words and self.first_time("short"):
            return self.send_part(status, headers, half, None)
        return self.answer(status, headers, rest)


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # who does not trust the certificate, or is killed, hangs up


server = Server(("127.0.0.1", 0), Files)
server.daemon_threads = True
if o.cert:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(o.cert)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_port, flush=True)
server.serve_forever()
