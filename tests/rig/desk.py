#!/usr/bin/env python3
"""Inside of the machine: the screens, and one step after the other with them. A step is ["scan", SERIAL] until it has
rung, ["run", SCRIPT], ["see", TEXT] until it is on the screen, or ["ends", STATUS] until the program has.
Closes with "done N rings".

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


def step(screen, scanner, kind, value):
    if kind == "scan":
        rings = screen.rings
        os.write(scanner, (rig.scan(value) + "\r").encode())
        if not screen.wait_rings(rings + 1, RING_S):
            raise RuntimeError(f"{value} did not ring")
    elif kind == "run":
        subprocess.run(["bash", "-c", value], check=True, timeout=RING_S)
    elif kind == "see":
        screen.see(value)
    elif kind == "ends":
        status = screen.process.wait(END_S)
        if status != value:
            raise RuntimeError(f"it ended with {status}")


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
        for kind, value in json.load(stream):
            step(screen, scanner, kind, value)
    screen.kill()
    if not device.sound():
        sys.exit("the program said that it was broken")
    print(f"done {screen.rings} rings")


if __name__ == "__main__":
    main()
