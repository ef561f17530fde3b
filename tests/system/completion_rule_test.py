"""What completes a lecture: each cohort's rule in versions, and what an organizer decides by hand beside it."""
import csv
import io

import pytest

from client import Viewer
from conftest import ORGANIZER, OTHER_ORGANIZER


@pytest.fixture(scope="module")
def organizer(school_session):
    return school_session.staff(ORGANIZER)


def put(client, cohort, **rule):
    return client.request("PUT", f"/api/v1/cohorts/{cohort}/rule", body=rule)


def test_a_rule_is_changed_in_versions_that_say_who(school_session, organizer):
    cohort = school_session.add_cohort(school_session.program, threshold_percent=70)
    first = organizer.get(f"/api/v1/cohorts/{cohort}/rule").json()
    assert first["rule"]["version"] == 1 and first["rule"]["threshold_percent"] == 70
    assert first["rule"]["seeking"] == "free" and first["rule"]["real_time"] is True
    answer = put(organizer, cohort, version=1, seeking="watched", muted_counts=False)
    assert answer.status == 200, answer
    told = answer.json()
    assert told["rule"]["version"] == 2 and told["rule"]["threshold_percent"] == 70
    assert [item["version"] for item in told["versions"]] == [2, 1]
    assert told["versions"][0]["made_by"] == "Olga Organizer" and told["versions"][1]["made_by"] is None
    stale = put(organizer, cohort, version=1, threshold_percent=50)
    assert (stale.status, stale.code) == (409, "conflict")
    wrong = put(organizer, cohort, threshold_percent=101)
    assert (wrong.status, wrong.code) == (422, "invalid-field")
    person = school_session.participant(cohort=cohort)
    assert person.get("/api/v1/me").json()["cohort"]["rule"] == told["rule"]


def test_the_command_shows_and_sets_the_same(school_session, organizer):
    server, cohort = school_session.server, school_session.add_cohort(school_session.program)
    server.run("cohort", "rule", "set", cohort, "--threshold-percent", "55", "--offline", "hold", "--real-time", "no")
    told = organizer.get(f"/api/v1/cohorts/{cohort}/rule").json()
    assert server.json("cohort", "rule", "show", cohort) == told
    assert (told["rule"]["threshold_percent"], told["rule"]["offline"], told["rule"]["real_time"]) == (55, "hold", False)
    shown = server.run("cohort", "rule", "show", cohort).stdout
    assert "threshold_percent  55" in shown and "VERSION" in shown
    assert server.run("cohort", "rule", "set", cohort, "--real-time", "maybe", check=False).returncode != 0


def test_nobody_changes_the_rule_of_others(school_session):
    stranger = school_session.staff(OTHER_ORGANIZER)
    assert stranger.get(f"/api/v1/cohorts/{school_session.cohort}/rule").status == 404
    assert put(stranger, school_session.cohort, threshold_percent=1).status == 404


def test_what_is_missing_is_explained_alike(school_session, organizer):
    school = school_session
    cohort = school.add_cohort(school.program)
    assert put(organizer, cohort, muted_counts=False).status == 200
    person = school.participant(cohort=cohort)
    viewer = Viewer(person, school.short)
    viewer.fetch()
    viewer.claim(0, 2000)
    answer = viewer.claim(6000, 8000, muted=True)
    assert {"seq": 1, "reason": "muted"} in answer["flags"]
    mine = next(item for item in person.get("/api/v1/me").json()["lectures"] if item["id"] == school.short)
    record = organizer.get(f"/api/v1/participants/{person.id}/lectures/{school.short}").json()
    assert mine["missing_reasons"] == record["missing_reasons"]
    reasons = [(item["from_ms"], item["reason"]) for item in record["missing_reasons"]]
    assert reasons == [(2000, "skipped"), (6000, "muted"), (8000, "skipped")]


def cell(client, cohort, person, lecture):
    report = client.get(f"/api/v1/cohorts/{cohort}/report").json()
    row = next(item for item in report["participants"] if item["id"] == person)
    return next(item for item in row["lectures"] if item["id"] == lecture), report["totals"]


def test_a_lecture_is_accepted_by_hand_and_withdrawn(school_session, organizer):
    school = school_session
    cohort = school.add_cohort(school.program)
    person = school.participant(cohort=cohort)
    path = f"/api/v1/participants/{person.id}/lectures/{school.short}/decision"
    assert organizer.post(path, {"verdict": "accepted", "reason": ""}).status == 422
    assert organizer.post(path, {"verdict": "maybe", "reason": "x"}).status == 422
    made = organizer.post(path, {"verdict": "accepted", "reason": "Power cut; watched in the hall"})
    assert made.status == 201 and made.json()["decisions"][0]["decided_by"] == "Olga Organizer"
    told, totals = cell(organizer, cohort, person.id, school.short)
    assert told["decision"]["verdict"] == "accepted" and told["completed_at_ms"] == told["decision"]["decided_at_ms"]
    assert totals["accepted_by_hand"] == 1
    mine = next(item for item in person.get("/api/v1/me").json()["lectures"] if item["id"] == school.short)
    assert mine["decision"]["reason"] == "Power cut; watched in the hall" and mine["completed_at_ms"] is not None
    table = organizer.get(f"/api/v1/cohorts/{cohort}/report?format=csv").body.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(table)) if row["decision"]]
    assert [(row["decision"], row["decision_reason"]) for row in rows] == [
        ("accepted by hand", "Power cut; watched in the hall")]
    assert organizer.request("DELETE", path).status == 204
    assert organizer.request("DELETE", path).status == 404
    told, totals = cell(organizer, cohort, person.id, school.short)
    assert told["decision"] is None and told["completed_at_ms"] is None and totals["accepted_by_hand"] == 0
    record = organizer.get(f"/api/v1/participants/{person.id}/lectures/{school.short}").json()
    assert record["decisions"][0]["ended_by"] == "Olga Organizer"


def test_the_command_decides_too(school_session, organizer):
    school, server = school_session, school_session.server
    cohort = school.add_cohort(school.program)
    person = school.add_person(cohort)
    server.run("decision", "refuse", person, school.short, "--reason", "Somebody else watched")
    listed = server.json("decision", "list", cohort)["decisions"]
    assert [(item["verdict"], item["reason"], item["decided_by"]) for item in listed] == [
        ("refused", "Somebody else watched", None)]
    assert "Somebody else watched" in server.run("decision", "list", cohort).stdout
    server.run("decision", "accept", person, school.short, "--reason", "It was them")
    assert cell(organizer, cohort, person, school.short)[0]["completed_at_ms"] is not None
    assert "0 % by hand" in server.run("report", cohort).stdout
    server.run("decision", "withdraw", person, school.short)
    assert server.json("decision", "list", cohort)["decisions"] == []
