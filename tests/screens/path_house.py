"""The flows that a house has besides, on the screens, by stick and without a server: taking out, swapping, relabelling,
goods that leave otherwise or come back, and what a supervisor does. Each flow shows what is its own."""
import json

import make_flows
from make_feed import SEAL, BEARING, item, sscc
from make_flows import CUPS
from path_flows import PINNED_YEAR, begin, scanned, sign_in

PULLS = ["XJ-0"]

IN_CASE, SPARE = scanned(item("0" + SEAL, "A501C4")), scanned(item("0" + SEAL, "B0001C1"))
TORN, FRESH = scanned(item("0" + SEAL, "B0002C1")), scanned(item("0" + SEAL, "B0009C1"))
BOX = scanned(sscc(60))
NEAR, HERE, AWAY, BACK, LATE = (scanned(item("0" + BEARING, f"ZC{n}")) for n in (1001, 1002, 1003, 2001, 2002))
RECALLED_BACK = "]d2010690123499002721W8350"
SCRAPPED, GIVEN, BARE = scanned(CUPS[0]), scanned(CUPS[1]), "]C0XJ-9912-77"
SUPERVISED = {"inspect": 15, "void": 7, "late-entry": 11, "baseline": 10}


def FEEDS(year):
    """Beside the other flows' goods: an order of one bearing, and bearings that dealers have."""
    more = [{"type": "code", "code": item("0" + BEARING, "ZC%d" % n), "product": "SKU-A100", "level": 0,
             "holder": "party:D-CD-01"} for n in (2001, 2002)]
    more.append({"type": "document", "source": "erp", "flow": "outbound", "state": "open", "from": "site:CDB",
                 "doc": "out,21", "no": "SO-21", "to": "party:D-CD-01",
                 "lines": [{"line": "1", "product": "SKU-A100", "qty": "1"}]})
    return make_flows.feed(year) + "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in more)


def done(d, name):
    """The result, and back on the first screen."""
    d.shot(name)
    d.key("Enter")
    d.see("1 ")


def unpack(d):
    begin(d, 3)
    d.shot("unpack-form")
    d.key("F4")
    d.shot("unpack-ready")
    d.scan(scanned(CUPS[6]))
    d.shot("unpack-out")
    d.scan(scanned(CUPS[0]))
    d.shot("unpack-in-none")
    d.key("F2", "F2")
    d.shot("unpack-tallies")
    d.key("Escape", "F4")
    done(d, "unpack-done")
    begin(d, 3)
    d.key("2")
    d.shot("unpack-form-empty")
    d.key("F4")
    d.shot("unpack-empty-ready")
    d.scan(BOX)
    d.shot("unpack-emptied")
    d.key("F4")
    done(d, "unpack-empty-done")


def replace(d):
    begin(d, 4)
    d.shot("replace-ready")
    d.scan(IN_CASE)
    d.shot("replace-waits")
    d.scan(SPARE)
    d.shot("replace-swapped")
    d.key("F4")
    done(d, "replace-done")


def relabel(d):
    begin(d, 11)
    d.shot("relabel-form")
    d.key("F4")
    d.shot("relabel-ready")
    d.scan(TORN)
    d.shot("relabel-waits")
    d.scan(NEAR)
    d.shot("relabel-in-use")
    d.scan(FRESH)
    d.shot("relabel-relabelled")
    d.key("Escape")
    d.shot("relabel-document")
    d.key("Enter")
    d.key("Down")
    d.shot("relabel-latches")
    d.key("F2")
    d.shot("relabel-again")
    d.key("F4")
    done(d, "relabel-done")


def transfer(d):
    begin(d, 5)
    d.shot("transfer-form")
    d.key("F2")
    d.shot("transfer-to")
    d.key("Down", "Enter")
    d.shot("transfer-form-filled")
    d.key("F4")
    d.shot("transfer-ready")
    d.scan(NEAR)
    d.shot("transfer-scanned")
    d.key("F4")
    d.shot("transfer-count")
    d.key("0", "Enter", "1", "Enter")
    d.shot("transfer-papers")
    d.key("Enter")
    done(d, "transfer-done")


def come_back(d):
    begin(d, 6)
    d.shot("return-form")
    d.key("F2")
    d.see("D-CD-01")
    d.key("Down", "Down", "Enter")
    d.shot("return-form-filled")
    d.key("F4")
    d.shot("return-ready")
    d.scan(BACK)
    d.shot("return-back")
    d.scan(RECALLED_BACK)
    d.shot("return-quarantine")
    d.scan(HERE)
    d.shot("return-not-gone")
    d.key("F4")
    d.shot("return-papers")
    d.key("5", "Enter")
    d.shot("return-papers-state")
    d.key("1", "Enter")
    done(d, "return-done")


def scrap(d):
    begin(d, 9)
    d.shot("scrap-form")
    d.key("Enter")
    d.shot("scrap-form-missing")
    d.key("1", "Enter")
    d.shot("scrap-ready")
    d.scan(SCRAPPED)
    d.shot("scrap-scanned")
    d.key("F4")
    done(d, "scrap-done")


def sample(d):
    begin(d, 10)
    d.shot("sample-form")
    d.key("2", "F4")
    d.shot("sample-ready")
    d.scan(GIVEN)
    d.shot("sample-scanned")
    d.key("F4")
    done(d, "sample-done")


def ship(d):
    """Something that can be taken back."""
    d.scan("SO-21")
    d.see("0/1")
    d.key("Enter")
    d.shot("ship-ready")
    d.scan(AWAY)
    d.shot("ship-scanned")
    d.key("F4")
    d.shot("ship-count")
    d.key("0", "Enter", "1", "Enter")
    d.shot("ship-papers")
    d.key("F4")
    done(d, "ship-done")


def take_back(d):
    begin(d, SUPERVISED["void"])
    d.shot("void-form")
    d.key("F2")
    d.shot("void-of")
    d.key("Enter")
    d.shot("void-form-filled")
    d.key("F4")
    d.shot("void-ready")
    d.scan(AWAY)
    d.shot("void-taken-back")
    d.scan(NEAR)
    d.shot("void-not-shipped")
    d.key("Down", "F2", "F4")
    d.shot("void-papers")
    d.key("Enter")
    done(d, "void-done")


def inspect(d):
    begin(d, SUPERVISED["inspect"])
    d.shot("inspect-ready")
    d.scan(BACK)
    d.shot("inspect-waiting")
    d.scan(AWAY)
    d.shot("inspect-sound")
    d.key("F4")
    done(d, "inspect-done")


def late_entry(d):
    begin(d, SUPERVISED["late-entry"])
    d.shot("late-entry-form")
    d.key("F2")
    d.see("D-CD-01")
    d.key("Down", "Down", "Enter")
    d.shot("late-entry-form-date")
    d.type("20261120")
    d.shot("late-entry-form-filled")
    d.key("F4")
    d.shot("late-entry-ready")
    d.scan(LATE)
    d.shot("late-entry-scanned")
    d.key("F4")
    done(d, "late-entry-done")


def baseline(d):
    begin(d, SUPERVISED["baseline"])
    d.shot("baseline-form")
    d.key("F4")
    d.shot("baseline-ready")
    d.scan("]E0" + BEARING)
    d.shot("baseline-context")
    d.scan(BARE)
    d.shot("baseline-bound")
    d.key("F4")
    done(d, "baseline-done")


def walk(d):
    d.see("Tallyman")
    sign_in(d, 1, "2468")
    unpack(d)
    replace(d)
    relabel(d)
    transfer(d)
    come_back(d)
    scrap(d)
    sample(d)
    ship(d)
    d.key("5")
    d.see("Tallyman")
    sign_in(d, 0, "13572468")
    d.key("2")
    d.shot("begin-supervisor")
    d.key("Escape")
    take_back(d)
    inspect(d)
    late_entry(d)
    baseline(d)
