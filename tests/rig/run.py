#!/usr/bin/env python3
"""The program against a real kernel's devices, in a virtual machine of its own.

    run.py [--short] [NAME …]    the checks whose names contain one of the words; short: a choice of them, and
                                 after eight minutes what is left is skipped, aloud
    run.py --list
"""
import os
import signal
import subprocess
import sys
import time

import deb
import faults
import hardware
import network
import parts as machine_parts
import power
import replug
import scanners
import stand
import vm

CHECKS = [*scanners.CHECKS, *replug.CHECKS, *faults.CHECKS, *hardware.CHECKS, *deb.CHECKS, *power.CHECKS,
          *network.CHECKS]
# What the check has time for; all of it is `make rig`
SHORT = ("scanners, one by one", "gpio", "battery runs down", "clock")
SHORT_S = 480


def go(checks, parts, name, check):
    """A machine that hung is booted again, once, aloud; what the program did wrong stays wrong."""
    for again in (True, False):
        try:
            check(checks, parts)
        except vm.Hung as error:
            if again:
                print(f"{name}: {error}\n{name}: the whole of it again, in another machine", flush=True)
                continue
            checks.ok(False, f"{name}: twice {error}")
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            checks.ok(False, f"{name}: {error}")
        break


def main():
    words = sys.argv[1:]
    seconds = SHORT_S if "--short" in words else None
    if seconds:
        words.remove("--short")
    if "--list" in words:
        print("\n".join(name for name, _ in CHECKS))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))   # its machines with it
    checks = stand.rig.Checks()
    if machine_parts.missing():
        checks.skip("not installed (make deps-rig): " + " ".join(machine_parts.missing()))
        checks.end()
    start = time.monotonic()
    try:
        parts = machine_parts.make()
    except machine_parts.NotToBeHad as error:
        checks.skip(f"the machine's parts cannot be had here: {error}")
        checks.end()
    print(f"figure: the machine's parts in {time.monotonic() - start:.0f} s", flush=True)
    for name, check in CHECKS:
        if words and not any(word in name for word in words):
            continue
        if seconds and name not in SHORT:
            continue
        if seconds and time.monotonic() - start > seconds:
            checks.skip(f"{name}: no time is left")
            continue
        begin, failed = time.monotonic(), checks.failed
        go(checks, parts, name, check)
        word = "ok    " if checks.failed == failed else "FAILED"
        print(f"{word} {name}   {time.monotonic() - begin:.1f} s", flush=True)
    print(f"figure: {time.monotonic() - start:.0f} s in all, {os.path.basename(stand.rig.BUILD)} build", flush=True)
    checks.end()


if __name__ == "__main__":
    main()
