#!/usr/bin/env python3
"""What the server did not accept, from the command line: two devices out of reach ship the same goods; the one that is heard last is
told who was first, answers each, and the server has both sides' records and the answers. What it was told outlives a catalog that
is lost. What a manager closes at the server ends here by itself, with a word on who and why. A long sync says on a terminal how far
it is.
"""
import json
import os
import pty
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

GOODS = [f"S00000{n}" for n in range(1, 5)]
SUPERVISOR = {"TALLYMAN_SUPERVISOR_PIN": rig.PIN}


def feed():
    return rig.base_feed() + [rig.order("SO-1", 4), rig.order("SO-2", 5), rig.order("SO-3", 1), rig.order("SO-4", 1),
                              rig.serials("S", 9)]


class Story:
    def __init__(self, checks):
        self.checks, self.server = checks, rig.Server()
        self.server.import_feed(feed())
        self.server.start()
        self.first, self.second = self.joined(), self.joined()

    def joined(self):
        device = rig.Device()
        device.run("enrol", self.server.enrolment(f"http://127.0.0.1:{self.server.port}"), operator=None)
        self.sync(device)
        return device

    def sync(self, device):
        done = device.run("sync", operator=None)
        self.checks.equal(done.returncode, 0, f"sync: {done.stderr.decode()}")

    def ship(self, device, doc, serials, operator):
        device.run("scan", doc, feed="".join(rig.scan(one) + "\n" for one in serials), operator=operator)
        done = device.run("complete", doc, "--short", "no-stock", operator=operator)
        self.checks.equal(done.returncode, 0, f"complete {doc}: {done.stderr.decode()}")

    def waiting(self):
        said = self.second.run("inbox", json_out=True).stdout.splitlines()
        return {row["key"]: row for row in map(json.loads, said)}

    def answer(self, row, *words, expected=0, what=""):
        done = self.second.run("inbox", str(row["seq"]), *words)
        self.checks.equal(done.returncode, expected, f"{what or words}: {done.stderr.decode()}")
        return done.stdout.decode()


    def keep(self, row):
        done = subprocess.run(self.second.command("inbox", str(row["seq"]), "keep", "--supervisor", "li"), check=False,
                              env={**rig.Device.environment(), **SUPERVISOR}, capture_output=True, timeout=rig.WAIT_S)
        self.checks.equal(done.returncode, 0, f"kept: {done.stderr.decode()}")


def told(story):
    checks = story.checks
    waiting = story.waiting()
    checks.equal(sorted(waiting), sorted(rig.item(one) for one in GOODS), "what waits")
    row = waiting[rig.item(GOODS[0])]
    checks.equal([row[name] for name in ("verdict", "word", "no", "by", "other_by", "other_no", "other_device", "holder")],
                 ["refused", "false-holder", "SO-2", "wang", "li", "SO-1", 1, "transit:party:D-1"], "who was first")
    checks.equal(row["choices"], ["take-out", "keep", "not-mine"], "what can be done")
    text = story.second.run("inbox").stdout.decode().splitlines()
    checks.equal(len(text), 4, "a line each")
    checks.ok("Booked: on the way to D-1" in text[0] and "李伟 · handheld 1 · SO-1" in text[0], f"in words: {text[0]}")
    status = json.loads(story.second.run("status", json_out=True, operator=None).stdout)
    checks.equal(status["inbox"], 4, "status counts them")
    return waiting


def answered(story, waiting):
    checks = story.checks
    rows = [waiting[rig.item(one)] for one in GOODS]
    story.answer(rows[0], "throw-away", expected=2, what="no such answer")
    story.answer({"seq": 1}, "not-mine", expected=1, what="a record that was accepted")
    checks.equal(story.answer(rows[0], "take-out").split("\t")[:2], ["take-out", "SO-2"], "what is said")
    story.answer(rows[0], "take-out", expected=1, what="once is enough")
    story.answer(rows[1], "keep", expected=1, what="not by a clerk")
    story.keep(rows[1])
    story.answer(rows[2], "not-mine")
    checks.equal(list(story.waiting()), [rig.item(GOODS[3])], "one is left")


def lost_catalog(story):
    """All that was pulled is gone: the server says it again, the answers are the journal's."""
    for name in os.listdir(story.second.path):
        if name.startswith("catalog-") or name == "CURRENT":
            os.unlink(os.path.join(story.second.path, name))
    story.sync(story.second)
    waiting = story.waiting()
    story.checks.equal(list(waiting), [rig.item(GOODS[3])], "what waits with a new catalog")
    story.checks.equal(waiting[rig.item(GOODS[3])]["other_by"], "li", "and who was first")


def on_record(story):
    checks = story.checks
    story.sync(story.second)
    conflicts = {row["key"]: row for row in story.server.rows("conflicts")}
    said = {key: (row["open"], (row["answer"] or {}).get("what"), (row["answer"] or {}).get("supervisor"))
            for key, row in conflicts.items()}
    checks.equal(said, {rig.item(GOODS[0]): (False, "take-out", None), rig.item(GOODS[1]): (False, "keep", "li"),
                        rig.item(GOODS[2]): (True, "not-mine", None), rig.item(GOODS[3]): (True, None, None)}, "conflicts")
    scans = [row for row in story.server.rows("records") if row["kind"] == "scan"]
    checks.equal(len(scans), 9, "both sides' records stay")


def kept_while_loading(story):
    """Both are at work still: the code stays with who was first, what went with the other is a quantity."""
    checks, serial = story.checks, "S000008"
    for device, doc in ((story.first, "SO-3"), (story.second, "SO-4")):
        device.run("scan", doc, feed=rig.scan(serial) + "\n")
        story.sync(device)
    row = story.waiting()[rig.item(serial)]
    checks.equal([row["word"], row["other_no"], row["holder"]], ["lost-claim", "SO-3", ""], "lost while loading")
    story.keep(row)
    for device, doc in ((story.second, "SO-4"), (story.first, "SO-3")):
        done = device.run("complete", doc)
        checks.equal(done.returncode, 0, f"complete {doc}: {done.stderr.decode()}")
        story.sync(device)
    results = {row["no"]: row["lines"][0] for row in story.server.rows("results") if row["no"] in ("SO-3", "SO-4")}
    checks.equal({no: (line["qty"], line["codes"]) for no, line in results.items()},
                 {"SO-3": ("1", [rig.item(serial)]), "SO-4": ("1", [])}, "what left on both")
    checks.equal(rig.item(serial) in story.waiting(), False, "and nothing is open with it")


def resolve(story, key, reason):
    case = next(row["case"] for row in story.server.rows("conflicts") if row["key"] == rig.item(key))
    return story.server.run("resolve", str(case), "--reason", reason, "--by", "Wei")


def settled(device):
    said = device.run("inbox", "--settled", json_out=True).stdout.splitlines()
    return {row["key"]: row["settled"] for row in map(json.loads, said)}


def closed_by_a_manager(story):
    """One that was handed on, one that nobody answered, one whose goods are marked to be taken out: none waits for anybody."""
    checks, serial = story.checks, "S000007"
    story.server.import_feed([rig.order("SO-5", 1), rig.order("SO-6", 1)])
    for device, doc in ((story.first, "SO-5"), (story.second, "SO-6")):
        story.sync(device)
        device.run("scan", doc, feed=rig.scan(serial) + "\n")
        story.sync(device)
    done = story.second.run("complete", "SO-6", "--short", "no-stock")
    checks.equal(done.returncode, 1, "what was lost holds the order")
    checks.equal(resolve(story, GOODS[2], "customer has it"), "conflict 3: closed\n", "handed on")
    checks.ok(resolve(story, GOODS[2], "twice").startswith("conflict 3: was settled before"), "once is enough")
    resolve(story, GOODS[3], "counted at the gate")
    resolve(story, serial, "goes with SO-5")
    story.answer(story.waiting()[rig.item(GOODS[3])], "not-mine", what="said before it has heard")
    story.sync(story.second)
    checks.equal(story.waiting(), {}, "nothing waits")
    told = settled(story.second)
    checks.equal({key: (row["what"], row["by"], row["reason"]) for key, row in told.items()},
                 {rig.item(GOODS[2]): ("closed", "Wei", "customer has it"),
                  rig.item(GOODS[3]): ("closed", "Wei", "counted at the gate"),
                  rig.item(serial): ("closed", "Wei", "goes with SO-5")}, "what is said of them")
    text = story.second.run("inbox", "--settled").stdout.decode()
    checks.ok("Settled at the office: goes with SO-5" in text and "· Wei" in text, f"in words: {text}")
    checks.equal(json.loads(story.second.run("status", json_out=True, operator=None).stdout)["inbox"], 0, "status")
    checks.equal(settled(story.first), {}, "the other device hears nothing")
    done = story.second.run("complete", "SO-6", "--short", "no-stock")
    checks.equal(done.returncode, 0, f"its mark is gone: {done.stderr.decode()}")
    story.sync(story.second)
    conflicts = {row["key"]: row for row in story.server.rows("conflicts")}
    row = conflicts[rig.item(GOODS[3])]
    checks.equal((row["open"], row["answer"]["what"], row["closed"]["reason"]), (False, "not-mine", "counted at the gate"),
                 "a late answer is on record, and changes nothing")
    checks.equal([row["outcome"] for row in story.server.rows("records") if row.get("answer") == "settled"], ["accepted"],
                 "what the device itself said")
    checks.equal(len([row for row in story.server.rows("records") if row.get("key") == rig.item(serial) and row["kind"] == "scan"]),
                 2, "both sides' records stay")


def figures(story):
    """A terminal sees how far it is, and nothing of it is left in the end; a pipe sees the last line alone."""
    story.server.import_feed([rig.line("region", id=str(n), name=f"R{n}") for n in range(3000)])
    device = rig.Device()
    device.run("enrol", story.server.enrolment(f"http://127.0.0.1:{story.server.port}"), operator=None)
    master, slave = pty.openpty()
    done = subprocess.run(device.command("sync", operator=None), env=device.environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=slave, timeout=rig.WAIT_S, check=False)
    os.close(slave)
    shown = os.read(master, 65536).decode("utf-8", "replace")
    os.close(master)
    story.checks.equal(done.returncode, 0, f"sync on a terminal: {shown}")
    story.checks.ok("rows so far" in shown or " MB" in shown, f"figures on a terminal: {shown!r}")
    story.checks.ok(shown.endswith("\r\x1b[K"), f"wiped at its end: {shown!r}")
    story.checks.ok(done.stdout.startswith(b"pushed\t"), f"the last line: {done.stdout!r}")
    story.checks.equal(device.run("sync", operator=None).stderr, b"", "nothing of it in a pipe")


def main():
    checks = rig.Checks()
    story = Story(checks)
    story.ship(story.first, "SO-1", GOODS, "li")
    story.ship(story.second, "SO-2", [*GOODS, "S000009"], "wang")
    story.sync(story.first)
    story.sync(story.second)
    answered(story, told(story))
    lost_catalog(story)
    on_record(story)
    kept_while_loading(story)
    closed_by_a_manager(story)
    figures(story)
    story.server.stop()
    checks.end()


if __name__ == "__main__":
    main()
