"""Trigger, beeper and lights on simulated GPIO lines, watched by the kernel's own trace; a battery that runs down."""
import json
import os
import re

import stand
import vm

HERE = os.path.dirname(os.path.abspath(__file__))
DATA, CONFIG, STEPS, TRACE = "/dev/shm/data", "/dev/shm/config", "/dev/shm/steps", "/sys/kernel/tracing"
SCANS, PULLS, STEP_S = 10, 5, 300
LATE_MS = 400               # of a timer on a machine that is emulated beside others
BEEPER, GREEN, RED, SHAKER = "BEEPER", "GREEN", "RED", "SHAKER"
SHOWN = (BEEPER, GREEN, RED, SHAKER)    # in the order in which they are set
LINES = ("TRIGGER", "ENGINE", *SHOWN)
SETTINGS = """[trigger]
line = TRIGGER
active_low = yes
out = ENGINE
debounce_ms = 200
[indicator]
beeper = BEEPER
green = GREEN
red = RED
vibration = SHAKER
bell = yes
"""
WARN_AT, STOP_AT = (20, 10, 5), 4
HOURS = 3
# What is on, and for how many milliseconds
GOOD = (({BEEPER, GREEN}, 80), ({GREEN}, 120))
BAD = (({BEEPER, RED, SHAKER}, 250), ({RED}, 120), ({BEEPER, RED, SHAKER}, 250), ({RED}, 120),
       ({BEEPER, RED, SHAKER}, 250), ({RED}, 500))
CHIP = f"""
modprobe gpio-sim
chip=/sys/kernel/config/gpio-sim/rig
mkdir -p $chip/bank0
echo 8 >$chip/bank0/num_lines
n=0
for name in {' '.join(LINES)}; do
    mkdir $chip/bank0/line$n
    echo $name >$chip/bank0/line$n/name
    n=$((n + 1))
done
echo 1 >$chip/live
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
pull() {{ echo $1 >/sys/devices/platform/gpio-sim.0/gpiochip*/sim_gpio0/pull; }}
pull pull-up
for event in gpio/gpio_value syscalls/sys_exit_fdatasync syscalls/sys_exit_fsync; do
    echo 1 >{TRACE}/events/$event/enable
done
"""
# Until nothing is lit, and the journal's idle checkpoint is over too: what is saved then is the next scan.
CALM = f"""
. {HERE}/kit.sh
off() {{ ! grep -Eq '({'|'.join(SHOWN)}).* hi' /sys/kernel/debug/gpio; }}
until_true 10 off
saves=-
same() {{ before=$saves; sleep 0.5; saves=$(grep -c 'sync -> ' {TRACE}/trace); [ $before = $saves ]; }}
until_true 20 same
"""
# The debounce time is long because an emulated hand bounces slowly: all of it has to be over within.
BOUNCE = "exec 5>$P; for n in 1 2 3 4 5 6; do echo pull-down >&5; echo pull-up >&5; done; "


class Place:
    def __init__(self, parts):
        self.data = stand.data_folder()
        self.machine = vm.Machine(parts, usb=False)

    def must(self, script):
        build = os.path.relpath(stand.rig.BUILD, stand.rig.ROOT)
        return self.machine.must(f"set -e\n. {HERE}/kit.sh\n{stand.ENVIRONMENT} TALLYMAN_BUILD={build}\n{script}", STEP_S)

    def desk(self, settings, steps):
        """(rings, accepted scans in the journal)"""
        self.machine.put(CONFIG, settings.encode())
        self.machine.put(STEPS, json.dumps(steps).encode())
        self.must(f"rm -rf {DATA}; cp -a {self.data} {DATA}")
        said = self.must(f"python3 {HERE}/desk.py {DATA} {CONFIG} {STEPS}")
        journal = self.must(f"{stand.rig.TALLYMAN} --data {DATA} journal verify >/dev/null\n"
                            f"{stand.rig.TALLYMAN} --data {DATA} --json journal")
        records = [json.loads(line) for line in journal.splitlines() if line.startswith("{")]
        accepted = [one for one in records if one["kind"] == "scan" and one["severity"] == "accept"]
        return int(re.findall(r"done (\d+) rings", said)[-1]), len(accepted)


def events(trace, base):
    """(seconds, line, "saved" or "scan", value) of what happened: a line only when it changed."""
    level, found = dict.fromkeys(LINES, 0), []
    for line in trace.splitlines():
        when = re.search(r" (\d+\.\d+): ", line)
        value = re.search(r"gpio_value: (\d+) set (\d)", line)
        mark = re.search(r"tracing_mark_write: scan (\w+)", line)
        if when and mark:
            found.append((float(when.group(1)), "scan", mark.group(1)))
        elif when and re.match(r"\s*tallyman-", line) and re.search(r"sys_f(data)?sync -> 0x0", line):
            found.append((float(when.group(1)), "saved", 1))
        elif when and value and 0 <= int(value.group(1)) - base < len(LINES):
            name, now = LINES[int(value.group(1)) - base], int(value.group(2))
            if level[name] != now:
                level[name] = now
                found.append((float(when.group(1)), name, now))
    return found


def flips(sequence):
    """(line, value, milliseconds since the first one of the step before, or None) as a sequence sets them."""
    on, expected, length = set(), [], None
    for lit, ms in (*sequence, (set(), 0)):
        for name in SHOWN:
            if (name in lit) != (name in on):
                expected.append((name, int(name in lit), length))
                length = None
        on, length = lit, ms
    return expected


def played(checks, what, mine, sequence):
    """One scan's events against what is to be seen; (saved, beeper on, beeper off) in seconds."""
    lines = [one for one in mine if one[1] in SHOWN]
    expected = flips(sequence)
    if not checks.equal([one[1:] for one in lines], [one[:2] for one in expected], f"{what}: lines in their order"):
        return None
    step = lines[0][0]
    for (when, name, _), (_, _, least) in zip(lines, expected):
        if least is not None:
            length, step = (when - step) * 1000, when
            checks.ok(least - 1 <= length <= least + LATE_MS, f"{what}: {name} after {length:.1f} ms, not {least}")
    beeps = [when for when, name, _ in lines if name == BEEPER]
    saves = [when for when, name, _ in mine if name == "saved" and when < beeps[0]]
    checks.ok(saves, f"{what}: saved between the scan and its beep")
    return (saves[-1], *beeps[:2]) if saves else None


def beeps(checks, found):
    """Each scan is saved, then beeps: the good ones, and the last, which is bad."""
    marks = [n for n, one in enumerate(found) if one[1] == "scan"]
    checks.equal(len(marks), SCANS + 1, "scans in the trace")
    times = []
    for n, (at, end) in enumerate(zip(marks, [*marks[1:], len(found)])):
        times.append(played(checks, f"scan {n + 1}", found[at:end], GOOD if n < SCANS else BAD))
    if None in times:
        return
    for n in (0, SCANS - 1, SCANS):
        print(f"figure: {'good' if n < SCANS else 'bad'} beep of scan {n + 1}: saved at {times[n][0]:.6f} s, beeper on at "
              f"{times[n][1]:.6f} s, off at {times[n][2]:.6f} s", flush=True)
    late = [(beep - saved) * 1000 for saved, beep, _ in times]
    print(f"figure: {len(late)} beeps, each {min(late):.1f} to {max(late):.1f} ms after its scan was saved", flush=True)


def gpio(checks, parts):
    place = Place(parts)
    try:
        place.must(CHIP)
        base = int(place.must("grep -o 'GPIOs [0-9]*' /sys/kernel/debug/gpio | head -1 | cut -d' ' -f2"))
        steps = [["run", f"echo >{TRACE}/trace"]]
        for n in [*range(SCANS), 0]:
            steps += [["scan", f"B{n + 1:06d}"], ["run", CALM]]
        out = "grep -q 'ENGINE.* %s' /sys/kernel/debug/gpio"
        down, up = (f". {HERE}/kit.sh; P=$(echo /sys/devices/platform/gpio-sim.0/gpiochip*/sim_gpio0/pull); {BOUNCE}"
                    f"echo pull-{way} >&5; is() {{ {out % level}; }}; until_true 5 is" for way, level in
                    (("down", "hi"), ("up", "lo")))
        steps += [["run", down], ["run", up]] * PULLS
        rings, saved = place.desk(SETTINGS, steps)
        checks.equal((rings, saved), (SCANS + 3, SCANS), "rings, three of them for the bad one; good scans that are saved")
        found = events(place.must(f"cat {TRACE}/trace"), base)
        beeps(checks, found)
        engine = [value for _, name, value in found if name == "ENGINE"]
        checks.equal(engine, [1, 0] * PULLS, "the scan engine's line follows the button, without its bounces")
        print(f"figure: {PULLS} pulls of a button that bounces 12 times each way: {engine.count(1)} triggers", flush=True)
    finally:
        place.machine.pull()


def battery(checks, parts):
    place = Place(parts)
    try:
        place.must("modprobe test_power\ncd /sys/module/test_power/parameters\necho off >ac_online\necho off >usb_online\n"
                   "echo discharging >battery_status\necho 100 >battery_capacity\nstart_udev\nudevadm settle")
        steps, scans = [["see", "Ready"]], 0
        for percent in range(100, STOP_AT - 1, -1):
            steps.append(["run", f"echo {percent} >/sys/module/test_power/parameters/battery_capacity"])
            if percent in WARN_AT:
                steps.append(["see", f"Battery {percent} %: charge it."])
            if percent % 10 == 1 or percent in WARN_AT:
                scans += 1
                steps += [["scan", f"B{scans:06d}"], ["unseen", "Battery"]][:2 if percent > WARN_AT[0] else 1]
        steps += [["see", f"{STOP_AT} %: ends in"], ["scan", "B000100"], ["ends", 1, "everything is saved"]]
        rings, saved = place.desk(f"[power]\nstop_at = {STOP_AT}\n", steps)
        checks.ok(saved == scans + 1 and rings >= saved, f"{rings} rings, {saved} of {scans + 1} scans are saved")
        print(f"figure: battery from 100 to {STOP_AT} % one by one: warned at {WARN_AT} and not before, ended in order, "
              f"{saved} of {scans + 1} scans saved", flush=True)
    finally:
        place.machine.pull()


def clock(checks, parts):
    """Somebody sets it; it is said, with two rings, and the scans go on."""
    place = Place(parts)
    try:
        steps = [["see", "Ready"], ["scan", "B000001"]]
        for n, hours in enumerate((HOURS, -HOURS)):
            sign = "+" if hours > 0 else "-"    # of 10,800 seconds, or one less
            steps += [["run", f"date -s '{hours:+d} hours' >/dev/null"], ["see", f"The clock was set: {sign}10"],
                      ["rings", 3 * n + 3], ["scan", f"B{n + 2:06d}"]]
        rings, saved = place.desk("", steps)
        checks.equal((rings, saved), (7, 3), "rings, and scans that are saved")
        print(f"figure: clock set {HOURS} hours on and back: said both times, {saved} of 3 scans saved", flush=True)
    finally:
        place.machine.pull()


CHECKS = [("gpio", gpio), ("battery runs down", battery), ("clock", clock)]
