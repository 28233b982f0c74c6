"""The handheld sleeps (ACPI's S3: what a lid or a button does) with half a scan on its way, and is woken up. The half is no scan, not
even with what comes after it; the scanner comes back by itself; the time that passed counts for the lock, though the clock
that the program runs by stood still."""
import time

import stand

LOCK_S = 60                 # of the site's policy
SLEEP_S = LOCK_S + 2
WAKE_S, LOOK_S, AGAIN_S = 120, 1, 5
POLICY = stand.rig.line("policy", site="CDB", registry="strict", lock_idle_s=LOCK_S)


def serials(place):
    """Of the scans in the journal, whatever became of them, in order."""
    return [one["key"].split("(21)")[-1] for one in place.journal() if one["kind"] == "scan"]


def sleep(checks, place):
    """Half a scan, then asleep until the lock is due. (the screen before it, seconds from waking up until scripts run again)"""
    half = stand.rig.scan("B000003")[:-4]
    place.shown(lambda: place.scanner.sendall((stand.rig.scan("B000002") + "\r" + half).encode()))
    machine, before = place.machine, place.screen()
    machine.start("echo mem >/sys/power/state")
    machine.wait_for(lambda: machine.control("query-status")["status"] == "suspended", "sleep", WAKE_S)
    time.sleep(SLEEP_S)
    begin = time.monotonic()
    machine.control("system_wakeup")
    status, said = machine.finish(WAKE_S)
    checks.equal(status, 0, f"it slept: {said}")
    checks.equal(place.must("cat /sys/power/suspend_stats/success").strip(), "1", "sleeps, as the kernel counts")
    return before, time.monotonic() - begin


def locked(place, before):
    """Until the screen is another than before the sleep, and stays as it is."""
    last = b""

    def settled():
        nonlocal last
        was, last = last, place.screen()
        time.sleep(LOOK_S)
        return last not in (before, b"") and last == was

    place.machine.wait_for(settled, "the lock", WAKE_S)


def refused(place):
    """Until a scan is seen to be refused; seconds."""
    begin, before = time.monotonic(), place.screen()
    end = begin
    while place.screen() == before:
        if time.monotonic() >= end:
            place.scan(stand.rig.scan("B000004"))
            end = time.monotonic() + AGAIN_S
        if time.monotonic() - begin > WAKE_S:
            raise TimeoutError("the scanner does not come back")
        time.sleep(LOOK_S)
    return time.monotonic() - begin


def sleeps(checks, place):
    """Works on in the order that is open, where B000001 was scanned; how many more scans there are."""
    before, seconds = sleep(checks, place)
    locked(place, before)
    back = refused(place)
    checks.equal(serials(place), ["B000001", "B000002"], "locked after the sleep: what was scanned")
    place.press(*stand.rig.PIN, "ret")
    place.shown(lambda: place.scan(stand.rig.scan("B000005")))
    checks.equal(serials(place), ["B000001", "B000002", "B000005"], "after the sleep: what was scanned")
    print(f"figure: asleep for {SLEEP_S} s with half a scan: awake in {seconds:.1f} s, locked, the scanner heard in {back:.1f} s, "
          "the half is none", flush=True)
    return 2
