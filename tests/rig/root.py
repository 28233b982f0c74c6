"""A clean Debian root for the virtual machine: what the packages' own control data asks for and not a package more, with
the kernel's modules and the agent. Made once for each set of dependencies, outside the tree, from this machine's own
package sources."""
import glob
import os
import re
import shutil
import subprocess

import parts as machine_parts

HERE = os.path.dirname(os.path.abspath(__file__))
FORMAT = "1"
BUILD_S = 900
SPACE_MB = 192              # beyond what is installed
SUITE = "bookworm"
# A machine that boots, and what an admin has at hand
BASE = ("systemd-sysv", "udev", "dbus", "kmod", "apt")
MODULES = ("virtio_pci", "virtio_blk", "virtio_console", "ext4", "xhci_pci", "ftdi_sio", "cdc_acm", "usbhid", "hid_generic",
           "evdev", "bochs")
AGENT = """[Unit]
Description=What the tests ask is done
DefaultDependencies=no
After=local-fs.target

[Service]
ExecStart=/usr/local/lib/agent.sh
StandardInput=null
"""


def depends(packages):
    """Names of the packages that these packages depend on, but not each other; the first of alternatives."""
    names, own = set(), set()
    for path in packages:
        own.add(machine_parts.run("dpkg-deb", "-f", path, "Package").strip())
        told = machine_parts.run("dpkg-deb", "-f", path, "Pre-Depends", "Depends")
        told = re.sub(r"^[A-Z][A-Za-z-]*:", ",", told, flags=re.M)
        names.update(re.split(r"[ (|:]", one.strip())[0] for one in told.split(",") if one.strip())
    return sorted(names - own)


def sources():
    """This machine's Debian, a line for each part of it."""
    told = machine_parts.run("apt-get", "indextargets", "--format", "deb $(SITE) $(RELEASE) $(COMPONENT)",
                             "Identifier: Packages", "Origin: Debian")
    lines = sorted({line for line in told.splitlines() if re.search(rf" {SUITE}(-security|-updates)? main$", line)})
    if not lines:
        raise RuntimeError(f"this machine's package sources have no {SUITE}")
    return lines


def modules(parts, target):
    """The few modules that the machine needs, where the kernel looks for them."""
    tree = os.path.join(parts.tree, "lib/modules", parts.version)
    found = set()
    for name in MODULES:
        told = machine_parts.run("modprobe", "-S", parts.version, "-d", parts.tree, "--show-depends", name)
        found.update(re.findall(r"^insmod (\S+)", told, re.M))
    for path in [*found, *glob.glob(os.path.join(tree, "modules.builtin*")), os.path.join(tree, "modules.order")]:
        copy = os.path.join(target, "modules", parts.version, os.path.relpath(path, tree))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copy2(path, copy)


def hooks(parts, folder):
    """What is put into the new root, as mmdebstrap's arguments."""
    modules(parts, folder)
    with open(os.path.join(folder, "agent.service"), "w", encoding="ascii") as stream:
        stream.write(AGENT)
    shutil.copy2(os.path.join(HERE, "agent.sh"), folder)
    os.chmod(os.path.join(folder, "agent.sh"), 0o755)
    wants = '"$1/etc/systemd/system/multi-user.target.wants"'
    return [f"--customize-hook=copy-in {folder}/modules /usr/lib",
            f"--customize-hook=copy-in {folder}/agent.sh /usr/local/lib",
            f"--customize-hook=copy-in {folder}/agent.service /etc/systemd/system",
            f"--customize-hook=chroot \"$1\" depmod {parts.version}",
            f"--customize-hook=mkdir -p {wants} && ln -s ../agent.service {wants}",
            "--customize-hook=echo handheld >\"$1/etc/hostname\""]


def build(parts, names, image):
    folder = image + ".parts"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    raw = os.path.join(folder, "root.ext2")
    done = subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "--format=ext2", *hooks(parts, folder),
                           "--include=" + ",".join([*BASE, *names]), SUITE, raw, "-"],
                          input="\n".join(sources()) + "\n", text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=BUILD_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"mmdebstrap: {done.stdout[-2000:]}")
    machine_parts.run("tune2fs", "-O", "extents,uninit_bg,dir_index,has_journal", raw)
    os.truncate(raw, os.path.getsize(raw) + (SPACE_MB << 20))
    subprocess.run(["e2fsck", "-fy", raw], capture_output=True, timeout=BUILD_S, check=False)
    machine_parts.run("resize2fs", raw)
    machine_parts.run("e2fsck", "-fn", raw)
    os.rename(raw, image)
    shutil.rmtree(folder)


def make(parts, packages):
    """The image for these packages, made now unless it is there; nobody may write to it."""
    names, image = depends(packages), parts.path("root.img")
    with open(os.path.join(HERE, "agent.sh"), encoding="utf-8") as stream:
        wanted = "\n".join([FORMAT, *BASE, *names, *MODULES, AGENT, stream.read()])
    listed = parts.path("root.list")
    if os.path.exists(image) and os.path.exists(listed):
        with open(listed, encoding="utf-8") as stream:
            if stream.read() == wanted:
                return image
    build(parts, names, image)
    with open(listed, "w", encoding="utf-8") as stream:
        stream.write(wanted)
    return image
