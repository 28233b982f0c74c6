#!/usr/bin/env python3
"""An afternoon of odd jobs: whatever a warehouse does besides, each once, one after the other on one handheld. In the evening the
handheld and the server have the same books; what was sent to the other warehouse is taken in there."""
import goods
import stage
from goods import bottle, line, sscc

CASE, OTHER, PARTY = sscc(30), sscc(31), "party:D-CD-01"
NEW_LABEL = bottle("NEW", 1)
RECEIVED, SPOILT, SENT = bottle("W1", 201), bottle("W2", 202), bottle("W1", 1)
BACK, SHIPPED, BROKEN = bottle("W1", 31), bottle("W1", 2), bottle("W1", 3)
TASTED, WORN, LATE = bottle("W1", 4), bottle("W1", 5), bottle("W1", 6)


def feed(lang):
    yield from goods.places(lang)
    yield from goods.bottles("W1", range(1, 10))
    yield from goods.bottles("W1", [201], holder="transit:site:CDB")
    yield from goods.bottles("W2", [202], holder="transit:site:CDB")
    yield from goods.bottles("W1", [31], holder=PARTY)
    for case, first in ((CASE, 101), (OTHER, 113)):
        yield line("code", code=case, product="WINE", lot="W1", level=1, holder="site:CDB")
        yield from goods.bottles("W1", range(first, first + 12), in_=case)
    yield line("operator", id="chen", name="chen", role="clerk", site="SHB", pin_hash=goods.rig.PIN_HASH)
    yield line("recall", id="R-7", product="WINE", lots=["W2"], codes=[], reason="cap leaks", action="quarantine")
    yield goods.order("SO-1", "D-CD-01", [("WINE", 1)])


def done(d, count=None, *header):
    """Completes: the blind count where one is asked for, and the papers, where there are any."""
    d.key("F4")
    if count:
        d.see("Without looking")
        d.count(*count)
    for label, value in header:
        d.see(label)
        d.key(*value)
    if header or count:
        d.see("For the papers")
        d.key("F4")
    d.see("is done")
    d.dismiss("What now?")


def go(d):
    d.key("F4")
    d.see("Ready")


def aside(d, key):
    """What was rejected is put aside, and scanned as it is."""
    d.key("Down")
    d.see("Rejected: 1")
    d.scan(key)
    d.see("All rejects are set aside")


def receipt(d):
    d.start("Receipt")
    d.see("From")
    go(d)
    d.scan(RECEIVED, "Right")
    d.scan(SPOILT, "Recalled", "quarantine")
    done(d, (0, 2))


def transfer(d):
    d.start("Transfer")
    d.see("To*")
    d.key("F4")
    d.see("A field that is needed")
    d.choose("East")
    go(d)
    d.scan(SENT, "Right")
    done(d, (0, 1))


def back(d):
    """It came back good; until somebody has looked at it, it goes nowhere."""
    d.start("Return")
    d.see("From")
    d.choose("Rongcheng")
    go(d)
    d.scan(BACK, "Right")
    done(d, None, ("Reason", "4"))
    d.scan("SO-1")
    d.see("Rongcheng Trade", "to do")
    d.key("Enter")
    d.see("Ready")
    d.scan(BACK, "On hold")
    aside(d, BACK)
    d.scan(SHIPPED, "Right")
    done(d, (0, 1))
    d.start("Inspection")
    d.see("Ready")
    d.scan(BACK, "To be inspected")
    done(d)


def take_back(d):
    d.start("Taking back")
    d.see("Shipment*")
    d.choose("SO-1")
    go(d)
    d.see("0/1 lines")
    d.scan(BROKEN, "Not shipped then", "Booked: CDB")
    aside(d, BROKEN)
    d.scan(SHIPPED, "Right")
    done(d, None, ("Reason", ()))


def cases(d):
    """One bottle out of a case; all out of another; what is loose has nothing to be taken out of."""
    d.start("Unpacking")
    d.see("Take these out")
    go(d)
    d.scan(bottle("W1", 101), "Taken out")
    d.scan(BROKEN, "In no container")
    aside(d, BROKEN)
    done(d)
    d.start("Unpacking")
    d.key("2")
    d.see("Empty it")
    go(d)
    d.scan(OTHER, "Emptied")
    done(d)


def relabel(d):
    d.start("Relabelling")
    d.see("Reason")
    go(d)
    d.scan(WORN, "The old label")
    d.key("F4")
    d.see("still waits")
    d.scan(NEW_LABEL, "Relabelled")
    done(d)


def ends(d):
    """Broken, tasted, and shipped yesterday without a scan."""
    d.start("Scrap")
    d.see("Reason*")
    d.key("1")
    go(d)
    d.scan(BROKEN, "Right")
    done(d)
    d.start("Samples and gifts")
    d.see("Reason*")
    d.key("3")
    go(d)
    d.scan(TASTED, "Right")
    done(d)
    d.start("Late entry")
    d.see("To*")
    d.choose("Rongcheng")
    d.type("20261121")
    go(d)
    d.scan(LATE, "Right")
    done(d)


def arrival(s):
    d = s.handheld("east", site="SHB")
    d.sign_in(1)
    d.see("What now?")
    d.start("Receipt")
    d.see("From")
    go(d)
    d.scan(SENT, "Right")
    d.scan(RECEIVED, "Not as booked")  # that one never left; it is a finding, no obstacle
    d.key("F2")
    d.see("Scanned", "…" + goods.tail(RECEIVED))
    d.key("F2")
    d.see("Undone")
    d.key("Escape")
    done(d, (0, 1))
    d.key("5")
    d.see("Who works?")
    return d.verify()


def story(s):
    d = s.handheld("jobs")
    d.sign_in(1)
    d.see("What now?")
    for job in (receipt, transfer, back, take_back, cases, relabel, ends):
        job(d)
    d.key("5")
    d.see("Who works?")
    records = d.verify() + arrival(s)
    d.sync()
    s.same([r for r in records if r["outcome"] != "accepted"], ["seq", "word"], [], "all records hold")
    s.equal(s.rows("conflicts"), [], "conflicts")
    for who in (d, s.books()):
        who.knows(RECEIVED, holder="site:CDB", state="active")
        who.knows(SPOILT, holder="site:CDQ")
        who.knows(SENT, holder="site:SHB")
        who.knows(BACK, holder="site:CDB", state="active")
        who.knows(SHIPPED, holder="site:CDB")
        who.knows(CASE, children=[bottle("W1", n) for n in range(102, 113)])
        who.knows(bottle("W1", 101), parent="", holder="site:CDB")
        who.knows(OTHER, children=[])
        who.knows(bottle("W1", 113), parent="", holder="site:CDB")
        who.knows(WORN, state="void")
        who.knows(NEW_LABEL, holder="site:CDB", product="WINE", lot="W1", state="active")
        who.knows(BROKEN, holder="destroyed")
        who.knows(TASTED, holder="sold")
        who.knows(LATE, holder=PARTY)


if __name__ == "__main__":
    stage.play("en", feed("en"), story)
