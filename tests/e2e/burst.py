#!/usr/bin/env python3
"""A fast hand loses no scan: 1,000 scans over a pty as a serial scanner, once as fast as the port takes them, once at the
pace of 9600 baud: 1,000 verdicts, in order, none merged, each on disk.
"""
import os
import sys
import threading
import time
import tty

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

SCANS = 1000
BYTES_PER_S = 960          # 9600 baud, 8N1
TIME_S = 240


def open_pty():
    """(master, path of the slave); raw, so that no byte is changed on its way."""
    master, slave = os.openpty()
    tty.setraw(slave)
    return master, slave, os.ttyname(slave)


def write_all(master, data):
    while data:
        data = data[os.write(master, data):]


def write_paced(master, texts):
    due = time.monotonic()
    for text in texts:
        write_all(master, text)
        due += len(text) / BYTES_PER_S
        time.sleep(max(due - time.monotonic(), 0))


def opened_by(process, path):
    """True when the process has the port open: from then on the pace is measured."""
    folder = f"/proc/{process.pid}/fd"
    try:
        return any(os.readlink(os.path.join(folder, fd)) == path for fd in os.listdir(folder))
    except OSError:
        return False


def run(checks, name, send):
    device = rig.Device()
    codes = [f"K{n:04d}" for n in range(1, SCANS + 1)]
    device.import_feed(rig.base_feed() + [rig.order("SO-1", SCANS), rig.line(
        "codes", product="SEAL", lot="L1", first=codes[0], last=codes[-1], holder="site:CDB")])
    master, slave, path = open_pty()
    process = device.start("scan", "SO-1", "--scanner", f"serial:{path}:9600:cr", "--count", str(SCANS))
    lines = rig.Lines(process.stdout)
    rig.wait_for(lambda: opened_by(process, path) or process.poll() is not None, "the port is opened")
    start = time.monotonic()
    sender = threading.Thread(target=send, args=(master, [code.encode() + b"\r" for code in codes]), daemon=True)
    sender.start()
    checks.ok(lines.wait(SCANS, TIME_S), f"{name}: {len(lines.lines)} verdicts in {TIME_S} s")
    took = time.monotonic() - start
    if process.poll() is None and len(lines.lines) < SCANS:
        rig.kill(process)
    checks.equal(process.wait(rig.WAIT_S), 0, f"{name}: exit")
    checks.ok(device.sound(), f"{name}: nothing is broken")
    got = rig.verdicts(lines.end())
    expected = [("ok", "accept", f"plain:{code}") for code in codes]
    checks.equal(len(got), SCANS, f"{name}: verdicts")
    wrong = next((n for n, (a, b) in enumerate(zip(got, expected)) if a != b), None)
    checks.ok(wrong is None, f"{name}: in order: {wrong is not None and (got[wrong], expected[wrong])}")
    checks.ok(device.scans() == got, f"{name}: the journal has the same")
    checks.equal(device.verify().returncode, 0, f"{name}: the chain verifies")
    print(f"figure: {name}: {len(got)} verdicts in {took:.1f} s")
    os.close(master)
    os.close(slave)


def main():
    checks = rig.Checks()
    run(checks, "without a pause", lambda master, texts: write_all(master, b"".join(texts)))
    run(checks, "at 9600 baud", write_paced)
    checks.end()


if __name__ == "__main__":
    main()
