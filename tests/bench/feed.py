"""The bench's goods, as a feed: items in cases of twelve, cases on pallets of forty, one order a round."""
import json

ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWX"
GTIN = "05901234123457"
PER_CASE, CASES = 12, 40
OPERATOR, PIN = "bench", "2468"


def check_digit(digits):
    return str(-sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))) % 10)


def serial(number):
    """Twelve characters; no two that follow each other share one of the last six, so a repaint shows them all."""
    tail = "".join(ALPHABET[(number * 7 + place * 5) % 32] for place in range(6))
    head = "".join(ALPHABET[number >> shift & 31] for shift in range(25, -1, -5))
    return head + tail


def sscc(number):
    digits = f"0{number:016d}"
    return digits + check_digit(digits)


def key(number):
    return f"(01){GTIN}(21){serial(number)}"


def scan(number):
    """As a scanner sends it, escaped."""
    return f"]d201{GTIN}21{serial(number)}"


def pallet_scan(number):
    return f"]C100{pallet(number)}"


def pallet(number):
    return sscc(900000000 + number)


def lines(items, pallets, documents):
    """Feed lines: `items` loose items in cases, `pallets` whole pallets, orders B-1 … B-<documents>."""
    yield {"type": "region", "id": "510100", "name": "成都市", "parent": None}
    yield {"type": "site", "id": "CDB", "name": "中心库", "kind": "warehouse", "region": "510100", "party": None}
    yield {"type": "party", "id": "D-1", "name": "成都蓉城商贸", "kind": "dealer", "region": "510100"}
    yield {"type": "policy", "site": "CDB", "registry": "strict"}
    yield {"type": "operator", "id": OPERATOR, "name": "王芳", "role": "clerk", "site": "CDB", "region": None, "pin": PIN}
    yield {"type": "product", "id": "SKU-B200", "name": "Pump seal kit", "gtin": [GTIN], "unit": "u", "decimals": 0,
           "control": "item", "pack": [{"level": 1, "name": "箱", "contains": PER_CASE},
                                       {"level": 2, "name": "托", "contains": CASES}]}
    yield {"type": "lot", "product": "SKU-B200", "lot": "LB-2501", "made": "2026-01-10", "expires": "2036-01-10",
           "quality": "released"}
    for number in range(1, documents + 1):
        yield {"type": "document", "source": "bench", "doc": f"shipment,{number}", "no": f"B-{number}", "flow": "outbound",
               "state": "open", "from": "site:CDB", "to": "party:D-1", "group": None, "due": "2026-11-23", "note": "",
               "lines": [{"line": f"move,{number}", "product": "SKU-B200", "qty": "1000000", "tolerance": "0",
                          "lot": None}]}
    for number in range(items):
        yield {"type": "code", "code": key(number), "product": "SKU-B200", "lot": "LB-2501", "level": 0,
               "in": f"(00){sscc(number // PER_CASE)}", "holder": "site:CDB"}
    item = items
    for number in range(pallets):
        for case in range(CASES):
            box = f"(00){sscc(500000000 + number * CASES + case)}"
            yield {"type": "code", "code": box, "product": "SKU-B200", "lot": "LB-2501", "level": 1,
                   "in": f"(00){pallet(number)}", "holder": "site:CDB"}
            for _ in range(PER_CASE):
                yield {"type": "code", "code": key(item), "product": "SKU-B200", "lot": "LB-2501", "level": 0, "in": box,
                       "holder": "site:CDB"}
                item += 1
        yield {"type": "code", "code": f"(00){pallet(number)}", "product": "SKU-B200", "lot": "LB-2501", "level": 2,
               "holder": "site:CDB"}


def write(path, items, pallets, documents):
    with open(path, "w", encoding="utf-8") as stream:
        for line in lines(items, pallets, documents):
            stream.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
