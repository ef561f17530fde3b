"""Jobs that make lectures in passes: how they are told of, ordered, cancelled, and what a crash leaves of them."""
import json
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from client import PROTOCOLS
from conftest import ORGANIZER, School
from harness import Server, make_clip
from tus import upload, wait_for_job

NOBODY_S = "01890000-0000-7000-8000-000000000000"
IMPATIENCE_S = 60


@pytest.fixture(scope="module")
def slow_clip(tmp_path_factory):
    """Has to be encoded."""
    clip = tmp_path_factory.mktemp("slow") / "slow.avi"
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-t", "6",
                    "-c:v", "mpeg4", "-q:v", "5", str(clip)], check=True)
    return clip


@pytest.fixture(scope="module")
def long_clip(slow_clip):
    """Keeps the queue waiting for a while."""
    clip = slow_clip.with_name("long.avi")
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-stream_loop", "9", "-i", str(slow_clip), "-c", "copy", str(clip)],
                   check=True)
    return clip


@pytest.fixture(scope="module")
def spare_school(clips):
    """One whose server may be ended."""
    with Server(events_streams_per_person_max=2, events_heartbeat_seconds=1) as server:
        yield School(server, clips)


class Events:
    """What curl is told by GET /api/v1/events, while it lasts."""

    def __init__(self, client, last=None):
        self.process = subprocess.Popen(
            ["curl", "-sSN", PROTOCOLS[client.protocol], "--cacert", str(client.server.authority), "--max-time", "120",
             "-H", "Cookie: " + "; ".join(f"{key}={value}" for key, value in client.cookies.items()),
             *(["-H", f"Last-Event-ID: {last}"] if last else []), "-w", "status %{http_code}\n",
             client.server.url + "/api/v1/events"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.last = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def lines(self):
        return iter(self.process.stdout.readline, "")

    def next(self):
        """(kind, data); the end is ("end", what curl said)."""
        kind = None
        for line in self.lines():
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "id":
                self.last = value
            elif name == "data":
                return kind, json.loads(value)
            elif name.startswith("status"):
                return "end", name
        return "end", "gone"

    def until(self, wanted):
        """All of them up to the one that is wanted."""
        seen = []
        while not seen or not wanted(*seen[-1]):
            seen.append(self.next())
            assert seen[-1][0] != "end", seen
        return seen


def is_done(kind, data):
    return kind == "job" and data["state"] == "done"


def rows(server, sql, *arguments):
    with sqlite3.connect(f"file:{server.data / 'store.sqlite'}?mode=ro", uri=True, timeout=10) as store:
        return store.execute(sql, arguments).fetchall()


def wait_until(story, *arguments):
    deadline = time.monotonic() + IMPATIENCE_S
    while not story(*arguments):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def job_of(admin, lecture):
    return admin.get(f"/api/v1/lectures/{lecture}").json()["job"]


def test_events_tell_how_a_lecture_is_made(school, protocol, slow_clip):
    admin = school.staff(protocol=protocol)
    with Events(admin) as events:
        assert events.next() == ("state", {"jobs": []})
        first = events.last
        lecture = upload(admin, slow_clip)
        seen = events.until(is_done)
    jobs = [data for kind, data in seen if kind == "job"]
    assert {job["lecture_id"] for job in jobs} == {lecture}
    passes = [job["pass"] for job in jobs]
    assert passes == sorted(passes), "first, then rest"
    assert {"first", "rest"} <= set(passes)
    assert all(0 <= job["permille"] <= 1000 for job in jobs) and "report" not in jobs[-1]
    lectures = [data for kind, data in seen if kind == "lecture"]
    assert lectures[-1] == {"id": lecture, "state": "ready", "published": False, "version": 1}
    # It can be watched while the rest is still to be made.
    watchable = next(at for at, (kind, data) in enumerate(seen) if kind == "lecture" and data["state"] == "ready")
    assert any(kind == "job" and data["state"] != "done" for kind, data in seen[watchable:])

    # Who was away is told what is newer, and once more from the beginning where the place is not known.
    with Events(admin, first) as events:
        kind, data = events.next()
        assert kind in ("job", "lecture") and (data.get("lecture_id") or data["id"]) == lecture
    for unknown in ("00000000-1", first.split("-")[0] + "-99999999", "nonsense"):
        with Events(admin, unknown) as events:
            assert events.next()[0] == "state"


def test_an_organizer_is_told_of_the_lectures_in_their_programs(school, slow_clip):
    admin, organizer = school.staff(), school.staff(who=ORGANIZER)
    with Events(organizer) as events:
        assert events.next() == ("state", {"jobs": []})
        elsewhere, lecture = upload(admin, slow_clip), upload(admin, slow_clip)
        program, _ = school.add_program("Theirs", lecture)
        school.server.run("program", "assign", program, ORGANIZER[0])
        seen = events.until(is_done)
    assert {data.get("lecture_id") or data["id"] for _, data in seen} == {lecture}
    assert elsewhere != lecture


def test_who_may_listen_and_how_many(spare_school, protocol):
    school = spare_school
    admin = school.staff(protocol=protocol)
    assert school.participant(protocol=protocol).get("/api/v1/events").status == 403
    nobody = admin.copy()
    nobody.cookies = {}
    assert nobody.get("/api/v1/events").status == 401
    with Events(admin) as one, Events(admin) as two:
        assert one.next()[0] == two.next()[0] == "state"
        third = admin.get("/api/v1/events")
        assert (third.status, third.code) == (503, "busy"), third
        # signs of life
        assert next(line for line in one.lines() if line.startswith(":"))
        # who signs out is told no more
        assert admin.request("DELETE", "/api/v1/session").status == 204
        from_s = time.monotonic()
        assert one.next() == two.next() == ("end", "status 200")
        assert time.monotonic() - from_s < 10
    # a server that stops waits for nobody
    with Events(school.staff(protocol=protocol)) as last:
        assert last.next()[0] == "state"
        from_s = time.monotonic()
        school.server.stop()
        assert last.next() == ("end", "status 200")
        assert time.monotonic() - from_s < 10
    school.server.start()


def priorities_of_children(server):
    """How nice the processes are that prepare lectures for it now, and their class at the disk."""
    found = set()
    for folder in Path("/proc").iterdir():
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == server.process.pid:
                disk = subprocess.run(["ionice", "-p", folder.name], capture_output=True, text=True, check=True).stdout
                found.add((int(fields[16]), disk.strip()))
        except (OSError, IndexError, ValueError, subprocess.CalledProcessError):
            pass  # no process, or gone
    return found


def test_first_passes_come_before_the_rest_of_others(school, slow_clip):
    admin = school.staff()
    lectures = [upload(admin, slow_clip) for _ in range(3)]
    priorities = set()

    def all_done():
        priorities.update(priorities_of_children(school.server))
        return rows(school.server, "SELECT COUNT(*) FROM job WHERE state IN ('queued', 'running')") == [(0,)]

    wait_until(all_done)
    assert {(10, "idle"), (19, "idle")} <= priorities, "the rest stands behind"
    ready, done = zip(*(rows(school.server, "SELECT v.ready_at_ms, j.ended_at_ms FROM job j JOIN lecture_version v"
                             " ON v.lecture_id = j.lecture_id WHERE j.lecture_id = ?", lecture)[0]
                        for lecture in lectures))
    assert max(ready) <= min(done), (ready, done)


def test_one_is_moved_forward_and_others_are_cancelled(school, slow_clip, long_clip):
    admin = school.staff()
    first, second, third = (upload(admin, clip) for clip in (long_clip, slow_clip, slow_clip))
    jobs = {lecture: job_of(admin, lecture)["id"] for lecture in (first, second, third)}
    moved = admin.request("PATCH", f"/api/v1/jobs/{jobs[third]}", {"first": True})
    assert moved.status == 200 and moved.json()["priority"] == 1, moved
    assert school.server.run("job", "first", jobs[third]).returncode == 0
    bad = admin.request("PATCH", f"/api/v1/jobs/{jobs[third]}", {"priority": -1})
    assert (bad.status, bad.json()["field"]) == (422, "priority"), bad
    assert admin.request("DELETE", f"/api/v1/jobs/{jobs[first]}").status == 204
    wait_until(lambda: job_of(admin, third)["state"] == "running")
    assert job_of(admin, second)["state"] == "queued", "the one before it still waits"
    assert admin.request("DELETE", f"/api/v1/jobs/{jobs[second]}").status == 204
    assert admin.get(f"/api/v1/lectures/{second}").json()["state"] == "failed"
    again = admin.post(f"/api/v1/jobs/{jobs[second]}/retry", {})
    assert (again.status, again.code) == (409, "conflict"), "its file is gone"
    assert admin.post(f"/api/v1/jobs/{NOBODY_S}/retry", {}).status == 404


def test_what_is_published_outlives_its_job(spare_school, slow_clip):
    """Killed between the passes, cancelled after the first, tried again, and its original removed."""
    school = spare_school
    server, admin = school.server, school.staff()
    lecture, busy = upload(admin, slow_clip), upload(admin, slow_clip)
    # The rest of this one waits for the other's first pass.
    wait_until(lambda: job_of(admin, lecture)["pass"] == "rest")
    server.kill()
    before = sorted(path.name for path in (server.data / "lectures" / lecture / "1").iterdir())
    server.start()
    admin = school.staff()
    now = admin.get(f"/api/v1/lectures/{lecture}").json()
    assert now["state"] == "ready" and now["original_bytes"] == slow_clip.stat().st_size
    assert set(before) >= {"report.json", "plan.json"}
    job = now["job"]
    if job["state"] != "done":
        kept = admin.request("DELETE", f"/api/v1/lectures/{lecture}/original")
        assert (kept.status, kept.code) == (409, "conflict"), kept
    cancelled = admin.request("DELETE", f"/api/v1/jobs/{job['id']}").status == 204  # a fast machine is done before
    assert admin.get(f"/api/v1/lectures/{lecture}").json()["state"] == "ready"
    if cancelled:
        assert school.server.run("job", "retry", job["id"]).returncode == 0
    wait_until(lambda: job_of(admin, lecture)["state"] == "done")
    wait_until(lambda: job_of(admin, busy)["state"] == "done")
    original = server.data / "originals" / lecture / "1.input"
    assert original.read_bytes() == slow_clip.read_bytes()
    listed = server.json("lecture", "original", "list")["originals"]
    assert {one["lecture_id"] for one in listed} >= {lecture, busy}
    assert admin.request("DELETE", f"/api/v1/lectures/{lecture}/original").status == 204
    assert not original.exists()
    assert admin.get(f"/api/v1/lectures/{lecture}").json()["original_bytes"] is None
    assert not list((server.data / "incoming").iterdir()) and not list((server.data / "drafts").iterdir())


def test_originals_are_not_kept_where_that_is_set(spare_school, tmp_path):
    server = spare_school.server
    before = set((server.data / "originals").iterdir())
    server.stop()
    server.write_settings(keep_originals=0)
    server.start()
    clip = make_clip(tmp_path / "short.mp4", 3)
    added = server.json("lecture", "add", clip, "--title", "Short", "--language", "en", "--wait")
    assert added["state"] == "ready"
    assert set((server.data / "originals").iterdir()) == before


def test_a_cancelled_job_may_be_tried_again_at_once(clips, slow_clip):
    """The thread that had it may still be busy with its end while another one is free."""
    with Server(media_jobs=2) as server:
        admin = School(server, clips).staff()
        lecture = upload(admin, slow_clip)
        wait_until(lambda: (job := job_of(admin, lecture))["pass"] == "rest" and job["state"] == "running")
        job = job_of(admin, lecture)["id"]
        for _ in range(4):
            if admin.request("DELETE", f"/api/v1/jobs/{job}").status == 204:
                assert admin.post(f"/api/v1/jobs/{job}/retry", {}).status == 204
            wait_until(lambda: job_of(admin, lecture)["state"] != "queued")
        wait_until(lambda: job_of(admin, lecture)["state"] not in ("queued", "running"))
        assert job_of(admin, lecture)["state"] == "done", job_of(admin, lecture)
        assert not list((server.data / "drafts").iterdir())
