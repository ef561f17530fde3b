"""Real files that nobody here made: each gets what its MANIFEST says, by command and by upload."""
import csv
import json
import os
import random
import shutil
import subprocess
import time

import pytest

from client import Client
from harness import ADMIN
from prepared import Prepared
from tus import upload, wait_for_job

# file: (state, length in ms and how far from it, picture, sound), from the MANIFEST's column "what a correct server does".
EXPECTED = {
    "h264-aac-362s.mp4": ("ready", (362800, 500), True, True),
    "h264-aac-cea608.ts": ("ready", (10100, 400), True, True),
    "h264-aac-chapters.mkv": ("ready", (5020, 300), True, True),
    "h264-aac-rot90.mp4": ("ready", (1000, 300), True, True),
    "h264-ac3-srt.mkv": ("ready", (1230, 400), True, True),
    "h264-editlist-bframes.mp4": ("ready", (12500, 300), True, False),
    "h264-pcm.mov": ("ready", (2000, 300), True, True),
    "hevc-only.mp4": ("ready", (1000, 300), True, False),
    "mp3-cover-art.mp3": ("ready", (2700, 300), False, True),
    "mpeg4-mp3.avi": ("ready", (4090, 300), True, True),
    "qt-596s-cut.mp4": ("refused or short", (1000, 1000), None, None),
    "vp9-vorbis.webm": ("ready", (1010, 300), True, True),
    "zero-duration.mp4": ("refused or short", (1000, 1000), None, None),
    "screen-vfr.mov": ("ready", (10440, 400), True, True),
    "people-139s.mp4": ("ready", (139400, 300), True, False),
}

# Pictures that move and sounds that change, for longer than a moment, so that their offset can be found.
MEASURED = {"h264-aac-cea608.ts", "h264-aac-chapters.mkv", "mpeg4-mp3.avi"}
# Six minutes in full HD are decoded and encoded several times, which takes minutes under the sanitizers.
LONG = {"h264-aac-362s.mp4"}


def check(name, outcome):
    state, (length, off), picture, sound = EXPECTED[name]
    if state == "refused or short" and outcome["state"] == "refused":
        assert len(outcome["reason"]) > 20, outcome
        return False
    assert outcome["state"] == "ready", outcome
    report = outcome["report"]
    assert abs(report["duration_ms"] - length) <= off, report
    if picture is not None:
        assert (report["video"]["action"] != "none") == picture, report
        assert (report["audio"]["action"] != "none") == sound, report
    return True


def test_every_file_of_the_manifest_is_known(samples):
    with (samples / "MANIFEST.tsv").open(encoding="utf-8") as table:
        assert {row["file"] for row in csv.DictReader(table, delimiter="\t")} == set(EXPECTED)


@pytest.fixture(scope="module")
def admin(school_session):
    return school_session.staff()


WITHOUT_THE_LONG = [pytest.param(name, marks=pytest.mark.soak) if name in LONG else name for name in EXPECTED]


@pytest.mark.parametrize("name", WITHOUT_THE_LONG)
def test_the_command_does_what_the_manifest_says(school_session, samples, admin, name, tmp_path):
    ran = school_session.server.run("lecture", "add", samples / name, "--title", name, "--language", "en", "--wait",
                                    "--json", check=False)
    outcome = json.loads(ran.stdout)
    assert ran.returncode == {"ready": 0, "refused": 2}.get(outcome["state"], 1), outcome
    if check(name, outcome):
        # Of the long ones the machine's time is worth more than each segment: corpus_test.py decodes all of its own.
        every = 1 if outcome["report"]["duration_ms"] < 30000 else 8
        Prepared(admin, outcome, samples / name, tmp_path, every).prove(measured=name in MEASURED)


@pytest.mark.soak
@pytest.mark.parametrize("name", EXPECTED)
def test_each_gets_a_whole_ladder(whole_ladder, samples, name, tmp_path):
    admin = Client(whole_ladder)
    assert admin.sign_in(*ADMIN).status == 200
    ran = whole_ladder.run("lecture", "add", samples / name, "--title", name, "--language", "en", "--wait", "--json",
                           check=False, timeout=1200)
    outcome = json.loads(ran.stdout)
    if check(name, outcome):
        Prepared(admin, outcome, samples / name, tmp_path).prove(measured=name in MEASURED)


@pytest.mark.soak
def test_six_minutes_are_in_step_to_their_end(whole_ladder, samples, tmp_path):
    """The long sample is black and silent: its pictures get a flash and its sound a tone each second, by its own clock."""
    source, long = tmp_path / "marked.mp4", samples / "h264-aac-362s.mp4"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", long, "-filter_complex",
                    "[0:v]drawbox=c=white:t=fill:enable='lt(mod(t,1),0.1)'[v];"
                    "[0:a]aeval='0.25*sin(2*PI*1000*t)*lt(mod(t,1),0.1)+0.02*sin(2*PI*300*t)',aformat=channel_layouts=mono[a]",
                    "-map", "[v]", "-map", "[a]", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", source],
                   check=True, timeout=900)
    admin = Client(whole_ladder)
    assert admin.sign_in(*ADMIN).status == 200
    ran = whole_ladder.run("lecture", "add", source, "--title", "Marked", "--language", "en", "--wait", "--json",
                           check=False, timeout=2400)
    outcome = json.loads(ran.stdout)
    assert check(long.name, outcome)
    made = Prepared(admin, outcome, source, tmp_path, 8).prove(measured=True)
    made.check_offsets(start=345)


@pytest.mark.parametrize("name", WITHOUT_THE_LONG)
def test_an_upload_does_what_the_manifest_says(admin, samples, name):
    lecture = upload(admin, samples / name)
    outcome = wait_for_job(admin, lecture)
    check(name, outcome)
    shown = admin.get(f"/api/v1/lectures/{lecture}").json()
    assert shown["state"] == outcome["state"] and shown["file_name"] == name
    assert shown["published"] in (False, 0)


@pytest.mark.parametrize("name, width, height", [("h264-aac-rot90.mp4", 288, 352)])
def test_a_turned_picture_is_set_upright(admin, samples, name, width, height):
    lecture = upload(admin, samples / name)
    assert wait_for_job(admin, lecture)["state"] == "ready"
    played = admin.post(f"/api/v1/lectures/{lecture}/play", {}).json()
    wanted, deadline = f"RESOLUTION={width}x{height}", time.monotonic() + 30
    master = admin.get(played["hls"]).body.decode()
    while wanted not in master and time.monotonic() < deadline:  # comes with the second pass
        time.sleep(0.2)
        master = admin.get(played["hls"]).body.decode()
    assert wanted in master, master


def bad_files(folder, clip):
    """What is no lecture, each with its story."""
    rng = random.Random(7)
    whole = clip.read_bytes()
    folder.mkdir(exist_ok=True)
    made = {}

    def make(name, data):
        made[name] = folder / name
        made[name].write_bytes(data)

    make("random.mp4", rng.randbytes(300000))
    make("zeros.mp4", bytes(300000))
    make("text.mp4", b"This is not a film.\n" * 50)
    make("cut-head.mp4", whole[:4000])
    make("playlist.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:9/secret.ts\n"
                         b"#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
    make("concat.mp4", b"ffconcat version 1.0\nfile '/etc/passwd'\n")
    make("page.mp4", b"<!doctype html><video src=http://127.0.0.1:9/></video>")
    make("image.mp4", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x3f\xff\0\0\x3f\xff\x08\x02\0\0\0" + rng.randbytes(2000))
    make("holes.mp4", bytes(byte if index % 977 else 255 - byte for index, byte in enumerate(whole[:60000])))
    return made


BAD = ["random.mp4", "zeros.mp4", "text.mp4", "cut-head.mp4", "playlist.mp4", "concat.mp4", "page.mp4", "image.mp4",
       "holes.mp4"]


@pytest.fixture(scope="module")
def bad(tmp_path_factory, clips):
    return bad_files(tmp_path_factory.mktemp("bad"), clips["short"])


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_lecture_is_refused_in_words_by_the_command(school_session, bad, name):
    ran = school_session.server.run("lecture", "add", bad[name], "--title", name, "--language", "en", "--wait",
                                    "--json", check=False)
    outcome = json.loads(ran.stdout)
    assert (ran.returncode, outcome["state"]) == (2, "refused"), outcome
    assert 20 < len(outcome["reason"]) < 400 and outcome["reason"].rstrip().endswith("."), outcome
    assert str(bad[name]) not in outcome["reason"]


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_lecture_is_refused_in_words_after_an_upload(admin, bad, name):
    outcome = wait_for_job(admin, upload(admin, bad[name]))
    assert outcome["state"] == "refused" and len(outcome["reason"]) > 20, outcome


def test_an_empty_file_is_refused(school_session, admin, tmp_path):
    (tmp_path / "empty.mp4").touch()
    ran = school_session.server.run("lecture", "add", tmp_path / "empty.mp4", "--title", "Empty", "--language", "en",
                                    "--wait", "--json", check=False)
    assert ran.returncode in (1, 2) and (ran.stdout or ran.stderr), ran
    made = admin.request("POST", "/api/v1/uploads", fields={
        "Tus-Resumable": "1.0.0", "Upload-Length": "0", "Upload-Metadata": "filename ZW1wdHkubXA0"})
    assert 400 <= made.status < 500 and len(made.json()["title"]) > 20, made


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_refused_or_told_at_its_true_length(school_session, clips, tmp_path, part):
    whole = clips["minute"].read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[:int(len(whole) * part)])
    ran = school_session.server.run("lecture", "add", tmp_path / "cut.mp4", "--title", "Cut", "--language", "en",
                                    "--wait", "--json", check=False)
    outcome = json.loads(ran.stdout)
    if outcome["state"] == "ready":
        assert outcome["report"]["duration_ms"] <= 60000 * part + 2500, outcome
    else:
        assert (ran.returncode, outcome["state"]) == (2, "refused") and len(outcome["reason"]) > 20, outcome


def test_a_refused_file_leaves_nothing_behind(school_session, bad):
    data = school_session.server.data
    school_session.server.run("lecture", "add", bad["random.mp4"], "--title", "Bad", "--language", "en", "--wait",
                              "--json", check=False)
    assert os.listdir(data / "drafts") == [] and os.listdir(data / "incoming") == []
    # Every folder of a lecture belongs to one that is ready.
    ready = {lecture["id"] for lecture in school_session.staff().get("/api/v1/lectures").json()["lectures"]
             if lecture["state"] == "ready"}
    assert set(os.listdir(data / "lectures")) <= ready


def test_a_file_s_name_is_shown_and_never_a_path(admin, clips, tmp_path):
    odd = tmp_path / "odd.mp4"
    shutil.copy(clips["short"], odd)
    lecture = upload(admin, odd, name="../../etc/<b>passwd</b>\u202e.mp4", title="Tên bài giảng ラベル")
    outcome = wait_for_job(admin, lecture)
    assert outcome["state"] == "ready", outcome
    shown = admin.get(f"/api/v1/lectures/{lecture}").json()
    assert shown["title"] == "Tên bài giảng ラベル"
