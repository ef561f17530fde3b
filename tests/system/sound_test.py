"""Sound from end to end: levelled, in two groups, in step with the picture; an interpreter's beside it."""
import re
import subprocess
import time

import pytest

from client import Viewer
from tus import encoded, patch, path_of

SECONDS, BEEP_S = 8, 3.0


def ffmpeg(*arguments):
    ran = subprocess.run(["ffmpeg", "-hide_banner", "-nostdin", "-nostats", "-y", *map(str, arguments)],
                         capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stderr


def tone(start, frequency=500, decibels=-20, seconds=SECONDS):
    """A tone that begins in silence, as a lavfi source."""
    return f"aevalsrc={10 ** (decibels / 20):.4f}*sin(2*PI*{frequency}*t)*gte(t\\,{start}):d={seconds}:s=48000"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    # A flash and a beep at one moment, and a second language whose beep comes later.
    ffmpeg("-f", "lavfi", "-i", f"color=white:size=320x180:rate=20:duration={SECONDS},"
           f"drawbox=enable='lt(t,{BEEP_S})':color=black:t=fill",
           "-f", "lavfi", "-i", tone(BEEP_S), "-f", "lavfi", "-i", tone(4.0, 700, -35),
           "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast",
           "-pix_fmt", "yuv420p", "-g", "40", "-c:a", "aac", "-ac", "2",
           "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fre", folder / "flash.mp4")
    ffmpeg("-f", "lavfi", "-i", tone(1.0, 900, -40, 4), "-ar", "22050", folder / "interpreter.wav")
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=2", folder / "picture.mp4")
    return folder


@pytest.fixture(scope="module")
def school(school_session):
    return school_session


@pytest.fixture(scope="module")
def lecture(school, files):
    lecture = school.server.add_lecture(files / "flash.mp4", "A flash and a beep")
    school.server.run("program", "lectures", school.program, "--append", lecture)
    return lecture


def packed(school, lecture, name):
    return school.server.data / "lectures" / lecture / "1" / f"{name}.cmaf"


def onset_s(file):
    said = ffmpeg("-i", file, "-vn", "-af", "silencedetect=noise=-35dB:d=0.3", "-f", "null", "-")
    return float(re.search(r"silence_end: ([\d.]+)", said).group(1))


def loudness(file):
    said = ffmpeg("-i", file, "-vn", "-af", "ebur128=peak=true", "-f", "null", "-")
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])


def length_s(file):
    said = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "packet=pts_time,duration_time",
                           "-of", "csv=p=0", str(file)], capture_output=True, text=True, check=True).stdout
    start, duration = said.split()[-1].rstrip(",").split(",")[:2]
    return float(start) + float(duration)


@pytest.mark.parametrize("name", ["audio-low", "audio-high", "audio-low-fr"])
def test_every_rendition_is_as_loud_as_it_should_be_and_lasts_as_long(school, lecture, name):
    file = packed(school, lecture, name)
    assert abs(loudness(file) + 16) < 1, name
    assert abs(length_s(file) - SECONDS) < 0.07, name


def test_flash_and_beep_come_together(school, lecture):
    folder = packed(school, lecture, "audio-low").parent
    for name, expected in (("audio-low", BEEP_S), ("audio-high", BEEP_S), ("audio-low-fr", 4.0)):
        assert abs(onset_s(folder / f"{name}.cmaf") - expected) < 0.02, name
    pictures = [file for file in folder.glob("*.cmaf") if not file.name.startswith(("audio", "stills"))]
    assert pictures
    for file in pictures:
        said = ffmpeg("-i", file, "-vf", "blackdetect=d=0.5", "-f", "null", "-")
        assert abs(float(re.search(r"black_end:([\d.]+)", said).group(1)) - BEEP_S) < 0.07, file


def test_the_report_tells_what_was_measured(school, lecture):
    audio = school.server.json("lecture", "show", lecture)["report"]["audio"]
    assert audio["action"] == "transcode" and audio["loudness"]["heard"]
    assert -2400 < audio["loudness"]["loudness_centi"] < -1900, audio
    # Two channels that are alike become one, which counts 3 LU less.
    wanted = -1600 - audio["loudness"]["loudness_centi"] + 301
    assert abs(audio["loudness"]["gain_centi"] - wanted) < 10, audio


def sounds(school, lecture):
    return {sound["language"]: sound for sound in school.server.json("lecture", "sound", "list", lecture)["sounds"]}


def languages_offered(school, lecture):
    client = school.participant()
    master = client.get(Viewer(client, lecture).hls).body.decode()
    return set(re.findall(r'TYPE=AUDIO.*?LANGUAGE="([^"]+)"', master)), master


def test_an_interpreter_is_heard_where_the_offset_says(school, lecture, files):
    run = school.server.run
    run("lecture", "sound", "add", lecture, files / "interpreter.wav", "--language", "VI",
        "--offset-ms", "1500", "--wait")
    assert sounds(school, lecture)["vi"]["state"] == "ready"
    file = packed(school, lecture, "audio-low-vi")
    assert abs(onset_s(file) - 2.5) < 0.02 and abs(length_s(file) - SECONDS) < 0.07
    assert abs(loudness(file) + 16) < 1
    offered, master = languages_offered(school, lecture)
    assert {"vi", "fr"} <= offered and "audio-low-vi/playlist.m3u8" in master
    # Made anew under another name: what was published never changes.
    run("lecture", "sound", "move", lecture, "--language", "vi", "--offset-ms=-500", "--wait")
    assert abs(onset_s(packed(school, lecture, "audio-low-vi-2")) - 0.5) < 0.02
    assert sounds(school, lecture)["vi"]["offset_ms"] == -500
    _, master = languages_offered(school, lecture)
    assert "audio-low-vi-2/playlist.m3u8" in master and "audio-low-vi/playlist.m3u8" not in master
    run("lecture", "sound", "remove", lecture, "--language", "vi")
    assert "vi" not in sounds(school, lecture) and "vi" not in languages_offered(school, lecture)[0]


def test_an_interpreter_outdoes_a_track_of_the_recording_in_new_versions_too(school, files):
    run = school.server.run
    lecture = school.server.add_lecture(files / "flash.mp4", "Heard in French")
    run("program", "lectures", school.program, "--append", lecture)
    run("lecture", "sound", "add", lecture, files / "interpreter.wav", "--language", "fr", "--wait")
    listed = school.server.json("job", "list", "--all")["jobs"]
    assert "track" in {job["pass"] for job in listed if job["lecture_id"] == lecture}, listed
    run("lecture", "trim", lecture, "--from", "0:00", "--to", "0:07", "--wait")
    french = [sound for sound in school.server.json("lecture", "sound", "list", lecture)["sounds"]
              if sound["language"] == "fr"]
    assert [(sound["state"], sound["file_name"]) for sound in french] == [("ready", "interpreter.wav")]
    _, master = languages_offered(school, lecture)
    assert "audio-low-fr-2/playlist.m3u8" in master and "audio-low-fr/playlist.m3u8" not in master


def create(admin, size, **metadata):
    pairs = ",".join(f"{key} {encoded(str(value))}" for key, value in metadata.items())
    return admin.request("POST", "/api/v1/uploads", fields={
        "Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": pairs})


def wait_for(found, seconds=30):
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.2)


def test_an_interpreter_comes_as_an_upload(school, lecture, files):
    admin = school.staff()
    data = (files / "interpreter.wav").read_bytes()
    created = create(admin, len(data), kind="sound", lecture=lecture, language="ja", offset_ms=-500,
                     filename="japanese.wav")
    assert created.status == 201, created
    answer = patch(admin, path_of(admin, created), 0, data)
    assert answer.status == 204 and answer.field("lectern-lecture") == lecture
    route = f"/api/v1/lectures/{lecture}/sounds"

    def found():
        return [sound for sound in admin.get(route).json()["sounds"]
                if sound["language"] == "ja" and sound["state"] == "ready"]
    wait_for(found)
    assert found()[0]["file_name"] == "japanese.wav" and found()[0]["offset_ms"] == -500
    assert abs(onset_s(packed(school, lecture, "audio-low-ja")) - 0.5) < 0.02
    moved = admin.request("PATCH", f"{route}/ja", data=b'{"offset_ms": 0}',
                          fields={"Content-Type": "application/json"})
    assert moved.status == 202, moved
    wait_for(lambda: [sound["offset_ms"] for sound in found()] == [0])
    assert admin.request("DELETE", f"{route}/ja").status == 204
    assert not found()
    assert admin.request("DELETE", f"{route}/ja").status == 404


@pytest.mark.parametrize("story, changes, status, code", [
    ("a language that is none", {"language": "english!"}, 422, "invalid-field"),
    ("no language", {"language": "und"}, 422, "invalid-field"),
    ("longer than the lecture", {"offset_ms": 8000}, 422, "invalid-field"),
    ("no number", {"offset_ms": "soon"}, 422, "invalid-field"),
    ("another kind", {"kind": "smell"}, 422, "invalid-field"),
    ("a lecture that is not there", {"lecture": "00000000-0000-4000-8000-000000000000"}, 404, "not-found"),
])
def test_what_cannot_be_added_is_refused_before_the_first_byte(school, lecture, story, changes, status, code):
    metadata = {"kind": "sound", "lecture": lecture, "language": "vi", "filename": "a.wav", **changes}
    answer = create(school.staff(), 1000, **metadata)
    assert (answer.status, answer.json()["code"]) == (status, code), f"{story}: {answer.body}"


def test_a_file_without_sound_is_refused_and_can_be_replaced(school, lecture, files):
    refused = school.server.run("lecture", "sound", "add", lecture, files / "picture.mp4", "--language", "mn",
                                "--wait", check=False)
    assert refused.returncode == 2 and "no sound" in refused.stderr, refused.stderr
    told = sounds(school, lecture)["mn"]
    assert told["state"] == "refused" and told["verdict"]["code"] == "track-no-sound", told
    school.server.run("lecture", "sound", "add", lecture, files / "interpreter.wav", "--language", "mn", "--wait")
    assert sounds(school, lecture)["mn"]["state"] == "ready"
