#!/usr/bin/env python3
"""Who means harm, by hand against the real server: each is refused with a word, logged and counted, and the honest device
beside them works on.

    attacks.py [strings|tokens|sessions|batches|bodies|tricks|pages ...]     only these
    attacks.py --long       one more, that takes two minutes: every place is taken by who says nothing whole
"""
import base64
import ctypes
import http.client
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import byhand  # noqa: E402
import rig  # noqa: E402

ZSTD = ctypes.CDLL("libzstd.so.1")
ZSTD.ZSTD_createCCtx.restype = ZSTD.ZSTD_compress2.restype = ZSTD.ZSTD_compressBound.restype = ctypes.c_size_t
ZSTD.ZSTD_createCCtx.restype = ctypes.c_void_p
ZSTD_LEVEL, ZSTD_SIZE_FLAG = 100, 200
LORIS, QUICK_S = 600, 3.0
PLACES, LOCKED_S = 400, 200
BOMB_MB = 200


def packed(data, says_its_size=True):
    context = ctypes.c_void_p(ZSTD.ZSTD_createCCtx())
    ZSTD.ZSTD_CCtx_setParameter(context, ZSTD_SIZE_FLAG, int(says_its_size))
    room = ZSTD.ZSTD_compressBound(ctypes.c_size_t(len(data)))
    out = ctypes.create_string_buffer(room)
    size = ZSTD.ZSTD_compress2(context, out, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)))
    ZSTD.ZSTD_freeCCtx(context)
    return out.raw[:size]


class Thief(byhand.Handmade):
    """A device of its own, and what it says of others."""

    def raw(self, method, path, body=b"", headers=None):
        """Status and the refusal's word; headers may be anything. 0: the connection was ended."""
        parts = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=byhand.ANSWER_S)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            said = reply.read()
            return reply.status, (json.loads(said.splitlines()[0]).get("error") if said[:1] == b"{" else None)
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            connection.close()

    def batch(self, bodies=None, first=None, head=None, device=None, secret=None, epoch=1):
        """The body of a push of all that is journaled, or of something else."""
        bodies = self.bodies if bodies is None else bodies
        head = (head or self.head).hex()
        first = first or 1
        signed = f"tallyman-push:{device or self.device}:{epoch}:{first + len(bodies) - 1}:{head}".encode()
        line = {"epoch": epoch, "first": first, "count": len(bodies), "head": head,
                "signature": byhand.sign(secret or self.secret, signed)}
        return b"".join(one + b"\n" for one in (json.dumps(line).encode(), *bodies))

    def say(self, body, headers=None):
        return self.raw("POST", "/v1/push", body, {"Authorization": f"Bearer {self.token}", **(headers or {})})


def feed():
    return rig.base_feed() + [rig.line("party", id="D-2", name="FOREIGN", kind="dealer"),
                              rig.line("site", id="DS1", name="A", kind="dealer", party="D-1"),
                              rig.line("site", id="DS2", name="B", kind="dealer", party="D-2"),
                              rig.order("SO-1", 10), rig.serials("S", 9)]


def enrol(url, token, key):
    """The refusal's word."""
    body = json.dumps({"token": token, "public_key": key.hex()}).encode()
    request = urllib.request.Request(f"{url}/v1/enrol", data=body)
    try:
        with urllib.request.urlopen(request, timeout=byhand.ANSWER_S) as reply:
            return reply.status, None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())["error"]


def strings(checks, thief, _):
    """One-time strings: made up, used by another before, and what a revoked device says."""
    url, other = thief.url, byhand.keys(os.urandom(32))[0]
    encoded = SERVER.enrolment(url).split(":")[2]
    token = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))["token"]
    checks.equal(enrol(url, "x" * len(token), other), (403, "bad-token"), "a one-time code that nobody printed")
    checks.equal(enrol(url, token[:-1], other), (403, "bad-token"), "or a piece of one")
    checks.equal(enrol(url, token, byhand.keys(bytes(32))[0]), (200, None), "a printed one is good")
    checks.equal(enrol(url, token, other), (403, "bad-token"), "and no good for another key")
    gone = Thief(url, SERVER.enrolment(url))
    gone.note("sign-in")
    SERVER.run("revoke", str(gone.device))
    checks.ok(gone.say(gone.batch())[0] in (401, 403), "a revoked device's session is over")
    checks.equal(gone.session(gone.device).error, "revoked", "and it gets no other")


def tokens(checks, thief, _):
    for bearer in (None, "", "x", "A" * 128, "A" * 100000, "' OR 1=1 --"):
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        status, word = thief.raw("GET", "/v1/pull", headers=headers)
        checks.ok((status, word) == (401, "no-session") or (len(bearer or "") > 10000 and status in (0, 413, 431)),
                  f"the token {str(bearer)[:20]!r} is none: {status} {word}")


def sessions(checks, thief, honest):
    checks.equal(thief.session(honest.device).status, 401, "another device's number with a foreign signature")
    nonce = thief.post("challenge", {"device": thief.device}).first["nonce"]
    message = {"device": thief.device, "nonce": nonce,
               "signature": byhand.sign(thief.secret, b"tallyman-session" + bytes.fromhex(nonce))}
    checks.equal(thief.post("session", message).status, 200, "a nonce is good")
    checks.equal(thief.post("session", message).error, "bad-signature", "once")
    checks.equal(thief.post("session", {**message, "nonce": "00" * 32}).error, "bad-signature", "its own nonce is none")


def batches(checks, thief, honest):
    for number in range(3):
        thief.note("sign-in", extra=str(number))
    good = thief.batch()
    status, word = thief.say(thief.batch(secret=byhand.keys(bytes(32))[1]))
    checks.equal((status, word), (422, "bad-signature"), "a foreign signature")
    altered = [thief.bodies[0].replace(b'"extra":"0"', b'"extra":"9"'), *thief.bodies[1:]]
    checks.equal(thief.say(thief.batch(bodies=altered)), (422, "bad-chain"), "an altered record")
    checks.equal(thief.say(thief.batch(bodies=thief.bodies[::-1])), (422, "bad-chain"), "records in another order")
    checks.equal(thief.say(thief.batch(bodies=thief.bodies[1:], first=3)), (409, "gap"), "records left out")
    checks.equal(thief.say(good)[0], 200, "what is true is taken")
    before = len(SERVER.rows("records"))
    checks.equal(thief.say(good)[0], 200, "said again it is answered the same")
    checks.equal(len(SERVER.rows("records")), before, "and nothing is there twice")
    checks.equal(thief.say(honest.batch()), (422, "bad-signature"), "another device's batch, replayed")
    forged = json.loads(thief.bodies[-1])
    forged.update(device=honest.device, seq=4)
    thief.note("sign-in")
    thief.bodies[-1] = json.dumps(forged, separators=(",", ":")).encode()
    thief.head = byhand.hashlib.blake2b(byhand_head(thief.bodies[:-1]) + thief.bodies[-1], digest_size=32).digest()
    thief.say(thief.batch())
    mine = [one for one in SERVER.rows("records") if one["device"] == thief.device]
    checks.ok(all(one.get("outcome") != "accepted" or one["seq"] < 4 for one in mine) and
              not [one for one in SERVER.rows("records") if one["device"] == honest.device and one["seq"] > honest.seq],
              "a record in another device's name does not count")
    thief.bodies.pop()
    thief.seq, thief.head = 3, byhand_head(thief.bodies)
    thief.note("sign-out", extra="other")
    checks.equal(thief.say(thief.batch()), (409, "fork"), "other records under the same numbers")


def byhand_head(bodies):
    head = bytes(32)
    for body in bodies:
        head = byhand.hashlib.blake2b(head + body, digest_size=32).digest()
    return head


def bodies(checks, thief, _):
    big = b" " * (9 << 20)
    checks.ok(thief.say(big) in ((413, "too-big"), (0, None)), "an oversize body")
    before = SERVER.peak_mb()
    for says in (True, False):
        bomb = packed(b"\n" * (BOMB_MB << 20), says)
        status, word = thief.say(bomb, {"Content-Encoding": "zstd"})
        checks.equal((status, word), (413, "too-big"), f"a bomb of {len(bomb)} bytes, its size {'said' if says else 'not said'}")
    checks.equal(thief.say(b"no frame", {"Content-Encoding": "zstd"}), (400, "bad-message"), "no frame")
    for noise in (b"", b"\n", b"{}", b"[]\n", b'{"epoch":1}\n', b"\xff\x00" * 50, b'{"a":' * 50000, os.urandom(5000)):
        checks.equal(thief.say(noise), (400, "bad-message"), f"{noise[:12]!r} is no push")
    grown = SERVER.peak_mb() - before
    checks.ok(grown < BOMB_MB / 2, f"at no time all of it is in memory: {grown:.0f} MB")


def tricks(checks, thief, _):
    token = {"Authorization": f"Bearer {thief.token}"}
    for path in ("/v1/../server.db", "/v1/%2e%2e/server.db", "//v1//pull", "/v1/pull/../../etc/passwd", "/", "/v2/pull", "/%00",
                 "/v1/pull%00.txt", "/" + "a" * 5000, "/v1/push?x=%s%n", "/server.db.key"):
        status, word = thief.raw("GET", path, headers=token)
        checks.ok(status in (400, 404, 405, 414), f"the path {path[:30]!r}: {status} {word}")
    for cursor in ("' OR '1'='1", "1; DROP TABLE record", "-1", "9" * 400, "%00", "../x"):
        status, word = thief.raw("GET", "/v1/pull?cursor=" + urllib.parse.quote(cursor), headers=token)
        checks.ok(status in (400, 410), f"the cursor {cursor[:20]!r}: {status} {word}")
    for key in ("' OR '1'='1", "x'; DROP TABLE record; --", "%", "_" * 50, "\u0000", "(01)' UNION SELECT 1"):
        answer = thief.trace(key)
        checks.ok(answer.status in (200, 400, 404) and not any(one.get("row") == "move" for one in answer.lines),
                  f"a trace of {key!r} tells nothing: {answer.status} {answer.body[:200]}")
    for method in ("DELETE", "PUT", "TRACE", "OPTIONS", "X"):
        checks.ok(thief.raw(method, "/v1/pull", headers=token)[0] in (0, 400, 404, 405, 501), f"the method {method}")
    checks.ok(len(SERVER.rows("records")) > 0, "the tables are all there")


def pages(checks, thief, _):
    """A dealer with another dealer's cursor, codes and snapshot sees its own scope only."""
    url = thief.url
    one, other = (Thief(url, SERVER.enrolment(url, site)) for site in ("DS1", "DS2"))
    cursor = other.pull().first["cursor"]
    lines = one.pull_all(cursor) + one.pull_all()
    checks.ok(not [line for line in lines if "D-2" in json.dumps(line) or "FOREIGN" in json.dumps(line)],
              "another dealer's cursor opens nothing")
    checks.equal(one.trace(rig.item("S000001")).error, "wrong-holder", "another's code is refused")
    SERVER.run("snapshot", "DS2")
    name, = (one[:-3] for one in os.listdir(SERVER.db.removeprefix("sqlite:") + ".snapshots") if one.endswith(".db"))
    checks.equal(other.raw("GET", f"/v1/snapshot/{name}", headers={"Authorization": f"Bearer {other.token}"})[0], 200,
                 "whose snapshot it is gets it")
    checks.equal(one.ask("GET", f"snapshot/{name}").status, 404, "another dealer does not")
    checks.ok(b"FOREIGN" not in one.heard, "and heard nothing of it")


def whole_head(length):
    return f"POST /v1/push HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {{}}\r\nContent-Length: {length}\r\n\r\n"


def loris(checks, url, honest, thief):
    """Hundreds of connections that say their request byte by byte, its head or its body; the honest device notices nothing."""
    for begin, what in ((b"POST /v1/push HTTP/1.1\r\nHost: a\r\nX-A: ", "a head"),
                        (whole_head(1 << 20).format(thief.token).encode(), "a body")):
        held = hold(url, begin, LORIS)
        begin_s = time.monotonic()
        for turn in range(5):
            trickle(held)
            honest.note("sign-in", turn=str(turn))
            checks.equal(honest.push(), ["accepted"], f"served beside who says {what} byte by byte")
        checks.ok(time.monotonic() - begin_s < QUICK_S * 5, f"soon: {time.monotonic() - begin_s:.1f} s")
        for one in held:
            one.close()


def hold(url, begin, count):
    held = []
    for _ in range(count):
        one = socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))
        one.sendall(begin)
        held.append(one)
    return held


def trickle(held):
    for one in held:
        try:
            one.sendall(b"b")
        except OSError:
            pass


def loris_of_tls(checks):
    """The same before there is a request: handshakes that go on for ever. The program itself is the honest one."""
    server, device = Secure(), rig.Device()
    server.import_feed(feed())
    server.start()
    device.run("enrol", server.run("enrol", "--site", "CDB").splitlines()[-1], operator=None)
    held = hold(f"https://127.0.0.1:{server.port}", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", LORIS)
    begin = time.monotonic()
    for _ in range(3):
        trickle(held)
        checks.equal(device.run("sync", operator=None).returncode, 0, "served beside half handshakes")
    checks.ok(time.monotonic() - begin < QUICK_S * 3, f"soon: {time.monotonic() - begin:.1f} s")
    for one in held:
        one.close()
    checks.equal(server.stop(), 0, "it ends in good order")
    checks.ok(server.sound(), "no complaint of the sanitizers")


class Server(rig.Server):
    def peak_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return next(int(one.split()[1]) for one in status if one.startswith("VmHWM")) / 1024

    def refused(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as reply:
            lines = reply.read().decode().splitlines()
        return {one.split('"')[1]: int(one.split(" ")[1]) for one in lines if one.startswith("tallyman_refused_total")}


def locked_out(checks):
    """As many as the server has places for, and more that wait: after a while they are shown out, and the device is served."""
    server, device = Few(), rig.Device()
    server.import_feed(feed())
    server.start()
    device.run("enrol", server.enrolment(f"http://127.0.0.1:{server.port}"), operator=None)
    held = hold(f"http://127.0.0.1:{server.port}", b"POST /v1/push HTTP/1.1\r\nX-A: ", PLACES)
    begin = time.monotonic()
    served = False
    while not served and time.monotonic() - begin < LOCKED_S:
        trickle(held)
        try:
            served = device.run("sync", operator=None, seconds=10).returncode == 0
        except subprocess.TimeoutExpired:
            pass
    took = time.monotonic() - begin
    checks.ok(served, f"served when they have been shown out: {took:.0f} s")
    print(f"figure: {PLACES} connections on {PLACES // 2} places: served after {took:.0f} s", flush=True)
    checks.ok(server.metric("tallyman_slow_total") > 0, "and that is counted")
    for one in held:
        one.close()
    checks.equal(server.stop(), 0, "it ends in good order")


class Secure(rig.Server):
    def options(self):
        return ["--listen", "127.0.0.1:0", "--tls"]


class Few(Server):
    """One that may have few files open."""

    def start(self):
        program, path = rig.SERVER, os.path.join(rig.folder(), "few")
        with open(path, "w", encoding="utf-8") as script:
            script.write(f'#!/bin/sh\nulimit -n {PLACES // 2 + 64}\nexec {program} "$@"\n')
        os.chmod(path, 0o700)
        rig.SERVER = path
        super().start()
        rig.SERVER = program

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as reply:
            lines = reply.read().decode().splitlines()
        return next(float(one.split(" ")[1]) for one in lines if one.startswith(name + " "))


SERVER = Server()


def logged(checks, thief, honest):
    counted = SERVER.refused()
    for word in ("bad-token", "revoked", "no-session", "bad-signature", "bad-chain", "gap", "fork", "too-big", "bad-message", "not-found", "bad-method",
                 "wrong-holder"):
        checks.ok(counted[word] > 0, f"{word} is counted")
    with open(SERVER.log, encoding="utf-8", errors="replace") as log:
        text = log.read()
    events = [json.loads(one) for one in text.splitlines() if one.startswith("{")]
    refused = [one for one in events if one["event"] == "refused"]
    checks.equal(len(refused), sum(counted.values()), "each is logged")
    for secret in (thief.token, honest.token, thief.secret.hex(), rig.PIN_HASH):
        checks.ok(secret not in text, "no secret is in the log")


PARTS = {"strings": strings, "tokens": tokens, "sessions": sessions, "batches": batches, "bodies": bodies, "tricks": tricks,
         "pages": pages}


def main():
    checks = rig.Checks()
    SERVER.import_feed(feed())
    SERVER.start()
    url = f"http://127.0.0.1:{SERVER.port}"
    honest, thief = (Thief(url, SERVER.enrolment(url)) for _ in range(2))
    honest.note("sign-in")
    checks.equal(honest.push(), ["accepted"], "the honest one is served")
    only = [one for one in sys.argv[1:] if not one.startswith("--")]
    for name, part in PARTS.items():
        if not only or name in only:
            part(checks, thief, honest)
    if rig.LONG:
        locked_out(checks)
    if not only:
        loris(checks, url, honest, thief)
        loris_of_tls(checks)
        logged(checks, thief, honest)
    checks.equal(SERVER.stop(), 0, "it ends in good order")
    checks.ok(SERVER.sound(), "no complaint of the sanitizers")
    checks.end()


if __name__ == "__main__":
    main()
