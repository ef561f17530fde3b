"""kill -9 at any moment: nothing that was acknowledged is lost, nothing half made is left."""
import contextlib
import json
import os
import random
import sqlite3
import subprocess
import threading
import time

import pytest

from client import Client, Viewer, covered_ms
from conftest import School
from harness import ADMIN, FAKETIME, Server
from tus import create, patch, path_of, wait_for_job

pytestmark = pytest.mark.alone

PEOPLE = 4


class Watcher(threading.Thread):
    """A player that journals: what is not acknowledged is sent again, over restarts of the server."""

    def __init__(self, school, client, ended):
        super().__init__(daemon=True)
        self.school, self.client, self.ended = school, client, ended
        self.acknowledged, self.credited_ms, self.fault = -1, 0, None
        self.beats, self.at = [], 0
        self.viewer = Viewer(client, school.law)
        self.length = self.viewer.fetch()

    def run(self):
        try:
            while not self.ended.is_set():
                # A second of content, four times as fast as life: the clock runs twenty times as fast.
                self.beats.append(self.viewer.beat(self.at, min(self.at + 1000, self.length)))
                self.at = (self.at + 1000) % self.length
                self.send()
                time.sleep(0.02)
        except AssertionError as fault:
            self.fault = fault

    def send(self):
        try:
            answer = self.viewer.send(*self.beats[-400:])
        except (OSError, ConnectionError, subprocess.SubprocessError) as _broken:
            self.viewer.close()
            time.sleep(0.05)
            return
        except Exception as other:  # http.client has errors of its own for a connection that ends within an answer
            if type(other).__module__ != "http.client":
                raise
            self.viewer.close()
            time.sleep(0.05)
            return
        assert answer["acknowledged_seq"] >= self.acknowledged, "acknowledged, and forgotten"
        assert covered_ms(answer["credited"]) >= self.credited_ms, "credited, and taken back"
        self.acknowledged, self.credited_ms = answer["acknowledged_seq"], covered_ms(answer["credited"])
        self.beats = [beat for beat in self.beats if beat["seq"] > self.acknowledged]


def check_records(server):
    """Each number once, and each credited stretch once, whatever was sent again after which crash."""
    with contextlib.closing(sqlite3.connect(f"file:{server.data}/store.sqlite?mode=ro", uri=True)) as store:
        beats, numbers = store.execute("SELECT COUNT(*), COUNT(DISTINCT play_session_id || ' ' || seq) FROM heartbeat").fetchone()
        assert beats == numbers > 0
        for person, credited in store.execute("SELECT participant_id, credited FROM viewing").fetchall():
            stretches = store.execute("SELECT from_ms, to_ms FROM watch_interval WHERE participant_id = ?", (person,)).fetchall()
            assert covered_ms(stretches) == covered_ms(json.loads(credited)), person


@pytest.mark.skipif(not FAKETIME, reason="faketime is not installed")
@pytest.mark.parametrize("rounds, longest_s", [(4, 1.5), pytest.param(1000, 0.5, marks=pytest.mark.soak)])
def test_no_acknowledged_heartbeat_is_lost(clips, rounds, longest_s):
    rng = random.Random(20261122)
    with Server(faster=20) as server:
        school = School(server, clips)
        ended = threading.Event()
        watchers = [Watcher(school, school.participant(), ended) for _ in range(PEOPLE)]
        for watcher in watchers:
            watcher.start()
        for _ in range(rounds):
            time.sleep(rng.uniform(0.0, longest_s))
            server.kill()
            server.start()
        time.sleep(1.5)
        ended.set()
        for watcher in watchers:
            watcher.join(timeout=60)
            assert watcher.fault is None, watcher.fault
        for watcher in watchers:
            answer = watcher.viewer.send(*watcher.beats)
            assert answer["acknowledged_seq"] == watcher.viewer.seq - 1
            assert covered_ms(answer["credited"]) >= watcher.credited_ms
            reported = next(item for item in watcher.client.get("/api/v1/me").json()["lectures"]
                            if item["id"] == school.law)
            assert reported["credited_ms"] == covered_ms(answer["credited"])
        # What was claimed is what was watched: nothing twice, nothing more than the lecture.
        assert all(watcher.credited_ms <= watcher.length for watcher in watchers)
        check_records(server)


def test_what_a_crash_hid_is_credited_to_honest_viewers(clips):
    with Server(delivery_commit_ms=250) as server:
        school = School(server, clips)
        client = school.participant()
        viewer = Viewer(client, school.short)
        paths = viewer.segments()
        viewer.claim(0, 0)
        for path, _start, _end in paths[:3]:
            viewer.connection.get(path)
        # At once: the deliveries of the last moments are in no store yet.
        server.kill()
        server.start()
        viewer.close()
        time.sleep(1.0)
        answer = viewer.claim(0, 3000)
        assert covered_ms(answer["credited"]) >= 2900, answer
        reasons = {flag["reason"] for flag in answer["flags"]}
        record = school.staff().get(f"/api/v1/participants/{client.id}/lectures/{school.short}").json()
        credited_by = {interval["reason"] for interval in record["intervals"]}
        # Where the delivery was durable after all there is nothing to make good.
        assert "server-gap" in reasons | credited_by or credited_by == {"delivered"} or not reasons, (answer, record)
        # The allowance has an end: a whole lecture that nobody sent is not given away.
        assert covered_ms(viewer.claim(0, 12000)["credited"]) <= 12000


def test_a_gap_is_recorded_and_allowed_only_to_those_who_played(clips):
    with Server() as server:
        school = School(server, clips)
        client = school.participant()
        server.kill()
        time.sleep(0.5)
        server.start()
        # Came after the crash: nothing of theirs was lost in it.
        late = Viewer(client, school.short)
        answer = late.claim(0, 1000)
        assert answer["credited"] == [] and {"seq": 0, "reason": "undelivered"} in answer["flags"], answer


def folders(server):
    return {name: sorted(os.listdir(server.data / name)) for name in ("drafts", "incoming", "lectures", "uploads")}


def test_a_crash_during_a_job_leaves_no_half_made_lecture(clips, tmp_path):
    rng = random.Random(1122)
    with Server() as server:
        server.init().start()
        admin = Client(server)
        assert admin.sign_in(*ADMIN).status == 200
        # Needs to be encoded, so that there is time to be killed in.
        slow = tmp_path / "slow.avi"
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25", "-f",
                        "lavfi", "-i", "sine", "-t", "20", "-c:v", "mpeg4", "-q:v", "5", "-c:a", "mp2", str(slow)], check=True)
        data = slow.read_bytes()
        path = path_of(admin, create(admin, len(data), "slow.avi"))
        lecture = patch(admin, path, 0, data).field("lectern-lecture")
        for _ in range(2):
            time.sleep(rng.uniform(0.2, 2.0))
            server.kill()
            server.start()
            shown = admin.get(f"/api/v1/lectures/{lecture}").json()
            assert shown["state"] in ("preparing", "ready"), shown
            if shown["state"] == "preparing":
                played = admin.post(f"/api/v1/lectures/{lecture}/play", {})
                assert played.status == 404, played
        assert wait_for_job(admin, lecture)["state"] == "ready"
        deadline = time.monotonic() + 120
        while admin.get(f"/api/v1/lectures/{lecture}").json()["job"]["state"] != "done":
            assert time.monotonic() < deadline, "its other renditions are never made"
            time.sleep(0.2)
        assert folders(server) == {"drafts": [], "incoming": [], "lectures": [lecture], "uploads": []}
        viewer = Viewer.__new__(Viewer)
        viewer.client = admin
        played = admin.post(f"/api/v1/lectures/{lecture}/play", {}).json()
        assert admin.get(played["hls"]).status == 200


def test_a_job_that_crashes_the_server_again_and_again_is_given_up(clips, tmp_path):
    with Server() as server:
        server.init().start()
        slow = tmp_path / "slow.avi"
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=1920x1080:rate=30", "-t",
                        "40", "-c:v", "mpeg4", "-q:v", "5", str(slow)], check=True)
        added = json.loads(server.run("lecture", "add", slow, "--title", "Slow", "--language", "en", "--json").stdout)
        for _ in range(4):
            time.sleep(0.7)
            server.kill()
            server.start()
        admin = Client(server)
        assert admin.sign_in(*ADMIN).status == 200
        shown = admin.get(f"/api/v1/lectures/{added['id']}").json()
        assert shown["state"] == "failed" and len(shown["job"]["reason"]) > 20, shown


def test_sigterm_during_a_job_takes_it_up_again(clips, tmp_path):
    with Server() as server:
        server.init().start()
        slow = tmp_path / "slow.avi"
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25", "-t",
                        "12", "-c:v", "mpeg4", "-q:v", "5", str(slow)], check=True)
        added = json.loads(server.run("lecture", "add", slow, "--title", "Slow", "--language", "en", "--json").stdout)
        time.sleep(1)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 15
        server.start()
        admin = Client(server)
        assert admin.sign_in(*ADMIN).status == 200
        assert wait_for_job(admin, added["id"])["state"] == "ready"
