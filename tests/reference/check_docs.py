#!/usr/bin/env python3
"""README.md and docs/project.md hold true: their commands run, on photos made here, every table and column of
a project's database is described, and a project's report is as docs/json.md says.

Usage: check_docs.py ASSAY
"""
import contextlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import jsonschema
import numpy
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[2]
CLASSES = {"bird": (80, 120, 180), "cat": (150, 100, 60), "dog": (90, 120, 60)}
PHOTOS_A_CLASS = 40
# What is not a command over the user's files, or one that goes on until it is ended.
NOT_RUN = re.compile(r"make |.*--help|(assay )?serve ")


def make_photo(path, colour, light, draw):
    """A noisy picture of one colour."""
    pixels = draw.normal(numpy.array(colour) * light, 25, (48, 64, 3)).clip(0, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(numpy.uint8)).save(path)


def make_photos(folder, draw):
    """(path, class, row of probabilities) of each photo: dark ones are hard."""
    samples = []
    for k, (name, colour) in enumerate(CLASSES.items()):
        for i in range(1, PHOTOS_A_CLASS + 1):
            light = draw.uniform(0.2, 1.3)
            path = f"{name}/{i:03}.jpg"
            make_photo(folder / "photos" / path, colour, light, draw)
            logits = draw.normal(0, 1, len(CLASSES))
            logits[k] += 4 * light
            samples.append((path, name, numpy.exp(logits) / numpy.exp(logits).sum()))
    return samples


def write(path, header, rows):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")


def make_files(folder):
    """Every file that the pages' commands name."""
    draw = numpy.random.default_rng(1)
    samples = make_photos(folder, draw)
    names = list(CLASSES)
    best = [(path, label, names[p.argmax()], round(float(p.max()), 4)) for path, label, p in samples]
    times = ["night" if i % 3 else "day" for i in range(len(samples))]
    write(folder / "resnet.csv", "path,prediction,confidence", [(row[0], row[2], row[3]) for row in best])
    write(folder / "predictions.csv", "id,label,prediction,confidence,brightness,time,video",
          [(*row, round(draw.uniform(0, 1), 3), times[i], f"v{i // 4}") for i, row in enumerate(best)])
    write(folder / "weather.csv", "path,temperature,sky",
          [(row[0], round(draw.normal(15, 5), 1), "clear" if i % 2 else "grey") for i, row in enumerate(best)])
    write(folder / "corrected.csv", "path,label", [(row[0], row[1]) for row in best[:5]])
    write(folder / "vit.csv", "path", [[row[0]] for row in reversed(best)])
    write(folder / "labels.csv", "path,label", [row[:2] for row in best])
    (folder / "classes.txt").write_text("\n".join(names) + "\n")
    matrix = numpy.array([p for _, _, p in samples], dtype=numpy.float32)
    numpy.save(folder / "vit_all.npy", matrix)
    numpy.save(folder / "probabilities.npy", matrix)
    numpy.save(folder / "vit.npy", matrix[::-1])


def commands(page):
    """The lines of a page's console blocks, and its indented lines that are commands."""
    lines = []
    for block in re.findall(r"^```console\n(.*?)^```$", page, re.M | re.S):
        lines += block.splitlines()
    lines += re.findall(r"^ {4}((?:build/)?assay .*)$", page, re.M)
    lines += [f"assay sql pets.assay {shlex.quote(block)}"
              for block in re.findall(r"^```sql\n(.*?)^```$", page, re.M | re.S)]
    # The README's questions, each with the option that answers it.
    lines += ["assay evaluate predictions.csv " + option
              for option in re.findall(r"^\| [^|]*\? \| `(--[^`]*)`", page, re.M)]
    return [line.split("     #")[0] for line in lines if not NOT_RUN.match(line.removeprefix("build/assay "))]


def run_page(page, assay):
    """What is wrong with each of a page's commands, or None."""
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_files(folder)
        (folder / "build").mkdir()
        (folder / "build" / "assay").symlink_to(assay)
        path = f"{folder / 'build'}:{os.environ['PATH']}"
        for line in commands(page):
            run = subprocess.run(["sh", "-c", line], cwd=folder, capture_output=True, text=True, timeout=60,
                                 env={**os.environ, "PATH": path}, check=False)
            wrong = run.returncode or run.stderr
            results.append(f"{line}: exit status {run.returncode}\n{run.stdout}{run.stderr}" if wrong else None)
        with contextlib.chdir(folder):
            for block in re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S):
                exec(block, {})  # pylint: disable=exec-used
                results.append(None)
    return results


def check_report(assay):
    """What is wrong with a project's report as JSON, by its schema."""
    schema = json.loads((ROOT / "docs" / "evaluation.schema.json").read_text())
    with tempfile.TemporaryDirectory() as name:
        make_files(pathlib.Path(name))
        for words in ("create pets.assay --images photos --predictions resnet.csv",
                      "evaluate pets.assay --model resnet --json"):
            run = subprocess.run([assay, *words.split()], cwd=name, capture_output=True, text=True, timeout=60,
                                 check=False)
        report = json.loads(run.stdout)
    wrong = [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(report)]
    options = report["options"]
    if (report["input"]["format"], options["project"], options["model"]) != ("project", "pets.assay", "resnet"):
        wrong.append(f"the report does not say of which project and model it is: {options}")
    return wrong or [None]


def check_tables(page):
    """Each table and column of the schema that the page does not name."""
    results = []
    for path in sorted((ROOT / "src" / "store" / "schema").glob("*.sql")):
        schema = re.sub(r"--.*", "", path.read_text())
        words = re.findall(r"ADD COLUMN (\w+)", schema)
        for table, columns in re.findall(r"CREATE TABLE (\w+) \((.*?)\);", schema, re.S):
            words += [table, *(column.split()[0] for column in columns.split(","))]
        results += [None if f"`{word}`" in page else f"docs/project.md says nothing of {word} in {path.name}"
                    for word in words]
    return results


def main():
    assay = pathlib.Path(sys.argv[1]).resolve()
    project = (ROOT / "docs" / "project.md").read_text()
    readme = (ROOT / "README.md").read_text()
    results = run_page(project, assay) + run_page(readme, assay) + check_tables(project) + check_report(assay)
    failures = [result for result in results if result]
    print(*failures, sep="\n")
    if len(results) < 80:
        failures.append("too few commands and columns were found")
    print(f"{len(results) - len(failures)} passed, {len(failures)} failed")
    sys.exit(bool(failures))


main()
