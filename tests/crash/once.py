#!/usr/bin/env python3
"""Exactly once: two devices and a server over a network that loses, cuts, repeats and delays requests and answers, with
the server and `tallyman sync` ended by SIGKILL at random moments, also between commit and answer.

At the end the server's records equal each device's journal, each once, and `results` has each order once, with what the
journal says was scanned, and each packing job what it packed.

    once.py [--long] [--rounds N] [--seed N]
"""
import argparse
import json
import random
import time

import proxy
import rig

ROUNDS, ROUNDS_LONG = 10, 100
DEVICES = 2
ROUND_SCANS = 30
BIG_ROUND, BIG_SCANS = 3, 620   # more than one batch
ATTEMPTS = 7
KILL_SYNC_S = 0.25
FINAL_ATTEMPTS = 5
CLOSE_EVERY = 4                 # rounds in one order
CASE_ITEMS = 3
LABELS_APART = 10000            # of two devices

WEIGHTS = {"pass": 10, "lose-request": 3, "cut-request": 2, "lose-answer": 4, "cut-answer": 3, "repeat": 3, "late": 2,
           "delay": 2, "kill-in-request": 3, "kill-answer-lost": 2, "kill-answer-heard": 4}


class World:
    """Server, network and devices."""

    def __init__(self, draw, rounds):
        self.draw, self.server = draw, rig.Server()
        self.orders = rounds // CLOSE_EVERY + 1
        feed = rig.base_feed()
        for n in range(DEVICES):
            feed += [rig.order(f"SO-{n}-{m}", 100000) for m in range(self.orders)]
            feed.append(rig.serials(f"D{n}", rounds * ROUND_SCANS + BIG_SCANS))
            feed.append(rig.serials(f"P{n}", rounds * CASE_ITEMS))
        self.server.import_feed(feed)
        self.server.start()
        self.network = proxy.Proxy(self.server, draw)
        self.devices = [rig.Device() for _ in range(DEVICES)]
        self.used = [0] * DEVICES
        self.killed_syncs = 0

    def serving(self):
        if not self.server.process:
            self.server.start()

    def bad_network(self):
        actions = self.draw.choices(list(WEIGHTS), list(WEIGHTS.values()), k=1000)
        self.network.plan = lambda path: actions.pop() if actions else "pass"

    def good_network(self):
        self.network.plan = lambda path: "pass"


def enrol(checks, world):
    """Lost answers burn nothing: the same string again until it works."""
    for n, device in enumerate(world.devices):
        world.serving()
        string = world.server.enrolment(world.network.url)
        for action in ("lose-answer", "kill-answer-lost", "cut-answer", "pass"):
            world.serving()
            world.network.plan = lambda path, action=action: action
            done = device.run("enrol", string, operator=None)
        checks.equal(done.returncode, 0, f"device {n} enrols in the end: {done.stderr.decode()}")
    world.serving()
    checks.equal(len(world.server.rows("devices")), DEVICES, "each device was enrolled once")


def sync_once(world, device, kill):
    """One `tallyman sync`, perhaps ended at some moment; True when it said that all is done."""
    world.serving()
    process = device.start(*(("sync", "--watch") if kill and world.draw.random() < 0.5 else ("sync",)))
    process.stdin.close()
    if kill:
        time.sleep(world.draw.random() * KILL_SYNC_S)
        world.killed_syncs += process.poll() is None
        rig.kill(process)
    process.stdout.read()
    return process.wait(rig.WAIT_S) == 0


def work(world, n, turn):
    """A round's scans: good ones, one twice, one taken back; now and then the order is completed."""
    device, doc = world.devices[n], f"SO-{n}-{turn // CLOSE_EVERY}"
    count = BIG_SCANS if turn == BIG_ROUND and n == 0 else ROUND_SCANS
    first = world.used[n] + 1
    world.used[n] += count
    fed = [rig.scan(f"D{n}{first + i:06d}") for i in range(count)]
    done = device.run("scan", doc, feed="".join(one + "\n" for one in fed + fed[-1:]))
    if done.returncode != 0:
        raise RuntimeError(f"scan: {done.stderr.decode()}")
    last = max(r["seq"] for r in device.journal() if r["kind"] == "scan" and r["severity"] == "accept")
    device.run("undo", doc, str(last))
    if turn % CLOSE_EVERY == CLOSE_EVERY - 1:
        done = device.run("complete", doc, "--short", "customer")
        if done.returncode != 0:
            raise RuntimeError(f"complete: {done.stderr.decode()}")


def pack(world, n, turn):
    """A case of a round: items, then its label."""
    device = world.devices[n]
    doc = device.run("start", "pack").stdout.decode().strip()
    fed = [rig.scan(f"P{n}{turn * CASE_ITEMS + i + 1:06d}") for i in range(CASE_ITEMS)]
    done = device.run("scan", doc, feed="".join(one + "\n" for one in fed + [rig.label(n * LABELS_APART + turn)]))
    if [v[1] for v in rig.verdicts(done.stdout)] != ["accept"] * (CASE_ITEMS + 1):
        raise RuntimeError(f"pack: {done.stdout.decode()}{done.stderr.decode()}")
    if device.run("complete", doc).returncode != 0:
        raise RuntimeError("pack: it can't be completed")


def heard_is_kept(checks, world, n):
    """A push is answered, and in that moment the server dies: what the device was told is acknowledged is there."""
    device = world.devices[n]
    world.network.plan = lambda path: "kill-answer-heard" if path.startswith("/v1/push") else "pass"
    sync_once(world, device, kill=False)
    world.serving()
    status = json.loads(device.run("status", json_out=True, operator=None).stdout)
    there = [r["seq"] for r in world.server.rows("records") if r["device"] == status["device"]]
    checks.ok(status["acked_seq"] <= max(there, default=0),
              f"device {n}: {status['acked_seq']} was acknowledged, the server has {max(there, default=0)}")


def rounds(checks, world, count):
    for turn in range(count):
        for n in range(DEVICES):
            work(world, n, turn)
            pack(world, n, turn)
            if turn % 2:
                heard_is_kept(checks, world, n)
        world.bad_network()
        for _ in range(ATTEMPTS):
            for device in world.devices:
                sync_once(world, device, kill=world.draw.random() < 0.3)


def finish(checks, world):
    world.good_network()
    for n, device in enumerate(world.devices):
        done = any(sync_once(world, device, kill=False) for _ in range(FINAL_ATTEMPTS))
        checks.ok(done, f"device {n} syncs when the network is good again")


# ---- what has to be true then ----

COMPARED = ("epoch", "seq", "at", "kind", "doc", "line", "key", "reason", "severity", "findings", "qty", "operator")


def comparable(record):
    return tuple(str(record.get(name) or "") for name in COMPARED)


def check_records(checks, world):
    rows = world.server.rows("records")
    total = 0
    for n, device in enumerate(world.devices):
        journal = [r for r in device.journal() if r["device"]]
        number = journal[0]["device"]
        mine = [r for r in rows if r["device"] == number]
        keys = [(r["epoch"], r["seq"]) for r in mine]
        checks.equal(len(keys), len(set(keys)), f"device {n}: each record once")
        mine.sort(key=lambda r: (r["epoch"], r["seq"]))
        checks.equal(len(mine), len(journal), f"device {n}: as many records as the journal has")
        for theirs, ours in zip(mine, journal):
            if not checks.equal(comparable(theirs), comparable(ours), f"device {n}: record {ours['seq']}"):
                break
        checks.equal(device.verify().returncode, 0, f"device {n}: the chain verifies")
        total += len(mine)
    checks.equal(len(rows), total, "the server has no other records")
    return total


def shipped(journal, doc):
    """Keys that a document's records come to."""
    scans = {r["seq"]: r["key"] for r in journal if r["kind"] == "scan" and r["doc"] == doc
             and r["severity"] in ("accept", "warn") and r["qty"] != "0"}
    for record in journal:
        if record["kind"] == "undo":
            scans.pop(record["ref"], None)
    return sorted(scans.values())


def check_results(checks, world):
    results = world.server.rows("results")
    checks.equal(len({r["id"] for r in results}), len(results), "each result has its own id")
    for n, device in enumerate(world.devices):
        journal = device.journal()
        for doc in {r["doc"] for r in journal if r["kind"] == "complete"}:
            mine = [r for r in results if f"{r['source']}:{r['doc']}" == doc]
            if not checks.equal(len(mine), 1, f"device {n}: {doc} has one result"):
                continue
            rows = mine[0]["lines"] + mine[0].get("extra", [])
            codes = sorted(code for one in rows for code in one["codes"])
            checks.equal(codes, shipped(journal, doc), f"device {n}: {doc} has what the journal says")
            checks.equal(sum(int(one["qty"]) for one in rows), len(codes), f"{doc}: quantity")
    closed = sum(r["kind"] == "complete" for device in world.devices for r in device.journal())
    checks.equal(len(results), closed, "as many results as orders were completed")
    return closed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    count = options.rounds or (ROUNDS_LONG if options.long else ROUNDS)
    checks, world = rig.Checks(), World(random.Random(options.seed), count)
    enrol(checks, world)
    world.good_network()
    for n, device in enumerate(world.devices):
        checks.ok(sync_once(world, device, kill=False), f"device {n} fetches its catalog")
    rounds(checks, world, count)
    finish(checks, world)
    records = check_records(checks, world)
    closed = check_results(checks, world)
    checks.equal(world.server.rows("conflicts"), [], "nobody was refused")
    checks.ok(world.server.sound() and all(device.sound() for device in world.devices),
              "no program said that it was broken")
    faults = ", ".join(f"{name} {number}" for name, number in world.network.done.items())
    print(f"figure: {records} records, {closed} results; requests: {faults}; {world.killed_syncs} syncs killed, "
          f"seed {options.seed}")
    checks.end()


if __name__ == "__main__":
    main()
