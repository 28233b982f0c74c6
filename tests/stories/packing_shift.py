#!/usr/bin/env python3
"""A packing shift: 1,000 bottles into 42 cases, the last one broken, 40 of them on two pallets. The broken case lands on the
second pallet among the full ones; that is found and put right with the one that was left over."""
import goods
import stage
from goods import bottle, line, sscc

BOTTLES, CASE, PALLET = 1000, 24, 20
CASES = [sscc(100 + n) for n in range(42)]
PALLETS = [sscc(900), sscc(901)]
BROKEN, LEFT_OVER = CASES[41], CASES[40]


def feed(lang):
    yield from (one for one in goods.places(lang) if one.get("id") != "WINE")
    yield line("product", id="WINE", name=goods.NAMES[lang][0], gtin=[goods.WINE], unit="u", decimals=0, control="item",
               pack=[{"level": 1, "name": "case", "contains": CASE}, {"level": 2, "name": "pallet", "contains": PALLET}])
    yield line("codes", product="WINE", lot="W1", first=bottle("W1", 1), last=bottle("W1", BOTTLES), holder="site:CDB")


def fill_cases(d):
    """41 full cases, the goods first and the label last; then the broken one, which is asked about."""
    numbers = iter(range(1, BOTTLES + 1))
    for n, case in enumerate(CASES[:41]):
        for _ in range(CASE):
            d.scan(bottle("W1", next(numbers)))
        if n == 0:
            d.see("24 / 24", "Now scan the label")
        d.scan(case)
        d.see("▣ …" + goods.tail(case), "×24")
    for number in numbers:
        d.scan(bottle("W1", number))
    d.see("16 / 24")
    d.scan(BROKEN, "Too few in it")
    d.key("Enter")
    d.confirm("Confirmed")
    d.stage.seen += BOTTLES


def one_too_many(d):
    """A bottle that is in a case already is no loose one."""
    d.scan(bottle("W1", 7), "Duplicate")


def stack_pallets(d):
    """The first by its label last, the second by its label first: that one closes itself when it is full."""
    for case in CASES[:20]:
        d.scan(case)
    d.see("20 / 20")
    d.scan(PALLETS[0])
    d.see("▣ …" + goods.tail(PALLETS[0]), "×20")
    d.scan(PALLETS[1])
    d.see("▣ …" + goods.tail(PALLETS[1]))
    for case in CASES[20:39]:
        d.scan(case)
    d.see("19 / 20")
    d.scan(BROKEN)  # here the hand took the wrong one: LEFT_OVER and CASES[39] are the full ones
    d.see("▣ …" + goods.tail(PALLETS[1]), "×20")


def put_right(d):
    """The pallet is short by eight bottles: the broken case comes out, a full one takes its place."""
    d.key("Escape", "Escape")
    d.see("What now?")
    d.start("Replacing")
    d.see("Ready")
    d.scan(BROKEN, "Comes out")
    d.scan(LEFT_OVER)
    d.see("…" + goods.tail(LEFT_OVER), "Replaced")
    d.key("F4")
    d.see("is done")
    d.dismiss("What now?")


def story(s):
    d = s.handheld("packer")
    d.sign_in(2)
    d.see("What now?")
    d.start("Packing")
    d.see("Place")
    d.type("L")
    d.key("F4")
    d.see("Ready")
    fill_cases(d)
    one_too_many(d)
    stack_pallets(d)
    d.key("F4")
    d.see("is done")
    d.dismiss("What now?")
    put_right(d)
    d.key("5")
    d.see("Who works?")
    records = d.verify()
    s.equal(sum(1 for r in records if r["kind"] == "scan" and r.get("pack")), 42 - 1 + 1 + 19 + 1 + 1, "packings")
    s.same([r for r in records if r["outcome"] != "accepted"], ["seq"], [], "all records hold")
    s.equal(s.rows("conflicts"), [], "conflicts")
    for who in (d, s.books()):
        who.knows(PALLETS[0], children=CASES[:20], product="WINE", holder="site:CDB")
        who.knows(PALLETS[1], children=sorted(CASES[20:39] + [LEFT_OVER]))
        who.knows(BROKEN, parent="", children=[bottle("W1", n) for n in range(985, 1001)])
        who.knows(CASES[39], parent="")
        who.knows(bottle("W1", 24), parent=CASES[0])
        who.knows(bottle("W1", 25), parent=CASES[1])


if __name__ == "__main__":
    stage.play("en", feed("en"), story)
