"""A server that answers as the protocol says, and stops in the middle of what takes long until it is told to go on: what a
handheld shows then is to be seen at rest. It keeps nothing."""
import datetime
import http.server
import json
import threading

LIMIT_S = 60
HASH, SIZE, PIECE = "ab" * 32, 140_000_000, 4 << 20
SCHEMA, BATCH = 5, 500


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")


class SlowServer:
    def __init__(self):
        self.gates = {name: threading.Event() for name in ("push", "piece", "page")}
        self.acked = self.pieces = self.pages = self.total = 0
        slow = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def send(self, status, body, kind="application/json"):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if status == 206:
                    self.send_header("Content-Range", f"bytes 0-{len(body) - 1}/{SIZE}")
                self.end_headers()
                self.wfile.write(body)

            def tell(self, members, lines=(), status=200):
                said = [json.dumps({"history": "slow", "time": now(), **members}), *(json.dumps(line) for line in lines)]
                self.send(status, ("\n".join(said) + ("\n" if lines else "")).encode())

            def no(self):
                self.tell({"error": "not-found", "text": "There is none."}, status=404)

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.tell(slow.posted(self.path))

            def do_GET(self):
                slow.asked(self)

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def posted(self, path):
        if path == "/v1/enrol":
            return {"device": 3, "site": "CDB", "url": self.url}
        if path == "/v1/challenge":
            return {"nonce": "00" * 32}
        if path == "/v1/session":
            return {"token": "t", "expires_s": 900}
        return self.pushed()

    def pushed(self):
        """A whole batch, then what is left of `total`, once it may go on."""
        if self.acked:
            self.gates["push"].wait(LIMIT_S)
        count = min(BATCH, self.total - self.acked)
        self.acked += count
        return {"acked": self.acked, "verdicts": ["accepted"] * count}

    def asked(self, handler):
        path = handler.path.split("?")[0]
        if path == "/v1/pull":
            self.page(handler)
        elif path == "/v1/snapshot" and not self.gates["piece"].is_set():
            handler.tell({"hash": HASH, "size": SIZE, "schema": SCHEMA, "cursor": "slow-1", "epoch": 1, "applied_seq": 0})
        elif path.startswith("/v1/snapshot/") and not self.gates["piece"].is_set():
            self.pieces += 1
            if self.pieces == 1:
                handler.send(206, b"\0" * PIECE, "application/octet-stream")
                return
            self.gates["piece"].wait(LIMIT_S)
            handler.no()
        else:
            handler.no()

    def page(self, handler):
        self.pages += 1
        if self.pages > 1:
            self.gates["page"].wait(LIMIT_S)
        lines = [{"type": "region", "id": str(n), "name": f"R{n}"} for n in range(1000)] if self.pages == 1 else []
        handler.tell({"cursor": f"slow-{self.pages}", "more": self.pages == 1, "epoch": 1, "applied_seq": self.total,
                      "count": len(lines)}, lines)

    def go_on(self, name):
        self.gates[name].set()

    def close(self):
        for gate in self.gates.values():
            gate.set()
        self.http.shutdown()
        self.http.server_close()
