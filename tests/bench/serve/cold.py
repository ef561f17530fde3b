"""A cold cache: 200 viewers of different lectures, none of which is in memory; how late the loop is, at the 99th
percentile, beside the same server built so that it reads on its loop (tests/bench/native/reading_on_the_loop.c).

A viewer asks for a segment each second.  Before each slice the server is stopped and the media are dropped from the
page cache, which is checked.
"""
import os
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
from figures import report_ratio
from harness import RELEASE_BUILD, Server
from lecture_files import make_long_lecture
from machine import CLIENT_CORE, SERVER_CORE, pin, pin_thread
from slices import interleaved

NAME = "serve-cold"
LECTURES, SEGMENTS, ROUNDS, GOAL = 200, 6, 4, 0.1
LECTURE_S, BITS_PER_SECOND = 28, 1_000_000  # segments of 500 KB
BETWEEN_S, READY_S, RESIDENT_MOST = 1.0, 300, 0.01


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


def drop_from_memory(folder):
    """The page cache keeps nothing of the media; the server must not run: it has them mapped."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    told = subprocess.run(["fincore", "--bytes", "--noheadings", "--output", "RES,SIZE", *map(str, files)],
                          capture_output=True, text=True, check=True).stdout
    resident, size = (sum(column) for column in zip(*(map(int, line.split()) for line in told.splitlines())))
    if resident > size * RESIDENT_MOST:
        raise RuntimeError(f"{resident} of {size} bytes stay in memory")


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


def lag_ms(server, side, client, lectures):
    """The loop's 99th percentile while everybody watches."""
    drop_from_memory(server.data / "lectures")
    server.binary = side.binary
    server.start()
    pin(server.process.pid, SERVER_CORE)
    viewers = [Watching(server, client.cookies, paths) for paths in lectures]
    before, begin = lag_counts(server), time.monotonic()
    for number, viewer in enumerate(viewers):
        viewer.start(begin + number * BETWEEN_S / len(viewers))
    for viewer in viewers:
        viewer.end()
    after = lag_counts(server)
    server.stop()
    return quantile({bound: count - before[bound] for bound, count in after.items()}, 0.99) * 1000


def run():
    with tempfile.TemporaryDirectory() as folder, \
            Server(build=RELEASE_BUILD, loops=1, log_level="warning", media_jobs=2) as server:
        server.init().start()
        lectures = add_lectures(server, make_long_lecture(Path(folder), LECTURE_S, BITS_PER_SECOND))
        client = enrol(server, lectures)
        viewer = Viewer(client, lectures[0])
        # All are made of one file: their segments have the same addresses but for the lecture.
        first = [path for path, _start, _end in viewer.segments()][:SEGMENTS]
        viewer.close()
        server.stop()
        paths = [[path.replace(lectures[0], lecture) for path in first] for lecture in lectures]
        lags = interleaved(SIDES, ROUNDS, lambda side: lag_ms(server, side, client, paths))
    report_ratio(NAME, f"{LECTURES} viewers", "lag ms, p99", lags["lectern"], "on the loop", lags["on the loop"], GOAL)
