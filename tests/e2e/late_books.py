#!/usr/bin/env python3
"""The lorry is faster than the warehouse's records: a dealer takes goods in that the books have in the warehouse still, sells one of
them, and a customer brings it back. Held as provisional, told to the dealer as its own, and true by itself once the warehouse has synced.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

LABEL = rig.sscc(1)


def feed():
    return rig.base_feed() + [
        rig.line("site", id="YARD", name="蓉城仓", kind="dealer", party="D-1"),
        rig.line("operator", id="chen", name="陈", role="dealer", site="YARD", pin_hash=rig.PIN_HASH),
        rig.order("SO-1", 3),
        rig.serials("S", 9),
        rig.line("code", code=LABEL, level=1, holder="site:CDB"),
        *[rig.line("code", code=rig.item(f"C{n}"), product="SEAL", lot="L1", **{"in": LABEL}) for n in range(2)],
    ]


class Story:
    def __init__(self, checks):
        self.checks, self.server = checks, rig.Server()
        self.server.import_feed(feed())
        self.server.start()
        self.clerk, self.dealer = self.joined("CDB"), self.joined("YARD")

    def joined(self, site):
        device = rig.Device()
        device.run("enrol", self.server.enrolment(f"http://127.0.0.1:{self.server.port}", site), operator=None)
        self.sync(device)
        return device

    def sync(self, device):
        done = device.run("sync", operator=None)
        self.checks.equal(done.returncode, 0, f"sync: {done.stderr.decode()}")

    def scans(self, device, doc, operator, *scanned):
        done = device.run("scan", doc, feed="".join(one + "\n" for one in scanned), operator=operator)
        return [one[:2] for one in rig.verdicts(done.stdout)]

    def complete(self, device, doc, operator, *more):
        done = device.run("complete", doc, *more, operator=operator)
        self.checks.equal(done.returncode, 0, f"complete {doc}: {done.stderr.decode()}")

    def work(self, flow, *scanned, more=()):
        """The dealer's; and it syncs. The verdicts."""
        no = self.dealer.run("start", flow, operator="chen").stdout.decode().strip()
        found = self.scans(self.dealer, no, "chen", *scanned)
        self.complete(self.dealer, no, "chen", *more)
        self.sync(self.dealer)
        return found

    def at(self, device, operator, key, expected, what):
        rows = [json.loads(one) for one in device.run("trace", key, json_out=True, operator=operator).stdout.splitlines()]
        self.checks.equal(rows[0].get("holder"), expected, what)

    def states(self):
        return [one["state"] for one in self.server.rows("provisional")]


def before(story):
    """The warehouse ships without a network; the dealer has it all on the same day."""
    checks = story.checks
    checks.equal(story.scans(story.clerk, "SO-1", "wang", rig.scan("S000001"), rig.label(1)), [("ok", "accept")] * 2,
                 "the warehouse ships")
    story.complete(story.clerk, "SO-1", "wang")
    checks.equal(story.work("dealer-in", rig.scan("S000001"), rig.label(1))[0], ("unregistered", "warn"),
                 "unregistered, and taken in")
    checks.equal(story.states(), ["open"] * 2, "held until the books agree")
    story.at(story.dealer, "chen", rig.item("S000001"), "site:YARD", "the dealer has it")
    story.at(story.dealer, "chen", rig.item("C1"), "site:YARD", "and what is in the case")
    checks.equal(story.work("dealer-out", rig.scan("C0")), [("ok", "accept")], "and sells it")
    checks.equal(story.work("return", rig.scan("C0"), more=("condition=good",))[0][1] in ("accept", "warn"), True,
                 "and takes it back")
    result = next(r for r in story.server.rows("results") if r["flow"] == "dealer-in")
    checks.equal(result["provisional"], [rig.item("S000001"), LABEL], "its result says which the books don't have")
    checks.equal(story.server.rows("conflicts"), [], "nobody is blamed")


def after(story):
    """The warehouse has a network again."""
    checks = story.checks
    story.sync(story.clerk)
    checks.equal(set(story.states()), {"agreed"}, "the books agree")
    checks.equal(story.server.rows("conflicts"), [], "and nobody was wrong")
    for device, operator in ((story.dealer, "chen"), (story.clerk, "wang")):
        story.sync(device)
        story.at(device, operator, rig.item("S000001"), "site:YARD", f"{operator}: where it is")
        story.at(device, operator, rig.item("C1"), "site:YARD", f"{operator}: in the case")
        story.at(device, operator, rig.item("C0"), "site:YARD", f"{operator}: what came back")
    chain = [json.loads(one)["to"] for one in story.server.run("trace", rig.item("C0")).splitlines()
             if json.loads(one)["to"]]
    checks.equal(chain, ["transit:party:D-1", "site:YARD", "sold", "site:YARD"], "the whole chain, in order")


def main():
    checks = rig.Checks()
    story = Story(checks)
    before(story)
    after(story)
    checks.ok(story.server.sound() and story.dealer.sound(), "nothing to complain of")
    checks.end()


if __name__ == "__main__":
    main()
