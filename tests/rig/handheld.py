"""A handheld as a site gets it: a clean Debian, the packages installed as an admin installs them, a serial scanner on USB,
a small screen, a keypad. It is switched on and off; its disk stays."""
import glob
import gzip
import json
import os
import re
import socket
import subprocess
import time

import disklog
import root
import stand
import vm

HOME, DATA = "/var/lib/tallyman-device", "/var/lib/tallyman-device/data"
DROP_IN, SAID = "/etc/systemd/system/tallyman-kiosk.service.d", HOME + "/sanitizers"
BOOT_S, INSTALL_S, JOURNAL_S = 400, 400, 120
SCREEN, CELL = (480, 800), (16, 41)     # with the font that the package sets: 30 by 19 characters
SHOWN_S = 120
KEY_S = 0.1                 # between two keys: no burst, which would be a scan
PACKAGES = ("tallyman", "tallyman-kiosk")
# QEMU's scanner is an FTDI port; a site says in a rule of its own that this is a scanner
RULE = ('SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", ATTRS{idProduct}=="6001", ENV{ID_TALLYMAN_SCANNER}="1"\n')
SETTINGS = """[device]
site = CDB
[screen]
lang = zh_CN
sound = yes
"""


def make_packages():
    """The packages, made from the work tree now."""
    done = subprocess.run(["make", "--no-print-directory", "deb"], cwd=stand.rig.ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=root.BUILD_S, check=False)
    if done.returncode != 0:
        raise RuntimeError("make deb: " + done.stdout.decode("utf-8", "replace")[-2000:])
    return [glob.glob(os.path.join(stand.rig.ROOT, "build/deb", name + "_*.deb"))[0] for name in PACKAGES]


class Handheld:
    def __init__(self, parts, packages):
        self.parts, self.folder = parts, stand.rig.folder()
        self.image, self.port = os.path.join(self.folder, "root.img"), os.path.join(self.folder, "scanner")
        disklog.copy(root.make(parts, packages), self.image)
        self.machine = self.scanner = None
        self.on = 0.0               # when it was switched on

    def switch_on(self):
        self.on = time.monotonic()
        self.machine = vm.Machine(self.parts, [
            "-device", f"bochs-display,xres={SCREEN[0]},yres={SCREEN[1]}",
            "-chardev", f"socket,id=scanner,path={self.port},server=on,wait=off",
            "-device", "usb-serial,chardev=scanner,id=scanner0,bus=xhci.0,always-plugged=on"], root=self.image)
        self.scanner = socket.socket(socket.AF_UNIX)
        self.scanner.connect(self.port)

    def switch_off(self):
        """In good order; the disk is as it is left."""
        self.machine.start("sync; systemctl poweroff --no-block")
        self.machine.process.wait(BOOT_S)
        self.pull()

    def pull(self):
        if self.scanner:
            self.scanner.close()
        if self.machine:
            self.machine.pull()
        self.machine = self.scanner = None

    def must(self, script, seconds=vm.SCRIPT_S):
        return self.machine.must("set -e\n" + script, seconds)

    def install(self, packages):
        """As an admin does; seconds."""
        names = []
        for path in packages:
            names.append("/var/tmp/" + os.path.basename(path))
            with open(path, "rb") as stream:
                self.machine.put(names[-1], stream.read())
        begin = time.monotonic()
        self.must(f"DEBIAN_FRONTEND=noninteractive apt-get -qq -y install {' '.join(names)} </dev/null 2>&1", INSTALL_S)
        return time.monotonic() - begin

    def provision(self, feed):
        """Settings, the rule of the site, what the server would have told."""
        self.must(f"install -d -o tallyman -g tallyman {HOME}")
        self.machine.put(f"{HOME}/config.ini", SETTINGS.encode())
        self.machine.put("/etc/udev/rules.d/60-site.rules", RULE.encode())
        self.machine.put("/var/tmp/feed", "".join(one + "\n" for one in feed).encode())
        return self.must(self.as_clerk("import /var/tmp/feed"))

    def put(self, path, data):
        self.machine.put("/var/tmp/packed", gzip.compress(data))
        self.must(f"gzip -dc /var/tmp/packed >{path}")

    def exchange_program(self, program):
        """This build in the place of the package's, with the sanitizers' libraries; what they say goes to files SAID."""
        small = os.path.join(self.folder, "program")
        subprocess.run(["strip", "-g", "-o", small, program], check=True)
        needs = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
        self.must("systemctl stop tallyman-kiosk")
        for path, name in [(small, "/usr/bin/tallyman"), *((path, path) for path in re.findall(r"/\S+san\.so\S*", needs))]:
            with open(path, "rb") as stream:
                self.put(name, stream.read())
        self.must(f"mkdir -p {DROP_IN}")
        self.machine.put(f"{DROP_IN}/sanitizers.conf", "".join(
            f"{line}\n" for line in ("[Service]", f"Environment=ASAN_OPTIONS=log_path={SAID}",
                                     f"Environment=UBSAN_OPTIONS=print_stacktrace=1:log_path={SAID}")).encode())
        self.must("ldconfig; systemctl daemon-reload; systemctl start tallyman-kiosk", BOOT_S)

    @staticmethod
    def as_clerk(command):
        return f"setpriv --reuid=tallyman --regid=tallyman --init-groups -- tallyman --data {DATA} {command}"

    def ready(self):
        """Until the system, the screens with it, has started; seconds since it was switched on."""
        self.must("systemctl is-system-running --wait || systemctl --failed --no-pager", BOOT_S)
        self.must("systemctl is-active tallyman-kiosk || journalctl -b -u tallyman-kiosk --no-pager -o cat", BOOT_S)
        return time.monotonic() - self.on

    def clock(self):
        """What to add to the machine's own wall clock for seconds since it was switched on."""
        begin = time.monotonic()
        there = float(self.must("date +%s.%N"))
        return (begin + time.monotonic()) / 2 - self.on - there

    def shown(self, action):
        """Does it, and waits until the screen is another."""
        before = self.screen()
        action()
        self.machine.wait_for(lambda: self.screen() != before, "another screen", SHOWN_S)

    def press(self, *keys):
        for key in keys:
            time.sleep(KEY_S)
            self.shown(lambda key=key: self.machine.control("send-key", keys=[{"type": "qcode", "data": key}]))

    def scan(self, text):
        self.scanner.sendall((text + "\r").encode())

    def journal(self):
        lines = self.must(self.as_clerk("--json journal"), JOURNAL_S).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def screen(self):
        with open(self.picture("screen.ppm"), "rb") as stream:
            return stream.read()

    def picture(self, name):
        """The screen, as a file."""
        path = os.path.join(self.folder, name)
        self.machine.control("screendump", filename=path, **({"format": "png"} if name.endswith(".png") else {}))
        return path
