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

from client import Client, Viewer
from conftest import School
from harness import COMPLAINTS, make_clip
from strict_client import StrictHttp1, StrictHttp2
from takeover import ENDING_S, FakeHeir, TakenOver, ended_well
from tus import VIDEO_HEAD, create, head, path_of, wait_for_job

pytestmark = pytest.mark.alone


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

    def __init__(self, client, paths, load, kind, pause=0.01, pace=None):
        self.client, self.paths = client, paths
        self.load, self.kind, self.pause, self.pace, self.whole = load, kind, pause, pace, 0
        self.fields = {"Cookie": f"__Host-media={self.client.cookies['__Host-media']}"}

    def fetch(self):
        connection = self.kind(self.client.server)
        rng = random.Random(self.pause)
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
        self.data = VIDEO_HEAD + random.Random(7).randbytes(size - len(VIDEO_HEAD))
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


def segments_of(client, lecture):
    viewer = Viewer(client, lecture)
    paths = [path for path, _start, _end in viewer.segments()]
    viewer.close()
    return paths


def disturb(server, story, rng):
    """A takeover that does not come about."""
    before = server.events("resuming")
    if story == "dies before it is ready":
        heir = FakeHeir(server)
        assert heir.receive()["sockets"] >= 1
        time.sleep(rng.uniform(0, 0.3))
        heir.die()
    elif story == "is killed before it is ready":
        # Whoever wants to write waits, so it cannot be ready.
        with contextlib.closing(sqlite3.connect(server.data / "store.sqlite", isolation_level=None)) as store:
            handed_over, asked = server.events("handed-over"), server.events("handing-over")
            store.execute("BEGIN IMMEDIATE")
            new = server.spawn()
            server.wait_for("handing-over", asked + 1)
            time.sleep(rng.uniform(0, 0.3))
            new.kill()
            new.wait()
            assert server.events("handed-over") == handed_over
    elif story == "dies when it should begin":
        heir = FakeHeir(server)
        assert heir.receive()["sockets"] >= 1
        heir.send({"ready": True})
        assert heir.receive() == {"go": True}
        heir.die()
    else:
        assert story == "fails by itself"
        broken = server.folder / "broken.conf"
        broken.write_text(server.config.read_text() + f"tls-key = {server.folder}/none.key\n")
        new = server.spawn(config=broken)
        assert new.wait(timeout=ENDING_S) != 0
    server.wait_for("resuming", before + 1)


def run_under_load(school, clip, rounds):
    server, load, rng = school.server, Load(), random.Random(20261122)
    client = school.participant()
    paths = segments_of(client, school.lecture)
    watchers = [Watcher(client, paths, load, kind, **options) for kind, options in (
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
    whole = sum(watcher.whole for watcher in watchers)
    assert all(watcher.whole > 0 for watcher in watchers)
    assert server.rows("SELECT COUNT(*) FROM delivery WHERE participant_id = ? AND whole = 1", client.id) == [(whole,)]
    assert server.rows("SELECT COUNT(*) FROM delivery_cursor")[0][0] == server.settings["loops"]
    assert server.rows("SELECT COUNT(*) FROM server_run WHERE ended_at_ms IS NULL")[0][0] == 1
    return whole


@pytest.fixture(scope="session")
def slow_clip(tmp_path_factory):
    """Has to be encoded."""
    clip = tmp_path_factory.mktemp("slow") / "slow.avi"
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-t", "6",
                    "-c:v", "mpeg4", "-q:v", "5", str(clip)], check=True)
    return clip


ROUNDS = ("takes over", "is killed before it is ready", "fails by itself", "takes over")


def test_nothing_is_lost_under_load(make_school, slow_clip):
    school = make_school(drain_idle_ms=5000, http2_farewell_ms=3000, send_buffer_bytes=16384)
    assert run_under_load(school, slow_clip, ROUNDS) > 50
    assert school.server.rows("SELECT COUNT(*) FROM server_gap") == [(0,)]


@pytest.mark.soak
def test_nothing_is_lost_in_many_takeovers_under_load(make_school, slow_clip):
    school = make_school(drain_idle_ms=5000, http2_farewell_ms=3000, send_buffer_bytes=16384)
    rounds = [story for _ in range(5) for story in (*ROUNDS, "dies before it is ready",
                                                        "dies when it should begin", "takes over")]
    assert run_under_load(school, slow_clip, rounds) > 500


class SlowReader:
    """Takes a segment a little at a time, so that the server which began it cannot end."""

    def __init__(self, server, client, path):
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect(("127.0.0.1", server.port))
        self.stream = server.tls_context("http/1.1").wrap_socket(plain, server_hostname="localhost")
        self.stream.settimeout(30)
        self.stream.sendall((f"GET {path} HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
                             f"Cookie: __Host-media={client.cookies['__Host-media']}\r\n\r\n").encode())
        self.got = self.stream.recv(1000)
        assert self.got.startswith(b"HTTP/1.1 200 ") and self.length() > 400_000, self.got

    def length(self):
        first, _, _ = self.got.partition(b"\r\n\r\n")
        return len(first) + 4 + int(re.search(rb"(?i)content-length: (\d+)", first).group(1))

    def read_on(self):
        """True once all is there; false when the connection ended before."""
        with contextlib.suppress(OSError):
            while len(self.got) < self.length() and (piece := self.stream.recv(65536)):
                self.got += piece
        self.stream.close()
        return len(self.got) == self.length()


@pytest.fixture(scope="session")
def large_clip(tmp_path_factory):
    """Noise, so its segment is larger than what kernels hold for a slow reader."""
    return make_clip(tmp_path_factory.mktemp("large") / "large.mp4", 2, size="640x360", sound=False,
                     extra=("-vf", "noise=alls=40:allf=t"))


@pytest.fixture(scope="module")
def large(large_clip):
    """A server, a participant and the way to a large segment; restarted with settings."""
    with TakenOver(send_buffer_bytes=16384, copy_bits_per_second_max=100_000_000) as server:
        school = SmallSchool(server, large_clip)
        client = school.participant()
        path = re.sub(r"/[^/]+/0\.m4s$", "/source/0.m4s", segments_of(client, school.lecture)[0])

        def restart(**options):
            server.stop()
            server.write_settings(**options)
            server.start()
            return school, client, path

        yield restart


def serves(school):
    return school.server.answers() and Client(school.server, "http2").get("/api/v1/me").status == 401


def test_whichever_server_dies_in_a_drain_the_other_goes_on(large):
    school, client, path = large(stop_deadline_ms=60000)
    server = school.server
    gaps = server.rows("SELECT COUNT(*) FROM server_gap")[0][0]
    resumed, lost = server.events("resuming"), server.events("old-server-lost")
    # The new one dies: the old one, which still sends to somebody, steps in again.
    reader = SlowReader(server, client, path)
    old = server.take_over()
    server.process.kill()
    server.process.wait()
    server.wait_for("resuming", resumed + 1)
    assert serves(school) and old.poll() is None
    server.process = old
    assert reader.read_on()
    assert server.rows("SELECT COUNT(*) FROM server_gap") == [(gaps + 1,)]
    assert server.json("cohort", "list")["cohorts"], "commands reach it again"
    # The old one dies: what it had not recorded may be missing, and the new one says so.
    reader = SlowReader(server, client, path)
    old = server.take_over()
    old.kill()
    old.wait()
    server.wait_for("old-server-lost", lost + 1)
    assert serves(school) and not reader.read_on()
    assert server.rows("SELECT COUNT(*) FROM server_gap") == [(gaps + 2,)]
    # And nothing of that keeps the next one from taking over, while the old one sends to the end what it began.
    reader = SlowReader(server, client, path)
    old = server.take_over()
    assert old.poll() is None and reader.read_on()
    ended_well(old)
    assert serves(school)
    assert server.rows("SELECT whole FROM delivery ORDER BY id DESC LIMIT 1") == [(1,)]
    assert server.rows("SELECT COUNT(*) FROM server_gap") == [(gaps + 2,)]


def keep_trying(load, server, ask):
    """A client that repeats what was not answered, as a player does; calls ask(connection) until it is stopped."""
    connection = StrictHttp1(server)
    while not load.ended.is_set():
        try:
            ask(connection)
        except (AssertionError, OSError):
            connection.close()
            time.sleep(0.05)
    connection.close()


@pytest.mark.soak
def test_a_kill_at_any_moment_of_a_takeover_is_no_more_than_a_crash(make_school):
    school, load, rng = make_school(drain_idle_ms=500, stop_deadline_ms=5000), Load(), random.Random(1650)
    server, client = school.server, school.participant()
    paths, sender = segments_of(client, school.lecture), HeartbeatSender(school, load)
    media = {"Cookie": f"__Host-media={client.cookies['__Host-media']}"}
    asked, acknowledged = [0], [-1]

    def fetch(connection):
        asked[0] += 1
        status, _body = connection.request("GET", rng.choice(paths), media)
        assert status == 200

    def beat(connection):
        next_beat = {"seq": acknowledged[0] + 1, "from_ms": 0, "to_ms": 100}
        status, body = connection.request("POST", f"/api/v1/play/{sender.viewer.session}/heartbeats", sender.fields,
                                          json.dumps({"beats": [next_beat]}).encode())
        assert status == 200
        if json.loads(body)["acknowledged_seq"] < acknowledged[0]:
            load.faults.append("a beat was acknowledged, and lost")
        acknowledged[0] = json.loads(body)["acknowledged_seq"]
        time.sleep(0.01)

    load.add(keep_trying, load, server, fetch)
    load.add(keep_trying, load, server, beat)
    for _ in range(25):
        old, new = server.process, server.spawn()
        time.sleep(rng.uniform(0, 0.35))
        victim = rng.choice([old, new])
        victim.kill()
        victim.wait()
        server.process = new if victim is old else old
        time.sleep(rng.uniform(0, 0.3))
        if server.process.poll() is not None:
            server.process = server.spawn()  # the survivor had just handed over, or could not start alone
        deadline, before = time.monotonic() + ENDING_S, acknowledged[0]
        while acknowledged[0] <= before + 1:
            assert time.monotonic() < deadline, server.log(20000)
            if server.process.poll() is not None:
                server.process = server.spawn()
            time.sleep(0.02)
    load.stop()
    assert server.rows("SELECT COUNT(*), COUNT(DISTINCT seq) FROM heartbeat WHERE play_session_id = ?",
                       sender.viewer.session) == [(acknowledged[0] + 1, acknowledged[0] + 1)]
    time.sleep(0.5)
    assert server.rows("SELECT COUNT(*) FROM delivery")[0][0] <= asked[0], "a delivery was counted twice"
    assert not COMPLAINTS.search(server.log(10**7))


def test_sigterm_waits_for_a_slow_reader_until_the_deadline(large):
    school, client, path = large(stop_deadline_ms=30000)
    server = school.server
    inside, process = SlowReader(server, client, path), server.process
    process.terminate()
    time.sleep(0.3)
    assert process.poll() is None
    assert inside.read_on()
    ended_well(process)
    assert server.rows("SELECT whole FROM delivery ORDER BY id DESC LIMIT 1") == [(1,)]
    server.write_settings(stop_deadline_ms=300)
    server.start()
    beyond, process = SlowReader(server, client, path), server.process
    began = time.monotonic()
    process.terminate()
    ended_well(process)
    assert time.monotonic() - began < 10 and not beyond.read_on()
    [(whole, sent_bytes)] = server.rows("SELECT whole, body_bytes FROM delivery ORDER BY id DESC LIMIT 1")
    assert not whole and 0 < sent_bytes < beyond.length()
    server.process = None
    server.start()


def test_a_drain_keeps_to_the_deadline_that_a_reload_has_set(large):
    school, client, path = large(stop_deadline_ms=30000)
    server = school.server
    server.write_settings(stop_deadline_ms=300)
    server.run("reload")
    slow = SlowReader(server, client, path)
    began = time.monotonic()
    ended_well(server.take_over())
    assert time.monotonic() - began < 15 and not slow.read_on()


def test_who_may_not_take_over_is_refused_and_the_old_server_goes_on(make_school):
    school = make_school(takeover_ready_ms=1000)
    server = school.server
    for story, heir in (("protocol", FakeHeir(server, protocol=99)), ("schema", FakeHeir(server, schema=99))):
        answer = heir.receive()
        assert len(answer["refused"]) > 20 and not heir.descriptors, (story, answer)
        heir.die()
    slow = FakeHeir(server)
    assert slow.receive()["sockets"] >= 1
    second = FakeHeir(server)
    assert serves(school), "it serves while somebody prepares to take over"
    assert len(slow.receive()["refused"]) > 20
    slow.die()
    # Who asked meanwhile was kept waiting, and has its turn.
    assert second.receive()["sockets"] >= 1
    second.die()
    server.wait_for("resuming", 2)
    assert serves(school)


def test_a_server_that_is_stopped_meanwhile_leaves_the_heir_its_socket(make_school):
    server = make_school().server
    heir = FakeHeir(server)
    assert heir.receive()["sockets"] >= 1
    server.process.terminate()
    assert heir.receive() == {"go": True}
    ended_well(server.process)
    assert (server.data / "control.sock").is_socket(), "commands find whoever goes on"
    heir.die()
    server.process = None
    server.start()
    server.process.terminate()
    ended_well(server.process)
    assert not (server.data / "control.sock").exists()
    server.process = None
    server.start()


def test_commands_and_jobs_go_on_over_a_takeover(make_school, slow_clip):
    school = make_school()
    server = school.server
    command = [str(server.binary), "lecture", "add", str(slow_clip), "--title", "Slow", "--language", "en", "--wait",
               "--json", "--config", str(server.config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=server.environment()) as adding:
        deadline = time.monotonic() + ENDING_S
        while server.rows("SELECT COUNT(*) FROM job WHERE state = 'running'") != [(1,)]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        first = server.take_over("--set", "loops=1")
        second = server.take_over("--set", "loops=5")
        added = json.loads(adding.communicate(timeout=120)[0])
    assert added["state"] == "ready" and adding.returncode == 0, added
    ended_well(first)
    ended_well(second)
    assert serves(school)
    assert server.rows("SELECT attempts FROM job ORDER BY created_at_ms DESC LIMIT 1") == [(1,)]


class ServiceManager:
    """Listens as systemd does."""

    def __init__(self, folder):
        self.path = folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(ENDING_S)
        self.socket.bind(str(self.path))

    def hear(self):
        return dict(line.split("=", 1) for line in self.socket.recv(1000).decode().splitlines())


def test_a_service_manager_is_told_which_process_serves(clips):
    with TakenOver() as server:
        server.init()
        manager = ServiceManager(server.folder)
        command = [str(server.binary), "serve", "--take-over", "--background", "--config", str(server.config)]
        pids = []
        for _ in range(2):
            with server.log_path.open("ab") as log:
                subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=True, timeout=ENDING_S,
                               env={**server.environment(), "NOTIFY_SOCKET": str(manager.path)})
            assert server.answers(), "it comes back when it serves"
            heard = manager.hear()
            assert heard["READY"] == "1", heard
            pids.append(int(heard["MAINPID"]))
        assert pids[0] != pids[1]
        server.wait_for("old-server-ended", 1)
        os.kill(pids[1], signal.SIGTERM)
        assert manager.hear() == {"STOPPING": "1"}, "of the one that stops, and of nobody before"
        server.wait_for("stopped", 2)
        broken = subprocess.run([*command, "--set", "web-root=/nowhere"], capture_output=True, text=True, check=False,
                                env=server.environment(), timeout=ENDING_S)
        assert broken.returncode == 64 and "nowhere" in broken.stderr, broken
        assert not COMPLAINTS.search(server.log(100000))
