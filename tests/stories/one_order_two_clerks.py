#!/usr/bin/env python3
"""Two clerks on one order, both out of reach. One bottle is on both their lists. Who comes back last is told, puts it right,
and both shares make one result."""
import goods
import stage
from goods import bottle

WANG, ZHAO = range(1, 8), range(7, 13)  # the seventh is scanned by both
ORDER = "SO-7"


def feed(lang):
    yield from goods.places(lang)
    yield from goods.bottles("W1", range(1, 14))
    yield goods.order(ORDER, "D-CD-01", [("WINE", 12)])


def load(d, row, numbers):
    d.sign_in(row)
    d.see("What now?")
    d.scan(ORDER)
    d.see("Rongcheng Trade", "to do")
    d.key("Enter")
    d.see("Ready")
    for n in numbers:
        d.scan(bottle("W1", n), "Right")


def join(d):
    """Out of the work, onto the net, and back to it."""
    d.key("Escape", "Escape")
    d.see("What now?")
    d.key("3")
    d.see("Cut off")
    d.key("F2")
    d.see("Up to date")
    d.key("Escape")
    d.see("What now?")


def again(d):
    d.scan(ORDER)
    d.see("in work ", "due")
    d.key("Enter")
    d.see("Ready")


def complete(d, loose):
    d.key("F4")
    d.see("Count what is on the truck")
    d.count(0, loose)
    d.see("Plate")
    d.key("F4")
    d.see(f"{ORDER} is done")
    d.dismiss("What now?")


def put_right(d):
    """What the other one has taken is no longer this clerk's: it goes off the truck, and nothing else does."""
    again(d)
    d.see("!1 open …" + goods.tail(bottle("W1", 7)))
    d.key("F4")  # not before that is settled
    d.see("Take out: 1 of 1", "In another order", goods.tail(bottle("W1", 7)))
    d.key("F4")
    d.see("Ready", "100%")  # five here, seven there


def story(s):
    wang, zhao = s.handheld("wang", online=False), s.handheld("zhao", online=False)
    load(wang, 2, WANG)
    load(zhao, 3, ZHAO)
    wang.lacks("Shared order")
    zhao.lacks("Shared order")
    join(wang)
    join(zhao)
    put_right(zhao)
    zhao.sync()
    wang.sync()
    again(wang)
    wang.scan(bottle("W1", 13), "Too many")  # five stand on the other's list: there is no room for a thirteenth
    wang.key("Down")
    wang.see("Rejected: 1")
    wang.scan(bottle("W1", 13))
    wang.see("All rejects are set aside")
    complete(wang, 7)
    wang.sync()
    s.equal(s.rows("results"), [], "no result while the other share is open")
    complete(zhao, 5)
    records = []
    for d in (wang, zhao):
        d.key("5")
        d.see("Who works?")
        records += d.verify()
    check(s, records)


def check(s, records):
    refused = [r for r in records if r["outcome"] == "refused"]
    s.same(refused, ["operator", "kind", "key"], [["zhao", "scan", bottle("W1", 7)]], "what was refused")
    s.same(s.rows("conflicts"), ["key", "device"], [[bottle("W1", 7), refused[0]["device"]]], "conflicts")
    results = s.rows("results")
    s.same(results, ["no", "close", "by", "devices"], [[ORDER, "complete", ["wang", "zhao"], [1, 2]]], "one result")
    s.same(results[0]["lines"], ["line", "qty", "short_reason"], [["1", "12", None]], "its lines")
    s.equal(sorted(results[0]["lines"][0]["codes"]), [bottle("W1", n) for n in range(1, 13)], "its bottles")
    books = s.books()
    for n in (1, 7, 12):
        books.knows(bottle("W1", n), holder="transit:party:D-CD-01")
    books.knows(bottle("W1", 13), holder="site:CDB")


if __name__ == "__main__":
    stage.play("en", feed("en"), story)
