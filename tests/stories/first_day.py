#!/usr/bin/env python3
"""The first day of a warehouse in which no code is known. A supervisor books in what stands on the shelves: a product once, then its
bare codes, whole cases too. On the same day, with no sync in between, a clerk ships from it, and binds a code that was
overlooked; only in the evening does the server hear of all that."""
import goods
import stage
from goods import line, sscc

BARE = [f"XJ-99-{n:03d}" for n in range(1, 6)]  # labels of the maker's own, of which nobody ever told
OVERLOOKED, SAYS_ITSELF = "XJ-99-777", goods.bottle("N", 1)
CASES = [sscc(70), sscc(71)]
LABEL = "]E0" + goods.WINE[1:]
ORDER = "SO-1"


def feed(lang):
    yield from goods.places(lang, registry="learn")
    yield goods.order(ORDER, "D-CD-01", [("WINE", 12 + 5)])


def book_in(d):
    d.sign_in(1)
    d.see("做什么？")
    d.start("期初建账")
    d.see("地点")
    d.key("F4")
    d.see("请扫描货品")
    d.scan(BARE[0], "未登记码")  # nothing is bound yet
    undo_last(d)
    d.scan(LABEL)
    d.see("绑定", "陈酿")
    for code in BARE:
        d.scan(code, "陈酿", "未登记")
    for n, case in enumerate(CASES, 1):
        d.scan(case, f"{n}箱+5", "未登记")
    d.scan(SAYS_ITSELF, "陈酿", "未登记")  # its own code says what it is, the context line is not asked
    d.scan(BARE[2], "重复")
    d.key("F4")
    d.see("已完成")
    d.dismiss("做什么？")
    d.key("5")
    d.see("谁来作业？")


def undo_last(d):
    d.key("F2")
    d.see("已扫")
    d.key("F2")
    d.see("已撤销")
    d.key("Escape")


def ship(d):
    """What was booked in is known: right, without a warning. What was not, is bound where it is scanned."""
    d.sign_in(2)
    d.see("做什么？")
    d.scan(ORDER)
    d.see("成都蓉城商贸")
    d.key("Enter")
    d.see("请扫描货品")
    d.scan(CASES[0], "正确", "×12")
    for code in (*BARE[:3], SAYS_ITSELF):
        d.scan(code, "正确")
    d.key("Up")
    d.see("陈酿", "WINE")
    d.key("2")
    d.see("W1", "W2")
    d.key("1")
    d.see("绑定", "W1")
    d.scan(OVERLOOKED, "陈酿", "未登记")
    d.key("F4")
    d.see("请清点车上的货")
    d.count(1, 5)
    d.see("车牌")
    d.key("F4")
    d.see(f"{ORDER} 已完成")
    d.dismiss("做什么？")
    d.key("5")
    d.see("谁来作业？")


def story(s):
    d = s.handheld("first", online=False)
    book_in(d)
    ship(d)
    s.equal(s.rows("records"), [], "the server has heard nothing yet")
    records = d.verify()
    s.same([r for r in records if r["outcome"] != "accepted"], ["seq", "word"], [], "all records hold")
    s.equal(s.rows("conflicts"), [], "conflicts")
    order = [r for r in s.rows("results") if r["no"] == ORDER]
    s.same(order, ["close", "by"], [["complete", ["wang"]]], "the order's result")
    s.equal(sum(int(row["qty"]) for row in order[0]["lines"]), 17, "what was shipped")
    booked = [r for r in s.rows("results") if r["no"] != ORDER]
    s.equal([(r["by"], sum(int(row["qty"]) for row in r["extra"])) for r in booked], [(["li"], 6 + 24)], "booked in")
    for who in (d, s.books()):
        who.knows(BARE[0], holder="transit:party:D-CD-01", product="WINE")
        who.knows(BARE[4], holder="site:CDB", product="WINE")
        who.knows(OVERLOOKED, holder="transit:party:D-CD-01", product="WINE", lot="W1")
        who.knows(SAYS_ITSELF, holder="transit:party:D-CD-01", product="WINE")
        who.knows(CASES[0], holder="transit:party:D-CD-01", product="WINE")
        who.knows(CASES[1], holder="site:CDB", product="WINE")


if __name__ == "__main__":
    stage.play("zh_CN", feed("zh_CN"), story)
