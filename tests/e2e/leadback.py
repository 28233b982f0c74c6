#!/usr/bin/env python3
"""Devices that were restored from a copy, cloned or wiped: led back, stopped, begun anew. Whatever came of it, the server has every
record of every journal once, and no goods are counted twice."""
import collections
import datetime
import json
import os
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402


def feed():
    return rig.base_feed() + [rig.order(f"SO-{n}", 20) for n in range(1, 8)] + [rig.serials("S", 9999)]


def scan(device, order, *numbers):
    done = device.run("scan", order, feed="".join(rig.scan(f"S{n:06}") + "\n" for n in numbers))
    return [reason for reason, _, _ in rig.verdicts(done.stdout)]


def sync(device, lang=None):
    said = device.lang
    device.lang = lang or said
    done = device.run("sync", operator=None)
    device.lang = said
    return done


def status(device):
    return json.loads(device.run("status", json_out=True, operator=None).stdout)


def name(record):
    """What no two records share: when it was written."""
    return (record["at"], record.get("mono"), record["kind"], record.get("key"), record.get("ref"), record["seq"])


def all_there(checks, server, journals, what):
    """Each record of each journal once, whoever told it."""
    there = collections.Counter(name(one) for one in server.rows("records"))
    wanted = {name(one) for journal in journals for one in journal}
    checks.equal({one for one in wanted if there[one] != 1}, set(), f"{what}: every record is there once")


def keep(device):
    path = os.path.join(rig.folder(), "copy")
    shutil.copytree(device.path, path)
    return path


def put_back(device, path):
    shutil.rmtree(device.path)
    shutil.copytree(path, device.path)


def enrolled(server):
    device = rig.Device()
    done = device.run("enrol", server.enrolment(f"http://127.0.0.1:{server.port}"), operator=None)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode())
    sync(device)
    return device


def restored(checks, server):
    device = enrolled(server)
    scan(device, "SO-1", 1, 2, 3)
    sync(device)
    scan(device, "SO-1", 4)  # not told yet
    common = device.journal()[-1]["seq"]
    copy = keep(device)
    scan(device, "SO-1", 5, 6)
    lost = device.journal()
    first = next(one["seq"] for one in lost if one["kind"] == "scan")
    checks.equal(sync(device).returncode, 0, "the life that is lost is told")
    put_back(device, copy)
    checks.equal(scan(device, "SO-1", 5, 7), ["ok", "ok"], "it does not know of what it lost")
    number = [one["seq"] for one in device.journal() if one["kind"] == "scan"][-1]
    done = sync(device, "zh_CN")
    checks.equal(done.returncode, 0, f"it is led back: {done.stderr.decode()}")
    checks.ok("从备份恢复" in done.stderr.decode(), f"and says so: {done.stderr.decode()}")
    checks.ok(not sync(device).stderr, "once")
    told = status(device)
    checks.equal((told["epoch"], told["waiting"]), (2, 0), "in an epoch of its own")
    checks.equal((told["led_back"], told["led_back_after"]), (True, common), "its status has it")
    said = device.run("status", operator=None).stderr.decode()
    checks.ok(f"after record {common} it goes on apart" in said and "nothing to do" in said, f"in words: {said}")
    checks.equal(device.run("undo", "SO-1", str(number)).returncode, 0, "it can speak of what it did before")
    checks.equal(device.run("undo", "SO-1", str(first)).returncode, 0, "and before it was restored")
    checks.equal(scan(device, "SO-1", 8), ["ok"], "the day goes on")
    checks.equal(device.run("complete", "SO-1", "--short", "rest", "plate=A").returncode, 0, "to the order's end")
    checks.equal(sync(device).returncode, 0, "all is told")
    all_there(checks, server, [lost, device.journal()], "restored")
    checks.ok(b"ok\t" in device.verify().stdout, "its chain is whole")
    line = server.rows("results")[-1]["lines"][0]
    expected = {rig.item(f"S{n:06}") for n in (2, 3, 4, 5, 6, 8)}
    checks.equal(sorted(line["codes"]), sorted(expected), "what was loaded is in the result, each once")
    checks.ok(any(one["kind"] == "led-back" for one in server.rows("conflicts")), "the server's people are told")
    return device


def torn(checks, server):
    """The journal alone was restored; the catalog beside it is of the life that is lost."""
    device = enrolled(server)
    scan(device, "SO-2", 11)
    sync(device)
    journal = os.path.join(rig.folder(), "journal.db")
    shutil.copy(os.path.join(device.path, "journal.db"), journal)
    scan(device, "SO-2", 12, 13)
    lost = device.journal()
    sync(device)
    for end in ("-wal", "-shm"):
        if os.path.exists(os.path.join(device.path, "journal.db" + end)):
            os.unlink(os.path.join(device.path, "journal.db" + end))
    shutil.copy(journal, os.path.join(device.path, "journal.db"))
    scan(device, "SO-2", 14, 15, 16, 17)  # more than the server has acknowledged
    done = sync(device)
    checks.equal(done.returncode, 0, f"a journal that was put back alone is led back: {done.stderr.decode()}")
    all_there(checks, server, [lost, device.journal()], "torn")
    # no journal at all
    os.unlink(os.path.join(device.path, "journal.db"))
    scan(device, "SO-2", 18)
    done = sync(device)
    checks.equal(done.returncode, 0, f"a journal that is gone begins anew: {done.stderr.decode()}")
    all_there(checks, server, [lost, device.journal()], "lost")


def cloned(checks, server):
    first = enrolled(server)
    scan(first, "SO-3", 21)
    sync(first)
    second = rig.Device(keep(first))
    scan(first, "SO-3", 22)
    scan(second, "SO-3", 23)
    checks.equal(sync(first).returncode, 0, "one speaks")
    checks.equal(sync(second).returncode, 0, "the other one is taken for restored")
    scan(first, "SO-3", 24)
    before = server.rows("records")
    done = sync(first)
    checks.equal(done.returncode, 1, "the one that comes then is stopped")
    checks.ok("copy" in done.stderr.decode() and "supervisor" in done.stderr.decode(), f"in words: {done.stderr.decode()}")
    checks.ok("主管" in sync(first, "zh_CN").stderr.decode(), "in both languages")
    checks.equal(len(server.rows("records")), len(before), "nothing of it is merged")
    checks.ok(status(first)["cloned"], "it knows that it was")
    checks.equal(scan(first, "SO-3", 25), ["ok"], "its clerk loses nothing")
    scan(second, "SO-3", 26)
    checks.equal(sync(second).returncode, 0, "the other one goes on")
    stick = os.path.join(rig.folder(), "stick")
    checks.equal(first.run("export", stick, operator=None).returncode, 0, "its journal can be written to a stick")

    done = first.run("enrol", server.enrolment(f"http://127.0.0.1:{server.port}"), operator=None)
    checks.equal(done.returncode, 0, f"a supervisor enrols it anew: {done.stderr.decode()}")
    checks.ok(status(first)["device"] != status(second)["device"], "under another number")
    checks.equal(sync(first).returncode, 0, "what it had to say is told")
    scan(first, "SO-3", 27)
    checks.equal(sync(first).returncode, 0, "and it goes on")
    all_there(checks, server, [first.journal(), second.journal()], "cloned")
    checks.equal(sync(second).returncode, 0, "the other one does too")
    checks.equal(scan(second, "SO-4", 28), ["ok"], "with other work")


def wiped(checks, server):
    device = enrolled(server)
    number = status(device)["device"]
    scan(device, "SO-5", 31, 32)
    sync(device)
    shutil.rmtree(device.path)
    done = device.run("enrol", server.enrolment(f"http://127.0.0.1:{server.port}"), operator=None)
    checks.equal(done.returncode, 0, "a device that was wiped is enrolled again")
    sync(device)
    fresh = status(device)["device"]
    checks.ok(fresh != number, "with a number of its own")
    checks.ok(not status(device)["led_back"], "it was not led back: nobody can know what it was")
    row = next(one for one in server.rows("devices") if one["device"] == number)
    checks.equal(row["open"], 1, "the server knows what the old one had begun")
    try:
        server.run("release", str(number))
        checks.ok(False, "a device that may speak still is not released")
    except RuntimeError as error:
        checks.ok("revoke it first" in str(error), f"said: {error}")
    server.run("revoke", str(number))
    checks.equal(json.loads(server.run("release", str(number)))["released"], "erp:SO-5", "its work is given up")
    sync(device)
    checks.equal(scan(device, "SO-5", 31, 32), ["ok", "ok"], "its goods are loaded again")
    done = sync(device)
    checks.ok("refused\t0" in done.stdout.decode(), f"nobody has them: {done.stdout.decode()}")
    checks.equal(device.run("complete", "SO-5", "--short", "rest", "plate=A").returncode, 0, "and the order is completed")
    checks.equal(sync(device).returncode, 0, "to its result")
    codes = server.rows("results")[-1]["lines"][0]["codes"]
    checks.equal(sorted(codes), [rig.item("S000031"), rig.item("S000032")], "each once")


def long_ago(device, *words, feed=""):
    """Two months before: what is done then leaves the journal once it is told."""
    then = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=60)).isoformat(timespec="seconds")
    done = subprocess.run(device.command(*words), input=feed.encode(), env={**device.environment(), "TALLYMAN_TEST_CLOCK": then},
                          capture_output=True, timeout=rig.WAIT_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{words}: {done.stderr.decode()}")


def put_back_server(server, path):
    """The database as it was, at the same address."""
    server.stop()
    for end in ("", "-wal", "-shm"):
        if os.path.exists(server.db[len("sqlite:"):] + end):
            os.unlink(server.db[len("sqlite:"):] + end)
    shutil.copy(path, server.db[len("sqlite:"):])
    server.start()


def backup(server):
    path = os.path.join(rig.folder(), "backup.db")
    source = sqlite3.connect(server.db[len("sqlite:"):])
    copy = sqlite3.connect(path)
    source.backup(copy)
    copy.close()
    source.close()
    return path


def asked_for_more(checks):
    """A server that was put back to before what a device still keeps: what is nowhere any more is said on both ends, and the day goes
    on."""
    server = rig.Server()
    server.import_feed(feed())
    server.start()
    server.options = lambda port=server.port: ["--listen", f"127.0.0.1:{port}"]
    device = enrolled(server)
    copy = backup(server)
    long_ago(device, "scan", "SO-6", feed="".join(rig.scan(f"S{n:06}") + "\n" for n in range(41, 46)))
    long_ago(device, "complete", "SO-6", "--short", "rest", "plate=A")
    sync(device)
    scan(device, "SO-7", 46, 47)
    sync(device)
    before = status(device)
    checks.ok(before["first_seq"] > 1, f"old records have left the journal: from {before['first_seq']} on")
    kept = device.journal()
    put_back_server(server, copy)
    checks.equal(scan(device, "SO-7", 48), ["ok"], "its clerk knows nothing of it")
    done = sync(device)
    missing = before["first_seq"] - 1
    checks.equal(done.returncode, 0, f"it is led on: {done.stderr.decode()}")
    checks.ok(f"{missing} records that it had are nowhere" in done.stderr.decode(), f"in words: {done.stderr.decode()}")
    checks.ok("this device was restored" not in done.stderr.decode(), f"it was not the device: {done.stderr.decode()}")
    after = status(device)
    checks.equal((after["waiting"], after["first_seq"]), (0, before["first_seq"]), "all that it keeps is told")
    checks.ok(b"ok\t" in device.verify().stdout, "its chain is whole")
    there = {row["seq"] for row in server.rows("records")}
    checks.equal({row["seq"] for row in kept if row["seq"] >= before["first_seq"]} - there, set(), "what it keeps is there")
    checks.equal({seq for seq in there if seq < before["first_seq"]}, set(), "and nothing that it does not keep")
    checks.ok(any("nowhere" in (row["detail"] or "") for row in server.rows("conflicts")), "the server's people are told")
    checks.ok(not sync(device).stderr, "said once")
    checks.equal(scan(device, "SO-7", 49), ["ok"], "the day goes on")
    checks.equal(device.run("complete", "SO-7", "--short", "rest", "plate=A").returncode, 0, "to the order's end")
    checks.equal(sync(device).returncode, 0, "which is told")
    line = server.rows("results")[-1]["lines"][0]
    checks.equal(sorted(line["codes"]), [rig.item(f"S{n:06}") for n in range(46, 50)], "each once")
    server.stop()
    checks.ok(server.sound(), "no complaint")


def main():
    checks = rig.Checks()
    server = rig.Server()
    server.import_feed(feed())
    server.start()
    restored(checks, server)
    torn(checks, server)
    cloned(checks, server)
    wiped(checks, server)
    server.stop()
    checks.ok(server.sound(), "no complaint")
    asked_for_more(checks)
    checks.end()


if __name__ == "__main__":
    main()
