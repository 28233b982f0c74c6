#!/usr/bin/env python3
"""An auditor's day on the command line: a visit with every kind of finding, its report as text and as a signed file, then the
server's case, the manager's ruling, and where the rest of a recalled lot is.
"""
import json
import os
import re
import sys
import unicodedata

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import market  # noqa: E402
from market import rig  # noqa: E402

PHONE = 40


def width(text):
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def visit(a, folder):
    """The visit's number; everything that a shop can hold."""
    a.refused(["region"], "start", "audit")
    no = a.start("audit", f"region={market.HOME}", "shop=老王烟酒", "licence=红旗 1",
                 "address=一环路 1 号")
    a.scan(no, (rig.scan("S000001"), "in-region accept…Sold to 成都蓉城商贸"),
           (rig.scan("S000005"), "out-of-region accept…Sold to 贵阳黔酒商行"),
           (rig.scan("R000001"), "recalled accept"), (rig.scan("S000020"), "no-record accept"),
           (rig.scan("NOBODY"), "unregistered accept"))
    found = {one["key"]: one for one in a.objects("journal") if one["kind"] == "scan"}
    a.checks.ok("out-of-region" in found[rig.item("R000001")]["findings"], "recalled, and out of its region too")
    another(a, no)
    by_hand(a, no)
    evidence(a, no, folder, found[rig.item("S000005")]["seq"])
    return no


def another(a, no):
    """The same code again: the same bottle, or another."""
    a.scan(no, (rig.scan("S000002"), "in-region accept"), (rig.scan("S000002"), "duplicate confirm"))
    double = a.last_scan()
    a.refused([], "confirm", no, str(double - 1), "--another")
    a.checks.equal(a.run("confirm", no, str(double), "--another", "--supervisor", "li").returncode, 2, "not both")
    a.checks.equal(a.rows("confirm", no, str(double), "--another"), [["confirm", no, str(double)]], "another bottle")
    a.scan(no, (rig.scan("S000002"), "duplicate confirm"))  # nobody answers: the same bottle


def by_hand(a, no):
    a.refused(["NOTHING"], "defaced", no, "product=NOTHING")
    for wrong in ([], ["lot=L1"], ["product=SEAL", "product=SEAL"], ["product=SEAL", "count=many"], ["SEAL"]):
        a.checks.equal(a.run("defaced", no, *wrong).returncode, 2, f"defaced {wrong} is no use")
    entered = a.rows("defaced", no, "product=SEAL", "lot=L1", "printed=2026-01-10 07:15", "count=2")
    a.checks.equal(entered[0][:3], ["defaced", "accept", ""], "goods without a code")
    rows = a.rows("holders", "SEAL", "L1")
    a.checks.ok(["transit:party:D-2", "贵阳黔酒商行", "SEAL", "L1", "3"] in rows, f"who may have had it: {rows}")
    a.refused(["NOTHING"], "holders", "NOTHING")
    a.checks.equal(a.rows("search", "SEAL", "lot=L2", "0001"), [[rig.item("R000001")]], "by some of its digits")
    a.checks.equal(a.rows("search", "BOX-77"), [[rig.item("S000001")]], "by another code on it")
    a.refused(["nothing found"], "search", "SEAL", "XYZ")
    a.refused(["nothing found"], "search", "BOX-7")


def evidence(a, no, folder, seq):
    for kind, text in (("shop", b"front"), ("code", b"close"), ("receipt", b"paid 388")):
        path = os.path.join(folder, kind + ".jpg")
        with open(path, "wb") as stream:
            stream.write(text)
        more = ["--scan", str(seq)] if kind == "code" else []
        rows = a.rows("evidence", no, kind, path, *more)
        a.checks.ok(rows and re.fullmatch(r"\d+", rows[0][0]) and re.fullmatch(r"[0-9a-f]{64}", rows[0][1]),
                    f"its number and hash: {rows}")
    a.refused(["nowhere"], "evidence", no, "shop", os.path.join(folder, "nowhere.jpg"))
    a.checks.equal(a.run("evidence", no, "selfie", folder).returncode, 2, "a kind that there is not")
    a.refused([], "evidence", "SO-2", "shop", os.path.join(folder, "shop.jpg"))


def as_text(a, no):
    """All of it, on a phone."""
    lines = a.run("report", no).stdout.decode().splitlines()
    a.checks.ok(lines and max(map(width, lines)) <= PHONE, f"no line is too wide: {max(map(width, lines))}")
    text = "\n".join(lines)
    for words in ("周敏 (zhou)", "四川省 成都市 锦江区", "老王烟酒", "一环路 1 号", "红旗", "Refused to sign",
                  "Looked at: 9\n", " Recalled: 1\n", " Suspected diversion: 2\n", " Cloned code: 1\n",
                  " Defaced: 2\n", " Unknown serial: 1\n", "贵阳黔酒商行 (D-2)", "SO-2",
                  "It belongs in 贵州省 贵阳市", "Who sells it here: 成都蓉城商贸", "2026-01-10 07:15", "shop.jpg"):
        a.checks.ok(words in text, f"the report says {words!r}:\n{text}")
    types = [one["type"] for one in a.objects("report", no)]
    a.checks.equal((types[0], types[-1], types.count("goods"), types.count("evidence")), ("visit", "sum", 8, 3),
                   "the same as objects")
    a.device.lang = "zh_CN"
    lines = a.run("report", no).stdout.decode().splitlines()
    a.device.lang = "en"
    a.checks.ok("稽查员: 周敏 (zhou)" in lines, f"in Chinese too: {lines[:3]}")
    a.checks.ok(max(map(width, lines)) <= PHONE, "and no line is too wide there")


def verify(a, path, folder=None, good=True, what=None):
    """By anybody, without a data folder."""
    more = ["--folder", folder] if folder else []
    done = a.device.run("report", "--verify", path, *more, operator=None)
    words = done.stdout.decode().strip().split("\t")
    a.checks.equal((done.returncode, words[0]), (0, "ok") if good else (1, "bad"), f"{path}: {done.stderr.decode()}")
    if what:
        a.checks.equal(words[1], what, "what it is")


def signed(a, server, no, folder):
    path = os.path.join(folder, "visit.ndjson")
    a.checks.equal(a.rows("report", no, "--sign", path), [["signed", no, path]], "signed")
    key = next(one["public_key"] for one in server.rows("devices") if one["device"] == a.number)
    verify(a, path, folder, what=key)
    with open(path, "rb") as stream:
        whole = stream.read()
    for at in range(0, len(whole), max(1, len(whole) // 40)):
        with open(path, "wb") as stream:
            stream.write(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        done = a.device.run("report", "--verify", path, operator=None)
        a.checks.equal(done.returncode, 1, f"byte {at} changed")
        a.checks.ok(not done.stdout.startswith(b"ok"), f"byte {at} changed, and not told ok")
    with open(path, "wb") as stream:
        stream.write(whole)
    with open(os.path.join(folder, "code.jpg"), "ab") as stream:
        stream.write(b"!")
    verify(a, path)
    said = a.device.run("report", "--verify", path, operator=None)
    a.checks.equal(said.stdout.decode().strip().split("\t")[2:4], ["this-device", "pictures-not-looked-at"], "without a folder")
    a.checks.ok(b"were not looked at" in said.stderr, "and it says so")
    verify(a, path, folder, good=False, what="code.jpg")
    os.unlink(os.path.join(folder, "code.jpg"))
    a.refused(["code.jpg"], "report", "--verify", path, "--folder", folder)
    a.refused(["nowhere"], "report", "--verify", os.path.join(folder, "nowhere"))
    for wrong in (["report"], ["report", no, "--folder", folder], ["report", no, "--verify", path],
                  ["report", no, "--sign"]):
        a.checks.equal(a.run(*wrong).returncode, 2, f"{wrong} is no use")
    a.refused(["no audit"], "report", "SO-2")


def rulings(a, server, no):
    cases = server.rows("cases")
    a.checks.equal([(one["party"], one["no"], one["state"], one["units"]) for one in cases],
                   [("D-2", no, "open", 2)], "one case: this visit, that seller")
    if not cases:
        return
    shipped = [move["doc"] for one in cases[0]["goods"] for move in one["shipments"]]
    a.checks.equal(shipped, ["SO-2", "SO-2"], "how they came there")
    a.checks.equal(len(cases[0]["evidence"]), 3, "with its pictures")
    server.run("rule", str(cases[0]["case"]), "diverted", "--reason", "twice told", "--by", "boss")
    ruled = server.rows("cases")[0]
    a.checks.equal((ruled["state"], ruled["reason"], ruled["by"]), ("diverted", "twice told", "boss"), "the ruling")
    offenders = [json.loads(one) for one in server.run("cases", "--offenders").splitlines()]
    a.checks.equal([(one["party"], one["diverted"], one["units"]) for one in offenders], [("D-2", 1, 2)], "offenders")
    lots = [json.loads(one) for one in server.run("radius", "SEAL", "L2").splitlines()]
    a.checks.equal(sorted((one["holder"], one["units"]) for one in lots if one.get("holder")),
                   [("site:CDB", 3), ("transit:party:D-2", 1)], "the radius of the lot")


def next_visit(a):
    """What the server learned comes back: seen in another region."""
    a.sync()
    no = a.start("audit", f"region={market.ABROAD}")
    a.scan(no, (rig.scan("S000005"), "seen-elsewhere accept"))
    a.done("undo", no, str(a.last_scan()))
    a.done("complete", no)


def given_up(a, server):
    """A visit that its auditor gives up: nothing was seen there, at the server as here; its records stay."""
    no = a.start("audit", f"region={market.HOME}", "shop=given up")
    a.scan(no, (rig.scan("S000006"), "out-of-region accept"))
    for name in ("one", "two"):
        folder = os.path.join(rig.folder(), name)
        os.mkdir(folder)
        with open(os.path.join(folder, "bottle.jpg"), "w", encoding="utf-8") as out:
            out.write(name)
        a.rows("evidence", no, "code", os.path.join(folder, "bottle.jpg"))
    a.sync()
    one = next(one for one in server.rows("cases") if one["no"] == no)
    a.checks.equal((one["state"], one["visit"]["abandoned"]), ("open", False), "a case while it goes on")
    named = [(picture["file"], os.path.basename(picture.get("folder", ""))) for picture in one["evidence"]]
    a.checks.equal(named, [("bottle.jpg", "one"), ("bottle.jpg", "two")], "two files of one name, told apart by their folders")
    records = len(server.rows("records"))
    a.done("abandon", no)
    a.sync()
    one = next(one for one in server.rows("cases") if one["no"] == no)
    a.checks.equal((one["state"], one["units"], one["visit"]["abandoned"]), ("withdrawn", 0, True), "and none when it is given up")
    a.checks.ok(len(server.rows("records")) > records, "its records stay")
    other = a.start("audit", f"region={market.ABROAD}")
    a.scan(other, (rig.scan("S000006"), "in-region accept"))  # not seen elsewhere
    a.done("abandon", other)


def main():
    checks, server, _ = market.opened()
    a = market.Hand(checks, server, "CDB", market.AUDITOR)
    a.number = json.loads(a.run("status", json_out=True, operator=None).stdout)["device"]
    folder = rig.folder()
    no = visit(a, folder)
    a.done("complete", no, "seen=24", "price=388", "witness=李", "ack=refused")
    as_text(a, no)
    signed(a, server, no, folder)
    a.sync()
    rulings(a, server, no)
    next_visit(a)
    given_up(a, server)
    checks.equal(a.device.verify().returncode, 0, "the chain verifies")
    checks.ok(server.sound() and a.device.sound(), "nothing to complain of")
    checks.end()


if __name__ == "__main__":
    main()
