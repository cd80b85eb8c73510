"""A small project and the program that serves it, for the tests beside this file."""
import contextlib
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile

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
        said = self.process.communicate(timeout=30)[1]
        return self.process.returncode, said

    def connect(self, timeout=15):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def exchange(self, raw, timeout=15):
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
