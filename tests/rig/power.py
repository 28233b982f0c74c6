"""The battery is pulled while a fast hand scans and sync runs: what had beeped is on the disk, and the disk is sound. Two
controls, which have to lose: a journal that does not wait for the disk, and a file system that does not."""
import importlib.util
import json
import os
import random
import subprocess

import disklog
import stand
import vm

HERE = os.path.dirname(os.path.abspath(__file__))
PLANTS = os.path.join(os.path.dirname(HERE), "plants", "run.py")
FILES_BYTES, DISK_BYTES = 64 << 20, 66 << 20
WITNESS = FILES_BYTES + 4096
CUTS, CONTROL_CUTS = 100, 25
RINGS, CONTROL_RINGS = 120, 40
BURST_S, CHECK_S = 600, 60
PLANT = "synchronous-normal"


def new_disk(path):
    with open(path, "wb") as stream:
        stream.truncate(DISK_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-b", "4096", "-J", "size=4", path, str(FILES_BYTES // 4096)], check=True,
                   env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})


def logged(image, log):
    """QEMU's words for a disk that logs."""
    with open(log, "wb"):
        pass
    return ["-blockdev", f"driver=file,node-name=image,filename={image}",
            "-blockdev", f"driver=file,node-name=log,filename={log}",
            "-blockdev", "driver=blklogwrites,node-name=disk,file=image,log=log,log-sector-size=512",
            "-device", "virtio-blk-pci,drive=disk,write-cache=on"]


def mount(machine, options="defaults"):
    machine.must(f"modprobe -a virtio_blk ext4 && mkdir -p /disk && mount -t ext4 -o {options} /dev/vda /disk")


def burst(parts, folder, image, program, rings, options="defaults", first=1):
    """Scans on the image until it rang so often, and pulls the battery. The log of the disk."""
    log = os.path.join(folder, "log")
    work = os.path.join(folder, "work.img")
    disklog.copy(image, work)
    with vm.Machine(parts, logged(work, log), usb=False) as machine:
        mount(machine, options)
        build = os.path.relpath(stand.rig.BUILD, stand.rig.ROOT)
        machine.must(f"{stand.ENVIRONMENT} TALLYMAN_BUILD={build}\n"
                     f"setsid python3 {HERE}/burst.py {program} /disk /dev/vda {WITNESS} {first} >/dev/shm/said 2>&1 &")
        script = (f". {HERE}/kit.sh\nrang() {{ [ -s /dev/shm/said ] || "
                  f"{{ read -r n </dev/shm/rings && [ $n -ge {rings} ]; }} 2>/dev/null; }}\n"
                  f"until_true {BURST_S} rang\ncat /dev/shm/said")
        said = machine.must(script, BURST_S + 10)
    if said.strip():
        raise RuntimeError(said)
    return disklog.Log(log, WITNESS)


def saved(image, folder):
    """(what is wrong with it, serials of the accepted scans) after the file system's own repair."""
    path = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    subprocess.run(["e2fsck", "-fy", image], env=path, capture_output=True, check=False)
    target = os.path.join(folder, "dump")
    subprocess.run(["rm", "-rf", target], check=True)
    os.makedirs(target)
    subprocess.run(["debugfs", "-R", f"rdump /data {target}", image], env=path, capture_output=True, check=False)
    device = stand.rig.Device(os.path.join(target, "data"))
    if not os.path.exists(os.path.join(device.path, "journal.db")):
        return "there is no journal", []
    try:
        verified, records = device.verify(), device.journal()
    except (RuntimeError, ValueError) as error:
        return str(error)[-300:], []
    if verified.returncode != 0:
        return "the chain does not verify", []
    return "", [one["key"].split("(21)")[1] for one in records if one["kind"] == "scan" and one["severity"] == "accept"]


class Tally:
    """What so many cuts have cost."""

    def __init__(self):
        self.lost = self.worst = self.broken = self.cuts = 0

    def add(self, trouble, serials, rang, first=1):
        self.cuts += 1
        wanted = [f"B{first + n:06d}" for n in range(len(serials))]
        self.broken += bool(trouble) or serials != wanted
        if not trouble and len(serials) < rang:
            self.lost += 1
            self.worst = max(self.worst, rang - len(serials))

    def __str__(self):
        return f"{self.cuts} cuts, {self.lost} lost what had beeped (up to {self.worst} scans), {self.broken} broken"


def cut_everywhere(log, base, folder, count, seed=1):
    """Cuts from the first ring on; half of them leave nothing of what was not flushed, half leave a part."""
    draw, tally, image = random.Random(seed), Tally(), os.path.join(folder, "cut.img")
    disk = disklog.Disk(log, base, folder)
    first, end = log.first_ring(), len(log.entries)
    for number, cut in enumerate(sorted(draw.randint(first, end) for _ in range(count))):
        disk.cut(cut, image, draw if number % 2 else None)
        tally.add(*saved(image, folder), log.rang[cut])
    return tally


def planted(folder):
    """The program with a journal that does not wait for the disk."""
    spec = importlib.util.spec_from_file_location("plants", PLANTS)
    plants = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plants)
    build = os.path.relpath(stand.rig.BUILD, stand.rig.ROOT)
    plants.BUILD, target = build, os.path.join(folder, "plant")
    plants.copy_sources(target)
    flags = ["SANITIZE=address,undefined"] if build.endswith("asan") else []
    for command in (["patch", "-p1", "--forward", "-i", os.path.join(plants.HERE, PLANT + ".patch")],
                    ["make", "--no-print-directory", "-j2", *flags, "all"]):
        status, output = plants.run(command, target, plants.BUILD_S)
        if status != 0:
            raise RuntimeError(f"{' '.join(command)}: {output[-2000:]}")
    return os.path.join(target, build, "tallyman")


def say(name, log, tally):
    print(f"figure: {name}: {log.rang[-1]} beeps, {len(log.entries)} writes, {log.flushes()} flushes; {tally}", flush=True)


def battery(checks, parts):
    folder = stand.rig.folder()
    base = os.path.join(folder, "base.img")
    new_disk(base)
    log = burst(parts, folder, base, stand.rig.TALLYMAN, RINGS)
    tally = cut_everywhere(log, base, folder, CUTS)
    say("battery pulled", log, tally)
    checks.equal(tally.cuts, CUTS, "cuts")
    checks.equal(tally.lost, 0, "cuts that lost a scan that had beeped")
    checks.equal(tally.broken, 0, "cuts that left a broken journal")
    log.close()


def control(checks, parts, name, options, program=None):
    folder = stand.rig.folder()
    base = os.path.join(folder, "base.img")
    new_disk(base)
    log = burst(parts, folder, base, program(folder) if program else stand.rig.TALLYMAN, CONTROL_RINGS, options)
    tally = cut_everywhere(log, base, folder, CONTROL_CUTS)
    say(name, log, tally)
    checks.ok(tally.lost + tally.broken > 0, f"{name}: it has to lose, and did not")
    log.close()


def forgetful_journal(checks, parts):
    control(checks, parts, "control, synchronous=NORMAL", "defaults", planted)


# Without barriers the kernel sends neither flush nor FUA: no write of it is ever known to be on the disk.
def forgetful_files(checks, parts):
    control(checks, parts, "control, nobarrier", "nobarrier")


def reboots(checks, parts):
    """The same disk: pulled, booted, scanned on, pulled, booted, looked at. The kernel repairs it, nobody else."""
    folder = stand.rig.folder()
    base, rang = os.path.join(folder, "base.img"), 0
    new_disk(base)
    for turn in range(2):
        log = burst(parts, folder, base, stand.rig.TALLYMAN, CONTROL_RINGS, first=1 + 1000 * turn)
        rang += log.rang[-1]
        after = os.path.join(folder, f"after-{turn}.img")
        disklog.Disk(log, base, folder).cut(len(log.entries), after)
        base = after
        log.close()
    with vm.Machine(parts, ["-drive", f"file={base},format=raw,if=virtio"], usb=False) as machine:
        mount(machine)
        command = f"{stand.ENVIRONMENT}\n{stand.rig.TALLYMAN} --data /disk/data "
        status, said = machine.shell(command + "journal verify")
        checks.equal(status, 0, f"after two reboots the chain verifies: {said[-300:]}")
        lines = machine.must(command + "--json journal").splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{")]
    kept = [one for one in records if one["kind"] == "scan" and one["severity"] == "accept"]
    checks.ok(rang <= len(kept) <= rang + 2, f"two reboots: {rang} rang, {len(kept)} are there")
    print(f"figure: two reboots on one disk: {rang} beeps, {len(kept)} scans there", flush=True)


CHECKS = [("battery pulled", battery), ("control, journal", forgetful_journal), ("control, files", forgetful_files),
          ("reboots", reboots)]
