"""The bench's rows of the server: what it takes in, over HTTPS, and the catalog as one file that it makes and gives out."""
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

import byhand
import feed
from line import Line

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SWAP_SCANS = 8000
PART = 1_000_000   # codes that the data centre tells at once, in order: a book of ten million comes as ten files
CUTS = 20
PUSHED, PUSH_ROUNDS = 100_000, 5
FETCHES = 5
WATCH_S = 600
# what a server's book of codes, and the snapshot of it, depend on
MAKES_BOOKS = ("import", "units", "entities", "changes", "told", "scope", "migrations", "query", "snapshot_make", "shelf", "movements")


def p99(values):
    """The 99th centile: the smallest value that 99 of 100 don't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, -(-99 * len(ordered) // 100) - 1)]


class Serving:
    """A server on a database, over HTTPS, as long as it is needed."""

    def __init__(self, bench, database):
        self.bench, self.database = bench, database

    def __enter__(self):
        with open(self.database + ".log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([f"{self.bench.build}/tallyman-server", "--db", self.database, "--listen", "127.0.0.1:0",
                                             "--tls"], env=self.bench.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.port = int(self.url.rsplit(":", 1)[1])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.process.stdout.close()

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            return sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def enrolment(self, site="CDB", port=None):
        return self.bench.server(self.database, "enrol", "--site", site, "--url",
                                 f"https://127.0.0.1:{port or self.port}").splitlines()[-1]


class ServerSide:
    """Rows of tests/bench/bench."""

    def server(self, database, *arguments):
        return subprocess.run([f"{self.build}/tallyman-server", "--db", database, *arguments], env=self.environment, check=True,
                              capture_output=True, text=True).stdout

    # ---- a push ----

    def push(self):
        """A hundred thousand scans of registered goods, each a claim, by one device over HTTPS; then all of it once more; in
        turns with one process that inserts the same rows."""
        base = os.path.join(self.work, "push.db")
        with subprocess.Popen([f"{self.build}/bench/push", "codes", str(PUSHED)], stdout=subprocess.PIPE) as telling:
            subprocess.run([f"{self.build}/tallyman-server", "--db", base, "import", "-"], env=self.environment, check=True,
                           stdin=telling.stdout, stdout=subprocess.DEVNULL)
        rounds = [self.push_round(base) for _ in range(PUSH_ROUNDS)]
        own, again, rows = (statistics.median(one[name] for one in rounds) for name in ("seconds", "again_seconds", "rows_seconds"))
        ratio = statistics.median(one["rows_seconds"] / one["seconds"] for one in rounds)
        faster = statistics.median(one["seconds"] / one["again_seconds"] for one in rounds)
        load = os.getloadavg()[0]
        self.row("push", f"{PUSHED:,} records with claims over HTTPS: {own:.2f} s, {PUSHED / own:.0f} a second; the same rows inserted in "
                 f"one process {rows:.2f} s; {ratio:.2f} x, budget 0.5; load {load:.1f}", ratio >= 0.5, seconds=own, baseline_seconds=rows,
                 ratio=ratio, rounds=rounds, load=load)
        self.row("repeat", f"the same push repeated: {again:.2f} s, {faster:.1f} x faster, budget 3", faster >= 3, seconds=again, ratio=faster)
        self.push_wire(base, statistics.median(one["rows_cpu_seconds"] for one in rounds))

    def push_wire(self, base, rows_cpu):
        """Over a line that counts; and what of the processors it takes, the device's part included, whoever else uses them."""
        with Serving(self, base) as serving:
            line = Line(serving.port)
            before = serving.cpu_seconds()
            told = self.push_go(serving, line.port, "once")
            cpu = serving.cpu_seconds() - before + told["cpu_seconds"]
            line.close()
        raw, up, down = told["raw_bytes"], line.up, line.down
        self.row("wire", f"{raw / 1e6:.1f} MB of records in batches of 500: {up / raw:.3f} x on the wire with HTTP and TLS, budget 0.12 "
                 f"(bodies alone {told['body_bytes'] / raw:.3f}); {down / raw:.3f} x come back; {cpu:.2f} s of processors on both ends, the rows alone {rows_cpu:.2f} s, {rows_cpu / cpu:.2f} x", up / raw <= 0.12, raw_bytes=raw, up=up,
                 down=down, ratio=up / raw, cpu_seconds=cpu, rows_cpu_seconds=rows_cpu)

    def push_round(self, base):
        database, rows = os.path.join(self.work, "pushed.db"), os.path.join(self.work, "rows.db")
        for path in (database, rows):
            shutil.copy(base, path)
        os.sync()
        with Serving(self, database) as serving:
            told = self.push_go(serving)
        os.sync()
        inserted = json.loads(subprocess.run([f"{self.build}/bench/push", "rows", database, rows, str(PUSHED)], check=True,
                                             capture_output=True, text=True).stdout)
        if told["refused"] or [inserted[table] for table in ("record", "claim", "tally")] != [PUSHED, PUSHED - 1, PUSHED - 1]:
            raise RuntimeError(f"not what was meant: {told} {inserted}")
        for path in (database, rows):
            for end in ("", "-wal", "-shm", ".key", ".key-next", ".lock", ".log"):
                if os.path.exists(path + end):
                    os.remove(path + end)
        return {**told, "rows_seconds": inserted["seconds"], "rows_cpu_seconds": inserted["cpu_seconds"]}

    def push_go(self, serving, port=None, *how):
        ran = subprocess.run([f"{self.build}/bench/push", "go", str(PUSHED), *how], input=serving.enrolment("S1", port) + "\n", check=True,
                             capture_output=True, text=True)
        return json.loads(ran.stdout)

    # ---- many at once ----

    def load(self):
        """tests/bench/load.py with its figures as a row."""
        path = os.path.join(self.work, "load.json")
        ran = subprocess.run([sys.executable, os.path.join(ROOT, "tests", "bench", "load.py")], capture_output=True, text=True, check=False,
                             env={**self.environment, "TALLYMAN_BUILD": self.build, "LOAD_FIGURES": path})
        if ran.returncode:
            raise RuntimeError(ran.stdout[-2000:] + ran.stderr[-2000:])
        with open(path, encoding="utf-8") as stream:
            figures = json.load(stream)
        self.row("load", "; ".join(line.split(": ", 1)[1] for line in ran.stdout.splitlines() if line.startswith("figure: ")), None, **figures)

    # ---- a snapshot ----

    def server_book(self):
        """A server that was told of all the codes and of goods to scan, and has made their snapshot. Kept."""
        def make(path):
            os.makedirs(path)
            database, lines = os.path.join(path, "server.db"), os.path.join(path, "swap.ndjson")
            start = time.monotonic()
            self.tell_in_parts(database)
            feed.write(lines, SWAP_SCANS, 0, 1)
            self.server(database, "import", lines)
            told = time.monotonic()
            subprocess.run([f"{self.build}/tallyman-server", "--db", database, "snapshot", "CDB"], env=self.environment, check=True,
                           stdout=subprocess.DEVNULL)
            return {"told_seconds": told - start, "made_seconds": time.monotonic() - told}
        return self.book_file(f"server-{self.codes}", make)

    def tell_in_parts(self, database):
        """Each sorted by the code, as a data centre's table gives it: in another order SQLite's log would hold each page of its tables
        many times over."""
        told = f"LC_ALL=C sort -S 256M | {self.build}/tallyman-server --db {database} import - >/dev/null 2>&1"
        with subprocess.Popen([f"{self.build}/bench/book", "feed", str(self.codes)], stdout=subprocess.PIPE) as telling:
            subprocess.run(["split", "-l", str(PART), "--filter", told, "-", "part"], stdin=telling.stdout, env=self.environment, check=True)

    def snapshot(self):
        """Fetched, checked and swapped, in turns with curl and fsync; over a line that is cut; and under scans, as fast as they are
        judged. By HTTPS, from the server that made it."""
        kept, made = self.server_book()
        home = os.path.join(self.work, "server")
        shutil.copytree(kept, home)
        os.sync()
        database, lines = os.path.join(home, "server.db"), os.path.join(home, "swap.ndjson")
        name = next(one for one in os.listdir(database + ".snapshots") if one.endswith(".db"))
        size, name = os.path.getsize(os.path.join(database + ".snapshots", name)), name[:-3]
        with Serving(self, database) as serving:
            rounds = [self.snapshot_round(serving, name, size, number) for number in range(FETCHES)]
            cut = self.snapshot_cut(serving, size)
            said = self.snapshot_scans(serving, lines)
        self.snapshot_said(size, made, rounds, cut, said)

    def snapshot_round(self, serving, name, size, number):
        """(ours, curl and fsync), seconds."""
        hand = byhand.Handmade(serving.url, serving.enrolment())
        data, target = os.path.join(self.work, f"fetched-{number}"), os.path.join(self.work, "raw")
        self.tallyman(data, "enrol", serving.enrolment())
        os.sync()
        start = time.monotonic()
        subprocess.run(["curl", "-skf", "-o", target, "-H", f"Authorization: Bearer {hand.token}", f"{serving.url}/v1/snapshot/{name}"],
                       check=True)
        with open(target, "rb") as stream:
            os.fsync(stream.fileno())
        raw = time.monotonic() - start
        if os.path.getsize(target) != size:
            raise RuntimeError("curl got something else")
        os.remove(target)
        os.sync()
        start = time.monotonic()
        self.tallyman(data, "sync")
        own = time.monotonic() - start
        self.is_swapped(data)
        shutil.rmtree(data)
        return own, raw

    @staticmethod
    def is_swapped(data):
        with open(os.path.join(data, "CURRENT"), encoding="ascii") as stream:
            if stream.read() != "catalog-2.db\n":
                raise RuntimeError("the snapshot was not taken")

    def snapshot_cut(self, serving, size):
        """One process goes on where each cut left it: (seconds, bytes that came)."""
        line = Line(serving.port, CUTS, size // (CUTS + 1))
        data = os.path.join(self.work, "cut")
        self.tallyman(data, "enrol", serving.enrolment(port=line.port))
        before = line.down
        with open(data + ".ini", "w", encoding="utf-8") as stream:
            stream.write("[sync]\ninterval_ms = 100\n")
        start = time.monotonic()
        with subprocess.Popen([f"{self.build}/tallyman", "--data", data, "--config", data + ".ini", "sync", "--watch"], env=self.environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while not os.path.exists(os.path.join(data, "catalog-2.db")) or open(os.path.join(data, "CURRENT"), "rb").read() != b"catalog-2.db\n":
                if process.poll() is not None or time.monotonic() > start + WATCH_S:
                    process.kill()
                    raise RuntimeError(f"cut {line.cut} times, it did not come to an end")
                time.sleep(0.05)
            took = time.monotonic() - start
            process.terminate()
        line.close()
        if line.cut != CUTS:
            raise RuntimeError(f"cut {line.cut} times only")
        shutil.rmtree(data)
        return took, line.down - before

    def snapshot_scans(self, serving, lines):
        """Each scan's (phase, ns, base ns)."""
        data = os.path.join(self.work, "swapped")
        self.tallyman(data, "import", lines)
        self.tallyman(data, "enrol", serving.enrolment())
        ran = subprocess.run([f"{self.build}/bench/swap", data, "B-1"], check=True, env=self.environment,
                             input="".join(feed.scan(n) + "\n" for n in range(SWAP_SCANS)), capture_output=True, text=True)
        return [(phase, int(ns), int(base)) for phase, ns, base in map(str.split, ran.stdout.splitlines())]

    def snapshot_said(self, size, made, rounds, cut, said):
        own, raw = ([one[which] for one in rounds] for which in (0, 1))
        ratio = statistics.median(raw) / statistics.median(own)
        times = {phase: [ns / 1e6 for one, ns, _ in said if one == phase] for phase in ("alone", "fetch", "after")}
        base = {phase: [ns / 1e6 for one, _, ns in said if one == phase] for phase in ("alone", "fetch", "after")}
        budget, load = 1.5 * p99(base["fetch"]), os.getloadavg()[0]
        row = f"; the scan row's budget {1.5 * self.sync_p99_ms:.2f} ms" if self.sync_p99_ms else ""
        self.row("snapshot", f"{self.codes:,} codes, {size / 1e6:.1f} MB, {size / self.codes:.1f} bytes a code: told to the server in "
                 f"{made['told_seconds']:.0f} s, made in {made['made_seconds']:.0f} s; {statistics.median(own):.2f} s over HTTPS to the new catalog, "
                 f"{size / 1e6 / statistics.median(own):.0f} MB/s; curl and fsync {statistics.median(raw):.2f} s; {ratio:.2f} x, budget 0.7; cut and "
                 f"resumed {CUTS} times {cut[0]:.1f} s, {cut[1] / size:.3f} x of its bytes came; {len(times['fetch'])} scans meanwhile: p99 "
                 f"{p99(times['fetch']):.2f} ms, {p99(times['fetch']) / p99(base['fetch']):.2f} x of 4 KiB synced beside it "
                 f"({p99(base['fetch']):.2f} ms), budget 1.5{row}; the slowest {max(times['fetch']):.2f} ms (4 KiB: {max(base['fetch']):.2f}); alone "
                 f"{p99(times['alone']):.2f} ms, {p99(times['alone']) / p99(base['alone']):.2f} x ({p99(base['alone']):.2f} ms); the first one on "
                 f"the new catalog {times['after'][0]:.2f} ms, the slowest of {len(times['after'])} {max(times['after']):.2f} ms; load {load:.1f}",
                 ratio >= 0.7 and p99(times["fetch"]) <= budget, bytes=size, seconds=own, curl_seconds=raw, ratio=ratio,
                 told_seconds=made["told_seconds"], made_seconds=made["made_seconds"], cut_seconds=cut[0], cut_bytes=cut[1],
                 scans=len(times["fetch"]), p99_ms=p99(times["fetch"]), slowest_ms=max(times["fetch"]), baseline_p99_ms=p99(base["fetch"]),
                 alone_p99_ms=p99(times["alone"]), alone_baseline_p99_ms=p99(base["alone"]), first_after_ms=times["after"][0],
                 slowest_after_ms=max(times["after"]), codes=self.codes, load=load)
