#!/usr/bin/env python3
"""Inside of the machine: the screens, with one scan after the other, each when the last has rung, until the file STOP is
there; then nothing, until it is gone again. A line out for each: what the host called the network's state just then (the file PHASE), and milliseconds from
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

RING_S, REST_S = 60, 600


def main():
    data, enrolment, phase, out, stop = sys.argv[1:]
    device = rig.Device(data)
    device.run("enrol", enrolment, operator=None)
    if device.run("sync", operator=None).returncode != 0:
        sys.exit("no catalog")
    scanner, slave = beep.open_pty()
    config = os.path.join(rig.folder(), "config")
    with open(config, "w", encoding="utf-8") as stream:
        stream.write(beep.CONFIG.format(port=os.ttyname(slave)).replace("interval_ms = 150", "interval_ms = 1000"))
    screen = beep.Screen(device, config)
    burst.open_order(screen)
    number, count = 0, {}
    with open(out, "w", encoding="ascii") as stream:
        while not os.path.exists(stop):
            number += 1
            with open(phase, encoding="ascii") as named:
                name = named.read().strip()
            start = time.monotonic()
            os.write(scanner, (rig.scan(f"B{number:06d}") + "\r").encode())
            if not screen.wait_rings(number, RING_S) or screen.rings != number:
                sys.exit(f"scan {number}, {name}: {screen.rings} rings; {screen.output[-2000:]!r}")
            stream.write(f"{name} {(time.monotonic() - start) * 1000:.1f}\n")
            stream.flush()
            count[name] = count.get(name, 0) + 1
            with open(out + ".new", "w", encoding="ascii") as now:
                now.write(f"{name} {count[name]}\n")
            os.rename(out + ".new", out + ".now")
    with open(stop + ".seen", "w", encoding="ascii"):
        pass
    rig.wait_for(lambda: not os.path.exists(stop), "the end", REST_S)
    screen.kill()
    if not device.sound():
        sys.exit("the program said that it was broken")


if __name__ == "__main__":
    main()
