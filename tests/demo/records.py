#!/usr/bin/env python3
"""Shows `tallyman-server records` (standard input) as a table, or checks it against a journal.

    records.py <RECORDS
    records.py --results <RESULTS
    records.py --check JOURNAL RESULTS DOC … <RECORDS      every record of the journal once, every DOC one result
"""
import json
import sys


def load(stream):
    return [json.loads(line) for line in stream if line.strip()]


def show(records):
    for record in records:
        print("  {seq:>4}  {time}  {kind:<10} {doc:<22} {reason:<18} {key}".format(
            seq=record["seq"], time=str(record.get("at", ""))[11:19], kind=record.get("kind", ""),
            doc=str(record.get("doc") or "").split(":")[-1], reason=str(record.get("reason") or ""),
            key=str(record.get("key") or "")).rstrip())
    print(f"  {len(records)} records")


def show_results(results):
    for result in results:
        print(f"  {result['no']}: {result['close']}, by {', '.join(result['by'])} on device "
              f"{', '.join(map(str, result['devices']))}, id {result['id']}")
        for line in result["lines"] + result.get("extra", []):
            codes = line.get("codes") or []
            named = ", ".join(codes[:2]) + (f" and {len(codes) - 2} more" if len(codes) > 2 else "")
            what = line.get("line") or line["product"]
            print(f"    {what:<16} {line['qty']:>6}  lot {line.get('lot') or '-':<10} {named}".rstrip())
        for row in result.get("differences", []):
            print(f"    differs: {row['product']}, lot {row['lot'] or '-'}: {row['counted']} counted, {row['expected']} expected")


def check(records, journal, results, documents):
    """Sentences about what does not agree."""
    there = [(r["epoch"], r["seq"]) for r in records]
    here = [(r["epoch"], r["seq"]) for r in journal]
    if len(set(there)) != len(there):
        yield "the server has a record twice"
    if set(there) != set(here):
        yield f"the journal has {len(here)} records, the server {len(there)}"
    for document in documents:
        count = sum(1 for r in results if r.get("no") == document)
        if count != 1:
            yield f"{document} has {count} results"


def main():
    records = load(sys.stdin)
    if sys.argv[1:2] == ["--results"]:
        return show_results(records)
    if sys.argv[1:2] != ["--check"]:
        return show(records)
    with open(sys.argv[2], encoding="utf-8") as journal, open(sys.argv[3], encoding="utf-8") as results:
        wrong = list(check(records, load(journal), load(results), sys.argv[4:]))
    for sentence in wrong:
        print("demo: " + sentence, file=sys.stderr)
    return 1 if wrong else None


if __name__ == "__main__":
    sys.exit(main())
