"""Allocations that fail anywhere in the process, under load: it lives, or ends with a word, and loses nothing."""
import http.client
import struct
import subprocess
import threading
import time
from pathlib import Path

import pytest

from client import Client
from conftest import School
from harness import ADMIN, ROOT, Server
from observability_test import read_metrics

pytestmark = pytest.mark.alone

DEV = ROOT / "build/dev"
LAST_WORDS = ("lectern: out of memory", "lectern: OpenSSL cannot do")


class Insistent(threading.Thread):
    """Plays, and journals what was acknowledged; answers of 500 and above, and none, are tried again."""

    def __init__(self, school, ended):
        super().__init__(daemon=True)
        self.viewer = school.viewer(school.participant(), school.law)
        self.paths = [path for path, _start, _end in self.viewer.segments()]
        self.ended, self.acknowledged, self.answered, self.refused, self.fault = ended, -1, 0, 0, None
        self.beats = []

    def run(self):
        try:
            while not self.ended.is_set():
                self.step()
        except AssertionError as fault:
            self.fault = fault

    def step(self):
        at = self.viewer.seq * 1000 % 60000
        self.beats.append(self.viewer.beat(at, at + 1000))
        try:
            segment = self.viewer.connection.get(self.paths[self.viewer.seq % len(self.paths)])
            assert segment.status == 200 or segment.status >= 500, segment
            answer = self.send()
        except (OSError, http.client.HTTPException):
            self.viewer.close()
            self.refused += 1
            time.sleep(0.01)
            return
        assert answer.status == 200 or answer.status >= 500, answer
        if answer.status == 200:
            self.note(answer.json())
        else:
            self.refused += 1

    def send(self):
        return self.viewer.connection.get(
            f"/api/v1/play/{self.viewer.session}/heartbeats", "POST", {"beats": self.beats[:400]})

    def note(self, answer):
        assert answer["acknowledged_seq"] >= self.acknowledged, "acknowledged, and forgotten"
        self.acknowledged = answer["acknowledged_seq"]
        self.answered += 1
        self.beats = [beat for beat in self.beats if beat["seq"] > self.acknowledged]


def look_around(school, ended):
    """Other parts of the API, with new connections; whatever they answer."""
    while not ended.is_set():
        for protocol in ("http1.1", "http2"):
            try:
                client = Client(school.server, protocol)
                client.sign_in(*ADMIN)
                client.get("/api/v1/lectures")
                client.get(f"/api/v1/cohorts/{school.cohort}/report")
            except ConnectionError:
                pass


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    built = tmp_path_factory.mktemp("scarce") / "scarce_memory.so"
    source = Path(__file__).with_name("scarce_memory.c")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", str(built), str(source)], check=True)
    return built


@pytest.mark.soak
@pytest.mark.skipif(not (DEV / "lectern").exists(), reason="build/dev is not built")
@pytest.mark.parametrize("seed", range(1, 5))
def test_a_process_without_memory_lives_or_says_why_and_loses_nothing(clips, shim, seed):
    with Server() as server:
        school = School(server, clips)
        server.stop()
        each = server.folder / "each"
        each.write_bytes(bytes(4096))
        server.binary = DEV / "lectern"
        server.under = ["env", f"LD_PRELOAD={shim}", f"SCARCE_FILE={each}", f"SCARCE_SEED={seed}"]
        server.start()
        ended = threading.Event()
        players = [Insistent(school, ended) for _ in range(3)]
        others = [threading.Thread(target=look_around, args=(school, ended), daemon=True)]
        for thread in players + others:
            thread.start()
        time.sleep(1)
        ends = 0
        for one_of in (3000, 300, 1000):
            with each.open("r+b") as file:
                file.write(struct.pack("=I", one_of))
            time.sleep(2)
            with each.open("r+b") as file:
                file.write(struct.pack("=I", 0))
            time.sleep(0.5)
            if server.process.poll() is not None:
                assert any(words in server.log(100000) for words in LAST_WORDS), server.log(20000)
                ends += 1
                print(one_of, [line for line in server.log(100000).splitlines() if "lectern: " in line][-1])
                server.start()
        time.sleep(1)
        ended.set()
        for thread in players + others:
            thread.join(timeout=60)
        for player in players:
            assert player.fault is None, player.fault
            assert player.answered > 0
            while player.beats:
                answer, before = player.send(), len(player.beats)
                assert answer.status == 200, answer
                player.note(answer.json())
                assert len(player.beats) < before, answer.json()
            assert player.acknowledged == player.viewer.seq - 1
        figures = read_metrics(server)
        assert ends > 0 or figures.value("lectern_memory_shortages_total") > 0
        assert figures.value("lectern_degraded", reason="memory") == 0
        print({"refused": sum(player.refused for player in players),
               "answered": sum(player.answered for player in players), "ended": ends})
