"""Pulled out in the middle of a scan, or of a burst, and plugged in again, with the rest of that scan first or without: no
half scan is taken for a whole one, none comes twice or out of order, and work goes on within a second. The rest that comes
with the plug proves little: on these buses it is over before the program has opened the device."""
import functools
import re

import codes
import scanners
import stand

BURST, AFTER = 40, 6
QUICK = ("acm", "ftdi", "pos")  # their bus is done with a burst before anybody can pull
ROUNDS = ("in a scan", "in a scan, and its rest comes later", "in a burst")
CUTS = (5, 11, 8)           # the scan that is cut, in each round
WAIT = "until_true 60"
BACK_S = 1.0
# As udevadm monitor names them
DEVICES = {"pos": r"\S*/usb1/1-1/1-1:1.0 \(usb\)", "wedge": r"\S*/event\d+ \(input\)", "acm": r"\S*/ttyACM0 \(tty\)",
           "ftdi": r"\S*/ttyUSB0 \(tty\)", "fault": r"\S*/vhci_hcd\S*:1.0 \(usb\)"}
UNITS = {"pos": codes.REPORT, "wedge": codes.KEY_REPORT, "acm": 1, "ftdi": 1}


def cut(name, scans, at):
    """(place, whole ones, beginning, rest): the bytes up to a scan that has a middle, the first being number `at`, and its
    halves."""
    make, unit = stand.SENDERS[name], UNITS[name]
    while len(make(scans[at])) < 2 * unit:
        at += 1
    data = make(scans[at])
    half = len(data) // unit // 2 * unit
    return at, b"".join(map(make, scans[:at])), data[:half], data[half:]


class Cable:
    """One scanner's."""

    def __init__(self, place, name):
        self.place, self.name = place, name

    def put(self, data):
        self.place.machine.put(f"/dev/shm/{self.name}", data)

    def send(self, data):
        """Until it is on the bus."""
        if self.name == "ftdi":
            self.place.ftdi.sendall(data)
        else:
            self.put(data)
            self.place.must(f"send_{self.name} /dev/shm/{self.name}")

    def send_and_pull(self, data):
        """Pulled out while it sends."""
        if self.name == "ftdi":
            self.place.ftdi.sendall(data)
            self.place.lines(self.place.judged + 1)
            self.pull()
        else:
            self.put(data)
            self.place.must(f"(send_{self.name} /dev/shm/{self.name} 2>/dev/null) &\n"
                            f"{WAIT} is_sent $! {len(data) // 2}\nunplug {self.name}\n"
                            "kill $! 2>/dev/null || true\nwait $! || true")

    def pull(self):
        if self.name == "ftdi":
            self.place.machine.control("device_del", id="ftdi0")
            self.place.must(f"gone() {{ [ ! -e /dev/ttyUSB0 ]; }}\n{WAIT} gone")
        else:
            self.place.must(f"unplug {self.name}")

    def plug(self, rest=b""):
        """`rest` comes as soon as it is back. Seconds until the program could use it: since the kernel could, since udev
        had said so."""
        name, must = self.name, self.place.must
        said, seen = (must(f"cat {path}").splitlines() for path in (stand.ERRORS, stand.EVENTS))
        end = f"ready() {{ [ $(grep -c 'ready\\.$' {stand.ERRORS}) -gt {sum(map(is_ready, said))} ]; }}\n{WAIT} ready"
        self.put(rest)
        if name == "ftdi":
            self.place.plug_ftdi()
            self.place.ftdi.sendall(rest)
            must(end)
        else:
            must((f"plug_sending {name} /dev/shm/{name}\n" if rest else f"plug {name}\n") + end)
        ready = max(float(line.split()[0]) for line in must(f"cat {stand.ERRORS}").splitlines() if is_ready(line))
        news = must(f"cat {stand.EVENTS}").splitlines()[len(seen):]
        return tuple(ready - came(news, who, name) for who in ("KERNEL", "UDEV"))


def is_ready(line):
    return line.endswith("ready.")


def came(news, who, name):
    """When this device was there, as these lines of udevadm monitor say."""
    return [float(re.search(r"\[(\d+\.\d+)\]", line).group(1)) for line in news
            if re.search(rf"^{who} *\[.*\] add +{DEVICES[name]}$", line)][0]


def one_round(checks, place, name, number):
    cable = Cable(place, name)
    before, after = (scanners.scans_for(name, count, seed + number) for count, seed in ((BURST, 11), (AFTER, 21)))
    at, whole, beginning, rest = cut(name, before, CUTS[number])
    first = place.judged
    if ROUNDS[number] == "in a burst":
        cable.send_and_pull(b"".join(map(stand.SENDERS[name], before)))
    else:
        cable.send(whole + beginning)
        place.lines(first + at)
        cable.pull()
        before = before[:at]
    seconds = cable.plug(rest if "rest" in ROUNDS[number] else b"")
    place.settle()
    came = place.judged - first
    place.send({name: after})
    return before, came, after, seconds


def one(checks, place, name):
    place.start_scanning([name])
    rounds = [one_round(checks, place, name, number) for number in range(len(ROUNDS))]
    said, got = place.stop_scanning()
    for (before, came, after, seconds), how in zip(rounds, ROUNDS):
        what = f"{name} {how}"
        mine, got = got[:came], got[came:]
        sent = [codes.plain(scan) for scan in before]
        good = in_order(mine, sent) and (came < BURST or name in QUICK) if how == "in a burst" else mine == sent
        checks.ok(good, f"{what}: no half scan, none twice: {[one for one in mine if one not in sent]!r:.300}")
        checks.equal(got[:AFTER], [codes.plain(scan) for scan in after], f"{what}: all that came after the replug")
        checks.ok(seconds[0] <= BACK_S, f"{what}: back after {seconds[0]:.2f} s")
        got = got[AFTER:]
        print(f"figure: {name} pulled out {how}: {came} scans before, back {seconds[0]:.2f} s after the kernel had it "
              f"({seconds[1]:.2f} after udev), then {AFTER} of {AFTER}", flush=True)
    checks.equal(got, [], f"{name}: nothing else")
    parts = said.count("only a part of a scan")
    checks.ok(parts >= 2, f"{name}: said {parts} times that only a part of a scan came")
    checks.ok(stand.rig.sound(said.encode()), f"{name}: {said[-1500:]}")


def in_order(got, sent):
    """Whether got is a part of sent, each at most once, in its order."""
    rest = iter(sent)
    return all(one in rest for one in got)


CHECKS = [(f"unplugged, {name}", scanners.on_a_stand(functools.partial(one, name=name), steady=True))
          for name in scanners.KINDS]
