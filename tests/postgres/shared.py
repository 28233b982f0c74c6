#!/usr/bin/env python3
"""Several server processes on one PostgreSQL database, and many devices that push and pull at once through all of them. Half of
what each scans all others scan too. Then the same while PostgreSQL is killed and started again, twice.

At the end: each record is there once, as it was journaled, with the verdict that its device was told; whose the contested
goods are was decided once; each order has one result with what was counted; who heard the feed as it came has the same in
the end as who hears it from its beginning.

    shared.py [--long] [--devices N] [--scans N] [--servers N] [--seed N] [--part together|killed]
"""
import argparse
import collections
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests/crash"), os.path.dirname(os.path.abspath(__file__))]
import cluster  # noqa: E402
import rig  # noqa: E402

DEVICES_PROGRAM = os.path.join(rig.BUILD, "postgres/devices")
ITEM = "(01)05901234123457(21)"
SHARED_DOCUMENTS, ORDER_SCANS = 5, 5
DEVICES_S = 100
# when it is killed: a share of all records is there, and a moment later
KILL_AT, KILL_AFTER_S, DOWN_S = (0.2, 0.5), (0.0, 0.05), (0.1, 0.8)
LOOK_S = 0.02
ACCEPTED, REFUSED = 0, 1


def own_orders(devices, scans):
    """With how much is counted on each: five, and on the last one the rest."""
    return {f"own,{n}.{at // ORDER_SCANS}": min(ORDER_SCANS, scans - at)
            for n in range(devices) for at in range(0, scans, ORDER_SCANS)}


class World:
    """A database of its own in the cluster, with servers on it."""

    def __init__(self, checks, postgres, name, servers):
        self.checks, self.postgres = checks, postgres
        postgres.sql(f"CREATE DATABASE {name}")
        self.servers = [rig.Server() for _ in range(servers)]
        for server in self.servers:
            server.db = postgres.url(name)
        self.database = name

    def feed(self, devices, scans):
        def order(doc):
            return rig.line("document", source="t", doc=doc, no="SO", flow="outbound", state="open", group=None,
                            due=None, note="", lines=[{"line": "1", "product": "SEAL", "qty": "100000",
                                                       "tolerance": "0", "lot": None}],
                            **{"from": "site:CDB", "to": "party:D-1"})

        def run(prefix, count, width):
            return rig.line("codes", product="SEAL", lot=None, first=ITEM + prefix + "0" * width,
                            last=ITEM + prefix + str(count - 1).zfill(width), holder="site:CDB")

        lines = [rig.line("region", id="510100", name="C", parent=None),
                 rig.line("site", id="CDB", name="C", kind="warehouse", region="510100", party=None),
                 rig.line("party", id="D-1", name="D", kind="dealer", region="510100", parent=None),
                 rig.line("product", id="SEAL", name="S", gtin=["05901234123457"], unit="u", decimals=0,
                          control="item", pack=[]),
                 run("P", devices * 10000, 7), run("C", 100000, 5)]
        lines += [order(doc) for doc in own_orders(devices, scans)]
        return lines + [order(f"shared,{n}") for n in range(SHARED_DOCUMENTS)]

    def start(self, devices, scans):
        """All at once: on an empty database each of them makes the schema, one is first."""
        threads = [threading.Thread(target=server.start) for server in self.servers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not all(server.process for server in self.servers):
            raise RuntimeError("a server did not start")
        self.servers[0].import_feed(self.feed(devices, scans))

    def run(self, devices, scans, seed, meanwhile=None):
        """What the devices print, as rows."""
        strings = "".join(self.servers[n % len(self.servers)].enrolment("http://127.0.0.1:1") + "\n"
                          for n in range(devices))
        urls = [f"http://127.0.0.1:{server.port}" for server in self.servers]
        start = time.monotonic()
        process = subprocess.Popen([DEVICES_PROGRAM, str(DEVICES_S), str(seed), str(scans), *urls],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        thread = threading.Thread(target=meanwhile, args=(process,)) if meanwhile else None
        if thread:
            thread.start()
        out, errors = process.communicate(strings.encode())
        if thread:
            thread.join()
        self.checks.ok(process.returncode == 0, f"the devices are done: {errors.decode()[-2000:]}")
        self.seconds = time.monotonic() - start
        return [json.loads(row) for row in out.splitlines()]

    def stop(self):
        for server in self.servers:
            self.checks.ok(server.process is not None and server.process.poll() is None, "the server is there still")
            self.checks.equal(server.stop(), 0, "it stops when it is told to")
            self.checks.ok(server.sound(), "its log tells of no programmer's error")


def check_records(checks, world, told):
    """Each record once, as it was journaled, with the verdict that the device was told."""
    words = ["accepted", "refused", "held"]
    stored = collections.Counter()
    known = {(row["device"], row["seq"]): row for row in told}
    for row in world.servers[0].rows("records"):
        at = (row["device"], row["seq"])
        stored[at] += 1
        mine = known.get(at)
        if not checks.ok(mine is not None, f"record {at} was journaled"):
            continue
        same = all(row.get(name) == mine["body"].get(name) for name in ("kind", "doc", "key", "at"))
        checks.ok(same, f"record {at} is as it was journaled")
        checks.equal((row["outcome"], row["word"] or ""), (words[mine["outcome"]], mine["word"]),
                     f"record {at}: what the server has, and what the device was told")
    checks.equal(sum(1 for count in stored.values() if count != 1), 0, "records that are there twice")
    checks.equal(len(known) - len(stored), 0, "records that were acknowledged and are not there")


def check_claims(checks, world, told, devices, scans):
    """Of those who scanned a unit one has it, all others were told so, and a conflict each names the winner."""
    takers, losers = collections.defaultdict(list), collections.defaultdict(list)
    for row in told:
        key = row["body"].get("key", "")
        if row["body"]["kind"] == "scan" and key.startswith(ITEM + "C"):
            (takers if row["outcome"] == ACCEPTED else losers)[key].append(row)
    checks.equal(len(takers), scans, "contested units that somebody has")
    for key, rows in takers.items():
        checks.equal(len(rows), 1, f"who has {key}")
        checks.equal(len(losers[key]), devices - 1, f"who lost {key}")
    lost = {(row["device"], row["seq"]): key for key, rows in losers.items() for row in rows}
    checks.equal({row["word"] for rows in losers.values() for row in rows}, {"lost-claim"}, "what the losers hear")
    conflicts = [row for row in world.servers[-1].rows("conflicts") if row["kind"] == "lost-claim"]
    checks.equal(len(conflicts), len(lost), "conflicts")
    for row in conflicts:
        key = lost.get((row["device"], row["seq"]))
        winner = takers.get(key, [{}])[0]
        checks.equal((row["other"] or {}).get("device"), winner.get("device"), f"the winner of {key} by its conflict")


def check_results(checks, world, devices, scans):
    results = [row for row in world.servers[0].rows("results") if row["doc"].startswith("own,")]
    orders = own_orders(devices, scans)
    checks.equal(sorted(row["doc"] for row in results), sorted(orders), "each order of one's own has one result")
    for row in results:
        checks.equal([line["qty"] for line in row["lines"]], [str(orders[row["doc"]])],
                     f"what was counted on {row['doc']}")


def name_of(line):
    ids = ("code", "first", "id", "party", "doc")
    return (line["type"], next((line[name] for name in ids if name in line), ""), line.get("device"))


def check_feeds(checks, rows, devices, scans):
    """What is told last of each thing."""
    def last(lines):
        return {name_of(line): line for line in lines if line["type"] != "share"}

    fresh = [last(row["lines"]) for row in rows if "fresh" in row]
    pullers = [row for row in rows if "puller" in row]
    checks.ok(len(pullers) > 0, "devices that pulled")
    if not checks.equal(len(fresh), 1, "the feed from its beginning"):
        return
    moved = [name for name in fresh[0] if name[0] == "code" and name[1].startswith(ITEM + "P")]
    checks.equal(len(moved), devices * scans, "units that the feed says have moved")
    for row in pullers:
        heard = last(row["lines"])
        missing = [name for name in fresh[0] if heard.get(name) != fresh[0][name]]
        checks.equal(missing[:3], [], f"device {row['puller']}: what {len(missing)} of it heard otherwise or not at all")


def record_count(devices, scans):
    """What the devices journal in all."""
    return devices * (2 * scans + 1) + 2 * len(own_orders(devices, scans))


def check_all(checks, world, rows, devices, scans):
    told = [row for row in rows if "seq" in row]
    checks.equal(len(told), record_count(devices, scans), "records that were acknowledged")
    check_records(checks, world, told)
    check_claims(checks, world, told, devices, scans)
    check_results(checks, world, devices, scans)
    check_feeds(checks, rows, devices, scans)
    sums = [row for row in rows if "again" in row][0]
    checks.equal(sums["silent"], 0, "refusals that did not say when to come again")
    again = world.postgres.sql(f"SELECT xact_rollback FROM pg_stat_database WHERE datname = '{world.database}'")
    print(f"figure: {len(world.servers)} servers, {devices} devices, {len(told)} records in {world.seconds:.1f} s; "
          f"{sums['again']} exchanges again, {again} transactions rolled back")
    return sums


def history(server):
    """What any reply says; while the database is away it is refused."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/v1/health")
    answer = connection.getresponse()
    body = json.loads(answer.read())
    return body["history"] if answer.status == 200 else None


def check_lives(checks, world, first):
    """Killed and started again it is the same database; a standby that takes over may lack what was acknowledged."""
    before = {history(server) for server in world.servers}
    checks.equal(before, {first}, "all servers name the history that there was from the start")
    world.postgres.live_again()
    after = set()
    for server in world.servers:
        checks.ok(rig.wait_for(lambda server=server: history(server), "the server is back"), "the server is back")
        after.add(history(server))
    checks.equal(len(after), 1, "all servers of a database in another life name one history")
    checks.equal(before & after, set(), "it is another one")


def killing(postgres, draw, kills, records):
    """Ends PostgreSQL and starts it again, while the devices are at it: however fast they are."""
    def work(process):
        for share in KILL_AT:
            while int(postgres.sql("SELECT count(*) FROM record", "killed")) < share * records:
                if process.poll() is not None:
                    return
                time.sleep(LOOK_S)
            time.sleep(draw.uniform(*KILL_AFTER_S))
            if process.poll() is not None:
                return
            postgres.kill()
            kills.append(1)
            time.sleep(draw.uniform(*DOWN_S))
            postgres.start()
    return work


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--devices", type=int, default=50)
    parser.add_argument("--scans", type=int, default=0)
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", choices=("together", "killed"))
    options = parser.parse_args()
    scans = options.scans or (100 if options.long else 20)
    checks, draw, kills = rig.Checks(), random.Random(options.seed), []
    postgres = cluster.Cluster(safe=True).start()
    killer = killing(postgres, draw, kills, record_count(options.devices, scans))
    for name, meanwhile in (("together", None), ("killed", killer)):
        if options.part not in (None, name):
            continue
        world = World(checks, postgres, name, options.servers)
        world.start(options.devices, scans)
        first = history(world.servers[0])
        rows = world.run(options.devices, scans, options.seed, meanwhile)
        sums = check_all(checks, world, rows, options.devices, scans)
        if meanwhile:
            check_lives(checks, world, first)
        world.stop()
        if meanwhile:
            checks.equal(len(kills), len(KILL_AT), "times that PostgreSQL was killed")
            checks.ok(sums["again"] > 0, "some exchange met a PostgreSQL that was not there")
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
