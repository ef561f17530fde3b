"""A new server takes over from a running one: no request, no record and no job is lost."""
import contextlib
import json
import os
import random
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time

import pytest
from hpack import Decoder, Encoder
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, HeadersFrame, SettingsFrame, WindowUpdateFrame

from client import Client, Viewer
from conftest import School
from harness import COMPLAINTS, Server, make_clip
from tus import create, head, path_of, wait_for_job

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
ENDING_S = 40


class Failed(AssertionError):
    """A request whose bytes had been sent was not answered whole."""


def read_now(stream):
    """What is there already; None for nothing (a session ticket is nothing), b"" at the end."""
    try:
        stream.settimeout(0)
        return stream.recv(65536)
    except (ssl.SSLWantReadError, BlockingIOError):
        return None
    except OSError:
        return b""
    finally:
        stream.settimeout(30)


class StrictHttp1:
    """Never repeats a request that it has begun to send; before that it looks whether the server has said goodbye."""

    def __init__(self, server):
        self.server, self.stream, self.left = server, None, b""

    def is_over(self):
        return self.stream is None or read_now(self.stream) is not None

    def connect(self):
        self.close()
        self.stream = self.server.connect()

    def read(self):
        piece = self.stream.recv(65536)
        if not piece:
            raise Failed("the connection ended within an answer")
        return piece

    def request(self, method, path, fields, body=b"", pace=None):
        if self.is_over():
            self.connect()
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.server.port}",
                 *(f"{name}: {value}" for name, value in fields.items())]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        try:
            self.stream.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            return self.read_answer(pace)
        except OSError as fault:
            raise Failed(f"{method} {path}: {fault}") from fault

    def read_answer(self, pace):
        text = b""
        while b"\r\n\r\n" not in text:
            text += self.read()
        first, body = text.split(b"\r\n\r\n", 1)
        status = int(first.split(b" ", 2)[1])
        length = int(re.search(rb"(?i)content-length: (\d+)", first + b"\ncontent-length: 0").group(1))
        while len(body) < length:
            if pace:
                time.sleep(pace)
            body += self.read()
        if re.search(rb"(?i)connection: close", first):
            self.close()
        return status, body

    def close(self):
        if self.stream is not None:
            self.stream.close()
        self.stream = None


class StrictHttp2:
    """One stream after the other; a GOAWAY that names this stream as unprocessed is no failure (RFC 9113 section 6.8)."""

    def __init__(self, server):
        self.server, self.stream, self.told_to_go = server, None, False

    def connect(self):
        self.close()
        self.stream = self.server.connect("h2")
        self.next_id, self.bytes, self.told_to_go = 1, b"", False
        self.encoder, self.decoder = Encoder(), Decoder()
        self.stream.sendall(PREFACE + SettingsFrame(0).serialize()
                            + WindowUpdateFrame(0, window_increment=2**30).serialize())

    def has_frame(self):
        return len(self.bytes) >= 9 and len(self.bytes) >= 9 + int.from_bytes(self.bytes[:3], "big")

    def frame(self):
        """The next one; None at the end of the connection."""
        while not self.has_frame():
            piece = self.stream.recv(65536)
            if not piece:
                return None
            self.bytes += piece
        frame, length = Frame.parse_frame_header(memoryview(self.bytes[:9]))
        frame.parse_body(memoryview(self.bytes[9:9 + length]))
        self.bytes = self.bytes[9 + length:]
        return frame

    def look(self):
        """What has come in the meantime: perhaps a farewell."""
        while self.stream is not None and (piece := read_now(self.stream)) is not None:
            self.bytes += piece
            while self.has_frame():
                self.note(self.frame())
            if not piece:
                self.close()

    def note(self, frame):
        if isinstance(frame, GoAwayFrame):
            self.told_to_go = True
        elif isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self.stream.sendall(SettingsFrame(0, flags=["ACK"]).serialize())

    def request(self, method, path, fields, body=b"", pace=None):
        assert not body and not pace
        with contextlib.suppress(OSError):
            self.look()
        if self.stream is None or self.told_to_go:
            self.connect()
        number, self.next_id = self.next_id, self.next_id + 2
        names = [(":method", method), (":scheme", "https"), (":path", path),
                 (":authority", f"localhost:{self.server.port}"),
                 *((name.lower(), value) for name, value in fields.items())]
        asked = HeadersFrame(number, data=self.encoder.encode(names), flags=["END_HEADERS", "END_STREAM"])
        try:
            self.stream.sendall(asked.serialize() + WindowUpdateFrame(number, window_increment=2**30).serialize())
            return self.read_answer(number, (method, path, fields))
        except OSError as fault:
            raise Failed(f"{method} {path}: {fault}") from fault

    def read_answer(self, number, again):
        status, body = None, b""
        while True:
            frame = self.frame()
            if frame is None:
                raise Failed("the connection ended within an answer")
            self.note(frame)
            if isinstance(frame, GoAwayFrame) and frame.last_stream_id < number:
                self.connect()
                return self.request(*again)
            if frame.stream_id != number:
                continue
            if isinstance(frame, HeadersFrame):
                status = int(dict(self.decoder.decode(frame.data))[":status"])
            elif isinstance(frame, DataFrame):
                body += frame.data
            else:
                raise Failed(f"{frame}")
            if "END_STREAM" in frame.flags:
                return status, body

    def close(self):
        if self.stream is not None:
            self.stream.close()
        self.stream = None


class Load:
    """Threads that work until they are stopped; any failure of theirs is told at the end."""

    def __init__(self):
        self.ended, self.threads, self.faults = threading.Event(), [], []

    def add(self, work, *arguments):
        def run():
            try:
                work(*arguments)
            except Exception as fault:  # whatever it is, the test must hear of it
                self.faults.append(f"{work.__name__}: {type(fault).__name__}: {fault}")
        thread = threading.Thread(target=run, daemon=True)
        self.threads.append(thread)
        thread.start()

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a client hangs"
        assert not self.faults, self.faults


class Watcher:
    """A participant who fetches segments without end, and counts what came whole."""

    def __init__(self, school, load, kind, pause=0.01, pace=None):
        self.client = school.participant()
        self.viewer = Viewer(self.client, school.lecture)
        self.paths = [path for path, _start, _end in self.viewer.segments()]
        self.viewer.close()
        self.load, self.kind, self.pause, self.pace, self.whole = load, kind, pause, pace, 0
        self.fields = {"Cookie": f"__Host-media={self.client.cookies['__Host-media']}"}

    def fetch(self):
        connection = self.kind(self.client.server)
        rng = random.Random(self.client.id)
        while not self.load.ended.is_set():
            path = rng.choice(self.paths)
            status, body = connection.request("GET", path, self.fields, pace=self.pace)
            assert status == 200 and len(body) > 1000, (status, path, body[:200])
            self.whole += 1
            time.sleep(rng.uniform(0, 2 * self.pause))
        connection.close()


class HeartbeatSender:
    def __init__(self, school, load):
        self.client, self.load = school.participant(), load
        self.viewer = Viewer(self.client, school.lecture)
        self.viewer.close()
        self.acknowledged = -1
        self.fields = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.client.cookies.items()),
                       "Content-Type": "application/json", "Origin": self.client.server.url}

    def send(self):
        connection = StrictHttp1(self.client.server)
        while not self.load.ended.is_set():
            beat = self.viewer.beat(0, 100)
            status, body = connection.request("POST", f"/api/v1/play/{self.viewer.session}/heartbeats", self.fields,
                                              json.dumps({"beats": [beat]}).encode())
            assert status == 200, (status, body)
            self.acknowledged = json.loads(body)["acknowledged_seq"]
            assert self.acknowledged == beat["seq"], "a beat was acknowledged, and lost"
            time.sleep(0.03)
        connection.close()


class Uploader:
    """tus: each piece goes on where the server says that it stands."""

    def __init__(self, school, load, size=6_000_000):
        self.admin, self.load = school.staff(), load
        self.data = random.Random(7).randbytes(size)
        self.path = path_of(self.admin, create(self.admin, size, "noise.mp4"))
        self.offset, self.cuts, self.lecture = 0, 0, None
        self.fields = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.admin.cookies.items()),
                       "Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream",
                       "Origin": self.admin.server.url}

    def send(self):
        while not self.load.ended.is_set() and self.offset < len(self.data) // 2:
            self.send_slowly()
            found = head(self.admin, self.path)
            assert found.status == 200, found
            now = int(found.field("upload-offset"))
            assert now >= self.offset, "bytes were acknowledged, and lost"
            self.offset = now

    def send_slowly(self):
        """One PATCH that lasts, and is cut when the server is replaced."""
        stream = self.admin.server.connect()
        rest = len(self.data) - self.offset
        lines = [f"PATCH {self.path} HTTP/1.1", f"Host: localhost:{self.admin.server.port}",
                 f"Upload-Offset: {self.offset}", f"Content-Length: {rest}",
                 *(f"{name}: {value}" for name, value in self.fields.items())]
        with contextlib.closing(stream), contextlib.suppress(OSError):
            stream.sendall("\r\n".join([*lines, "", ""]).encode())
            for at in range(self.offset, len(self.data), 20_000):
                time.sleep(0.1)
                answer = read_now(stream)
                if answer is not None:
                    assert re.match(rb"HTTP/1.1 (423|503) ", answer) or not answer, answer
                    self.cuts += 1
                    return
                if self.load.ended.is_set():
                    return
                stream.sendall(self.data[at:at + 20_000])

    def finish(self):
        found = head(self.admin, self.path)
        offset = int(found.field("upload-offset"))
        assert offset >= self.offset
        answer = self.admin.request("PATCH", self.path, data=self.data[offset:], fields={
            "Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"})
        assert answer.status == 204 and answer.field("upload-offset") == str(len(self.data)), answer


class TakenOver(Server):
    """A server that can be replaced while it runs."""

    def spawn(self, *arguments, config=None):
        command = [str(self.binary), "serve", "--take-over", "--config", str(config or self.config), *arguments]
        with self.log_path.open("ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    env=self.environment(), cwd=self.folder)

    def events(self, name):
        return len(re.findall(rf" {name}\b", self.log_path.read_text("utf-8", "replace")))

    def wait_for(self, name, count):
        deadline = time.monotonic() + ENDING_S
        while self.events(name) < count:
            assert time.monotonic() < deadline, f"no {name}\n{self.log(20000)}"
            time.sleep(0.02)

    def take_over(self, *arguments):
        """Gives the old process, which drains."""
        before = self.events("listening")
        old, self.process = self.process, self.spawn(*arguments)
        self.wait_for("listening", before + 1)
        assert self.process.poll() is None, self.log()
        return old

    def rows(self, sql, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/store.sqlite?mode=ro", uri=True)) as store:
            return store.execute(sql, values).fetchall()


def ended_well(process):
    assert process.wait(timeout=ENDING_S) == 0


class FakeHeir:
    """Speaks the takeover's protocol by hand, to fail at a chosen moment."""

    def __init__(self, server, protocol=1, schema=None):
        schema = server.rows("SELECT MAX(version) FROM schema_migration")[0][0] if schema is None else schema
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        folder = os.open(server.data, os.O_PATH)
        self.socket.connect(f"/proc/self/fd/{folder}/control.sock")
        os.close(folder)
        self.descriptors = []
        self.send({"take_over": protocol, "schema": schema, "program": "9.9.9"})

    def send(self, message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self):
        text, descriptors, _flags, _from = socket.recv_fds(self.socket, 4096, 100)
        self.descriptors += descriptors
        return json.loads(text) if text else None

    def die(self):
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.socket.close()


class SmallSchool(School):
    def __init__(self, server, clip):
        self.server = server
        server.init().start()
        self.lecture = server.add_lecture(clip, "Twelve seconds")
        self.program, self.cohort = self.add_program("A program", self.lecture)


@pytest.fixture
def make_school(clips):
    opened = []

    def make(**options):
        server = TakenOver(**options)
        opened.append(server)
        return SmallSchool(server, clips["short"])

    yield make
    for server in opened:
        server.__exit__(None, None, None)


def check_deliveries(server, watchers):
    for watcher in watchers:
        rows = server.rows("SELECT COUNT(*) FROM delivery WHERE participant_id = ? AND whole = 1", watcher.client.id)
        assert rows[0][0] == watcher.whole > 0, (rows, watcher.whole)


def disturb(server, story, rng):
    """A takeover that does not come about."""
    before = server.events("resuming")
    if story == "dies before it is ready":
        heir = FakeHeir(server)
        assert heir.receive()["sockets"] >= 1
        time.sleep(rng.uniform(0, 0.3))
        heir.die()
    elif story == "dies when it should begin":
        heir = FakeHeir(server)
        assert heir.receive()["sockets"] >= 1
        heir.send({"ready": True})
        assert heir.receive() == {"go": True}
        heir.die()
    elif story == "fails by itself":
        broken = server.folder / "broken.conf"
        broken.write_text(server.config.read_text() + f"tls-key = {server.folder}/none.key\n")
        new = server.spawn(config=broken)
        assert new.wait(timeout=ENDING_S) != 0
    else:
        new = server.spawn()
        time.sleep(rng.uniform(0.02, 0.3))
        new.kill()
        new.wait()
        return
    server.wait_for("resuming", before + 1)


def run_under_load(school, clip, rounds):
    server, load, rng = school.server, Load(), random.Random(20261122)
    watchers = [Watcher(school, load, kind, **options) for kind, options in (
        (StrictHttp1, {}), (StrictHttp1, {"pause": 0.3}), (StrictHttp2, {}), (StrictHttp2, {"pause": 0.2}),
        (StrictHttp1, {"pace": 0.02}))]
    sender, uploader = HeartbeatSender(school, load), Uploader(school, load)
    job = server.json("lecture", "add", clip, "--title", "Slow", "--language", "en")["id"]
    for watcher in watchers:
        load.add(watcher.fetch)
    load.add(sender.send)
    load.add(uploader.send)
    old = []
    for story in rounds:
        time.sleep(rng.uniform(0.2, 0.6))
        if story == "takes over":
            old.append(server.take_over())
        else:
            disturb(server, story, rng)
    time.sleep(0.5)
    load.stop()
    for process in old:
        ended_well(process)
    uploader.finish()
    assert uploader.cuts >= 1, "no upload was cut, so none was tried"
    assert wait_for_job(school.staff(), job)["state"] == "ready"
    assert server.rows("SELECT COUNT(*) FROM heartbeat WHERE play_session_id = ?", sender.viewer.session)[0][0] \
        == sender.viewer.seq
    time.sleep(0.5)  # the last deliveries are in the store after delivery-commit-ms
    check_deliveries(server, watchers)
    assert server.rows("SELECT COUNT(*) FROM delivery_cursor")[0][0] == server.settings["loops"]
    assert server.rows("SELECT COUNT(*) FROM server_run WHERE ended_at_ms IS NULL")[0][0] == 1
    return sum(watcher.whole for watcher in watchers)


@pytest.fixture(scope="session")
def slow_clip(tmp_path_factory):
    """Has to be encoded."""
    clip = tmp_path_factory.mktemp("slow") / "slow.avi"
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-t", "6",
                    "-c:v", "mpeg4", "-q:v", "5", str(clip)], check=True)
    return clip


def test_nothing_is_lost_under_load(make_school, slow_clip):
    school = make_school(drain_idle_ms=3000, send_buffer_bytes=16384)
    rounds = ("takes over", "dies before it is ready", "takes over", "fails by itself", "takes over")
    assert run_under_load(school, slow_clip, rounds) > 50
    assert school.server.rows("SELECT COUNT(*) FROM server_gap")[0][0] == 0
