"""The page's imports go one way: a folder of web/src sees itself and the folders below it.

    check_page_layers.py ROOT
"""
import pathlib
import re
import sys

import check_layers
import tree

# Each folder stands on the folders named here, and on all that they stand on; ".": the page as a whole.
STANDS_ON = {
    "api": [],
    "state": ["api"],
    "parts": ["state"],
    "samples": ["parts"],
    "filter": ["parts"],
    "imports": ["parts"],
    "jobs": ["imports"],
    "pages/overview": ["filter", "samples"],
    "pages/performance": ["pages/overview"],
    "pages/explorer": ["filter", "samples"],
    "pages/data-quality": ["samples"],
    "pages/label-quality": ["samples"],
    "pages/compare": ["samples"],
    "report": ["pages/performance"],
    ".": ["jobs", "pages/explorer", "pages/data-quality", "pages/label-quality", "pages/compare", "report"],
}

IMPORT = re.compile(r"""(?:from|import|import\()\s*["'](\.[^"']*)["']""")


def folder_of(path):
    """The folder of STANDS_ON that a path below web/src is in: "pages/overview" of pages/overview/a.ts."""
    depth = 2 if path.parts[0] == "pages" else 1
    return "/".join(path.parts[:-1][:depth]) or "."


def complaints(root):
    root = pathlib.Path(root)
    pages = root / "web" / "src"
    for path in tree.files(root, ".ts", ".tsx"):
        if pages in path.parents:
            yield from complaints_about(path.relative_to(root), path.relative_to(pages), path.read_text())


def complaints_about(name, path, text):
    folder = folder_of(path)
    if folder not in STANDS_ON:
        yield f"{name}: '{folder}' is not a folder of check_page_layers.py"
        return
    allowed = check_layers.below(folder, STANDS_ON)
    for number, line in enumerate(text.splitlines(), 1):
        for target in IMPORT.findall(line):
            other = folder_of(pathlib.PurePath(*resolved(path.parent / target)))
            if other in STANDS_ON and other not in allowed:
                yield f"{name}:{number}: {folder} may not import {target}"


def resolved(path):
    """The parts of a path without its "..", as far as that goes."""
    parts = []
    for part in path.parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return parts


if __name__ == "__main__":
    tree.finish(complaints(sys.argv[1]))
