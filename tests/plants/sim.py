#!/usr/bin/env python3
"""Planted bugs for the simulator: each is a patch of the program, linked with the simulator into a program of its own, and
has to be found by one of the first SEEDS_MAX histories.

    sim.py [NAME …]             each by the seed that found it: that history fails, and is good without the bug
    sim.py --search [NAME …]    from the first seed on; prints the table

A seed's history is another one when the program or the simulator changes: a bug that its seed does not find any more is
looked for by the first SEEDS_AGAIN, and where it was found is said, for the table.
"""
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("TALLYMAN_BUILD", "build")
SEEDS_MAX, SEEDS_AGAIN = 2000, 600
CORES = str(os.cpu_count() or 2)
BUILD_S, RUN_S, SEARCH_S = 300, 60, 3600

# patch; the bug; the first seed that finds it
PLANTS = (
    ("acknowledge-first", "the server acknowledges a push before it commits it", 1),
    ("server-synchronous-normal", "the server's database is written with synchronous=NORMAL", 1),
    ("synchronous-normal", "the journal is written with synchronous=NORMAL", 1),
    ("commit-unchecked", "a commit that failed is taken for done", 1),
    ("server-left-unsynced", "what a killed server left in its log is believed before it is on disk", 51),
    ("journal-left-unsynced", "the same on a device", 10),
    ("file-not-synced", "a small file is renamed before it is on disk", 1),
    ("cursor-before-page", "the cursor is kept before its page", 1),
    ("page-in-two-parts", "a page's cursor and its lines are two transactions", 1),
    ("acked-before-verdicts", "a watermark is kept before the verdicts up to it", 7),
    ("applied-one-too-high", "a page is said to have one record more in it", 1),
    ("unanswered-is-sent", "a push without an answer counts as acknowledged", 1),
    ("number-used-up", "a record that could not be saved uses up its number", 1),
    ("key-after-enrolling", "the key is on disk only after enrolling", 17),
    ("key-missing", "a repeat is taken again, and no key keeps it out", 3),
    ("repeat-judged-again", "a repeat gets another verdict than the first time", 2),
    ("chain-unchecked", "the server does not compare the chain's head", 4),
    ("winner-told", "a conflict is told to the one who won", 1),
    ("left-without-tombstone", "what leaves a scope is not taken back", 3),
    ("shares-not-told", "a share is not told when its document comes into a scope", 67),
    ("swap-before-fsync", "a snapshot is the catalog before its bytes are on disk", 278),
)


def run(command, seconds):
    """(status, output); status None: not over in time."""
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as over:
        return None, (over.stdout or b"").decode("utf-8", "replace")
    return done.returncode, done.stdout.decode("utf-8", "replace")


def find(program, seeds, first, seconds):
    """The first seed that fails and what it says; None without one."""
    _, output = run([program, "--find", str(seeds), str(first)], seconds)
    found = re.search(r"^seed (\d+): FAILED: (.*)", output, re.M)
    return (int(found[1]), found[2].strip()) if found else None


def check(name, seed):
    """(passed, what is said)"""
    program = f"{BUILD}/sim/plants/{name}"
    found = find(program, 1, seed, RUN_S)
    if found is None:
        found = find(program, SEEDS_AGAIN, 1, SEARCH_S)
        moved = ", no more by seed %d" % seed
    else:
        moved = ""
    if found is None:
        return False, "NOT FOUND"
    clean = find(f"{BUILD}/sim/sim", 1, found[0], RUN_S)
    if clean:
        return False, "without the bug seed %d fails too: %s" % clean
    return True, "found by seed %d%s: %s" % (found[0], moved, found[1])


def search(name):
    start = time.monotonic()
    found = find(f"{BUILD}/sim/plants/{name}", SEEDS_MAX, 1, SEARCH_S)
    if found is None:
        return False, "NOT FOUND by %d seeds" % SEEDS_MAX
    return True, "%4d seeds, %4.0f s: %s" % (found[0], time.monotonic() - start, found[1])


def main(arguments):
    searches = "--search" in arguments
    names = [word for word in arguments if word != "--search"]
    plants = [plant for plant in PLANTS if not names or plant[0] in names]
    programs = [f"{BUILD}/sim/plants/{name}" for name, _, _ in plants]
    status, output = run(["make", "--no-print-directory", "-k", "-j" + CORES, f"{BUILD}/sim/sim", *programs], BUILD_S)
    if status != 0:
        print(output[-3000:])
    passed = failed = 0
    for name, bug, seed in plants:
        if not os.path.exists(os.path.join(ROOT, BUILD, "sim", "plants", name)):
            good, said = False, "it can't be planted any more"
        else:
            good, said = search(name) if searches else check(name, seed)
        passed, failed = passed + good, failed + (not good)
        print(f"{'' if good else 'FAILED: '}{bug} ({name}): {said}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
