"""A bad network on loopback: takes HTTP requests, and does with each what a plan says before, or instead of, handing
it to the server: loses, cuts, repeats, delays it or its answer, or ends the server in the middle."""
import re
import socket
import threading
import time

READ_S = 30
REQUEST_MAX = 64 << 20
DELAY_S = 0.2
KILL_WITHIN_S = 0.03

ACTIONS = (
    "pass",
    "lose-request",       # never arrives
    "cut-request",        # half of it arrives
    "lose-answer",        # done by the server, the device never hears of it
    "cut-answer",         # the device hears half of it
    "repeat",             # arrives twice, the device hears the second answer
    "late",               # arrives, and once more after the next request
    "delay",
    "kill-in-request",    # the server dies at some moment while it works on it
    "kill-answer-lost",   # the server dies after answering, and the answer is lost
    "kill-answer-heard",  # the server dies the moment it has answered; the device hears the answer
)


def read_request(client):
    """The whole request as bytes, without keep-alive or Expect; None when the client went away."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = client.recv(65536)
        if not chunk or len(data) > REQUEST_MAX:
            return None
        data += chunk
    head, body = data.split(b"\r\n\r\n", 1)
    if re.search(rb"(?im)^expect:\s*100-continue", head):
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    wanted = int(length.group(1)) if length else 0
    while len(body) < wanted:
        chunk = client.recv(65536)
        if not chunk:
            return None
        body += chunk
    lines = [one for one in head.split(b"\r\n") if not re.match(rb"(?i)(expect|connection):", one)]
    return b"\r\n".join(lines + [b"Connection: close"]) + b"\r\n\r\n" + body


def read_all(upstream):
    data = b""
    while True:
        chunk = upstream.recv(65536)
        if not chunk:
            return data
        data += chunk


class Proxy:
    """plan(path) answers an action for each request; server has port and kill()."""

    def __init__(self, server, draw):
        self.server, self.draw = server, draw
        self.plan = lambda path: "pass"
        self.done = {action: 0 for action in ACTIONS}
        self.held = None  # a request that will arrive once more
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.settimeout(READ_S)
        with client:
            try:
                request = read_request(client)
                if request is None:
                    return
                action = self.plan(request.split(b" ", 2)[1].decode("ascii", "replace"))
                self.done[action] += 1
                answer = getattr(self, "_" + action.replace("-", "_"))(request)
                if answer:
                    client.sendall(answer)
            except OSError:
                pass  # either end died: that is what this is for

    def _send(self, request):
        """To the server; its whole answer, or what came of it before it died."""
        with socket.create_connection(("127.0.0.1", self.server.port), READ_S) as upstream:
            upstream.sendall(request)
            try:
                return read_all(upstream)
            except OSError:
                return b""

    def _pass(self, request):
        answer = self._send(request)
        held, self.held = self.held, None
        if held:
            self._send(held)
        return answer

    def _lose_request(self, request):
        del request

    def _cut_request(self, request):
        with socket.create_connection(("127.0.0.1", self.server.port), READ_S) as upstream:
            upstream.sendall(request[:self.draw.randrange(1, len(request))])

    def _lose_answer(self, request):
        self._send(request)

    def _cut_answer(self, request):
        answer = self._send(request)
        return answer[:self.draw.randrange(1, max(len(answer), 2))]

    def _repeat(self, request):
        self._send(request)
        return self._send(request)

    def _late(self, request):
        self.held = request
        return self._send(request)

    def _delay(self, request):
        time.sleep(self.draw.random() * DELAY_S)
        return self._send(request)

    def _kill_in_request(self, request):
        wait = self.draw.random() * KILL_WITHIN_S
        threading.Timer(wait, self.server.kill).start()
        answer = self._send(request)
        time.sleep(max(KILL_WITHIN_S - wait, 0))
        return answer

    def _kill_answer_lost(self, request):
        self._send(request)
        self.server.kill()

    def _kill_answer_heard(self, request):
        answer = self._send(request)
        self.server.kill()
        return answer
