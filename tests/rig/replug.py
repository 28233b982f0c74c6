"""Pulled out and plugged in again in the middle of a burst: no half scan is taken for a whole one, none comes twice or out
of order, and work goes on within a second."""
import re

import codes
import scanners
import stand

BURST, AFTER, PULL_AT = 80, 20, 8
REPLUG_S = 60
BACK_S = 1.0
OUT, ERRORS = stand.OUT, stand.ERRORS


def pull_out(place, name):
    """In the middle of a burst: the cable, a moment later again. Seconds until the program can use it."""
    ready = f"is_ready() {{ [ $(grep -c 'ready\\.$' {ERRORS}) -ge 2 ]; }}\nis_gone() {{ grep -q 'not there' {ERRORS}; }}\n"
    if name == "ftdi":
        place.must(f"until_true {REPLUG_S} lines_are {OUT} {PULL_AT}")
        place.machine.control("device_del", id="ftdi0")
        place.must(f"{ready}until_true {REPLUG_S} is_gone")
        place.machine.control("device_add", driver="usb-serial", chardev="ftdi", id="ftdi0", bus="xhci.0",
                              **{"always-plugged": True})
        said = place.must(f"{ready}until_true {REPLUG_S} test -e /dev/ttyUSB0\nthere=$(date +%s%N)\n"
                          f"until_true {REPLUG_S} is_ready\necho back $((($(date +%s%N) - there) / 1000000))")
    else:
        node = {"pos": "/dev/hidg0", "wedge": "/dev/input/by-id/*KBW1*kbd", "acm": "/dev/ttyACM0"}[name]
        said = place.must(f"{ready}(send_{name} /dev/shm/{name} 2>/dev/null || true) &\nsender=$!\n"
                          f"until_true {REPLUG_S} lines_are {OUT} {PULL_AT}\nunplug {name}\n"
                          f"until_true {REPLUG_S} is_gone\nkill $sender 2>/dev/null || true\nplug {name}\n"
                          f"node_there() {{ ls {node} >/dev/null 2>&1; }}\nuntil_true {REPLUG_S} node_there\n"
                          f"there=$(date +%s%N)\nuntil_true {REPLUG_S} is_ready\n"
                          f"echo back $((($(date +%s%N) - there) / 1000000))")
    return int(re.findall(r"back (\d+)", said)[-1]) / 1000


def in_order(got, sent):
    """Whether got is a part of sent, each at most once, in its order."""
    rest = iter(sent)
    return all(one in rest for one in got)


def one(checks, place, name):
    before, after = (scanners.scans_for(name, count, seed) for count, seed in ((BURST, 11), (AFTER, 12)))
    place.start_scanning([name])
    data = b"".join(stand.SENDERS[name](scan) for scan in before)
    if name == "ftdi":
        place.ftdi.sendall(data)
    else:
        place.machine.put(f"/dev/shm/{name}", data)
    seconds = pull_out(place, name)
    place.settle()
    place.send({name: after})
    said, got = place.stop_scanning()
    sent, last = [codes.plain(scan) for scan in before], [codes.plain(scan) for scan in after]
    checks.equal(got[-AFTER:], last, f"{name}: what came after the replug, all of it")
    checks.ok(len(got) >= PULL_AT + AFTER and in_order(got[:-AFTER], sent),
              f"{name}: no half scan, none twice: {[one for one in got[:-AFTER] if one not in sent]!r:.300}")
    checks.ok(seconds <= BACK_S, f"{name}: back after {seconds:.2f} s")
    checks.ok(stand.rig.sound(said.encode()), f"{name}: {said[-1500:]}")
    print(f"figure: {name} pulled out in a burst: {len(got) - AFTER} of {BURST} came before, back in {seconds:.2f} s, "
          f"then {AFTER} of {AFTER}", flush=True)


def replug(checks, parts):
    place = stand.Stand(parts)
    try:
        for name in scanners.KINDS:
            one(checks, place, name)
    finally:
        place.close()


CHECKS = [("unplugged", replug)]
