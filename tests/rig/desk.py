#!/usr/bin/env python3
"""Inside of the machine: the screens, and one step after the other with them. A step is ["scan", SERIAL] until it has
rung, ["run", SCRIPT], ["see", TEXT] until it is painted, ["unseen", TEXT] when it has not been since the last of these
two, ["rings", N] until it has rung so often in all, or ["ends", STATUS, TEXT] until the program has, with these last
words. Each scan is marked in the kernel's trace. Closes with "done N rings".

    desk.py DATA CONFIG STEPS      CONFIG: what the settings say besides; STEPS: a file of JSON
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "crash"))

import beep  # noqa: E402
import burst  # noqa: E402
import rig  # noqa: E402

RING_S, END_S = 30, 60
MARKER = "/sys/kernel/tracing/trace_marker"


def scan(screen, scanner, serial):
    rings = screen.rings
    with open(MARKER, "w", encoding="ascii") as marker:
        marker.write(f"scan {serial}")
    os.write(scanner, (rig.scan(serial) + "\r").encode())
    if not screen.wait_rings(rings + 1, RING_S):
        raise RuntimeError(f"{serial} did not ring")


def ends(screen, errors, status, text):
    got = screen.process.wait(END_S)
    with open(errors, encoding="utf-8") as stream:
        said = stream.read()
    if got != status or text not in said:
        raise RuntimeError(f"it ended with {got}: {said[-1000:]}")


def look(screen, text, wanted):
    if wanted:
        screen.see(text)
    elif text.encode() in screen.output:
        raise RuntimeError(f"{text!r} on the screen: {screen.output[-600:]!r}")
    with screen.changed:
        screen.output = b""


def step(screen, scanner, errors, kind, *values):
    if kind == "scan":
        scan(screen, scanner, *values)
    elif kind == "run":
        subprocess.run(["bash", "-c", *values], check=True, timeout=RING_S)
    elif kind == "rings":
        if not screen.wait_rings(*values, RING_S):
            raise RuntimeError(f"{screen.rings} rings, not {values}")
    elif kind in ("see", "unseen"):
        look(screen, *values, kind == "see")
    elif kind == "ends":
        ends(screen, errors, *values)
    else:
        raise ValueError(kind)


def main():
    data, more, steps = sys.argv[1:]
    device = rig.Device(data)
    scanner, slave = beep.open_pty()
    config = os.path.join(rig.folder(), "config")
    with open(config, "w", encoding="utf-8") as stream, open(more, encoding="utf-8") as settings:
        stream.write(beep.CONFIG.format(port=os.ttyname(slave)).replace("auto = yes", "auto = no") + settings.read())
    screen = beep.Screen(device, config)
    burst.open_order(screen)
    with open(steps, encoding="utf-8") as stream:
        for words in json.load(stream):
            step(screen, scanner, device.errors, *words)
    screen.kill()
    if not device.sound():
        sys.exit("the program said that it was broken")
    print(f"done {screen.rings} rings")


if __name__ == "__main__":
    main()
