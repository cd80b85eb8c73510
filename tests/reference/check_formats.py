#!/usr/bin/env python3
"""docs/formats.md holds true: its examples are the files of tests/formats, and its commands run. The folders of
images that it shows are made here, each paragraph's in a folder of its own.

Usage: check_formats.py ASSAY
"""
import contextlib
import gzip
import pathlib
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile

import numpy

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


def make_idx(path):
    """Two images of 3 × 3 pixels, or their labels."""
    images = "images" in path.name
    head = struct.pack(">4B3I", 0, 0, 8, 3, 2, 3, 3) if images else struct.pack(">4BI", 0, 0, 8, 1, 2)
    path.write_bytes(gzip.compress(head + (bytes(range(18)) if images else bytes([0, 9]))))


def make_file(path):
    """What a path in a listing of the page stands for: an image, unless its name says otherwise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = FILES / "images" / path.name
    if path.name.endswith("ubyte.gz"):
        make_idx(path)
    else:
        shutil.copy(shown if shown.is_file() else ROOT / "tests" / "images" / "flat_127.png", path)


def make_table_of_paths(folder):
    """The table of paths with its images, and again with the images elsewhere."""
    for table, below in (("photos.csv", ""), ("tables/photos.csv", "photos")):
        make_file(folder / table)
        for row in (folder / table).read_text().splitlines()[1:]:
            make_file(folder / below / row.split(",")[0])


def make_flat_folder(folder):
    for name in ("1.jpg", "2.jpg"):
        make_file(folder / "photos" / name)
    (folder / "labels.csv").write_text("path,label\n1.jpg,cat\n2.jpg,dog\n")


def run_python(content, folder):
    """An example that is Python, where Debian has what it imports."""
    if "import datasets" in content:
        return
    draw = numpy.random.default_rng(1)
    with contextlib.chdir(folder):
        exec(content, {"images": draw.integers(0, 256, (100, 32, 32, 3)), "labels": draw.integers(0, 3, 100)})


def make_what_is_shown(paragraph, folder):
    for kind, name, content in BLOCK.findall(paragraph):
        if kind == "txt" and not name:
            for line in content.splitlines():
                make_file(folder / line)
        elif kind == "python":
            run_python(content, folder)
    if "photos.csv" in paragraph:
        make_table_of_paths(folder)
    if "--labels labels.csv" in paragraph:
        make_flat_folder(folder)
    if "--images test.parquet" in paragraph:
        make_file(folder / "test.parquet")


def check_create(line, assay, folder):
    run = subprocess.run([assay, *shlex.split(line)[1:]], cwd=folder, capture_output=True, text=True, timeout=60)
    for project in folder.glob("*.assay"):
        shutil.rmtree(project)
    good = not run.returncode and not run.stderr and "\nmeasured" in run.stdout
    if not good or "  ! " in run.stdout or "could not" in run.stdout:
        return f"{line}: exit status {run.returncode}\n{run.stdout}{run.stderr}"
    return None


def check_images(page, assay):
    """Each paragraph about a source of images: what it shows makes a project, without a warning."""
    section = page.split("\n## Images\n")[1].split("\n## ")[0]
    results = []
    for paragraph in re.split(r"^(?=\*\*)", section, flags=re.M)[1:]:
        lines = [line for kind, _, content in BLOCK.findall(paragraph) if kind == "console"
                 for line in content.splitlines()]
        with tempfile.TemporaryDirectory() as name:
            make_what_is_shown(paragraph, pathlib.Path(name))
            for line in lines or ["assay create pets.assay --images photos"]:
                results.append(check_create(line, assay, pathlib.Path(name)))
    return results


def main():
    assay = str(pathlib.Path(sys.argv[1]).resolve())
    page = (ROOT / "docs" / "formats.md").read_text()
    results = check_images(page, assay)
    for kind, name, content in BLOCK.findall(page):
        if name:
            results.append(check_file(name, content))
        elif kind == "sh":
            results += [check_command(line, assay) for line in content.splitlines()]
    failures = [result for result in results if result]
    print(*failures, sep="\n")
    if len(results) < 35:
        failures.append("too few examples were found")
    print(f"{len(results) - len(failures)} passed, {len(failures)} failed")
    sys.exit(bool(failures))


main()
