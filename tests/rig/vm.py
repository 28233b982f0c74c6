"""One virtual machine: QEMU without an accelerator (the host may have none), one processor, the host's files below a layer
in memory, and an agent inside that runs scripts. Every wait has an end; the machine is ended by its own id."""
import base64
import json
import os
import select
import shutil
import socket
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT_S, SCRIPT_S, NICE = 240, 60, 15
MEMORY_MB = 1536
TAIL, TOLD_S = 6000, 10
# Without a sign of life, which it gives each second: a machine that is emulated beside much else gives it more rarely
SILENT_S = 240
STEADY = "shift=1,sleep=on"       # two nanoseconds each


class Hung(RuntimeError):
    """The machine itself stands still, whatever runs in it: even what gives the sign of life."""


class Control:
    """QEMU's own protocol: plug, unplug, take the network away, take a picture."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(SCRIPT_S)
        self.socket.connect(path)
        self.stream = self.socket.makefile("rw")
        self.stream.readline()
        self("qmp_capabilities")

    def __call__(self, command, **arguments):
        self.stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.stream.flush()
        while True:
            answer = json.loads(self.stream.readline())
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']}")


def root_disk(image):
    """QEMU's words for it."""
    return ["-drive", f"file={image},format=raw,if=none,id=root", "-device", "virtio-blk-pci,drive=root"] if image else []


class Machine:
    """Runs from its making to `pull`. `extra`: more of QEMU's arguments; `root`: an image that it writes to, in place of the
    host's files. `steady`: its clock counts instructions, so that its times do not hang on what else the host does: a
    processor of 500 million a second, a slow handheld's."""

    def __init__(self, parts, extra=(), usb=True, append="", root=None, steady=False):
        self.folder = tempfile.mkdtemp(prefix="tallyman-rig-")
        self.process = None
        start = time.monotonic()
        try:
            more = [*extra, *root_disk(root), *(("-icount", STEADY) if steady else ())]
            self._start(parts, more, usb, append, parts.root_initrd if root else parts.initrd)
        except BaseException:
            self.pull()
            raise
        self.boot_s = time.monotonic() - start

    def path(self, name):
        return os.path.join(self.folder, name)

    def _start(self, parts, extra, usb, append, initrd):
        words = ["console=ttyS0 quiet panic=-1 mitigations=off tsc=unstable random.trust_cpu=on no_timer_check"
                 " sysrq_always_enabled",
                 f"rig.tree={parts.tree} rig.guest={HERE}/guest.sh", append]
        command = ["nice", "-n", str(NICE), "qemu-system-x86_64", "-machine", "q35,accel=tcg", "-cpu", "max", "-smp", "1",
                   "-m", str(MEMORY_MB), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                   "-kernel", parts.kernel, "-initrd", initrd, "-append", " ".join(words),
                   "-serial", "file:" + self.path("console"), "-qmp", f"unix:{self.path('qmp')},server=on,wait=off",
                   "-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap",
                   "-device", "virtio-9p-pci,fsdev=host,mount_tag=host", "-device", "virtio-serial-pci",
                   "-chardev", f"socket,id=agent,path={self.path('agent')},server=on,wait=off",
                   "-device", "virtserialport,chardev=agent,name=rig",
                   "-chardev", f"socket,id=pulse,path={self.path('pulse')},server=on,wait=off",
                   "-device", "virtserialport,chardev=pulse,name=pulse"]
        if usb:
            command += ["-device", "qemu-xhci,id=xhci"]
        with open(self.path("errors"), "wb") as errors:
            self.process = subprocess.Popen([*command, *extra], stdin=subprocess.DEVNULL, stdout=errors, stderr=errors)
        self.wait_for(lambda: os.path.exists(self.path("pulse")), "QEMU")
        self.control = Control(self.path("qmp"))
        self.agent, self.pulse = (self._connect(name) for name in ("agent", "pulse"))
        self.read, self.lives = b"", False
        self._line(BOOT_S)

    def _connect(self, name):
        end = socket.socket(socket.AF_UNIX)
        end.connect(self.path(name))
        return end

    def wait_for(self, condition, what, seconds=SCRIPT_S):
        """Until condition() answers something true, which is returned."""
        end = time.monotonic() + seconds
        while True:
            answer = condition()
            if answer:
                return answer
            if self.process.poll() is not None:
                raise RuntimeError(f"the machine ended: {self.said()}")
            if time.monotonic() > end:
                raise TimeoutError(what)
            time.sleep(0.02)

    def said(self):
        text = b""
        for name in ("errors", "console"):
            if os.path.exists(self.path(name)):
                with open(self.path(name), "rb") as stream:
                    text += stream.read()[-TAIL:]
        return text.decode("utf-8", "replace")

    def _line(self, seconds):
        begin = beat = time.monotonic()
        while b"\n" not in self.read:
            ready = select.select([self.agent, self.pulse], [], [], 1)[0]
            now = time.monotonic()
            if self.pulse in ready and self.pulse.recv(1 << 16):
                beat, self.lives = now, True
            if self.agent in ready:
                data = self.agent.recv(1 << 16)
                if not data:
                    raise RuntimeError("the machine ended: " + self.said())
                self.read += data
            elif self.lives and now - beat > SILENT_S:
                raise Hung("the machine hung: " + self.said())
            elif now - begin > seconds:
                self._tell_blocked()
                raise TimeoutError(f"the machine {'lives, but ' if self.lives else ''}does not answer: {self.said()}")
        line, _, self.read = self.read.partition(b"\n")
        return line.decode()

    def _tell_blocked(self):
        """What waits in the kernel for what, on the console."""
        self.control("send-key", keys=[{"type": "qcode", "data": key} for key in ("alt", "sysrq", "w")])
        time.sleep(TOLD_S)

    def start(self, script):
        self.agent.sendall(base64.b64encode(script.encode()) + b"\n")

    def finish(self, seconds=SCRIPT_S):
        """(status, what it said)"""
        status, _, said = self._line(seconds).partition(" ")
        return int(status), base64.b64decode(said).decode("utf-8", "replace")

    def shell(self, script, seconds=SCRIPT_S):
        self.start(script)
        return self.finish(seconds)

    def must(self, script, seconds=SCRIPT_S):
        """What it said; a script that fails is the rig's own failure."""
        status, said = self.shell(script, seconds)
        if status != 0:
            raise RuntimeError(f"status {status}: {script[:300]}\n{said[-TAIL:]}")
        return said

    def put(self, path, data):
        self.must(f"base64 -d >{path} <<'END'\n{base64.b64encode(data).decode()}\nEND\n")

    def get(self, path):
        return base64.b64decode(self.must(f"base64 -w0 {path}"))

    def pull(self):
        """The battery: nothing is written after this."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pull()
