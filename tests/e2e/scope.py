#!/usr/bin/env python3
"""What a dealer may not know. Three dealers and the owner, over the network, on a busy day: shipments, goods that go from one dealer to
another, a shipment taken back, a recall that names several dealers' codes, one code in two dealers' hands, an audit and its case. Then
every byte that a dealer's device keeps, and every byte that went over its wire, is searched for whatever is another dealer's, in every
form that it may have; the packed code book, which no such search reads, is asked. Then the server is asked by hand. The auditor's device
likewise: the seller's name, region and territory, and no more of it.
"""
import glob
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import byhand  # noqa: E402
import rig  # noqa: E402
import wiretap  # noqa: E402

BOOK_KEYS = os.path.join(rig.BUILD, "sim", "book_keys")
MANY = 20600  # as many as make a device pack its code book


class Dealer:
    """A dealer of the world: whatever is its own has its mark in it."""

    def __init__(self, number, mark, name, city):
        self.id, self.mark, self.name, self.city = f"D-{mark}-{number}", mark, name, city
        self.sub, self.sub_name = f"S-{mark}-{number}", f"{city}分销{number}部"
        self.site, self.site_name = f"YARD-{mark}-{number}", f"{city}仓{number}号"
        self.seller = f"seller-{mark}-{number}"
        self.district = f"51{number}9{number}"

    def serial(self, n):
        return f"{self.mark}Q{n:05d}K"

    def order(self, n):
        return f"SO-{self.mark}-{n}"

    def stock_lot(self):
        return f"LOT-{self.mark}"

    def words(self):
        """All that is nobody else's to read, but codes."""
        return [self.id, self.name, self.sub, self.sub_name, self.site, self.site_name, self.seller, self.stock_lot(),
                *[self.order(n) for n in range(1, 9)]]

    def feed(self):
        known = [rig.line("code", code=rig.item(self.serial(n)), product="SEAL", lot="L1", level=0,
                          holder=f"site:{self.site}") for n in range(100, 140)]
        return [
            rig.line("party", id=self.id, name=self.name, kind="dealer", region=self.district, min_life_days=77),
            rig.line("party", id=self.sub, name=self.sub_name, kind="sub-dealer", parent=self.id),
            rig.line("site", id=self.site, name=self.site_name, kind="dealer", party=self.id),
            rig.line("territory", party=self.id, product=None, regions=[self.district], exclusive=True),
            rig.line("operator", id=self.seller, name=self.seller, role="dealer", site=self.site, pin_hash=rig.PIN_HASH),
            rig.line("stock", holder=f"site:{self.site}", product="SEAL", lot=self.stock_lot(), qty="5"),
            rig.line("policy", site=self.site, registry="strict"),
            rig.serials(self.mark + "RUN", 50, holder=f"party:{self.sub}"),
            rig.line("region", id=self.district, name=f"区{self.district}", parent="510000"),
        ] + known


ONE = Dealer(1, "ALFA", "成都蓉城商贸", "成都")
TWO = Dealer(2, "BRAVO", "绵阳涪江商行", "绵阳")
THREE = Dealer(3, "GOLF", "乐山峨眉商贸", "乐山")
CASE = {ONE: 1, TWO: 2, THREE: 3}


def here(dealer):
    """The owner's goods that this dealer's orders are for, one by one and in a case."""
    lines = [rig.line("code", code=rig.item(dealer.serial(n)), product="SEAL", lot="L1", level=0, holder="site:CDB")
             for n in range(1, 13)]
    label = rig.sscc(CASE[dealer])
    lines += [rig.line("code", code=rig.item(dealer.serial(n)), product="SEAL", lot="L1", level=0, **{"in": label})
              for n in range(20, 24)]
    return lines + [rig.line("code", code=label, level=1, holder="site:CDB")]


def order(dealer, n, qty, **members):
    return rig.line("document", source="erp", doc=dealer.order(n), no=dealer.order(n), flow="outbound", state="open",
                    **{"from": "site:CDB"}, to=f"party:{dealer.id}",
                    lines=[{"line": "1", "product": "SEAL", "qty": str(qty)}], **members)


def feed():
    lines = [
        rig.line("region", id="510000", name="四川省"),
        rig.line("region", id="519999", name="无主区", parent="510000"),
        rig.line("site", id="CDB", name="中心库", kind="warehouse"),
        rig.line("site", id="CDQ", name="隔离区", kind="quarantine"),
        rig.line("site", id="HQ", name="稽查科", kind="warehouse"),
        rig.line("operator", id="wang", name="王芳", role="clerk", site="CDB", pin_hash=rig.PIN_HASH),
        rig.line("operator", id="li", name="李伟", role="supervisor", site="CDB", pin_hash=rig.PIN_HASH),
        rig.line("operator", id="zhao", name="赵", role="auditor", site="HQ", pin_hash=rig.PIN_HASH),
        rig.line("product", id="SEAL", name="Seal kit", gtin=[rig.GTIN], unit="u", decimals=0, control="item",
                 pack=[{"level": 1, "name": "箱", "contains": 4}]),
        rig.line("lot", product="SEAL", lot="L1", expires="2031-01-10", quality="released"),
        rig.line("permit", **{"from": ONE.id}, to=TWO.id, product="SEAL", qty="5", until="2031-12-31"),
        rig.line("permit", **{"from": THREE.id}, to=TWO.id, product="SEAL", qty="83", until="2031-12-31"),
        rig.line("recall", id="R-9", product="SEAL", codes=[rig.item(d.serial(3)) for d in (ONE, TWO, THREE)],
                 reason="leak", action="quarantine"),
    ]
    for dealer in (ONE, TWO, THREE):
        lines += dealer.feed() + here(dealer)
        lines += [order(dealer, 1, 6), order(dealer, 2, 4), order(dealer, 3, 1), order(dealer, 4, 1)]
    return lines + [rig.line("code", code=rig.item(f"ALFAM{n:06d}"), product="SEAL", lot="L1", level=0,
                             holder=f"site:{ONE.site}") for n in range(MANY)]


class Party:
    """A device, its wire, and who works with it."""

    def __init__(self, world, site, operator):
        self.world, self.operator = world, operator
        self.wire = wiretap.Wiretap(world.server)
        self.device = rig.Device()
        self.device.run("enrol", world.server.enrolment(self.wire.url, site), operator=None)
        self.sync()

    def run(self, *arguments, **more):
        return self.device.run(*arguments, **{"operator": self.operator, **more})

    def done(self, *arguments, **more):
        ran = self.run(*arguments, **more)
        self.world.checks.equal(ran.returncode, 0, f"{' '.join(arguments)}: {ran.stderr.decode()}")
        return ran.stdout.decode().strip()

    def sync(self):
        ran = self.device.run("sync", operator=None)
        if ran.returncode:
            raise RuntimeError(f"sync: {ran.stdout.decode()} {ran.stderr.decode()}")

    def scans(self, doc, *scanned, **more):
        """The reasons."""
        ran = self.run("scan", doc, feed="".join(one + "\n" for one in scanned), **more)
        found = rig.verdicts(ran.stdout)
        self.world.checks.equal(len(found), len(scanned), f"{doc}: a line for each scan: {ran.stderr.decode()}")
        return [one[0] for one in found]

    def work(self, doc, *scanned, complete=(), **more):
        reasons = self.scans(doc, *scanned, **more)
        self.done("complete", doc, *complete, **more)
        self.sync()
        return reasons

    def own(self, flow, *fields, scanned=(), complete=(), **more):
        return self.work(self.done("start", flow, *fields, **more), *scanned, complete=complete, **more)


def item_scans(dealer, *numbers):
    return [rig.scan(dealer.serial(n)) for n in numbers]


class World:
    def __init__(self, checks):
        self.checks, self.server = checks, rig.Server()
        self.server.import_feed(feed())
        self.server.start()
        self.clerk = Party(self, "CDB", "wang")
        self.auditor = Party(self, "HQ", "zhao")
        self.dealers = {dealer: Party(self, dealer.site, dealer.seller) for dealer in (ONE, TWO, THREE)}

    def sync(self):
        for party in (self.clerk, self.auditor, *self.dealers.values()):
            party.sync()

    # ---- the day ----

    def shipments(self):
        """To each six bottles and a case; each takes its own in, one bottle is missing at the first."""
        for dealer, party in self.dealers.items():
            self.clerk.work(dealer.order(1), *item_scans(dealer, 1, 2, 4, 5, 6, 7))
            self.clerk.work(dealer.order(2), rig.label(CASE[dealer]))
            party.sync()
            taken = item_scans(dealer, 1, 2, 4, 5, 6, *([7] if dealer != ONE else []))
            reasons = party.own("dealer-in", scanned=[*taken, rig.label(CASE[dealer])],
                                complete=["--short", "other"] if dealer == ONE else [])
            self.checks.equal(set(reasons), {"ok"}, f"{dealer.id}: its goods come in")
        result = next(r for r in self.server.rows("results") if r["flow"] == "dealer-in" and r["missing"])
        self.checks.equal([one["qty"] for one in result["missing"]], ["1"], "what is missing is reported")

    def sales(self):
        for dealer, party in self.dealers.items():
            party.own("dealer-out", f"to={dealer.sub}", scanned=item_scans(dealer, 1))
            party.own("dealer-out", scanned=item_scans(dealer, 2, 20))

    def from_one_to_another(self):
        """By permit; and through the warehouse: returned by the one, shipped to the other."""
        one, two, three = (self.dealers[dealer] for dealer in (ONE, TWO, THREE))
        one.own("dealer-out", f"to={TWO.id}", scanned=item_scans(ONE, 4))
        two.sync()
        two.own("dealer-in", scanned=item_scans(ONE, 4))
        for giver, taker, n in ((ONE, THREE, 5), (THREE, ONE, 5)):
            self.clerk.sync()
            self.clerk.own("return", f"from={giver.site}", scanned=item_scans(giver, n), complete=["condition=good"])
            self.clerk.own("inspect", scanned=item_scans(giver, n), operator="li")
            self.clerk.work(taker.order(3), *item_scans(giver, n))
        one.sync(), three.sync()

    def taken_back(self):
        """Sent to the one by mistake, void, and sent to the other."""
        for wrong, right in ((THREE, ONE), (ONE, THREE)):
            self.clerk.work(wrong.order(4), *item_scans(right, 8))
            self.dealers[wrong].sync()
            no = self.clerk.done("start", "void", f"of={wrong.order(4)}", operator="li")
            self.clerk.work(no, *item_scans(right, 8), operator="li")
            self.server.import_feed([order(right, 5, 1)])
            self.sync()
            self.clerk.work(right.order(5), *item_scans(right, 8))
            self.sync()

    def in_two_hands(self):
        """A bottle of the third dealer's comes back to the first; both say that they have it."""
        one, three = self.dealers[ONE], self.dealers[THREE]
        reasons = one.own("return", scanned=item_scans(THREE, 6))
        self.checks.equal(reasons, ["unregistered"], "another's goods are unregistered")
        no = three.done("start", "dealer-out")
        three.scans(no, *item_scans(THREE, 6))
        three.done("complete", no)
        three.sync()
        kinds = [one["kind"] for one in self.server.rows("conflicts")]
        self.checks.ok("wrong-holder" in kinds and "false-holder" in kinds, f"conflicts for people: {kinds}")

    def audited(self):
        """Bottles of two dealers in a region that is neither's: a case against each, which is nobody's but the owner's to read."""
        self.auditor.sync()
        no = self.auditor.done("start", "audit", "region=519999", "shop=Corner")
        self.checks.equal(self.auditor.scans(no, *item_scans(ONE, 101), *item_scans(THREE, 101)), ["out-of-region"] * 2, "found")
        self.auditor.done("complete", no)
        self.auditor.sync()
        cases = self.server.rows("cases")
        self.checks.equal({one["party"] for one in cases}, {ONE.id, THREE.id}, "a case against each seller")
        self.server.run("rule", str(cases[0]["case"]), "diverted", "--reason", "photos", "--by", "manager")

    def changed_by_the_feed(self):
        """The data centre has another word: goods, a document and a recall become another's."""
        self.server.import_feed([
            rig.line("code", code=rig.item(ONE.serial(110)), holder=f"site:{THREE.site}"),
            rig.line("code", code=rig.item(THREE.serial(110)), holder=f"site:{ONE.site}"),
            rig.line("recall", id="R-10", product="SEAL", codes=[rig.item(THREE.serial(111)), rig.item(TWO.serial(111))],
                     reason="leak", action="quarantine"),
            order(THREE, 6, 3), order(TWO, 6, 3)])
        self.sync()

    def day(self):
        for part in (self.shipments, self.sales, self.from_one_to_another, self.taken_back, self.in_two_hands, self.audited,
                     self.changed_by_the_feed):
            part()


# ---- what there is to find ----

def codes_of(dealer, world):
    """Codes that are and were this dealer's alone: its own stock, its runs, its case and what it bought and kept."""
    kept = [1, 2, 7, 20, 21, 22, 23, *range(100, 110), *range(112, 140)]
    return [dealer.serial(n) for n in kept] + [f"{dealer.mark}RUN{n:06d}" for n in range(1, 51)]


def foreign_to(dealer, world):
    """Words that nothing of this dealer's may have. The partner of a permit is known by its id, and its goods that came by it."""
    words = []
    for other in (ONE, TWO, THREE):
        if other == dealer:
            continue
        by_permit = {dealer, other} in ({ONE, TWO}, {TWO, THREE})
        words += [word for word in other.words() if not (by_permit and word == other.id)]
        words += codes_of(other, world) + [rig.sscc(CASE[other])[4:]]
    return words


def heard_lines(party):
    """Each object that came over the wire."""
    lines = (one for message in party.wire.heard for one in message.split(b"\n"))
    return [json.loads(one) for one in lines if one.startswith(b'{"') and one.endswith(b"}")]


def look_through(world, dealer):
    checks, party = world.checks, world.dealers[dealer]
    words = wiretap.Words(foreign_to(dealer, world))
    for name, data in wiretap.files(party.device.path):
        checks.equal(words.found(data), [], f"{dealer.id}: in its file {name}")
    for what, messages in (("heard", party.wire.heard), ("said", party.wire.said)):
        checks.equal(words.found(b"\n".join(messages)), [], f"{dealer.id}: in what it {what}")
    checks.ok(party.wire.packed > 3, f"{dealer.id}: {party.wire.packed} answers were packed")
    heard = words.found(b"".join(world.clerk.wire.heard))
    checks.ok(len(heard) > 20, f"the same search finds {len(heard)} in what the warehouse hears")
    told = heard_lines(party)
    territories = {one["party"] for one in told if one.get("type") == "territory"}
    checks.equal(territories, {dealer.id}, f"{dealer.id}: territories told")
    permits = [one for one in told if one.get("type") == "permit" and dealer.id not in (one["from"], one["to"])]
    checks.equal(permits, [], f"{dealer.id}: permits told")


def look_for_left(world):
    """What was a dealer's once, and became another's by the data centre's word alone: no page keeps it, free or not."""
    words = wiretap.Words([THREE.serial(110)])
    party = world.dealers[THREE]
    world.checks.equal(words.found(b"".join(party.wire.heard)), [THREE.serial(110)], "it was told")
    for name, data in wiretap.files(party.device.path):
        world.checks.equal(words.found(data), [], f"what is gone is in {name} no more")


def look_into_book(world, dealer):
    """Serials in the packed book are no bytes that a search finds: the book itself is asked."""
    checks, party = world.checks, world.dealers[dealer]
    others = [other for other in (ONE, TWO, THREE) if other != dealer]
    gone = [rig.item(dealer.serial(n)) for n in (5, 110)] if dealer != TWO else []
    foreign = [rig.item(serial) for other in others for serial in codes_of(other, world)]
    foreign += [rig.sscc(CASE[other]) for other in others] + gone
    book = max(glob.glob(os.path.join(party.device.path, "catalog-*.db")), key=os.path.getmtime)
    asked = subprocess.run([BOOK_KEYS, book], input="".join(one + "\n" for one in foreign), capture_output=True, text=True,
                           timeout=rig.WAIT_S, check=False)
    checks.equal(asked.returncode, 0, f"{dealer.id}: the book: {asked.stderr}")
    packed = {one for one in asked.stdout.splitlines() if not one.startswith("knows ")}
    checks.equal([one for one in asked.stdout.splitlines() if one.startswith("knows ")], [], f"{dealer.id}: its book knows")
    checks.equal(sorted(packed & (set(foreign) - set(gone))), [], f"{dealer.id}: packed")
    if dealer == ONE:
        checks.ok(len(packed) > MANY, f"its book is packed: {len(packed)}")
    for key in (rig.item(dealer.serial(101)), rig.item(dealer.serial(21))):
        known = json.loads(party.run("trace", key, json_out=True).stdout.splitlines()[0])["known"]
        checks.equal(known, "yes", f"{dealer.id}: its own {key} is known")


# ---- by hand ----

def refused_by_hand(world):
    checks, server = world.checks, world.server
    url = f"http://127.0.0.1:{server.port}"
    hand = byhand.Handmade(url, server.enrolment(url, ONE.site))
    mate = byhand.Handmade(url, server.enrolment(url, THREE.site))
    for key in (rig.item(THREE.serial(7)), rig.sscc(CASE[THREE]), rig.item(ONE.serial(5)), rig.item(f"{THREE.mark}RUN000007")):
        answer = hand.trace(key)
        checks.equal((answer.status, answer.error, answer.lines), (403, "wrong-holder", []), f"another's {key} is refused")
    checks.equal(hand.trace(rig.item(ONE.serial(21))).status, 200, "its own is answered")
    told = mate.pull()
    checks.equal(hand.pull(told.first["cursor"]).status, 410, "another device's cursor")
    checks.equal(hand.pull("0-0-0-0").status, 410, "no cursor")
    own = {one.get("code") for one in hand.pull_all()}
    checks.ok(rig.item(ONE.serial(21)) in own and rig.item(THREE.serial(7)) not in own, "all that it pulls is its own")
    answer = hand.session(mate.device)
    checks.equal((answer.status, answer.error), (401, "bad-signature"), "another's session")
    hand.token, token = "x" * 43, hand.token
    checks.equal(hand.pull().status, 401, "without a session")
    hand.token = token
    documents_by_hand(world, hand)
    goods_by_hand(world, hand)
    words = wiretap.Words([word for word in foreign_to(ONE, world) if word not in said_by(hand)])
    checks.equal(words.found(hand.heard), [], "nothing of another's in any answer")


def said_by(hand):
    """What it named itself is no news to it."""
    said = b"".join(hand.bodies).decode()
    return [word for dealer in (TWO, THREE) for word in dealer.words() + [dealer.serial(n) for n in range(1, 140)] if word in said]


def documents_by_hand(world, hand):
    """Work on another's paper, on another's own document, and from another's site."""
    theirs = f"erp:{THREE.order(6)}"
    before = [r for r in world.server.rows("results")]
    ends = {"rev": "", "from": "site:CDB", "to": f"party:{ONE.id}", "lines": [], "flow": "dealer-in"}
    hand.note("open", doc=theirs, no="X", **ends)
    hand.scan(theirs, "dealer-in", rig.item(ONE.serial(101)))
    hand.note("complete", doc=theirs, no="X", flow="dealer-in", close="complete", close_no=1)
    own = next(r["doc"] for r in world.server.rows("records") if (r["doc"] or "").startswith("own:") and r["site"] == THREE.site)
    hand.note("open", doc=own, no="Y", **ends)
    hand.note("open", doc="group:W", no="W", group="W", **{**ends, "lines": [{"line": "1", "doc": theirs, "product": "SEAL",
                                                                              "qty": "1"}]})
    hand.note("open", doc=f"own:{hand.device}-1-{hand.seq + 1}", no="Z", **{**ends, "site": THREE.site})
    world.checks.equal(hand.push(), ["bad-record"] * 6, "another's papers are not worked on")
    world.checks.equal(len(world.server.rows("results")), len(before), "and nothing came of it")


def goods_by_hand(world, hand):
    """Another's goods: sold, they are refused; taken in as a finding they are a conflict, and whose they are is not said."""
    doc = f"own:{hand.device}-1-{hand.seq + 1}"
    hand.note("open", doc=doc, no="O", flow="dealer-out", rev="", **{"from": f"site:{ONE.site}"}, to="sold", lines=[])
    hand.scan(doc, "dealer-out", rig.item(THREE.serial(7)))
    hand.scan(doc, "dealer-out", rig.item(THREE.serial(7)), reason="wrong-holder", severity="reject")
    world.checks.equal(hand.push(), ["accepted", "wrong-holder", "accepted"], "another's goods are not sold")
    checks = world.checks
    moved = [r for r in world.server.rows("conflicts") if r["key"] == rig.item(THREE.serial(7))]
    checks.equal([r["kind"] for r in moved], ["false-holder"], "it is a conflict, for the owner to read")


# ---- the auditor ----

def look_at_auditor(world):
    """Codes with their seller; of a party its name, region and territory."""
    party, checks = world.auditor, world.checks
    told = [one for one in heard_lines(party) if "type" in one]
    members = {name for one in told if one["type"] == "party" for name in one}
    checks.equal(members - {"type", "id", "name", "kind", "region", "parent"}, set(), "what an auditor is told of a party")
    kinds = {one["type"] for one in told}
    checks.equal(kinds & {"stock", "share", "document"}, set(), "no stock, no papers")
    checks.equal({one["id"] for one in told if one["type"] == "operator"}, {"zhao"}, "no operators but its own")
    sold = {one["code"]: (one.get("sold") or {}).get("to") for one in told if one["type"] == "code"}
    checks.equal(sold.get(rig.item(THREE.serial(101))), THREE.id, "who sold it")
    checks.equal(sold.get(rig.item(ONE.serial(2))), ONE.id, "also what a consumer has")
    words = wiretap.Words([word for dealer in (ONE, TWO, THREE) for word in (dealer.seller, dealer.stock_lot(), dealer.site_name)])
    for name, data in [*wiretap.files(party.device.path), ("the wire", b"\n".join(party.wire.heard))]:
        checks.equal(words.found(data), [], f"the auditor's {name}")


def main():
    checks = rig.Checks()
    world = World(checks)
    world.day()
    for dealer in (ONE, THREE, TWO):
        look_through(world, dealer)
        look_into_book(world, dealer)
    look_for_left(world)
    refused_by_hand(world)
    look_at_auditor(world)
    checks.ok(world.server.sound(), "nothing to complain of")
    checks.end()


if __name__ == "__main__":
    main()
