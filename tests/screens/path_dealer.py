"""A dealer's screens: goods in, against what is on the way and before the books know; out, to people, shops and by permit;
what comes back, also what another sold; stock on hand; and where a bottle has been, as the server tells it."""
import json

from make_feed import WINE, check, item, sscc
from path_flows import scanned, sign_in

PULLS = ["XJ-0"]
PINNED_YEAR = None
SITE = "DS1"

CASE, MOVED = sscc(70), item("0" + WINE, "W7001")
SENT = [item("0" + WINE, "W70%02d" % n) for n in range(1, 6)]
HERE = [item("0" + WINE, "W71%02d" % n) for n in range(1, 5)]
NEW, BACK, FOREIGN, OTHERS = (item("0" + WINE, serial) for serial in ("W9001", "W7201", "W8801", "W8802"))


def lines(year):
    yield {"type": "region", "id": "510100", "name": "成都市", "parent": None}
    for party, name, kind, parent in (("D-CD-01", "成都蓉城商贸", "dealer", None),
                                      ("S-PD-01", "郫都分销", "sub-dealer", "D-CD-01"),
                                      ("R-JJ-03", "锦江烟酒店", "retailer", "D-CD-01"),
                                      ("D-CQ-02", "重庆山水贸易", "dealer", None)):
        yield {"type": "party", "id": party, "name": name, "kind": kind, "region": "510100", "parent": parent}
    for site, name, kind, party in (("CDB", "中心库", "warehouse", None), ("RDB1", "区域库", "warehouse", None),
                                    ("DS1", "蓉城门店", "dealer", "D-CD-01"),
                                    ("DSQ", "门店隔离区", "quarantine", "D-CD-01")):
        yield {"type": "site", "id": site, "name": name, "kind": kind, "region": "510100", "party": party}
    yield {"type": "operator", "id": "chen", "name": "陈静", "role": "dealer", "site": "DS1", "pin": "2468"}
    for who, site in (("wang", "CDB"), ("zhao", "RDB1")):
        yield {"type": "operator", "id": who, "name": who, "role": "clerk", "site": site, "pin": "2468"}
    yield {"type": "policy", "site": "DS1", "registry": "strict", "quarantine": "DSQ"}
    yield {"type": "product", "id": "WINE-05", "name": "陈酿 500ml", "gtin": ["0" + WINE], "unit": "瓶", "decimals": 0,
           "control": "item", "pack": [{"level": 1, "name": "箱", "gtin": check("1690123499002"), "contains": 6}]}
    yield {"type": "product", "id": "WINE-10", "name": "陈酿 1L", "gtin": ["0" + check("690123499006")], "unit": "瓶",
           "decimals": 0, "control": "item"}
    for product, lot in (("WINE-05", "W1"), ("WINE-05", "W2"), ("WINE-10", "W5")):
        yield {"type": "lot", "product": product, "lot": lot, "made": f"{year - 1}-09-01",
               "expires": f"{year + 2}-09-01", "quality": "released",
               "facts": {"factory": "五厂", "line": "3号线", "team": "甲班", "report": "QR-551"}}
    yield {"type": "permit", "from": "D-CD-01", "to": "D-CQ-02", "product": "WINE-05", "qty": "1",
           "until": f"{year}-12-31"}
    goods = {"type": "code", "product": "WINE-05", "level": 0}
    yield {**goods, "code": MOVED, "lot": "W1", "holder": "site:CDB"}
    for code in SENT[1:]:
        yield {**goods, "code": code, "lot": "W1", "holder": "transit:party:D-CD-01"}
    yield {**goods, "code": CASE, "lot": "W2", "level": 1, "holder": "transit:site:DS1"}
    for n in range(6):
        yield {**goods, "code": item("0" + WINE, "W75%02d" % n), "lot": "W2", "in": CASE}
    for code in HERE:
        yield {**goods, "code": code, "lot": "W1", "holder": "site:DS1"}
    yield {**goods, "code": BACK, "lot": "W1", "holder": "party:R-JJ-03"}
    for code in (FOREIGN, OTHERS):
        yield {**goods, "code": code, "lot": "W1", "holder": "party:D-CQ-02"}
    yield {"type": "stock", "holder": "site:DS1", "product": "WINE-10", "lot": "W5", "qty": "30"}
    yield {"type": "document", "source": "erp", "doc": "out,31", "no": "SO-31", "flow": "outbound", "state": "open",
           "from": "site:RDB1", "to": "party:D-CD-01", "lines": [{"line": "1", "product": "WINE-05", "qty": "1"}]}


def FEEDS(year):
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines(year))


def before(world, url):
    """One bottle goes from the factory's warehouse by the region's to the dealer."""
    world.environment["TALLYMAN_PIN"] = "2468"

    def device(data, site, who):
        world.enrol_at(data, site, url)
        return lambda *words, typed=None: world.run("tallyman", "--data", data, "--as", who, *words, typed=typed)

    for data, site, who, start in (("cdb", "CDB", "wang", ("transfer", "to=RDB1")), ("rdb", "RDB1", "zhao", ("receipt",)),
                                   ("rdb", "RDB1", "zhao", None)):
        tallyman = device(data, site, who) if start else tallyman
        no = tallyman("start", *start).strip() if start else "SO-31"
        tallyman("scan", no, typed=scanned(MOVED) + "\n")
        tallyman("complete", no)
        tallyman("sync")


def begin(d, number):
    d.key("2")
    d.see("5 ")
    d.key(str(number))


def done(d, name):
    d.shot(name)
    d.key("Enter")
    d.see("6 ")


def stock(d):
    d.key("3")
    d.shot("stock")
    d.type("1L")
    d.shot("stock-sought")
    d.key("F2")
    d.see("W2")
    d.scan(scanned(HERE[0]))
    d.shot("stock-scanned")
    d.terminal.resize(20, 16)
    d.shot("stock-20x16")
    d.terminal.resize(80, 24)
    d.shot("stock-80x24")
    d.terminal.resize(30, 20)
    d.key("Escape")
    d.see("6 ")


def goods_in(d):
    begin(d, 2)
    d.shot("dealer-in-ready")
    for code in SENT[1:4]:
        d.scan(scanned(code))
        d.see(code[-4:])
    d.shot("dealer-in-scanned")
    d.scan(scanned(NEW))
    d.shot("dealer-in-provisional")
    d.scan(scanned(CASE))
    d.shot("dealer-in-case")
    d.scan(scanned(MOVED))
    d.see("…" + MOVED[-5:])
    d.scan(scanned(HERE[0]))
    d.shot("dealer-in-here-already")
    d.key("Escape")
    d.shot("dealer-in-document")
    d.key("Enter")
    d.see(HERE[0][-4:])
    d.key("F2", "F2", "Escape", "F4")
    d.shot("dealer-in-missing")
    d.key("1")
    d.shot("dealer-in-papers")
    d.key("F4")
    done(d, "dealer-in-done")


def leave_it(d):
    """What was rejected is put aside, the rest goes, and its papers say nothing more."""
    d.key("Down", "F2", "F4")
    d.see("4Done" if d.world.lang == "en" else "4完成")
    d.key("F4")


def goods_out(d):
    begin(d, 3)
    d.shot("dealer-out-form")
    d.key("F2")
    d.shot("dealer-out-to")
    d.key("Enter", "F4")
    d.shot("dealer-out-ready")
    d.scan(scanned(HERE[0]))
    d.shot("dealer-out-scanned")
    d.key("F2")
    d.see("✔ …")
    d.key("Enter")
    d.shot("dealer-out-looked-up")
    d.key("Escape", "Escape")
    d.see("DO-")
    d.scan(scanned(SENT[4]))
    d.see(SENT[4][-4:])
    d.scan(scanned(MOVED))
    d.see(MOVED[-4:])
    d.scan(scanned(FOREIGN))
    d.shot("dealer-out-foreign")
    leave_it(d)
    done(d, "dealer-out-done")


def by_permit(d):
    begin(d, 3)
    d.key("F2")
    d.see("D-CQ-02")
    d.key("End", "Enter")
    d.shot("dealer-out-permit-form")
    d.key("F4")
    d.see("DO-")
    d.scan(scanned(HERE[1]))
    d.see("…" + HERE[1][-5:])
    d.scan(scanned(HERE[2]))
    d.shot("dealer-out-no-permit")
    leave_it(d)
    d.shot("dealer-out-permit-done")
    d.key("Enter")
    d.see("6 ")


def come_back(d):
    begin(d, 1)
    d.key("F2")
    d.shot("dealer-return-from")
    d.key("Escape", "F4")
    d.shot("dealer-return-ready")
    d.scan(scanned(BACK))
    d.shot("dealer-return-back")
    d.scan(scanned(FOREIGN))
    d.shot("dealer-return-foreign")
    d.key("F4")
    d.shot("dealer-return-papers")
    d.key("F4")
    d.see("└")
    d.key("Enter")
    d.see("6 ")


def where(d):
    """What this device knows, then what the server does."""
    d.scan(scanned(HERE[3]))
    d.shot("trace-offline")
    d.key("Escape")
    d.see("6 ")
    d.key("4")
    d.see("F2")
    d.key("F2")
    d.see("✔")
    d.key("Escape")
    d.see("6 ")
    d.scan(scanned(MOVED))
    d.see("CDB → RDB1")
    d.shot("trace-chain")
    d.key("Down", "Down", "Down", "Down", "Down", "Down")
    d.shot("trace-chain-below")
    d.scan(scanned(FOREIGN))
    d.see("DSQ")
    d.shot("trace-returned")
    d.scan(scanned(OTHERS))
    d.shot("trace-anothers")
    d.key("Escape")
    d.see("6 ")


def walk(d):
    d.see("Tallyman")
    sign_in(d, 0, "2468")
    d.shot("dealer-home")
    d.key("2")
    d.shot("dealer-begin")
    d.key("Escape")
    d.see("6 ")
    stock(d)
    goods_in(d)
    goods_out(d)
    by_permit(d)
    come_back(d)
    where(d)
