#!/usr/bin/env python3
"""Tampering, and catalogs that go away.

Any one byte of any record flipped: `journal verify` names the first bad record and exits 1. A catalog deleted, CURRENT
deleted, CURRENT swapped to another file while a scan run is open: no work is lost, and no old rows are read.

    tamper.py [--long] [--seed N]
"""
import argparse
import os
import random
import re
import shutil
import sqlite3

import rig

BODY_FLIPS, HASH_FLIPS = 4, 1       # a record, beside the first and the last byte
LONG_RECORDS = 3                    # --long: of so many records every byte


# ---- records ----

def make_journal():
    """A device with every kind of record that a short working day makes."""
    device = rig.Device()
    device.import_feed(rig.base_feed() + [
        rig.order("SO-1", 6), rig.order("SO-2", 5), rig.serials("S", 20), rig.serials("R", 3, lot="L2")])
    device.run("scan", "SO-1", feed="".join(rig.scan(s) + "\n" for s in (
        "S000001", "S000002", "S000002", "R000001", "S000003", "NOBODY", "\\x00\\xff")))
    latched = [r["seq"] for r in device.journal() if r["kind"] == "scan" and r["severity"] == "reject"]
    device.run("undo", "SO-1", str(latched[-2]))
    device.run("scan", "SO-2", feed=rig.scan("S000010") + "\n")
    device.run("abandon", "SO-2")
    device.run("complete", "SO-1", "--short", "customer", "--set-aside")
    return device


def rows_of(path):
    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT seq, CAST(body AS BLOB), hash FROM record ORDER BY seq").fetchall()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return rows


def change(path, sql, values):
    db = sqlite3.connect(path)
    with db:
        db.execute(sql, values)
    db.close()


def flipped(data, position, draw):
    changed = bytearray(data)
    changed[position] ^= draw.randint(1, 255)
    return bytes(changed)


def positions(data, count, draw):
    return sorted({0, len(data) - 1, *(draw.randrange(len(data)) for _ in range(count))})


def check_named(checks, device, seq, what):
    done = device.verify()
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    checks.equal(done.returncode, 1, f"{what}: exit")
    checks.ok(re.search(rf"(?<!\d){seq}(?!\d)", said), f"{what}: record {seq} is named in {said!r}")


def check_flips(checks, device, draw, every_byte):
    """Each flip in a database that is whole but for it."""
    path = os.path.join(device.path, "journal.db")
    rows = rows_of(path)
    checks.ok(len(rows) >= 12, f"{len(rows)} records to tamper with")
    whole = set(draw.sample(range(len(rows)), LONG_RECORDS)) if every_byte else set()
    flips = 0
    for index, (seq, body, digest) in enumerate(rows):
        for column, data, count in (("body", body, BODY_FLIPS), ("hash", digest, HASH_FLIPS)):
            places = range(len(data)) if index in whole else positions(data, count, draw)
            cast = "CAST(? AS TEXT)" if column == "body" else "?"
            for place in places:
                change(path, f"UPDATE record SET {column} = {cast} WHERE seq = ?",
                       (flipped(data, place, draw), seq))
                check_named(checks, device, seq, f"record {seq}, {column}, byte {place}")
                change(path, f"UPDATE record SET {column} = {cast} WHERE seq = ?", (data, seq))
                flips += 1
    checks.equal(device.verify().returncode, 0, "all put back: the chain verifies again")
    return flips


def check_moved(checks, device):
    """Records taken out or exchanged."""
    path = os.path.join(device.path, "journal.db")
    rows = rows_of(path)
    seq, body, digest = rows[4]
    change(path, "DELETE FROM record WHERE seq = ?", (seq,))
    done = device.verify()
    checks.equal(done.returncode, 1, "a record taken out of the middle: exit")
    change(path, "INSERT INTO record(seq, body, hash) VALUES(?, CAST(? AS TEXT), ?)", (seq, body, digest))
    other = rows[5]
    for target, source in ((seq, other), (other[0], rows[4])):
        change(path, "UPDATE record SET body = CAST(? AS TEXT), hash = ? WHERE seq = ?",
               (source[1], source[2], target))
    check_named(checks, device, seq, "two records exchanged")
    for one in (rows[4], other):
        change(path, "UPDATE record SET body = CAST(? AS TEXT), hash = ? WHERE seq = ?", (one[1], one[2], one[0]))
    checks.equal(device.verify().returncode, 0, "put back: the chain verifies again")


def check_damage(checks, device, draw):
    """Noise over the file itself: told, no crash; silence only where no record was hit."""
    whole = [r["seq"] for r in device.journal()]
    for turn in range(4):
        copy = rig.Device()
        shutil.copytree(device.path, copy.path)
        path = os.path.join(copy.path, "journal.db")
        size = os.path.getsize(path)
        with open(path, "r+b") as stream:
            stream.seek(0 if turn == 0 else draw.randrange(size // 2))
            stream.write(draw.randbytes(size // 3))
        done = copy.verify()
        checks.ok(done.stderr or done.stdout, f"noise in the file, turn {turn}: something is said")
        if done.returncode == 0:
            checks.equal([r["seq"] for r in copy.journal()], whole, f"noise in the file, turn {turn}: all records")
        else:
            checks.equal(done.returncode, 1, f"noise in the file, turn {turn}: exit")


# ---- catalogs ----

class Running:
    """`tallyman scan` with its input held open: one scan in, one verdict out."""

    def __init__(self, device, doc):
        self.process = device.start("scan", doc)
        self.lines = rig.Lines(self.process.stdout)
        self.count = 0

    def judge(self, text):
        """The verdict, or None when the program has ended instead."""
        try:
            self.process.stdin.write(text.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        self.count += 1
        self.lines.wait(self.count)
        if len(self.lines.lines) < self.count:
            return None
        return rig.verdicts(self.lines.lines[self.count - 1])[0]

    def end(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        status = self.process.wait(rig.WAIT_S)
        return status, rig.verdicts(self.lines.end())


def feed():
    return rig.base_feed() + [rig.order("SO-1", 50), rig.serials("S", 20)]


def open_device():
    device = rig.Device()
    device.import_feed(feed())
    return device


def put_current(device, name):
    with open(os.path.join(device.path, "CURRENT.aside"), "w", encoding="ascii") as stream:
        stream.write(name + "\n")
    os.rename(os.path.join(device.path, "CURRENT.aside"), os.path.join(device.path, "CURRENT"))


def current(device):
    with open(os.path.join(device.path, "CURRENT"), encoding="ascii") as stream:
        return stream.read().strip()


def other_catalog(device, name, changes):
    """The same feed and its changes, as one file beside the catalog in use."""
    made = rig.Device()
    made.import_feed(feed() + changes)
    source = os.path.join(made.path, current(made))
    db = sqlite3.connect(source)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    shutil.copyfile(source, os.path.join(device.path, name))


def check_swap(checks):
    """Another file named while a run is open: the next scan is judged by it."""
    device = open_device()
    old = current(device)
    running = Running(device, "SO-1")
    checks.equal(running.judge(rig.scan("S000001")), ("ok", "accept", rig.item("S000001")), "before the swap")
    changes = [rig.line("code", code=rig.item("S000002"), product="SEAL", lot="L1", state="void", holder="site:CDB"),
               rig.line("recall", id="R-8", product="SEAL", codes=[rig.item("S000003")], reason="crack"),
               rig.line("code", code=rig.item("T1"), product="SEAL", lot="L1", holder="site:CDB")]
    number = int(re.search(r"\d+", old).group()) + 1
    other_catalog(device, f"catalog-{number}.db", changes)
    put_current(device, f"catalog-{number}.db")
    for text, reason in (("S000002", "void-code"), ("S000003", "recalled"), ("T1", "ok"), ("S000004", "ok")):
        got = running.judge(rig.scan(text))
        checks.ok(got and got[0] == reason, f"after the swap {text} is {reason}: {got}")
    status, printed = running.end()
    checks.ok(status == 0 and device.sound(), f"the run ends well: {status}")
    checks.equal(device.scans(), printed, "every verdict is in the journal")
    checks.equal(device.verify().returncode, 0, "the chain verifies")


def check_update(checks):
    """A second folder's rows written over the catalog in use through the program itself, before the next run."""
    device = open_device()
    device.run("scan", "SO-1", feed=rig.scan("S000001") + "\n")
    device.import_feed([rig.line("code", code=rig.item("S000005"), product="SEAL", lot="L1", state="void",
                                 holder="site:CDB")])
    done = device.run("scan", "SO-1", feed=rig.scan("S000005") + "\n" + rig.scan("S000001") + "\n")
    checks.equal([v[0] for v in rig.verdicts(done.stdout)], ["void-code", "duplicate"], "new rows, old work")


def remove_catalogs(device):
    for name in os.listdir(device.path):
        if name.startswith("catalog-"):
            os.unlink(os.path.join(device.path, name))


def remove_current(device):
    os.unlink(os.path.join(device.path, "CURRENT"))


def remove_both(device):
    remove_current(device)
    remove_catalogs(device)


def tallied(device):
    """What `show` says of the order, as text."""
    return device.run("show", "SO-1", json_out=True).stdout


def check_lost(checks, name, remove):
    """The catalog goes while a run is open; afterwards it comes again."""
    device = open_device()
    running = Running(device, "SO-1")
    for serial in ("S000001", "S000002"):
        checks.equal(running.judge(rig.scan(serial)), ("ok", "accept", rig.item(serial)), f"{name}: before")
    remove(device)
    running.judge(rig.scan("S000003"))
    running.judge(rig.scan("S000001"))
    status, printed = running.end()
    checks.ok(status in (0, 1) and device.sound(), f"{name}: the run ends by itself: {status}")
    checks.equal(device.scans(), printed, f"{name}: every verdict is in the journal")
    checks.equal(device.verify().returncode, 0, f"{name}: the chain verifies")
    done = device.run("status", operator=None)
    checks.equal(done.returncode, 0, f"{name}: status is told: {done.stderr.decode()}")

    device.import_feed(feed())
    checks.equal(device.scans(), printed, f"{name}: nothing is lost by taking the catalog again")
    done = device.run("scan", "SO-1", feed=rig.scan("S000001") + "\n" + rig.scan("S000009") + "\n")
    checks.equal([v[0] for v in rig.verdicts(done.stdout)], ["duplicate", "ok"], f"{name}: work goes on")
    ok = [v for v in printed if v[1] in ("accept", "warn")]
    shown = tallied(device).decode()
    checks.ok(re.search(rf'"(tallied|done)":\s*"?{len(ok) + 1}"?\b', shown), f"{name}: progress is there: {shown}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw, checks = random.Random(options.seed), rig.Checks()
    device = make_journal()
    flips = check_flips(checks, device, draw, options.long)
    check_moved(checks, device)
    check_damage(checks, device, draw)
    check_swap(checks)
    check_update(checks)
    for name, remove in (("catalog deleted", remove_catalogs), ("CURRENT deleted", remove_current),
                         ("both deleted", remove_both)):
        check_lost(checks, name, remove)
    print(f"figure: {flips} single bytes flipped, seed {options.seed}")
    checks.end()


if __name__ == "__main__":
    main()
