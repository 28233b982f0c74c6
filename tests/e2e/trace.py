#!/usr/bin/env python3
"""Traces of connected devices, over the network that there is: the warehouse sees the whole chain, a dealer its own goods,
nobody another's; without the server each device says what it knows itself.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

OURS, THEIRS = rig.item("S000001"), rig.item("S000002")


def feed():
    return rig.base_feed() + [
        rig.line("party", id="D-2", name="FOREIGN", kind="dealer"),
        rig.line("site", id="DS1", name="蓉城库", kind="dealer", party="D-1"),
        rig.line("operator", id="chen", name="陈", role="dealer", site="DS1", pin_hash=rig.PIN_HASH),
        rig.line("lot", product="SEAL", lot="L1", facts={"factory": "Works 4"}),
        rig.order("SO-1", 1),
        rig.line("document", source="erp", doc="SO-2", no="SO-2", flow="outbound", state="open",
                 **{"from": "site:CDB"}, to="party:D-2",
                 lines=[{"line": "1", "product": "SEAL", "qty": "1"}]),
        rig.serials("S", 9),
    ]


def joined(server, site):
    device = rig.Device()
    done = device.run("enrol", server.enrolment(f"http://127.0.0.1:{server.port}", site), operator=None)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    device.run("sync", operator=None)
    return device


def rows(device, code, operator):
    done = device.run("trace", code, json_out=True, operator=operator)
    return [json.loads(one) for one in done.stdout.splitlines()]


def told(found, row):
    return [one for one in found if one["row"] == row and one.get("told") == "server"]


def ship(device, no, serial):
    device.run("scan", no, feed=rig.scan(serial) + "\n")
    done = device.run("complete", no)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    device.run("sync", operator=None)


def main():
    checks = rig.Checks()
    server = rig.Server()
    server.import_feed(feed())
    server.start()
    clerk, dealer = joined(server, "CDB"), joined(server, "DS1")
    ship(clerk, "SO-1", "S000001")
    ship(clerk, "SO-2", "S000002")
    dealer.run("sync", operator=None)

    found = rows(clerk, THEIRS, "wang")
    checks.equal([one["to"] for one in told(found, "move")], ["transit:party:D-2"], "the warehouse sees where it went")
    checks.equal(told(found, "lot")[0].get("factory"), "Works 4", "and who made it")

    found = rows(dealer, OURS, "chen")
    checks.equal([(one["from"], one["to"]) for one in told(found, "move")], [("site:CDB", "transit:party:D-1")],
                 "a dealer sees how its own came")
    checks.equal(found[0]["holder"], "transit:party:D-1", "and has it in its catalog")

    found = rows(dealer, THEIRS, "chen")
    checks.equal([one["text"] for one in found if one["row"] == "server"], ["these goods are not yours"],
                 "another's are refused")
    checks.equal(found[0]["known"], "no", "and not in its catalog")
    checks.ok("D-2" not in json.dumps(found) and "FOREIGN" not in json.dumps(found), "without a name")

    server.stop()
    found = rows(dealer, OURS, "chen")
    checks.ok(found and not any("told" in one or one["row"] == "server" for one in found), "alone: what it knows itself")
    checks.ok(server.sound() and clerk.sound() and dealer.sound(), "nothing to complain of")
    checks.end()


if __name__ == "__main__":
    main()
