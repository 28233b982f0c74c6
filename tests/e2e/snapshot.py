#!/usr/bin/env python3
"""The catalog as one file, with real processes: fetched over a line that is cut twenty times, by a process that is killed in
the middle, over a line that changes bytes, from a server that has made another one meanwhile; swapped under a hand that goes
on scanning. A dealer's holds nobody else's, and nobody else gets it.
"""
import os
import random
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", part) for part in ("crash", "demo", "bench")]
import byhand  # noqa: E402
import proxy  # noqa: E402
import rig  # noqa: E402
import scope  # noqa: E402
import wiretap  # noqa: E402
from pty_scanner import Scanner, unescape  # noqa: E402
from terminal import Terminal  # noqa: E402

PIECE = 4 << 20      # sync/PROTOCOL.md: what a device asks for at once
REPORTS, REPORT = 26, 400_000
CODES, SCANS = 1500, 150
CUTS, KILLS = 20, 5
BYTES = "/v1/snapshot/"


def feed():
    """Goods to work with, and twelve megabytes of what lots' reports say: three pieces."""
    draw = random.Random(1)
    lines = rig.base_feed() + [rig.order("SO-1", 1000), rig.serials("S", 1000)]
    lines += [rig.line("code", code=rig.item(f"K{n:06d}"), product="SEAL", lot="L1", level=0, holder="site:CDB") for n in range(CODES)]
    return lines + [rig.line("lot", product="CAP", lot=f"B{n}", expires="2031-01-10", quality="released",
                             facts={"report": draw.randbytes(REPORT // 2).hex()}) for n in range(REPORTS)]


class Wire(proxy.Proxy):
    """Notes where each range begins and how much of it the device heard; changes a byte, or falls silent after a half."""

    def __init__(self, server):
        self.begins, self.heard, self.hook = [], 0, None
        super().__init__(server, random.Random(2))
        self.done.update({"change": 0, "silence": 0})

    def _send(self, request):
        if self.hook:
            self.hook(request)
        begin = re.search(rb"(?im)^range: bytes=(\d+)-", request)
        if begin:
            self.begins.append(int(begin.group(1)))
        return super()._send(request)

    def counted(self, answer):
        self.heard += max(0, len(answer) - answer.find(b"\r\n\r\n") - 4) if b"\r\n\r\n" in answer else 0
        return answer

    def _pass(self, request):
        answer = super()._pass(request)
        return self.counted(answer) if BYTES.encode() in request[:80] else answer

    def _cut_answer(self, request):
        return self.counted(super()._cut_answer(request))

    def _change(self, request):
        answer = bytearray(self._send(request))
        answer[answer.index(b"\r\n\r\n") + 100_000] ^= 0x10
        return bytes(answer)

    def _silence(self, request):
        answer = self._send(request)
        return answer[:len(answer) // 2] + b""

    def bytes_do(self, *actions, then="pass"):
        """What is done with each request for bytes, one after the other."""
        rest = list(actions)
        self.plan = lambda path: (rest.pop(0) if rest else then) if path.startswith(BYTES) else "pass"


class World:
    def __init__(self, checks):
        self.checks, self.server = checks, rig.Server()
        self.server.import_feed(feed())
        self.server.start()
        self.size = self.make()

    def make(self, site="CDB"):
        said = self.server.run("snapshot", site)
        return int(re.search(r"(\d+) bytes", said).group(1))

    def device(self, lines=None):
        """A wire and a device that is enrolled over it, and knows nothing but what a file told."""
        wire, device = Wire(self.server), rig.Device()
        if lines:
            device.import_feed(lines)
        done = device.run("enrol", self.server.enrolment(wire.url), operator=None)
        self.checks.equal(done.returncode, 0, f"enrolled: {done.stderr.decode()}")
        return wire, device

    @staticmethod
    def watch(device):
        """Syncs until it is ended, with short pauses."""
        config = device.path + ".ini"
        with open(config, "w", encoding="utf-8") as stream:
            stream.write("[sync]\ninterval_ms = 100\n")
        return device.start("--config", config, "sync", "--watch")

    def complete(self, name, device):
        """It has what the server has."""
        done = device.run("sync", operator=None)
        self.checks.equal(done.returncode, 0, f"{name}: {done.stderr.decode()}")
        known = device.run("trace", rig.item(f"K{CODES - 1:06d}"), json_out=True).stdout
        self.checks.ok(b'"yes"' in known, f"{name}: its book is there: {known[:200]}")
        self.checks.equal(os.path.exists(os.path.join(device.path, "snapshot.part")), False, f"{name}: nothing is left over")


def current(device):
    try:
        with open(os.path.join(device.path, "CURRENT"), encoding="ascii") as stream:
            return stream.read().strip()
    except OSError:
        return ""


def part_size(device):
    try:
        return os.path.getsize(os.path.join(device.path, "snapshot.part"))
    except OSError:
        return 0


def cut(world):
    """One process goes on where each cut left it."""
    wire, device = world.device()
    wire.bytes_do(*["cut-answer"] * CUTS)
    process = world.watch(device)
    rig.wait_for(lambda: current(device) == "catalog-2.db" or process.poll() is not None, "the snapshot is there", 180)
    rig.kill(process)
    checks = world.checks
    checks.equal(wire.done["cut-answer"], CUTS, "cuts")
    checks.ok(wire.heard <= world.size + CUTS, f"each byte came once: {wire.heard} of {world.size}")
    checks.ok(len(set(wire.begins)) > CUTS // 2, f"it went on from {len(set(wire.begins))} places")
    world.complete("cut", device)
    checks.equal(current(device), "catalog-2.db", "cut: by the snapshot alone")
    return f"{world.size} bytes, cut {CUTS} times, {wire.heard} came over"


def killed(world):
    """Processes are killed while half a piece has come; the last one ends it."""
    wire, device = world.device()
    have = []
    for _ in range(KILLS):
        before = part_size(device)
        wire.bytes_do(then="cut-answer")
        process = world.watch(device)
        rig.wait_for(lambda seen=before: part_size(device) > seen or process.poll() is not None, "bytes come", 60)
        rig.kill(process)
        have.append(part_size(device))
    world.checks.equal(have, sorted(set(have)), "killed: what had come stays")
    wire.bytes_do()
    wire.begins.clear()
    world.complete("killed", device)
    world.checks.ok(wire.begins and wire.begins[0] == have[-1], f"killed: it goes on from {have[-1]}: {wire.begins[:3]}")
    world.checks.equal(current(device), "catalog-2.db", "killed: by the snapshot alone")


def changed(world):
    """Bytes that are not the server's are thrown away; after two tries it pulls."""
    wire, device = world.device()
    wire.bytes_do(then="change")
    world.complete("changed", device)
    world.checks.ok(wire.done["change"] > 2, f"changed: {wire.done['change']} pieces")
    world.checks.equal(wire.begins.count(0), 2, "changed: tried twice")
    world.checks.equal(current(device), "catalog-1.db", "changed: pulled")
    wire, device = world.device()
    wire.bytes_do("change")
    world.complete("changed once", device)
    world.checks.equal((wire.begins.count(0), current(device)), (2, "catalog-2.db"), "changed once: the second one is good")


def gone(world):
    """The server has made two others since the first piece: the device begins anew."""
    wire, device = world.device()
    seen = []

    def hook(request):
        if b"range: bytes=" in request[:2000].lower() and b"bytes=0-" not in request[:2000].lower() and not seen:
            seen.append(1)
            for n in range(2):
                world.server.import_feed([rig.line("party", id="D-1", name=f"蓉城商贸{n}", kind="dealer")])
                world.make()
    wire.hook = hook
    world.complete("gone", device)
    world.checks.equal((len(seen), wire.begins.count(0)), (1, 2), "gone: begun anew")
    world.checks.equal(current(device), "catalog-2.db", "gone: by the second snapshot")


def under_a_hand(world):
    """The screens scan on while the catalog is fetched and swapped."""
    checks = world.checks
    wire, device = world.device(rig.base_feed() + [rig.order("SO-1", 1000), rig.serials("S", 1000)])
    scanner, config = Scanner(), device.path + ".ini"
    with open(config, "w", encoding="utf-8") as stream:
        stream.write("[device]\nsite = CDB\n[screen]\nlang = en\nsound = no\n[sync]\nauto = yes\ninterval_ms = 3600000\n"
                     f"[scanner port]\nkind = serial\ndevice = {scanner.device}\nspeed = 115200\nframing = cr\n")
    wire.bytes_do(then="delay")
    go = []
    wire.hook = lambda request: rig.wait_for(lambda: go, "scanning has begun") if b"range: bytes=" in request[:2000].lower() else None
    screen = Terminal([rig.TALLYMAN, "--data", device.path, "--config", config, "--lang", "en", "run"], 30, 20,
                      rig.Device.environment())
    try:
        checks.ok(screen.until("王芳".encode(), 20) and scanner.wait(True, 20), "the first screen")
        screen.settle(0.3)
        for key in ("\x1b[B", "\r" + rig.PIN + "\r") if screen.output.find("李伟".encode()) < screen.output.find("王芳".encode()) else (
                "\r" + rig.PIN + "\r",):
            for one in key if not key.startswith("\x1b") else [key]:
                screen.type(one.encode())
                screen.settle(0.15)
        scanner.write(b"SO-1")
        screen.settle(0.5)
        names = burst(scanner, screen, device, go)
    finally:
        screen.close()
        scanner.close()
    scans = device.scans()
    checks.equal(scans, [("ok", "accept", rig.item(f"S{n:06d}")) for n in range(1, SCANS + 1)], "each scan once, in order, good")
    swapped = names.index("catalog-2.db") if "catalog-2.db" in names else None
    checks.ok(swapped and 0 < swapped < SCANS - 1, f"swapped while scanning, before scan {swapped} of {SCANS}")
    world.complete("under a hand", device)
    return f"swapped before scan {swapped} of {SCANS}, none lost"


def burst(scanner, screen, device, go):
    """Which catalog was in use before each scan."""
    names, end = [], time.monotonic() + 120
    for n in range(1, SCANS + 1):
        names.append(current(device))
        scanner.write(unescape(rig.scan(f"S{n:06d}").encode()))
        screen.settle(0.02, 0.03)
        if n == 10:
            go.append(1)
        if n == SCANS - 20:  # the rest is scanned on the new one
            while current(device) != "catalog-2.db" and time.monotonic() < end:
                screen.settle(0.05, 0.1)
    screen.settle(0.5, 10)
    return names


def dealers(checks):
    """What the search for another's finds in a dealer's snapshot, and who gets it."""
    world = scope.World(checks)
    for part in (world.shipments, world.sales, world.from_one_to_another, world.changed_by_the_feed):
        part()
    for dealer in (scope.ONE, scope.THREE):
        world.server.run("snapshot", dealer.site)
        party = world.dealers[dealer] = scope.Party(world, dealer.site, dealer.seller)
        fetched = [one for one in party.wire.said if BYTES.encode() in one[:80]]
        checks.ok(fetched, f"{dealer.id}: it has the snapshot")
        words = wiretap.Words(scope.foreign_to(dealer, world))
        for name, data in [*wiretap.files(party.device.path), ("wire", b"\n".join(party.wire.heard))]:
            checks.equal(words.found(data), [], f"{dealer.id}: in its {name}")
        scope.look_into_book(world, dealer)
        refused(checks, world, dealer, re.search(rb"/v1/snapshot/([0-9a-f]{64})", fetched[0]).group(1).decode())
    checks.ok(world.server.sound(), "nothing to complain of")


def refused(checks, world, dealer, name):
    url = f"http://127.0.0.1:{world.server.port}"
    for site, status in ((scope.TWO.site, 404), ("CDB", 404), ("HQ", 404), (dealer.site, 200)):
        hand = byhand.Handmade(url, world.server.enrolment(url, site))
        asked = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", "-H",
                                f"Authorization: Bearer {hand.token}", f"{url}{BYTES}{name}"], capture_output=True, text=True,
                               timeout=rig.WAIT_S, check=False).stdout.split()
        checks.equal(int(asked[0]), status, f"{dealer.id}'s snapshot asked for by a device of {site}")
    checks.equal(hand.ask("GET", "snapshot/../../server.db").status, 404, "no way out of the folder")
    hand.token = None
    checks.equal(hand.ask("GET", f"snapshot/{name}").status, 401, "without a session")


def main():
    checks = rig.Checks()
    world = World(checks)
    parts = {"cut": cut, "killed": killed, "changed": changed, "gone": gone, "hand": under_a_hand}
    wanted = [one for one in sys.argv[1:] if not one.startswith("-")]
    for name, part in parts.items():
        if not wanted or name in wanted:
            said = part(world)
            if said:
                print(said, flush=True)
    checks.equal(world.server.stop(), 0, "the server stops")
    checks.ok(world.server.sound(), "nothing to complain of")
    if not wanted or "dealers" in wanted:
        dealers(checks)
    checks.end()


if __name__ == "__main__":
    main()
