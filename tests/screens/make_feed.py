#!/usr/bin/env python3
"""The small world in which the screens are driven, as a feed: make_feed.py YEAR >FILE. As a module: feed."""
import json
import sys


def check(digits):
    """GS1 General Specifications 7.9: the check digit of GTIN and SSCC."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def sscc(number):
    return "(00)" + check("0690123499%07d" % number)


SEAL, WINE, BOLT, BEARING = (check(g) for g in ("690123499001", "690123499002", "690123499003", "690123499004"))
SEAL_CASE, BOLT_BOX = check("1690123499001"), check("1690123499003")


def item(gtin, serial):
    return f"(01){gtin}(21){serial}"


def lines(year):
    day = lambda years, rest: f"{year + years}-{rest}"  # noqa: E731
    yield {"type": "region", "id": "510100", "name": "成都市", "parent": None}
    yield {"type": "party", "id": "D-CD-01", "name": "成都蓉城商贸", "kind": "dealer", "region": "510100"}
    yield {"type": "party", "id": "D-CQ-02", "name": "重庆山水贸易", "kind": "dealer", "region": None}
    yield {"type": "site", "id": "CDB", "name": "中心库", "kind": "warehouse", "region": "510100"}
    yield {"type": "site", "id": "SHB", "name": "华东分库", "kind": "warehouse", "region": None}
    yield {"type": "operator", "id": "wang", "name": "王芳", "role": "clerk", "site": "CDB", "pin": "2468"}
    yield {"type": "operator", "id": "li", "name": "李建国", "role": "supervisor", "site": "CDB", "pin": "13572468"}
    yield {"type": "policy", "site": "CDB", "registry": "strict"}
    yield {"type": "product", "id": "SKU-B200", "name": "泵密封套件", "gtin": ["0" + SEAL], "unit": "件", "decimals": 0,
           "control": "item", "pack": [{"level": 1, "name": "箱", "gtin": SEAL_CASE, "contains": 12},
                                       {"level": 2, "name": "托", "contains": 4}]}
    yield {"type": "product", "id": "WINE-05", "name": "陈酿 500ml", "gtin": ["0" + WINE], "unit": "瓶", "decimals": 0,
           "control": "item"}
    yield {"type": "product", "id": "SKU-D400", "name": "不锈钢螺栓 M8", "gtin": ["0" + BOLT], "unit": "个",
           "decimals": 0, "control": "none",
           "pack": [{"level": 1, "name": "盒", "gtin": BOLT_BOX, "contains": 50}]}
    yield {"type": "product", "id": "SKU-A100", "name": "深沟球轴承 6204", "gtin": ["0" + BEARING], "unit": "个",
           "decimals": 0, "control": "item"}
    for lot, expires in (("LB-2501", day(2, "01-10")), ("LB-2502", day(2, "03-10"))):
        yield {"type": "lot", "product": "SKU-B200", "lot": lot, "made": day(0, "01-10"), "expires": expires,
               "quality": "released"}
    for lot, expires in (("W1", day(1, "05-01")), ("W2", day(1, "09-01")), ("W3", day(2, "09-01"))):
        yield {"type": "lot", "product": "WINE-05", "lot": lot, "made": day(-1, "09-01"), "expires": expires,
               "quality": "released"}
    yield {"type": "recall", "id": "R-7", "product": "WINE-05", "lots": ["W2"], "codes": [], "reason": "瓶盖渗漏",
           "action": "quarantine"}
    pallet = sscc(1)
    yield {"type": "code", "code": pallet, "product": "SKU-B200", "lot": "LB-2501", "level": 2, "holder": "site:CDB"}
    for case in range(6):
        inside = {"in": pallet} if case < 4 else {}
        yield {"type": "code", "code": sscc(16 + case), "product": "SKU-B200", "lot": "LB-2501", "level": 1,
               "holder": "site:CDB", **inside}
        for n in range(12):
            yield {"type": "code", "code": item("0" + SEAL, "A%d%02dC%d" % (case + 1, n + 1, (case + n) % 10)),
                   "product": "SKU-B200", "lot": "LB-2501", "level": 0, "in": sscc(16 + case), "holder": "site:CDB"}
    yield {"type": "code", "code": sscc(40), "product": "SKU-B200", "lot": "LB-2501", "level": 1,
           "holder": "site:CDB"}
    for n in range(2):
        yield {"type": "code", "code": item("0" + SEAL, "B000%dC1" % (n + 1)), "product": "SKU-B200", "lot": "LB-2501",
               "level": 0, "holder": "site:CDB"}
    for lot, first in (("W1", 101), ("W2", 201), ("W3", 301)):
        for n in range(6):
            yield {"type": "code", "code": item("0" + WINE, "W%d" % (8000 + first + n)), "product": "WINE-05", "lot": lot,
                   "level": 0, "holder": "site:CDB"}
    for n in range(4):
        yield {"type": "code", "code": item("0" + BEARING, "ZC100%d" % (n + 1)), "product": "SKU-A100", "level": 0,
               "holder": "site:CDB" if n < 3 else "site:SHB"}
    yield {"type": "stock", "holder": "site:CDB", "product": "SKU-D400", "lot": None, "qty": "5000"}
    base = {"type": "document", "source": "erp", "flow": "outbound", "state": "open", "from": "site:CDB"}
    yield {**base, "doc": "out,1", "no": "SO-1", "to": "party:D-CD-01", "dock": "3号门", "due": day(0, "11-23"),
           "lines": [{"line": "1", "product": "SKU-B200", "qty": "60"}, {"line": "2", "product": "WINE-05", "qty": "3"},
                     {"line": "3", "product": "SKU-D400", "qty": "200"}, {"line": "4", "product": "SKU-A100", "qty": "2"}]}
    yield {**base, "doc": "out,2", "no": "SO-2", "to": "party:D-CQ-02", "dock": "1号门", "due": day(0, "11-24"),
           "lines": [{"line": "1", "product": "SKU-B200", "qty": "14"}, {"line": "2", "product": "SKU-A100", "qty": "1"}]}
    yield {**base, "doc": "out,3", "no": "SO-3", "to": "party:D-CD-01", "due": day(0, "11-25"), "state": "cancelled",
           "lines": [{"line": "1", "product": "SKU-A100", "qty": "1"}]}


def feed(year):
    """The lines as text; the orders are of November of that year."""
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines(year))


if __name__ == "__main__":
    sys.stdout.write(feed(int(sys.argv[1])))
