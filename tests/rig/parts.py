"""The virtual machine's parts: Debian's kernel and modules, the simulated hardware that Debian does not build, and the
initial file system. Made once for each kernel version, outside the tree; any of them that is missing is made again.

    parts.py            makes them; says where they are
"""
import glob
import lzma
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tallyman-rig")
FORMAT = "1"                # of what is made; a new one makes it all again
STEP_S = 600
# Modules that Debian's kernel leaves out, from its own source package
SOURCES = ("drivers/gpio/gpio-sim.c", "drivers/gpio/gpiolib.h", "kernel/irq/irq_sim.c",
           "drivers/power/supply/test_power.c")
KBUILD = "obj-m := gpio-sim.o irq_sim.o test_power.o\n"
# By the first program of the machine: the modules that it needs
FIRST = {"init.sh": ("virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_console"),
         "init-root.sh": ("virtio_pci", "virtio_blk", "ext4")}
PROGRAMS = ("qemu-system-x86_64", "busybox", "modprobe", "depmod", "cpio", "gcc", "make", "dpkg-deb", "apt-get",
            "mmdebstrap", "genext2fs", "resize2fs")


class NotToBeHad(RuntimeError):
    """The packages that the parts are made of cannot be fetched here."""


def run(*command, cwd=None, feed=None):
    done = subprocess.run(command, cwd=cwd, input=feed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=STEP_S, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.decode('utf-8', 'replace')[-2000:]}")
    return done.stdout.decode("utf-8", "replace")


def missing():
    """What is needed and not here; make deps-rig installs it."""
    return [name for name in PROGRAMS if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]


def kernel_version():
    """The one that Debian's meta package names now; without a package list, the newest that was made before."""
    told = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True, check=False)
    found = re.search(r"Depends: linux-image-(\S+)", told.stdout)
    if found:
        return found.group(1)
    made = sorted(glob.glob(os.path.join(CACHE, "*", "ready")), key=os.path.getmtime)
    if not made:
        raise NotToBeHad("no kernel is known: apt-get update")
    return os.path.basename(os.path.dirname(made[-1]))


class Parts:
    """Paths of what was made."""

    def __init__(self, version):
        self.version = version
        self.folder = os.path.join(CACHE, version)
        self.tree = os.path.join(self.folder, "tree")      # of the kernel package
        self.kernel = os.path.join(self.folder, "vmlinux")
        self.initrd = os.path.join(self.folder, "initrd")              # of init.sh
        self.root_initrd = os.path.join(self.folder, "initrd-root")    # of init-root.sh
        self.ready = os.path.join(self.folder, "ready")

    def path(self, *names):
        return os.path.join(self.folder, *names)


def download(parts):
    """Into the folder; deb files by the package's name."""
    short = ".".join(parts.version.split(".")[:2])
    common = re.sub(r"-[a-z0-9]+$", "-common", parts.version)
    names = {"image": f"linux-image-{parts.version}", "headers": f"linux-headers-{parts.version}",
             "common": f"linux-headers-{common}", "kbuild": f"linux-kbuild-{short}", "source": f"linux-source-{short}"}
    os.makedirs(parts.path("packages"), exist_ok=True)
    try:
        run("apt-get", "download", *names.values(), cwd=parts.path("packages"))
    except RuntimeError as error:
        raise NotToBeHad(str(error)) from None
    return {key: glob.glob(parts.path("packages", name + "_*.deb"))[0] for key, name in names.items()}, short


def unpack_kernel(image, target):
    """The ELF file inside of a bzImage: the machine has no time to unpack it itself."""
    with open(image, "rb") as stream:
        data = stream.read()
    sectors = data[0x1f1] or 4
    offset, length = struct.unpack_from("<II", data, 0x248)
    payload = data[(sectors + 1) * 512 + offset:][:length]
    unpacker = lzma.LZMADecompressor()  # four bytes with the size follow the xz stream
    with open(target, "wb") as stream:
        stream.write(unpacker.decompress(payload))


def pick_sources(package, short, target):
    os.makedirs(target, exist_ok=True)
    wanted = {f"linux-source-{short}/{name}" for name in SOURCES}
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as outer:
        with tarfile.open(fileobj=outer.stdout, mode="r|") as packages:
            for member in packages:
                if not member.name.endswith(".tar.xz"):
                    continue
                with tarfile.open(fileobj=packages.extractfile(member), mode="r|xz") as tree:
                    for inner in tree:
                        if inner.name in wanted:
                            wanted.discard(inner.name)
                            with open(os.path.join(target, os.path.basename(inner.name)), "wb") as stream:
                                shutil.copyfileobj(tree.extractfile(inner), stream)
                        if not wanted:
                            break
                break
        outer.kill()
    if wanted:
        raise RuntimeError(f"not in the kernel's source: {wanted}")


def build_modules(parts, packages, short):
    """gpio-sim and the battery, against the kernel's headers."""
    headers, folder = parts.path("headers"), parts.path("modules")
    for key in ("headers", "common", "kbuild"):
        run("dpkg-deb", "-x", packages[key], headers)
    pick_sources(packages["source"], short, folder)
    with open(os.path.join(folder, "irq_sim.c"), encoding="utf-8") as stream:
        text = stream.read()
    # Inside of the kernel it may look at a descriptor; a module may not, and need not.
    text = text.replace("handle_simple_irq(irq_to_desc(irqnum))", "generic_handle_irq(irqnum)")
    with open(os.path.join(folder, "irq_sim.c"), "w", encoding="utf-8") as stream:
        stream.write(text + '\n#include <linux/module.h>\nMODULE_LICENSE("GPL");\n')
    with open(os.path.join(folder, "Makefile"), "w", encoding="utf-8") as stream:
        stream.write(KBUILD)
    source = os.path.join(headers, "usr/src", f"linux-headers-{parts.version}")
    with open(os.path.join(source, "Makefile"), encoding="utf-8") as stream:
        text = stream.read()
    with open(os.path.join(source, "Makefile"), "w", encoding="utf-8") as stream:
        stream.write(text.replace("include /usr/src/", f"include {headers}/usr/src/"))
    run("make", "-C", source, f"M={folder}", "modules")
    extra = os.path.join(parts.tree, "lib/modules", parts.version, "extra")
    os.makedirs(extra, exist_ok=True)
    for module in glob.glob(os.path.join(folder, "*.ko")):
        shutil.copy2(module, extra)
    run("depmod", "-b", parts.tree, parts.version)


def build_initrd(parts, init, target):
    """Busybox and what it takes to see the machine's files. Not packed: the machine unpacks slowly."""
    root = parts.path("initrd.d")
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(os.path.join(root, "modules"))
    shutil.copy2(shutil.which("busybox"), os.path.join(root, "busybox"))
    shutil.copy2(os.path.join(HERE, init), os.path.join(root, "init"))
    os.chmod(os.path.join(root, "init"), 0o755)
    order = []
    for name in FIRST[init]:
        told = run("modprobe", "-S", parts.version, "-d", parts.tree, "--show-depends", name)
        for path in re.findall(r"^insmod (\S+)", told, re.M):
            base = os.path.basename(path)
            if base not in order:
                order.append(base)
                shutil.copy2(path, os.path.join(root, "modules"))
                run("strip", "-g", os.path.join(root, "modules", base))
    with open(os.path.join(root, "modules/order"), "w", encoding="ascii") as stream:
        stream.write("\n".join(order) + "\n")
    names = [os.path.relpath(os.path.join(folder, name), root)
             for folder, folders, files in os.walk(root) for name in sorted(folders + files)]
    with open(target, "wb") as stream:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input="\n".join(names).encode(),
                       stdout=stream, check=True, timeout=STEP_S)
    shutil.rmtree(root)


def make():
    """The parts, made now unless they are there."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    parts = Parts(kernel_version())
    made = ""
    if os.path.exists(parts.ready):
        with open(parts.ready, encoding="ascii") as stream:
            made = stream.read().strip()
    if made != FORMAT:
        shutil.rmtree(parts.folder, ignore_errors=True)
        packages, short = download(parts)
        run("dpkg-deb", "-x", packages["image"], parts.tree)
        unpack_kernel(os.path.join(parts.tree, "boot", f"vmlinuz-{parts.version}"), parts.kernel)
        build_modules(parts, packages, short)
        for name in ("packages", "headers", "modules"):
            shutil.rmtree(parts.path(name))
        with open(parts.ready, "w", encoding="ascii") as stream:
            stream.write(FORMAT + "\n")
    for init, target in (("init.sh", parts.initrd), ("init-root.sh", parts.root_initrd)):
        if not os.path.exists(target) or os.path.getmtime(target) < os.path.getmtime(os.path.join(HERE, init)):
            build_initrd(parts, init, target)
    return parts


if __name__ == "__main__":
    start = time.monotonic()
    if missing():
        sys.exit("missing: " + " ".join(missing()))
    print(f"{make().folder}   {time.monotonic() - start:.0f} s")
