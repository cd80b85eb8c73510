"""Files that a page sends in pieces, and the jobs that add them: real requests on loopback.

    check_uploads.py PROGRAM
"""
import array
import contextlib
import fcntl
import gzip
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import check_server
from check_server import Asked, Events, failure, fitting
from served_project import PROJECTS, Server, read_all, served, write_array, write_npy

PROGRAM = ""


def announce(server, name, size, **headers):
    return server.ask("/api/uploads", method="POST", body={"name": name, "bytes": size}, **headers)


def piece(server, number, start, data, kind="application/octet-stream", **headers):
    return server.ask(f"/api/uploads/{number}?from={start}", method="POST", body=data, Content_Type=kind, **headers)


def send(server, name, data, size=1 << 20):
    """A whole file, in pieces; its number."""
    number = fitting(announce(server, name, len(data)).json(), "Upload")["upload"]
    for start in range(0, len(data), size):
        told = fitting(piece(server, number, start, data[start:start + size]).json(), "Upload")
        assert told["received"] == min(start + size, len(data)), told
    return number


def run_job(server, seconds=30, **request):
    """The job when it has ended."""
    reply = server.ask("/api/jobs", method="POST", body=request)
    assert reply.status == 200, reply.body
    return ended(server, seconds)


def ended(server, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = fitting(server.ask("/api/jobs").json(), "Jobs")["jobs"][0]
        if job["state"] != "running":
            return job
        time.sleep(0.02)
    raise AssertionError("the job does not end")


def tree_of(folder):
    """Every file of a folder with its bytes, but for who holds the lock and what was kept of pictures."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(pathlib.Path(folder).rglob("*"))
            if path.is_file() and path.name != "lock" and "thumbnails" not in path.parts}


def children_of(process):
    """The ids of the processes that it has begun."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended since
            if int(stat.read_text().rpartition(")")[2].split()[1]) == process:
                found.append(int(stat.parent.name))
    return found


def waits_for(process, number):
    """Whether a signal was sent to a stopped process, which gets it once it goes on."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"^ShdPnd:\s*(\w+)", status, re.MULTILINE)[1], 16) >> (number - 1) & 1 == 1


def place(job):
    return [job[name] for name in ("job", "state", "what", "done", "total")]


VIT = b"path,prediction,confidence\ncat/a.png,dog,0.9\ncat/b.jpg,dog,0.6\ndog/d.png,dog,0.7\n"


class Uploads(Asked):
    """Files that a page sends in pieces."""

    def tearDown(self):
        for one in fitting(self.server.ask("/api/uploads").json(), "Uploads")["uploads"]:
            self.server.ask(f"/api/uploads/{one['upload']}", method="DELETE", body={})
        self.assertEqual(list(self.incoming().rglob("*.csv")), [])

    def incoming(self):
        return pathlib.Path(self.server.process.args[2]) / "incoming"

    def words(self, reply, status, code):
        self.assertEqual((reply.status, failure(reply)["code"]), (status, code), reply.body)
        return failure(reply)["message"]

    def test_pieces_come_one_after_the_other(self):
        told = fitting(announce(self.server, "a.csv", 10).json(), "Upload")
        number = told["upload"]
        self.assertEqual(told, {"upload": number, "name": "a.csv", "bytes": 10, "received": 0})
        self.assertIn("there, not at 4", self.words(piece(self.server, number, 4, b"efgh"), 409, "conflict"))
        self.assertEqual(piece(self.server, number, 0, b"abcd").json()["received"], 4)
        self.assertEqual(self.words(piece(self.server, number, 0, b"abcd"), 409, "conflict"),
                         "a.csv: 4 of 10 bytes are here; the next piece begins there, not at 0")
        self.assertEqual(self.server.ask(f"/api/uploads/{number}").json()["received"], 4)
        self.words(piece(self.server, number, 4, b"x" * 7), 400, "usage")
        self.words(piece(self.server, number, 4, b""), 400, "usage")
        self.words(self.server.ask(f"/api/uploads/{number}", method="POST", body=b"x",
                                   Content_Type="application/octet-stream"), 400, "usage")
        self.words(piece(self.server, number + 1, 0, b"x"), 404, "not_found")
        # As a browser may: bytes that are no text, in chunks.
        head = (f"POST /api/uploads/{number}?from=4 HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nConnection: close\r\n"
                "Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n").encode()
        self.assertEqual(self.server.exchange(head + b"2\r\n\0\xff\r\n4\r\n\r\n\"{\r\n0\r\n\r\n").json()["received"], 10)
        self.assertEqual((self.incoming() / next(self.incoming().iterdir()) / str(number) / "a.csv").read_bytes(),
                         b"abcd\0\xff\r\n\"{")
        dropped = self.server.ask(f"/api/uploads/{number}", method="DELETE", body={})
        self.assertEqual(fitting(dropped.json(), "Upload")["received"], 10)
        self.assertEqual(self.server.ask(f"/api/uploads/{number}").status, 404)

    def test_names_that_are_no_files_names_are_refused(self):
        for name in ("../x.csv", "a/b.csv", "/etc/x.csv", "", ".", "..", "x.exe", "x", "a\n.csv", "a\x7f.csv", "a\x85.csv",
                     "a" * 197 + ".csv", "a.csv\0.csv", 7, None, ["a.csv"]):
            self.words(announce(self.server, name, 1), 400, "usage")
        self.assertFalse(self.incoming().exists() and list(self.incoming().rglob("*.csv")))

    def test_sizes(self):
        for size in (0, -1, 1.5, "1", None, True):
            self.words(announce(self.server, "a.csv", size), 400, "usage")
        for size in ((8 << 30) + 1, 1 << 62):
            self.words(announce(self.server, "a.csv", size), 413, "too_large")
        self.words(announce(self.server, "a.csv", 1 << 70), 400, "usage")
        number = announce(self.server, "a.csv", 5 << 20).json()["upload"]
        self.assertEqual(piece(self.server, number, 0, b"x" * (4 << 20)).status, 200)
        head = (f"POST /api/uploads/{number}?from={4 << 20} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n"
                f"Content-Type: application/octet-stream\r\nContent-Length: {(4 << 20) + 1}\r\n\r\n").encode()
        with self.server.connect() as s:
            s.sendall(head)
            self.assertEqual(s.recv(12), b"HTTP/1.1 413")
        self.assertEqual(self.server.ask(f"/api/uploads/{number}").json()["received"], 4 << 20)

    def test_a_fifth_is_refused_and_a_finished_one_counts(self):
        numbers = [announce(self.server, "a.csv", 1).json()["upload"] for _ in range(4)]
        piece(self.server, numbers[0], 0, b"x")
        self.assertEqual(self.words(announce(self.server, "a.csv", 1), 409, "conflict"),
                         "4 files are being sent already; add them, or give one up")
        listed = self.server.ask("/api/uploads").json()["uploads"]
        self.assertEqual([(one["upload"], one["received"]) for one in listed], list(zip(numbers, (1, 0, 0, 0))))

    def test_bytes_are_taken_there_alone_and_as_bytes_alone(self):
        number = announce(self.server, "a.csv", 2).json()["upload"]
        for kind in ("application/json", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "", None):
            self.words(piece(self.server, number, 0, b"{}", kind=kind), 415, "usage")
        for path, method in (("/api/uploads", "POST"), ("/api/jobs", "POST"), ("/api/tags", "POST"), ("/api/jobs", "DELETE"),
                             (f"/api/uploads/{number}", "DELETE"), ("/api/uploads/", "POST"), ("/api/nothing", "POST")):
            self.words(self.server.ask(path, method=method, body=b"{}", Content_Type="application/octet-stream"), 415, "usage")
        self.assertEqual(self.server.ask(f"/api/uploads/{number}").json()["received"], 0)
        reply = self.server.ask(f"/api/uploads/{number}", method="PUT", body=b"x", Content_Type="application/octet-stream")
        self.assertEqual((reply.status, reply.headers["allow"]), (405, "GET, HEAD, POST, DELETE"))

    def test_a_piece_comes_as_it_is(self):
        number = announce(self.server, "a.csv", 4).json()["upload"]
        for coding in ("gzip", "br", "identity, gzip", ""):
            self.assertEqual(self.words(piece(self.server, number, 0, b"ab", Content_Encoding=coding), 415, "usage"),
                             "the body must come as it is, without a Content-Encoding")
        self.words(self.server.ask("/api/uploads", method="POST", body={"name": "b.csv", "bytes": 1}, Content_Encoding="gzip"),
                   415, "usage")
        self.assertEqual(piece(self.server, number, 0, b"ab", Content_Encoding="Identity").json()["received"], 2)

    def test_pages_of_other_sites_send_nothing(self):
        number = announce(self.server, "a.csv", 2).json()["upload"]
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}):
            self.words(piece(self.server, number, 0, b"ab", **headers), 403, "forbidden")
            self.words(announce(self.server, "b.csv", 2, **headers), 403, "forbidden")
        self.words(piece(self.server, number, 0, b"ab", host="evil.example"), 421, "forbidden")
        self.assertEqual(self.server.ask(f"/api/uploads/{number}").json()["received"], 0)

    def test_a_stalled_piece_is_dropped_and_the_others_are_answered_meanwhile(self):
        number = announce(self.server, "a.csv", 4 << 20).json()["upload"]
        head = (f"POST /api/uploads/{number}?from=0 HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n"
                f"Content-Type: application/octet-stream\r\nContent-Length: {4 << 20}\r\n\r\n").encode()
        begun = time.monotonic()
        with self.server.connect(60) as s:
            s.sendall(head + b"x" * (2 << 20))
            slowest = 0.0
            for _ in range(20):
                asked = time.monotonic()
                self.assertEqual(self.server.ask("/api/project").status, 200)
                slowest = max(slowest, time.monotonic() - asked)
            self.assertLess(slowest, 8.0)  # it did not wait for the stalled one, which has ten seconds
            read_all(s)
        self.assertTrue(8 <= time.monotonic() - begun <= 28, time.monotonic() - begun)
        # Nothing of it was taken: the same again is.
        self.assertEqual(self.server.ask(f"/api/uploads/{number}").json()["received"], 0)
        self.assertEqual(piece(self.server, number, 0, b"x" * (1 << 20)).status, 200)


class Adding(unittest.TestCase):
    """Files that were sent are added by jobs, in the words of the terminal."""

    def setUp(self):
        self.context = served(PROGRAM)
        self.server = self.context.__enter__()
        self.project = pathlib.Path(self.server.process.args[2])

    def drop_all(self):
        for one in fitting(self.server.ask("/api/uploads").json(), "Uploads")["uploads"]:
            self.server.ask(f"/api/uploads/{one['upload']}", method="DELETE", body={})

    def tearDown(self):
        self.drop_all()
        self.assertEqual(list(self.project.rglob("*.csv")) + list(self.project.glob("incoming/*/*/*")), [])
        self.context.__exit__(None, None, None)
        self.assertFalse((self.project / "incoming").exists())

    def models(self):
        """As the page sees them, once it sees the last change."""
        return [model["name"] for model in fitting(self.server.ask("/api/project").json(), "Project")["models"]]

    def test_predictions_are_added_and_the_page_sees_them(self):
        revision = self.server.ask("/api/project").json()["revision"]
        job = run_job(self.server, command="add predictions", table=send(self.server, "vit.csv", VIT, 10))
        self.assertEqual((job["state"], job["command"], job["file"]), ("done", "add predictions", "vit.csv"), job)
        self.assertEqual(job["message"].splitlines()[0], "vit: predictions added: 3 of 5 samples, joined by id")
        self.assertEqual(self.models(), ["resnet", "vit"])
        self.assertGreater(self.server.ask("/api/project").json()["revision"], revision)
        source = subprocess.run([PROGRAM, "sql", self.project, "SELECT source FROM models ORDER BY model", "--csv"],
                                capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
        self.assertEqual(source.stdout.split()[-1], "vit.csv")

    def test_a_bad_table_is_refused_in_the_words_of_the_terminal_and_changes_nothing(self):
        for name, data, words in (
                ("my table.csv", VIT.replace(b"0.6", b"nan"), "my table.csv: row 2: confidence is 'nan'"),
                ("my table.csv", VIT.replace(b"cat/b", b"cat/x"), "my table.csv: row 2: no sample is called 'cat/x.jpg'"),
                ("-rf.csv", b"path,confidence\ncat/a.png,1\n", "-rf.csv: "),
                ("a.parquet", VIT, "a.parquet: is not a Parquet file"),
                ("a.csv.gz", gzip.compress(VIT)[:-9], "a.csv.gz: the gzip file is cut off")):
            number = send(self.server, name, data)
            before = tree_of(self.project)
            job = run_job(self.server, command="add predictions", table=number)
            self.assertEqual((job["state"], job["file"]), ("failed", name), job)
            self.assertTrue(job["message"].startswith(words), job)
            # The file too is as it was: it can be tried again, or taken back.
            self.assertEqual(tree_of(self.project), before)
            self.assertEqual(self.server.ask(f"/api/uploads/{number}", method="DELETE", body={}).json()["received"], len(data))
        self.assertEqual(self.models(), ["resnet"])

    def test_what_failed_is_tried_again_without_sending_it_again(self):
        array = self.project.parent / "p.npy"
        write_npy(array, "f4", [[0.75, 0.25], [0.5, 0.5]])
        table = send(self.server, "n.csv", b"which\ncat/a.png\ndog/d.png\n")
        both = {"command": "add predictions", "table": table, "probabilities": send(self.server, "p.npy", array.read_bytes()),
                "classes": ["cat", "dog"]}
        for _ in range(2):
            job = run_job(self.server, columns={"id": "wich"}, **both)
            self.assertEqual(job["state"], "failed", job)
            self.assertIn("'wich'", job["message"])
        job = run_job(self.server, columns={"id": "which"}, **both)
        self.assertEqual(job["state"], "done", job)
        self.assertEqual(self.server.ask("/api/uploads").json()["uploads"], [])

    def test_what_files_say_does_nothing_to_the_page_or_a_terminal(self):
        for data, command, kept in ((b"path,\x1b[31mred\ncat/a.png,5\n", "add metrics", "\\x1b[31mred"),
                                    (b"path,prediction\ncat/a.png,\x1b]0;x\x07\n", "add predictions", "\\x1b]0;x\\x07")):
            job = run_job(self.server, command=command, table=send(self.server, "e.csv", data))
            self.assertIn(kept, job["message"])
            self.assertNotRegex(job["message"], r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
            self.drop_all()
        table = self.project.parent / "e.csv"
        table.write_bytes(b"path,prediction,\x1b[31mred\ncat/a.png,c\x1b[2Jt,1\n")
        told = subprocess.run([PROGRAM, "add", "predictions", self.project, table, "--model", "m\x1b[0m"], capture_output=True,
                              check=True, stdin=subprocess.DEVNULL)
        for kept in (b"m\\x1b[0m: predictions added", b"\\x1b[31mred", b"c\\x1b[2Jt"):
            self.assertIn(kept, told.stdout)
        self.assertNotIn(b"\x1b", told.stdout + told.stderr)
        table.unlink()

    def test_whatever_many_jobs_said_the_page_is_answered(self):
        rows = b"".join(b"%s,%s\n" % (path, bytes([1 + k]) * 1000) for k, path in
                        enumerate((b"cat/a.png", b"cat/b.jpg", b"cat/c.webp", b"dog/d.png", b"dog/e.jpg")))
        for i in range(17):
            number = send(self.server, "v.csv", b"path,prediction\n" + rows)
            job = run_job(self.server, command="add predictions", table=number)
            self.assertTrue(len(job["message"].encode()) <= 4096)
            self.drop_all()
        self.assertEqual(len(fitting(self.server.ask("/api/jobs").json(), "Jobs")["jobs"]), 16)
        stream = Events(self.server)
        self.assertEqual(len(stream.read_until(lambda _: True, 60)["jobs"]), 16)
        stream.socket.close()

    def test_words_while_it_waits_for_another_writer_have_no_name_before_them(self):
        held = open(self.project / "lock", "rb")
        fcntl.flock(held, fcntl.LOCK_EX)
        number = send(self.server, "v.csv", VIT)
        self.assertEqual(self.server.ask("/api/jobs", method="POST", body={"command": "add predictions", "table": number}).status, 200)
        job = ended(self.server, 60)
        held.close()
        lines = job["message"].splitlines()
        self.assertEqual((job["state"], len(lines)), ("failed", 2), job)
        self.assertTrue(lines[0].endswith("; waiting for it") and not lines[0].startswith("assay: "), lines)
        self.assertRegex(lines[1], r"pets\.assay: is being written by ")
        self.assertFalse(lines[1].startswith("assay: "), lines)
        self.assertEqual(run_job(self.server, command="add predictions", table=number)["state"], "done")

    def test_class_names_are_not_read_from_a_file_that_was_sent(self):
        number = send(self.server, "cat,dog.csv", VIT)
        reply = self.server.ask("/api/jobs", method="POST",
                                body={"command": "add predictions", "table": number, "classes": ["cat", "dog.csv"]})
        self.assertEqual((reply.status, failure(reply)["message"]),
                         (400, "'classes' is read as the file 'cat,dog.csv', which was sent; rename the file"))
        self.assertEqual(run_job(self.server, command="add predictions", table=number, classes=["cat", "dog"])["state"], "done")

    def test_an_array_of_classes_may_be_called_in_capitals(self):
        array = self.project.parent / "X.NPY"
        write_array(array, "<i8", (5,), struct.pack("<5q", 0, 1, 0, 1, 1))
        job = run_job(self.server, command="add predictions", rows_in_order=True,
                      table=send(self.server, "X.NPY", array.read_bytes()))
        self.assertEqual((job["state"], job["file"]), ("done", "X.NPY"), job)
        self.assertEqual(self.models(), ["resnet", "X"])

    def test_what_was_removed_under_the_server_is_not_taken_for_sent(self):
        number = announce(self.server, "a.csv", len(VIT)).json()["upload"]
        piece(self.server, number, 0, VIT[:9])
        shutil.rmtree(self.project / "incoming")
        reply = piece(self.server, number, 9, VIT[9:])
        words = "a.csv: what was sent of it is gone, for somebody removed it from the project's folder; send it again"
        self.assertEqual((reply.status, failure(reply)["message"]), (404, words))
        number = send(self.server, "a.csv", VIT)
        shutil.rmtree(self.project / "incoming")
        reply = self.server.ask("/api/jobs", method="POST", body={"command": "add predictions", "table": number})
        self.assertEqual((reply.status, failure(reply)["message"]), (404, words))
        self.assertEqual(run_job(self.server, command="add predictions", table=send(self.server, "a.csv", VIT))["state"], "done")

    def test_probabilities_alone_and_beside_a_table(self):
        rows = [[0.75, 0.25]] * 5
        array = self.project.parent / "p.npy"
        write_npy(array, "f8", rows)
        job = run_job(self.server, command="add predictions", rows_in_order=True, model="in order",
                      probabilities=send(self.server, "vit.npy", array.read_bytes()))
        self.assertEqual((job["state"], job["file"]), ("done", "vit.npy"), job)
        write_npy(array, "f4", [[0.0, 1.0], [2.0, -1.0]])
        job = run_job(self.server, command="add predictions", logits=True, classes=["dog", "cat"], columns={"id": "which"},
                      table=send(self.server, "-names.csv", b"which\ncat/a.png\ndog/d.png\n"),
                      probabilities=send(self.server, "--help.npy", array.read_bytes()))
        self.assertEqual((job["state"], job["file"]), ("done", "-names.csv"), job)
        self.assertEqual(self.models(), ["resnet", "in order", "-names"])
        told = subprocess.run([PROGRAM, "sql", self.project, "SELECT prediction FROM samples ORDER BY row", "--model", "-names",
                               "--csv"], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
        self.assertEqual(told.stdout.splitlines()[1], "cat")
        self.assertEqual(told.stdout.splitlines()[4], "dog")

    def test_labels_and_metrics(self):
        job = run_job(self.server, command="add labels", allow=["unmatched"],
                      table=send(self.server, "l.jsonl", b'{"path":"cat/a.png","label":"dog"}\n{"path":"x","label":"dog"}\n'))
        self.assertEqual(job["state"], "done", job)
        self.assertIn("1 row was left out", job["message"])
        job = run_job(self.server, command="add metrics", columns={"id": "image"},
                      table=send(self.server, "w.csv", b"image,rain\ncat/a.png,1.5\n"))
        self.assertEqual(job["state"], "done", job)
        project = self.server.ask("/api/project").json()
        self.assertIn("rain", [metric["name"] for metric in project["metrics"]])
        self.assertEqual({one["name"]: one["labelled"] for one in project["classes"]}, {"cat": 2, "dog": 3})

    def test_what_is_not_complete_or_in_the_way_is_told_and_stays(self):
        number = announce(self.server, "a.csv", len(VIT)).json()["upload"]
        piece(self.server, number, 0, VIT[:5])
        reply = self.server.ask("/api/jobs", method="POST", body={"command": "add predictions", "table": number})
        self.assertEqual((reply.status, failure(reply)["message"]),
                         (409, f"a.csv: only 5 of {len(VIT)} bytes are here; send the rest first"))
        piece(self.server, number, 5, VIT[5:])
        held = open(self.project / "lock", "rb")
        fcntl.flock(held, fcntl.LOCK_EX)
        self.assertEqual(self.server.ask("/api/jobs", method="POST", body={"command": "measure"}).status, 200)
        reply = self.server.ask("/api/jobs", method="POST", body={"command": "add predictions", "table": number})
        self.assertEqual((reply.status, failure(reply)["message"]), (409, "assay measure is running; stop it, or wait for its end"))
        held.close()
        ended(self.server)
        self.assertEqual(self.server.ask(f"/api/uploads/{number}").json()["received"], len(VIT))
        self.assertEqual(run_job(self.server, command="add predictions", table=number)["state"], "done")
        reply = self.server.ask("/api/jobs", method="POST", body={"command": "add predictions", "table": number})
        self.assertEqual(reply.status, 404)

    def test_the_page_names_no_path(self):
        secret = self.project.parent / "secret.txt"
        secret.write_text("one\ntwo\n")
        table = send(self.server, "a.csv", VIT)
        for more in ({"table": str(secret)}, {"probabilities": str(secret)}, {"classes": [f"{secret}", "x"]},
                     {"classes": str(secret)}, {"format": "csv"}, {"file": "x"}, {"allow": ["unmatched", f"=--classes={secret}"]}):
            reply = self.server.ask("/api/jobs", method="POST", body={"command": "add predictions", "table": table, **more})
            self.assertEqual((reply.status, failure(reply)["code"]), (400, "usage"), more)
        self.assertEqual(self.server.ask(f"/api/uploads/{table}", method="DELETE", body={}).status, 200)


class LongAdding(unittest.TestCase):
    """A table that takes a while: its progress, its end before time, and the other requests beside it."""

    ROWS = 400000

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        root = pathlib.Path(cls.folder.name)
        write_array(root / "images.npy", "|u1", (cls.ROWS, 1, 1), bytes(cls.ROWS))
        write_array(root / "labels.npy", "<i8", (cls.ROWS,), array.array("q", (i % 3 for i in range(cls.ROWS))).tobytes())
        cls.project = root / "many.assay"
        subprocess.run([PROGRAM, "create", cls.project, "--images", root / "images.npy", "--labels", root / "labels.npy",
                        "--no-measure"], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        more = ",".join(f"m{k}" for k in range(12))
        cls.table = f"id,prediction,{more}\n" + "".join(
            f"images.npy#{i},{i % 3},{','.join(str((i * 7 + k) % 1000) for k in range(12))}\n" for i in range(cls.ROWS))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @contextlib.contextmanager
    def halfway(self, server):
        """The job, whose process is stopped midway in one of its steps as long as the block lasts, and goes on once it was told
        to end. Short turns get it there: a whole step may be over between two looks."""
        until = time.monotonic() + 60
        while not (workers := children_of(server.process.pid)) and time.monotonic() < until:
            time.sleep(0.01)
        [worker] = workers
        try:
            for _ in range(2000):
                os.kill(worker, signal.SIGSTOP)
                time.sleep(0.05)  # what it said arrives
                job = fitting(server.ask("/api/jobs").json(), "Jobs")["jobs"][0]
                self.assertEqual(job["state"], "running", job)
                if 0 < job["done"] < job["total"]:
                    break
                os.kill(worker, signal.SIGCONT)
                time.sleep(0.005)
            else:
                self.fail(f"the job gets nowhere: {job}")
            yield job
            until = time.monotonic() + 60
            while not waits_for(worker, signal.SIGTERM) and time.monotonic() < until:
                time.sleep(0.01)
            self.assertTrue(waits_for(worker, signal.SIGTERM), "nobody tells it to end")
        finally:
            os.kill(worker, signal.SIGCONT)

    def test_it_is_told_stopped_and_ends_with_the_server(self):
        with Server(PROGRAM, self.project) as server:
            begun, slowest = time.monotonic(), [0.0]
            ending = threading.Event()

            def ask():
                while not ending.is_set():
                    asked = time.monotonic()
                    assert server.ask("/api/jobs").status == 200
                    slowest[0] = max(slowest[0], time.monotonic() - asked)

            beside = threading.Thread(target=ask)
            beside.start()
            number = send(server, "big.csv", self.table.encode(), 4 << 20)
            ending.set()
            beside.join()
            self.assertLess(slowest[0], 8.0)
            print(f"# {len(self.table) >> 20} MB sent in {time.monotonic() - begun:.1f} s; the slowest request beside them "
                  f"{slowest[0] * 1000:.0f} ms", file=sys.stderr)
            before = tree_of(self.project)
            stream = Events(server)
            begun = {"command": "add predictions", "table": number}
            self.assertEqual(server.ask("/api/jobs", method="POST", body=begun).status, 200)
            with self.halfway(server) as half:
                self.assertEqual(half["what"], "reading rows")
                self.assertTrue(0.8 * self.ROWS < half["total"] < 1.2 * self.ROWS, half)
                self.assertIsNotNone(stream.read_until(lambda state: [*map(place, state["jobs"])][:1] == [place(half)], 60))
                asked = time.monotonic()
                self.assertEqual(fitting(server.ask("/api/jobs", method="DELETE", body={}).json(), "Jobs")["jobs"][0]["job"], 1)
                self.assertLess(time.monotonic() - asked, 8.0)
            job = ended(server)
            self.assertEqual((job["state"], job["message"]), ("stopped", "interrupted: nothing of big.csv was added\n"))
            self.assertEqual([path for path in tree_of(self.project) if path not in before], [])
            self.assertEqual(server.ask("/api/project").json()["models"], [])
            # What was sent is still there.
            self.assertEqual(server.ask("/api/jobs", method="POST", body=begun).status, 200)
            with self.halfway(server) as half:
                self.assertIsNotNone(stream.read_until(lambda state: [*map(place, state["jobs"])][:1] == [place(half)], 60))
                stream.socket.close()
                server.process.terminate()
            self.assertEqual((server.process.communicate(timeout=120)[1], server.process.returncode), ("", 0))
        self.assertFalse((self.project / "incoming").exists())
        done = subprocess.run([PROGRAM, "sql", self.project, "SELECT count(*) FROM models", "--csv"], capture_output=True,
                              text=True, check=True, stdin=subprocess.DEVNULL)
        self.assertEqual(done.stdout.split()[-1], "0")


class Leftovers(unittest.TestCase):
    def test_what_a_killed_server_left_is_removed_and_what_another_has_is_not(self):
        with tempfile.TemporaryDirectory() as folder:
            project = PROJECTS.copy_to(PROGRAM, folder)
            killed = Server(PROGRAM, project)
            announce(killed, "left.csv", 10)
            killed.process.kill()
            killed.process.communicate()
            self.assertEqual(len(list(project.rglob("left.csv"))), 1)
            # Commands work beside it, and leave it alone.
            for command in (["tag", project, "seen", "--where", "label = 'cat'"], ["measure", project],
                            ["export", project, "samples", "-o", pathlib.Path(folder) / "all.csv"]):
                subprocess.run([PROGRAM, *command], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            self.assertEqual(len(list(project.rglob("left.csv"))), 1)
            with Server(PROGRAM, project) as first:
                self.assertFalse((project / "incoming").exists())
                number = send(first, "kept.csv", VIT)
                with Server(PROGRAM, project) as second:
                    send(second, "other.csv", VIT)
                    self.assertEqual(len(list((project / "incoming").iterdir())), 2)
                self.assertEqual(len(list(project.rglob("*.csv"))), 1)
                self.assertEqual(run_job(first, command="add predictions", table=number)["state"], "done")
            self.assertFalse((project / "incoming").exists())

    def test_a_project_that_cannot_be_written_takes_none(self):
        with served(PROGRAM) as server:
            blocked = pathlib.Path(server.process.args[2]) / "incoming"
            blocked.write_text("in the way")
            reply = announce(server, "a.csv", 1)
            self.assertEqual((reply.status, failure(reply)["code"]), (500, "internal"))
            self.assertTrue(failure(reply)["message"].endswith("pets.assay: cannot take files: Not a directory"))
            self.assertEqual(server.stop(), (0, ""))
            self.assertEqual(blocked.read_text(), "in the way")


class FullDisk(unittest.TestCase):
    def test_a_file_that_finds_no_room_is_told_and_leaves_nothing_half(self):
        with tempfile.TemporaryDirectory() as folder:
            if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], check=False,
                                                   stderr=subprocess.DEVNULL).returncode != 0:
                self.skipTest("no small disk can be made here")
            try:
                self.fill(pathlib.Path(folder))
            finally:
                subprocess.run(["umount", folder], check=True)

    def fill(self, folder):
        project = PROJECTS.copy_to(PROGRAM, folder)
        with Server(PROGRAM, project) as server:
            reply = announce(server, "huge.csv", 1 << 30)
            self.assertEqual((reply.status, failure(reply)["code"]), (413, "too_large"))
            self.assertRegex(failure(reply)["message"],
                             r"^huge\.csv: has 1\.1 GB, and the project's disk has room for [\d.]+ MB$")
            number = announce(server, "a.csv", 8 << 20).json()["upload"]
            # What is promised to one is not promised to another.
            self.assertEqual(announce(server, "b.csv", 16 << 20).status, 413)
            self.assertEqual(piece(server, number, 0, b"x" * (4 << 20)).status, 200)
            other = folder / "other"
            room = os.statvfs(folder)
            other.write_bytes(bytes(max(0, room.f_bavail * room.f_frsize - (1 << 20))))
            reply = piece(server, number, 4 << 20, b"y" * (4 << 20))
            self.assertEqual((reply.status, failure(reply)["message"]), (413, "a.csv: the project's disk is full"))
            self.assertEqual(server.ask(f"/api/uploads/{number}").json()["received"], 4 << 20)
            self.assertEqual(next(project.rglob("a.csv")).stat().st_size, 4 << 20)
            other.unlink()
            self.assertEqual(piece(server, number, 4 << 20, b"y" * (4 << 20)).json()["received"], 8 << 20)
            self.assertEqual(next(project.rglob("a.csv")).read_bytes(), b"x" * (4 << 20) + b"y" * (4 << 20))
        self.assertFalse((project / "incoming").exists())


class Tokens(unittest.TestCase):
    def test_without_the_token_nothing_is_sent(self):
        token = "abcdefgh-12345678"
        known = {"Authorization": f"Bearer {token}"}
        with served(PROGRAM, "--token", token) as server:
            self.assertEqual(announce(server, "a.csv", 1).status, 403)
            number = announce(server, "a.csv", 1, **known).json()["upload"]
            self.assertEqual(piece(server, number, 0, b"x").status, 403)
            self.assertEqual(server.ask(f"/api/uploads/{number}").status, 403)
            self.assertEqual(piece(server, number, 0, b"x", **known).status, 200)


if __name__ == "__main__":
    PROGRAM = check_server.PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=1)
