#!/usr/bin/env python3
"""Planted bugs: a test that can't fail proves nothing. Each plant is a patch with a bug that somebody could well make; it
is put into a copy of the sources, built, and the suite that is there to catch it is run. Passed: the suite failed, and
said what is wrong. A plant that can't be planted any more, or a suite that does not notice, is a failure.

    run.py [--rig] [NAME …]       --rig: those that take real devices to be noticed, instead of the others
"""
import glob
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = "build"
CORES = str(os.cpu_count() or 2)
BUILD_S, SUITE_S, RIG_S = 400, 240, 900
TRIES = 5  # of a suite that kills at moments which no two runs share

KILL, BEEP, ONCE, KILLS = ([sys.executable, f"tests/crash/{name}.py"] for name in ("kill", "beep", "once", "kills"))
POSTGRES_UNIT = f"{BUILD}/unit/test_server_postgres"
TWO_SERVERS = [sys.executable, "tests/postgres/units.py", "test_server_postgres"]
SHARED_KILLED = [sys.executable, "tests/postgres/shared.py", "--part", "killed", "--devices", "20", "--scans", "60"]
CONFLICTS, SETTLED, ENGINE_INBOX, ENGINE_LOST = (
    f"{BUILD}/unit/test_{name}" for name in ("server_conflicts", "server_settled", "engine_inbox", "engine_lost"))
CLIENT, BATCH, SERVER_LABELS = (f"{BUILD}/unit/test_{name}" for name in ("client", "server_batch", "server_labels"))
CLAIMS, STORE_DOCUMENTS = (f"{BUILD}/unit/test_{name}" for name in ("server_claims", "store_documents"))
LOAD_KILLED = [sys.executable, "tests/bench/load.py", "24", "100", "killed"]
SCOPE, SNAPSHOT, ATTACKS = ([sys.executable, f"tests/e2e/{name}.py"] for name in ("scope", "snapshot", "attacks"))
STORE_SNAPSHOT, STORE_PRUNE, ONE_WRITER, SERVER_EPOCHS = (
    f"{BUILD}/unit/test_{name}" for name in ("store_snapshot", "store_prune", "one_writer", "server_epochs"))
POWER, POWER_SYNC, FAULTS = (f"{BUILD}/crash/{name}" for name in ("power", "power_sync", "faults"))
FLOW_MODEL = f"{BUILD}/sim/flow_model"
POWER_BOOK, FLIP_BOOK, BOOK_MODEL, BOOK_KEYS = (
    f"{BUILD}/{name}" for name in ("crash/power_book", "crash/flip_book", "sim/book_model", "sim/book_keys"))

# patch; the bug; what has to be built; each suite that must fail, and what it has to say
PLANTS = (
    ("print-first", "a verdict is printed before its record is written", ["all"],
     [([*KILL, "--moments", "60"], r"what was printed is saved")]),
    ("commit-later", "verdicts share a transaction, and are given before it is committed", ["all"],
     [([*KILL, "--moments", "20"], r"what was printed is saved"),
      ([*BEEP, "--moments", "3"], r"it rang \d+ times")]),
    ("commit-unchecked", "a commit that failed is taken for done", [FAULTS],
     [([FAULTS], r"the journal is what it is without the fault")]),
    ("synchronous-normal", "the journal is written with synchronous=NORMAL", [POWER],
     [([POWER, "--forget"], r"what was reported is in the journal")]),
    ("acknowledge-first", "the server acknowledges a push before it commits it", ["all", POWER_SYNC],
     [([POWER_SYNC, "--forget"], r"what was acknowledged is on the server"),
      ([*ONCE, "--rounds", "4"], r"was acknowledged, the server has")]),
    ("acknowledged-when-sent", "a device takes for acknowledged what it has only sent", ["all"],
     [([*KILLS, "--records", "5000"], r"was acknowledged \(before it \d+\), the server has")]),
    ("answers-before-commit", "several pushes are answered, and then committed together", ["all", f"{BUILD}/bench/load"],
     [(LOAD_KILLED, r"none that was acknowledged lacks")]),
    ("server-synchronous-normal", "the server's database is written with synchronous=NORMAL", [POWER_SYNC],
     [([POWER_SYNC, "--forget"], r"what was acknowledged is on the server")]),
    ("reader-checkpoints", "sync opens the journal to write, and checkpoints it when it closes it", [ONE_WRITER],
     [([ONE_WRITER], r"a reader that closed it wrote it")]),
    ("dropped-untold", "a record leaves the journal before the server has told back what it did", [STORE_PRUNE],
     [([STORE_PRUNE], r"not what was to go")]),
    ("left-life-goes-on", "a copy goes on in an epoch that another life of the device has left", [SERVER_EPOCHS],
     [([SERVER_EPOCHS], r"a life that was left goes on")]),
    ("documents-mixed-up", "two lives' documents of the same name are one", [SERVER_EPOCHS],
     [([SERVER_EPOCHS], r"two documents are one")]),
    ("packed-over-told", "what was packed is in a case though something else was told since", [BOOK_MODEL],
     [([BOOK_MODEL, "--ops", "20000"], r"the same children in the same order")]),
    ("sums-unchecked", "a page's sum is not looked at", [FLIP_BOOK],
     [([FLIP_BOOK, "--seconds", "10"], r"wrong answers from a file")]),
    ("catalog-unsynced", "the catalog is written with synchronous=OFF", [POWER_BOOK],
     [([POWER_BOOK, "--forget"], r"the answers are those of the last step")]),
    ("taken-out-goes-along", "a case goes with what somebody took out of it", [FLOW_MODEL],
     [([FLOW_MODEL, "24000"], r"is (in|at) .*in the model")]),
    ("label-undone-items-packed", "undoing a label leaves an item packed", [FLOW_MODEL],
     [([FLOW_MODEL, "6000", "41"], r"undoes .*in the model")]),
    ("label-on-two-things", "a label that somebody has is the new label of other goods", [FLOW_MODEL, SERVER_LABELS],
     [([SERVER_LABELS], r"two_items_one_label"), ([FLOW_MODEL, "--race", "6000"], r".*the server has .*the model")]),
    ("relabelled-out-of-hand", "what another device has, or sent away, gets a new label", [SERVER_LABELS],
     [([SERVER_LABELS], r"what_another_has_in_hand_keeps_its_code")]),
    ("packed-in-two-cases", "what is packed elsewhere stays in its old case too", [FLOW_MODEL],
     [([FLOW_MODEL, "6000"], r"(is in two containers|are in|in the model)")]),
    ("exchange-stays-good", "damaged goods that were exchanged stay good", [FLOW_MODEL],
     [([FLOW_MODEL, "6000"], r"is active, in the model damaged")]),
    ("gone-keeps-its-line", "what another document took comes back to a line that is not there any more",
     [CLAIMS, STORE_DOCUMENTS],
     [([CLAIMS], r"what_comes_back_counts_on_lines_of_other_names"),
      ([STORE_DOCUMENTS], r"test_what_comes_back_counts_on_a_line_of_another_name")]),
    ("given-up-stays-reserved", "what a document that was given up had counted stays reserved", [FLOW_MODEL],
     [([FLOW_MODEL, "6000"], r"is reserved by .*in the model by")]),
    ("another-dealers-name", "a dealer is told the names of other parties", ["all", BOOK_KEYS],
     [(SCOPE, r"D-ALFA-1: in what it heard: got .*'D-GOLF-3'")]),
    ("still-told-of-it", "a dealer goes on being told of goods that became another's", ["all", BOOK_KEYS],
     [(SCOPE, r"D-ALFA-1: its book knows: got")]),
    ("numbered-when-written", "changes have the numbers of a sequence, whose order is not that of commits", [POSTGRES_UNIT],
     [(TWO_SERVERS, r"what_is_committed_later_is_told_later")]),
    ("claim-not-locked", "two transactions look at one claim side by side, and both write theirs", [POSTGRES_UNIT],
     [(TWO_SERVERS, r"two_servers_decide_a_claim_once")]),
    ("settled-told-to-all", "a closed conflict is told to every device", [SETTLED],
     [([SETTLED], r"what_nobody_answered_is_closed")]),
    ("every-mark-settled", "a closed conflict clears marks that are there for another reason", [ENGINE_INBOX],
     [([ENGINE_INBOX], r"a_latch_of_another_kind_stays")]),
    ("lost-scanned-again", "what the server gave to somebody else is right when it is scanned again",
     [ENGINE_INBOX, FLOW_MODEL],
     [([ENGINE_INBOX], r"what_was_lost_is_not_right_when_it_is_scanned_again"),
      ([FLOW_MODEL, "6000"], r"in-other-document")]),
    ("lost-hides-case", "what was lost is in no case any more that is counted here", [ENGINE_LOST],
     [([ENGINE_LOST], r"out_of_a_case_it_counts_once")]),
    ("old-claim-gives-way", "whether a claim stands depends on how much others have changed since", [CONFLICTS],
     [([CONFLICTS], r"unrelated_batches_change_nothing")]),
    ("ready-unchecked", "a push that was made ready is sent, whatever is to be sent by now", [CLIENT], [([CLIENT], r"test_random")]),
    ("runs-too-far", "a run that was found is taken for the codes behind it", [BATCH], [([BATCH], r"runs_are_found_as_they_are_searched")]),
    ("commit-not-awaited", "a push is acknowledged before PostgreSQL has it on disk", ["all", "postgres"],
     [(SHARED_KILLED, r"records that were acknowledged and are not there")]),
    ("snapshot-unchecked", "a snapshot's bytes are not compared with its hash", ["all"],
     [([*SNAPSHOT, "changed"], r"changed: tried twice")]),
    ("swap-before-sync", "a snapshot is the catalog before its name is on disk", [STORE_SNAPSHOT],
     [([STORE_SNAPSHOT], r"a catalog is on disk before CURRENT names it")]),
    ("signature-unchecked", "a push's signature is not looked at", ["all"], [([*ATTACKS, "batches"], r"a foreign signature")]),
    ("size-unlimited", "what a body expands to has no limit", ["all"], [([*ATTACKS, "bodies"], r"at no time all of it is in memory")]),
    ("dealer-sees-all", "a dealer's device is told all that a clerk's is", ["all"],
     [([*ATTACKS, "pages"], r"another dealer's cursor opens nothing")]),
    ("snapshot-for-anyone", "who knows a snapshot's name gets it, whosever it is", ["all", BOOK_KEYS],
     [([*SNAPSHOT, "dealers"], r"asked for by a device of YARD-BRAVO-2: got 200")]),
)

RIG = [sys.executable, "tests/rig/run.py"]
# The same, for machines with devices
RIG_PLANTS = (
    ("beep-first", "it beeps before the scan is saved", ["all"],
     [([*RIG, "gpio"], r"scan 1: saved between the scan and its beep")]),
    ("clock-not-watched", "nobody notices that the clock was set", ["all"],
     [([*RIG, "clock"], r"clock: (.|\n)*The clock was set")]),
)


def copy_sources(target):
    """Sources, and what is built of them already: only what the patch touches is compiled again."""
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(os.path.join(target, BUILD))
    for name in ("app", "platform", "sync", "tests", "Makefile"):
        source = os.path.join(ROOT, name)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(target, name))
        else:
            shutil.copy2(source, target)
    for path in glob.glob(os.path.join(ROOT, BUILD, "*")) + glob.glob(os.path.join(ROOT, BUILD, ".deps*")):
        name = os.path.basename(path)
        if name in ("obj", "locale"):
            shutil.copytree(path, os.path.join(target, BUILD, name))
        elif os.path.isfile(path):
            shutil.copy2(path, os.path.join(target, BUILD))


def run(command, target, seconds):
    """(status, output); status None: not over in time."""
    environment = {**os.environ, "TALLYMAN_BUILD": BUILD}
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "ASAN_OPTIONS"):
        environment.pop(name, None)
    try:
        done = subprocess.run(command, cwd=target, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as over:
        return None, (over.stdout or b"").decode("utf-8", "replace")
    return done.returncode, done.stdout.decode("utf-8", "replace")


def prepare(name, goals):
    """A copy with the bug in it, built: its folder and what went wrong."""
    target = os.path.join(ROOT, BUILD, "plants", name)
    copy_sources(target)
    status, output = run(["patch", "-p1", "--forward", "-i", os.path.join(HERE, name + ".patch")], target, BUILD_S)
    if status != 0:
        return target, "the patch does not apply:\n" + output
    status, output = run(["make", "--no-print-directory", "-j" + CORES, *goals], target, BUILD_S)
    return target, "" if status == 0 else "it does not build:\n" + output[-3000:]


def caught(target, suite, wanted, seconds):
    """What went wrong, or "" when the suite failed, and for the right reason."""
    status, output = run(suite, target, seconds)
    if status == 0:
        return "the suite did not notice:\n" + output[-1000:]
    if not re.search(r"FAILED(: .*|  \] )" + wanted, output):
        return f"the suite failed ({status}), but does not say {wanted!r}:\n" + output[-3000:]
    return ""


def by_chance(suite):
    """Whether this suite can't have every run meet the bug: processes of a real machine are killed by its clock."""
    return suite in (LOAD_KILLED, SHARED_KILLED) or any(suite[:2] == kill for kill in (KILL, BEEP, ONCE, KILLS))


def look(target, suite, wanted, seconds):
    what = ""
    for _ in range(TRIES if by_chance(suite) else 1):
        what = caught(target, suite, wanted, seconds)
        if not what:
            break
    return what


def main():
    passed = failed = 0
    missed = []
    rig, names = "--rig" in sys.argv[1:], [word for word in sys.argv[1:] if word != "--rig"]
    for name, bug, goals, suites in RIG_PLANTS if rig else PLANTS:
        if names and name not in names:
            continue
        target, trouble = prepare(name, goals)
        for suite, wanted in suites:
            what = trouble or look(target, suite, wanted, RIG_S if rig else SUITE_S)
            passed, failed = passed + (not what), failed + bool(what)
            missed += [name] if what else []
            by = os.path.basename(suite[1] if suite[0] == sys.executable else suite[0])
            print(f"{'NOT CAUGHT' if what else 'caught'} by {by}: {bug} ({name}) {what}".rstrip(), flush=True)
        shutil.rmtree(target, ignore_errors=True)
    if missed:
        print("not caught: " + ", ".join(missed))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
