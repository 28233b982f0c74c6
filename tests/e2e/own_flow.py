#!/usr/bin/env python3
"""A site's own flow, defined by the feed alone: the examples of tallyman-feed(5) are taken out of the page, imported as
they stand there, and the cold-chain receipt is worked on the command line.

A temperature outside its limits is refused without a supervisor and accepted with one, who is on record.
"""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

PAGE = os.path.join(rig.ROOT, "platform", "install", "tallyman-feed.5")
FLOW = "cold-receipt"
CLERK, CLERK_PIN = "wang", "2468"
SUPERVISOR, SUPERVISOR_PIN = "li", "13572468"
GOOD = rig.scan("C000001")
GTIN_LOT = f"(01){rig.GTIN}(10)LB-2501"
COMING = rig.line("codes", product="SKU-B200", lot="LB-2501", first=rig.item("C000001"), last=rig.item("C000009"),
                  holder="party:D-CD-01")
OLD = f"(01){rig.GTIN}(17)200101(21)OLD1"


def examples():
    """The objects of each literal block of the page, as lines of a feed; a block that is no feed has none."""
    with open(PAGE, encoding="utf-8") as page:
        blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", page.read(), re.M | re.S)
    decoder, lines = json.JSONDecoder(), []
    for block in blocks:
        text = block.replace("\\e", "\\").replace("\\&", "").strip()
        while text.startswith("{"):
            found, end = decoder.raw_decode(text)
            lines.append(json.dumps(found, ensure_ascii=False))
            text = text[end:].lstrip()
    return lines


class Site:
    """A device that has imported the page."""

    def __init__(self, checks, lang):
        self.checks, self.lang = checks, lang
        self.device = rig.Device(lang=lang)
        self.device.import_feed(examples() + [COMING])

    def run(self, *arguments, operator=CLERK, pin=CLERK_PIN, **more):
        return self.device.run(*arguments, operator=operator, pin=pin, **more)

    def start(self, **more):
        done = self.run("start", FLOW, "from=D-CD-01", **more)
        self.checks.equal(done.returncode, 0, f"{self.lang}: start: {done.stderr.decode()}")
        no = done.stdout.decode()
        self.checks.ok(re.fullmatch(r"[A-Z]{2}-\d+-\d+\n", no), f"{self.lang}: start prints the number alone: {no!r}")
        return no.strip()

    def refused(self, done, words, what):
        said = done.stderr.decode("utf-8", "replace")
        self.checks.equal(done.returncode, 1, f"{self.lang}: {what}: exit ({said!r})")
        for word in words:
            self.checks.ok(word in said, f"{self.lang}: {what}: {word!r} is said: {said!r}")


def listed(checks, site):
    rows = [one.split("\t") for one in site.run("flows").stdout.decode().splitlines()]
    row = next((one for one in rows if one[0] == FLOW), None)
    if not checks.ok(row, "the flow is listed"):
        return
    checks.equal(row[1:5], ["冷链入库", "clerk,supervisor", "start", "from"], "its label, roles, fields at start")
    checks.equal(row[5], "temperature* logger seal=intact|broken|none", "its fields at completion")
    flow = next(one for one in map(json.loads, site.run("flows", json_out=True).stdout.splitlines())
                if one["name"] == FLOW)
    checks.equal(flow["base"], "receipt", "its base")
    field = next(one for one in flow["fields"] if one["name"] == "temperature")
    checks.equal((field["label"], field["kind"], field["min"], field["max"]), ("温度 °C", "number", "2", "8"), "field")


def verdicts(checks, site, no):
    done = site.run("scan", no, feed="".join(one + "\n" for one in (GOOD, OLD, GTIN_LOT)))
    got = rig.verdicts(done.stdout)
    checks.equal([one[:2] for one in got], [("ok", "accept"), ("expired", "reject"), ("need-serial", "reject")],
                 f"{site.lang}: the flow's own severities: {done.stderr.decode()}")


def completed(device):
    return next((r for r in reversed(device.journal()) if r["kind"] == "complete"), None)


def by_the_clerk(checks, site, no):
    """Every wrong value is refused by name; within its limits the clerk alone is enough."""
    site.refused(site.run("complete", no, "--set-aside"), ["temperature", "温度 °C"], "without the temperature")
    site.refused(site.run("complete", no, "--set-aside", "temperature=cold"), ["temperature", "cold"], "no number")
    site.refused(site.run("complete", no, "--set-aside", "temperature=5", "seal=maybe"), ["seal", "intact, broken"],
                 "no choice")
    site.refused(site.run("complete", no, "--set-aside", "temperature=9.5"), ["温度 °C", "9.5"], "outside its limits")
    checks.ok(completed(site.device) is None, f"{site.lang}: nothing was completed")
    done = site.run("complete", no, "--set-aside", "temperature=5.5", "logger=TL-77")
    checks.equal(done.returncode, 0, f"{site.lang}: within the limits: {done.stderr.decode()}")
    record = completed(site.device) or {}
    header = record.get("header") or {}
    checks.equal({name: header.get(name) for name in ("temperature", "logger", "seal")},
                 {"temperature": "5.5", "logger": "TL-77", "seal": "intact"}, f"{site.lang}: what is on record")
    checks.equal((record.get("flow"), record.get("supervisor")), (FLOW, None), f"{site.lang}: its flow, nobody else")


def supervised(site, pin, *arguments):
    """By the clerk, with a supervisor beside him."""
    environment = {**site.device.environment(CLERK_PIN), "TALLYMAN_SUPERVISOR_PIN": pin}
    return subprocess.run(site.device.command(*arguments, "--supervisor", SUPERVISOR, operator=CLERK),
                          capture_output=True, env=environment, timeout=rig.WAIT_S, check=False)


def let_pass(checks, site, done, degrees):
    checks.equal(done.returncode, 0, f"{site.lang}: {degrees} with a supervisor: {done.stderr.decode()}")
    record = completed(site.device) or {}
    checks.ok(SUPERVISOR in (record.get("supervisor"), record.get("operator")),
              f"{site.lang}: {degrees}: the supervisor is on record: {record}")
    checks.equal((record.get("header") or {}).get("temperature"), degrees, f"{site.lang}: and what was let pass")


def with_a_supervisor(checks, site):
    """Outside the limits: a supervisor named by the clerk, or signed in."""
    no = site.start()
    site.run("scan", no, feed=rig.scan("C000002") + "\n")
    site.refused(site.run("complete", no, "temperature=12"), ["12"], "twelve degrees")
    site.refused(supervised(site, "0000", "complete", no, "temperature=12"), [SUPERVISOR], "a wrong PIN")
    let_pass(checks, site, supervised(site, SUPERVISOR_PIN, "complete", no, "temperature=12"), "12")
    no = site.start(operator=SUPERVISOR, pin=SUPERVISOR_PIN)
    site.run("scan", no, feed=rig.scan("C000003") + "\n")
    let_pass(checks, site, site.run("complete", no, "temperature=-1", operator=SUPERVISOR, pin=SUPERVISOR_PIN), "-1")


def work(checks, lang):
    site = Site(checks, lang)
    listed(checks, site)
    no = site.start()
    verdicts(checks, site, no)
    by_the_clerk(checks, site, no)
    with_a_supervisor(checks, site)
    shown = json.loads(site.run("show", no, json_out=True).stdout)
    checks.equal((shown["flow"], shown["state"], shown["own"]), (FLOW, "complete", True), f"{lang}: as it is shown")
    checks.equal(site.device.verify().returncode, 0, f"{lang}: the chain verifies")


def main():
    checks = rig.Checks()
    lines = examples()
    checks.ok(any(json.loads(one).get("id") == FLOW for one in lines), "the page has the flow")
    server = rig.Server()
    server.import_feed(lines)  # the very same for the server; fails aloud
    for lang in ("en", "zh_CN"):
        work(checks, lang)
    checks.end()


if __name__ == "__main__":
    main()
