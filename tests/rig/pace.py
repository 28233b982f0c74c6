#!/usr/bin/env python3
"""Inside of the machine: the screens, with one scan after the other, each when the last has rung, until the file STOP is
there. A line out for each: what the host called the network's state just then (the file PHASE), and milliseconds from
the scanner's bytes to the bell.

    pace.py DATA ENROLMENT PHASE OUT STOP
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "crash"))

import beep  # noqa: E402
import burst  # noqa: E402
import rig  # noqa: E402

RING_S = 60


def main():
    data, enrolment, phase, out, stop = sys.argv[1:]
    device = rig.Device(data)
    device.run("enrol", enrolment, operator=None)
    if device.run("sync", operator=None).returncode != 0:
        sys.exit("no catalog")
    scanner, slave = beep.open_pty()
    config = os.path.join(rig.folder(), "config")
    with open(config, "w", encoding="utf-8") as stream:
        stream.write(beep.CONFIG.format(port=os.ttyname(slave)))
    screen = beep.Screen(device, config)
    burst.open_order(screen)
    number = 0
    with open(out, "w", encoding="ascii") as stream:
        while not os.path.exists(stop):
            number += 1
            with open(phase, encoding="ascii") as named:
                name = named.read().strip()
            start = time.monotonic()
            os.write(scanner, (rig.scan(f"B{number:06d}") + "\r").encode())
            if not screen.wait_rings(number, RING_S):
                sys.exit(f"scan {number} did not ring")
            stream.write(f"{name} {(time.monotonic() - start) * 1000:.1f}\n")
            stream.flush()
    screen.kill()
    if not device.sound():
        sys.exit("the program said that it was broken")


if __name__ == "__main__":
    main()
