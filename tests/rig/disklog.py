"""The log of a disk that remembers every write and flush (QEMU's blklogwrites), and the disk as a power cut at any point
leaves it: what was flushed is there; of what was not, nothing, or any part."""
import os
import struct
import subprocess

MAGIC = 0x6a736677736872
FLUSH, FUA, DISCARD = 1, 2, 4
HEAD, SUPER = struct.Struct("<QQQQ"), struct.Struct("<QQQI")
PAGE, SECTOR = 4096, 512


class Entry:
    def __init__(self, sector, sectors, flags, at):
        self.sector, self.sectors, self.flags, self.at = sector, sectors, flags, at


class Log:
    """`rang[n]`: what was written to the witness sector last, before entry n."""

    def __init__(self, path, witness):
        self.stream = open(path, "rb")
        magic, _, _, size = SUPER.unpack(self.stream.read(SUPER.size))
        if magic not in (0, MAGIC):  # QEMU writes the first sector with the first flush, which may never come
            raise RuntimeError("not a log of writes")
        self.size = size or SECTOR
        self.entries, self.rang = [], []
        at, end, rang = self.size, os.path.getsize(path), 0
        while at + self.size <= end:
            self.stream.seek(at)
            sector, sectors, flags, _ = HEAD.unpack(self.stream.read(HEAD.size))
            if not (sector or sectors or flags):
                break
            entry = Entry(sector, sectors, flags, at + self.size)
            at += self.size + (0 if flags & DISCARD else sectors * self.size)
            if at > end:
                break
            self.entries.append(entry)
            self.rang.append(rang)
            if sectors and sector * self.size == witness and not flags & DISCARD:
                rang = int(self.data(entry)[5:].split(b"\n")[0])
        self.rang.append(rang)

    def close(self):
        self.stream.close()

    def data(self, entry):
        self.stream.seek(entry.at)
        return self.stream.read(entry.sectors * self.size)

    def flushes(self):
        return sum(1 for entry in self.entries if entry.flags & FLUSH)

    def first_ring(self):
        return next((n for n, rang in enumerate(self.rang) if rang), len(self.entries))


class Disk:
    """Images for cuts in growing order."""

    def __init__(self, log, base, folder):
        self.log, self.safe, self.at = log, os.path.join(folder, "safe.img"), 0
        copy(base, self.safe)

    def _put(self, stream, entry, draw=None):
        if not entry.sectors or entry.flags & DISCARD:
            return
        data = self.log.data(entry)
        if draw and len(data) > PAGE and draw.random() < 0.3:
            data = data[:draw.randrange(1, len(data) // PAGE) * PAGE]  # torn between two pages
        stream.seek(entry.sector * self.log.size)
        stream.write(data)

    def cut(self, cut, target, draw=None):
        """The image after the first `cut` entries were sent; draw: any part of what was not flushed is there too."""
        last = max((n for n in range(self.at, cut) if self.log.entries[n].flags & FLUSH), default=self.at)
        with open(self.safe, "r+b") as stream:
            for entry in self.log.entries[self.at:last]:
                self._put(stream, entry)
        self.at = last
        copy(self.safe, target)
        with open(target, "r+b") as stream:
            for entry in self.log.entries[last:cut]:
                if entry.flags & FUA:
                    self._put(stream, entry)
                elif draw and draw.random() < 0.5:
                    self._put(stream, entry, draw)


def copy(source, target):
    subprocess.run(["cp", "--sparse=always", source, target], check=True)
