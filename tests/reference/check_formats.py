#!/usr/bin/env python3
"""docs/formats.md holds true: its examples are the files of tests/formats, and its commands run.

Usage: check_formats.py ASSAY
"""
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = ROOT / "tests" / "formats"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)


def check_file(name, content):
    """What is wrong with an example, or None."""
    path = FILES / name
    if not path.is_file():
        return f"{name}: shown, but there is no such file"
    return None if path.read_text() == content else f"{name}: the file and the page differ"


def check_command(line, assay):
    words = shlex.split(line)
    if words[0] != "assay":
        return f"not a command of assay: {line}"
    run = subprocess.run([assay, *words[1:]], cwd=FILES, capture_output=True, text=True, timeout=60)
    if run.returncode or run.stderr or "accuracy" not in run.stdout:
        return f"{line}: exit status {run.returncode}\n{run.stderr}"
    return None


def main():
    assay = str(pathlib.Path(sys.argv[1]).resolve())
    results = []
    for kind, name, content in BLOCK.findall((ROOT / "docs" / "formats.md").read_text()):
        if name:
            results.append(check_file(name, content))
        elif kind == "sh":
            results += [check_command(line, assay) for line in content.splitlines()]
    failures = [result for result in results if result]
    print(*failures, sep="\n")
    if len(results) < 20:
        failures.append("too few examples were found")
    print(f"{len(results) - len(failures)} passed, {len(failures)} failed")
    sys.exit(bool(failures))


main()
