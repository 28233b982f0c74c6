#!/usr/bin/env python3
"""A dealer's day on the command line: a short shipment comes in, goods go out to people, shops, a sub-dealer and, by permit,
another dealer; something comes back, once another's; the stock meanwhile; and what the server makes of it.
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import market  # noqa: E402
from market import rig  # noqa: E402

OTHERS = ("D-2", "贵阳黔酒", rig.item("S000005"), "SO-2", "huang")


def stock(d, expected, what):
    d.checks.equal([(row[0], row[1], row[2], row[3]) for row in d.rows("stock")],
                   [("SEAL", "Seal kit", lot, qty) for lot, qty in expected], what)


def comes_in(d):
    """Four were sent; three came, and one that the books don't know yet."""
    no = d.start("dealer-in")
    d.checks.equal([(one["product"], one["lot"], one["qty"]) for one in d.show(no)["lines"]], [("SEAL", "L1", "4")],
                   "what is on its way here")
    d.scan(no, (rig.scan("S000001"), "ok accept"), (rig.scan("S000002"), "ok accept"),
           (rig.scan("S000003"), "ok accept"))
    d.refused(["open"], "complete", no)
    d.done("complete", no, "--short", "other")
    stock(d, [("L1", "3")], "what is here")
    d.checks.equal(d.objects("stock"), [{"product": "SEAL", "lot": "L1", "qty": "3", "name": "Seal kit"}], "the same")
    return no


def goes_out(d):
    no = d.start("dealer-out")
    d.scan(no, (rig.scan("S000001"), "ok accept"), (rig.scan("S000001"), "duplicate reject"),
           (rig.scan("S000005"), "unregistered reject"))
    d.done("complete", no, "--set-aside")
    d.holder(rig.item("S000001"), "sold")
    no = d.start("dealer-out", "to=S-1")
    d.scan(no, (rig.scan("S000002"), "ok accept"))
    d.done("complete", no)
    d.holder(rig.item("S000002"), "party:S-1")
    d.refused(["to"], "start", "dealer-out", "to=D-9")
    no = d.start("dealer-out", "to=D-2")  # one by permit, and on the way counts as received
    d.scan(no, (rig.scan("S000004"), "ok accept"), (rig.scan("S000003"), "not-on-order reject"))
    d.done("complete", no, "--set-aside")
    d.holder(rig.item("S000004"), "party:D-2")  # whether there is a site of theirs is not for this device to know
    stock(d, [("L1", "1")], "what is left")


def comes_back(d):
    """One of its own, and one that somebody else sold."""
    no = d.start("return")
    d.scan(no, (rig.scan("S000001"), "ok accept"), (rig.scan("S000006"), "unregistered warn…quarantine"))
    d.done("complete", no)
    d.checks.equal(d.trace(rig.item("S000001"))["code"]["state"], "returned", "on hold until it is inspected")
    d.holder(rig.item("S000006"), "site:DSQ")
    stock(d, [("L1", "2")], "with what came back, without what is another's")


def counts(d):
    """Against the books of the data centre: they have to be told first."""
    d.sync()
    no = d.start("count", "product=SEAL", "lot=L1")
    d.scan(no, (rig.scan("S000003"), "ok accept"), (rig.scan("S000001"), "on-hold accept"))
    d.checks.equal(d.show(no)["differences"], [], "all is there")
    d.done("complete", no)


def sees_its_own_alone(d):
    """No word of another dealer: neither told nor asked for."""
    for words in (["stock"], ["holders", "SEAL"], ["search", "SEAL", "0000"], ["documents"]):
        said = d.run(*words).stdout.decode()
        d.checks.ok(not any(word in said for word in OTHERS[1:]), f"{words}: nothing of others: {said!r}")
    keys = {row[0] for row in d.rows("search", "SEAL", "00000")}
    d.checks.ok({rig.item(f"S00000{n}") for n in (1, 2, 3)} <= keys, f"it finds what it has or had: {keys}")
    d.checks.ok(not {rig.item(f"S00000{n}") for n in (5, 7)} & keys, "and nothing else")
    d.refused(["no such document"], "show", "SO-2")
    d.refused([], "start", "audit", f"region={market.HOME}")
    found = [one for one in d.objects("trace", rig.item("S000005")) if one["row"] == "server"]
    d.checks.equal([one["text"] for one in found], ["these goods are not yours"], "another's")


def told(d, server, first):
    results = {one["no"]: one for one in server.rows("results")}
    d.checks.ok(first in results and results[first]["close"] == "short", "the missing one is reported back")
    d.checks.equal(results[first]["lines"][0]["qty"] if first in results else None, "3", "what came")
    moves = [json.loads(one) for one in server.run("trace", rig.item("S000002")).splitlines()]
    d.checks.equal([one["to"] for one in moves if "to" in one and one.get("from")][-2:], ["site:DS1", "party:S-1"],
                   "how it went on")
    d.checks.equal([(one["kind"], one["key"]) for one in server.rows("conflicts")],
                   [("wrong-holder", rig.item("S000006"))], "another's goods are flagged")


def main():
    checks, server, _ = market.opened()
    d = market.Hand(checks, server, "DS1", market.DEALER)
    first = comes_in(d)
    goes_out(d)
    comes_back(d)
    counts(d)
    sees_its_own_alone(d)
    d.sync()
    told(d, server, first)
    checks.equal(d.device.verify().returncode, 0, "the chain verifies")
    checks.ok(server.sound() and d.device.sound(), "nothing to complain of")
    checks.end()


if __name__ == "__main__":
    main()
