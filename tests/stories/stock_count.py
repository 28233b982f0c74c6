#!/usr/bin/env python3
"""A stock count of one product: a bottle is missing, one is found that the books have elsewhere, one that nobody knows, and one was
overlooked. What differs is counted again; the rest goes to the office."""
import goods
import stage
from goods import bottle, line, sscc

CASE = sscc(50)


def feed(lang):
    yield from goods.places(lang)
    yield line("code", code=CASE, product="WINE", lot="W1", level=1, holder="site:CDB")
    yield from goods.bottles("W1", range(1, 13), in_=CASE)
    yield from goods.bottles("W2", range(1, 7))
    yield from goods.bottles("W2", [20], holder="site:SHB")


def begin(d):
    """What is counted is said by its label: the product's own number."""
    d.start("盘点")
    d.see("产品", "批号")
    d.scan("]E0" + goods.WINE[1:])
    d.see("WINE")
    d.key("F4")
    d.see("0/2行")


def first_round(d):
    d.scan(CASE, "正确")
    for n in (1, 2, 3):
        d.scan(bottle("W2", n), "正确")
    d.scan(bottle("W2", 3), "重复")  # nothing is counted twice
    d.scan(bottle("W2", 20), "W2")
    d.scan(bottle("W2", 99), "未登记")


def story(s):
    d = s.handheld("counter")
    d.sign_in(2)
    d.see("做什么？")
    begin(d)
    first_round(d)
    d.key("F4")
    d.see("差异", "陈酿")
    d.key("F2")  # again: one more stands behind the pillar
    d.scan(bottle("W2", 4), "正确")
    d.key("F4")
    d.see("差异")
    d.key("F4")
    d.see("已完成")
    d.dismiss("做什么？")
    d.key("5")
    d.see("谁来作业？")
    records = d.verify()
    check(s, d, records)


def check(s, d, records):
    s.same([r for r in records if r["outcome"] != "accepted"], ["seq"], [], "all records hold")
    results = s.rows("results")
    s.equal([(r["close"], r["by"]) for r in results], [("complete", ["wang"])], "one result")
    found = results[0]
    s.same(found["lines"], ["qty", "lot"], [["12", "W1"], ["5", "W2"]], "what was counted")
    s.same(found["extra"], ["product", "lot", "qty", "codes"], [["WINE", None, "1", [bottle("W2", 99)]]], "of no lot")
    s.same(found["differences"], ["product", "lot", "expected", "counted"],
           [["WINE", "W2", "6", "5"], ["WINE", "", "0", "1"]], "differences")
    for who in (d, s.books()):  # counting moves nothing
        who.knows(bottle("W2", 6), holder="site:CDB")
        who.knows(bottle("W2", 20), holder="site:SHB")
        who.knows(bottle("W1", 1), parent=CASE)


if __name__ == "__main__":
    stage.play("zh_CN", feed("zh_CN"), story)
