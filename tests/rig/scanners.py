"""Scanners of four kinds, on their buses: every scan, in order, byte for byte."""
import codes
import stand

COUNT = 200
TRIES, PART = 3, "only a part of a scan came"
KINDS = ("acm", "ftdi", "pos", "wedge")


def scans_for(name, count, seed=1):
    return codes.scans(name, count, seed, han=name != "wedge")


def expect(checks, what, sent, got):
    """One scanner's scans: all, in order, nothing else."""
    sent = [codes.plain(scan) for scan in sent]
    at = next((n for n, (one, other) in enumerate(zip(sent, got)) if one != other), min(len(sent), len(got)))
    return checks.ok(sent == got, f"{what}: {len(got)} scans, not {len(sent)}; the first difference at {at}: "
                                  f"{got[at:at + 1]!r:.200}, not {sent[at:at + 1]!r:.200}")


def told_lost(sent, said, got):
    """A machine that a busy host stops for a second sees a pause in the middle of a scan: it takes no such half, and says so.
    What it did take is whole and in order."""
    rest = iter(codes.plain(scan) for scan in sent)
    return PART in said and stand.rig.sound(said.encode()) and all(one in rest for one in got)


def one_by_one(checks, place):
    for name in KINDS:
        sent = scans_for(name, COUNT)
        for left in reversed(range(TRIES)):
            place.start_scanning([name])
            seconds, trouble = place.send({name: sent})
            said, got = place.stop_scanning()
            size = sum(len(stand.SENDERS[name](scan)) for scan in sent)
            print(f"figure: {name}: {len(got)} scans of {len(sent)}, {size} bytes on the bus, {seconds:.1f} s", flush=True)
            if not (trouble and left and told_lost(sent, said, got)):
                break
        checks.equal(trouble, "", f"{name}: all were judged")
        expect(checks, name, sent, got)
        checks.ok(stand.rig.sound(said.encode()), f"{name}: {said[-1500:]}")


def all_at_once(checks, place):
    sent = {name: scans_for(name, COUNT, seed=2) for name in KINDS}
    place.start_scanning(KINDS)
    seconds, trouble = place.send(sent)
    checks.equal(trouble, "", "all four: all were judged")
    said, got = place.stop_scanning()
    for name in KINDS:
        mine = {codes.plain(scan) for scan in sent[name]}
        expect(checks, f"{name}, beside the others", sent[name], [one for one in got if one in mine])
    checks.equal(len(got), sum(map(len, sent.values())), "all four: nothing else")
    checks.ok(stand.rig.sound(said.encode()), f"all four: {said[-1500:]}")
    print(f"figure: all four at once: {len(got)} scans in {seconds:.1f} s", flush=True)


def on_a_stand(check, steady=False):
    """The check on a machine of its own."""
    def run(checks, parts):
        place = stand.Stand(parts, steady)
        print(f"figure: boot in {place.machine.boot_s:.1f} s", flush=True)
        try:
            check(checks, place)
        finally:
            place.close()

    return run


CHECKS = [("scanners, one by one", on_a_stand(one_by_one)), ("scanners, all at once", on_a_stand(all_at_once))]
