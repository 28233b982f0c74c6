#!/usr/bin/env python3
"""A damaged catalog from end to end, in both languages: `scan` under way refuses what it can't read and says what helps,
`status` and the screens say it too, `sync` and the screens' own fetch everything again, `import` does where there is no
server; no record is lost.
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import rig  # noqa: E402

sys.path.insert(0, os.path.join(rig.ROOT, "tests", "screens"))
import terminal  # noqa: E402
from world import World  # noqa: E402

PAGE = 4096
CODES = 3000
WORDS = {"sync": {"en": "sync fetches it again", "zh_CN": "同步会重新获取"},
         "import": {"en": "import it again", "zh_CN": "请重新导入"},
         "screen": {"en": "Catalog damaged: refetching", "zh_CN": "目录损坏：正在重新获取"},
         "wang": {"en": "王芳", "zh_CN": "王芳"}}
BROKEN = f"X{CODES // 2:05d}"


def feed():
    """Codes of their own, not a run: many pages."""
    codes = [rig.line("code", code=rig.item(f"X{n:05d}"), product="SEAL", lot="L1", holder="site:CDB")
             for n in range(1, CODES + 1)]
    return rig.base_feed() + [rig.order("SO-1", 900)] + codes


def current(device):
    with open(os.path.join(device.path, "CURRENT"), encoding="utf-8") as stream:
        return os.path.join(device.path, stream.read().strip())


def damage(device, text):
    """One byte of each page that has the text."""
    with open(current(device), "r+b") as stream:
        whole = stream.read()
        pages = [at for at in range(0, len(whole), PAGE) if text.encode() in whole[at:at + PAGE]]
        for at in pages:
            stream.seek(at + PAGE - 20)
            stream.write(bytes([whole[at + PAGE - 20] ^ 0x20]))
    return len(pages)


def scan_all(device, serials):
    return device.run("scan", "SO-1", feed="".join(rig.scan(one) + "\n" for one in serials))


def status(device):
    done = device.run("status", json_out=True, operator=None)
    return json.loads(done.stdout), done.stderr.decode()


def check_damage(checks, device, helps):
    name = f"{device.lang}, {helps}"
    first, last = "X00001", f"X{CODES:05d}"
    checks.equal(rig.verdicts(scan_all(device, [first]).stdout), [("ok", "accept", rig.item(first))], f"{name}: whole")
    checks.ok(not status(device)[0]["catalog_damaged"], f"{name}: not damaged yet")
    checks.ok(damage(device, BROKEN) > 0, f"{name}: pages are damaged")
    saved = len(device.scans())
    done = scan_all(device, [last, BROKEN])
    checks.equal(rig.verdicts(done.stdout), [("ok", "accept", rig.item(last))], f"{name}: right or refused")
    checks.equal(done.returncode, 1, f"{name}: exit")
    checks.ok(WORDS[helps][device.lang] in done.stderr.decode(), f"{name}: what helps is said: {done.stderr.decode()}")
    checks.equal(len(device.scans()), saved + 1, f"{name}: what was refused is not on record")
    told, said = status(device)
    checks.ok(told["catalog_damaged"], f"{name}: status has it")
    checks.ok(WORDS[helps][device.lang] in said, f"{name}: status says what helps: {said}")


def check_healed(checks, device, old, helps):
    name = f"{device.lang}, {helps}"
    told, said = status(device)
    checks.ok(not told["catalog_damaged"] and not said, f"{name}: healed: {said}")
    checks.equal(rig.verdicts(scan_all(device, [BROKEN]).stdout), [("ok", "accept", rig.item(BROKEN))],
                 f"{name}: the right answer again")
    checks.ok(not os.path.exists(old), f"{name}: the damaged file is gone")
    checks.equal(device.verify().returncode, 0, f"{name}: the journal verifies")


def with_server(checks, server, lang):
    device = rig.Device(lang=lang)
    done = device.run("enrol", server.enrolment(f"http://127.0.0.1:{server.port}"), operator=None)
    checks.equal(done.returncode, 0, f"{lang}: enrolled: {done.stderr.decode()}")
    checks.equal(device.run("sync", operator=None).returncode, 0, f"{lang}: synced")
    check_damage(checks, device, "sync")
    old = current(device)
    done = device.run("sync", operator=None)
    checks.equal(done.returncode, 0, f"{lang}: one sync heals: {done.stderr.decode()}")
    check_healed(checks, device, old, "sync")
    checks.equal(device.run("sync", operator=None).returncode, 0, f"{lang}: synced in the end")
    number = status(device)[0]["device"]
    records = [(r["seq"], r["kind"]) for r in server.rows("records") if r["device"] == number]
    mine = [(r["seq"], r["kind"]) for r in device.journal()]
    checks.ok(len(records) > 0 and records == mine[:len(records)], f"{lang}: the server has each record once")


def without_server(checks, lang):
    device = rig.Device(lang=lang)
    device.import_feed(feed())
    check_damage(checks, device, "import")
    old = current(device)
    device.import_feed(feed())
    check_healed(checks, device, old, "import")


def shows(screen, what, lang):
    """However the lines are broken."""
    return "".join(WORDS[what][lang].split()) in "".join(screen.split())


def with_screens(checks, lang):
    """Damaged from the start: nobody can sign in until the screens' own sync has fetched it."""
    if terminal.available():
        checks.skip(terminal.available())
        return
    world = World(rig.BUILD, lang, [])
    try:
        world.enrol()
        device = rig.Device(os.path.join(world.folder, "data"), lang)
        old = current(device)
        damage(device, "SQLite format 3")
        world.open()
        world.terminal.wait(lambda screen: shows(screen, "screen", lang), "the words for a damaged catalog")
        checks.ok(not shows(world.terminal.screen(), "wang", lang), f"{lang}: nobody can sign in")
        world.terminal.key("F3")
        world.terminal.key("F2")  # no longer out of reach on purpose
        world.terminal.wait(lambda screen: not shows(screen, "screen", lang), "a whole catalog")
        world.terminal.key("Escape")
        world.terminal.wait(lambda screen: shows(screen, "wang", lang), "who works here")
        checks.ok(current(device) != old and not os.path.exists(old), f"{lang}: another file")
    finally:
        world.close()


def main():
    checks = rig.Checks()
    for lang in ("en", "zh_CN"):
        server = rig.Server()  # one each: the goods of the first are tallied
        server.start()
        server.import_feed(feed())
        with_server(checks, server, lang)
        without_server(checks, lang)
        with_screens(checks, lang)
        checks.ok(server.sound(), "the server is sound")
        server.stop()
    checks.end()


if __name__ == "__main__":
    main()
