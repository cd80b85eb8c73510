"""The server as a browser, a stranger and an attacker meet it: real requests on loopback.

    check_server.py PROGRAM
"""
import contextlib
import fcntl
import gzip
import http.client
import json
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

import jsonschema

from served_project import (Reply, Server, make_large_photos, make_project, make_scores, make_wide_project, read_all,
                            served)

PROGRAM = ""
POLICY = ("default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
          "frame-ancestors 'none'; form-action 'self'")


SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / "docs" / "workbench.schema.json").read_text())


def fitting(value, definition):
    """The value, which is as a definition of the schema says."""
    jsonschema.validate(value, {**SCHEMA, "$ref": f"#/definitions/{definition}"})
    return value


def failure(reply):
    return fitting(reply.json(), "Failure")["error"]


class Asked(unittest.TestCase):
    """One server for many questions."""

    @classmethod
    def setUpClass(cls):
        cls.context = served(PROGRAM)
        cls.server = cls.context.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.context.__exit__(None, None, None)

    def refused(self, status, code, path="/api/project", **how):
        reply = self.server.ask(path, **how)
        self.assertEqual(reply.status, status, reply.body)
        self.assertEqual(failure(reply)["code"], code)
        return reply


class TheGuard(Asked):
    def test_the_names_of_this_machine_are_answered(self):
        for host in (f"127.0.0.1:{self.server.port}", f"localhost:{self.server.port}", f"[::1]:{self.server.port}",
                     f"LOCALHOST:{self.server.port}"):
            self.assertEqual(self.server.ask("/api/project", host=host).status, 200, host)

    def test_other_names_are_not(self):
        port = self.server.port
        for host in ("evil.example", f"evil.example:{port}", "localhost", "127.0.0.1", f"127.0.0.1:{port + 1}",
                     f"localhost:{port}.evil.example", f"localhost.evil.example:{port}", f"127.0.0.2:{port}",
                     f"evil@localhost:{port}", f"0.0.0.0:{port}"):
            self.refused(421, "forbidden", host=host)
            self.assertEqual(self.server.ask("/", host=host).status, 421)

    def test_no_host_and_two_hosts_are_refused(self):
        self.assertEqual(self.server.exchange(b"GET /api/project HTTP/1.1\r\n\r\n").status, 400)
        ours = f"Host: 127.0.0.1:{self.server.port}\r\n".encode()
        two = self.server.exchange(b"GET /api/project HTTP/1.1\r\n" + ours + b"Host: evil.example\r\n\r\n")
        self.assertEqual(two.status, 400)

    def test_pages_of_other_sites_are_refused(self):
        port = self.server.port
        for origin in ("http://evil.example", "null", f"https://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}",
                       "http://127.0.0.1", f"http://localhost:{port}", ""):
            self.refused(403, "forbidden", Origin=origin)
            self.refused(403, "forbidden", path="/api/jobs", method="POST", body={"command": "measure"}, Origin=origin)
        for site in ("cross-site", "same-site", "else"):
            self.refused(403, "forbidden", Sec_Fetch_Site=site)
        self.assertEqual(self.server.ask("/api/project", Origin=f"http://127.0.0.1:{port}",
                                         Sec_Fetch_Site="same-origin").status, 200)
        self.assertEqual(self.server.ask("/api/project", Sec_Fetch_Site="none").status, 200)

    def test_headers_that_two_readers_would_read_in_two_ways_are_refused(self):
        ours = f"Host: 127.0.0.1:{self.server.port}\r\nConnection: close\r\n"
        origin = f"Origin: http://127.0.0.1:{self.server.port}\r\n"
        for more in (origin + "Origin: http://evil.example\r\n", "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n",
                     "Transfer-Encoding : chunked\r\n", "X Y: z\r\n", "Authorization: a\r\nAuthorization: b\r\n"):
            reply = self.server.exchange(f"GET /api/project HTTP/1.1\r\n{ours}{more}\r\n".encode())
            self.assertEqual(reply.status, 400, more)
        kind = "Content-Type: application/json\r\n"
        body = "Content-Length: 2\r\n\r\n{}"
        reply = self.server.exchange(f"POST /api/jobs HTTP/1.1\r\n{ours}{kind}Content-Type: text/plain\r\n{body}".encode())
        self.assertEqual(reply.status, 400)

    def test_a_coding_of_the_body_that_is_unknown_is_refused_at_once(self):
        head = (f"POST /api/jobs HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nContent-Type: application/json\r\n"
                "Connection: close\r\n")
        for coding in ("gzip, chunked", "xchunked", "identity"):
            began = time.monotonic()
            reply = self.server.exchange(f"{head}Transfer-Encoding: {coding}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n".encode())
            self.assertEqual(reply.status, 501, coding)
            self.assertLess(time.monotonic() - began, 9)  # what stalls is closed after 10

    def test_a_link_from_elsewhere_opens_the_page(self):
        self.assertEqual(self.server.ask("/", Sec_Fetch_Site="cross-site").status, 200)

    def test_changes_come_as_json_alone(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/jsonx",
                     None):
            self.refused(415, "usage", path="/api/jobs", method="POST", body={"command": "nothing"}, Content_Type=kind)
            self.refused(415, "usage", path="/api/jobs", method="DELETE", body={}, Content_Type=kind)
        reply = self.refused(400, "usage", path="/api/jobs", method="POST", body={"command": "nothing"},
                             Content_Type="application/json; charset=utf-8")
        self.assertEqual(failure(reply)["message"], "there is no job 'nothing'; use measure, embed, add predictions, add "
                                                    "labels or add metrics")

    def test_no_other_origin_is_ever_allowed(self):
        for reply in (self.server.ask("/api/project"), self.server.ask("/"),
                      self.server.ask("/api/project", method="OPTIONS", Origin="http://evil.example",
                                      Access_Control_Request_Method="POST")):
            self.assertFalse([name for name in reply.headers if name.startswith("access-control")])


class Headers(Asked):
    def test_every_reply_says_what_a_browser_may_do(self):
        replies = [self.server.ask(path) for path in ("/", "/nothing.js", "/api/project", "/api/nothing", "/some/page")]
        replies.append(self.server.ask("/", host="evil.example"))
        for reply in replies:
            self.assertTrue(reply.headers["content-security-policy"].startswith(POLICY))
            self.assertEqual(reply.headers["x-content-type-options"], "nosniff")
            self.assertEqual(reply.headers["x-frame-options"], "DENY")
            self.assertEqual(reply.headers["referrer-policy"], "no-referrer")
            self.assertEqual(reply.headers["cross-origin-resource-policy"], "same-origin")
            self.assertIn("content-type", reply.headers)
            self.assertIn("cache-control", reply.headers)

    def test_what_is_no_http_is_refused_in_words_that_hold_nothing_of_it(self):
        host = f"Host: 127.0.0.1:{self.server.port}\r\n"
        post = f"POST /api/jobs HTTP/1.1\r\n{host}Content-Type: application/json\r\n"
        mark = "<script>q7</script>"
        behind = f"GET /api/project HTTP/1.1\r\n{host}\r\n"  # is not answered any more
        for raw in (f"GET /{mark}\r\n\r\n", f"{mark}\r\n\r\n", f"GET /{mark} HTTP/9.1\r\n{host}\r\n",
                    f"GET / {mark}\r\n{host}\r\n", f"GET / HTTP/1.1\r\nX-A: {mark}\r\n\r\n",
                    f"GET /{mark}{'a' * 400000} HTTP/1.1\r\n{host}\r\n",
                    f"GET / HTTP/1.1\r\n{host}X-A: {mark}{'a' * 400000}\r\n\r\n",
                    f"{post}Content-Length: -2\r\n\r\n{mark}", f"{post}Content-Length: {mark}\r\n\r\n{{}}",
                    f"{post}Transfer-Encoding: chunked\r\n\r\n{mark}\r\n{{}}\r\n0\r\n\r\n"):
            with self.server.connect() as s:
                with contextlib.suppress(ConnectionError):
                    s.sendall((raw + behind).encode())
                got = read_all(s)  # it ends: the connection is closed
            reply = Reply(got)
            self.assertIn(reply.status, (0, 400, 413, 414, 431, 505), raw[:80])
            self.assertNotIn(b"q7", got)
            self.assertNotIn(b"script", got.partition(b"\r\n\r\n")[2])
            self.assertNotIn(b" 200 ", got)
            self.assertEqual(reply.headers.get("connection", "close").lower(), "close")

    def test_what_the_browser_has_is_not_sent_again(self):
        for path in ("/api/project", "/"):
            first = self.server.ask(path)
            etag = first.headers["etag"]
            self.assertIn("no-cache", first.headers["cache-control"])
            for told in (etag, f'"x", {etag}', "*", etag.removeprefix("W/")):
                again = self.server.ask(path, If_None_Match=told)
                self.assertEqual((again.status, again.body), (304, b""), told)
                self.assertEqual(again.headers["etag"], etag)
            self.assertEqual(self.server.ask(path, If_None_Match='W/"other"').status, 200)

    def test_another_question_has_another_etag(self):
        etags = {self.server.ask(path).headers["etag"]
                 for path in ("/api/project", "/api/selection", '/api/selection?filter={"classes":["cat"]}')}
        self.assertEqual(len(etags), 3)

    def test_jobs_are_never_kept(self):
        reply = self.server.ask("/api/jobs")
        self.assertEqual(reply.headers["cache-control"], "no-store")
        self.assertNotIn("etag", reply.headers)

    def test_packed_for_who_takes_it(self):
        plain = self.server.ask("/api/project")
        self.assertNotIn("content-encoding", plain.headers)
        for accept in ("gzip", "br;q=1.0, gzip;q=0.5", "*", "GZIP"):
            packed = self.server.ask("/api/project", Accept_Encoding=accept)
            self.assertEqual(packed.headers["content-encoding"], "gzip")
            self.assertEqual(gzip.decompress(packed.body), plain.body)
            self.assertLess(len(packed.body), len(plain.body))
            self.assertEqual(packed.headers["vary"], "Accept-Encoding")
        for accept in ("gzip;q=0", "identity", "br", "*;q=0", "gzipped"):
            self.assertNotIn("content-encoding", self.server.ask("/api/project", Accept_Encoding=accept).headers)
        self.assertNotIn("content-encoding", self.server.ask("/api/jobs", Accept_Encoding="gzip").headers)

    def test_the_page_is_packed_too(self):
        plain, packed = self.server.ask("/"), self.server.ask("/", Accept_Encoding="gzip")
        self.assertEqual(packed.headers["content-encoding"], "gzip")
        self.assertEqual(gzip.decompress(packed.body), plain.body)

    def test_head_is_get_without_its_body(self):
        for path in ("/", "/api/project"):
            get, head = self.server.ask(path), self.server.ask(path, method="HEAD")
            self.assertEqual((head.status, head.body), (200, b""))
            self.assertEqual(head.headers["content-length"], get.headers["content-length"])

    def test_one_connection_carries_many_requests(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.connect()
        socket_of_it = connection.sock
        for path in ("/", "/api/project", "/api/jobs", "/", "/api/nothing"):
            connection.request("GET", path)
            connection.getresponse().read()
            if path != "/api/nothing":
                self.assertIs(connection.sock, socket_of_it)
        connection.close()

    def test_requests_sent_at_once_are_answered_in_their_order(self):
        ask = f"GET {{}} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n{{}}\r\n"
        raw = ask.format("/api/project", "") + ask.format("/api/jobs", "") + ask.format("/", "Connection: close\r\n")
        with self.server.connect() as s:
            s.sendall(raw.encode())
            got = read_all(s)
        self.assertEqual(got.count(b"HTTP/1.1 200 OK"), 3)
        self.assertLess(got.index(b'"samples"'), got.index(b'"jobs"'))


class Addresses(Asked):
    def test_unknown_ones(self):
        for path in ("/api", "/api/", "/api/nothing", "/api/jobs/", "/api/project/1", "/api/samples/x", "/api/%6eo"):
            self.assertEqual(failure(self.refused(404, "not_found", path=path))["message"], "there is no such address")
        self.assertEqual(self.server.ask("/nothing.js").status, 404)

    def test_a_path_without_a_dot_is_the_page(self):
        page = self.server.ask("/").body
        for path in ("/explorer", "/explorer/deep", "/?filter=%7B%7D", "/apiary"):
            reply = self.server.ask(path)
            self.assertEqual((reply.status, reply.body), (200, page))
            self.assertEqual(reply.headers["content-type"], "text/html; charset=utf-8")

    def test_zero_bytes_ways_up_and_broken_escapes(self):
        for path in ("/api%00.png", "/api/project%00", "/api/../api/project", "/api/%2e%2e/project", "/%2e%2e%2fetc/passwd",
                     "/../../etc/passwd", "//api/project", "/api//project", "/./x.js", "/a\\..\\b", "/a%5cb.js", "/%", "/%4",
                     "/%zz", "/%ff.js", "/api/project?filter=%", "/api/project?filter=%00", "/api/project?a=%ff",
                     "/a%0ab.js", "/a%7fb.js"):
            reply = self.server.ask(path)
            self.assertEqual(reply.status, 400, path)
            self.assertNotIn(b"root:", reply.body)

    def test_an_address_of_another_form(self):
        for target in ("http://127.0.0.1/api/project", "*", "api/project", "127.0.0.1:80"):
            self.assertEqual(self.server.ask(target).status, 400, target)

    def test_too_long_and_too_many(self):
        fine = self.server.ask("/api/jobs?x=" + "a" * 40000)
        self.assertEqual(fine.status, 200)
        reply = self.refused(414, "too_large", path="/api/jobs?x=" + "a" * (48 * 1024))
        self.assertEqual(failure(reply)["message"], "the address has 49164 bytes; at most 49152 are read")
        self.assertIn(self.server.exchange(b"GET /" + b"a" * 400000).status, (414, 431, 0))
        self.refused(400, "usage", path="/api/jobs?" + "&".join(f"a{i}=1" for i in range(257)))
        self.assertEqual(self.server.ask("/api/jobs?" + "&".join(f"a{i}=1" for i in range(256))).status, 200)

    def test_large_headers(self):
        self.assertIn(self.server.ask("/", X_Much="a" * 200000).status, (431, 413, 0))
        many = {f"X_{i}": "a" * 100 for i in range(3000)}
        self.assertIn(self.server.ask("/", **many).status, (431, 413, 0))
        self.assertEqual(self.server.ask("/").status, 200)

    def test_methods(self):
        for method in ("PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"):
            reply = self.server.ask("/api/jobs", method=method)
            self.assertEqual((reply.status, reply.headers.get("allow")), (405, "GET, HEAD, POST, DELETE"), method)
        reply = self.server.ask("/api/project", method="POST", body={})
        self.assertEqual((reply.status, reply.headers["allow"]), (405, "GET, HEAD"))
        reply = self.server.ask("/", method="POST", body={})
        self.assertEqual((reply.status, reply.headers["allow"]), (405, "GET, HEAD"))
        self.assertEqual(self.server.ask("/api/events", method="HEAD").status, 405)


class Bodies(Asked):
    def test_what_is_no_object_is_refused(self):
        for body, words in ((b"", "the body is not JSON: line 1, column 0: '[' or '{' expected near end of file"),
                            (b"[]", "the body is JSON but no object"),
                            (b'{"command":"measure"', "the body is not JSON: line 1"),
                            (b'{"command":1,"command":2}', "the body is not JSON: line 1"),
                            (b'{"command":"measure"} x', "the body is not JSON: line 1"),
                            (b'{"command":"\xff"}', "the body is not JSON: line 1"),
                            (b'{"a":' * 3000, "the body is not JSON: line 1"),
                            (b'{"command":7}', 'a job is {"command": "measure"}, or another command'),
                            (b'{"command":"measure","more":1}', "measure takes no 'more'")):
            reply = self.refused(400, "usage", path="/api/jobs", method="POST", body=body)
            self.assertIn(words, failure(reply)["message"])

    def test_a_large_one_is_refused_before_it_is_sent(self):
        head = (f"POST /api/jobs HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {(1 << 20) + 1}\r\n\r\n").encode()
        with self.server.connect() as s:
            s.sendall(head)
            self.assertEqual(s.recv(12), b"HTTP/1.1 413")

    def test_a_large_one_in_chunks_is_counted(self):
        head = (f"POST /api/jobs HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nContent-Type: application/json\r\n"
                "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n").encode()
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        self.assertEqual(self.server.exchange(head + chunk * 20 + b"0\r\n\r\n").status, 413)
        fine = self.server.exchange(head + b'13\r\n{"command":"x"     \r\n1\r\n}\r\n0\r\n\r\n')
        self.assertEqual(failure(fine)["message"], "there is no job 'x'; use measure, embed, add predictions, add labels or "
                                                   "add metrics")

    def test_a_length_that_is_said_twice(self):
        head = (f"POST /api/jobs HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nContent-Type: application/json\r\n"
                "Content-Length: 2\r\n").encode()
        self.assertEqual(self.server.exchange(head + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n").status, 400)
        self.assertEqual(self.server.exchange(head + b"Content-Length: 4\r\n\r\n{}").status, 400)
        self.assertEqual(self.server.exchange(head.replace(b": 2", b": -2") + b"\r\n{}").status, 400)

    def test_a_get_with_a_body_is_a_get(self):
        self.assertEqual(self.server.ask("/api/jobs", body=b"not JSON").status, 200)


class Events:
    """A stream that is read as it comes."""

    def __init__(self, server):
        self.socket = server.connect()
        self.socket.sendall(f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        self.raw, self.head, self.taken = b"", None, 0

    def read_until(self, fits, seconds):
        """The first state not yet seen that fits; None when there is none in time."""
        until = time.monotonic() + seconds
        while True:
            states = self.states()
            while self.taken < len(states):
                self.taken += 1
                if fits(states[self.taken - 1]):
                    return states[self.taken - 1]
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return None
            piece = self.socket.recv(1 << 16)
            if not piece:
                return None
            self.raw += piece

    def states(self):
        head, _, body = self.raw.partition(b"\r\n\r\n")
        self.head = head
        whole = b""
        while body:
            size, found, rest = body.partition(b"\r\n")
            if not found or len(rest) < int(size, 16) + 2:
                break
            whole, body = whole + rest[:int(size, 16)], rest[int(size, 16) + 2:]
        out = []
        for block in whole.split(b"\n\n")[:-1]:
            lines = block.split(b"\n")
            if b"event: state" in lines:
                state = json.loads(b"\n".join(line[6:] for line in lines if line.startswith(b"data: ")))
                out.append(fitting(state, "Jobs"))
        return out


class Jobs(Asked):
    def test_a_job_runs_and_is_told(self):
        stream = Events(self.server)
        first = stream.read_until(lambda _: True, 60)
        self.assertIn(b"text/event-stream", stream.head)
        revision = first["revision"]
        # It waits for whoever writes the project, however fast it is otherwise.
        with open(pathlib.Path(self.server.process.args[2]) / "lock", "rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            reply = self.server.ask("/api/jobs", method="POST", body={"command": "embed"})
            self.assertEqual(reply.status, 200)
            self.assertEqual(fitting(reply.json(), "Jobs")["jobs"][0]["state"], "running")
            second = self.server.ask("/api/jobs", method="POST", body={"command": "measure"})
            self.assertEqual((second.status, failure(second)["code"]), (409, "conflict"))
            self.assertEqual(failure(second)["message"], "assay embed is running; stop it, or wait for its end")
        done = stream.read_until(lambda state: state["jobs"] and state["jobs"][0]["state"] != "running", 120)
        self.assertEqual(done["jobs"][0]["state"], "done", done)
        self.assertEqual(done["jobs"][0]["command"], "embed")
        # The project changes by another process.
        project = self.server.process.args[2]
        subprocess.run([PROGRAM, "tag", project, "seen", "--where", "label = 'cat'"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        changed = stream.read_until(lambda state: state["revision"] > revision, 60)
        self.assertIsNotNone(changed)
        stream.socket.close()

    def test_nothing_to_stop_is_no_failure(self):
        self.assertEqual(self.server.ask("/api/jobs", method="DELETE", body={}).status, 200)


class Writing(unittest.TestCase):
    """Tags and decisions while a job works on the project."""

    def stop_midway(self, project, command):
        """Stops the process of a job, which holds the project from now on; its id."""
        holder, until = None, time.monotonic() + 30
        while not holder and time.monotonic() < until:
            holder = re.match(rf"assay {command} \(process (\d+)\)\n", (project / "lock").read_text())
            time.sleep(0.001)
        self.assertIsNotNone(holder, "the job does not begin")
        os.kill(int(holder[1]), signal.SIGSTOP)
        return int(holder[1])

    def change(self, server, worker, path, body):
        """The change, made while the job is stopped. Where that was in the moment of a transaction, once it is over."""
        for _ in range(20):
            reply = server.ask(path, method="POST", body=body)
            if reply.status != 409:
                break
            self.assertIn(f"(PID {worker}); nothing was changed, try again in a moment", failure(reply)["message"])
            os.kill(worker, signal.SIGCONT)
            time.sleep(0.05)
            os.kill(worker, signal.SIGSTOP)
        self.assertEqual(reply.status, 200, reply.body)
        return fitting(reply.json(), "Changed")

    def job(self, server):
        return fitting(server.ask("/api/jobs").json(), "Jobs")["jobs"][0]

    def count(self, project, what):
        told = subprocess.run([PROGRAM, "sql", project, f"SELECT count(*) FROM {what}", "--csv"], check=True, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True)
        return int(told.stdout.split()[1])

    def test_a_job_keeps_nobody_from_tagging(self):
        count = 200 * (os.cpu_count() or 1)
        with tempfile.TemporaryDirectory() as folder:
            project = make_large_photos(PROGRAM, folder, count)
            with Server(PROGRAM, project) as server:
                self.assertEqual(server.ask("/api/jobs", method="POST", body={"command": "measure"}).status, 200)
                worker = self.stop_midway(project, "measure")
                try:
                    tags = [self.change(server, worker, "/api/tags", {"add": [f"tag {i}"], "samples": [i, i + 1]})
                            for i in range(3)]
                    decided = self.change(server, worker, "/api/decisions", {"sample": 7, "decision": "dismiss"})
                    told = subprocess.run([PROGRAM, "tag", project, "early", "--where", "row <= 10"], text=True,
                                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
                    self.assertEqual((told.returncode, told.stdout), (0, "early: 10 samples, new to 10 of them\n"), told.stderr)
                    self.assertEqual(self.job(server)["state"], "running")
                    self.assertLess(self.count(project, "measures"), count)
                finally:
                    os.kill(worker, signal.SIGCONT)
                revisions = [change["revision"] for change in (*tags, decided)]
                self.assertEqual([change["changed"] for change in (*tags, decided)], [2, 2, 2, 1])
                self.assertEqual(revisions, sorted(set(revisions)))
                until = time.monotonic() + 120
                while self.job(server)["state"] == "running" and time.monotonic() < until:
                    time.sleep(0.1)
                self.assertEqual(self.job(server)["state"], "done")
                counts = [self.count(project, what) for what in ("measures", "tag_samples", "label_decisions")]
                self.assertEqual(counts, [count, 2 + 2 + 2 + 10, 1])
                # The page sees all of it.
                shown = server.ask("/api/selection?filter=" + urllib.parse.quote(json.dumps({"tags": ["early"]})))
                self.assertEqual(shown.json()["samples"], 10)
                self.assertGreater(server.ask("/api/project").json()["revision"], revisions[-1])


class Streams(Asked):
    def test_sixteen_listen_and_more_are_told_to_wait(self):
        streams = [Events(self.server) for _ in range(20)]
        told = [stream.read_until(lambda _: True, 60) for stream in streams]
        self.assertEqual(sum(state is not None for state in told), 16)
        refused = [stream for stream, state in zip(streams, told) if state is None]
        for stream in refused:
            self.assertTrue(stream.raw.startswith(b"HTTP/1.1 503"), stream.raw[:60])
        # They cost nothing while there is nothing to say.
        before = ticks(self.server.process.pid)
        time.sleep(1.5)
        self.assertLess(ticks(self.server.process.pid) - before, 20)
        for stream in streams:
            stream.socket.close()
        # Who has left makes place soon, though nothing happens.
        places, end = [], time.monotonic() + 120
        while len(places) < 16 and time.monotonic() < end:
            stream = Events(self.server)
            if stream.read_until(lambda _: True, 60) is not None:
                places.append(stream)
            else:
                stream.socket.close()
                time.sleep(0.2)
        self.assertEqual(len(places), 16)
        for stream in places:
            stream.socket.close()


def ticks(pid):
    """Of processor time, hundredths of a second."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


class Strain(Asked):
    """A thousand at once, half of them stalled, beside one that gives a byte now and then."""

    def drip(self, out):
        """Seconds until the server ends a request of which a byte comes every four seconds."""
        begun = time.monotonic()
        with self.server.connect(30) as s:
            words = iter(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n\r\n".encode())
            while time.monotonic() - begun < 30:
                try:
                    s.sendall(bytes([next(words)]))
                    if select.select([s], [], [], 4)[0]:
                        s.recv(1)
                        break
                except ConnectionError:
                    break
        out.append(time.monotonic() - begun)

    def drip_after_another(self, out):
        """The same on a connection that had a whole request before."""
        with self.server.connect(30) as s:
            s.sendall(f"GET /api/jobs HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\n\r\n".encode())
            s.recv(1 << 16)
            time.sleep(2)
            begun = time.monotonic()
            while time.monotonic() - begun < 30:
                try:
                    s.sendall(b"G")
                    if select.select([s], [], [], 4)[0] and not s.recv(1 << 16):
                        break
                except ConnectionError:
                    break
            out.append(time.monotonic() - begun)

    def stall(self, count):
        """Connections that do nothing, that stop within the headers, and within the body."""
        heads = (b"", b"GET / HTTP/1.1\r\nHost: ",
                 f"POST /api/jobs HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nContent-Type: application/json\r\n"
                 "Content-Length: 20\r\n\r\n{".encode())
        stalled = [self.server.connect() for _ in range(count)]
        for i, s in enumerate(stalled):
            s.sendall(heads[i % 3])
        return stalled

    def test_stalled_ones_do_not_stop_the_others(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
        first, second = [], []
        drips = [threading.Thread(target=self.drip, args=(first,)),
                 threading.Thread(target=self.drip_after_another, args=(second,))]
        for thread in drips:
            thread.start()
        begun = time.monotonic()
        stalled = self.stall(500)
        others = [self.server.connect() for _ in range(500)]
        ask = f"GET /api/project HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nConnection: close\r\n\r\n".encode()
        slowest = 0.0
        for s in others:
            asked = time.monotonic()
            s.sendall(ask)
            self.assertEqual(Reply(read_all(s)).status, 200)
            slowest = max(slowest, time.monotonic() - asked)
            s.close()
        self.assertLess(slowest, 8.0)  # it did not wait for the stalled ones, which have ten seconds
        for s in stalled:
            s.settimeout(60)
            read_all(s)  # returns when the server ends it
            s.close()
        # Without a limit of its own the library would end them after 30 seconds of nothing.
        self.assertLess(time.monotonic() - begun, 28)
        self.assertGreater(time.monotonic() - begun, 8)
        for thread in drips:
            thread.join()
        for name, seconds in (("first", first[0]), ("second", second[0])):
            self.assertTrue(8 <= seconds <= 28, f"{name}: {seconds}")
        print(f"# slowest of 500 beside 500 stalled: {slowest * 1000:.0f} ms; one byte every 4 s: dropped after "
              f"{first[0]:.1f} s and {second[0]:.1f} s", file=sys.stderr)

    def test_many_at_once_are_all_answered(self):
        statuses = []

        def ask():
            statuses.append(self.server.ask("/api/project").status)

        threads = [threading.Thread(target=ask) for _ in range(200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 200)


class Curves(unittest.TestCase):
    """A point of a curve has exactly the samples that it counts, whatever the probabilities are made of."""

    def count(self, connection, **query):
        connection.request("GET", "/api/samples?" + urllib.parse.urlencode({"count": 0, **query}))
        reply = connection.getresponse()
        told = json.loads(reply.read())
        self.assertEqual(reply.status, 200, told)
        return told["count"]

    def expect_point(self, connection, query, kind, x, y, threshold):
        at = {**query, "threshold": 2 if threshold is None else repr(threshold)}
        tp, fp, fn = (self.count(connection, **at, outcome=outcome) for outcome in ("tp", "fp", "fn"))
        others = self.count(connection, **query, threshold=-1, outcome="fp")
        rates = (fp / others, tp / (tp + fn)) if kind == "roc" else (tp / (tp + fn), tp / (tp + fp))
        self.assertEqual((x, y), rates, at)

    def test_points_count_what_their_thresholds_list(self):
        with tempfile.TemporaryDirectory() as folder:
            project, models = make_scores(PROGRAM, folder)
            with Server(PROGRAM, project) as server:
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
                for model in models:
                    query = {"filter": json.dumps({"model": model}), "class": "1"}
                    connection.request("GET", "/api/curves?" + urllib.parse.urlencode(query))
                    curve = fitting(json.loads(connection.getresponse().read()), "Curves")["curves"][0]
                    for kind in ("roc", "pr"):
                        self.assertGreater(len(curve[kind]), 40, model)
                        for point in curve[kind][::7] + curve[kind][-1:]:
                            self.expect_point(connection, query, kind, *point)
                connection.close()


class Conditions(unittest.TestCase):
    """What a condition may take of the machine."""

    def test_one_that_cannot_be_interrupted_is_ended_and_harms_nobody(self):
        if b"__tsan_init" in pathlib.Path(PROGRAM).read_bytes():
            # A process that is watched for races cannot fork one that starts threads.
            self.skipTest("this program runs conditions in its own process")
        with served(PROGRAM) as server:
            deaf = ("levenshtein(repeat('ab', 300000), repeat('ba', 300000)) > 1", "did not end within 5 seconds")
            greedy = ("len(range(500000000)) > 1", "needs more than 512 MiB of memory")
            address = "/api/selection?filter=" + urllib.parse.quote(json.dumps({"where": deaf[0]}))
            replies = []
            waiting = threading.Thread(target=lambda: replies.append(server.ask(address)))
            begun = time.monotonic()
            waiting.start()
            time.sleep(0.3)
            others = [server.ask("/api/selection?filter=" + urllib.parse.quote(json.dumps({"where": "row > 1"}))),
                      server.ask("/api/selection?filter=" + urllib.parse.quote(json.dumps({"where": greedy[0]})))]
            self.assertEqual((others[0].status, others[0].json()["samples"]), (200, 4))
            self.assertEqual((others[1].status, failure(others[1])["message"]), (413, greedy[1]))
            if time.monotonic() - begun < 4:  # a machine under load may not get so far in its five seconds
                self.assertTrue(waiting.is_alive(), "the other one ended first")
            waiting.join(60)
            self.assertEqual((replies[0].status, failure(replies[0])["message"]), (413, deaf[1]))
            status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
            most = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
            self.assertLess(most, 1 << 20, "the server itself took a gigabyte")


class Exports(unittest.TestCase):
    def test_a_file_from_the_page_is_the_one_of_the_terminal(self):
        with tempfile.TemporaryDirectory() as folder:
            project, models = make_scores(PROGRAM, folder)
            with Server(PROGRAM, project) as server:
                for form in ("csv", "jsonl"):
                    for where in (None, "label = '1' AND margin < 0.4"):
                        asked = {"model": models[1]} | ({"where": where} if where else {})
                        reply = server.ask("/api/export", method="POST", body={"form": form, "all": {"filter": asked}})
                        file = pathlib.Path(folder) / f"samples.{form}"
                        subprocess.run([PROGRAM, "export", project, "samples", "--model", models[1], "-o", file, "--force",
                                        *(["--where", where] if where else [])], check=True, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                        self.assertGreater(len(reply.body.splitlines()), 10)
                        self.assertEqual(reply.body, file.read_bytes(), (form, where))


class Replaced(unittest.TestCase):
    def test_what_a_browser_keeps_of_a_project_is_not_taken_for_another_one_at_its_place(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            project = make_project(PROGRAM, root)
            kept = {}
            with Server(PROGRAM, project) as server:
                for path in ("/api/project", "/api/evaluation?part=first", "/api/samples?count=5"):
                    reply = server.ask(path)
                    kept[path] = (reply.headers["etag"], reply.body)
                shutil.rmtree(project)
                table = root / "resnet.csv"
                table.write_text(table.read_text().replace("cat/b.jpg,dog", "cat/b.jpg,cat"))
                subprocess.run([PROGRAM, "create", project, "--images", root / "photos", "--predictions", table], check=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.expect_another(server, kept, 60)
            with Server(PROGRAM, project, "--port", str(server.port)) as server:
                self.expect_another(server, kept, 0)

    def test_nor_is_what_it_keeps_of_one_that_a_copy_of_before_has_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            project = make_project(PROGRAM, root)
            shutil.copytree(project, root / "copy")
            with Server(PROGRAM, project) as server:
                # As many changes, of other samples.
                for sample in (1, 2):
                    reply = server.ask("/api/tags", method="POST", body={"add": ["seen"], "samples": [sample]})
                    self.assertEqual(reply.json()["changed"], 1)
                reply = server.ask("/api/samples?count=5")
                kept = {"/api/samples?count=5": (reply.headers["etag"], reply.body)}
                shutil.rmtree(project)
                shutil.copytree(root / "copy", project)
                for sample in (3, 4):
                    subprocess.run([PROGRAM, "tag", project, "seen", "--where", f"row = {sample + 1}"], check=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.expect_another(server, kept, 60)

    def expect_another(self, server, kept, seconds):
        """Of the project that is there now, at the latest after so long."""
        until = time.monotonic() + seconds
        for path, (etag, body) in kept.items():
            reply = server.ask(path, If_None_Match=etag)
            while time.monotonic() < until and (reply.status == 304 or reply.body == body):
                time.sleep(0.2)
                reply = server.ask(path, If_None_Match=etag)
            self.assertEqual(reply.status, 200, path)
            self.assertNotEqual(reply.body, body, path)


class Tokens(unittest.TestCase):
    TOKEN = "abcdefgh-12345678"

    def test_a_token_is_asked_for_and_exchanged(self):
        with served(PROGRAM, "--token", self.TOKEN) as server:
            self.assertEqual(server.query, f"?token={self.TOKEN}")
            for path in ("/", "/api/project", "/api/events", "/x.js", "/api/nothing"):
                self.assertEqual(server.ask(path).status, 403, path)
            for wrong in (self.TOKEN + "x", self.TOKEN[:-1], "", self.TOKEN.upper(), "x" * 17):
                self.assertEqual(server.ask(f"/?token={wrong}").status, 403, wrong)
                self.assertEqual(server.ask("/api/project", Cookie=f"assay_{server.port}={wrong}").status, 403)
                self.assertEqual(server.ask("/api/project", Authorization=f"Bearer {wrong}").status, 403)
            reply = server.ask(f"/explorer?a=1&token={self.TOKEN}&b=%2F")
            self.assertEqual((reply.status, reply.headers["location"]), (303, "/explorer?a=1&b=%2F"))
            self.assertEqual(reply.headers["set-cookie"],
                             f"assay_{server.port}={self.TOKEN}; HttpOnly; SameSite=Strict; Path=/")
            self.assertEqual(reply.headers["cache-control"], "no-store")
            # A name in escapes is read as the token, and so it goes too: the next address asks for nothing.
            reply = server.ask(f"/explorer?%74oken={self.TOKEN}&a=1&to%6ben=x")
            self.assertEqual((reply.status, reply.headers["location"]), (303, "/explorer?a=1"))
            # Nobody is led elsewhere.
            self.assertEqual(server.ask(f"//evil.example/?token={self.TOKEN}").status, 403)
            cookie = f"other=1; assay_{server.port}={self.TOKEN}"
            self.assertEqual(server.ask("/api/project", Cookie=cookie).status, 200)
            self.assertEqual(server.ask("/", Cookie=cookie).status, 200)
            self.assertEqual(server.ask("/api/project", Authorization=f"Bearer {self.TOKEN}").status, 200)
            self.assertEqual(server.ask("/", Cookie=cookie, host="evil.example").status, 421)

    def test_another_address_makes_one(self):
        with served(PROGRAM, "--bind", "0.0.0.0") as server:
            self.assertRegex(server.query, r"^\?token=[0-9a-f]{32}$")
            self.assertEqual(server.ask("/api/project").status, 403)
            token = server.query.removeprefix("?token=")
            self.assertEqual(server.ask("/api/project", Authorization=f"Bearer {token}").status, 200)
            self.assertEqual(server.ask("/api/project", host=f"10.1.2.3:{server.port}",
                                        Authorization=f"Bearer {token}").status, 200)
            self.assertEqual(server.ask("/api/project", host=f"evil.example:{server.port}",
                                        Authorization=f"Bearer {token}").status, 421)


class WebFolder(unittest.TestCase):
    def test_files_come_from_there_and_from_nowhere_else(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "web" / "assets").mkdir(parents=True)
            (root / "web" / "index.html").write_text("<p>one")
            (root / "web" / "assets" / "a.js").write_text("1;")
            (root / "secret.js").write_text("secret")
            os.symlink(root / "secret.js", root / "web" / "link.js")
            os.symlink(root, root / "web" / "up")
            with served(PROGRAM, "--web-dir", str(root / "web")) as server:
                self.assertEqual(server.ask("/").body, b"<p>one")
                (root / "web" / "index.html").write_text("<p>two")
                self.assertEqual(server.ask("/some/page").body, b"<p>two")
                script = server.ask("/assets/a.js")
                self.assertEqual((script.status, script.body), (200, b"1;"))
                self.assertEqual(script.headers["content-type"], "text/javascript; charset=utf-8")
                self.assertEqual(script.headers["cache-control"], "no-cache")
                for path in ("/link.js", "/up/secret.js", "/../secret.js", "/%2e%2e/secret.js", "/none.js", "/assets.d"):
                    reply = server.ask(path)
                    self.assertIn(reply.status, (400, 404), path)
                    self.assertNotIn(b"secret\n", reply.body)
                    self.assertNotEqual(reply.body, b"secret")


class GivenUp(unittest.TestCase):
    """What nobody waits for any more isn't computed."""

    MANY = 40  # more than there are threads to answer, each for about a second of one processor at least

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.project = make_wide_project(PROGRAM, cls.folder.name, 60000, 200)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def ask_for_rest(server, number):
        """A question of its own that takes long; the socket."""
        s = server.connect(60)
        s.sendall(f'GET /api/evaluation?part=rest&filter={{"classes":["{number}"]}} HTTP/1.1\r\n'
                  f"Host: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n".encode())
        return s

    def rest(self, server):
        """Returns when the server has nothing to do any more."""
        for _ in range(60):
            before = ticks(server.process.pid)
            time.sleep(1)
            if ticks(server.process.pid) - before < 20:
                return
        self.fail("the server goes on working")

    def test_threads_come_free_when_clients_leave(self):
        with Server(PROGRAM, self.project) as server:
            begun, worked = time.monotonic(), ticks(server.process.pid)
            with self.ask_for_rest(server, 0) as s:
                self.assertEqual(Reply(read_all(s)).status, 200)
            one, worked = time.monotonic() - begun, ticks(server.process.pid) - worked
            before = ticks(server.process.pid)
            gone = [self.ask_for_rest(server, 1 + i) for i in range(self.MANY)]
            time.sleep(0.1)
            for s in gone:
                s.close()
            begun = time.monotonic()
            self.assertEqual(server.ask('/api/selection?filter={"classes":["7"]}').status, 200)
            soon = time.monotonic() - begun
            # All of them would take at least MANY / processors times that.
            self.assertLess(soon, max(1.0, self.MANY * one / (os.cpu_count() or 1) / 4))
            # It rests soon, and has worked for a part of them only.
            self.rest(server)
            self.assertLess(ticks(server.process.pid) - before, self.MANY * worked / 4)
            # What was given up is made anew for whoever asks again.
            with self.ask_for_rest(server, 1) as s:
                reply = Reply(read_all(s))
            self.assertEqual(reply.status, 200)
            self.assertEqual(reply.json()["parts"], "rest")
            print(f"# an evaluation takes {one:.2f} s; {self.MANY} were given up and another request answered after "
                  f"{soon * 1000:.0f} ms", file=sys.stderr)

    def test_one_leaves_and_the_other_gets_the_answer(self):
        with Server(PROGRAM, self.project) as server:
            first = self.ask_for_rest(server, 3)
            time.sleep(0.15)
            with self.ask_for_rest(server, 3) as second:
                time.sleep(0.15)
                first.close()
                reply = Reply(read_all(second))
            self.assertEqual(reply.status, 200)
            self.assertEqual(reply.json()["parts"], "rest")

    def test_the_end_does_not_wait_for_what_takes_long(self):
        with Server(PROGRAM, self.project) as server:
            waiting = [self.ask_for_rest(server, i) for i in range(self.MANY)]
            time.sleep(0.3)
            begun = time.monotonic()
            self.assertEqual(server.stop(), (0, ""))
            self.assertLess(time.monotonic() - begun, 60)
            statuses = {Reply(read_all(s)).status for s in waiting}
            self.assertLessEqual(statuses, {200, 503})
            self.assertIn(503, statuses)
            for s in waiting:
                s.close()


class Ends(unittest.TestCase):
    def test_a_request_to_end_is_no_failure(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with served(PROGRAM) as server:
                streams = [Events(server) for _ in range(3)]
                for stream in streams:
                    self.assertIsNotNone(stream.read_until(lambda _: True, 60))
                idle = server.connect()
                self.assertEqual(server.stop(number), (0, ""))
                for stream in streams:
                    stream.socket.settimeout(60)
                    rest = read_all(stream.socket)
                    self.assertTrue((stream.raw + rest).endswith(b"0\r\n\r\n"), "a stream was cut")
                    stream.socket.close()
                idle.close()

    def test_a_job_ends_with_it_and_the_project_is_whole(self):
        with served(PROGRAM) as server:
            project = server.process.args[2]
            self.assertEqual(server.ask("/api/jobs", method="POST", body={"command": "embed"}).status, 200)
            self.assertEqual(server.stop(), (0, ""))
            again = subprocess.run([PROGRAM, "embed", project, "--wait", "0"], stdin=subprocess.DEVNULL,
                                   capture_output=True, text=True, check=False)
            self.assertEqual(again.returncode, 0, again.stderr)

    def test_a_port_that_is_taken_is_told(self):
        with served(PROGRAM) as server:
            project = server.process.args[2]
            other = subprocess.run([PROGRAM, "serve", project, "--port", str(server.port)], stdin=subprocess.DEVNULL,
                                   capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(other.returncode, 12)
            self.assertEqual(other.stderr, f"assay: port {server.port} of 127.0.0.1 is taken by another program; choose "
                                           f"another one: --port {server.port + 1}, or --port 0 for one that is free\n")
            port = server.port
            self.assertEqual(server.stop()[0], 0)
            # At once afterwards it is free again.
            with Server(PROGRAM, project, "--port", str(port)) as next_one:
                self.assertEqual(next_one.port, port)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=1)
