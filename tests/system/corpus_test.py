"""Each codec, container and defect that admins send, made by corpus.py: what becomes of it, and that it plays."""
import json

import pytest

import corpus
from media_samples_test import plays

# One of each kind is enough for the gate.
IN_THE_GATE = {"phone.3gp", "windows.wmv", "clock-wraps.ts", "anamorphic.mp4", "sideways.mp4", "memo.ogg", "cut.ts"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("corpus")


@pytest.fixture(scope="module")
def admin(school_session):
    return school_session.staff()


@pytest.mark.parametrize("case", [
    pytest.param(case, id=case.name, marks=[] if case.name in IN_THE_GATE else pytest.mark.soak)
    for case in corpus.CASES])
def test_it_becomes_what_it_should(school_session, admin, folder, case):
    path = case.make(folder)
    ran = school_session.server.run("lecture", "add", path, "--title", case.name, "--language", "en", "--wait",
                                    "--json", check=False)
    outcome = json.loads(ran.stdout)
    path.unlink()
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
    assert abs(plays(admin, outcome["id"]) - report["duration_ms"]) < 300
    if case.shown:
        master = admin.get(admin.post(f"/api/v1/lectures/{outcome['id']}/play", {}).json()["hls"]).body.decode()
        assert f"RESOLUTION={case.shown[0]}x{case.shown[1]}" in master, master
