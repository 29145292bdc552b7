#!/usr/bin/env python3
"""ctest's JUnit file to the lines of tests/lib.sh: ctest_lines.py FILE PREFIX.

Exit status 1 when a test failed or when there was none. The number of checks is what libcheck says.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree


def line(case, prefix):
    name = prefix + case.get("name")
    output = case.findtext("system-out") or ""
    if case.get("status") == "run":
        checks = re.search(r"Checks: (\d+), Failures: 0, Errors: 0", output)
        figures = f"{checks.group(1)} checks, " if checks else ""
        print(f"ok {name} ({figures}{float(case.get('time', 0)):.2f} s)")
        return True
    reason = case.find("failure")
    message = reason.get("message") if reason is not None else case.get("status")
    print(f"not ok {name} ({message or 'failed'})")
    for text in output.strip().splitlines()[-40:]:
        print("#   " + text)
    return False


def main():
    try:
        cases = ElementTree.parse(sys.argv[1]).getroot().findall("testcase")
    except (ElementTree.ParseError, OSError):
        cases = []
    if not cases:
        print(f"not ok {sys.argv[2]}tests (ctest found none)")
        return 1
    results = [line(case, sys.argv[2]) for case in cases]
    return 0 if all(results) else 1


sys.exit(main())
