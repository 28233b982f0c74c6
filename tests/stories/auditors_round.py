#!/usr/bin/env python3
"""An auditor's round with the network off: twelve bottles in three shops of two regions. Two were sold for elsewhere, one of them
recalled too; one is registered nowhere, two have one code, one has none left to read. In the evening the sync, the case on the
server, and what the manager says to it; the signed reports still say what they said."""
import json
import os
import re

import goods
import stage
from goods import bottle, line

CHENGDU, CHONGQING = "D-CD-01", "D-CQ-02"
AWAY, LEAKS, NOBODYS, TWICE = bottle("W1", 11), bottle("W2", 1), bottle("W1", 999), bottle("W1", 5)
ACKS = ("signed", "refused", "absent")
PAPERS = ((24, 2), (4, 1), (12, 3))  # of each visit: pieces on the shelf, acknowledgement
FIRST, SECOND, THIRD = "Sunshine Liquor", "Corner Shop", "Riverside"


def feed(lang):
    yield from goods.places(lang)
    for region, name, parent in (("500000", "Chongqing", None), ("500103", "Yuzhong", "500000"), ("510000", "Sichuan", None),
                                 ("510100", "Chengdu", "510000"), ("510104", "Jinjiang", "510100"),
                                 ("510107", "Wuhou", "510100")):
        yield line("region", id=region, name=name, parent=parent)
    for party, region in ((CHENGDU, "510100"), (CHONGQING, "500000")):
        yield line("territory", party=party, product=None, regions=[region], exclusive=True, from_=None, to=None)
    yield line("party", id="R-CS", name=SECOND, kind="retailer", region="510107", parent=CHENGDU)
    yield line("operator", id="zhou", name="zhou", role="auditor", site="CDB", pin_hash=goods.rig.PIN_HASH)
    yield from goods.bottles("W1", range(1, 8))
    yield from goods.bottles("W1", [11, 21, 22])
    yield from goods.bottles("W2", [1])
    yield line("recall", id="R-7", product="WINE", lots=["W2"], codes=[], reason="cap leaks", action="quarantine")
    yield goods.order("SO-1", CHENGDU, [("WINE", 7)])
    yield goods.order("SO-2", CHONGQING, [("WINE", 3)])
    # it was shipped before anybody knew that it leaks
    yield line("code", code=LEAKS, holder=f"party:{CHONGQING}")


def ship(s):
    """By the warehouse, weeks ago."""
    clerk = s.handheld("clerk", screens=False)
    for no, keys in (("SO-1", [bottle("W1", n) for n in range(1, 8)]), ("SO-2", [bottle("W1", n) for n in (11, 21, 22)])):
        said = clerk.tallyman("--as", "wang", "scan", no, feed="".join(goods.wire(key) + "\n" for key in keys))
        s.equal([row.split("\t")[0] for row in said.splitlines()], ["ok"] * len(keys), no)
        clerk.tallyman("--as", "wang", "complete", no)
    clerk.sync()


# ---- one visit ----

def ready(d, shop):
    d.key("F4")
    d.see("Ready: what stands here", shop)


def take_picture(d, name, kind):
    """A picture by the camera; then it is chosen as the newest."""
    folder = os.path.join(d.folder, "DCIM")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write("picture " + name)
    at = 1_795_310_000 + 60 * len(os.listdir(folder))
    os.utime(os.path.join(folder, name), (at, at))
    d.key("Up")
    d.see("Photos and papers")
    d.key("1")
    d.see("What does it show?")
    d.key(str(kind))
    d.see(name)
    d.key("1")
    d.see("Taken down: " + name)
    d.key("Escape", "Escape")
    d.see("F4Done")


def report(d):
    """Read on the screen, and saved as a signed file; its name."""
    d.key("Up")
    d.see("Report so far")
    d.key("5")
    d.see("zhou")
    d.key("F3")
    screen = d.see("Signed and saved", ".report")
    d.key("Escape", "Escape")
    d.see("F4Done")
    return re.search(r"AU-\S+\.report", screen).group(0)


def finish(d, seen, ack):
    d.key("F4")
    d.see("At the end of the visit")
    d.type(str(seen))
    d.key("Enter")
    d.type("588")
    d.key("Enter", "Down")
    d.key(str(ack))
    d.see(("Signed", "Refused to sign", "Nobody there")[ack - 1])
    d.key("F4")
    d.see("is done")
    d.dismiss("What now?")


def first_shop(d):
    """Through the tree; what one bottle is takes several lines."""
    d.start("Market audit")
    d.see("To begin with")
    d.key("F4")
    d.see("A field that is needed")
    d.key("F2")
    d.see("Chongqing", "Sichuan")
    d.key("2")
    d.see("Chengdu")
    d.key("1")
    d.see("Jinjiang", "Wuhou")
    d.key("1")
    d.see("Jinjiang, Chengdu, Sichuan")
    d.scan(FIRST)
    d.see(FIRST)
    d.scan("91510104MA6CXXXX0A")
    d.see("510104MA6CXXXX0A")
    ready(d, FIRST)
    for n in (1, 2):
        d.scan(bottle("W1", n), "In its region", "Rongcheng Trade", "Chengdu", "SO-1")
    d.scan(AWAY, "Suspected diversion", "Shanshui Trade", "Chongqing", "SO-2")
    take_picture(d, "bottle.jpg", 4)
    d.scan(LEAKS, "Recalled", "cap leaks", "+ Suspected diversion", "Shanshui Trade")
    d.scan(NOBODYS, "Unknown serial")
    take_picture(d, "shelf.jpg", 3)
    d.see("5 !3")
    name = report(d)
    finish(d, *PAPERS[0])
    return name


def second_shop(d):
    """The label of the shop says which and where; the same bottle twice is one, another with its code is not."""
    d.start("Market audit")
    d.see("To begin with")
    d.lacks(FIRST, "Jinjiang")  # nothing is carried over
    d.scan("party:R-CS")
    d.see("Wuhou, Chengdu, Sichuan", SECOND)
    ready(d, SECOND)
    for n in (3, 4):
        d.scan(bottle("W1", n), "In its region")
    d.scan(bottle("W1", 4), "Scanned already", "Another piece?")
    d.scan(TWICE, "In its region")  # nobody had to answer
    d.scan(TWICE, "Scanned already")
    d.confirm("Cloned code", "4 !1")
    name = report(d)
    finish(d, *PAPERS[1])
    return name


def third_shop(d):
    """In the other region; the code of one bottle was scratched off, the print beside it was not."""
    with open(os.path.join(d.folder, "place"), "w", encoding="utf-8") as out:
        out.write("29.55301 106.56891 12")  # the receiver for satellites has found them
    d.start("Market audit")
    d.see("To begin with", "106.56891 ±12m")
    d.scan("region:500103")
    d.see("Yuzhong, Chongqing")
    d.scan(THIRD)
    d.see(THIRD)
    ready(d, THIRD)
    for n in (21, 22):
        d.scan(bottle("W1", n), "In its region", "Shanshui Trade")
    d.key("Up")
    d.see("Code not readable")
    d.key("2")
    d.see("Scan the product's bar code")
    d.scan("]E0" + goods.WINE[1:])
    d.see("WINE", "As printed")
    d.key("F2")
    d.see("W1", "W2")
    d.key("1")
    d.see("Date and time")
    d.type("0830")
    d.key("F3")
    d.see("Who may have had it", "Rongcheng Trade", "Shanshui Trade")
    d.key("Escape")
    d.see("0830")
    d.key("F4")
    d.see("Defaced", "3 !1")
    name = report(d)
    finish(d, *PAPERS[2])
    return name


# ---- in the evening ----

def check_reports(s, d, names):
    for name in names:
        d.tallyman("report", "--verify", os.path.join("DCIM", name), "--folder", "DCIM")
    for name, (seen, ack) in zip(names, PAPERS):
        completed(s, d, name[:-len(".report")], seen, ack)
    s.ok(spoilt(d, "bottle.jpg", names[0]), "another picture does not verify")
    s.ok(spoilt(d, names[0], names[0]), "a changed report does not verify")


def completed(s, d, no, seen, ack):
    """The visit is over: its report is signed once more, with what was asked at the end."""
    path = os.path.join("DCIM", no + ".done.report")
    d.tallyman("--as", "zhou", "report", no, "--sign", path)
    said = d.tallyman("report", "--verify", path, "--folder", "DCIM").split("\t")
    s.equal((said[0], said[2], said[3]), ("ok", "this-device", "pictures-looked-at"), f"{no}: signed by this device")
    with open(os.path.join(d.folder, path), encoding="utf-8") as stream:
        visit = json.loads(stream.readline())
    s.ok(visit["closed"], f"{no}: when it ended")
    s.equal({name: visit["header"].get(name) for name in ("seen", "price", "ack")},
            {"seen": str(seen), "price": "588", "ack": ACKS[ack - 1]}, f"{no}: what was asked at the end")


def spoilt(d, file, report_name):
    """One bit of it changed: does it show?"""
    path = os.path.join(d.folder, "DCIM", file)
    with open(path, "rb") as stream:
        whole = stream.read()
    with open(path, "wb") as out:
        out.write(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:] if len(whole) > 40 else whole[:-1] + b"?")
    try:
        d.tallyman("report", "--verify", os.path.join("DCIM", report_name), "--folder", "DCIM")
        return False
    except stage.Lost:
        return True
    finally:
        with open(path, "wb") as out:
            out.write(whole)


def rule(s):
    """One case: a visit and whoever sold what was there. The finding is the device's, the word is the manager's."""
    cases = s.rows("cases")
    s.same(cases, ["party", "name", "units", "state", "region"], [[CHONGQING, "Shanshui Trade", 2, "open", "510104"]], "cases")
    s.equal(sorted(one["key"] for one in cases[0]["goods"]), sorted([AWAY, LEAKS]), "its goods")
    shipped = next(one for one in cases[0]["goods"] if one["key"] == AWAY)["shipments"]
    s.ok(any(move["to"].endswith(CHONGQING) for move in shipped), f"how it was shipped: {shipped}")
    s.equal(sorted(one["file"] for one in cases[0]["evidence"]), ["bottle.jpg", "shelf.jpg"], "its pictures")
    s.server("rule", str(cases[0]["case"]), "diverted", "--reason", "two bottles, receipt of the shop", "--by", "chief")
    s.same(s.rows("cases"), ["state", "by"], [["diverted", "chief"]], "the ruling")
    s.same(s.rows("cases", "--offenders"), ["party", "cases", "diverted", "open"], [[CHONGQING, 1, 1, 0]], "offenders")


def story(s):
    ship(s)
    d = s.handheld("auditor", online=False)
    d.sign_in(4)
    d.see("What now?")
    names = [shop(d) for shop in (first_shop, second_shop, third_shop)]
    d.key("5")
    d.see("Who works?")
    records = d.verify()
    s.same([r for r in records if r["outcome"] != "accepted"], ["seq", "word"], [], "all records hold")
    found = [r["reason"] for r in records if r["kind"] == "scan" and r["severity"] == "accept"]
    s.equal(sorted(found), sorted(["in-region"] * 7 + ["out-of-region", "recalled", "unregistered", "defaced"]), "what was found")
    check_reports(s, d, names)
    rule(s)


if __name__ == "__main__":
    stage.play("en", feed("en"), story)
