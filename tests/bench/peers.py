#!/usr/bin/env python3
"""`make bench-peers`: the same records pushed by `tallyman sync` and by PouchDB 9, in turns; a row in build/bench.json.

    peers.py [--records N] [--rounds N]      100,000 records, 3 rounds

Ours: the journal as `tallyman scan` wrote it, over HTTPS to a server on SQLite, signed, chained, each scan a claim that is
decided, each batch durable before it is acknowledged; the whole process is timed, from its start to its end, pull included.
PouchDB: the same JSON, a document a record, already in a LevelDB; one replication over plain HTTP to express-pouchdb on
LevelDB, once with its own batches (100) and once with big ones; only the replication is timed. Both ends are on this
machine, and begin each time from the same state. The packages come by npm into ~/.cache/tallyman-peers.
"""
import argparse
import contextlib
import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "crash"))
import rig  # noqa: E402

CACHE = os.path.expanduser("~/.cache/tallyman-peers")
PACKAGES = {"pouchdb": "9.0.0", "express-pouchdb": "4.2.0", "express": "4.22.3"}
INSTALL_S, PEER_S = 600, 1800
ORDER_SCANS = 5000
OWN_BATCH, BIG_BATCH = 0, 1000  # 0: what PouchDB takes by itself
BUDGET = 10.0


class Stopwatch:
    """Seconds on the wall, and of processors: of the pushing program, which ends within it, and of the server `pid`."""

    def __init__(self, pid):
        self.pid, self.wall, self.cpu = pid, time.monotonic(), self.used(pid)

    @staticmethod
    def used(pid):
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return ended.ru_utime + ended.ru_stime + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        return time.monotonic() - self.wall, self.used(self.pid) - self.cpu


# ---- ours ----

class Secure(rig.Server):
    """HTTPS, on one port: the copies that are served are the same server to the device."""

    def __init__(self, path, port=0):
        super().__init__(path)
        self.port = port

    def options(self):
        return ["--listen", f"127.0.0.1:{self.port or 0}", "--tls"]


def prepare(folder, records):
    """A server with orders, a device that has scanned them and has pushed nothing; the server's port."""
    os.makedirs(folder)
    server, device = Secure(os.path.join(folder, "server.db")), rig.Device(os.path.join(folder, "device"))
    orders = max(records // ORDER_SCANS, 1)
    scans = records // orders - 1
    server.import_feed(rig.base_feed() + [rig.order(f"SO-{n}", scans) for n in range(orders)] +
                       [rig.serials(f"S{n:03d}", scans) for n in range(orders)])
    server.start()
    string = server.run("enrol", "--site", "CDB").splitlines()[-1]
    if device.run("enrol", string, operator=None).returncode or device.run("sync", operator=None).returncode:
        raise RuntimeError("the device can't be enrolled")
    for n in range(orders):
        feed = "".join(rig.scan(f"S{n:03d}{i:06d}") + "\n" for i in range(1, scans + 1))
        if device.run("scan", f"SO-{n}", feed=feed, seconds=PEER_S).returncode:  # in memory: scanning is not measured
            raise RuntimeError(f"SO-{n} can't be scanned")
    server.stop()
    return server.port


def journal(folder):
    with contextlib.closing(sqlite3.connect(f"file:{folder}/device/journal.db?mode=ro", uri=True)) as db:
        return [row[0] for row in db.execute("SELECT body FROM record ORDER BY seq")]


def own_push(prepared, work, port, count):
    """Seconds on the wall and of processors."""
    shutil.copytree(prepared, work, ignore=shutil.ignore_patterns("*.sock", "lock"))
    server, device = Secure(os.path.join(work, "server.db"), port), rig.Device(os.path.join(work, "device"))
    server.start()
    os.sync()
    watch = Stopwatch(server.process.pid)
    done = device.run("sync", operator=None, json_out=True, seconds=PEER_S)
    took = watch.stop()
    server.stop()
    with contextlib.closing(sqlite3.connect(os.path.join(work, "server.db"))) as db:
        there = db.execute("SELECT count(*), count(DISTINCT outcome) FROM record").fetchone()
    if done.returncode or there != (count, 1):
        raise RuntimeError(f"ours: {done.returncode}, {there}: {done.stderr.decode()}")
    shutil.rmtree(work)
    return took


# ---- the peer ----

def node(*arguments, **options):
    return ["node", os.path.join(HERE, "peers.js"), *arguments], {
        "env": {**os.environ, "NODE_PATH": os.path.join(CACHE, "node_modules"), "NODE_ENV": "production"}, **options}


def run_node(*arguments, feed=None):
    command, options = node(*arguments)
    done = subprocess.run(command, input=feed, capture_output=True, text=True, timeout=PEER_S, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{arguments[0]}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def install():
    """What lacks, in words; "" nothing."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "node and npm are not there (apt install nodejs npm)"
    os.makedirs(CACHE, exist_ok=True)
    wanted = {"private": True, "dependencies": PACKAGES}
    path, done = os.path.join(CACHE, "package.json"), os.path.join(CACHE, "installed.json")
    if os.path.exists(done):
        with open(done, encoding="utf-8") as stream:
            if json.load(stream) == PACKAGES:
                return ""
    with open(path, "w", encoding="utf-8") as stream:
        json.dump(wanted, stream)
    got = subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=CACHE, capture_output=True, text=True,
                         timeout=INSTALL_S, check=False)
    if got.returncode:
        return "the packages can't be had: " + got.stderr[-500:]
    with open(done, "w", encoding="utf-8") as stream:
        json.dump(PACKAGES, stream)
    return ""


def peer_push(filled, work, batch, count):
    """The same; of processors with the start of the pushing program, which is not much."""
    shutil.copytree(filled, os.path.join(work, "device"))
    os.makedirs(os.path.join(work, "server"))
    command, options = node("serve", os.path.join(work, "server"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True)
    with subprocess.Popen(command, **options) as serving:
        try:
            address = serving.stdout.readline().strip()
            os.sync()
            watch = Stopwatch(serving.pid)
            told = run_node("push", os.path.join(work, "device"), address, str(batch))
            cpu = watch.stop()[1]
        finally:
            serving.stdin.close()
            serving.wait(rig.WAIT_S)
    if (told["written"], told["there"]) != (count, count):
        raise RuntimeError(f"the peer: {told}")
    shutil.rmtree(work)
    return told["seconds"], cpu


# ---- in turns ----

def keep(row):
    path = os.path.join(rig.ROOT, "build", "bench.json")
    kept = {"rows": []}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as stream:
            kept = json.load(stream)
    kept["rows"] = [one for one in kept["rows"] if one["row"] != row["row"]] + [row]
    with open(path, "w", encoding="utf-8") as stream:
        json.dump(kept, stream, indent=1)
        stream.write("\n")


def measure(work, records, rounds):
    prepared, filled = os.path.join(rig.folder(in_memory=True), "prepared"), os.path.join(work, "filled")
    port = prepare(prepared, records)
    bodies = journal(prepared)
    count = len(bodies)
    os.makedirs(filled)
    if run_node("fill", filled, feed="".join(body + "\n" for body in bodies)) != count:
        raise RuntimeError("the peer has not all documents")
    own, small, big = [], [], []
    for turn in range(rounds):
        own.append(own_push(prepared, os.path.join(work, "own"), port, count))
        small.append(peer_push(filled, os.path.join(work, "peer"), OWN_BATCH, count))
        big.append(peer_push(filled, os.path.join(work, "peer"), BIG_BATCH, count))
        print(f"        round {turn + 1}: ours {own[-1][0]:.2f} s ({own[-1][1]:.2f} of processors), PouchDB {small[-1][0]:.1f} s "
              f"({small[-1][1]:.1f}) in its own batches, {big[-1][0]:.1f} s ({big[-1][1]:.1f}) in batches of {BIG_BATCH}", flush=True)
    return count, sum(map(len, bodies)) / count, [
        [count / statistics.median(one[kind] for one in times) for kind in (0, 1)] for times in (own, small, big)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    lacks = install()
    if lacks:
        print(f"skipped: {lacks}")
        return 0
    os.chdir(rig.ROOT)
    os.makedirs("build", exist_ok=True)
    work = os.path.abspath(tempfile.mkdtemp(prefix="bench-", dir="build"))
    try:
        count, mean, (own, small, big) = measure(work, options.records, options.rounds)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    (ratio, ratio_cpu), (ratio_big, ratio_big_cpu) = ([own[kind] / peer[kind] for kind in (0, 1)] for peer in (small, big))
    text = (f"{count:,} records of {mean:.0f} bytes to the other end: {own[0]:,.0f} a second over HTTPS, signed, claimed, durable; PouchDB "
            f"{PACKAGES['pouchdb']} to express-pouchdb {small[0]:,.0f} in its own batches, {big[0]:,.0f} in batches of {BIG_BATCH}; "
            f"{ratio:.1f} x it as it comes, budget {BUDGET:.0f}, and {ratio_big:.1f} x; of processors {ratio_cpu:.1f} x and "
            f"{ratio_big_cpu:.1f} x")
    print(f"{'within ' if ratio >= BUDGET else 'OVER   '} peers    {text}")
    keep({"row": "peers", "text": text, "within": ratio >= BUDGET, "records": count, "rounds": options.rounds,
          "own_per_second": own[0], "peer_per_second": small[0], "peer_big_per_second": big[0], "ratio": ratio,
          "ratio_big": ratio_big, "ratio_processors": ratio_cpu, "ratio_big_processors": ratio_big_cpu})
    return 0


if __name__ == "__main__":
    sys.exit(main())
