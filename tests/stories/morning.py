#!/usr/bin/env python3
"""A clerk's morning: a wave of two orders on one pallet; an order with a broken case, during which a recall comes; an order that is
cancelled while it is in work. What is on the truck at the end is what the server says."""
import goods
import stage
from goods import bottle, line, sscc

PALLET, CASES, BROKEN = sscc(1), [sscc(10 + n) for n in range(4)], sscc(20)
WAVE, LAST, DROPPED = ("SO-1", "SO-2"), "SO-3", "SO-4"
LEAKS = bottle("W2", 84)
LOADED = [bottle("W1", n) for n in (101, 102)]  # before the recall came


def feed(lang):
    yield from goods.places(lang)
    yield line("product", id="RED", name="红酒 750ml", gtin=["0" + goods.check("690123499005")], unit="u", decimals=0,
               control="item", pack=[{"level": 1, "name": "箱", "contains": 12}])
    yield line("code", code=PALLET, product="WINE", lot="W2", level=2, holder="site:CDB")
    for n, case in enumerate(CASES):
        yield line("code", code=case, product="WINE", lot="W2", level=1, holder="site:CDB", in_=PALLET)
        yield from goods.bottles("W2", range(12 * n + 1, 12 * n + 13), in_=case)
    yield line("code", code=BROKEN, product="WINE", lot="W2", level=1, holder="site:CDB")
    yield from goods.bottles("W2", range(61, 73), in_=BROKEN)
    yield from goods.bottles("W2", range(81, 86))
    yield from goods.bottles("W1", range(101, 105))
    yield goods.order("SO-1", "D-CD-01", [("WINE", 20)], group="W-8")
    yield goods.order("SO-2", "D-CD-01", [("WINE", 28), ("BOLT", 50)], group="W-8")
    yield goods.order(LAST, "D-CQ-02", [("WINE", 14)])
    yield goods.order(DROPPED, "D-CD-01", [("WINE", 2)])


def open_order(d, no, *words):
    d.scan(no)
    d.see(*words)
    d.key("Enter")
    d.see("请扫描货品")


def complete(d, no, cases, loose):
    d.key("F4")
    d.see("请清点车上的货")
    d.count(cases, loose)
    d.see("车牌", "铅封")
    d.type("88")
    d.key("Enter")
    d.scan("SEAL-20417")
    d.see("SEAL-20417")
    d.key("F4")
    d.see(f"{no} 已完成")
    d.dismiss("做什么？")


def begin_dropped(d):
    """Two bottles out of a full case, for an order that will be cancelled."""
    open_order(d, DROPPED, "成都蓉城商贸", "待办")
    for n in (61, 62):
        d.scan(bottle("W2", n), "正确")
    d.see("全部扫完")
    d.key("Escape", "Escape")
    d.see("做什么？")


def wave(d):
    """Both orders stand in the list as one; one pallet fills the lines of both."""
    d.key("1")
    d.see("≡ W-8", LAST, DROPPED)
    d.lacks("SO-1", "SO-2")
    d.key("Escape")
    open_order(d, "W-8", "成都蓉城商贸", "0/3行")
    d.scan(PALLET, "正确", "×48")
    d.see("2/3")
    d.scan(CASES[1], "重复")
    d.scan("]I1" + goods.BOLT_BOX)
    d.see("全部扫完", "3/3")
    complete(d, "W-8", 2, 0)


def recall_while_loading(d):
    """Two of the recalled lot stand on the truck already; the pull takes them out again."""
    open_order(d, LAST, "重庆山水贸易")
    for key in LOADED:
        d.scan(key, "正确")
    d.stage.tell(line("recall", id="R-9", product="WINE", lots=["W1"], codes=[], reason="瓶盖渗漏", action="quarantine"))
    d.sync()
    d.see("取出 2 件", "!2 未处理")
    d.key("Down")
    d.see("取出：第 1 / 2 件", "已召回")
    d.scan(LOADED[0])  # the bottle in the hand is the one that is meant
    d.see("…" + goods.tail(LOADED[0]))
    d.key("F2")
    d.see("取出：第 1 / 1 件", "…" + goods.tail(LOADED[1]))
    d.key("F2")
    d.see("0/1行")


def broken_case(d):
    """Two are out of it, for the other order; ten are left, and four loose ones go with them."""
    d.scan(BROKEN, "整件不全", "10")
    d.key("Enter")
    d.see("整件不全")
    d.confirm("已确认", "! 整件不全", "只计可用的")
    d.scan(bottle("W1", 103), "已召回")  # a third of the lot, from the shelf
    for n in range(81, 85):
        d.scan(bottle("W2", n), "正确")
    damaged(d)
    d.key("F4")
    d.see("拒收未处理：2")
    d.scan(LEAKS)
    d.see("已搁置，还剩 1 件")
    d.scan(bottle("W1", 103))
    d.see("拒收的货都已搁置")
    d.see("1/1")
    complete(d, LAST, 1, 4)


def damaged(d):
    """The last one leaks: another takes its place, and it is void from now on."""
    d.key("F2")
    d.see("已扫", "…" + goods.tail(LEAKS))
    d.key("F4")
    d.see("再按 F4")
    d.key("F4")
    d.see("已记破损")
    d.key("Escape")
    d.scan(LEAKS, "作废码")
    d.scan(bottle("W2", 85), "正确")


def cancelled(d):
    """The data centre takes the fourth back while it is in work here: its two bottles go to their shelf."""
    d.stage.tell(goods.order(DROPPED, "D-CD-01", [("WINE", 2)], state="cancelled"))
    d.sync()
    d.see("SO-4", "取出 2 件")
    d.scan(DROPPED)
    d.see("已取消", "交期")
    d.key("Enter")
    d.see("取出：第 1 / 2 件", "单据已关闭")
    d.key("F4")
    d.see("取出：第 1 / 1 件")
    d.key("F4")
    d.see("已取消", "交期")
    d.key("Escape")
    d.see("做什么？")


def story(s):
    d = s.handheld("morning")
    d.sign_in(2)
    d.see("做什么？")
    begin_dropped(d)
    wave(d)
    recall_while_loading(d)
    broken_case(d)
    cancelled(d)
    d.key("5")
    d.see("谁来作业？")
    check(s, d, d.verify())


def check(s, d, records):
    s.same([r for r in records if r["outcome"] != "accepted"], ["seq", "word"], [], "all records hold")
    s.equal(s.rows("conflicts"), [], "conflicts")
    results = s.rows("results")
    s.same(results, ["no", "close", "by"], [[no, "complete", ["wang"]] for no in (*WAVE, LAST)], "results")
    s.same([row for r in results for row in r["lines"]], ["qty"], [["20"], ["28"], ["50"], ["14"]], "what was shipped")
    s.same(results, ["header"], [[{"plate": "88", "seal": "SEAL-20417"}]] * 3, "their papers")
    for no, state in (("W-8", "complete"), (LAST, "complete"), (DROPPED, "cancelled")):
        d.shows(no, state=state, latched=0)
    for who in (d, s.books()):
        who.knows(PALLET, holder="transit:party:D-CD-01", parent="")
        who.knows(bottle("W2", 13), holder="transit:party:D-CD-01", parent=CASES[1])
        who.knows(bottle("W2", 72), holder="transit:party:D-CQ-02")
        who.knows(bottle("W2", 85), holder="transit:party:D-CQ-02", parent="")
        who.knows(LEAKS, holder="site:CDB", state="damaged")
        for key in (bottle("W2", 61), *LOADED):
            who.knows(key, holder="site:CDB", state="active")


if __name__ == "__main__":
    stage.play("zh_CN", feed("zh_CN"), story)
