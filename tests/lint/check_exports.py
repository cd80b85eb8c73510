"""A shared library exports what the public headers promise, and nothing else.

    check_exports.py LIBRARY ROOT
"""
import pathlib
import re
import subprocess
import sys

import tree

# A declaration: ASSAY_API, a type, then the name before its parameters.
PROMISE = re.compile(r"\bASSAY_API\b[^;(]*?\b(\w+)\s*\(")


def promised(root):
    for path in sorted(pathlib.Path(root, "include", "assay").glob("*.h")):
        text = re.sub(r"/\*.*?\*/|^\s*#(?:\\\n|[^\n])*", "", path.read_text(), flags=re.S | re.M)
        yield from PROMISE.findall(text.replace("ASSAY_MUST_USE", ""))


def exported(library):
    run = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", library],
                         capture_output=True, text=True, check=True)
    return {line.split()[0] for line in run.stdout.splitlines()}


def complaints(library, root):
    names, promises = exported(library), set(promised(root))
    if not promises:
        yield "the public headers promise nothing: the check has lost its way"
    for name in sorted(names | promises):
        if not name.startswith("assay_"):
            yield f"{name}: an exported name starts with assay_"
        if name not in promises:
            yield f"{name}: exported, but no public header promises it"
        if name not in names:
            yield f"{name}: promised by a public header, but not exported"


if __name__ == "__main__":
    tree.finish(complaints(sys.argv[1], sys.argv[2]))
