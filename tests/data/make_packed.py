#!/usr/bin/env python3
"""Writes packed.ndjson and verdicts.tsv: what a packing line and the quality department would have reported for the
goods of orders.ndjson, and a day's scans with the verdicts that they must get.

    make_packed.py        writes both files beside itself
"""
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
GS = "\\x1d"
A, B = "04006381333931", "05901234123457"


def check_digit(digits):
    """GS1 General Specifications 7.9."""
    return str(-sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))) % 10)


def with_check(digits):
    return digits + check_digit(digits)


def sscc(serial):
    return with_check(f"06901234{serial:09d}")


C = with_check("9690123400003")  # indicator 9: variable measure, the weight is on each label
D, D_BOX = with_check("0690123400004"), with_check("1690123400004")
E_GTIN = with_check("0690123400005")
A_CASE, B_CASE = with_check("1" + A[1:13]), with_check("1" + B[1:13])

feed = []


def tell(kind, **members):
    feed.append({"type": kind, **members})


def unit(text, product=None, lot=None, inside=None, **members):
    told = {"code": text, "product": product, "lot": lot, "in": inside}
    tell("code", **{name: value for name, value in told.items() if value}, **members)


def box(number):
    return f"(00){sscc(number)}"


def seal(serial):
    return f"(01){B}(21){serial}"


def bearing(number):
    return f"(01){A}(21)26{number:08d}"


def products():
    tell("product", id="SKU-A100", pack=[{"level": 1, "name": "箱", "gtin": A_CASE, "contains": 12},
                                         {"level": 2, "name": "托", "contains": 40}])
    tell("product", id="SKU-B200", pack=[{"level": 1, "name": "箱", "gtin": B_CASE, "contains": 12},
                                         {"level": 2, "name": "托", "contains": 40}])
    tell("product", id="SKU-C300", gtin=[C])
    tell("product", id="SKU-D400", gtin=[D], pack=[{"level": 1, "name": "盒", "gtin": D_BOX, "contains": 50},
                                                   {"level": 2, "name": "托", "contains": 8}])
    tell("product", id="SKU-E500", name="O 形密封圈 25×3", gtin=[E_GTIN], unit="u", decimals=0, control="item")


def lots():
    dates = {"LB-2401": ("2024-01-31", "2026-01-31", "released"), "LB-2501": ("2025-01-10", "2031-01-10", "released"),
             "LB-2502": ("2025-02-10", "2031-02-10", "released"), "LB-2503": ("2026-02-10", "2032-02-10", "released"),
             "LB-2504": ("2026-11-02", "2032-11-02", "hold")}
    for lot, (made, expires, quality) in dates.items():
        tell("lot", product="SKU-B200", lot=lot, made=made, expires=expires, quality=quality,
             facts={"factory": "一厂", "line": "3", "team": "乙班", "report": f"QC-{lot}"})
    tell("lot", product="SKU-C300", lot="LC-0001", made="2026-03-01", expires="2031-03-01", quality="released")
    tell("recall", id="R-7", product="SKU-B200", lots=["LB-2501"], codes=[], reason="密封圈开裂", action="quarantine")


# The pallet of the design's picture: …0016, 48 seals in four cases.
SEAL_PALLET, SEAL_CARTON, RECALLED_CASE, UNREPORTED = box(1), box(9), box(10), box(11)
SEAL_CASES = [box(n) for n in (2, 3, 4, 5)]
BEARING_CASES = [box(n) for n in (21, 22, 23, 24, 25)]
BOLT_PALLETS = [box(31), box(32)]


def seals():
    tell("code", code=SEAL_PALLET, holder="site:CDB")
    for n, case in enumerate(SEAL_CASES):
        unit(case, inside=SEAL_PALLET)
        for i in range(12):
            unit(seal(f"B2-{n + 1}{i + 1:02d}"), "SKU-B200", "LB-2502", case)
    tell("code", code=SEAL_CARTON, holder="site:CDB")
    for i in range(6):
        unit(seal(f"B2-9{i + 1:02d}"), "SKU-B200", "LB-2502", SEAL_CARTON)
    tell("code", code=seal("B2-101"), aliases=["KF-7Q2M-0101"])
    tell("code", code=RECALLED_CASE, holder="site:CDB")
    for i in range(12):
        unit(seal(f"B1-{i + 1:03d}"), "SKU-B200", "LB-2501", RECALLED_CASE)
    unit(UNREPORTED, "SKU-B200", "LB-2503", level=1, holder="site:CDB")
    for serial, lot, holder in (("B3-001", "LB-2503", "site:CDB"), ("B3-002", "LB-2503", "transit:site:CDB"),
                                ("B4-001", "LB-2504", "site:CDB"), ("B0-001", "LB-2401", "site:CDB"),
                                ("B3-003", "LB-2503", "site:SHB"), ("B3-004", "LB-2503", "party:D-CD-01")):
        unit(seal(serial), "SKU-B200", lot, holder=holder)
    unit(seal("B3-005"), "SKU-B200", "LB-2503", holder="site:CDB", state="damaged")


def bearings():
    tell("codes", product="SKU-A100", first=bearing(1), last=bearing(500), holder="site:CDB")
    for n, case in enumerate(BEARING_CASES):
        unit(case, holder="site:CDB")
        for i in range(12):
            unit(bearing(12 * n + i + 1), "SKU-A100", inside=case)


def bolts():
    for n, pallet in enumerate(BOLT_PALLETS):
        unit(pallet, "SKU-D400", level=2, holder="site:CDB")
        for i in range(8):
            unit(box(40 + 8 * n + i), inside=pallet, covers=50)


def others():
    unit(f"(01){E_GTIN}(21)E0001", "SKU-E500", holder="site:CDB")
    tell("document", source="tryton:wh", doc="stock.shipment.out,1", dock="3号门")
    tell("document", source="tryton:wh", doc="stock.shipment.out,2", dock="5号门")


# ---- the day: document, scan as the scanner sends it, reason, severity, what the clerk does then, what it is ----

def bar(code):
    return "]C1" + code[1:3] + code[4:]


def matrix(serial, lot):
    return f"]d201{B}21{serial}{GS}10{lot}"


def item(number):
    return f"]d201{A}2126{number:08d}"


def weight(kilograms_100, lot="LC-0001"):
    return f"]C101{C}3102{kilograms_100:06d}10{lot}"


DAY = [
    ("SO-1", bar(BEARING_CASES[0]), "ok", "accept", "", "a case of 12 bearings"),
    ("SO-1", item(9), "duplicate", "reject", "", "a bearing out of that case"),
    ("SO-1", item(400), "ok", "accept", "undo", "a loose bearing of a run of serials: the wrong one, put back"),
    ("SO-1", bar(BEARING_CASES[1]), "ok", "accept", "", "the second case: 24 of 24"),
    ("SO-1", bar(BEARING_CASES[2]), "over-quantity", "reject", "", "a third case: an over-scan"),
    ("SO-1", f"]d201{E_GTIN}21E0001", "not-on-order", "reject", "", "a wrong product"),
    ("SO-1", bar(SEAL_PALLET), "over-quantity", "reject", "", "a pallet of 48 seals where 6 are wanted"),
    ("SO-1", matrix("B2-102", "LB-2502"), "ok", "accept", "", "a seal out of the pallet's first case"),
    ("SO-1", matrix("B2-102", "LB-2502"), "duplicate", "reject", "", "the same again"),
    ("SO-1", "KF-7Q2M-0101", "ok", "accept", "", "the hidden code of another seal: an alias"),
    ("SO-1", matrix("B1-003", "LB-2501"), "recalled", "reject", "", "a seal of the recalled lot"),
    ("SO-1", bar(RECALLED_CASE), "recalled", "reject", "", "a case of the recalled lot"),
    ("SO-1", matrix("B4-001", "LB-2504"), "on-hold", "reject", "", "a lot that is not released"),
    ("SO-1", matrix("B0-001", "LB-2401"), "expired", "reject", "", "a lot past its date"),
    ("SO-1", matrix("B3-005", "LB-2503"), "void-code", "reject", "", "reported as damaged"),
    ("SO-1", "XJ-9912-77", "unknown-code", "reject", "", "a code that nobody knows"),
    ("SO-1", matrix("B9-999", "LB-2502"), "unregistered", "reject", "", "the product is known, this serial is not"),
    ("SO-1", f"]E0{B[1:]}", "need-serial", "reject", "", "the EAN-13 of goods that carry serials"),
    ("SO-1", f"]C101{C}3102000500", "need-lot", "reject", "", "grease without its lot"),
    ("SO-1", f"]C102{B}3712", "need-sscc", "reject", "", "a contents label without its SSCC"),
    ("SO-1", f"]E0{B[1:13]}9", "malformed", "reject", "", "an EAN-13 with a wrong check digit"),
    ("SO-1", matrix("B3-003", "LB-2503"), "wrong-holder", "reject", "", "booked at the Shanghai branch"),
    ("SO-1", matrix("B3-004", "LB-2503"), "already-shipped", "reject", "", "gone to a dealer long ago"),
    ("SO-1", matrix("B2-103", "LB-2502"), "ok", "accept", "", "a third seal"),
    ("SO-1", matrix("B3-001", "LB-2503"), "older-first", "warn", "", "a younger lot while an older one is there: counts"),
    ("SO-1", matrix("B3-002", "LB-2503"), "not-received", "warn", "", "still booked as on its way here: counts"),
    ("SO-1", matrix("B2-104", "LB-2502"), "ok", "accept", "", "the sixth seal"),
    ("SO-1", weight(725), "ok", "accept", "", "7.25 kg of grease"),
    ("SO-1", bar(BOLT_PALLETS[0]), "ok", "accept", "", "a whole pallet of 400 bolts"),
    ("SO-1", weight(525), "ok", "accept", "", "5.25 kg: 12.5 of 12.5"),
    ("SO-1", f"]C101{D_BOX}", "over-quantity", "reject", "", "one more box of 50: an over-scan; SO-1 is complete"),
    ("SO-2", matrix("B2-102", "LB-2502"), "in-other-document", "confirm", "undo", "a seal that SO-1 holds: left there"),
    ("SO-2", bar(BEARING_CASES[2]), "ok", "accept", "", "12 bearings"),
    ("SO-2", bar(BEARING_CASES[3]), "ok", "accept", "", "24 of 24"),
    ("SO-2", bar(SEAL_CARTON), "ok", "accept", "", "a carton of 6 seals"),
    ("SO-2", weight(1250), "ok", "accept", "", "12.5 kg in one drum"),
    ("SO-2", bar(box(48)), "ok", "accept", "", "a box of 50 bolts off the second pallet"),
    ("SO-2", bar(BOLT_PALLETS[1]), "partial-container", "confirm", "confirm", "the pallet that it came from: take the other 350"),
]


# The rest of the day, each part a document that the clerk begins: its flow stands where the order's number was.
FLOWS = [
    ("receipt", f"]C101{D_BOX}", "ok", "accept", "", "a box of 50 bolts: goods without serials"),
    ("receipt", matrix("B3-003", "LB-2503"), "wrong-holder", "accept", "", "booked at the Shanghai branch: it is here, and counts"),
    ("receipt", matrix("B9-999", "LB-2502"), "unregistered", "warn", "", "a serial that nobody reported: counts"),
    ("receipt", matrix("B1-003", "LB-2501"), "recalled", "accept", "", "a seal of the recalled lot: goes to quarantine"),
    ("receipt", "XJ-9912-77", "unknown-code", "warn", "undo", "a code that nobody knows: not this one"),
    ("pack", item(401), "ok", "accept", "", "a loose bearing"),
    ("pack", item(402), "ok", "accept", "", "another"),
    ("pack", item(402), "duplicate", "reject", "", "the same again"),
    ("pack", item(403), "ok", "accept", "", "three of twelve"),
    ("pack", bar(box(60)), "partial-container", "confirm", "confirm", "the case's label: a broken case, closed all the same"),
    ("pack", item(404), "ok", "accept", "", "one more stays loose"),
    ("count", f"]d201{E_GTIN}21E0001", "ok", "accept", "", "the one that the books have here"),
    ("count", f"]d201{E_GTIN}21E0001", "duplicate", "reject", "", "the same again"),
    ("count", f"]d201{E_GTIN}21E0002", "unregistered", "warn", "", "one that the books don't have: a difference"),
]


def table(name, title, rows):
    text = title + "\n" + "".join("\t".join(row) + "\n" for row in rows)
    (HERE / name).write_text(text, encoding="utf-8")


def main():
    for part in (products, lots, seals, bearings, bolts, others):
        part()
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in feed)
    (HERE / "packed.ndjson").write_text(text, encoding="utf-8")
    table("verdicts.tsv", "# document, scan, reason, severity, what the clerk does then, what it is; in this order, on a fresh device", DAY)
    table("verdicts-flows.tsv", "# flow, scan, reason, severity, what the clerk does then, what it is; when SO-1 and SO-2 have gone", FLOWS)


main()
