"""The goods of the stories: their codes, the feed's lines, and how a scanner sends them."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests", name) for name in ("screens", "demo", "crash")]
import rig  # noqa: E402
from make_feed import check, item, sscc  # noqa: E402,F401

YEAR = 2045  # nothing expires, whenever this runs
TAIL = 6
WINE, BOLT = "0" + check("690123499002"), "0" + check("690123499003")
BOLT_BOX = check("1690123499003")
NAMES = {"zh_CN": ("陈酿 500ml", "不锈钢螺栓 M8"), "en": ("Old wine 500ml", "Steel bolt M8")}


def line(feed_type, **members):
    """One line of the feed; `from_` and `in_` stand for the words that Python keeps for itself."""
    return {"type": feed_type, **{name.rstrip("_"): value for name, value in members.items()}}


def places(lang, registry="strict", **policy):
    """Sites, parties, people (PIN 2468 each) and two products: wine by the piece, twelve a case; bolts by number."""
    wine, bolt = NAMES[lang]
    yield line("party", id="D-CD-01", name="成都蓉城商贸" if lang == "zh_CN" else "Rongcheng Trade", kind="dealer")
    yield line("party", id="D-CQ-02", name="重庆山水贸易" if lang == "zh_CN" else "Shanshui Trade", kind="dealer")
    yield line("site", id="CDB", name="中心库" if lang == "zh_CN" else "Central", kind="warehouse")
    yield line("site", id="CDQ", name="隔离区" if lang == "zh_CN" else "Quarantine", kind="quarantine")
    yield line("site", id="SHB", name="华东分库" if lang == "zh_CN" else "East", kind="warehouse")
    for who, role in (("li", "supervisor"), ("wang", "clerk"), ("zhao", "clerk")):
        yield line("operator", id=who, name=who, role=role, site="CDB", pin_hash=rig.PIN_HASH)
    yield line("policy", site="CDB", registry=registry, quarantine="CDQ", **policy)
    yield line("product", id="WINE", name=wine, gtin=[WINE], unit="u", decimals=0, control="item",
               pack=[{"level": 1, "name": "箱" if lang == "zh_CN" else "case", "contains": 12},
                     {"level": 2, "name": "托" if lang == "zh_CN" else "pallet", "contains": 4}])
    yield line("product", id="BOLT", name=bolt, gtin=[BOLT], unit="u", decimals=0, control="none",
               pack=[{"level": 1, "name": "盒" if lang == "zh_CN" else "box", "gtin": BOLT_BOX, "contains": 50}])
    yield line("stock", holder="site:CDB", product="BOLT", lot=None, qty="5000")
    for lot in ("W1", "W2"):
        yield line("lot", product="WINE", lot=lot, made=f"{YEAR - 1}-09-01", expires=f"{YEAR + 2}-09-01",
                   quality="released")


def bottles(lot, numbers, holder="site:CDB", **more):
    """Single bottles; a bottle's serial is its lot and its number."""
    for n in numbers:
        yield line("code", code=bottle(lot, n), product="WINE", lot=lot, level=0, holder=holder, **more)


def bottle(lot, n):
    return item(WINE, f"{lot}{n:04d}")


def order(no, to, lines, **more):
    """Lines: (product, quantity)."""
    return line("document", source="erp", doc=no, no=no, flow="outbound", state=more.pop("state", "open"),
                from_="site:CDB", to=f"party:{to}", due=f"{YEAR}-11-23",
                lines=[{"line": str(n), "product": product, "qty": str(qty)}
                       for n, (product, qty) in enumerate(lines, 1)], **more)


def wire(key):
    """A key as a scanner sends it."""
    if not key.startswith("("):
        return key
    symbology = "]C1" if key.startswith("(00)") else "]d2"
    return symbology + re.sub(r"\((\d+)\)", r"\1", key)


def tail(key):
    """The last characters of what a person reads on the label."""
    return re.sub(r"^.*\)", "", key)[-TAIL:]
