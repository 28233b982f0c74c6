#!/usr/bin/env python3
"""A data centre's morning: many devices push over HTTPS at once, to one server process on SQLite.

    load.py [DEVICES] [RECORDS]      500 devices with 200 records each

First within what it can take: throughput, times, memory, each record there once. Then all at once with four times the
work: some are turned away politely, each comes again when it was told to, nothing is lost; then it is quick again.
"""
import json
import os
import subprocess
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

LOAD_S = 400
WAIT_MS = 4000  # JOBS_WAIT_MAX_MS


class Secure(rig.Server):
    def options(self):
        return ["--listen", "127.0.0.1:0", "--tls"]

    def peak_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return next(int(one.split()[1]) for one in status if one.startswith("VmHWM")) / 1024


def feed(devices):
    lines = rig.base_feed()
    for number in range(1, devices + 1):
        site = f"S{number}"
        lines += [rig.line("site", id=site, name=site, kind="warehouse"),
                  rig.line("document", source="erp", doc="SO-" + site, no="SO-" + site, flow="outbound", state="open",
                           **{"from": "site:" + site}, to="party:D-1",
                           lines=[{"line": "1", "product": "SEAL", "qty": "1000000"}])]
    return lines


def drive(server, numbers, seconds, records, batch):
    strings = "".join(server.run("enrol", "--site", f"S{number}").splitlines()[-1] + "\n" for number in numbers)
    done = subprocess.run([os.path.join(rig.BUILD, "bench", "load"), str(seconds), str(records), str(batch)],
                          input=strings.encode(), capture_output=True, timeout=LOAD_S, check=False)
    if not done.stdout:
        raise RuntimeError(f"load: {done.returncode}: {done.stderr.decode()[-2000:]}")
    return json.loads(done.stdout)


def metric(server, name):
    """Over the same port, as a scraper on this machine reads it."""
    import ssl
    context = ssl._create_unverified_context()  # a key, not a name, is what is trusted; here nothing depends on it
    with urllib.request.urlopen(f"https://127.0.0.1:{server.port}/metrics", context=context, timeout=30) as reply:
        text = reply.read().decode()
    return {line.split(" ")[0]: float(line.split(" ")[1]) for line in text.splitlines() if line[0] != "#"}[name]


def each_once(checks, server, before, wanted, what):
    seen = {}
    for one in server.rows("records"):
        name = (one["device"], one["epoch"], one["seq"])
        seen[name] = seen.get(name, 0) + 1
    checks.equal(len(seen) - before, wanted, f"{what}: every record is there")
    checks.ok(all(count == 1 for count in seen.values()), f"{what}: once")
    return len(seen)


def say(what, told, server):
    print(f"figure: {what}: {told['devices']} devices, {told['acked']} records in {told['seconds']:.1f} s "
          f"({told['acked'] / told['seconds']:.0f} a second), a push p50 {told['p50_ms']:.0f} ms, p99 {told['p99_ms']:.0f} ms, "
          f"{told['turned_away']} turned away, server at most {server.peak_mb():.0f} MB", flush=True)


def main():
    devices = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    records = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    checks = rig.Checks()
    server = Secure()
    server.import_feed(feed(2 * devices + 1))
    server.start()

    told = drive(server, range(1, devices + 1), 5, records, records)
    say("load", told, server)
    checks.equal(told["done"], devices, "load: every device is done")
    checks.equal((told["failed"], told["refused"]), (0, 0), "load: nothing failed or was refused")
    total = each_once(checks, server, 0, devices * records, "load")

    told = drive(server, range(devices + 1, 2 * devices + 1), 0, 4 * records, records)
    say("overload", told, server)
    checks.equal(told["done"], devices, "overload: every device is done")
    checks.equal(told["failed"], 0, "overload: no one met anything but a polite refusal")
    if devices >= 500:
        checks.ok(told["turned_away"] > 0, "overload: some were turned away")
        checks.equal(metric(server, "tallyman_turned_away_total"), float(told["turned_away"]), "overload: and counted")
    checks.ok(told["p99_ms"] < 2.5 * WAIT_MS, f"overload: who was taken in is answered: {told['p99_ms']} ms")
    total = each_once(checks, server, total, 4 * devices * records, "overload")

    told = drive(server, [2 * devices + 1], 0, records, records)
    checks.ok(told["done"] == 1 and told["turned_away"] == 0 and told["p99_ms"] < WAIT_MS / 4,
              f"afterwards it is quick again: {told['p99_ms']} ms")
    checks.equal(metric(server, "tallyman_waiting"), 0.0, "and nothing waits")
    checks.equal(server.stop(), 0, "it ends in good order")
    checks.ok(server.sound(), "the server made no complaint")
    checks.end()


if __name__ == "__main__":
    main()
