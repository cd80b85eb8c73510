"""A small data set of images of several kinds with its tables, and a project of it as text.

Everything is made from a seed and from the images of tests/images; only the standard library is used."""

import hashlib
import os
import random
import shutil
import struct
import subprocess
import zlib

CLASSES = ["cat", "dog", "owl"]
KINDS = ["grey.jpg", "progressive.jpg", "cmyk.jpg", "turned_6.jpg", "rgb_16_bit.png", "palette_4_bit.png",
         "rgb_interlaced.png", "lossy.webp", "rgb.tif", "one.gif", "rgb.bmp"]

# Every table in an order of its own, without what differs from run to run: times, the revision, the numbers of models
# and columns, and the names of matrices.
TABLES = {
    "project": "SELECT schema_version, root, source, kind FROM project",
    "classes": "SELECT class, name FROM classes",
    "images": "SELECT * FROM images",
    "labels": "SELECT * FROM labels",
    "measures": "SELECT * FROM measures",
    "models": "SELECT name, source, has_confidence, probabilities IS NULL, top_classes IS NULL FROM models",
    "predictions": "SELECT m.name, p.sample, p.class, p.confidence FROM predictions p LEFT JOIN models m USING (model)",
    "metrics": "SELECT m.name, o.name, v.sample, v.value FROM metrics m LEFT JOIN metric_values v USING (metric) "
               "LEFT JOIN models o ON o.model = m.model",
    "attributes": "SELECT a.name, o.name, v.sample, v.value FROM attributes a LEFT JOIN attribute_values v "
                  "USING (attribute) LEFT JOIN models o ON o.model = a.model",
    "embeddings": "SELECT name, source, dimensions, is_default, made_from, vectors_hash, neighbours_hash, distances_hash "
                  "FROM embeddings",
    "tags": "SELECT t.name, s.sample FROM tags t LEFT JOIN tag_samples s USING (tag)",
    "lost": "SELECT metric FROM metric_values WHERE metric NOT IN (SELECT metric FROM metrics)",
}
DUMP = " UNION ALL ".join(
    f"SELECT '{name}' AS what, CAST(t AS VARCHAR) AS row FROM ({sql}) AS t" for name, sql in TABLES.items()) + " ORDER BY ALL"


def png(width, height, pixel):
    """An RGB picture; pixel(x, y) gives three numbers."""
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in pixel(x, y)) for y in range(height))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")


def npy(path, rows):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(rows)}, {len(rows[0])}), }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(path, "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        for row in rows:
            out.write(struct.pack(f"<{len(row)}f", *row))


def table(path, header, rows):
    with open(path, "w", encoding="utf-8") as out:
        out.write(",".join(header) + "\n")
        for row in rows:
            out.write(",".join(str(value) for value in row) + "\n")


def make_images(folder, golden, count, rng):
    """Paths below the folder, in order; one in nine is of another kind, and three are broken."""
    paths = []
    for i in range(count):
        label = CLASSES[i % len(CLASSES)]
        os.makedirs(os.path.join(folder, label), exist_ok=True)
        kind = KINDS[i // 9 % len(KINDS)] if i % 9 == 4 else "small.png"
        path = f"{label}/{i:04}{os.path.splitext(kind)[1]}"
        whole = os.path.join(folder, path)
        if kind != "small.png":
            shutil.copyfile(os.path.join(golden, kind), whole)
        else:
            base = [rng.randrange(200) for _ in range(3)]
            with open(whole, "wb") as out:
                out.write(png(12, 9, lambda x, y: [(v + 7 * x * (i % 5) + 3 * y) % 256 for v in base]))
        paths.append(path)
    for broken in (5, 50, 100):
        whole = os.path.join(folder, paths[broken])
        os.truncate(whole, os.path.getsize(whole) // 2)
    return sorted(paths)


def probabilities(count, classes, rng):
    rows = []
    for _ in range(count):
        row = [rng.random() + 0.01 for _ in range(classes)]
        rows.append([value / sum(row) for value in row])
    return rows


def make_tables(folder, paths, rng):
    table(f"{folder}/resnet.csv", ["path", "prediction", "confidence"],
          [(p, rng.choice(CLASSES), round(rng.random(), 3)) for p in paths])
    shuffled = rng.sample(paths, len(paths))
    table(f"{folder}/names.csv", ["path", "loss"], [(p, round(rng.random(), 4)) for p in shuffled])
    npy(f"{folder}/vit.npy", probabilities(len(paths), 3, rng))
    npy(f"{folder}/vit2.npy", probabilities(len(paths), 3, rng))
    table(f"{folder}/labels.csv", ["path", "label"],
          [(p, "yak" if i % 10 == 0 else p.split("/")[0]) for i, p in enumerate(paths)])
    table(f"{folder}/weather.csv", ["path", "rain", "wind", "place"],
          [(p, rng.random(), rng.randrange(12), rng.choice(["hill", "town", "sea"])) for p in paths])


def run(program, *words, folder, **options):
    return subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          timeout=120, check=False, **options)


def names_of_files(program, project, folder, sql):
    """Rows of a name and of the files that it has."""
    got = run(program, "sql", project, sql, "--csv", folder=folder)
    if got.returncode:
        raise AssertionError(f"assay sql {project}: {got.stderr}")
    return [[name, *filter(None, files)] for name, *files in (row.split(",") for row in got.stdout.splitlines()[1:])]


def dump(program, project, folder):
    """All that a project says, as text: its tables, and the bytes of its matrices by model and embedding. And the files
    that nothing names."""
    got = run(program, "sql", project, DUMP, "--csv", folder=folder)
    if got.returncode:
        raise AssertionError(f"assay sql {project}: {got.stderr}")
    lines = [got.stdout]
    left = set()
    for inside, sql in (("probabilities", "SELECT name, probabilities, top_classes FROM models ORDER BY 1"),
                        ("embeddings", "SELECT name, vectors, neighbours, distances FROM embeddings ORDER BY 1")):
        left |= set(os.listdir(os.path.join(folder, project, inside)))
        for name, *files in names_of_files(program, project, folder, sql):
            for file in files:
                left.discard(file)
                with open(os.path.join(folder, project, inside, file), "rb") as matrix:
                    lines.append(f"files,{name}: {hashlib.sha256(matrix.read()).hexdigest()}\n")
    return "".join(lines), sorted(left)


def seeded(name):
    return random.Random(name)
