#!/usr/bin/env python3
"""The shell blocks of README.md, for readme.sh: readme.py README DIRECTORY.

Each ```sh block becomes DIRECTORY/NN.sh, with NN.line (its line in README.md) beside it. A comment in the line before the block says how it is
tested; every block is tested in one of these ways:

    (no comment)                        its commands are run as they are
    <!-- test: setup=NAME -->           after the function setup_NAME of readme_setup.sh; NN.setup holds the name
    <!-- test: by=PATH -->              by that test script, which must exist and name the commands; NN.by holds the path
"""
import pathlib
import re
import sys


def fail(line, text):
    sys.exit(f"README.md:{line}: {text}")


def option(comment, line):
    """The (key, value) that the comment before a block holds, or (None, None)."""
    if not comment.startswith("<!-- test:"):
        return None, None
    match = re.fullmatch(r"<!-- test: (setup|by)=([\w./-]+) -->", comment)
    if not match:
        fail(line, "not understood: " + comment)
    return match.groups()


def blocks(lines):
    """(line number, comment before it, text) of each ```sh block."""
    start, before, text = None, "", []
    for number, line in enumerate(lines, 1):
        if start is None and re.fullmatch(r"```(sh|bash|shell|console)", line):
            if line != "```sh":
                fail(number, "shell blocks are marked ```sh, so that they are tested")
            start, text = number, []
        elif start is not None and line == "```":
            yield start, before, "\n".join(text) + "\n"
            start = None
        elif start is not None:
            text.append(line)
        if start is None:
            before = line.strip() or before if line.strip().startswith("<!--") or not line.strip() else ""


def main():
    readme, out = sys.argv[1], pathlib.Path(sys.argv[2])
    for number, (line, comment, text) in enumerate(blocks(open(readme, encoding="utf-8").read().split("\n")), 1):
        key, value = option(comment, line)
        base = f"{number:02d}"
        (out / f"{base}.sh").write_text(text)
        (out / f"{base}.line").write_text(f"{line}\n")
        if key:
            (out / f"{base}.{key}").write_text(value + "\n")


main()
