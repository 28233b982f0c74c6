#!/usr/bin/env python3
"""Documents of one's own that are begun wrong, flows that the feed tells wrong, a practice folder that can't be, a disk that is
full in the middle of packing: each a clear message and the right exit code, in both languages, and nothing is harmed.
"""
import json
import os

import badinput
import rig

# What is started, and words that the message has: those of the person, and the same in each language.
STARTS = (
    (("voyage",), "voyage", ("no such flow", "没有这种流程")),
    (("outbound",), "outbound", ("none can be started here", "不能在此新建")),
    (("scrap",), "reason", ("needed", "需要填")),
    (("scrap", "reason=dust"), "dust", ("none of", "不在可选值中")),
    (("scrap", "reason=damaged", "colour=red"), "colour", ("no such field", "没有这个字段")),
    (("transfer", "to=NOWHERE"), "to=NOWHERE", ("no such thing", "没有找到")),
    (("recall", "notice=R-9"), "notice=R-9", ("no such thing", "没有找到")),
    (("unpack", "mode=sideways"), "sideways", ("none of", "不在可选值中")),
    (("baseline",), "baseline", ("not for this role", "不归此角色")),
)


def flow(**members):
    return {"type": "flow", "id": "cold", **members}


def field(**members):
    return flow(base="receipt", fields=[members])


# A flow that is wrong, and the member that is named.
FLOWS = (
    (flow(base="voyage"), '"base"'),
    (flow(), '"base"'),
    (flow(base="receipt", id="x" * 40), '"id"'),
    (flow(base="receipt", roles=["king"]), '"roles[0]"'),
    (flow(base="receipt", near_expiry_days=-4), '"near_expiry_days"'),
    (flow(base="receipt", to_quarantine=["sour"]), '"to_quarantine[0]"'),
    (flow(base="receipt", severities=[{"reason": "sour", "as": "warn"}]), '"severities[0].reason"'),
    (flow(base="receipt", severities=[{"reason": "expired", "as": "meh"}]), '"severities[0].as"'),
    (flow(base="receipt", severities=[{"reason": "duplicate", "as": "accept"}]), '"severities[0].as"'),
    (field(kind="text"), '"fields[0].name"'),
    (field(name="t", kind="smell"), '"fields[0].kind"'),
    (field(name="t", kind="choice"), '"fields[0].choices"'),
    (field(name="t", kind="number", min="9", max="2"), '"fields[0].max"'),
    (flow(base="receipt", fields=[{"name": f"f{n}", "kind": "text"} for n in range(13)]), '"fields"'),
)


def documents(device):
    return device.run("documents").stdout


def try_starts(case):
    before = documents(case.device)
    for arguments, named, said in STARTS:
        done = case.device.run("start", *arguments)
        what = "start " + " ".join(arguments)
        case.told(done, 1, named, what)
        case.told(done, 1, said[badinput.LANGUAGES.index(case.lang)], what)
        case.checks.equal(done.stdout, b"", f"{case.lang}, {what}: no number is printed")
    for arguments in ((), ("scrap", "reason")):
        case.told(case.device.run("start", *arguments), 2, "tallyman start FLOW", f"start {arguments}")
    case.checks.equal(documents(case.device), before, f"{case.lang}: no document was begun")
    case.unharmed("what was started wrong")


def try_flows(case):
    for members, named in FLOWS:
        done = case.device.run("import", "-", feed=rig.order("SO-NEW", 5) + "\n" + json.dumps(members) + "\n",
                               operator=None)
        what = f"a flow with wrong {named}"
        case.told(done, 1, "nothing taken", what)
        case.told(done, 1, named, what)
        case.checks.ok(b"SO-NEW" not in documents(case.device), f"{case.lang}, {what}: nothing is taken")
    done = case.device.run("start", "cold")
    case.told(done, 1, "cold", "a flow that was refused")
    case.unharmed("flows that are wrong")


def try_values(case):
    """A field's value outside its limits, when the document is completed."""
    case.device.import_feed([json.dumps(flow(base="receipt", roles=["clerk"], fields=[
        {"name": "temperature", "kind": "number", "at": "complete", "required": True, "min": "2", "max": "8"}]))])
    number = case.device.run("start", "cold").stdout.decode().strip()
    scanned = case.device.run("scan", number, feed=rig.scan("NEW001") + "\n")
    for arguments in ((), ("temperature=warm",), ("temperature=12",), ("plate=A1", "temperature=4")):
        done = case.device.run("complete", number, *arguments)
        named = "plate" if "plate=A1" in arguments else "temperature"
        case.told(done, 1, named, f"complete with {arguments}")
    case.unharmed("wrong values", rig.verdicts(scanned.stdout))
    done = case.device.run("complete", number, "temperature=4")
    case.checks.equal(done.returncode, 0, f"{case.lang}: completed with a good one: {done.stderr.decode()}")


def try_practice(case):
    """No room for practice: said, and the real data are not touched, nor taken instead."""
    blocked = os.path.join(case.device.path, "practice")
    with open(blocked, "wb"):
        pass
    done = case.device.run("--practice", "scan", "SO-1", feed=rig.scan("S000020") + "\n")
    case.checks.equal((done.returncode, done.stdout), (1, b""), f"{case.lang}, no practice folder: nothing is judged")
    case.checks.ok(b"tallyman" in done.stderr, f"{case.lang}, no practice folder: a message: {done.stderr!r}")
    case.unharmed("no practice folder")
    os.unlink(blocked)
    done = case.device.run("--practice", "scan", "SO-1", feed=rig.scan("S000020") + "\n")
    case.checks.equal([v[0] for v in rig.verdicts(done.stdout)], ["ok"], f"{case.lang}: practice when there is room")
    case.unharmed("practice")


def packing(first, count):
    """Items in threes, each with the label of its case."""
    for n in range(first, first + count):
        yield rig.scan(f"S{n:06d}")
        if n % 3 == 2:
            yield rig.label(n)


def try_full_disk(checks, lang):
    disk = badinput.SmallDisk(badinput.FULL_DISK_BYTES)
    if not disk.there:
        checks.skip(f"{lang}, a full disk in packing (no tmpfs may be mounted)")
        return
    try:
        case = badinput.Case(checks, lang, os.path.join(disk.path, "data"))
        number = case.device.run("start", "pack").stdout.decode().strip()
        fed = "\n".join(packing(10, badinput.FULL_DISK_SCANS)) + "\n"
        done = case.device.run("scan", number, feed=fed)
        printed = rig.verdicts(done.stdout)
        case.told(done, 1, "full", "a disk full in packing")
        checks.ok(printed and all(v[1] == "accept" for v in printed), f"{lang}, packing: {len(printed)} scans fitted")
        checks.ok(disk.change(f"size={badinput.FULL_DISK_BYTES * 8}"), "the disk has room again")
        case.unharmed("a disk full in packing", printed)
        rest = "\n".join(fed.splitlines()[len(printed):][:40]) + "\n"
        more = rig.verdicts(case.device.run("scan", number, feed=rest).stdout)
        checks.ok(more and all(v[:2] == ("ok", "accept") for v in more), f"{lang}, room again: packing goes on: {more}")
        checks.equal(case.device.run("complete", number).returncode, 0, f"{lang}, room again: it is completed")
        case.unharmed("room again", more)
    finally:
        disk.end()


def main():
    checks = rig.Checks()
    for lang in badinput.LANGUAGES:
        case = badinput.Case(checks, lang)
        try_starts(case)
        try_flows(case)
        try_values(case)
        try_practice(badinput.Case(checks, lang))
        try_full_disk(checks, lang)
    checks.end()


if __name__ == "__main__":
    main()
