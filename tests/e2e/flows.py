#!/usr/bin/env python3
"""Every flow from the command line: started, scanned, completed, and what the device knows of its goods afterwards."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

CLERK, SUPERVISOR = "wang", "li"
CASE_OF = 3


def sscc(number):
    """A logistic unit's number with its check digit (GS1 General Specifications 7.9)."""
    digits = f"0069012{number:010d}"
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(digits))
    return f"{digits}{-total % 10}"


def case(number):
    return f"(00){sscc(number)}"


def feed():
    return [
        rig.line("party", id="D-1", name="成都蓉城商贸", kind="dealer"),
        rig.line("party", id="SUP", name="供应商", kind="supplier"),
        rig.line("site", id="CDB", name="中心库", kind="warehouse"),
        rig.line("site", id="CDN", name="北库", kind="warehouse"),
        rig.line("site", id="CDQ", name="隔离区", kind="quarantine"),
        rig.line("policy", site="CDB", registry="strict", quarantine="CDQ"),
        rig.line("operator", id=CLERK, name="王芳", role="clerk", site="CDB", pin_hash=rig.PIN_HASH),
        rig.line("operator", id=SUPERVISOR, name="李伟", role="supervisor", site="CDB", pin_hash=rig.PIN_HASH),
        rig.line("product", id="SEAL", name="Seal kit", gtin=[rig.GTIN], unit="u", decimals=0, control="item",
                 pack=[{"level": 1, "name": "箱", "contains": CASE_OF}]),
        rig.line("product", id="GEAR", name="Gear", gtin=["06901234000016"], unit="u", decimals=0, control="item"),
        rig.line("lot", product="SEAL", lot="L1", expires="2031-01-10", quality="released"),
        rig.line("lot", product="SEAL", lot="L2", expires="2031-01-10", quality="released"),
        rig.line("recall", id="R-7", product="SEAL", lots=["L2"], reason="leak", action="quarantine"),
        rig.serials("S", 50),
        rig.serials("R", 2, lot="L2"),
        rig.serials("P", 5, holder="party:SUP"),
        rig.serials("D", 5, holder="party:D-1"),
        rig.line("code", code="(01)06901234000016(21)G1", product="GEAR", level=0, holder="site:CDB"),
        rig.order("SO-1", 2),
    ]


class Bench:
    """A device, and short words for what is done with it."""

    def __init__(self, checks, more=()):
        self.checks = checks
        self.device = rig.Device()
        self.device.import_feed(feed() + list(more))

    def run(self, *arguments, operator=CLERK, feed=b"", **more):
        return self.device.run(*arguments, operator=operator, feed=feed, **more)

    def done(self, *arguments, **more):
        ran = self.run(*arguments, **more)
        self.checks.equal(ran.returncode, 0, f"{' '.join(arguments)}: {ran.stderr.decode()}")
        return ran.stdout.decode().strip()

    def refused(self, words, *arguments, **more):
        ran = self.run(*arguments, **more)
        said = ran.stderr.decode()
        self.checks.equal(ran.returncode, 1, f"{' '.join(arguments)} is refused ({said!r})")
        for word in words:
            self.checks.ok(word in said, f"{' '.join(arguments)}: {word!r} is said: {said!r}")

    def start(self, *arguments, **more):
        return self.done("start", *arguments, **more)

    def scan(self, doc, *expected, **more):
        """Pairs of a scan and what its line begins with; `…word` at its end is a word of its text."""
        ran = self.run("scan", doc, feed="".join(f"{one}\n" for one, _ in expected), **more)
        lines = ran.stdout.decode().splitlines()
        self.checks.equal(len(lines), len(expected), f"{doc}: a line for each scan: {ran.stderr.decode()}")
        for line, (scanned, words) in zip(lines, expected):
            verdict, _, text = words.partition("…")
            columns = line.split("\t")
            self.checks.equal(" ".join(columns[:2]), verdict.strip(), f"{doc}: {scanned}: {line}")
            self.checks.ok(text in columns[3], f"{doc}: {scanned}: {text!r} in {columns[3]!r}")

    def show(self, doc):
        return json.loads(self.run("show", doc, json_out=True).stdout)

    def rows(self, *arguments):
        return [one.split("\t") for one in self.run(*arguments).stdout.decode().splitlines()]

    def trace(self, code):
        """Rows by name: the first of each."""
        found = {}
        for one in self.run("trace", code, json_out=True).stdout.splitlines():
            row = json.loads(one)
            found.setdefault(row["row"], row)
        return found

    def holder(self, code, expected):
        self.checks.equal(self.trace(code).get("code", {}).get("holder"), expected, f"where {code} is")

    def parent(self, code, expected):
        self.checks.equal(self.trace(code).get("parent", {}).get("key"), expected, f"what {code} is in")


def receipt(b):
    no = b.start("receipt", "from=SUP")
    b.checks.ok(re.fullmatch(r"RC-\d+-\d+", no), f"a number: {no}")
    b.scan(no, (rig.scan("P000001"), "ok accept…counted"), (rig.scan("R000001"), "recalled accept…quarantine"),
           (rig.scan("NEW1"), "unregistered warn…Counted"), (rig.scan("P000001"), "duplicate reject"))
    shown = b.show(no)
    b.checks.equal([(r["product"], r["lot"], r["qty"]) for r in shown["counted"] if r["lot"]],
                   [("SEAL", "L1", "1"), ("SEAL", "L2", "1")], "what was counted, by lot")
    b.checks.equal([(f["name"], f["value"]) for f in shown["fields"]], [("from", "SUP")], "its fields")
    b.done("complete", no)
    b.holder(rig.item("P000001"), "site:CDB")
    b.holder(rig.item("R000001"), "site:CDQ")
    listed = next(r for r in b.rows("documents") if r[0] == no)
    b.checks.equal((listed[1], listed[7], listed[8]), ("complete", "receipt", "own"), "as it is listed")


def pack_and_the_rest(b):
    no = b.start("pack")
    b.scan(no, (rig.scan("S000001"), "ok accept…Loose: 1/3"), (rig.scan("S000002"), "ok accept…Loose: 2/3"))
    b.checks.equal([r["key"] for r in b.show(no)["loose"]], [rig.item("S000001"), rig.item("S000002")], "loose goods")
    b.scan(no, (rig.scan("S000003"), "ok accept…Now scan the label"), (case(1), "ok accept…Closed: 3/3"))
    b.parent(rig.item("S000002"), case(1))
    b.scan(no, (case(2), "ok accept…Now scan"), (rig.scan("S000004"), "ok accept…In it: 1/3"),
           (rig.scan("S000005"), "ok accept…In it: 2/3"), (rig.scan("S000006"), "ok accept…Closed: 3/3"))
    b.parent(rig.item("S000006"), case(2))
    b.scan(no, (rig.scan("S000007"), "ok accept"), (case(3), "partial-container confirm…1 are in it, 3 go in"))
    b.done("confirm", no, str(b.show(no)["scans"][0]["seq"]))
    b.parent(rig.item("S000007"), case(3))
    b.done("complete", no)
    unpack(b)
    replace(b)
    relabel(b)


def unpack(b):
    no = b.start("unpack")
    b.scan(no, (rig.scan("S000001"), "ok accept"), (rig.scan("S000040"), "not-on-order reject…in no container"))
    b.done("complete", no, "--set-aside")
    b.parent(rig.item("S000001"), None)
    b.refused(["mode", "out, empty"], "start", "unpack", "mode=some")
    no = b.start("unpack", "mode=empty")
    b.scan(no, (case(1), "ok accept"))
    b.done("complete", no)
    b.parent(rig.item("S000003"), None)


def replace(b):
    no = b.start("replace")
    b.scan(no, (rig.scan("S000004"), "ok accept…takes its place"))
    b.refused([rig.item("S000004")], "complete", no)
    b.scan(no, ("(01)06901234000016(21)G1", "not-on-order reject…Gear"), (rig.scan("S000020"), "ok accept"))
    b.done("complete", no, "--set-aside")
    b.parent(rig.item("S000020"), case(2))
    b.parent(rig.item("S000004"), None)


def relabel(b):
    no = b.start("relabel", "reason=torn")
    b.scan(no, (rig.scan("S000005"), "ok accept…new label"), (rig.scan("FRESH1"), "ok accept"))
    b.done("complete", no)
    b.parent(rig.item("FRESH1"), case(2))
    b.checks.equal(b.trace(rig.item("S000005"))["code"]["state"], "void", "the old code's state")


def ship_and_take_back(b):
    b.refused(["to"], "start", "transfer")
    b.refused(["NOWHERE"], "start", "transfer", "to=NOWHERE")
    no = b.start("transfer", "to=CDN")
    b.scan(no, (rig.scan("S000010"), "ok accept"))
    b.done("complete", no)
    b.holder(rig.item("S000010"), "transit:site:CDN")
    b.scan("SO-1", (rig.scan("S000011"), "ok accept…1 to go"), (rig.scan("S000012"), "ok accept…Line full"))
    seq = str(b.show("SO-1")["scans"][0]["seq"])
    b.done("undo", "SO-1", seq, "--damaged")
    b.scan("SO-1", (rig.scan("S000012"), "void-code reject…damaged"), (rig.scan("S000013"), "ok accept"))
    b.done("complete", "SO-1", "--set-aside", "plate=A1")
    b.holder(rig.item("S000013"), "transit:party:D-1")
    b.refused(["clerk"], "start", "void", "of=SO-1")
    no = b.start("void", "of=SO-1", operator=SUPERVISOR)
    b.scan(no, (rig.scan("S000013"), "ok accept"), ("(01)06901234000016(21)G1", "not-on-order reject…was not in"),
           operator=SUPERVISOR)
    b.done("complete", no, "--set-aside", operator=SUPERVISOR)
    b.holder(rig.item("S000013"), "site:CDB")


def back_and_inspected(b):
    no = b.start("return", "from=D-1")
    b.scan(no, (rig.scan("D000001"), "ok accept"))
    b.refused(["reason", "damaged"], "complete", no, "reason=bored")
    b.done("complete", no, "reason=unsold", "condition=good")
    b.scan("SO-1", (rig.scan("D000001"), "on-hold reject…not inspected"))
    no = b.start("inspect", operator=SUPERVISOR)
    b.scan(no, (rig.scan("D000001"), "on-hold accept…Free once completed"), operator=SUPERVISOR)
    b.done("complete", no, operator=SUPERVISOR)
    b.scan("SO-1", (rig.scan("D000001"), "ok accept"))


def count(b):
    no = b.start("count", "product=GEAR")
    b.refused(["differs: GEAR", "0 counted", "have 1"], "complete", no)
    b.checks.equal([(r["product"], r["expected"], r["counted"]) for r in b.show(no)["differences"]],
                   [("GEAR", "1", "0")], "the difference")
    b.scan(no, (rig.scan("S000030"), "not-on-order warn…Counted as extra"))
    b.done("complete", no, "--recounted")
    no = b.start("count")
    b.scan(no, (rig.scan("S000030"), "ok accept…counted"))


def recall(b):
    b.refused(["R-9"], "recall", "R-9")
    rows = b.rows("recall", "R-7")
    b.checks.equal(rows, [["missing", "site:CDB", "SEAL", "L2", "2"], ["total", "0", "2"]], "where its goods are")
    b.refused(["notice"], "start", "recall", "notice=R-9")
    no = b.start("recall", "notice=R-7")
    b.scan(no, (rig.scan("R000001"), "recalled accept…quarantine"),
           (rig.scan("S000001"), "not-on-order reject…not part of this recall"),
           ("(01)06901234000016(21)G1", "not-on-order reject…not part of this recall"))
    b.done("complete", no, "--set-aside")
    b.checks.equal(b.rows("recall", "R-7")[-1], ["total", "1", "1"], "one is safe, one is missing")


def first_day(b):
    """Nobody has registered a code: they are bound to what is in hand."""
    b.refused(["clerk"], "start", "baseline")
    no = b.start("baseline", operator=SUPERVISOR)
    b.scan(no, ("SHELF-1", "unknown-code warn"), operator=SUPERVISOR)
    b.done("context", no, "GEAR", operator=SUPERVISOR)
    b.checks.equal([(r["what"], r["value"]) for r in json.loads(b.run("show", no, json_out=True).stdout)["now"]],
                   [("context", "GEAR")], "the context line")
    b.scan(no, ("SHELF-2", "unregistered warn…taken for Gear"), (f"(01){rig.GTIN}", "ok accept…now Seal kit"),
           ("SHELF-3", "unregistered warn…taken for Seal kit"), operator=SUPERVISOR)
    b.done("complete", no, operator=SUPERVISOR)
    b.holder("SHELF-2", "site:CDB")
    b.checks.equal(b.trace("SHELF-3").get("product", {}).get("product"), "SEAL", "what it was taken for")


def given_away(b):
    b.refused(["reason"], "start", "scrap")
    no = b.start("scrap", "reason=damaged")
    b.scan(no, (rig.scan("S000001"), "ok accept"))
    b.done("complete", no)
    b.holder(rig.item("S000001"), "destroyed")
    no = b.start("sample", "reason=gift", "who=expo")
    b.scan(no, (rig.scan("S000002"), "ok accept"))
    b.done("complete", no)
    b.holder(rig.item("S000002"), "sold")
    b.refused(["at", "someday"], "start", "late-entry", "to=D-1", "at=someday", operator=SUPERVISOR)
    no = b.start("late-entry", "to=D-1", "at=2026-11-01", operator=SUPERVISOR)
    b.scan(no, (rig.scan("S000003"), "ok accept"), operator=SUPERVISOR)
    b.done("complete", no, operator=SUPERVISOR)
    b.holder(rig.item("S000003"), "party:D-1")


def wave():
    """Two orders for one pallet, and where their goods lie."""
    def member(no, qty, bins):
        return rig.line("document", source="erp", doc=no, no=no, flow="outbound", state="open", group="W-1",
                        to="party:D-1", **{"from": "site:CDB"},
                        lines=[{"line": f"{no}/1", "product": "SEAL", "qty": str(qty),
                                "picks": [{"bin": name, "qty": "1", "lot": "L1"} for name in bins]}])
    return [member("SO-A", 1, ["B-02"]), member("SO-B", 2, ["A-01", "C-03"])]


def group(b):
    listed = next((r for r in b.rows("documents") if r[0] == "W-1"), None)
    b.checks.equal(listed and (listed[6], listed[8]), ("group:W-1", "group"), "the group is listed")
    b.checks.equal([r[1] for r in b.rows("show", "W-1") if r[0] == "pick"], ["A-01", "B-02", "C-03"], "picks by bin")
    b.scan("W-1", *[(rig.scan(f"S00000{n}"), "ok accept") for n in (1, 2, 3)])
    lines = b.show("W-1")["lines"]
    b.checks.equal([(r["doc"], r["tallied"]) for r in lines], [("erp:SO-A", "1"), ("erp:SO-B", "2")], "members' lines")
    b.done("complete", "W-1")
    b.holder(rig.item("S000003"), "transit:party:D-1")


def practice(b):
    command = [*b.device.command("--practice", "scan", "SO-1", operator=CLERK)]
    ran = subprocess.run(command, input=rig.scan("S000001").encode() + b"\n", capture_output=True,
                         env=b.device.environment(), timeout=rig.WAIT_S, check=False)
    b.checks.ok(ran.stdout.startswith(b"ok\taccept"), f"practice judges: {ran.stdout!r} {ran.stderr!r}")
    b.checks.ok(b"practice" in ran.stderr, "and says that it is practice")
    b.checks.equal(len(b.device.scans()), 0, "nothing of it is in the journal")
    refused = subprocess.run(b.device.command("--practice", "sync"), capture_output=True,
                             env=b.device.environment(), timeout=rig.WAIT_S, check=False)
    b.checks.equal(refused.returncode, 2, "nothing of it is sent")


def quantities(b):
    """Goods without serials: a scan is one, what was typed, or what the label says."""
    bolt, oil = "(01)05901234000017", "(01)06901234000023"
    b.scan("SO-Q", (bolt, "ok accept…9 to go"), (f"{bolt}(30)3", "ok accept…6 to go"))
    b.refused(["small parts"], "scan", "SO-Q", "--qty", "1.5", feed=f"{bolt}\n".encode())
    b.done("scan", "SO-Q", "--qty", "6", feed=f"{bolt}\n".encode())
    b.done("scan", "SO-Q", "--qty", "5.5", feed=f"{oil}\n".encode())
    b.refused(["small parts"], "scan", "SO-Q", "--qty", "0.25", feed=f"{oil}\n".encode())
    b.checks.equal([r["tallied"] for r in b.show("SO-Q")["lines"]], ["10", "5.5"], "what was counted")
    b.done("complete", "SO-Q")


def counted_goods():
    return [rig.line("product", id="BOLT", name="Bolt", gtin=["05901234000017"], unit="u", decimals=0, control="none"),
            rig.line("product", id="OIL", name="Oil", gtin=["06901234000023"], unit="l", decimals=1, control="none"),
            rig.line("document", source="erp", doc="SO-Q", no="SO-Q", flow="outbound", state="open", to="party:D-1",
                     **{"from": "site:CDB"}, lines=[{"line": "1", "product": "BOLT", "qty": "10"},
                                                    {"line": "2", "product": "OIL", "qty": "5.5"}])]


STORIES = [(receipt, ()), (quantities, counted_goods()), (pack_and_the_rest, ()), (ship_and_take_back, ()),
           (back_and_inspected, ()), (count, ()), (recall, ()), (first_day, ()), (given_away, ()), (group, wave()),
           (practice, ())]


def main():
    checks = rig.Checks()
    only = [a for a in sys.argv[1:] if not a.startswith("-")]
    for story, more in STORIES:
        if only and story.__name__ not in only:
            continue
        bench = Bench(checks, more)
        before = checks.failed
        story(bench)
        checks.equal(bench.device.verify().returncode, 0, f"{story.__name__}: the chain verifies")
        print(f"{story.__name__}: {'ok' if checks.failed == before else 'FAILED'}", flush=True)
    checks.end()


if __name__ == "__main__":
    main()
