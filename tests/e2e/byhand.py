"""A device made by hand: the wire protocol spoken as sync/PROTOCOL.md has it, with whatever one likes to say. It has a key of its own, and
nothing of what a device's program would not do."""
import base64
import ctypes
import hashlib
import json
import os
import ssl
import urllib.error
import urllib.request

SODIUM = ctypes.CDLL("libsodium.so.23")
ANSWER_S = 30


def keys(seed):
    public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
    SODIUM.crypto_sign_ed25519_seed_keypair(public, secret, seed)
    return public.raw, secret.raw


def sign(secret, data):
    signature = ctypes.create_string_buffer(64)
    SODIUM.crypto_sign_ed25519_detached(signature, None, data, ctypes.c_ulonglong(len(data)), secret)
    return signature.raw.hex()


class Answer:
    """What came back: status, bytes, and the first line as an object."""

    def __init__(self, status, body):
        self.status, self.body = status, body
        lines = body.decode("utf-8", "replace").splitlines()
        self.first = json.loads(lines[0]) if lines else {}
        self.lines = [json.loads(one) for one in lines[1:]]
        self.error = self.first.get("error")


class Handmade:
    """Enrolled with a one-time string, in session. Everything that it was ever answered is in `heard`."""

    def __init__(self, url, enrolment):
        self.url, self.heard, self.token = url, b"", None
        self.public, self.secret = keys(os.urandom(32))
        encoded = enrolment.split(":")[2]
        told = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
        token, self.pin = told["token"], (told.get("pins") or [""])[0]
        # a key is trusted, not a name; by hand not even that
        self.context = ssl._create_unverified_context() if url.startswith("https:") else None
        told = self.post("enrol", {"token": token, "public_key": self.public.hex()}).first
        self.device, self.site = told["device"], told["site"]
        self.seq, self.pushed, self.head, self.bodies = 0, 0, bytes(32), []
        self.token = self.session(self.device).first["token"]

    def ask(self, method, path, body=None):
        request = urllib.request.Request(f"{self.url}/v1/{path}", data=body, method=method)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S, context=self.context) as reply:
                answer = Answer(reply.status, reply.read())
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.read())
        self.heard += answer.body
        return answer

    def post(self, path, message):
        return self.ask("POST", path, json.dumps(message).encode())

    def session(self, device):
        """As that device, by this one's key."""
        nonce = self.post("challenge", {"device": device}).first.get("nonce", "00" * 32)
        return self.post("session", {"device": device, "nonce": nonce,
                                     "signature": sign(self.secret, b"tallyman-session" + bytes.fromhex(nonce) + self.pin.encode())})

    def trace(self, key):
        return self.post("trace", {"key": key})

    def pull(self, cursor=None):
        return self.ask("GET", "pull" + (f"?cursor={cursor}" if cursor else ""))

    def pull_all(self, cursor=None):
        lines, answer = [], None
        while answer is None or answer.first.get("more"):
            answer = self.pull(cursor)
            if answer.status != 200:
                return lines
            lines += answer.lines
            cursor = answer.first["cursor"]
        return lines

    def note(self, kind, **members):
        """Journals a record; its number."""
        self.seq += 1
        record = {"device": self.device, "epoch": 1, "seq": self.seq, "at": "2026-11-22T10:00:00.000+08:00", "kind": kind,
                  "operator": "chen", "site": self.site, **members}
        body = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()
        self.head = hashlib.blake2b(self.head + body, digest_size=32).digest()
        self.bodies.append(body)
        return self.seq

    def scan(self, doc, flow, key, **members):
        record = {"doc": doc, "no": doc, "flow": flow, "raw": base64.b64encode(key.encode()).decode(), "aim": "",
                  "typed": True, "key": key, "reason": "ok", "severity": "accept", "findings": [], "product": "SEAL", "lot": "",
                  "qty": "1", "alloc": [{"line": "", "product": "SEAL", "qty": "1", "lot": ""}]}
        return self.note("scan", **{**record, **members})

    def push(self):
        """The verdicts' words on what was not pushed yet."""
        head = self.head.hex()
        signed = f"tallyman-push:{self.device}:1:{self.seq}:{head}".encode()
        first = {"epoch": 1, "first": self.pushed + 1, "count": self.seq - self.pushed, "head": head,
                 "signature": sign(self.secret, signed)}
        lines = [json.dumps(first).encode(), *self.bodies[self.pushed:]]
        answer = self.ask("POST", "push", b"".join(one + b"\n" for one in lines))
        self.pushed = self.seq
        return [one if isinstance(one, str) else next(iter(one.values())) for one in answer.first.get("verdicts", [])]
