#!/usr/bin/env python3
"""Add up the tests in meson's logs and print one line: 'N passed, N failed'.

    count_tests.py LOG...      (build/meson-logs/testlog.junit.xml and the like)

Exits 1 when a test failed or none ran.
"""
import sys
import xml.etree.ElementTree


def outcomes(path):
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            yield "failed"
        elif "skipped" in kinds:
            yield "skipped"
        else:
            yield "passed"


def main(paths):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for path in paths:
        for outcome in outcomes(path):
            counts[outcome] += 1
    line = f"{counts['passed']} passed, {counts['failed']} failed"
    if counts["skipped"]:
        line += f", {counts['skipped']} skipped"
    print(line)
    return int(counts["failed"] > 0 or counts["passed"] == 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
