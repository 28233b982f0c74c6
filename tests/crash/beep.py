#!/usr/bin/env python3
"""If it beeped, it is saved, on the screens: `tallyman run` in a terminal, scans through a serial port without a pause,
sync running beside with a server that comes and goes, and SIGKILL at random moments. The terminal's bell is counted: every
accepted scan rings once.

After each kill: as many accepted scans are in the journal as rang, at most one more is, in the order of the scanner; the
chain verifies; and what was acknowledged is on the server. In the end the server has the journal, each record once.

    beep.py [--long] [--moments N] [--seed N]
"""
import argparse
import fcntl
import json
import os
import random
import re
import struct
import subprocess
import termios
import threading
import time
import tty

import proxy
import rig

MOMENTS, MOMENTS_LONG = 12, 100
MOMENT_SCANS = 400
RINGS_MAX = 40              # then it is killed
JITTER_S = 0.02
COLUMNS, ROWS = 30, 20
KEY_S = 0.12                # a digit acts after 50 ms of silence

CONFIG = """[device]
site = CDB
[screen]
lang = en
sound = yes
[sync]
auto = yes
interval_ms = 150
[scanner door]
kind = serial
device = {port}
speed = 115200
framing = cr
"""


def open_pty():
    master, slave = os.openpty()
    tty.setraw(slave)
    return master, slave


class Screen:
    """The program in a terminal of its own."""

    def __init__(self, device, config):
        self.master, slave = open_pty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = {**device.environment(), "TERM": "screen-256color"}
        with open(device.errors, "ab") as errors:
            self.process = subprocess.Popen([rig.TALLYMAN, "--data", device.path, "--config", config, "run"],
                                            stdin=slave, stdout=slave, stderr=errors, env=environment,
                                            start_new_session=True)
        os.close(slave)
        self.rings, self.output = 0, b""
        self.changed = threading.Condition()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            with self.changed:
                self.rings += data.count(b"\a")
                self.output = (self.output + data)[-4096:]
                self.changed.notify_all()
            if not data:
                return

    def see(self, text):
        """Until the text was painted since the last key."""
        def painted():
            return text in re.sub(rb"\x1b[\[()][0-9;?]*[A-Za-z0-9]", b" ", self.output).decode("utf-8", "replace")

        rig.wait_for(painted, f"{text!r} on the screen: {self.output[-600:]!r}")

    def key(self, key, text):
        with self.changed:
            self.output = b""
        time.sleep(KEY_S)  # so that keys are no burst, which would be a scan
        os.write(self.master, key)
        self.see(text)

    def wait_rings(self, count, seconds):
        with self.changed:
            return self.changed.wait_for(lambda: self.rings >= count, seconds)

    def kill(self):
        rig.kill(self.process)
        self.thread.join(rig.WAIT_S)
        os.close(self.master)


def write_all(master, data):
    try:
        while data:
            data = data[os.write(master, data):]
    except OSError:
        pass


def one_kill(device, moment, draw, home):
    """Signs in, opens the order, scans until the kill. Rings that were heard."""
    scanner, scanner_slave = open_pty()
    config = os.path.join(home, "config")
    with open(config, "w", encoding="utf-8") as stream:
        stream.write(CONFIG.format(port=os.ttyname(scanner_slave)))
    screen = Screen(device, config)
    screen.see("Who works?")
    screen.key(b"\r", "PIN")
    for digit in rig.PIN.encode():
        screen.key(bytes([digit]), "●")
    screen.key(b"\r", "What now?")
    screen.key(b"1", "SO-1")
    screen.key(b"\r", "Seal kit")
    screen.key(b"\r", "Ready")
    screen.rings = 0
    codes = [f"B{moment * MOMENT_SCANS + n + 1:06d}" for n in range(MOMENT_SCANS)]
    data = "".join(rig.scan(code) + "\r" for code in codes).encode()
    sender = threading.Thread(target=write_all, args=(scanner, data), daemon=True)
    sender.start()
    screen.wait_rings(draw.randint(1, RINGS_MAX), rig.WAIT_S)
    time.sleep(draw.random() * JITTER_S)
    screen.kill()
    os.close(scanner_slave)
    os.close(scanner)
    return screen.rings, codes


def accepted(device):
    return [r["key"] for r in device.journal() if r["kind"] == "scan" and r["severity"] == "accept"]


def check_server(checks, device, server, name):
    status = json.loads(device.run("status", json_out=True, operator=None).stdout)
    there = [r["seq"] for r in server.rows("records")]
    checks.ok(status["acked_seq"] <= max(there, default=0), f"{name}: what was acknowledged is on the server")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--moments", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    moments = options.moments or (MOMENTS_LONG if options.long else MOMENTS)
    draw, checks, home = random.Random(options.seed), rig.Checks(), rig.folder()
    device, server = rig.Device(), rig.Server()
    only_wang = [one for one in rig.base_feed() if '"li"' not in one]
    server.import_feed(only_wang + [rig.order("SO-1", 1000000), rig.serials("B", moments * MOMENT_SCANS)])
    server.start()
    network = proxy.Proxy(server, draw)  # the address stays when the server comes back on another port
    device.run("enrol", server.enrolment(network.url), operator=None)
    checks.equal(device.run("sync", operator=None).returncode, 0, "the catalog is there")
    before, rang = [], 0
    for moment in range(moments):
        name = f"moment {moment}"
        if server.process and draw.random() < 0.4:
            threading.Timer(draw.random(), server.kill).start()
        elif not server.process:
            server.start()
        rings, codes = one_kill(device, moment, draw, home)
        saved = accepted(device)
        new = saved[len(before):]
        checks.equal(saved[:len(before)], before, f"{name}: what was there before")
        checks.ok(rings > 0, f"{name}: it rang")
        checks.ok(rings <= len(new) <= rings + 1, f"{name}: it rang {rings} times, {len(new)} are saved")
        checks.equal(new, [rig.item(code) for code in codes[:len(new)]], f"{name}: in the scanner's order")
        checks.equal(device.verify().returncode, 0, f"{name}: the chain verifies")
        check_server(checks, device, server, name)
        before, rang = saved, rang + rings
    if not server.process:
        server.start()
    checks.equal(device.run("sync", operator=None).returncode, 0, "it syncs when the server is there")
    theirs = [(r["epoch"], r["seq"], r["kind"], r["key"] or "") for r in server.rows("records")]
    ours = [(r["epoch"], r["seq"], r["kind"], r.get("key") or "") for r in device.journal() if r["device"]]
    checks.equal(sorted(theirs), ours, "the server has the journal, each record once")
    checks.ok(device.sound() and server.sound(), "no program said that it was broken")
    print(f"figure: {moments} kills of the screens, {rang} beeps, seed {options.seed}")
    checks.end()


if __name__ == "__main__":
    main()
