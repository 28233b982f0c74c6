#!/usr/bin/env python3
"""If it beeped, it is saved: `tallyman scan`, fed without a pause, ended by SIGKILL at random moments; in shipping an order,
in packing, and in receiving goods that nobody knows.

After each: every line that had been printed is in the journal, in order; at most one scan more is, and that is the next
one that was fed; the chain verifies; and the next run goes on where this one ended. A kill leaves the page cache as it
is: what a power failure does is tested by the program `power`.

    kill.py [--long] [--moments N] [--seed N]
"""
import argparse
import random
import time

import rig

MOMENTS, MOMENTS_LONG = 200, 2000
FOLDER_MOMENTS = 50     # then a new data folder: beginnings are moments too
RUN_SCANS = 60          # fed in one run; far more than are judged before the kill
PRINTED_MAX = 8
JITTER_S = 0.012


def packing_scans(moment):
    """Four items, the label of the case that they went into, and again."""
    made = []
    for n in range(RUN_SCANS):
        if n % 5 == 4:
            number = moment * RUN_SCANS + n
            made.append((rig.label(number), ("ok", "accept", rig.sscc(number))))
        else:
            serial = f"K{moment * RUN_SCANS + n + 1:06d}"
            made.append((rig.scan(serial), ("ok", "accept", rig.item(serial))))
    return made


def receipt_scans(moment):
    """Goods of a known product whose serials nobody told."""
    names = [f"N{moment * RUN_SCANS + n + 1:06d}" for n in range(RUN_SCANS)]
    return [(rig.scan(one), ("unregistered", "warn", rig.item(one))) for one in names]


def shipping_scans(moment):
    """Scans of one run and what each must be judged as: good ones, and every fifth goods that are not on the order."""
    made = []
    for n in range(RUN_SCANS):
        serial = f"K{moment * RUN_SCANS + n + 1:06d}"
        if n % 5 == 4:
            made.append((f"{rig.GS1}010590123400001721X{serial}", None))
        else:
            made.append((rig.scan(serial), ("ok", "accept", rig.item(serial))))
    return made


# Flow, and the scans of one run; a data folder each.
WORKS = ((None, shipping_scans), ("pack", packing_scans), ("receipt", receipt_scans))


def work_of(moment):
    return WORKS[moment // FOLDER_MOMENTS % len(WORKS)]


def scans_of(moment):
    return work_of(moment)[1](moment)


def new_device(moment):
    """A device, and the document that is worked on."""
    device = rig.Device()
    known = rig.serials("K", FOLDER_MOMENTS * RUN_SCANS, first=moment * RUN_SCANS + 1)
    device.import_feed(rig.base_feed() + [rig.order("SO-1", 1000000), known])
    flow = work_of(moment)[0]
    return device, device.run("start", flow).stdout.decode().strip() if flow else "SO-1"


def one_kill(device, doc, moment, draw):
    """Runs until the kill; the verdicts that were printed."""
    process = device.start("scan", doc)
    lines = rig.Lines(process.stdout)
    rig.feed_all(process.stdin, "".join(text + "\n" for text, _ in scans_of(moment)).encode())
    lines.wait(draw.randint(0, PRINTED_MAX))
    time.sleep(draw.random() * JITTER_S)
    rig.kill(process)
    return rig.verdicts(lines.end())


def check_moment(checks, device, moment, before, printed):
    """The journal after a kill: what was there before, what was printed, at most one more."""
    fed = scans_of(moment)
    saved = device.scans()
    name = f"moment {moment}"
    checks.equal(saved[:len(before)], before, f"{name}: what was there before")
    new = saved[len(before):]
    checks.equal(new[:len(printed)], printed, f"{name}: what was printed is saved, in order")
    checks.ok(len(new) <= len(printed) + 1, f"{name}: {len(printed)} printed, {len(new)} saved")
    for (text, expected), got in zip(fed, new):
        checks.ok(got == expected if expected else got[1] == "reject", f"{name}: {text} judged {got}")
    checks.equal(device.verify().returncode, 0, f"{name}: the chain verifies")
    return saved


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--moments", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    moments = options.moments or (MOMENTS_LONG if options.long else MOMENTS)
    draw, checks = random.Random(options.seed), rig.Checks()
    device, doc, before, printed_all, extra, empty = None, "", [], 0, 0, 0
    for moment in range(moments):
        if moment % FOLDER_MOMENTS == 0:
            checks.ok(not device or device.sound(), "no program said that it was broken")
            (device, doc), before = new_device(moment), []
        printed = one_kill(device, doc, moment, draw)
        saved = check_moment(checks, device, moment, before, printed)
        printed_all += len(printed)
        empty += not printed
        extra += len(saved) - len(before) - len(printed)
        before = saved
    checks.ok(device.sound(), "no program said that it was broken")
    checks.ok(printed_all > moments, "verdicts were printed before the kills")
    print(f"figure: {moments} kills, {printed_all} verdicts printed, {empty} kills before the first, {extra} saved but not "
          f"yet printed, seed {options.seed}")
    checks.end()


if __name__ == "__main__":
    main()
