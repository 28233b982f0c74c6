"""What scanners send: scans of varied length, alphabet and symbology, and the bytes that each kind of scanner makes of
them. Same seed, same scans."""
import random
import string

GS = "\x1d"
DATA_MAX = 56           # of one HID POS report
REPORT, KEY_REPORT = 64, 8
DIGITS, UPPER, ALNUM = string.digits, string.ascii_uppercase + string.digits, string.ascii_letters + string.digits
URL = string.ascii_letters + string.digits + "-._~:/?#@!$&'()*+,;=%"
FULL = string.digits + string.ascii_letters + string.punctuation + " "
HAN = "追溯码经销商出库入库稽查防窜货"

# AIM id, alphabet, shortest, longest
SYMBOLOGIES = (("]E0", DIGITS, 13, 13), ("]E4", DIGITS, 8, 8), ("]I0", DIGITS, 14, 14), ("]A0", UPPER, 3, 20),
               ("]C0", FULL, 4, 40), ("]C1", ALNUM, 18, 48), ("]d2", ALNUM, 20, 120), ("]Q1", URL, 24, 180),
               ("]d1", FULL, 1, 90), ("]X0", ALNUM, 50, 62))


def scans(name, count, seed=1, han=False):
    """Each as (AIM id, bytes), no two alike."""
    draw, found, seen = random.Random(f"{name} {seed}"), [], set()
    while len(found) < count:
        aim, alphabet, shortest, longest = draw.choice(SYMBOLOGIES)
        text = "".join(draw.choice(alphabet) for _ in range(draw.randint(shortest, longest)))
        if aim in ("]C1", "]d2"):  # element strings with a separator between
            text = "21" + text[:12] + GS + "10" + text[12:30]
        elif aim == "]Q1":
            text = "http://t.example.cn/" + text + (draw.choice(HAN) * 3 if han else "")
        scan = (aim, text.strip(" ").encode() or b"0")
        if scan not in seen:
            seen.add(scan)
            found.append(scan)
    return found


def plain(scan):
    return scan[0].encode() + scan[1]


# ---- serial ----

def serial(scan):
    return plain(scan) + b"\r"


# ---- HID POS ----

# id 2: count, AIM id, data, two bytes of the maker's own, one bit for more
POS_DESCRIPTOR = bytes.fromhex(
    "05 8c 09 02 a1 01 09 12 a1 02 85 02 15 00 26 ff 00 75 08 95 01 05 01 09 3b 81 02 05 8c 95 01 09 fb 81 02 09 fc"
    "81 02 09 fd 81 02 95 38 09 fe 82 02 01 95 02 06 66 ff 09 04 81 02 05 8c 25 01 75 01 95 01 09 ff 81 02 75 07"
    "95 01 81 03 c0 c0")


def pos(scan):
    """One report, or several when it is long."""
    aim, data = scan
    parts = [data[at:at + DATA_MAX] for at in range(0, len(data), DATA_MAX)]
    reports = b""
    for number, part in enumerate(parts):
        more = number + 1 < len(parts)
        reports += bytes([2, len(part)]) + aim.encode() + part.ljust(DATA_MAX, b"\0") + b"\0\0" + bytes([more])
    return reports


# ---- keyboards ----

WEDGE_DESCRIPTOR = bytes.fromhex(
    "05 01 09 06 a1 01 05 07 19 e0 29 e7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 01 05 08 19 01 29 05 95 05 75"
    "01 91 02 95 01 75 03 91 01 05 07 19 00 29 65 15 00 25 65 95 06 75 08 81 00 c0")
SHIFT, CONTROL = 0x02, 0x01
ENTER = 0x28


def _keys():
    keys = {}
    for number, letter in enumerate(string.ascii_lowercase):
        keys[letter] = (0, 4 + number)
        keys[letter.upper()] = (SHIFT, 4 + number)
    for number, (digit, shifted) in enumerate(zip("1234567890", "!@#$%^&*()")):
        keys[digit], keys[shifted] = (0, 0x1e + number), (SHIFT, 0x1e + number)
    for number, (bare, shifted) in enumerate(zip("-=[]\\", "_+{}|")):
        keys[bare], keys[shifted] = (0, 0x2d + number), (SHIFT, 0x2d + number)
    for number, (bare, shifted) in enumerate(zip(";'`,./", ":\"~<>?")):
        keys[bare], keys[shifted] = (0, 0x33 + number), (SHIFT, 0x33 + number)
    keys[" "], keys[GS], keys["\r"] = (0, 0x2c), (CONTROL, 0x30), (0, ENTER)
    return keys


KEYS = _keys()


def wedge(scan):
    """A report for each key down and each key up, of a keyboard that is set to US."""
    reports = b""
    for character in plain(scan).decode() + "\r":
        modifiers, key = KEYS[character]
        reports += bytes([modifiers, 0, key, 0, 0, 0, 0, 0]) + bytes(KEY_REPORT)
    return reports
