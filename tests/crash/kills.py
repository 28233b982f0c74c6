#!/usr/bin/env python3
"""Real processes, over HTTPS: `tallyman sync` and the server end by SIGKILL at random moments while a long journal is pushed
and a long feed is pulled; now one of them, now both at once. The server is started again on the same database and port.

After each kill: what the device was told is acknowledged is there. At the end: the server's records are the journal's, byte
for byte, each once; the chain holds on both sides, made anew from the bytes; each order has one result, with what was
scanned for it; and the device has all that was told meanwhile.

    kills.py [--long] [--kills N] [--records N] [--seed N]      30 kills and 20,000 records; long: 300 and 100,000
"""
import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import sqlite3
import time

import rig

KILLS, KILLS_LONG = 30, 300
RECORDS, RECORDS_LONG = 20000, 100000
ORDER_SCANS = 5000
LATE_ORDERS = 3000          # told after the journal was written: three pages to pull
PUSHING = 0.9               # of the kills; the rest are for the pull
FIRST_MOMENT_S = 0.2        # a kill comes within so long of the start; adapted, so that the kills meet all of the work
MOMENT_MIN_S, MOMENT_MAX_S = 0.01, 1.0
FASTER, SLOWER = 0.75, 1.25
TOO_LATE_MOST = 4           # kills that found nobody at work, for each that did
FINAL_ATTEMPTS = 5
VICTIMS = {"client": 45, "server": 35, "both": 20}


class Secure(rig.Server):
    """A server that speaks HTTPS on loopback, on one port for its life."""

    def options(self):
        return ["--listen", f"127.0.0.1:{self.port or 0}", "--tls"]

    def ask(self, text, *values):
        """Beside the server, and only reading."""
        path = self.db.removeprefix("sqlite:")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=rig.WAIT_S)) as db:
            return db.execute(text, values).fetchall()


class World:
    def __init__(self, draw, records):
        self.draw, self.server = draw, Secure()
        self.orders = max(records // ORDER_SCANS, 1)
        self.scans = records // self.orders - 2  # of each order; beside them it is opened and completed
        self.server.import_feed(rig.base_feed() + [rig.order(f"SO-{n}", self.scans) for n in range(self.orders)] +
                                [rig.serials(f"S{n:03d}", self.scans) for n in range(self.orders)])
        self.server.start()
        self.device = self.journaled()
        self.server.import_feed(rig.order(f"LATE-{n}", 1) for n in range(LATE_ORDERS))
        self.last = self.status()["last_seq"]
        self.done = dict.fromkeys(VICTIMS, 0)
        self.too_late = self.acked = 0

    def journaled(self):
        """A device with whole orders, scanned without a network; in memory, since no scan is killed here."""
        memory = rig.folder(in_memory=True)
        self.device = rig.Device(os.path.join(memory, "data"))
        string = self.server.run("enrol", "--site", "CDB").splitlines()[-1]
        if self.device.run("enrol", string, operator=None).returncode or self.sync():
            raise RuntimeError("the device can't be enrolled")
        for n in range(self.orders):
            self.scan(n)
        device = rig.Device()
        shutil.move(self.device.path, device.path)
        return device

    def scan(self, n):
        feed = "".join(rig.scan(f"S{n:03d}{i:06d}") + "\n" for i in range(1, self.scans + 1))
        said = rig.verdicts(self.device.run("scan", f"SO-{n}", feed=feed, seconds=5 * rig.WAIT_S).stdout)
        if [one[1] for one in said] != ["accept"] * self.scans:
            raise RuntimeError(f"SO-{n} can't be scanned: {said[-1:]}")
        if self.device.run("complete", f"SO-{n}").returncode:
            raise RuntimeError(f"SO-{n} can't be completed")

    def sync(self):
        return self.device.run("sync", operator=None, seconds=5 * rig.WAIT_S).returncode

    def status(self):
        return json.loads(self.device.run("status", json_out=True, operator=None).stdout)


def kill_once(world, within_s):
    """One sync, and who is drawn dies at some moment of it; True when it was still at work then."""
    victim = world.draw.choices(list(VICTIMS), list(VICTIMS.values()))[0]
    moment_s = world.draw.random() * within_s
    client = world.device.start("sync")
    client.stdin.close()
    time.sleep(moment_s)
    working = client.poll() is None
    if victim != "client":
        world.server.kill()
    if victim != "server":
        rig.kill(client)
    client.stdout.read()
    client.wait(rig.WAIT_S)  # who lost its server says so, and ends
    if not world.server.process:
        world.server.start()
    world.done[victim] += working
    world.too_late += not working
    return working


def kept(checks, world):
    """What was acknowledged is on the server, and no more than was journaled."""
    acked = world.status()["acked_seq"]
    there = world.server.ask("SELECT coalesce(max(seq), 0) FROM record")[0][0]
    checks.ok(world.acked <= acked <= there <= world.last,
              f"{acked} was acknowledged (before it {world.acked}), the server has {there} of {world.last}")
    world.acked = acked


def kills(checks, world, count):
    """The moments shorten when the work goes faster than the kills, or was over before one, and lengthen when slower."""
    within_s, done = FIRST_MOMENT_S, 0
    while done < count and world.too_late < TOO_LATE_MOST * count:
        met = kill_once(world, within_s)
        done += met
        kept(checks, world)
        ahead = world.acked / world.last > done / (PUSHING * count)
        within_s = min(max(within_s * (FASTER if ahead or not met else SLOWER), MOMENT_MIN_S), MOMENT_MAX_S)
    checks.equal(done, count, "as many met a sync at work")


# ---- what has to be true then ----

def chain(bodies):
    head = bytes(32)
    for body in bodies:
        head = hashlib.blake2b(head + body, digest_size=32).digest()
    return head


def as_bytes(value):
    return value.encode() if isinstance(value, str) else value


def check_records(checks, world):
    number = world.status()["device"]
    theirs = world.server.ask("SELECT seq, body, hash, outcome FROM record WHERE device = ? AND epoch = 1 ORDER BY seq", number)
    checks.equal(world.server.ask("SELECT count(*) FROM record")[0][0], len(theirs), "no other records")
    with contextlib.closing(sqlite3.connect(f"file:{world.device.path}/journal.db?mode=ro", uri=True)) as db:
        ours = db.execute("SELECT seq, body, hash FROM record ORDER BY seq").fetchall()
    checks.equal([row[0] for row in theirs], list(range(1, world.last + 1)), "each record once")
    checks.equal([as_bytes(row[1]) for row in theirs], [as_bytes(row[1]) for row in ours], "byte for byte the journal's")
    checks.equal(len({row[3] for row in theirs}), 1, "each was accepted")
    for rows, whose in ((theirs, "server"), (ours, "device")):
        checks.equal(chain(as_bytes(row[1]) for row in rows), rows[-1][2], f"the chain holds on the {whose}")
    checks.equal(world.device.verify().returncode, 0, "the device finds its chain whole")


def check_results(checks, world):
    results = world.server.rows("results")
    checks.equal(sorted(one["no"] for one in results), sorted(f"SO-{n}" for n in range(world.orders)), "one result an order")
    for one in results:
        codes = [code for row in one["lines"] + one.get("extra", []) for code in row["codes"]]
        wanted = [rig.item(f"S{int(one['no'][3:]):03d}{i:06d}") for i in range(1, world.scans + 1)]
        checks.equal(sorted(codes), wanted, f"{one['no']} has what was scanned for it, once")


def check_device(checks, world):
    status = world.status()
    checks.equal((status["acked_seq"], status["applied_seq"]), (world.last, world.last), "nothing waits")
    told = {one.split("\t")[0] for one in world.device.run("documents").stdout.decode().splitlines()}
    checks.ok({f"LATE-{n}" for n in range(LATE_ORDERS)} <= told, "it has all that was told meanwhile")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--kills", type=int)
    parser.add_argument("--records", type=int)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    count = options.kills or (KILLS_LONG if options.long else KILLS)
    print(f"seed {options.seed}", flush=True)
    begin = time.monotonic()
    checks, world = rig.Checks(), World(random.Random(options.seed),
                                        options.records or (RECORDS_LONG if options.long else RECORDS))
    ready = time.monotonic()
    kills(checks, world, count)
    killed = time.monotonic()
    early = world.acked
    checks.ok(any(world.sync() == 0 for _ in range(FINAL_ATTEMPTS)), "left alone, it syncs to the end")
    check_records(checks, world)
    check_results(checks, world)
    check_device(checks, world)
    checks.equal(world.server.rows("conflicts"), [], "nobody was refused")
    checks.equal(world.server.stop(), 0, "the server ends in good order")
    checks.ok(world.server.sound() and world.device.sound(), "no program said that it was broken")
    print(f"figure: {world.last} records over HTTPS, {early} of them acknowledged between {count} kills (client "
          f"{world.done['client']}, server {world.done['server']}, both {world.done['both']}; {world.too_late} came too "
          f"late); {ready - begin:.0f} s to scan, {killed - ready:.0f} s of kills, seed {options.seed}")
    checks.end()


if __name__ == "__main__":
    main()
