"""Each codec, container and defect that admins send, made by corpus.py: what becomes of it, and that all of it holds."""
import json
import subprocess

import pytest

import corpus
from av_offset import picture_shift_s, sound_shift_s
from client import Client
from harness import ADMIN
from prepared import Prepared

# One of each kind is enough for the gate.
IN_THE_GATE = {"phone.3gp", "clock-wraps.ts", "sideways.mp4", "memo.ogg", "television.ts", "hdr.mp4"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("corpus")


def check(server, folder, case):
    path = case.make(folder)
    admin = Client(server)
    assert admin.sign_in(*ADMIN).status == 200
    ran = server.run("lecture", "add", path, "--title", case.name, "--language", "en", "--wait",
                     "--json", check=False)
    outcome = json.loads(ran.stdout)
    assert case.state in (outcome["state"], "either"), outcome
    assert ran.returncode == {"ready": 0, "refused": 2}[outcome["state"]], outcome
    if outcome["state"] == "refused":
        assert case.reason in outcome["reason"] and outcome["reason"].endswith("."), outcome
        return
    report = outcome["report"]
    assert (report["video"]["action"] != "none") == case.picture, report
    assert (report["audio"]["action"] != "none") == (case.channels != "none"), report
    if case.state == "ready":
        assert abs(report["duration_ms"] - case.length_ms) <= case.off_ms, report
    prepared = Prepared(admin, outcome, path, folder)
    prepared.prove(measured=case.apart and case.picture and case.state == "ready")
    assert set(case.says) <= prepared.findings, report["findings"]
    shown = admin.get(f"/api/v1/lectures/{outcome['id']}").json()
    assert tuple(shown["captions"]) == case.captions
    assert len(shown["chapters"]) == case.chapters
    assert {f"audio-low-{language}" for language in case.sounds} <= set(prepared.stream.renditions)
    if case.shown:
        sizes = [said["RESOLUTION"] for said, _ in prepared.stream.variants if "RESOLUTION" in said]
        assert f"{case.shown[0]}x{case.shown[1]}" in sizes, sizes
        assert max(int(size.split("x")[0]) for size in sizes) == case.shown[0], sizes
    path.unlink()


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in corpus.CASES if case.name in IN_THE_GATE])
def test_it_becomes_what_it_should(school_session, folder, case):
    check(school_session.server, folder, case)


@pytest.mark.soak
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in corpus.CASES])
def test_it_becomes_a_whole_ladder(whole_ladder, folder, case):
    check(whole_ladder, folder, case)


@pytest.mark.parametrize("late_ms", [-60, 0, 25, 140])
def test_the_measure_of_picture_and_sound_finds_what_was_moved(folder, late_ms):
    """Else it could find nothing, and nobody would know."""
    source = corpus.Case("straight.mkv", corpus.H264 + ["-c:a", "flac"]).make(folder)
    moved = folder / f"moved{late_ms}.mkv"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", source, "-itsoffset", str(late_ms / 1000), "-i", source,
                    "-map", "0:v", "-map", "1:a", "-vf", "fps=12.5,scale=160:120", "-c:v", "libx264", "-preset", "ultrafast",
                    "-c:a", "libopus", "-b:a", "24k", moved], check=True)
    # Where the sound begins before 0, the muxer moves both.
    apart = sound_shift_s(source, moved) - picture_shift_s(source, moved)
    assert abs(apart - late_ms / 1000) < 0.012, apart
