#!/usr/bin/env python3
"""From a lot to every holder, with counts: a day of work on goods with codes, in cases and without codes, done by three devices and
by the data centre, beside a model that knows of each unit where it is. After every part of the day `radius` and the model agree.

    radius.py [--seed N] [--steps N]
"""
import os
import random
import sys
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import byhand  # noqa: E402
import rig  # noqa: E402

LOTS = ("L1", "L2")
SINGLES, CASES, IN_CASE, RUN, STOCK = 24, 8, 4, 30, 7
STEPS, LOOK_EVERY = 120, 15


def feed():
    lines = [
        rig.line("site", id="CDB", name="中心库", kind="warehouse"),
        rig.line("site", id="CDQ", name="隔离区", kind="quarantine"),
        rig.line("site", id="YARD", name="蓉城仓", kind="dealer", party="D-1"),
        rig.line("party", id="D-1", name="成都蓉城商贸", kind="dealer"),
        rig.line("party", id="S-1", name="郫都分销", kind="sub-dealer", parent="D-1"),
        rig.line("party", id="D-2", name="绵阳商行", kind="dealer"),
        rig.line("product", id="SEAL", name="Seal kit", gtin=[rig.GTIN], unit="u", decimals=0, control="item"),
        *[rig.line("lot", product="SEAL", lot=lot, quality="released") for lot in LOTS],
        rig.line("stock", holder="site:CDB", product="SEAL", lot="L1", qty=str(STOCK)),
    ]
    lines += [rig.serials("R", RUN)]
    for n in range(CASES):
        lines.append(rig.line("code", code=rig.sscc(n), level=1, holder="site:CDB"))
        lines += [rig.line("code", code=rig.item(f"C{n}X{i}"), product="SEAL", lot=LOTS[n % 2], **{"in": rig.sscc(n)})
                  for i in range(IN_CASE)]
    return lines + [rig.line("code", code=rig.item(f"A{n:03d}"), product="SEAL", lot=LOTS[n % 2], holder="site:CDB")
                    for n in range(SINGLES)]


class Model:
    """Each unit: its lot, the case that it is in, and where it is; a case is where it is, with all that is in it."""

    def __init__(self):
        self.lot, self.case, self.at = {}, {}, {}
        for n in range(SINGLES):
            self.add(rig.item(f"A{n:03d}"), LOTS[n % 2])
        for n in range(RUN):
            self.add(rig.item(f"R{n + 1:06d}"), "L1")
        for n in range(CASES):
            self.at[rig.sscc(n)] = "site:CDB"
            for i in range(IN_CASE):
                self.add(rig.item(f"C{n}X{i}"), LOTS[n % 2], rig.sscc(n))

    def add(self, key, lot, case=None):
        self.lot[key], self.at[key] = lot, "site:CDB"
        if case:
            self.case[key] = case

    def inside(self, key):
        return [one for one, case in self.case.items() if case == key]

    def move(self, key, holder):
        self.case.pop(key, None)
        for one in [key, *self.inside(key)]:
            self.at[one] = holder

    def units_of(self, lot):
        found = Counter(self.at[key] for key, of in self.lot.items() if of == lot)
        if lot == "L1":
            found["site:CDB"] += 0
        return found

    def at_place(self, *holders):
        return sorted(key for key, holder in self.at.items() if holder in holders and (key in self.lot or self.inside(key)))


# flow; device; where from; opening's ends; where to
WAYS = (
    ("outbound", "clerk", ("site:CDB",), ("site:CDB", "party:D-1"), "transit:party:D-1"),
    ("outbound", "clerk", ("site:CDB",), ("site:CDB", "party:D-2"), "transit:party:D-2"),
    ("transfer", "clerk", ("site:CDB",), ("site:CDB", "site:YARD"), "transit:site:YARD"),
    ("void", "clerk", ("transit:party:D-2",), ("unknown", "party:D-2"), "site:CDB"),
    ("dealer-in", "dealer", ("transit:party:D-1", "transit:site:YARD"), ("unknown", "unknown"), "site:YARD"),
    ("dealer-out", "dealer", ("site:YARD",), ("site:YARD", "party:S-1"), "party:S-1"),
    ("dealer-out", "dealer", ("site:YARD", "transit:party:D-1"), ("site:YARD", "sold"), "sold"),
    ("return", "dealer", ("sold", "party:S-1"), ("unknown", "unknown"), "site:YARD"),
    ("scrap", "clerk", ("site:CDB",), ("site:CDB", "unknown"), "destroyed"),
    ("recall", "dealer", ("site:YARD",), ("unknown", "unknown"), "site:CDQ"),
)


class Day:
    def __init__(self, checks, draw):
        self.checks, self.draw, self.model, self.server = checks, draw, Model(), rig.Server()
        self.server.import_feed(feed())
        self.server.start()
        url = f"http://127.0.0.1:{self.server.port}"
        self.devices = {name: byhand.Handmade(url, self.server.enrolment(url, site))
                        for name, site in (("clerk", "CDB"), ("dealer", "YARD"))}
        self.done = Counter()

    def work(self):
        """One document with some goods; now and then its last scan is undone, or all of it given up."""
        flow, who, places, (start, end), goes = self.draw.choice(WAYS)
        device, free = self.devices[who], self.model.at_place(*places)
        if not free:
            return
        doc = f"own:{device.device}-1-{device.seq + 1}"
        device.note("open", doc=doc, no=doc, flow=flow, rev="", to=end, lines=[], own=True, **{"from": start})
        taken = self.choose(free)
        for key in taken:
            last = device.scan(doc, flow, key)
        if len(taken) > 1 and self.draw.random() < 0.2:
            device.note("undo", doc=doc, ref=last)
            taken.pop()
        given_up = self.draw.random() < 0.1
        device.note("abandon" if given_up else "complete", doc=doc, no=doc, flow=flow, close="complete", close_no=1)
        words = device.push()
        self.checks.equal(set(words), {"accepted"}, f"{flow} of {taken}")
        self.done[flow + (" given up" if given_up else "")] += 1
        if not given_up:
            for key in sorted(taken, key=lambda one: one.startswith("(00)")):  # what was scanned alone leaves its case first
                self.model.move(key, goes)

    def choose(self, free):
        """Some of it, nothing of it twice: a case and what is in it are one."""
        taken = []
        for key in self.draw.sample(free, min(len(free), self.draw.randrange(1, 5))):
            case = self.model.case.get(key)
            if case not in taken and not any(self.model.case.get(one) == key for one in taken):
                taken.append(key)
        return taken

    def look(self, when):
        for lot in LOTS:
            rows = self.server_rows("radius", "SEAL", lot)
            self.checks.equal({r["holder"]: r["units"] for r in rows[:-1] if r["units"]},
                              {holder: n for holder, n in self.model.units_of(lot).items() if n}, f"{when}: lot {lot}")
            stock = sum(float(r["qty"]) for r in rows[:-1])
            self.checks.equal(stock, STOCK if lot == "L1" else 0, f"{when}: stock of {lot}")
            total = float(rows[-1]["done"]) + float(rows[-1]["missing"])
            self.checks.equal(total, stock + sum(self.model.units_of(lot).values()), f"{when}: all of {lot}")

    def server_rows(self, *words):
        return [byhand.json.loads(one) for one in self.server.run(*words).splitlines()]


def number(name, default):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


def main():
    checks = rig.Checks()
    seed = number("--seed", 5)
    day = Day(checks, random.Random(seed))
    day.look("at first")
    for step in range(1, number("--steps", STEPS) + 1):
        day.work()
        if step % LOOK_EVERY == 0:
            day.look(f"seed {seed}, after {step}")
    checks.ok(len(day.done) >= len({way[0] for way in WAYS}), f"a day of all sorts: {dict(day.done)}")
    checks.ok(day.server.sound(), "nothing to complain of")
    checks.end()


if __name__ == "__main__":
    main()
