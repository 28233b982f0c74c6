#!/usr/bin/env python3
"""Where an audit is: by gpsd, where there is one. A real gpsd that reads a receiver on a pseudo-terminal, and a server that speaks
gpsd's protocol and says what no receiver would.
"""
import json
import os
import pty
import shutil
import socket
import subprocess
import sys
import termios
import threading
import time
import tty

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import market  # noqa: E402
from market import rig  # noqa: E402

with open(os.path.join(rig.ROOT, "tests/fuzz/corpus/place/for-ever"), "rb") as stream:
    FOR_EVER = stream.read()
GPSD = shutil.which("gpsd") or shutil.which("gpsd", path="/usr/sbin:/usr/local/sbin")
VERSION = {"class": "VERSION", "release": "3.22", "rev": "3.22", "proto_major": 3, "proto_minor": 14}


class Gpsd:
    """Says what it is given to everybody who connects; `rest` after a moment, and then it ends the connection if it is asked to."""

    def __init__(self, objects, end=False):
        self.objects, self.end = objects, end
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.tell, args=(peer,), daemon=True).start()

    def tell(self, peer):
        with peer:
            try:
                peer.recv(1000)
                for one in [VERSION, *self.objects]:
                    raw = one if isinstance(one, bytes) else json.dumps(one, separators=(",", ":")).encode() + b"\r\n"
                    for half in (raw[:len(raw) // 2], raw[len(raw) // 2:]):
                        peer.sendall(half)
                        time.sleep(0.005)
                if not self.end:
                    peer.recv(1000)  # until it goes
            except OSError:
                pass


def sentence(text):
    """NMEA 0183: with its checksum."""
    total = 0
    for one in text:
        total ^= ord(one)
    return f"${text}*{total:02X}\r\n".encode()


class Receiver:
    """A receiver at 30°39.4272'N 104°03.9257'E on a pseudo-terminal."""

    def __init__(self):
        self.master, slave = pty.openpty()
        tty.setraw(slave, termios.TCSANOW)
        self.path, self.slave, self.stop = os.ttyname(slave), slave, threading.Event()
        self.thread = threading.Thread(target=self.send, daemon=True)
        self.thread.start()

    def send(self):
        while not self.stop.wait(0.2):
            now = time.gmtime()
            clock, day = time.strftime("%H%M%S.00", now), time.strftime("%d%m%y", now)
            where = "3039.4272,N,10403.9257,E"
            try:
                os.write(self.master, sentence(f"GPGGA,{clock},{where},1,08,1.0,500.0,M,-40.0,M,,") +
                         sentence("GPGSA,A,3,01,02,03,04,05,06,07,08,,,,,1.5,1.0,1.1") +
                         sentence(f"GPRMC,{clock},A,{where},0.0,0.0,{day},,,A"))
            except OSError:
                return

    def end(self):
        self.stop.set()
        self.thread.join()
        os.close(self.master)
        os.close(self.slave)


class Auditor:
    def __init__(self, checks):
        self.checks, self.device = checks, rig.Device()
        self.device.import_feed(market.feed())
        self.config = os.path.join(rig.folder(), "tallyman.ini")

    def begin(self, kind, address, *fields):
        """The position in the record of a visit that is begun; and how long it took."""
        with open(self.config, "w", encoding="utf-8") as stream:
            stream.write(f"[place]\nkind = {kind}\naddress = {address}\n")
        began = time.monotonic()
        done = self.device.run("--config", self.config, "start", "audit", f"region={market.HOME}", *fields,
                               operator=market.AUDITOR)
        self.checks.equal((done.returncode, done.stderr), (0, b""), "begun, and nothing said")
        opened = [one for one in self.device.journal() if one["kind"] == "open"][-1]
        return opened["header"].get("position"), time.monotonic() - began


def tpv(**members):
    return {"class": "TPV", "device": "/dev/x", "mode": 3, **members}


def told(a):
    here = tpv(lat=30.657121, lon=104.065429, epx=3.0, epy=4.0, eph=7.2)
    for objects, expected, what in (
            ([here], "30.65712,104.06543 ±8m", "a place"),
            ([tpv(mode=1), here], "30.65712,104.06543 ±8m", "a fix after none"),
            ([tpv(mode=2, lat=-33.5, lon=-70.25)], "-33.50000,-70.25000", "without its accuracy"),
            ([tpv(mode=1, lat=30.6, lon=104.0)], None, "no fix"),
            ([tpv(lat=130.6, lon=104.0)], None, "no latitude"),
            ([{"class": "SKY", "device": "/dev/x", "satellites": []}], None, "only the sky"),
            ([b'{"class":"TPV","lat":\r\n', b"\x00\xff\r\n" * 10, b"x" * 20000 + b"\r\n"], None, "noise"),
            ([FOR_EVER, here], "30.65712,104.06543 ±8m", "a place after what libgps reads for ever")):
        at, _ = a.begin("gpsd", Gpsd(objects).port)
        a.checks.equal(at, expected, what)
    at, _ = a.begin("gpsd", Gpsd([here]).port, "position=at the back door")
    a.checks.equal(at, "at the back door", "what somebody typed counts")
    at, _ = a.begin("gpsd", Gpsd([here]).port, "position=")
    a.checks.equal(at, None, "or that nothing is to be said")
    at, took = a.begin("gpsd", Gpsd([], end=True).port)
    a.checks.ok(at is None and took < 1.5, f"one that hangs up is not waited for: {took}")


def absent(a):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    at, took = a.begin("gpsd", port)
    a.checks.ok(at is None and took < 1.5, f"nobody there: {took}")
    at, _ = a.begin("none", "2947")
    a.checks.equal(at, None, "nobody is to be asked")
    path = rig.write_feed(os.path.join(rig.folder(), "place"), ["30.5 104.5 12"])
    a.checks.equal(a.begin("sim", path)[0], "30.50000,104.50000 ±12m", "the simulated one")


def real(a):
    if not GPSD:
        a.checks.skip("gpsd is not installed")
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    receiver = Receiver()
    gpsd = subprocess.Popen([GPSD, "-N", "-n", "-b", "-S", str(port), receiver.path], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def found():
            at = a.begin("gpsd", port)[0]
            return at and at.startswith("30.65712,104.06543")
        a.checks.ok(rig.wait_for(found, "a fix from gpsd", 30), "the place of a real receiver")
    finally:
        gpsd.terminate()
        gpsd.wait(rig.WAIT_S)
        receiver.end()


def main():
    checks = rig.Checks()
    a = Auditor(checks)
    told(a)
    absent(a)
    real(a)
    checks.end()


if __name__ == "__main__":
    main()
