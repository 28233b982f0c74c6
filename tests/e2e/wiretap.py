"""Listening on a wire, and looking for words in bytes: whatever form they may have there."""
import base64
import ctypes
import json
import os
import random
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import proxy  # noqa: E402

ZSTD = ctypes.CDLL("libzstd.so.1")
ZSTD.ZSTD_decompress.restype = ctypes.c_size_t
ZSTD.ZSTD_isError.argtypes = [ctypes.c_size_t]
BODY_MAX = 32 << 20


def expand(body):
    room = ctypes.create_string_buffer(BODY_MAX)
    size = ZSTD.ZSTD_decompress(room, ctypes.c_size_t(BODY_MAX), body, ctypes.c_size_t(len(body)))
    if ZSTD.ZSTD_isError(size):
        raise RuntimeError("a body that is no zstd frame")
    return room.raw[:size]


def parts(message):
    """(as it came, what it says)."""
    head, _, body = message.partition(b"\r\n\r\n")
    packed = re.search(rb"(?im)^content-encoding:\s*zstd", head) and body
    return message, head + b"\r\n\r\n" + (expand(body) if packed else body)


class Wiretap(proxy.Proxy):
    """Passes everything on, and keeps it: `said` by the device and `heard` by it, raw and expanded."""

    def __init__(self, server):
        self.said, self.heard, self.packed = [], [], 0
        super().__init__(server, random.Random(1))

    def _pass(self, request):
        answer = self._send(request)
        self.said += parts(request)
        self.heard += parts(answer)
        self.packed += b"zstd" in answer.split(b"\r\n\r\n", 1)[0]
        return answer


def base64_cores(data):
    """What of it stands in the base64 of any text around it: its three alignments, less what depends on neighbours."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + data).rstrip(b"=")
        yield whole[(before * 8 + 5) // 6:len(whole) - (1 if (before + len(data)) % 3 else 0)]


def forms(word):
    """Each form in which the word may stand among bytes."""
    data = word.encode()
    found = {data, data.lower(), data.upper(), data.hex().encode(), word.encode("utf-16-le"), json.dumps(word)[1:-1].encode()}
    found.add(json.dumps(word)[1:-1].upper().replace("\\U", "\\u").encode())
    found.add("".join(f"%{byte:02X}" for byte in data).encode())
    found.update(core for core in base64_cores(data) if len(core) >= 6)
    try:
        found.add(word.encode("gb18030"))
    except UnicodeEncodeError:
        pass
    return found


class Words:
    """Many words, looked for at once: by how their forms begin, since many begin alike."""
    BEGINNING = 6

    def __init__(self, words):
        self.beginning = {}
        for word in words:
            for form in forms(word):
                if len(form) < self.BEGINNING:
                    raise ValueError(f"{word!r} is too short to be looked for")
                self.beginning.setdefault(form[:self.BEGINNING], []).append((form, word))
        self.pattern = re.compile(b"(?=(" + b"|".join(sorted(map(re.escape, self.beginning))) + b"))")

    def found(self, data):
        return sorted({word for one in self.pattern.finditer(data) for form, word in self.beginning[one[1]]
                       if data.startswith(form, one.start())})


def files(folder):
    """(name, bytes) of each file below it."""
    for where, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(where, name)
            if os.path.isfile(path):
                with open(path, "rb") as stream:
                    yield os.path.relpath(path, folder), stream.read()
