"""A cold cache: 200 viewers of different lectures, none of which is in memory; how late the loop is, at the 99th
percentile, beside the same server built so that it reads on its loop (tests/bench/native/reading_on_the_loop.c).

A viewer asks for a segment each second.  The media lie on a disk each of whose reads takes a millisecond
(tests/bench/native/slow_disk.c); it is mounted anew for each slice, and nobody has anything of it in memory then.
"""
import contextlib
import re
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from client import KeptConnection, Viewer
from clients import PROGRAMS
from enrolment import Desk, enrol
from figures import median, report, report_ratio
from harness import RELEASE_BUILD, Server
from lecture_files import NO_RUNGS, make_long_lecture
from machine import CLIENT_CORE, SERVER_CORE, pin, pin_thread
from slices import interleaved

NAME = "serve-cold"
LECTURES, SEGMENTS, ROUNDS, GOAL = 200, 6, 4, 0.1
LECTURE_S, BITS_PER_SECOND = 28, 1_000_000  # segments of 500 KB
BETWEEN_S, READY_S, READ_US = 1.0, 300, 1000


class Reading:
    """A build of the server, by how it reads what is cold."""

    def __init__(self, name, binary):
        self.name, self.binary = name, binary


SIDES = (Reading("lectern", RELEASE_BUILD / "lectern"), Reading("on the loop", PROGRAMS / "reading_on_the_loop"))


def add_lectures(server, file):
    """Many of one file: each is packaged, and lies, on its own."""
    lectures = [server.json("lecture", "add", file, "--title", f"Lecture {number}", "--language", "en")["id"]
                for number in range(LECTURES)]
    desk, deadline = Desk(server), time.monotonic() + READY_S
    for lecture in lectures:
        while desk.ask("GET", f"/lectures/{lecture}")["state"] != "ready":
            if time.monotonic() > deadline:
                raise RuntimeError("the lectures are not ready")
            time.sleep(0.1)
        desk.ask("PATCH", f"/lectures/{lecture}", {"published": True})
    return lectures


@contextlib.contextmanager
def slow_disk(folder):
    """What lies there comes from a slow disk, as long as the context lasts; the server must not run before and after."""
    disk = subprocess.Popen([PROGRAMS / "slow_disk", folder, str(READ_US)], stdout=subprocess.PIPE, text=True)
    try:
        if disk.stdout.readline() != "mounted\n":
            raise RuntimeError("the slow disk cannot be mounted")
        yield
    finally:
        disk.terminate()
        disk.wait()


def lag_counts(server):
    """{seconds: how many ticks of the loop were at most so late}"""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=20) as answer:
        text = answer.read().decode()
    found = re.findall(r'^lectern_loop_lag_seconds_bucket\{loop="0",le="([^"]+)"\} (\d+)$', text, re.MULTILINE)
    return {float(least): int(count) for least, count in found}


def quantile(counts, part):
    """Of a cumulative histogram, with even spread within a bucket, as Prometheus takes it."""
    ordered = sorted(counts.items())
    rank, below, below_count = part * ordered[-1][1], 0.0, 0
    for bound, count in ordered:
        if count >= rank:
            share = (rank - below_count) / (count - below_count)
            return below if bound == float("inf") else below + (bound - below) * share
        below, below_count = bound, count
    raise ValueError("an empty histogram")


class Watching:
    """One viewer's thread: a segment each second, at a moment of its own."""

    def __init__(self, server, cookies, paths):
        self.paths, self.problem, self.begin = paths, None, None
        self.connection = KeptConnection(server, cookies)
        self.connection.get("/healthz")
        self.thread = threading.Thread(target=self.watch)

    def start(self, begin):
        self.begin = begin
        self.thread.start()

    def watch(self):
        pin_thread(CLIENT_CORE)
        try:
            for number, path in enumerate(self.paths):
                time.sleep(max(0, self.begin + number * BETWEEN_S - time.monotonic()))
                answer = self.connection.get(path)
                if answer.status != 200:
                    raise RuntimeError(f"{path}: {answer}")
        except Exception as problem:
            self.problem = problem

    def end(self):
        self.thread.join()
        self.connection.close()
        if self.problem:
            raise self.problem


def disk_waits(server):
    """How often the loop, which is the first thread, had to wait for a page (proc(5): majflt)."""
    text = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/stat").read_text()
    return int(text.rsplit(")", 1)[1].split()[9])


def watched(server, side, client, lectures):
    """(the 99th percentile of the loop's lag in ms, how often it waited for the disk) while everybody watches."""
    server.binary = side.binary
    with slow_disk(server.data / "lectures"):
        server.start()
        pin(server.process.pid, SERVER_CORE)
        viewers = [Watching(server, client.cookies, paths) for paths in lectures]
        before, waits, begin = lag_counts(server), disk_waits(server), time.monotonic()
        for number, viewer in enumerate(viewers):
            viewer.start(begin + number * BETWEEN_S / len(viewers))
        for viewer in viewers:
            viewer.end()
        after, waits = lag_counts(server), disk_waits(server) - waits
        server.stop()
    return quantile({bound: count - before[bound] for bound, count in after.items()}, 0.99) * 1000, waits


def run():
    with tempfile.TemporaryDirectory() as folder, \
            Server(build=RELEASE_BUILD, loops=1, log_level="warning", media_jobs=2,
                   ladder_file=NO_RUNGS) as server:
        server.init().start()
        lectures = add_lectures(server, make_long_lecture(Path(folder), LECTURE_S, BITS_PER_SECOND))
        client = enrol(server, lectures)
        viewer = Viewer(client, lectures[0])
        # All are made of one file: their segments have the same addresses but for the lecture.
        first = [path for path, _start, _end in viewer.segments()][:SEGMENTS]
        viewer.close()
        server.stop()
        paths = [[path.replace(lectures[0], lecture) for path in first] for lecture in lectures]
        found = interleaved(SIDES, ROUNDS, lambda side: watched(server, side, client, paths))
    lags, waits = ({name: [one[at] for one in told] for name, told in found.items()} for at in (0, 1))
    report_ratio(NAME, f"{LECTURES} viewers", "lag ms, p99", lags["lectern"], "on the loop", lags["on the loop"], GOAL)
    report(NAME, work="waits for the disk", unit="major faults", lectern=median(waits["lectern"]), beside="on the loop",
           other=median(waits["on the loop"]), least=min(waits["lectern"]), most=max(waits["lectern"]),
           value=max(waits["lectern"]), goal=0)
