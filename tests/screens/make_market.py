#!/usr/bin/env python3
"""The market in which an auditor is driven: regions, dealers and their territories, shops, bottles with their sales. make_market.py YEAR."""
import json
import sys

from make_feed import WINE, check, item, sscc  # noqa: F401

GTIN = "0" + WINE
HIDDEN = "K7391284"
GOOD, OUT, BOTH, AT_HOME, NOWHERE = "A10001", "B20001", "B20002", "C30001", "X40001"


def lines(year):
    for region, name, parent in (("510000", "四川省", None), ("520000", "贵州省", None), ("510100", "成都市", "510000"),
                                 ("510104", "锦江区", "510100"), ("510107", "武侯区", "510100"),
                                 ("520100", "贵阳市", "520000"), ("520102", "南明区", "520100")):
        yield {"type": "region", "id": region, "name": name, "parent": parent}
    for party, name, kind, region, parent in (
            ("D-CD-01", "成都蓉城商贸", "dealer", "510100", None), ("D-GY-02", "贵阳黔酒商贸", "dealer", "520100", None),
            ("D-XX-03", "无区酒业", "dealer", None, None), ("R-LW", "老王烟酒店", "retailer", "510104", "D-CD-01"),
            ("R-XM", "小美超市", "retailer", "520102", "D-GY-02")):
        yield {"type": "party", "id": party, "name": name, "kind": kind, "region": region, "parent": parent}
    for party, region in (("D-CD-01", "510100"), ("D-GY-02", "520100")):
        yield {"type": "territory", "party": party, "product": None, "regions": [region], "exclusive": True,
               "from": f"{year}-01-01", "to": None}
    yield {"type": "site", "id": "CDB", "name": "中心库", "kind": "warehouse", "region": "510100"}
    yield {"type": "operator", "id": "zhou", "name": "周敏", "role": "auditor", "site": "CDB", "pin": "2468"}
    yield {"type": "policy", "site": "CDB", "registry": "strict"}
    yield {"type": "product", "id": "WINE-05", "name": "陈酿 500ml", "gtin": [GTIN], "unit": "瓶", "decimals": 0,
           "control": "item", "pack": [{"level": 1, "name": "箱", "contains": 6}]}
    for lot, expires in (("W1", f"{year + 1}-05-01"), ("W2", f"{year + 1}-09-01")):
        yield {"type": "lot", "product": "WINE-05", "lot": lot, "made": f"{year - 1}-09-01", "expires": expires,
               "quality": "released"}
    yield {"type": "recall", "id": "R-7", "product": "WINE-05", "lots": ["W2"], "codes": [], "reason": "瓶盖渗漏",
           "action": "quarantine"}
    home = {"holder": "party:D-CD-01", "sold": {"to": "D-CD-01", "at": f"{year}-10-08", "doc": "SO-1"}}
    away = {"holder": "party:D-GY-02", "sold": {"to": "D-GY-02", "at": f"{year}-10-12", "doc": "SO-2"}}
    earlier = [{"to": "D-CD-01", "at": f"{year}-06-01", "doc": "SO-0"}]
    for serial, lot, more in ((GOOD, "W1", {**home, "aliases": ["plain:" + HIDDEN]}), ("A10002", "W1", home),
                              ("A10003", "W1", home), (OUT, "W1", {**away, "earlier": earlier}),
                              (BOTH, "W2", {**away, "earlier": earlier,
                                            "seen": [{"region": "520102", "at": f"{year}-11-02"}]}),
                              (AT_HOME, "W1", {"holder": "site:CDB"}), (NOWHERE, "W1", {"holder": "party:D-XX-03"})):
        yield {"type": "code", "code": item(GTIN, serial), "product": "WINE-05", "lot": lot, "level": 0, **more}


def feed(year):
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines(year))


if __name__ == "__main__":
    sys.stdout.write(feed(int(sys.argv[1])))
