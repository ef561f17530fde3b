"""Whom the line served badly: what players tell beside their requests, summed for whoever is asked why it stalled."""
import time

import pytest

from client import Viewer
from conftest import ORGANIZER, OTHER_ORGANIZER


@pytest.fixture(scope="module")
def stalled(school_session):
    """Two people: it stalled for her, and not for him."""
    school = school_session
    cohort = school.add_cohort(school.program)
    her, him = (school.participant(cohort=cohort, name=name) for name in ("Enkhtuyaa", "Batbayar"))
    for client, fields in ((her, [("bl=300,mtp=700", "bs"), ("bl=4000,mtp=900", None), ("bl=100,mtp=100,su", "bs")]),
                           (him, [("bl=20000,mtp=9000", None)])):
        viewer = Viewer(client, school.short)
        client.session = viewer.session
        for (path, *_), (request, status) in zip(viewer.segments(), fields):
            told = {"CMCD-Request": request, "CMCD-Session": f'sid="{viewer.session}"', **({"CMCD-Status": status} if status else {})}
            assert viewer.connection.get(path, fields=told).status == 200
        viewer.close()
    return school, cohort, her, him


def until(what, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
    return found


def told(school, cohort, who=ORGANIZER):
    answer = school.staff(who).get(f"/api/v1/cohorts/{cohort}/quality")
    return answer.json()["quality"] if answer.status == 200 else answer.status


def test_an_organizer_sees_for_whom_it_stalled(stalled):
    school, cohort, her, him = stalled
    first, second = until(lambda: len(rows := told(school, cohort)) == 2 and sum(r["deliveries"] for r in rows) == 4 and rows)
    assert (first["participant_id"], first["stalls"], first["deliveries"]) == (her.id, 2, 3)
    assert (first["buffer_least_ms"], first["throughput_least_kbps"]) == (100, 100)
    assert 600 <= first["throughput_median_kbps"] <= 800 and sum(first["renditions"].values()) == 3
    assert (second["participant_id"], second["stalls"], second["name"], second["title"]) == (
        him.id, 0, "Batbayar", "Twelve seconds")
    assert told(school, cohort, OTHER_ORGANIZER) in (403, 404)


def test_her_record_tells_it_a_play_session(stalled):
    school, _cohort, her, _him = stalled
    record = until(lambda: (found := school.staff(ORGANIZER).get(
        f"/api/v1/participants/{her.id}/lectures/{school.short}").json())["quality"] and found)
    [one] = record["quality"]
    assert (one["play_session"], one["lecture_id"], one["version"]) == (her.session, school.short, 1)
    assert one["first_at_ms"] <= one["last_at_ms"]


def test_the_command_shows_the_worst_first(stalled):
    school, cohort, _her, _him = stalled
    until(lambda: sum(row["deliveries"] for row in told(school, cohort)) == 4)
    lines = school.server.run("delivery", "quality", cohort).stdout.splitlines()
    assert lines[0].startswith("STALLS") and lines[1].split()[0] == "2" and "Enkhtuyaa" in lines[1]
    assert lines[2].split()[0] == "0" and "20.0 s" in lines[2]
    assert school.server.json("delivery", "quality", cohort)["quality"] == told(school, cohort)
    assert school.server.run("delivery", "quality", "nobody", check=False).returncode == 1


def test_an_erasure_takes_it(stalled):
    school, cohort, _her, him = stalled
    until(lambda: sum(row["deliveries"] for row in told(school, cohort)) == 4)
    school.server.run("privacy", "erase", him.id, "--reason", "Asked for", "--yes")
    assert [row["name"] for row in told(school, cohort)] == ["Enkhtuyaa"]
