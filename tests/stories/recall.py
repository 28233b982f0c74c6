#!/usr/bin/env python3
"""A recall from its notice to the last case: what the books have here is found bottle by bottle and case by case, what is not part
of it stays, what is missing is on the screen with who holds it, and the last one turns up a day later."""
import goods
import stage
from goods import bottle, line, sscc

CASE = sscc(60)
HERE = 12 + 3


def feed(lang):
    yield from goods.places(lang)
    yield line("code", code=CASE, product="WINE", lot="W2", level=1, holder="site:CDB")
    yield from goods.bottles("W2", range(1, 13), in_=CASE)
    yield from goods.bottles("W2", range(13, 16))
    yield from goods.bottles("W2", range(31, 35), holder="party:D-CD-01")
    yield from goods.bottles("W1", range(1, 4))


def begin(d):
    """The notice is chosen from what is known here."""
    d.start("Recall")
    d.see("To begin with")
    d.key("F2")
    d.see("R-7")
    d.key("1")
    d.see("R-7")
    d.key("F4")
    d.see("Ready")


def find(d):
    d.scan(CASE, "×12")
    d.see("80%")
    d.scan(bottle("W1", 1), "Not in the recall")
    d.scan(bottle("W2", 5), "Duplicate")  # it is in the case
    for n in (13, 14):
        d.scan(bottle("W2", n), "W2")
    d.key("Down")
    d.see("Rejected: 1")
    d.scan(bottle("W1", 1))
    d.see("All rejects are set aside")


def look_for_rest(d):
    """One is still missing here, and four are at a dealer's."""
    d.key("Escape")
    d.see("in work", "Where")
    d.key("F3")
    d.see("found 14 of 15 here", "Rongcheng Trade", "4")
    d.key("Escape", "Enter")
    d.see("unsent")


def finish(d):
    d.key("F4")
    d.see("is done")
    d.dismiss("What now?")


def story(s):
    d = s.handheld("finder")
    d.sign_in(2)
    d.see("What now?")
    s.tell(line("recall", id="R-7", product="WINE", lots=["W2"], codes=[], reason="cap leaks", action="quarantine"))
    d.sync()
    begin(d)
    find(d)
    look_for_rest(d)
    finish(d)
    d.sync()
    report(s, [["site:CDQ", 14], ["site:CDB", 1], ["party:D-CD-01", 4]])
    begin(d)
    d.see("0/1")
    d.scan(bottle("W2", 15), "W2")
    finish(d)
    d.key("5")
    d.see("Who works?")
    records = d.verify()
    s.same([r for r in records if r["outcome"] != "accepted"], ["seq"], [], "all records hold")
    report(s, [["site:CDQ", 15], ["party:D-CD-01", 4]])
    s.equal([(r["close"], r["by"]) for r in s.rows("results")], [("complete", ["wang"])] * 2, "results")
    for who in (d, s.books()):
        who.knows(CASE, holder="site:CDQ")
        who.knows(bottle("W2", 12), holder="site:CDQ", parent=CASE)
        who.knows(bottle("W2", 15), holder="site:CDQ")
        who.knows(bottle("W1", 1), holder="site:CDB")


def report(s, expected):
    rows = [row for row in s.rows("recall", "R-7") if row.get("units") and row.get("holder")]
    s.same(rows, ["holder", "units"], expected, "where the recalled goods are")


if __name__ == "__main__":
    stage.play("en", feed("en"), story)
