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
LINES = ("TRIGGER", "GREEN", "RED", "BEEPER", "ENGINE")
SETTINGS = """[trigger]
line = TRIGGER
active_low = yes
out = ENGINE
debounce_ms = 200
[indicator]
beeper = BEEPER
green = GREEN
red = RED
bell = yes
"""
# The good one: (line, value, milliseconds since the step before, at least)
GOOD = (("BEEPER", 1, 0), ("BEEPER", 0, 80), ("GREEN", 0, 120))
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


def changes(trace, base):
    """(seconds, line or "saved", value) of what changed."""
    level, found = dict.fromkeys(LINES, 0), []
    for line in trace.splitlines():
        when = re.search(r" (\d+\.\d+): ", line)
        value = re.search(r"gpio_value: (\d+) set (\d)", line)
        if when and re.search(r"sys_f(data)?sync -> 0x0", line):
            found.append((float(when.group(1)), "saved", 1))
        elif when and value and 0 <= int(value.group(1)) - base < len(LINES):
            name, now = LINES[int(value.group(1)) - base], int(value.group(2))
            if level[name] != now:
                level[name] = now
                found.append((float(when.group(1)), name, now))
    return found


def good_beeps(checks, found):
    """Each pulse after a save of its own, in the order and of the length of the good one."""
    rises = [n for n, (_, name, value) in enumerate(found) if (name, value) == ("BEEPER", 1)]
    checks.equal(len(rises), SCANS, "pulses of the beeper, one a scan")
    shown = ""
    for n, at in enumerate(rises):
        since = rises[n - 1] if n else -1
        saves = [when for when, name, _ in found[since + 1:at] if name == "saved"]
        checks.ok(saves, "before each beep something was saved")
        steps = [one for one in found[at:] if one[1] in ("BEEPER", "GREEN")][:4]
        steps = [one for one in steps if one[1:] != ("GREEN", 1)]
        checks.equal([one[1:] for one in steps], [one[:2] for one in GOOD], "beeper on and off, then the light")
        for (before, _, _), (when, name, _), (_, _, least) in zip(steps, steps[1:], GOOD[1:]):
            length = (when - before) * 1000
            checks.ok(least - 1 <= length <= least + LATE_MS, f"{name} for {length:.1f} ms, not {least}")
        if saves and not shown:
            shown = f"saved at {saves[-1]:.6f} s, beeper at {found[at][0]:.6f} s, off at {steps[1][0]:.6f} s"
    print(f"figure: good beep: {shown}", flush=True)


def gpio(checks, parts):
    place = Place(parts)
    try:
        place.must(CHIP)
        base = int(place.must("grep -o 'GPIOs [0-9]*' /sys/kernel/debug/gpio | head -1 | cut -d' ' -f2"))
        steps = [["run", f"echo >{TRACE}/trace"]]
        for n in range(SCANS):
            # until the light has gone out, so that each sequence is seen whole
            steps += [["scan", f"B{n + 1:06d}"],
                      ["run", f". {HERE}/kit.sh; off() {{ ! grep -q 'GREEN.* hi' /sys/kernel/debug/gpio; }}; until_true 5 off"]]
        out = "grep -q 'ENGINE.* %s' /sys/kernel/debug/gpio"
        down, up = (f". {HERE}/kit.sh; P=$(echo /sys/devices/platform/gpio-sim.0/gpiochip*/sim_gpio0/pull); {BOUNCE}"
                    f"echo pull-{way} >&5; is() {{ {out % level}; }}; until_true 5 is" for way, level in
                    (("down", "hi"), ("up", "lo")))
        steps += [["run", down], ["run", up]] * PULLS
        rings, saved = place.desk(SETTINGS, steps)
        checks.equal((rings, saved), (SCANS, SCANS), "scans that rang, and are saved")
        found = changes(place.must(f"cat {TRACE}/trace"), base)
        good_beeps(checks, found)
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
        steps = []
        for n, percent in enumerate((100, 60, 21, 20, 15, 10, 7)):
            steps.append(["run", f"echo {percent} >/sys/module/test_power/parameters/battery_capacity"])
            steps += [["see", f"Battery {percent} %"]] if percent in (20, 10) else []
            steps.append(["scan", f"B{n + 1:06d}"])
        steps += [["run", "echo 4 >/sys/module/test_power/parameters/battery_capacity"], ["see", "%: ends in"],
                  ["scan", "B000100"], ["ends", 0]]
        rings, saved = place.desk("", steps)
        checks.ok(saved == 8 and rings >= saved, f"{rings} rings, {saved} of 8 scans are saved")
        print(f"figure: battery from 100 to 4 %: warned at 20 and 10, ended in order, {saved} of 8 scans saved", flush=True)
    finally:
        place.machine.pull()


CHECKS = [("gpio", gpio), ("battery runs down", battery)]
