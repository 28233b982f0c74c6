#!/usr/bin/env python3
"""HTTPS with pinned keys, over real sockets: enrolling by the string (and by its QR code), a server with another key is not
talked to, keys are changed while devices are away, a device that missed it is led back, a revoked one is not heard.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

QUIET = 4


class Secure(rig.Server):
    """A server that speaks HTTPS on loopback, on one port for its life."""

    def options(self):
        return ["--listen", f"127.0.0.1:{self.port or 0}", "--tls"]

    def key(self):
        return self.db.removeprefix("sqlite:") + ".key"

    def keys(self, *words):
        return [one.split("\t")[0] for one in self.run("keys", *words).splitlines()]

    def again(self):
        self.stop()
        self.start()


def enrol(server, device, *words):
    string = server.run("enrol", *words).splitlines()[-1]
    return device.run("enrol", string, operator=None)


def scan(device, serial):
    device.run("scan", "SO-1", feed=rig.scan(serial) + "\n")


def sync(device):
    return device.run("sync", operator=None)


def seen_by_camera(text):
    """What zbarimg reads from the picture that half blocks make on a dark terminal."""
    rows = [one for one in text.splitlines() if one and set(one) <= set(" ▀▄█")]
    light = []
    for row in rows:
        light.append([cell in "▀█" for cell in row])
        light.append([cell in "▄█" for cell in row])
    scale = 4
    with tempfile.NamedTemporaryFile(suffix=".pgm") as picture:
        picture.write(f"P5 {len(light[0]) * scale} {len(light) * scale} 255\n".encode())
        for row in light:
            picture.write(b"".join((b"\xff" if cell else b"\x00") * scale for cell in row) * scale)
        picture.flush()
        return subprocess.run(["zbarimg", "--raw", "-q", picture.name], capture_output=True,
                              check=False).stdout.decode().strip()


def enrolling(checks, server, device):
    said = server.run("enrol", "--site", "CDB")
    string = said.splitlines()[-1]
    checks.equal(device.run("enrol", string, operator=None).returncode, 0, "enrolled by HTTPS")
    if shutil.which("zbarimg"):
        checks.equal(seen_by_camera(said), string, "a camera reads the same string")
    checks.equal(sync(device).returncode, 0, "synced by HTTPS")
    scan(device, "S000001")
    checks.equal(sync(device).returncode, 0, "pushed by HTTPS")
    checks.ok(len(server.rows("records")) > 0, "the server has the records")
    for name in ("", "-next"):
        checks.equal(os.stat(server.key() + name).st_mode & 0o777, 0o600, "a key is nobody else's to read")


def another_key(checks, server, device):
    """Somebody else on the same port, with a certificate that says all that ours says."""
    before = len(server.rows("records"))
    scan(device, "S000002")
    server.stop()
    thief = Secure()
    thief.port = server.port
    thief.import_feed(feed())
    thief.start()
    done = sync(device)
    checks.ok(done.returncode != 0, "a server with another key is refused")
    checks.ok("Tallyman" in done.stderr.decode(), f"and that is said: {done.stderr.decode()}")
    checks.equal(thief.rows("records"), [], "and told nothing")
    with open(thief.log, encoding="utf-8", errors="replace") as log:
        checks.ok("session" not in log.read(), "not even asked for a session")
    thief.stop()
    server.start()
    checks.equal(sync(device).returncode, 0, "the right one is spoken to again")
    checks.ok(len(server.rows("records")) > before, "and gets what was kept")


def keys_change(checks, server, device, late):
    first = server.keys()
    turned = server.keys("--turn")
    checks.equal(turned[0], first[1], "the next key comes into use")
    checks.ok(turned[1] not in first, "and there is a new next one")
    checks.equal(sync(device).returncode, 0, "until it starts again the server has the old key")
    server.again()
    scan(device, "S000003")
    checks.equal(sync(device).returncode, 0, "the device knows the next key")
    server.keys("--turn")
    server.again()
    checks.equal(sync(device).returncode, 0, "and was told of the one after it")
    checks.ok(sync(late).returncode != 0, "a device that was away for two changes speaks to nobody")
    try:
        checks.ok(not enrol(server, late, "--device", "99"), "no string for a device that is not")
    except RuntimeError as error:
        checks.ok("not known" in str(error), "no string for a device that is not")


def led_back(checks, server, late):
    number = 2
    done = enrol(server, late, "--device", str(number))
    checks.equal(done.returncode, 0, f"enrolled again with its own number: {done.stderr.decode()}")
    checks.equal(sync(late).returncode, 0, "and speaks again")
    mine = [one for one in server.rows("records") if one["device"] == number]
    checks.ok(len(mine) > 0, "under the same number")
    other = rig.Device()
    string = server.run("enrol", "--device", str(number)).splitlines()[-1]
    checks.ok(other.run("enrol", string, operator=None).returncode != 0, "another device can't take its place")


def revoked(checks, server, device):
    server.run("revoke", "1")
    scan(device, "S000004")
    checks.ok(sync(device).returncode != 0, "a revoked device is not heard")
    before = len(server.rows("records"))
    server.run("revoke", "1", "--undo")
    checks.equal(sync(device).returncode, 0, "found again, it speaks again")
    checks.ok(len(server.rows("records")) > before, "and nothing of it was lost")


def plain_refused(checks, server):
    for address in ("0.0.0.0:0",):
        done = subprocess.run([rig.SERVER, "--db", server.db + "x", "--listen", address, "--pins", "0" * 64],
                              capture_output=True, timeout=rig.WAIT_S, check=False)
        checks.ok(done.returncode != 0 and b"loopback" in done.stderr, f"no plain HTTP on {address}")
    with open(server.key() + "x", "w", encoding="utf-8") as key:
        key.write("no key\n")
    done = subprocess.run([rig.SERVER, "--db", server.db, "--key", server.key() + "x", "keys"], capture_output=True,
                          timeout=rig.WAIT_S, check=False)
    checks.ok(done.returncode == 1 and re.search(b"no key", done.stderr), "what is no key is said to be none")


def feed():
    return rig.base_feed() + [rig.order("SO-1", 100), rig.serials("S", 100)]


def main():
    checks = rig.Checks()
    server = Secure()
    server.import_feed(feed())
    server.start()
    device, late = rig.Device(), rig.Device()
    enrolling(checks, server, device)
    enrol(server, late, "--site", "CDB")
    sync(late)
    scan(late, "S000009")
    sync(late)
    another_key(checks, server, device)
    keys_change(checks, server, device, late)
    led_back(checks, server, late)
    revoked(checks, server, device)
    plain_refused(checks, server)
    server.stop()
    checks.ok(server.sound(), "no complaint of the sanitizers")
    checks.end()


if __name__ == "__main__":
    main()
