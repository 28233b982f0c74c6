#!/usr/bin/env python3
"""The world in which every flow is driven: the small one of make_feed, and what the other flows need. make_flows.py YEAR."""
import json
import sys

import make_feed
from make_feed import WINE, check, item, sscc

CUP = check("690123499005")
CUPS = ["(01)0%s(21)K%d" % (CUP, n) for n in range(1, 11)]
OLD_BOX = sscc(60)


def extra(year):
    yield {"type": "site", "id": "CDQ", "name": "隔离区", "kind": "quarantine", "region": "510100"}
    yield {"type": "policy", "site": "CDB", "registry": "learn", "quarantine": "CDQ"}
    # three cups a box, two boxes a carton
    yield {"type": "product", "id": "CUP-3", "name": "青花茶杯", "gtin": ["0" + CUP], "unit": "只", "decimals": 0,
           "control": "item", "pack": [{"level": 1, "name": "盒", "gtin": None, "contains": 3},
                                       {"level": 2, "name": "箱", "gtin": None, "contains": 2}]}
    for n, code in enumerate(CUPS):
        inside = {"in": OLD_BOX} if 6 <= n < 9 else {}
        yield {"type": "code", "code": code, "product": "CUP-3", "level": 0, "holder": "site:CDB", **inside}
    for n in range(3):  # recalled, and gone to a dealer
        yield {"type": "code", "code": item("0" + WINE, "W83%02d" % (50 + n)), "product": "WINE-05", "lot": "W2",
               "level": 0, "holder": "party:D-CD-01"}
    yield {"type": "flow", "id": "cold-receipt", "name": "冷链入库", "base": "receipt", "roles": ["clerk", "supervisor"],
           "blind_count": False,
           "fields": [{"name": "temperature", "label": "温度 °C", "kind": "number", "at": "start", "required": True,
                       "min": "-2", "max": "8"},
                      {"name": "made", "label": "日期", "kind": "date", "at": "start"},
                      {"name": "state", "label": "外观", "kind": "choice", "at": "complete", "required": True,
                       "choices": ["好", "湿", "破"]}]}
    base = {"type": "document", "source": "erp", "flow": "outbound", "state": "open", "from": "site:CDB",
            "to": "party:D-CQ-02", "group": "W-7", "dock": "2号门", "due": f"{year}-11-23"}
    yield {**base, "doc": "out,11", "no": "SO-11",
           "lines": [{"line": "1", "product": "SKU-B200", "qty": "24",
                      "picks": [{"bin": "C-03", "qty": "12", "lot": None}, {"bin": "A-12", "qty": "12", "lot": None}]},
                     {"line": "2", "product": "SKU-A100", "qty": "1",
                      "picks": [{"bin": "A-02", "qty": "1", "lot": None}]}]}
    yield {**base, "doc": "out,12", "no": "SO-12",
           "lines": [{"line": "1", "product": "SKU-A100", "qty": "1",
                      "picks": [{"bin": "B-07", "qty": "1", "lot": None}]}]}


def feed(year):
    return make_feed.feed(year) + "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
                                          for line in extra(year))


if __name__ == "__main__":
    sys.stdout.write(feed(int(sys.argv[1])))
