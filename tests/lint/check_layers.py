"""Includes go one way: a room sees itself and the rooms below it, and a foreign library is known to one room.

    check_layers.py ROOT
"""
import pathlib
import re
import sys

import tree

# Each room stands on the rooms named here, and on all that they stand on.
STANDS_ON = {
    "base": [],
    "stats": ["base"],
    "frame": ["stats"],
    "eval": ["frame"],
    "store": ["frame"],
    "image": ["base"],
    "linear": ["base"],
    "embed": ["linear"],
    "knn": ["linear"],
    "project": ["eval", "store", "image", "embed", "knn"],
    "report": ["project"],
    "server": ["report"],
    "cli": ["report", "server"],
}

# The rooms that may include a foreign library's headers: mostly one.
FOREIGN = {
    "jansson": ["base"],
    "duckdb": ["store"],
    "zlib.h": ["store", "server"],
    "vips/": ["image"],
    "turbojpeg.h": ["image"],
    "spng.h": ["image"],
    "cblas": ["linear"],
    "microhttpd": ["server"],
}

INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^">]+)[">]')


def below(room, stands_on):
    """The rooms that `room` may include, itself among them."""
    seen = {room}
    for lower in stands_on[room]:
        seen |= below(lower, stands_on)
    return seen


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1]


def complaints(root):
    root = pathlib.Path(root)
    for path in tree.files(root, ".c", ".h"):
        parts = path.relative_to(root).parts
        if parts[:2] == ("include", "assay"):
            yield from complaints_about_promise(root, path)
        elif parts[0] == "src":
            yield from complaints_about_room(root, path, parts[1])


def complaints_about_promise(root, path):
    """What is installed may lean on nothing that is not."""
    for number, target in includes(path):
        if "/" in target and not target.startswith("assay/"):
            yield f"{path.relative_to(root)}:{number}: a public header may not include {target}"


def complaints_about_room(root, path, room):
    where = path.relative_to(root)
    if room not in STANDS_ON:
        yield f"{where}: '{room}' is not a room of check_layers.py"
        return
    for number, target in includes(path):
        other = target.split("/")[0]
        if "/" in target and other in STANDS_ON and other not in below(room, STANDS_ON):
            yield f"{where}:{number}: {room} may not include {target}"
        for header, owners in FOREIGN.items():
            if target.startswith(header) and room not in owners:
                yield f"{where}:{number}: only {' and '.join(owners)} may include {target}"


if __name__ == "__main__":
    tree.finish(complaints(sys.argv[1]))
