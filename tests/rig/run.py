#!/usr/bin/env python3
"""The program against a real kernel's devices, in a virtual machine of its own.

    run.py [NAME …]      the checks whose names contain one of the words
    run.py --list
"""
import os
import sys
import time

import parts as machine_parts
import faults
import hardware
import network
import power
import replug
import scanners
import stand

CHECKS = [*scanners.CHECKS, *replug.CHECKS, *faults.CHECKS, *hardware.CHECKS, *power.CHECKS, *network.CHECKS]


def main():
    words = sys.argv[1:]
    if "--list" in words:
        print("\n".join(name for name, _ in CHECKS))
        return
    checks = stand.rig.Checks()
    if machine_parts.missing():
        checks.skip("not installed (make deps-rig): " + " ".join(machine_parts.missing()))
        checks.end()
    start = time.monotonic()
    parts = machine_parts.make()
    print(f"figure: the machine's parts in {time.monotonic() - start:.0f} s", flush=True)
    for name, check in CHECKS:
        if words and not any(word in name for word in words):
            continue
        begin, failed = time.monotonic(), checks.failed
        try:
            check(checks, parts)
        except (RuntimeError, TimeoutError, OSError) as error:
            checks.ok(False, f"{name}: {error}")
        word = "ok    " if checks.failed == failed else "FAILED"
        print(f"{word} {name}   {time.monotonic() - begin:.1f} s", flush=True)
    print(f"figure: {time.monotonic() - start:.0f} s in all, {os.path.basename(stand.rig.BUILD)} build", flush=True)
    checks.end()


if __name__ == "__main__":
    main()
