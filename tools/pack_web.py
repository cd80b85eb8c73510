#!/usr/bin/env python3
"""Pack the built page for the program: its files one behind the other, and a C table of where they lie.

    pack_web.py DIST INSTEAD PACK TABLE DEPENDENCIES

DIST is what `npm run build` makes; without it the page INSTEAD, which says so in words, is packed alone.
The table is written only when it changes, so that nothing is compiled anew in vain.
"""
import gzip
import hashlib
import pathlib
import sys


def page(dist, instead):
    """(name, file) of every file of the page, sorted."""
    if not (dist / "index.html").is_file():
        return [("index.html", instead)]
    return sorted((str(path.relative_to(dist)), path) for path in dist.rglob("*") if path.is_file())


def packed(raw):
    """(bytes, whether they are gzip); the same bytes for the same file, whenever it is packed."""
    small = gzip.compress(raw, 9, mtime=0)
    return (small, 1) if len(small) < len(raw) else (raw, 0)


def quoted(name):
    if not name.isascii() or any(c in name for c in '"\\\n'):
        sys.exit(f"pack_web: '{name}' is no name for a file of the page")
    return f'"{name}"'


def watched(dist, instead):
    """What must be newer than the pack for it to be made again: files, folders, or the folder that DIST would be in."""
    if dist.is_dir():
        yield dist
        yield from dist.rglob("*")
    else:
        yield next(parent for parent in dist.parents if parent.is_dir())
    yield instead


def main(dist, instead, pack, table, dependencies):
    dist, instead = pathlib.Path(dist), pathlib.Path(instead)
    rows, body = [], b""
    for name, path in page(dist, instead):
        raw = path.read_bytes()
        small, is_gzip = packed(raw)
        version = hashlib.sha256(raw).hexdigest()[:16]
        rows.append(f'    {{{quoted(name)}, "{version}", {len(body)}, {len(small)}, {len(raw)}, {is_gzip}}},\n')
        body += small
    digest = hashlib.sha256(body).hexdigest()[:16]
    words = (f"/* Made by pack_web.py: name, version, offset, bytes, bytes unpacked, packed. {digest} */\n"
             f'#define WEB_PACK_FILE "{pathlib.Path(pack).resolve()}"\n'
             f"static const packed_file packed_files[] = {{\n{''.join(rows)}}};\n")
    pathlib.Path(pack).write_bytes(body)
    table = pathlib.Path(table)
    if not table.is_file() or table.read_text() != words:
        table.write_text(words)
    names = " ".join(str(path).replace(" ", "\\ ") for path in watched(dist, instead))
    pathlib.Path(dependencies).write_text(f"{table}: {names}\n")


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main(*sys.argv[1:])
