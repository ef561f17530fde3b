"""A lecture is trimmed or replaced while people are in the middle of it: nobody loses what they watched."""
import time

import pytest

from client import Viewer
from tus import encoded, patch, path_of
from captions_test import put
from sound_test import ffmpeg, onset_s, tone

CAPTIONS = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nBefore\n\n00:00:05.000 --> 00:00:07.000\nAfter\n"


@pytest.fixture(scope="module")
def admin(school_session):
    return school_session.staff()


@pytest.fixture
def lecture(school, clips):
    """Twelve seconds that a program shows."""
    lecture = school.server.add_lecture(clips["short"], "To be trimmed")
    school.server.run("program", "lectures", school.program, "--append", lecture)
    return lecture


def progress(client, lecture):
    return next(row for row in client.get("/api/v1/me").json()["lectures"] if row["id"] == lecture)


def wait_for_version_of(admin, lecture, version, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        shown = admin.get(f"/api/v1/lectures/{lecture}").json()
        assert shown["state"] == "ready", shown
        if shown["version"] == version and shown["job"]["state"] == "done":
            return shown
        time.sleep(0.1)
    return None


def test_a_trim_keeps_the_link_what_was_watched_and_captions(school, admin, lecture):
    person = school.participant()
    before = Viewer(person, lecture)
    assert put(admin, lecture, CAPTIONS).status == 200
    chapters = [{"start_ms": start, "titles": {"en": title}} for start, title in ((0, "Cut short"), (9000, "Whole"))]
    assert admin.request("PUT", f"/api/v1/lectures/{lecture}/chapters", {"chapters": chapters}).status == 200
    before.fetch()
    before.watch(8000, speed=4, clock=1)
    watched = progress(person, lecture)["credited_ms"]
    assert 3000 <= watched <= 8000

    since = admin.get(f"/api/v1/lectures/{lecture}").json()["version_at_ms"]
    answer = admin.post(f"/api/v1/lectures/{lecture}/trim", {"from_ms": 4000, "to_ms": 12000})
    assert answer.status == 202 and answer.json()["job"], answer
    shown = wait_for_version_of(admin, lecture, 2)
    assert abs(shown["duration_ms"] - 8000) < 300 and shown["captions"] == ["en"]
    assert shown["version_at_ms"] > since

    # the old version goes on for who plays it, and counts on both
    before.fetch()
    after = Viewer(person, lecture)
    assert "/2/" in after.hls and "/1/" in before.hls
    carried = progress(person, lecture)
    assert abs(carried["credited_ms"] - max(0, watched - 4000)) <= 50, (watched, carried)
    vtt = person.get(f"{after.base}/captions/en.vtt").body.decode()
    assert "After" in vtt and "Before" not in vtt and "00:00:01.000 --> 00:00:03.000" in vtt

    shown = admin.get(f"/api/v1/lectures/{lecture}/chapters").json()["chapters"]
    assert [(chapter["start_ms"], chapter["titles"]["en"]) for chapter in shown] == [(0, "Cut short"), (5000, "Whole")]

    # what is watched of the new one counts with it
    after.fetch()
    after.watch(8000, from_ms=4000, speed=2)
    credited = progress(person, lecture)["credited_ms"]
    assert credited > carried["credited_ms"] + 2000


@pytest.mark.parametrize("story, body, status, field", [
    ("from behind to", {"from_ms": 5000, "to_ms": 4000}, 422, "to_ms"),
    ("nothing is left", {"from_ms": 5000, "to_ms": 5500}, 422, "to_ms"),
    ("all is kept", {"from_ms": 0, "to_ms": None}, 422, "to_ms"),
    ("beyond the end", {"from_ms": 0, "to_ms": 99000}, 422, "to_ms"),
    ("no times", {}, 422, "from_ms"),
    ("a word", {"from_ms": "0:05", "to_ms": 9000}, 422, "from_ms"),
])
def test_a_senseless_trim_is_refused_with_the_field(admin, lecture, story, body, status, field):
    length = admin.get(f"/api/v1/lectures/{lecture}").json()["duration_ms"]
    if story == "all is kept":
        body = {**body, "to_ms": length}
    answer = admin.post(f"/api/v1/lectures/{lecture}/trim", body)
    assert answer.status == status and field in answer.body.decode(), (story, answer)


def replace(admin, lecture, file, timeline):
    """Uploads a new version; the last answer."""
    data = file.read_bytes()
    created = admin.request("POST", "/api/v1/uploads", fields={
        "Tus-Resumable": "1.0.0", "Upload-Length": str(len(data)),
        "Upload-Metadata": f"filename {encoded('better.mp4')},kind {encoded('version')},lecture {encoded(lecture)},timeline {encoded(timeline)}"})
    if created.status != 201:
        return created
    path = path_of(admin, created)
    listed = {one["id"]: one for one in admin.get("/api/v1/uploads").json()["uploads"]}
    assert listed[path.rsplit("/", 1)[-1]]["becomes"] == "version"
    return patch(admin, path, 0, data)


def test_another_file_takes_its_place(school, admin, lecture, clips):
    person = school.participant()
    before = Viewer(person, lecture)
    before.fetch()
    before.watch(4000, speed=4)
    watched = progress(person, lecture)["credited_ms"]
    answer = replace(admin, lecture, clips["minute"], "[[0,12000,2000]]")
    assert answer.status == 204 and answer.field("lectern-lecture") == lecture, answer
    shown = wait_for_version_of(admin, lecture, 2)
    assert shown["file_name"] == "better.mp4" and shown["duration_ms"] > 59000
    assert progress(person, lecture)["credited_ms"] == watched
    assert progress(person, lecture)["missing"][0] == [0, 2000]


def test_a_file_that_is_refused_changes_nothing(school, admin, lecture, clips, tmp_path):
    person = school.participant()
    before = Viewer(person, lecture)
    before.fetch()
    before.watch(4000, speed=4)
    watched = progress(person, lecture)
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(clips["short"].read_bytes()[:5000])
    ran = school.server.run("lecture", "replace", lecture, bad, "--timeline", "same", "--wait", check=False)
    assert ran.returncode == 2 and "refused" in ran.stdout + ran.stderr, ran
    shown = admin.get(f"/api/v1/lectures/{lecture}").json()
    assert shown["state"] == "ready" and shown["version"] == 1
    assert progress(person, lecture)["credited_ms"] == watched["credited_ms"]
    # and the next attempt is version 2, whose timeline begins at version 1
    school.server.run("lecture", "replace", lecture, clips["short"], "--timeline", "same", "--wait")
    assert admin.get(f"/api/v1/lectures/{lecture}").json()["version"] == 2
    assert progress(person, lecture)["credited_ms"] == watched["credited_ms"]


@pytest.mark.parametrize("timeline", ["identical", "[[0,1]]", "[[0,99000,0]]"])
def test_a_senseless_timeline_is_refused_before_the_upload(admin, lecture, clips, timeline):
    answer = replace(admin, lecture, clips["short"], timeline)
    assert answer.status in (400, 422) and "timeline" in answer.body.decode(), answer


def test_a_lecture_that_is_not_there_cannot_be_replaced(admin, clips):
    answer = replace(admin, "00000000-0000-7000-8000-000000000000", clips["short"], "same")
    assert answer.status == 404, answer


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory):
    """Eleven seconds; silent for the first two."""
    file = tmp_path_factory.mktemp("interpreter") / "vi.wav"
    ffmpeg("-f", "lavfi", "-i", tone(2.0, 900, -30, 11), "-ar", "22050", file)
    return file


def interpreted(school, lecture, interpreter):
    """Vietnamese begins to be heard at 6.5 s."""
    school.server.run("lecture", "sound", "add", lecture, interpreter, "--language", "vi", "--offset-ms", "4500",
                      "--wait")


def sound_of(admin, lecture):
    return [(sound["language"], sound["state"], sound["offset_ms"], sound["file_name"])
            for sound in admin.get(f"/api/v1/lectures/{lecture}/sounds").json()["sounds"]
            if not sound["from_recording"]]


def heard_from_s(school, lecture, version):
    return onset_s(school.server.data / "lectures" / lecture / str(version) / "audio-low-vi-2.cmaf")


def test_an_interpreter_goes_along_and_stays_in_step(school, admin, lecture, interpreter):
    interpreted(school, lecture, interpreter)
    school.server.run("lecture", "trim", lecture, "--from", "0:04", "--to", "0:12", "--wait")
    assert sound_of(admin, lecture) == [("vi", "ready", 500, "vi.wav")]
    assert abs(heard_from_s(school, lecture, 2) - 2.5) < 0.02
    person = school.participant()
    master = person.get(Viewer(person, lecture).hls).body.decode()
    assert 'LANGUAGE="vi"' in master and "audio-low-vi-2/playlist.m3u8" in master
    # and on from there, by the recording that is kept with the new version
    school.server.run("lecture", "trim", lecture, "--from", "0:01", "--to", "0:07", "--wait")
    assert sound_of(admin, lecture) == [("vi", "ready", -500, "vi.wav")]
    assert abs(heard_from_s(school, lecture, 3) - 1.5) < 0.02


def test_an_interpreter_who_cannot_be_in_step_is_told_of(school, admin, lecture, interpreter, clips):
    interpreted(school, lecture, interpreter)
    answer = replace(admin, lecture, clips["short"], "[[0,4000,0],[6000,12000,4000]]")
    assert answer.status == 204, answer
    shown = wait_for_version_of(admin, lecture, 2)
    assert sound_of(admin, lecture) == []
    told = {finding["code"]: finding for finding in shown["report"]["findings"]}
    assert told["interpreter-out-of-step"]["languages"] == "vi"
    assert "(vi)" in told["interpreter-out-of-step"]["sentence"]
