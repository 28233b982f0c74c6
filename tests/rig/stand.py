"""The stand that checks are made on: a machine with the kit's devices, the program's data folder in it, and the program
itself, run as a clerk runs it."""
import base64
import json
import os
import socket
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "crash"))

import codes  # noqa: E402
import rig  # noqa: E402
import vm  # noqa: E402

DATA, OUT, ERRORS, EVENTS = "/dev/shm/data", "/dev/shm/out", "/dev/shm/errors", "/dev/shm/events"
SENT_S, JUDGED_S = 600, 60     # the second by the machine's own clock, since the last one that was judged
END = ("]C0", b"that was all")
SENDERS = {"pos": codes.pos, "wedge": codes.wedge, "acm": codes.serial, "ftdi": codes.serial}
# As it is asked for on the command line
SPECS = {"pos": "hid-pos:auto", "wedge": "keyboard:auto", "acm": "serial:/dev/ttyACM0:115200:cr",
         "ftdi": "serial:/dev/ttyUSB0:115200:cr"}
# The byte stream of one report does not matter to ttys; a scan is never cut by the sender.
ENVIRONMENT = ("export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:strict_string_checks=1"
               " UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 LC_ALL=C.UTF-8 HOME=/nowhere TALLYMAN_PIN=" + rig.PIN)


def data_folder():
    """On the host: a clerk, an order, and codes that are registered."""
    device = rig.Device()
    only_wang = [one for one in rig.base_feed() if '"li"' not in one]
    device.import_feed(only_wang + [rig.order("SO-1", 1000000), rig.serials("B", 100000)])
    return device.path


class Stand:
    """One machine with four scanners, or none."""

    def __init__(self, parts, steady=False, devices=True):
        folder = rig.folder()
        self.ftdi_path = os.path.join(folder, "ftdi")
        extra = ["-chardev", f"socket,id=ftdi,path={self.ftdi_path},server=on,wait=off"]
        self.data = data_folder()
        self.machine = vm.Machine(parts, extra, steady=steady)
        self.ftdi = socket.socket(socket.AF_UNIX)
        self.ftdi.connect(self.ftdi_path)
        self.ftdi.settimeout(SENT_S)
        self.judged = 0     # lines that the program owes us
        self.must(f"start_udev\nudevadm monitor --kernel --udev >{EVENTS} 2>&1 &\nuntil_true 30 says {EVENTS} 'after rule'")
        if devices:
            self.plug_all()

    def plug_all(self):
        self.plug_ftdi()
        self.must(f"POS_DESCRIPTOR={codes.POS_DESCRIPTOR.hex()} WEDGE_DESCRIPTOR={codes.WEDGE_DESCRIPTOR.hex()}\n"
                  "make_scanners; udevadm settle\n"
                  "there() { ls /dev/hidg0 /dev/hidg1 /dev/ttyGS0 /dev/ttyACM0 /dev/ttyUSB0 /dev/input/by-id/*KBW1*kbd; }\n"
                  "until_true 30 there >/dev/null")

    def must(self, script, seconds=SENT_S):
        return self.machine.must(f"set -e\n. {HERE}/kit.sh\n{ENVIRONMENT}\n{script}", seconds)

    def close(self):
        self.ftdi.close()
        self.machine.pull()

    def plug_ftdi(self):
        self.machine.control("device_add", driver="usb-serial", chardev="ftdi", id="ftdi0", bus="xhci.0",
                             **{"always-plugged": True})

    def lines(self, count):
        """Until the program has judged so many."""
        self.must(f"lines_come {OUT} {count} {JUDGED_S} || {{ cat {ERRORS}; exit 1; }}")

    def settle(self):
        """Until what was on its way when a scanner was pulled out has come, or is known to be lost."""
        self.judged = int(self.must(f"lines_settle {OUT}").split()[-1])

    # ---- the program ----

    def start_scanning(self, names, *more, ready=True):
        """`scan` on a fresh data folder, until each of the scanners is ready."""
        self.judged = 0
        specs = " ".join("--scanner " + SPECS[name] for name in names)
        self.must(f"rm -rf {DATA} && cp -a {self.data} {DATA}\nrm -f /dev/shm/stderr; mkfifo /dev/shm/stderr\n"
                  f"python3 {HERE}/stamp.py </dev/shm/stderr >{ERRORS} 2>&1 &\n"
                  f"{rig.TALLYMAN} --data {DATA} --lang en --as wang scan SO-1 {specs} {' '.join(more)}"
                  f" >{OUT} 2>/dev/shm/stderr </dev/null &\necho $! >/dev/shm/pid\n"
                  f"all_ready() {{ [ $(grep -c 'ready\\.$' {ERRORS}) -ge {len(names) if ready else 0} ]; }}\n"
                  f"until_true 60 all_ready || {{ cat {ERRORS}; exit 1; }}")

    def send(self, per_scanner):
        """All at once, each as fast as its bus goes; seconds until the program has judged them all."""
        script = ""
        for name, scans in per_scanner.items():
            self.judged += len(scans)
            if name != "ftdi":
                self.machine.put(f"/dev/shm/{name}", b"".join(SENDERS[name](scan) for scan in scans))
                script += f"send_{name} /dev/shm/{name} &\n"
        begin = time.monotonic()
        self.machine.start(f"set -e\n. {HERE}/kit.sh\n{script}"
                           f"lines_come {OUT} {self.judged} {JUDGED_S} || {{ cat {ERRORS}; exit 1; }}")
        if "ftdi" in per_scanner:
            self.ftdi.sendall(b"".join(codes.serial(scan) for scan in per_scanner["ftdi"]))
        status, said = self.machine.finish(SENT_S)
        return time.monotonic() - begin, said if status else ""

    def stop_scanning(self):
        """Ends the program in good order; (status, what it said besides, the scans of its journal)."""
        said = self.must(f"pid=$(cat /dev/shm/pid)\nkill -TERM $pid\ngone() {{ [ ! -e /proc/$pid ]; }}\n"
                         f"until_true 30 gone\ncat {ERRORS}")
        journal = self.must(f"{rig.TALLYMAN} --data {DATA} --json journal; {rig.TALLYMAN} --data {DATA} journal verify >&2"
                            " 2>/dev/null")
        records = [json.loads(line) for line in journal.splitlines() if line.startswith("{")]
        scans = [base64.b64decode(one["raw"]) for one in records if one["kind"] == "scan"]
        return said, scans
