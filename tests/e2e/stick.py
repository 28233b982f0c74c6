#!/usr/bin/env python3
"""A device that gets no network any more: its signed journal goes by stick, as if it had spoken itself."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

SCANS = 600  # more than one batch


def feed():
    return rig.base_feed() + [rig.order("SO-1", SCANS), rig.serials("S", 9999)]


def refused(server, path):
    """The sentence with which the server does not take a file; "" when it does."""
    try:
        server.run("stick", path)
        return ""
    except RuntimeError as error:
        return str(error)


def main():
    checks = rig.Checks()
    server = rig.Server()
    server.import_feed(feed())
    server.start()
    device = rig.Device()
    checks.ok(device.run("export", operator=None).returncode != 0, "nobody would know whose it is")
    device.run("enrol", server.enrolment(f"http://127.0.0.1:{server.port}"), operator=None)
    device.run("sync", operator=None)
    device.run("scan", "SO-1", feed="".join(rig.scan(f"S{n:06}") + "\n" for n in range(1, SCANS + 1)))
    device.run("complete", "SO-1")
    journal = device.run("journal", json_out=True, operator=None).stdout.splitlines()

    stick = os.path.join(rig.folder(), "stick.ndjson")
    done = device.run("export", stick, operator=None)
    checks.equal(done.stdout.decode(), f"records\t{len(journal)}\n", f"all are on the stick: {done.stderr.decode()}")
    checks.equal(device.run("export", operator=None).stdout, open(stick, "rb").read(), "and the same by a pipe")
    lines = open(stick, encoding="utf-8").read().splitlines(True)

    altered = os.path.join(rig.folder(), "altered")
    at = next(n for n, one in enumerate(lines) if '"kind":"scan"' in one)
    with open(altered, "w", encoding="utf-8") as out:
        out.write("".join(one.replace('"accept"', '"reject"') if n == at else one for n, one in enumerate(lines)))
    checks.ok("do not come to the head" in refused(server, altered), "an altered record is found")
    with open(altered, "w", encoding="utf-8") as out:
        out.write("".join(lines).replace('"device":1', '"device":2'))
    checks.ok("not known" in refused(server, altered), "another's name is not taken")
    with open(altered, "w", encoding="utf-8") as out:
        out.write("".join(lines[:-3]))
    said = refused(server, altered)
    checks.ok("cut off" in said and "up to record 500" in said, f"a file that is cut off is taken as far as it goes: {said}")
    checks.ok("no journal" in refused(server, "/dev/null"), "nothing is no journal")

    checks.equal(refused(server, stick), "", "the whole one is taken")
    records = server.rows("records")
    checks.equal(len(records), len(journal), "every record is there")
    checks.equal(len(server.rows("results")), 1, "and the order has its result")
    checks.equal(refused(server, stick), "", "a second time changes nothing")
    checks.equal(len(server.rows("records")), len(journal), "each is there once")
    checks.equal(device.run("sync", operator=None).returncode, 0, "the network is back: both agree")
    told = json.loads(device.run("status", json_out=True, operator=None).stdout)
    checks.equal(len(server.rows("records")), len(journal), "still once")
    checks.ok(told is not None, "and the device knows")
    server.run("revoke", "1")
    checks.ok("revoked" in refused(server, stick), "a revoked device's stick is not taken")
    server.stop()
    checks.ok(server.sound(), "no complaint")
    checks.end()


if __name__ == "__main__":
    main()
