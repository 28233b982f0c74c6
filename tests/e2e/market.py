"""A market, for the scripts of dealers and auditors: regions, dealers, who sells what where, goods that were shipped to them,
and devices that joined a server.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402
from flows import Bench  # noqa: E402

CLERK, AUDITOR, DEALER, SUPERVISOR = "wang", "zhou", "chen", "li"
HOME, NEXT, ABROAD = "510104", "510107", "520100"


def order(no, party, *goods):
    lines = [{"line": str(n), "product": product, "qty": str(qty)} for n, (product, qty) in enumerate(goods, 1)]
    return rig.line("document", source="erp", doc=no, no=no, flow="outbound", state="open", to=f"party:{party}",
                    **{"from": "site:CDB"}, lines=lines)


def feed():
    return [
        rig.line("region", id="510000", name="四川省"), rig.line("region", id="520000", name="贵州省"),
        rig.line("region", id="510100", name="成都市", parent="510000"),
        rig.line("region", id=HOME, name="锦江区", parent="510100"),
        rig.line("region", id=NEXT, name="武侯区", parent="510100"),
        rig.line("region", id=ABROAD, name="贵阳市", parent="520000"),
        rig.line("party", id="D-1", name="成都蓉城商贸", kind="dealer", region="510100"),
        rig.line("party", id="D-2", name="贵阳黔酒商行", kind="dealer", region=ABROAD),
        rig.line("party", id="S-1", name="锦江分销", kind="sub-dealer", parent="D-1", region=HOME),
        rig.line("party", id="R-1", name="红旗小卖部", kind="retailer", parent="D-1", region=NEXT),
        rig.line("territory", party="D-1", product=None, regions=["510100"], exclusive=True, **{"from": "2020-01-01"}),
        rig.line("territory", party="D-2", product="SEAL", regions=[ABROAD], exclusive=True,
                 **{"from": "2020-01-01"}),
        rig.line("permit", product="SEAL", qty="1", until="2099-12-31", **{"from": "D-1", "to": "D-2"}),
        rig.line("site", id="CDB", name="中心库", kind="warehouse"),
        rig.line("site", id="CDQ", name="隔离区", kind="quarantine"),
        rig.line("site", id="DS1", name="蓉城库", kind="dealer", party="D-1"),
        rig.line("site", id="DS2", name="黔酒库", kind="dealer", party="D-2"),
        rig.line("site", id="DSQ", name="蓉城隔离", kind="quarantine", party="D-1"),
        rig.line("policy", site="CDB", registry="strict", quarantine="CDQ"),
        rig.line("policy", site="DS1", registry="strict", quarantine="DSQ"),
        rig.line("operator", id=CLERK, name="王芳", role="clerk", site="CDB", pin_hash=rig.PIN_HASH),
        rig.line("operator", id=AUDITOR, name="周敏", role="auditor", site="CDB", pin_hash=rig.PIN_HASH),
        rig.line("operator", id=DEALER, name="陈", role="dealer", site="DS1", pin_hash=rig.PIN_HASH),
        rig.line("operator", id="huang", name="黄", role="dealer", site="DS2", pin_hash=rig.PIN_HASH),
        rig.line("operator", id=SUPERVISOR, name="李伟", role="supervisor", site="CDB", pin_hash=rig.PIN_HASH),
        rig.line("product", id="SEAL", name="Seal kit", gtin=[rig.GTIN], unit="u", decimals=0, control="item"),
        rig.line("lot", product="SEAL", lot="L1", expires="2031-01-10", quality="released"),
        rig.line("lot", product="SEAL", lot="L2", expires="2031-01-10", quality="released"),
        rig.serials("S", 30),
        rig.serials("R", 4, lot="L2"),
        rig.line("code", code=rig.item("S000001"), aliases=["plain:BOX-77"]),
        order("SO-1", "D-1", ("SEAL", 6)),
        order("SO-2", "D-2", ("SEAL", 4)),
    ]


class Hand(Bench):
    """Somebody with a device that has joined the server."""

    def __init__(self, checks, server, site, operator):
        self.checks, self.device, self.operator = checks, rig.Device(), operator
        self.done("enrol", server.enrolment(f"http://127.0.0.1:{server.port}", site), operator=None)
        self.sync()

    def run(self, *arguments, operator="", feed=b"", **more):
        return self.device.run(*arguments, operator=self.operator if operator == "" else operator, feed=feed, **more)

    def sync(self):
        self.done("sync", operator=None)

    def ship(self, no, *serials):
        self.scan(no, *[(rig.scan(serial), "ok accept") for serial in serials])
        self.done("complete", no, "--short", "other")
        self.sync()

    def last_scan(self):
        """Its record's number."""
        return max(one["seq"] for one in self.objects("journal") if one["kind"] == "scan")

    def objects(self, *arguments):
        return [json.loads(one) for one in self.run(*arguments, json_out=True).stdout.splitlines()]


def opened():
    """A server with the market, and goods on their way: S000001 to 4 to D-1, S000005 to 7 and R000001 to D-2."""
    checks, server = rig.Checks(), rig.Server()
    server.import_feed(feed())
    server.start()
    clerk = Hand(checks, server, "CDB", CLERK)
    clerk.ship("SO-1", "S000001", "S000002", "S000003", "S000004")
    clerk.ship("SO-2", "S000005", "S000006", "S000007", "R000001")
    server.import_feed([rig.line("recall", id="R-7", product="SEAL", lots=["L2"], reason="瓶盖渗漏")])
    clerk.sync()
    return checks, server, clerk
