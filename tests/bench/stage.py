"""What the serving benchmarks stand on: Lectern with lectures and a viewer; nginx and h2o with the same bytes as files.

One stage serves all benchmarks of a run: the_stage() builds it when it is asked for first.
"""
import atexit
import functools
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from client import Viewer, parse_playlist
from clients import http1_request, http2_request
from enrolment import enrol
from harness import RELEASE_BUILD, Server
from lecture_files import NO_RUNGS, make_long_lecture
from loads import negotiated
from machine import SERVER_CORE, pin
from rivals import H2o, Nginx, TunedNginx

TOKEN_USED_S = 200  # a media token lives for 600 s; past half of it a viewer would be given a new one
DELIVERED_S = 5     # the store has every delivery long before this
# name: (seconds, bits a second of the picture).  Segments are 4 s; together about 128 MB for each name.
SEGMENTS = {"100 KB": (3600, 200_000), "500 KB": (1080, 1_000_000), "2 MB": (300, 4_000_000)}
PLAYLISTS = {"2 KB": (300, 64_000), "9 KB": (1380, 64_000)}
SIZES = {"KB": 1e3, "MB": 1e6}


class Material(NamedTuple):
    """The rendition of a lecture that is its file's picture, copied: what is asked for, of Lectern and of the rivals."""
    lecture: str
    playlist: str
    segments: list
    segment_bytes: float  # on average
    playlist_bytes: int


class Lectern:
    """Our side, with the face of a rival: `name`, `url`, `port`, `pid`, start(), stop(), target()."""
    name = "lectern"

    def __init__(self):
        # The highest of the rates is above what is packaged as it is by default.
        self.server = Server(build=RELEASE_BUILD, loops=1, log_level="warning", copy_bits_per_second_max=10_000_000,
                             ladder_file=NO_RUNGS)
        self.url, self.port, self.set_up = self.server.url, self.server.port, None

    def start(self, workers=1, pinned=True):
        if self.set_up != (workers, pinned):
            self.server.stop()
            self.server.write_settings(loops=workers)
            self.server.start()
            if pinned:
                pin(self.pid, SERVER_CORE)
            self.set_up = (workers, pinned)
        return self

    def stop(self):
        self.server.stop()
        self.set_up = None

    def target(self, path):
        return path

    @property
    def pid(self):
        return self.server.process.pid

    def deliveries(self):
        """How many segments the store knows as delivered whole."""
        with sqlite3.connect(f"file:{self.server.data}/store.sqlite?mode=ro", uri=True) as store:
            return store.execute("SELECT COALESCE(SUM(whole), 0) FROM delivery").fetchone()[0]


def check_size(name, material):
    """The figures of a name are those of this size: a benchmark of other bytes is none."""
    number, unit = name.split()
    found = material.segment_bytes if name in SEGMENTS else material.playlist_bytes
    if not 0.85 < found / (float(number) * SIZES[unit]) < 1.15:
        raise RuntimeError(f"{name}: {found:.0f} bytes in {material.playlist}")


class Stage:
    def __init__(self):
        self.place = tempfile.TemporaryDirectory(prefix="lectern-bench-")
        self.folder = Path(self.place.name)
        self.folder.chmod(0o755)
        self.files = self.folder / "files"
        self.lectern = Lectern()
        self.material, self.cookie_at = {}, None
        try:
            self.prepare()
        except BaseException as problem:
            self.lectern.server.__exit__(type(problem), problem, None)  # tells its log, and ends it
            raise
        tls = self.lectern.server.data / "tls"
        self.nginx, self.tuned_nginx, self.h2o = (
            kind(self.folder, self.files, tls / "server.pem", tls / "server.key") for kind in (Nginx, TunedNginx, H2o))

    def close(self):
        for side in (self.nginx, self.tuned_nginx, self.h2o, self.lectern):
            side.stop()
        with self.lectern.server:
            pass  # removes its folder
        self.place.cleanup()

    def prepare(self):
        server, lectures = self.lectern.server.init(), {}
        for name, (seconds, rate) in {**SEGMENTS, **PLAYLISTS}.items():
            file = make_long_lecture(self.folder, seconds, rate)
            lectures[name] = server.add_lecture(file, title=name)
            file.unlink()
        self.lectern.start()
        self.client = enrol(server, lectures.values())
        self.material = {name: self.copy(lecture) for name, lecture in lectures.items()}
        for name, material in self.material.items():
            check_size(name, material)

    def copy(self, lecture):
        """Fetches the copied rendition as its viewer would, and lays it down as files."""
        viewer = Viewer(self.client, lecture)
        master = viewer.connection.get(viewer.hls).body.decode()
        playlist = f"{viewer.base}/{next(line for line in master.splitlines() if line.startswith('source/'))}"
        text = self.copy_file(viewer, playlist)
        folder = playlist.rsplit("/", 1)[0]
        segments = [f"{folder}/{address}" for address, _ in parse_playlist(text.decode())]
        total = sum(len(self.copy_file(viewer, path)) for path in segments)
        viewer.close()
        return Material(lecture, playlist, segments, total / len(segments), len(text))

    def copy_file(self, viewer, path):
        answer = viewer.connection.get(path)
        if answer.status != 200 or answer.field("content-encoding"):
            raise RuntimeError(f"{path}: {answer}")
        file = self.files / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(answer.body)
        return answer.body

    def cookie(self):
        """A media token that stays young for the next minutes."""
        if self.cookie_at is None or time.monotonic() - self.cookie_at > TOKEN_USED_S:
            Viewer(self.client, self.material["2 KB"].lecture).close()
            self.cookie_at = time.monotonic()
        return "__Host-media=" + self.client.cookies["__Host-media"]

    def targets(self, side, paths):
        """A file of what to ask this side for."""
        file = self.folder / f"{side.name}.targets"
        file.write_text("".join(f"{side.target(path)}\n" for path in paths))
        return file

    def request(self, side, protocol):
        """A file with the bytes of a small request, as a client of that protocol begins."""
        compose = http2_request if protocol == "h2" else http1_request
        file = self.folder / f"{side.name}.request"
        file.write_bytes(compose(side, self.material["2 KB"].playlist, self.cookie()))
        return file

    def check_alike(self, *sides, alpn):
        """The comparison is only one where both sides do the same, and neither gives its files to anybody."""
        for side in sides:
            got = negotiated(side.url, alpn)
            if got != ("TLSv1.3", "TLS_AES_128_GCM_SHA256", "ECDSA 256", alpn):
                raise RuntimeError(f"{side.name} negotiates {got}")
        asked = self.material["2 KB"].playlist
        without = self.client.copy()
        without.cookies = {}
        if without.get(asked).status != 401:
            raise RuntimeError("a media token is not needed")

    def check_logged(self, before, requests):
        """Every answer that arrived whole must be in the store; `before` is what was there."""
        deadline = time.monotonic() + DELIVERED_S
        while (logged := self.lectern.deliveries() - before) < requests:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{requests} segments arrived, {logged} deliveries are in the store")
            time.sleep(0.1)


@functools.cache
def the_stage():
    stage = Stage()
    atexit.register(stage.close)
    return stage
