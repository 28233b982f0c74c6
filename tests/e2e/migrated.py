#!/usr/bin/env python3
"""A device and a server that were in use before every flow was there: their databases are opened by today's programs, work
goes on offline and online, and in the end the server has each record once and one result for each order.

The device comes without its catalog, as after it was found damaged: its journal is enough to go on, and all of it is offered again; the server has some of it already.
"""
import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

DATA = os.path.join(rig.ROOT, "tests", "data")
RECORDS = 31
# Made for this test alone: it opens nothing.
PUBLIC = "3d271a24b0760dd0333e80c1c395cbc8f5c5b308023e726a168c618dffd025f8"
SECRET = "38fa1a77b7878b4fa5b9f46dd3c9b405b5b49d5c369ff3158b3d9409942db416" + PUBLIC


def restore(name, path):
    """The database that a text of tests/data makes."""
    with open(os.path.join(DATA, name), encoding="utf-8") as text:
        database = sqlite3.connect(path)
        database.executescript(text.read())
        database.close()


def old_server():
    server = rig.Server(os.path.join(rig.folder(), "server.db"))
    restore("server-1.sql", server.db[len("sqlite:"):])
    server.start()
    return server


def old_device(port):
    device = rig.Device()
    os.makedirs(device.path, 0o700)
    restore("journal-1.sql", os.path.join(device.path, "journal.db"))
    identity = os.path.join(device.path, "identity")
    with open(os.open(identity, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as stream:
        json.dump({"enrolled": True, "device": 1, "url": f"http://127.0.0.1:{port}", "site": "CDB", "pins": ["", ""],
                   "public_key": PUBLIC, "secret_key": SECRET}, stream)
    return device


def rows(done):
    return [json.loads(one) for one in done.stdout.splitlines()]


def progress(device):
    """{number: (state, latched)}"""
    return {one["no"]: (one["state"], one["latched"]) for one in rows(device.run("documents", json_out=True))}


def try_alone(checks, device):
    """What needs nobody: the journal verifies, and knows its documents."""
    checks.equal(len(device.journal()), RECORDS, "all records are there")
    checks.equal(device.verify().returncode, 0, "the chain verifies")
    status = rows(device.run("status", json_out=True, operator=None))[0]
    checks.equal((status["last_seq"], status["latched"]), (RECORDS, 1), "it goes on where it stood")


def try_sync(checks, device, server):
    done = device.run("sync", operator=None)
    checks.equal(done.returncode, 0, f"it syncs: {done.stderr.decode()}")
    checks.equal(len(server.rows("records")), RECORDS, "the server has all of them")
    checks.equal(server.rows("conflicts"), [], "nothing is a conflict")
    checks.equal(sorted(one["no"] for one in server.rows("results")), ["SO-1", "SO-3"], "results of what was completed")
    checks.equal(progress(device), {"SO-1": ("complete", 0), "SO-2": ("open", 1), "SO-3": ("complete", 0)},
                 "documents are as they were left")


def try_going_on(checks, device, server):
    """The open order: what was scanned counts, what was undone and what waits does not; then to its end."""
    scanned = device.run("scan", "SO-2", feed="".join(rig.scan(f"S{n:06d}") + "\n" for n in (3, 1, 5, 8)))
    checks.equal([v[:2] for v in rig.verdicts(scanned.stdout)],
                 [("duplicate", "reject"), ("already-shipped", "reject"), ("ok", "accept"), ("over-quantity", "reject")],
                 "the next scans are judged by what was done before")
    done = device.run("complete", "SO-2", "--set-aside")
    checks.equal(done.returncode, 0, f"it is completed: {done.stderr.decode()}")
    done = device.run("sync", operator=None)
    checks.equal(done.returncode, 0, f"it syncs again: {done.stderr.decode()}")
    results = {one["no"]: one for one in server.rows("results")}
    codes = sorted(code for one in results.get("SO-2", {}).get("lines", []) for code in one["codes"])
    checks.equal(codes, [rig.item(f"S{n:06d}") for n in (3, 4, 5)], "its result has what was scanned before and after")
    checks.equal(len(server.rows("records")), len(device.journal()), "each record once")


def try_new_flows(checks, device, server):
    """What there was no word for when these databases were made."""
    done = device.run("start", "scrap", "reason=damaged")
    no = done.stdout.decode().strip()
    checks.equal(done.returncode, 0, f"a flow is started that was not there: {done.stderr.decode()}")
    scanned = device.run("scan", no, feed=rig.scan("S000009") + "\n")
    checks.equal([v[:2] for v in rig.verdicts(scanned.stdout)], [("ok", "accept")], "and counts")
    checks.equal(device.run("complete", no).returncode, 0, "it is completed")
    checks.equal(device.run("sync", operator=None).returncode, 0, "and handed over")
    checks.ok(no in [one["no"] for one in server.rows("results")], "it has a result")
    checks.equal(device.verify().returncode, 0, "the chain verifies in the end")


def main():
    checks = rig.Checks()
    server = old_server()
    device = old_device(server.port)
    try_alone(checks, device)
    try_sync(checks, device, server)
    try_going_on(checks, device, server)
    try_new_flows(checks, device, server)
    checks.ok(server.sound() and device.sound(), "no program said that it was broken")
    server.stop()
    checks.end()


if __name__ == "__main__":
    main()
