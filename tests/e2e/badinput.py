#!/usr/bin/env python3
"""Bad input, bad disks, bad servers, in both languages: each a clear message, the right exit code, and afterwards the
saved records verify and are what they were.

A full disk needs a small tmpfs, so it needs root; without, it is skipped and that is said.
"""
import base64
import json
import os
import random
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import proxy  # noqa: E402
import rig  # noqa: E402

LANGUAGES = ("en", "zh_CN")
WORDS = {
    "nothing taken": {"en": "nothing was taken", "zh_CN": "没有导入任何内容"},
    "full": {"en": "disk is full", "zh_CN": "磁盘已满"},
    "read-only": {"en": "can't be written", "zh_CN": "不可写"},
    "pin": {"en": "Wrong name or PIN", "zh_CN": "姓名或密码不对"},
    "locked": {"en": "oo many wrong PINs", "zh_CN": "错误次数"},
    "no pin": {"en": "TALLYMAN_PIN", "zh_CN": "TALLYMAN_PIN"},
    "net": {"en": "server can't be reached", "zh_CN": "连不上服务器"},
    "peer": {"en": "not a Tallyman server", "zh_CN": "不是 Tallyman 服务器"},
    "busy": {"en": "nother Tallyman", "zh_CN": "另一个 Tallyman"},
    "server": {"en": "server", "zh_CN": "服务器"},
    "no document": {"en": "no such document", "zh_CN": "没有"},
}
LONG_SCAN = 10240
NOISE_BYTES = 16384
FULL_DISK_BYTES = 1536 << 10
FULL_DISK_SCANS = 2000
PIN_TRIES = 5


class Case:
    """One device with some work saved, in one language."""

    def __init__(self, checks, lang, path=None):
        self.checks, self.lang = checks, lang
        self.device = rig.Device(path, lang)
        self.device.import_feed(rig.base_feed() + [rig.order("SO-1", 5000), rig.serials("S", 3000)])
        done = self.device.run("scan", "SO-1", feed="".join(rig.scan(f"S{n:06d}") + "\n" for n in (1, 2, 3)))
        checks.equal(done.returncode, 0, f"some work is saved: {done.stderr.decode()}")
        self.saved = self.device.scans()

    def told(self, done, status, words, what):
        """Exit code and message."""
        said = done.stderr.decode("utf-8", "replace")
        name = f"{self.lang}, {what}"
        self.checks.equal(done.returncode, status, f"{name}: exit (said {said!r})")
        self.checks.ok(said.startswith("tallyman") and "anitizer" not in said, f"{name}: a message: {said!r}")
        expected = WORDS[words][self.lang] if words in WORDS else words
        self.checks.ok(expected in said, f"{name}: {expected!r} is said: {said!r}")

    def unharmed(self, what, more=()):
        """The records are what they were, and what was said to be saved since."""
        name = f"{self.lang}, {what}"
        self.checks.equal(self.device.scans(), self.saved + list(more), f"{name}: saved records")
        self.checks.equal(self.device.verify().returncode, 0, f"{name}: the chain verifies")
        self.saved += list(more)


# ---- feeds ----

GOOD_LINE = rig.order("SO-NEW", 5)
BROKEN_LINES = {
    "no JSON": '{"type":"site","id":',
    "an unknown type": '{"type":"spaceship","id":"X"}',
    "a quantity that is none": rig.order("SO-3", 5).replace('"qty": "5"', '"qty": "five"'),
    "a missing member": '{"type":"product","name":"no id"}',
    "a wrong kind": '{"type":"site","id":7}',
    "no object": '[1,2,3]',
    "bad UTF-8": '{"type":"site","id":"\udcff\udcfe"}',
}


def write_bytes(lines):
    path = os.path.join(rig.folder(), "broken.ndjson")
    with open(path, "wb") as stream:
        stream.write(b"".join(one.encode("utf-8", "surrogateescape") + b"\n" for one in lines))
    return path


def try_feeds(case):
    for name, broken in BROKEN_LINES.items():
        path = write_bytes([GOOD_LINE, rig.order("SO-NEW2", 5), broken, rig.order("SO-NEW3", 5)])
        done = case.device.run("import", path, operator=None)
        case.told(done, 1, "nothing taken", f"feed with {name}")
        case.checks.ok("3" in done.stderr.decode().replace(path, ""), f"{case.lang}, feed with {name}: line 3 is named")
        listed = case.device.run("documents").stdout.decode()
        case.checks.ok("SO-NEW" not in listed and "SO-1" in listed, f"feed with {name}: nothing is taken")
    done = case.device.run("import", os.path.join(rig.folder(), "missing.ndjson"), operator=None)
    case.told(done, 1, "missing.ndjson", "a feed that is not there")
    case.unharmed("broken feeds")


# ---- scans ----

def try_scans(case):
    device = case.device
    done = device.run("scan", "SO-1", feed="A" * LONG_SCAN + "\n" + rig.scan("S000004") + "\n")
    printed = rig.verdicts(done.stdout)
    case.checks.equal(done.returncode, 0, f"{case.lang}, a scan of 10 kB: exit")
    case.checks.equal([v[:2] for v in printed], [("malformed", "reject"), ("ok", "accept")], "a scan of 10 kB, a good one")
    case.unharmed("a scan of 10 kB", printed)

    noise = random.Random(7).randbytes(NOISE_BYTES)
    done = device.run("scan", "SO-1", feed=noise + b"\n" + rig.scan("S000005").encode() + b"\n")
    printed = rig.verdicts(done.stdout)
    case.checks.equal(done.returncode, 0, f"{case.lang}, noise: exit")
    case.checks.equal(len(printed), noise.count(b"\n") + 2, f"{case.lang}, noise: a line out for each line in")
    case.checks.equal(printed[-1][:2], ("ok", "accept"), f"{case.lang}, noise: the scan after it is taken")
    case.checks.ok(all(v[1] == "reject" for v in printed[:-1]), f"{case.lang}, noise is nothing")
    case.unharmed("noise", printed)

    case.told(device.run("scan", "SO-404", feed="x\n"), 1, "no document", "an order that is not there")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(device.command("scan", "SO-1"), input=(rig.scan("S000006") + "\n").encode(), stdout=full,
                              stderr=subprocess.PIPE, env=device.environment(), timeout=rig.WAIT_S, check=False)
    case.checks.equal(done.returncode, 1, f"{case.lang}, output that can't be written: exit")
    case.unharmed("output that can't be written", [("ok", "accept", rig.item("S000006"))])


# ---- disks ----

class SmallDisk:
    """A tmpfs of its own; `there` is False where none may be mounted."""

    def __init__(self, size_bytes):
        self.path = rig.folder()
        self.there = os.geteuid() == 0 and self._mount("-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", self.path)

    @staticmethod
    def _mount(*arguments):
        return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0

    def change(self, options):
        return self._mount("-o", f"remount,{options}", self.path)

    def end(self):
        if self.there:
            subprocess.run(["umount", "-l", self.path], capture_output=True, check=False)


def try_busy(case):
    """A second program in the same folder is told who works there."""
    first = case.device.start("scan", "SO-1")
    lines = rig.Lines(first.stdout)
    first.stdin.write((rig.scan("S000008") + "\n").encode())
    first.stdin.flush()
    lines.wait(1)
    done = case.device.run("scan", "SO-1", feed=rig.scan("S000009") + "\n")
    case.told(done, 1, "busy", "a folder in use")
    case.told(done, 1, str(first.pid), "a folder in use, by whom")
    case.checks.equal(done.stdout, b"", f"{case.lang}, a folder in use: nothing is judged")
    first.stdin.close()
    case.checks.equal(first.wait(rig.WAIT_S), 0, f"{case.lang}: the first goes on")
    case.unharmed("a folder in use", rig.verdicts(lines.end()))


def try_full_server(checks, lang):
    """The server's disk is full: the device keeps all that it has, and hands it over when there is room."""
    disk = SmallDisk(FULL_DISK_BYTES * 2)
    if not disk.there:
        checks.skip(f"{lang}, a server with a full disk (no tmpfs may be mounted)")
        return
    case, server = Case(checks, lang), rig.Server(os.path.join(disk.path, "server.db"))
    try:
        server.import_feed(rig.base_feed())
        server.start()
        done = case.device.run("enrol", server.enrolment(f"http://127.0.0.1:{server.port}"), operator=None)
        checks.equal(done.returncode, 0, f"{lang}: enrolled: {done.stderr.decode()}")
        filler = os.path.join(disk.path, "filler")
        try:
            with open(filler, "wb", buffering=0) as stream:
                while stream.write(bytes(4096)):
                    pass
        except OSError:
            pass
        done = case.device.run("sync", operator=None)
        case.told(done, 1, "server", "a server with a full disk")
        case.unharmed("a server with a full disk")
        os.unlink(filler)
        done = case.device.run("sync", operator=None)
        checks.equal(done.returncode, 0, f"{lang}, the server has room again: {done.stderr.decode()}")
        got = [(r["reason"], r["severity"], r["key"]) for r in server.rows("records") if r["kind"] == "scan"]
        checks.equal(got, case.saved, f"{lang}, the server has room again: it has what was saved")
        checks.ok(server.sound(), f"{lang}: the server is not broken")
    finally:
        server.kill()
        disk.end()


def try_full_disk(checks, lang):
    disk = SmallDisk(FULL_DISK_BYTES)
    if not disk.there:
        checks.skip(f"{lang}, a full disk (no tmpfs may be mounted)")
        return
    try:
        case = Case(checks, lang, os.path.join(disk.path, "data"))
        fed = "".join(rig.scan(f"S{n:06d}") + "\n" for n in range(10, FULL_DISK_SCANS))
        done = case.device.run("scan", "SO-1", feed=fed)
        printed = rig.verdicts(done.stdout)
        case.told(done, 1, "full", "a full disk")
        checks.ok(0 < len(printed) < FULL_DISK_SCANS - 10, f"{lang}, a full disk: {len(printed)} scans fitted")
        done = case.device.run("scan", "SO-1", feed=rig.scan("S002999") + "\n")
        case.told(done, 1, "full", "a disk that is still full")
        checks.equal(done.stdout, b"", f"{lang}, a full disk: nothing is said to be saved")
        checks.ok(disk.change(f"size={FULL_DISK_BYTES * 8}"), "the disk has room again")
        case.unharmed("a full disk", printed)
        done = case.device.run("scan", "SO-1", feed=rig.scan("S002999") + "\n")
        case.unharmed("room again", rig.verdicts(done.stdout))
        checks.equal([v[0] for v in rig.verdicts(done.stdout)], ["ok"], f"{lang}, room again: work goes on")
    finally:
        disk.end()


class LockedFolder:
    """A folder whose permissions are taken away: enough for anybody but root."""

    def __init__(self):
        self.path = rig.folder()
        self.there = os.geteuid() != 0

    def change(self, options):
        data = os.path.join(self.path, "data")
        os.chmod(data, 0o500 if options == "ro" else 0o700)
        for name in os.listdir(data):
            os.chmod(os.path.join(data, name), 0o400 if options == "ro" else 0o600)
        return True

    def end(self):
        pass


def try_read_only(checks, lang):
    disk = SmallDisk(FULL_DISK_BYTES * 8)
    if not disk.there:
        disk = LockedFolder()
    if not disk.there:
        checks.skip(f"{lang}, a read-only data folder (no tmpfs may be mounted, and root may write anywhere)")
        return
    try:
        case = Case(checks, lang, os.path.join(disk.path, "data"))
        checks.ok(disk.change("ro"), "the disk is read-only")
        for command in (("scan", "SO-1"), ("complete", "SO-1", "--short", "x"), ("import", "-")):
            done = case.device.run(*command, feed=rig.scan("S000009") + "\n")
            case.told(done, 1, "read-only", f"a read-only folder, {command[0]}")
            checks.equal(done.stdout, b"", f"{lang}, a read-only folder: nothing is said to be saved")
        checks.ok(disk.change("rw"), "the disk can be written again")
        case.unharmed("a read-only folder")
        done = case.device.run("scan", "SO-1", feed=rig.scan("S000009") + "\n")
        case.unharmed("writable again", rig.verdicts(done.stdout))
    finally:
        disk.end()


# ---- people ----

def try_pins(case):
    scan = rig.scan("S000007") + "\n"
    case.told(case.device.run("scan", "SO-1", feed=scan, operator="nobody"), 1, "pin", "an unknown operator")
    case.told(case.device.run("scan", "SO-1", feed=scan, operator=None), 2, "no pin", "no operator")
    for turn in range(PIN_TRIES):
        done = case.device.run("scan", "SO-1", feed=scan, pin="1111")
        case.told(done, 1, "pin", f"wrong PIN, turn {turn + 1}")
        case.checks.equal(done.stdout, b"", f"{case.lang}, wrong PIN: nothing is judged")
    for pin, what in (("1111", "wrong PIN once more"), (rig.PIN, "the right PIN, locked out")):
        case.told(case.device.run("scan", "SO-1", feed=scan, pin=pin), 1, "locked", what)
    failures = [r for r in case.device.journal() if r["kind"] == "sign-failed" and r["operator"] == "wang"]
    case.checks.ok(len(failures) >= PIN_TRIES, f"{case.lang}: wrong PINs are journaled: {len(failures)}")
    journal = case.device.run("journal", json_out=True, operator=None).stdout
    case.checks.ok(b"1111" not in journal.replace(b"111111", b""), f"{case.lang}: no PIN is in the journal")
    case.unharmed("wrong PINs")
    done = case.device.run("scan", "SO-1", feed=scan, operator="li")
    case.unharmed("another operator", rig.verdicts(done.stdout))


# ---- servers that are none ----

HTML = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 44\r\nConnection: close\r\n\r\n"
        b"<html><body>Welcome to the router</body></html>"[:44])
ANSWERS = {
    "garbage": random.Random(3).randbytes(4096),
    "an HTML page": HTML,
    "other JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{\"hello\":\"world\"}",
    "an empty answer": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "a bomb": b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: 13\r\nConnection: close\r\n\r\n"
              b"\x28\xb5\x2f\xfd\xa0\xff\xff\xff\x7f\x01\x00\x00\x00",
    "a huge answer": b"HTTP/1.1 200 OK\r\nContent-Length: 6291456\r\nConnection: close\r\n\r\n" + b"x" * (6 << 20),
}


class Impostor:
    """Answers anything with the same bytes."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                try:
                    client.settimeout(5)
                    client.recv(65536)
                    client.sendall(self.answer)
                except OSError:
                    pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def enrolment(url):
    text = json.dumps({"url": url, "token": "AAAAAAAAAAAAAAAAAAAAAA", "pins": []}).encode()
    return "tallyman:1:" + base64.urlsafe_b64encode(text).decode().rstrip("=")


def try_enrolling(case):
    for name, answer in ANSWERS.items():
        impostor = Impostor(answer)
        done = case.device.run("enrol", enrolment(impostor.url), operator=None)
        case.told(done, 1, "peer", f"enrolling with {name}")
        impostor.close()
    done = case.device.run("enrol", enrolment(impostor.url), operator=None)
    case.told(done, 1, "net", "enrolling at a closed port")
    for string in ("hello", "tallyman:1:%%%", "tallyman:9:" + enrolment(impostor.url)[11:], ""):
        done = case.device.run("enrol", string, operator=None)
        case.checks.ok(done.returncode in (1, 2) and done.stderr, f"{case.lang}: {string!r} is no enrolment string")
    case.unharmed("enrolling")


class Fake(proxy.Proxy):
    """A good network until `answer` is set."""

    answer = None

    def _pass(self, request):
        return self.answer or super()._pass(request)


def try_syncing(case):
    server = rig.Server()
    server.import_feed(rig.base_feed())
    server.start()
    network = Fake(server, random.Random(1))
    done = case.device.run("enrol", server.enrolment(network.url), operator=None)
    case.checks.equal(done.returncode, 0, f"{case.lang}: enrolled: {done.stderr.decode()}")
    for name, answer in ANSWERS.items():
        network.answer = answer
        case.told(case.device.run("sync", operator=None), 1, "peer", f"syncing with {name}")
    network.answer = None
    case.unharmed("syncing with impostors")
    server.kill()
    case.told(case.device.run("sync", operator=None), 1, "net", "syncing with a dead server")
    server.start()
    done = case.device.run("sync", operator=None)
    case.checks.equal(done.returncode, 0, f"{case.lang}: syncs when the server is there: {done.stderr.decode()}")
    got = [(r["reason"], r["severity"], r["key"]) for r in server.rows("records") if r["kind"] == "scan"]
    case.checks.equal(got, case.saved, f"{case.lang}: the server has what was saved")
    case.unharmed("syncing")


def main():
    checks = rig.Checks()
    for lang in LANGUAGES:
        case = Case(checks, lang)
        try_feeds(case)
        try_scans(case)
        try_enrolling(case)
        try_syncing(case)
        try_pins(Case(checks, lang))
        try_busy(Case(checks, lang))
        try_full_server(checks, lang)
        try_full_disk(checks, lang)
        try_read_only(checks, lang)
    checks.end()


if __name__ == "__main__":
    main()
