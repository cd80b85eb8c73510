"""A small project and the program that serves it, for the tests beside this file."""
import array
import contextlib
import json
import math
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import zlib

IMAGES = pathlib.Path(__file__).parent.parent / "images"
PHOTOS = {"cat/a.png": "rgb.png", "cat/b.jpg": "grey.jpg", "cat/c.webp": "lossy.webp", "dog/d.png": "flat_0.png",
          "dog/e.jpg": "cmyk.jpg"}
PREDICTIONS = """path,prediction,confidence
cat/a.png,cat,0.9
cat/b.jpg,dog,0.6
cat/c.webp,cat,0.8
dog/d.png,dog,0.7
dog/e.jpg,cat,0.55
"""


def make_project(program, folder):
    """pets.assay in `folder`; the path."""
    photos = pathlib.Path(folder) / "photos"
    for name, source in PHOTOS.items():
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(IMAGES / source, photos / name)
    table = pathlib.Path(folder) / "resnet.csv"
    table.write_text(PREDICTIONS)
    project = pathlib.Path(folder) / "pets.assay"
    subprocess.run([program, "create", project, "--images", photos, "--predictions", table], check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return project


def make_large_photos(program, folder, count):
    """large.assay in `folder`, of photographs that are still to be measured: one of noise under many names. The path."""
    folder, width, height = pathlib.Path(folder), 600, 400

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + random.Random(y).randbytes(3 * width) for y in range(height))
    (folder / "large").mkdir()
    (folder / "noise").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                                   chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))
    for i in range(count):
        (folder / "large" / f"{i:05}.png").hardlink_to(folder / "noise")
    project = folder / "large.assay"
    subprocess.run([program, "create", project, "--images", folder / "large", "--no-measure"], check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return project


def write_npy(path, kind, rows):
    """A matrix of "f2", "f4" or "f8"."""
    header = f"{{'descr': '<{kind}', 'fortran_order': False, 'shape': ({len(rows)}, {len(rows[0])}), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    code = {"f2": "e", "f4": "f", "f8": "d"}[kind]
    data = b"".join(struct.pack(f"<{len(row)}{code}", *row) for row in rows)
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


def make_scores(program, folder):
    """scores.assay: 300 samples of three classes, and models whose probabilities are of different kinds, with ties in them. The
    path, and the models' names."""
    folder, draw, count = pathlib.Path(folder), random.Random(5), 300
    labels = [draw.randrange(3) for _ in range(count)]
    images, known = folder / "scores-images-idx3-ubyte", folder / "scores-labels-idx1-ubyte"
    images.write_bytes(struct.pack(">4I", 0x803, count, 2, 2) + draw.randbytes(4 * count))
    known.write_bytes(struct.pack(">2I", 0x801, count) + bytes(labels))
    logits = [[round(2 * draw.gauss(k == label, 1), 1) for k in range(3)] for label in labels]
    powers = [[math.exp(x) for x in row] for row in logits]
    shares = [[x / sum(row) for x in row] for row in powers]
    project = folder / "scores.assay"

    def run(*arguments):
        subprocess.run([program, *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    run("create", project, "--images", images, "--labels", known, "--no-measure")
    models = {
        "plain": ("f4", shares, ()),
        "double": ("f8", shares, ()),
        "divided": ("f8", [[x * 1.0005 for x in row] for row in shares], ()),  # no longer sums to 1
        "half": ("f2", shares, ()),
        "logits": ("f4", logits, ("--logits",)),
    }
    for name, (kind, rows, options) in models.items():
        write_npy(folder / f"{name}.npy", kind, rows)
        run("add", "predictions", project, "--probabilities", folder / f"{name}.npy", "--rows-in-order", "--model", name, *options)
    return project, list(models)


def write_array(path, kind, shape, data):
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape!r}, }}".encode()
    head += b" " * (63 - (len(head) + 10) % 64) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data)


def make_wide_project(program, folder, samples, classes):
    """wide.assay in `folder`, of so many classes' probabilities that an evaluation takes about a second; the path."""
    folder = pathlib.Path(folder)
    draw = random.Random(1)
    write_array(folder / "images.npy", "|u1", (samples, 2, 2), bytes(4 * samples))
    labels = array.array("q", (draw.randrange(classes) for _ in range(samples)))
    write_array(folder / "labels.npy", "<i8", (samples,), labels.tobytes())
    some = array.array("f", (draw.gauss(0, 1) for _ in range(9973))).tobytes()  # a prime: rows differ
    size = 4 * samples * classes
    write_array(folder / "logits.npy", "<f4", (samples, classes), (some * (size // len(some) + 1))[:size])
    project = folder / "wide.assay"
    for command in (["create", project, "--images", folder / "images.npy", "--labels", folder / "labels.npy",
                     "--no-measure"],
                    ["add", "predictions", project, "--probabilities", folder / "logits.npy", "--model", "wide",
                     "--logits", "--rows-in-order"]):
        subprocess.run([program, *command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    return project


class Reply:
    """One reply, read to its end. `headers` has lower-case names."""

    def __init__(self, raw):
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if lines[0] else 0
        pairs = [line.split(": ", 1) for line in lines[1:]]
        self.headers = {name.lower(): value for name, value in pairs}
        self.body = unchunked(body) if self.headers.get("transfer-encoding") == "chunked" else body

    def json(self):
        return json.loads(self.body)


def unchunked(body):
    out = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        count = int(size, 16)
        out, body = out + body[:count], body[count + 2:]
        if not count:
            break
    return out


class Server:
    """`assay serve` on a free port; ended by stop(), or when the block is left."""

    def __init__(self, program, project, *options):
        self.process = subprocess.Popen([program, "serve", project, "--port", "0", *options],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        match = re.fullmatch(r".*: (http://([^/]+):(\d+)/(.*))\n", self.line)
        assert match, (self.line, self.process.stderr.read())
        self.url, self.name, self.port, self.query = match[1], match[2], int(match[3]), match[4]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()

    def stop(self, number=signal.SIGTERM):
        """(exit status, what it said on standard error)."""
        self.process.send_signal(number)
        said = self.process.communicate(timeout=120)[1]
        return self.process.returncode, said

    def connect(self, timeout=60):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def exchange(self, raw, timeout=60):
        """Send bytes, read to the end of the connection."""
        with self.connect(timeout) as s:
            with contextlib.suppress(ConnectionError):
                s.sendall(raw)
            return Reply(read_all(s))

    def ask(self, path, method="GET", body=None, host=None, **headers):
        """One request on a connection of its own; names of headers with _ for -."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}", "Connection: close"]
        if body is not None and "Content_Type" not in headers:
            headers["Content_Type"] = "application/json"
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None]
        data = (body if isinstance(body, bytes) else json.dumps(body).encode()) if body is not None else b""
        if body is not None:
            lines.append(f"Content-Length: {len(data)}")
        return self.exchange("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data)


def read_all(s):
    out = b""
    with contextlib.suppress(ConnectionError):
        while piece := s.recv(1 << 16):
            out += piece
    return out


class Projects:
    """Copies of one project, which is made once."""

    def __init__(self):
        self.folder = None

    def copy_to(self, program, folder):
        if not self.folder:
            self.folder = tempfile.TemporaryDirectory()
            make_project(program, self.folder.name)
        return pathlib.Path(shutil.copytree(self.folder.name, folder, dirs_exist_ok=True)) / "pets.assay"


PROJECTS = Projects()


@contextlib.contextmanager
def served(program, *options):
    """A server over a project of its own."""
    with tempfile.TemporaryDirectory() as folder:
        with Server(program, PROJECTS.copy_to(program, folder), *options) as server:
            yield server
