"""A HID POS scanner that goes wrong on the bus (usbip.py): it stalls, sends too little or nothing, describes itself wrongly,
vanishes half-way. The program goes on, takes no half scan for a whole one, says what it lost, and is back within a second."""
import random
import re

import codes
import replug
import scanners
import stand

COMMANDS, SAID = "/dev/shm/commands", "/dev/shm/faults"
BACK_S, STEPS, SCANS, LONG = 1.0, 60, 3000, 3
ODD = ("cut", "none", "noise", "no-data", "endless", "huge", "keyboard")
HALF_WAY = ("vanish-device", "vanish-configuration", "vanish-report")
QUIET_S, STALLING_S = 0.6, 2.0   # longer than a scanner takes to settle
# After these all that was under way is taken back and begun anew: what comes before a pause may be half of something
HALTS = ("stall", "fail babble")
MUST, MAY = True, False


def packets(scan):
    data = codes.pos(scan)
    return [data[at:at + codes.REPORT].hex() for at in range(0, len(data), codes.REPORT)]


class Bench:
    """The scanner with faults, and the program that reads it."""

    def __init__(self, checks, place):
        self.checks, self.place, self.number = checks, place, 0
        self.expected = []      # (scan, whether it has to come)
        scans = codes.scans("faults", SCANS, han=True)
        self.short = iter([one for one in scans if len(packets(one)) == 1])
        self.long = iter([one for one in scans if len(packets(one)) == LONG])
        place.must(f"modprobe -a usbhid hid-generic vhci-hcd\nudevadm settle\nmkfifo {COMMANDS}\npython3 {stand.HERE}/usbip.py {COMMANDS} >{SAID} 2>&1 &\n")

    def do(self, *commands):
        """When the last of them was done."""
        self.number += len(commands)
        lines = "\n".join(commands)
        said = self.place.must(f"cat >{COMMANDS} <<'END'\n{lines}\nEND\nis_done() {{ grep -q 'done {self.number} \\|Error' "
                               f"{SAID}; }}\nuntil_true 120 is_done\ncat {SAID}")
        found = re.search(rf"^done {self.number} (\S+)", said, re.M)
        if not found:
            raise RuntimeError(said[-1500:])
        return float(found.group(1))

    def send(self, *what):
        self.do("send " + " ".join(what), "sync")

    def errors(self):
        return self.place.must(f"cat {stand.ERRORS}").splitlines()

    def readies(self):
        return [float(line.split()[0]) for line in self.errors() if replug.is_ready(line)]

    def lost(self):
        return sum("only a part of a scan" in line for line in self.errors())

    def good(self, must=MUST):
        """A scan with nothing wrong about it. `must` False: it may be taken for the rest of the one before."""
        scan = next(self.short)
        self.expected.append((scan, must))
        self.send(*packets(scan))
        if must:
            self.place.judged += 1
            self.place.lines(self.place.judged)
        else:
            self.place.settle()

    def whole(self, *what):
        """A scan in these packets, numbers for its own, which comes whole."""
        scan = next(self.long)
        self.expected.append((scan, MUST))
        self.place.judged += 1
        self.send(*(packets(scan)[one] if isinstance(one, int) else one for one in what))
        self.place.lines(self.place.judged)

    def broken(self, what, *steps, rest=MUST):
        """A scan of which something is missing: `steps` are its packets, or pairs of packet and bytes of it that come, or
        commands. It is told, and the next scans come; `rest`: the very next too."""
        mine, lost, commands = packets(next(self.long)), self.lost(), []
        for step in steps:
            if isinstance(step, str):
                commands += [step, "sync"] if step == "stall" else [step]
            else:
                number, size = step if isinstance(step, tuple) else (step, codes.REPORT)
                commands.append("send " + mine[number][:2 * size])
        self.do(*commands, "sync")
        if any(step in HALTS for step in steps):
            self.place.must(f"sleep {QUIET_S}")
        self.good(rest)
        self.good()
        self.checks.ok(self.lost() > lost, f"{what}: it is told that only a part came")
        print(f"figure: {what}: told", flush=True)

    def ready(self, before):
        """When it was ready once more."""
        self.place.must(f"ready() {{ [ $(grep -c 'ready\\.$' {stand.ERRORS}) -gt {len(before)} ]; }}\n"
                        f"until_true 60 ready || {{ cat {stand.ERRORS}; exit 1; }}")
        return self.readies()[-1]

    def back(self, what, seconds):
        self.checks.ok(seconds <= BACK_S, f"{what}: back after {seconds:.2f} s")
        print(f"figure: {what}: back in {seconds:.2f} s", flush=True)
        self.good()

    def plug(self, what, *then):
        """A good one, back within a second since the kernel had it."""
        before, seen = self.readies(), len(self.place.must(f"cat {stand.EVENTS}").splitlines())
        self.do("plug good", *then)
        ready = self.ready(before)
        news = self.place.must(f"cat {stand.EVENTS}").splitlines()[seen:]
        self.back(what, ready - replug.came(news, "KERNEL", "fault"))


def on_the_bus(bench):
    """What goes wrong while it stays plugged in."""
    bench.do("stall", "sync")
    bench.place.must(f"sleep {QUIET_S}")
    bench.good()
    bench.broken("stalled in a scan", 0, "stall", 1, 2)
    bench.broken("stalled, the rest never came", 0, 1, "stall", rest=MAY)
    bench.broken("stalled in place of a packet", 0, "stall", 2)
    bench.broken("short at the end", 0, 1, (2, 20))
    bench.broken("short at the beginning", (0, 40), 1, 2)
    bench.broken("short in the middle", 0, (1, 10), 2)
    bench.broken("no more than its number", 0, (1, 1), 2)
    bench.broken("babbled in a scan", 0, "fail babble", 2)
    bench.broken("too short for a count", (0, 1), rest=MAY)
    bench.broken("stalled in place of the first", "stall", 1, 2)
    bench.whole("-", 0, "-", 1, "-", "-", 2, "-")
    bench.whole(0, "090102", 1, 2)
    bench.good()
    print("figure: stalls, short reports, empty packets: told, and nothing else lost", flush=True)


def errors(bench):
    """The controller gives up on a packet: the device is opened anew."""
    for name in ("crc", "protocol", "timeout"):
        before = bench.readies()
        since = bench.do("fail " + name, "sync")
        bench.back(f"{name} error", bench.ready(before) - since)
        before, mine, lost = bench.readies(), packets(next(bench.long)), bench.lost()
        since = bench.do("send " + mine[0], "sync", f"fail {name}", "send " + mine[2], "sync")
        bench.back(f"{name} error in a scan", bench.ready(before) - since)
        bench.checks.ok(bench.lost() > lost, f"{name} error in a scan: it is told")
    before = bench.readies()
    bench.do("stall-on")
    bench.place.must(f"sleep {STALLING_S}")
    bench.checks.equal(len(bench.readies()), len(before), "one that always stalls is not ready")
    since = bench.do("stall-off", "sync")
    bench.back("stalls no more", bench.ready(before) - since)


def plugging(bench):
    """What goes wrong when it comes or goes."""
    mine = packets(next(bench.long))
    bench.do(f"send {mine[0]}", "sync", "vanish")
    bench.plug("vanished in a scan")
    mine = packets(next(bench.long))
    bench.do(f"send {mine[0]} {mine[1]}", "sync", "vanish")
    bench.plug("vanished in a scan, and its rest comes later", f"send {mine[2]}")
    mine = packets(next(bench.long))
    bench.do(f"send {mine[0]}", "vanish")
    bench.plug("vanished before it was read")
    for kind in HALF_WAY:
        bench.do("vanish", "plug " + kind)
        bench.plug(kind)
    for kind in ODD:
        readies = bench.readies()
        bench.do("vanish", "plug " + kind)
        bench.place.must(f"udevadm settle; sleep {QUIET_S}")
        bench.checks.equal(len(bench.readies()), len(readies), f"the descriptor {kind} is none of a scanner that can be used")
        bench.do("vanish")
        bench.plug(f"descriptor {kind}, then a good one")


def at_random(bench):
    """All of what happens on the bus, mixed."""
    draw, mixed, after = random.Random(5), [], MUST
    for _ in range(STEPS):
        kind = draw.choice(("short", "whole", "empty", "stall", "cut", "babble", "missing"))
        scan = next(bench.short if kind == "short" else bench.long)
        mine = packets(scan)
        if kind in ("short", "whole", "empty"):
            bench.expected.append((scan, after))
            mixed.append("send " + (" - " if kind == "empty" else " ").join(mine))
            after = MUST
            continue
        at = draw.randrange(LONG)
        before, rest = mine[:at], mine[at + 1:]
        hit = {"stall": ["stall"], "cut": ["send " + mine[at][:2 * draw.randint(1, codes.REPORT - 1)]],
               "babble": ["fail babble"], "missing": ["stall"]}[kind]
        rest = [] if kind == "missing" else rest
        mixed += ["send " + one for one in before] + hit + ["send " + one for one in rest]
        after = MAY
    bench.do(*mixed, "sync")
    bench.place.settle()
    bench.good(MAY)
    bench.good()


def compare(checks, expected, got):
    at, false = 0, []
    for scan in got:
        to = next((n for n in range(at, len(expected)) if codes.plain(expected[n][0]) == scan), None)
        if to is None:
            false.append(scan)
            continue
        for one, must in expected[at:to]:
            checks.ok(not must, f"did not come: {one!r:.200}")
        at = to + 1
    for one, must in expected[at:]:
        checks.ok(not must, f"did not come: {one!r:.200}")
    checks.equal(false, [], "scans that are none")
    print(f"figure: faults on the bus: {len(got)} scans of {len(expected)}, {len(false)} false", flush=True)


def faults(checks, parts):
    place = stand.Stand(parts, steady=True, devices=False)
    try:
        bench = Bench(checks, place)
        place.start_scanning(["pos"], ready=False)
        bench.plug("plugged in")
        for part in (on_the_bus, errors, plugging, at_random):
            part(bench)
        said, got = place.stop_scanning()
        compare(checks, bench.expected, got)
        checks.ok(stand.rig.sound(said.encode()), said[-1500:])
    finally:
        place.close()


CHECKS = [("faults on the bus", faults)]
