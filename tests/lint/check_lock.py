"""A lock file pins by hash alone, and what it pins runs on the Node.js of Debian 12.

    check_lock.py LOCK_FILE...
"""
import json
import pathlib
import re
import sys

import tree

NODE = (18, 20, 0)
# Nothing else in the lock file of deps/: fetch_duckdb.sh says why the packages that these depend on are left out.
WANTED = {"node_modules/duckdb", "node_modules/@duckdb/node-bindings-linux-arm64",
          "node_modules/@duckdb/node-bindings-linux-x64"}


def admits(engines, version=NODE):
    """Whether a range of `engines.node` admits a version: alternatives of >=, ^, ~, <, x ranges."""
    return any(all(term_admits(term, version) for term in re.sub(r"([<>=^~])\s+", r"\1", part).split())
               for part in engines.split("||"))


def term_admits(term, version):
    match = re.fullmatch(r"(>=|<=|>|<|\^|~|=)?v?(\*|x|\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?", term)
    if not match:
        raise ValueError(f"a range that this check cannot read: {term!r}")
    sign, *numbers = match.groups()
    given = [int(number) for number in numbers if number and number.isdigit()]
    bound = tuple(given + [0] * (3 - len(given)))
    if sign == ">=":
        return version >= bound
    if sign == ">":
        return version[:len(given)] > tuple(given)
    if sign == "<":
        return version < bound
    if sign == "<=":
        return version[:len(given)] <= tuple(given)
    fixed = {"^": 1, "~": min(len(given), 2)}.get(sign, len(given))
    return version[:fixed] == bound[:fixed] and version >= bound


def complaints(path):
    lock = json.loads(pathlib.Path(path).read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    if not packages:
        yield "the lock file pins nothing"
    for name, entry in packages.items():
        if "resolved" in entry:
            yield f"{name}: names where it came from"
        if not entry.get("integrity", "").startswith("sha512-"):
            yield f"{name}: is not pinned by a hash"
        if not admits(entry.get("engines", {}).get("node", "*")):
            yield f"{name}: does not run on Node.js {'.'.join(map(str, NODE))}"
    if lock.get("name") != "assay-deps":
        return
    for name in sorted(packages.keys() ^ WANTED):
        yield f"{name}: {'is not wanted' if name in packages else 'is missing'}"


if __name__ == "__main__":
    tree.finish(complaint for path in sys.argv[1:] for complaint in complaints(path))
