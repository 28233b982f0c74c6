#!/usr/bin/env python3
"""Inside of the machine: the screens on a disk whose power will be cut, scanning as fast as it goes, with sync running
beside. The terminal's bell is heard, and each time the number of rings so far is written past the page cache to a sector
of the same disk behind the file system: so the disk's own log says what had beeped before which write.

    burst.py TALLYMAN FOLDER DISK OFFSET FIRST
"""
import mmap
import os
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "crash"))

import beep  # noqa: E402
import rig  # noqa: E402

SECTOR, CODES, RING_S = 512, 4000, 60
SHOWN = "/dev/shm/rings"


def open_order(screen):
    screen.see("Who works?")
    screen.key(b"\r", "PIN")
    for digit in rig.PIN.encode():
        screen.key(bytes([digit]), "●")
    screen.key(b"\r", "What now?")
    screen.key(b"1", "SO-1")
    screen.key(b"\r", "Seal kit")
    screen.key(b"\r", "Ready")
    screen.rings = 0


def prepare(device, server):
    """A catalog from the server, unless the disk has one."""
    only_wang = [one for one in rig.base_feed() if '"li"' not in one]
    server.import_feed(only_wang + [rig.order("SO-1", 1000000), rig.serials("B", 100000)])
    server.start()
    if os.path.exists(device.path):
        return
    device.run("enrol", server.enrolment(f"http://127.0.0.1:{server.port}"), operator=None)
    if device.run("sync", operator=None).returncode != 0:
        raise RuntimeError("no catalog")
    os.sync()


def main():
    tallyman, folder, disk, offset, first = sys.argv[1:]
    rig.TALLYMAN = tallyman
    device, server = rig.Device(os.path.join(folder, "data")), rig.Server()
    prepare(device, server)
    home = rig.folder()
    scanner, slave = beep.open_pty()
    config = os.path.join(home, "config")
    with open(config, "w", encoding="utf-8") as stream:
        stream.write(beep.CONFIG.format(port=os.ttyname(slave)))
    screen = beep.Screen(device, config)
    open_order(screen)
    data = "".join(rig.scan(f"B{int(first) + n:06d}") + "\r" for n in range(CODES)).encode()
    threading.Thread(target=beep.write_all, args=(scanner, data), daemon=True).start()
    block = mmap.mmap(-1, mmap.PAGESIZE)
    out = os.open(disk, os.O_WRONLY | os.O_DIRECT)
    heard = 0
    while screen.wait_rings(heard + 1, RING_S):
        heard = screen.rings
        if not (device.sound() and server.sound()):
            sys.exit("the program said that it was broken")
        block[:SECTOR] = f"rang {heard}\n".encode().ljust(SECTOR, b"\0")
        os.lseek(out, int(offset), os.SEEK_SET)
        os.write(out, memoryview(block)[:SECTOR])
        with open(SHOWN + ".new", "w", encoding="ascii") as stream:
            stream.write(f"{heard}\n")
        os.rename(SHOWN + ".new", SHOWN)
    sys.exit("it rings no more")


if __name__ == "__main__":
    try:
        main()
    except (subprocess.SubprocessError, OSError, RuntimeError) as error:
        sys.exit(f"burst: {error}")
