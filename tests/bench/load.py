#!/usr/bin/env python3
"""A data centre's morning: many devices push over HTTPS at once, to one server process on SQLite.

    load.py [DEVICES] [RECORDS] [PART …]      500 devices with 200 records each

`load`: all push what they have, as fast as they are answered: throughput, times, memory, each record there once. `overload`:
four times as much as was taken a second just then comes in, whatever the server does: some are turned away politely, each
comes again when it was told to, nothing is lost, as much is taken as before; and as soon as it is over it is quick again.
`killed`: the server is killed while many push at once: what was acknowledged is there.
"""
import json
import os
import ssl
import subprocess
import sys
import threading
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

LOAD_S = 400
WAIT_MS = 4000  # JOBS_WAIT_MAX_MS
OVER, VISITS = 4, 4
PUSHED = 'tallyman_requests_total{path="/v1/push",status="2xx"}'
MANY = 500      # so many can't be missed
ROUNDS, KILLED_RECORDS, KILLED_BATCH = 4, 400, 4


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


def drive(server, numbers, *how):
    strings = "".join(server.run("enrol", "--site", f"S{number}").splitlines()[-1] + "\n" for number in numbers)
    with subprocess.Popen([os.path.join(rig.BUILD, "bench", "load"), *map(str, how)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        said, errors = process.communicate(strings.encode(), LOAD_S)
    if not said:
        raise RuntimeError(f"load: {process.returncode}: {errors.decode()[-2000:]}")
    return json.loads(said)


def metrics(server):
    """Over the same port, as a scraper on this machine reads it."""
    context = ssl._create_unverified_context()  # a key, not a name, is what is trusted; here nothing depends on it
    with urllib.request.urlopen(f"https://127.0.0.1:{server.port}/metrics", context=context, timeout=30) as reply:
        text = reply.read().decode()
    return {line.split(" ")[0]: float(line.split(" ")[1]) for line in text.splitlines() if line[0] != "#"}


class Load:
    def __init__(self, devices, records):
        self.devices, self.records = devices, records
        self.checks, self.server, self.figures = rig.Checks(), Secure(), {}
        self.used = self.rows = 0
        self.server.import_feed(feed((2 + ROUNDS) * devices))
        self.server.start()

    def numbers(self):
        """Devices that nobody was yet."""
        self.used += self.devices
        return range(self.used - self.devices + 1, self.used + 1)

    def each_once(self, told, what):
        """What the server has of these devices is what was acknowledged to them, each once."""
        have = {}
        for one in self.server.rows("records"):
            have.setdefault(one["device"], []).append((one["epoch"], one["seq"]))
        for device, acked in told["each"]:
            rows = have.get(device, [])
            self.checks.equal(sorted(rows), [(1, seq) for seq in range(1, max(acked, len(rows)) + 1)],
                              f"{what}: device {device}: each record is there once, none that was acknowledged lacks")
        return sum(len(have.get(device, [])) for device, _ in told["each"])

    def say(self, what, told, more=""):
        figures = {name: value for name, value in told.items() if name != "each"}
        figures.update(records_a_second=told["acked"] / told["seconds"], peak_mb=self.server.peak_mb(), load=os.getloadavg()[0])
        self.figures[what] = figures
        print(f"figure: {what}: {told['devices']} devices, {told['acked']} records in {told['seconds']:.1f} s "
              f"({figures['records_a_second']:.0f} a second), a push p50 {told['p50_ms']:.0f} ms, p99 {told['p99_ms']:.0f} ms, "
              f"{told['turned_away']} turned away{more}, server at most {figures['peak_mb']:.0f} MB, load {figures['load']:.1f}",
              flush=True)
        return figures

    def load(self):
        told = drive(self.server, self.numbers(), "once", 0, self.records, self.records)
        self.say("load", told)
        self.checks.equal(told["done"], self.devices, "load: every device is done")
        self.checks.equal((told["failed"], told["refused"]), (0, 0), "load: nothing failed or was refused")
        self.checks.equal(self.each_once(told, "load"), self.devices * self.records, "load: all of it")

    def overload(self):
        """Work comes in at four times the rate at which it was taken, for VISITS rounds."""
        taken = self.figures["load"]["records_a_second"]
        seconds = VISITS * self.devices * self.records / (OVER * taken)
        before = metrics(self.server)["tallyman_turned_away_total"]
        told = drive(self.server, self.numbers(), "visits", VISITS, f"{seconds:.3f}", self.records, self.records,
                     f"{2 * self.devices * self.records / taken + 1:.3f}")
        figures = self.say("overload", told, f", {OVER} x for {seconds:.1f} s; waits p50 {told['wait_p50_ms'] / 1e3:.1f} s, most "
                           f"{told['wait_most_ms'] / 1e3:.1f} s; right after it p50 {told['after_p50_ms']:.0f} ms, p99 "
                           f"{told['after_p99_ms']:.0f} ms, {told['turned_away_after']} turned away")
        checks = self.checks
        checks.equal(told["done"], self.devices, "overload: every device is done")
        checks.equal((told["failed"], told["refused"]), (0, 0), "overload: no one met anything but a polite refusal")
        checks.equal(metrics(self.server)["tallyman_turned_away_total"] - before,
                     told["turned_away"] + told["turned_away_after"], "overload: and each is counted")
        checks.ok(told["p99_ms"] < 2.5 * WAIT_MS, f"overload: who was taken in is answered: {told['p99_ms']} ms")
        self.each_once(told, "overload")
        figures["against_load"] = (told["acked"] - self.devices * self.records) / told["seconds"] / taken
        checks.equal(told["turned_away_after"], 0, "afterwards nobody is turned away")
        checks.ok(told["after_p99_ms"] < WAIT_MS, f"afterwards it is quick again: {told['after_p99_ms']} ms")
        if self.devices >= MANY:  # few are not always too many; and who else works on the machine decides times
            checks.ok(told["turned_away"] > 0, "overload: some were turned away")
            checks.ok(figures["against_load"] > 0.5, f"overload: what is taken does not collapse: {figures['against_load']:.2f} x")
            checks.ok(told["after_p99_ms"] < WAIT_MS / 4, f"afterwards it is quick: {told['after_p99_ms']} ms")
        state = metrics(self.server)
        checks.equal(state["tallyman_waiting"], 0.0, "and nothing waits")
        checks.ok(state["tallyman_groups_total"] > 0, "several were committed at once")
        print(f"figure: {state['tallyman_grouped_total'] / state['tallyman_groups_total']:.1f} requests a commit where several waited",
              flush=True)

    def kill_after(self, pushes):
        """The server was started for this round."""
        rig.wait_for(lambda: metrics(self.server).get(PUSHED, 0) > pushes, "they push", 60)
        self.server.kill()

    def killed(self):
        self.server.kill()
        self.server.start()
        lacking = 0
        for number in range(ROUNDS):
            numbers = self.numbers()
            killer = threading.Thread(target=self.kill_after, args=((number + 1) * self.devices,))
            killer.start()
            told = drive(self.server, numbers, "lost", 0, KILLED_RECORDS, KILLED_BATCH)
            killer.join()
            self.server.start()
            lacking += sum(acked < KILLED_RECORDS for _, acked in told["each"])
            self.checks.ok(told["acked"] > 0, f"killed {number}: some was acknowledged")
            self.each_once(told, f"killed {number}")
        self.checks.ok(lacking > 0, "killed: in the middle")
        print(f"figure: killed {ROUNDS} times under {self.devices} devices, {lacking} of them in the middle", flush=True)

    def end(self):
        self.checks.equal(self.server.stop(), 0, "it ends in good order")
        self.checks.ok(self.server.sound(), "the server made no complaint")
        path = os.environ.get("LOAD_FIGURES")
        if path:
            with open(path, "w", encoding="utf-8") as stream:
                json.dump(self.figures, stream)
        self.checks.end()


def main():
    words = sys.argv[1:]
    numbers = [int(word) for word in words if word.isdigit()]
    parts = [word for word in words if not word.isdigit()] or ["load", "overload", "killed"]
    load = Load(*(numbers + [500, 200][len(numbers):]))
    for part in parts:
        getattr(load, part)()
    load.end()


if __name__ == "__main__":
    main()
