#!/usr/bin/env python3
"""Writes orders.ndjson: what a real ERP (Tryton 6.0) answered, in the feed's form.

    make_orders.py [REFERENCE] >orders.ndjson

REFERENCE is the folder with the ERP's recorded exchanges; by default ../shared/reference/erp-tryton beside the
checkout. Ids, numbers, codes, names and quantities are the ERP's own. What an ERP does not know (who works here, which
goods carry serials) stands in this file.
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = "tryton:wh"

# Tryton knows "a lot is needed when goods leave" (SKU-B200, SKU-C300); that seals and bearings carry serials is the
# maker's doing.
CONTROL = {"SKU-A100": "item", "SKU-B200": "item", "SKU-C300": "lot", "SKU-D400": "none"}

PLACES = [
    {"type": "region", "id": "510000", "name": "四川省"},
    {"type": "region", "id": "510100", "name": "成都市", "parent": "510000"},
    {"type": "region", "id": "310000", "name": "上海市"},
    {"type": "region", "id": "310115", "name": "浦东新区", "parent": "310000"},
    {"type": "region", "id": "DE-HH", "name": "Hamburg"},
    {"type": "site", "id": "CDB", "name": "中心库", "kind": "warehouse", "region": "510100"},
    {"type": "site", "id": "CDB-Q", "name": "中心库隔离区", "kind": "quarantine", "region": "510100"},
    {"type": "site", "id": "SHB", "name": "华东分库", "kind": "warehouse", "region": "310115"},
    {"type": "party", "id": "D-CD-01", "name": "成都蓉城商贸", "kind": "dealer", "region": "510100"},
]
PEOPLE = [
    {"type": "operator", "id": "wang", "name": "王芳", "role": "clerk", "site": "CDB", "pin": "2468"},
    {"type": "operator", "id": "li", "name": "李建国", "role": "supervisor", "site": "CDB", "pin": "13572468"},
    {"type": "policy", "site": "CDB", "registry": "strict"},
]
REGION_OF_CITY = {"Hamburg": "DE-HH", "上海": "310115"}


def number(value):
    """Decimal text of a JSON number."""
    return f"{value:g}"


def day(value):
    return f"{value['year']:04d}-{value['month']:02d}-{value['day']:02d}" if value else None


def answers(path):
    """The JSON results in a recorded exchange; what was cut off or is no JSON is left out."""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line[4:] if line.startswith("<<< ") else line
        try:
            yield json.loads(text)
        except ValueError:
            continue


def product_line(move):
    product, uom = move["product."], move["uom."]
    gtins = [i["code"].zfill(14) for i in product["identifiers."]]
    line = {"type": "product", "id": product["code"], "name": product["template."]["name"], "unit": uom["symbol"],
            "decimals": uom["digits"], "control": CONTROL[product["code"]]}
    if gtins:
        line["gtin"] = gtins
    return line


def order_line(move_id, product, quantity, lot=None, picks=()):
    line = {"line": f"stock.move,{move_id}", "product": product, "qty": number(quantity), "tolerance": "0", "lot": lot}
    if picks:
        line["picks"] = list(picks)
    return line


def document(number_, state, party, lines, due=None, note=""):
    return {"type": "document", "source": SOURCE, "doc": f"stock.shipment.out,{number_}", "no": f"SO-{number_}",
            "flow": "outbound", "state": state, "from": "site:CDB", "to": f"party:{party}", "due": due, "note": note,
            "lines": lines}


def whole_shipment(erp):
    """Shipment 1 as the ERP gave it in one answer, with its bins."""
    moves = sorted(erp["outgoing_moves."], key=lambda move: move["id"])
    lines = []
    for move in moves:
        origin = f"stock.move,{move['id']}"
        picks = [{"bin": pick["from_location."]["code"], "qty": number(pick["quantity"]),
                  "lot": pick["lot."]["number"] if pick["lot."] else None}
                 for pick in erp["inventory_moves."] if pick["origin"] == origin]
        lines.append(order_line(move["id"], move["product."]["code"], move["quantity"], picks=picks))
    address = erp["delivery_address."]["full_address"].replace("\n", ", ")
    return document(erp["number"], "open", erp["customer."]["code"], lines, day(erp["planned_date"]),
                    f"{erp['reference']} · {address}"), moves


def shipment_two(poll, first, moves):
    """The ERP listed shipment 2's moves by id only; it was entered with shipment 1's four lines, in their order."""
    listed = re.search(r'"id":2,"moves\.":\[(.*?)\]', poll).group(1)
    ids = sorted(int(i) for i in re.findall(r'"id":(\d+)', listed))[:len(moves)]
    lines = [order_line(i, move["product."]["code"], move["quantity"]) for i, move in zip(ids, moves)]
    return document(2, "open", "4", lines, first["due"], "PO-沪-0042 · 浦东新区张江路 88 号, 201203 上海")


def short_form(path, wanted):
    """A shipment in the short form {"state":…,"out":[[id, product, quantity, state, lot, origin] …]}."""
    shipments = [a for a in answers(path) if isinstance(a, dict) and wanted(a)]
    return sorted(shipments[0]["out"])


def backorder(path):
    """Shipment 7: what remained of the sale."""
    for answer in answers(path):
        for row in answer.get("result") or [] if isinstance(answer.get("result"), list) else []:
            if isinstance(row, dict) and row.get("number") == "7" and "outgoing_moves." in row:
                move = row["outgoing_moves."][0]
                return document(7, "open", "3", [order_line(move["id"], move["product."]["code"], move["quantity"])],
                                note=row["origins"])
    raise SystemExit("shipment 7 is not in the exchange")


def lots(seed):
    """The lots that the ERP was started with."""
    products = {"A": "SKU-A100", "B": "SKU-B200", "C": "SKU-C300", "D": "SKU-D400"}
    for name, lot in re.findall(r"\((\w), '(L\w+-\d+)'\)", seed):
        yield {"type": "lot", "product": products[name], "lot": lot}


def stock(seed):
    """Opening stock of what carries no serial; the rest comes code by code from the packing line."""
    products = {"C": "SKU-C300", "D": "SKU-D400"}
    for name, quantity, lot in re.findall(r"stock\((\w), \w+, (\d+), bins\[\d\](?:, '([\w-]+)')?\)", seed):
        if name in products:
            yield {"type": "stock", "holder": "site:CDB", "product": products[name], "lot": lot or None, "qty": quantity}


def main():
    reference = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[2] / "shared/reference/erp-tryton"
    if not reference.is_dir():
        raise SystemExit(f"{reference} is not there; orders.ndjson stays as it is")
    exchanges = reference / "exchanges"
    seed = (reference / "seed.py").read_text(encoding="utf-8")
    erp = json.loads((exchanges / "full-doc.json").read_text(encoding="utf-8"))["result"][0]
    first, moves = whole_shipment(erp)
    cancelled = short_form(exchanges / "conflicts.txt", lambda a: a.get("state") == "cancelled")
    sale = short_form(exchanges / "sale-flow.txt", lambda a: a.get("state") == "picked")
    customers = re.findall(r"= party\('([^']+)', '[^']*', '[^']*', '([^']*)'", seed)
    parties = [{"type": "party", "id": str(3 + i), "name": name, "kind": kind, "region": REGION_OF_CITY.get(city)}
               for i, ((name, city), kind) in enumerate(zip(customers, ("retailer", "dealer", "supplier")))]
    feed = PLACES + parties + [product_line(move) for move in moves] + list(lots(seed)) + list(stock(seed)) + [
        first,
        shipment_two((exchanges / "poll.txt").read_text(encoding="utf-8"), first, moves),
        document(3, "cancelled", "3", [order_line(*row[:3]) for row in cancelled], first["due"], "BULK-00"),
        document(6, "open", "3", [order_line(*row[:3], lot=row[4]) for row in sale if row[2]], note="1 [CUST-PO-1]"),
        backorder(exchanges / "sale-flow.txt"),
    ] + PEOPLE
    for line in feed:
        print(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


main()
