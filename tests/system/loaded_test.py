"""The server at work with everything at once: under the thread sanitizer, and under valgrind."""
import contextlib
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request

import pytest

from client import Client, KeptConnection, Viewer
from conftest import School
from harness import ADMIN, ROOT, Server
from tus import create, like_a_video, patch, path_of

pytestmark = pytest.mark.alone

TSAN, DEV = ROOT / "build/tsan", ROOT / "build/dev"
# The kernel spreads addresses more widely than gcc 12's thread sanitizer can place its shadow.
UNDER_TSAN = ["setarch", "-R"]
UNDER_VALGRIND = ["valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full", "--num-callers=30",
                  "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite", "--child-silent-after-fork=yes"]


@contextlib.contextmanager
def at_work(clips, build, under, **settings):
    """A school that was set up by the ordinary build, served by another."""
    with Server(**settings) as server:
        school = School(server, clips)
        server.stop()
        server.binary, server.under = build / "lectern", under
        server.start()
        yield school


class Worker(threading.Thread):
    """Does its step again and again; a step that raises is the test's failure."""

    def __init__(self, ended, step):
        super().__init__(daemon=True)
        self.ended, self.step, self.done, self.fault = ended, step, 0, None
        self.start()

    def run(self):
        try:
            while not self.ended.is_set():
                self.step()
                self.done += 1
        except Exception as fault:  # pylint: disable=broad-except
            self.fault = fault


def watch(viewer):
    paths, length = [path for path, _start, _end in viewer.segments()], viewer.fetch()

    def step():
        for path in paths[:4]:
            assert viewer.connection.get(path).status == 200
            ranged = viewer.connection.get(path, fields={"Range": "bytes=0-99,500-599"})
            assert ranged.status == 206, ranged
        at = viewer.seq * 1000 % length
        viewer.claim(at, min(at + 1000, length))
    return step


def upload_and_think_again(admin):
    def step():
        created = create(admin, 3 << 20)
        assert created.status == 201, created
        path = path_of(admin, created)
        assert patch(admin, path, 0, like_a_video(2 << 20)).status == 204
        assert admin.request("DELETE", path, fields={"Tus-Resumable": "1.0.0"}).status == 204
    return step


def command(school):
    def step():
        person = school.add_person(name="Who Comes And Goes")
        link = school.link(person)
        client = Client(school.server, "http2")
        assert client.open_link(link).status == 200
        school.server.json("lecture", "list")
        school.server.run("invitation", "revoke", person)
    return step


def look(school):
    def step():
        with urllib.request.urlopen(f"http://127.0.0.1:{school.server.metrics_port}/metrics", timeout=30) as answer:
            assert b"lectern_requests_total" in answer.read()
        assert Client(school.server, "http2").sign_in(*ADMIN).status == 200
        assert Client(school.server).sign_in(ADMIN[0], "wrong").status == 401
        os.kill(school.server.process.pid, signal.SIGHUP)
    return step


def h2load(school, viewer, paths, *words):
    cookies = "; ".join(f"{name}={value}" for name, value in viewer.client.cookies.items())
    urls = [school.server.url + path for path in paths]
    return subprocess.Popen(["h2load", "-t1", *words, "-H", f"cookie: {cookies}", *urls],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def everything_at_once(school, seconds):
    ended = threading.Event()
    viewers = [school.viewer(school.participant(protocol), school.law) for protocol in ("http1.1", "http2")]
    paths = [path for path, _start, _end in viewers[0].segments()]
    workers = [Worker(ended, step) for step in (
        watch(viewers[0]), watch(viewers[1]), upload_and_think_again(school.staff()), command(school), look(school))]
    loads = [h2load(school, viewers[0], paths, "-c4", "-m8", "-D", str(seconds)),
             h2load(school, viewers[1], paths, "-c4", "--h1", "-D", str(seconds))]
    time.sleep(seconds)
    ended.set()
    for worker in workers:
        worker.join(timeout=60)
        assert worker.fault is None, (worker.step, worker.fault)
        assert worker.done > 0, worker.step
    for load in loads:
        said, _ = load.communicate(timeout=60)
        counts = {name: int(number) for number, name in re.findall(r"(\d+) (succeeded|errored|2xx|5xx)", said)}
        assert counts["succeeded"] > 0 and counts["2xx"] > 0 and counts["5xx"] == 0, said
    return viewers[0], paths


@pytest.mark.skipif(not (TSAN / "lectern").exists(), reason="build/tsan is not built")
def test_threads_do_not_race_under_load(clips):
    with at_work(clips, TSAN, UNDER_TSAN, store_threads=3, disk_threads=3) as school:
        viewer, paths = everything_at_once(school, 8)
        # And it is stopped in the middle of work.
        load = h2load(school, viewer, paths, "-c4", "-m8", "-D", "10")
        time.sleep(1)
        school.server.stop()
        load.communicate(timeout=60)


def test_work_leaves_nothing_behind(clips):
    """AddressSanitizer looks for leaks at the end."""
    with Server() as server:
        everything_at_once(School(server, clips), 4)


@pytest.mark.soak
@pytest.mark.skipif(not (DEV / "lectern").exists(), reason="build/dev is not built")
def test_valgrind_finds_neither_errors_nor_leaks(clips):
    with at_work(clips, DEV, UNDER_VALGRIND) as school:
        for protocol in ("http1.1", "http2"):
            client = school.participant(protocol)
            viewer = Viewer(client, school.short)
            viewer.fetch()
            viewer.claim(0, 1000)
            assert client.get("/nowhere").status == 404
            assert client.get("/").status == 200
            viewer.close()
        upload_and_think_again(school.staff())()
        kept = KeptConnection(school.server, {})
        assert kept.get("/j").status == 200
        school.server.stop()  # an error or a leak is another exit code
        kept.close()
