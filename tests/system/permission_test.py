"""Every route and every role: 401, 403 and 404 as they should be."""
import re

import pytest

from client import Client
from conftest import ORGANIZER, OTHER_ORGANIZER
from harness import ROOT

ROUTE = re.compile(r'\{\s*HTTP_(\w+),\s*(API\s+)?"([^"]+)",\s*(NEEDS_\w+),\s*(BODY_\w+)')
NOBODY_S = "01890000-0000-7000-8000-000000000000"


def routes():
    text = (ROOT / "src/api/routes.c").read_text("utf-8")
    table = text[text.index("routes[] ="):text.index("plain_routes[]")]
    return [(method, ("/api/v1" if api else "") + path, needs)
            for method, api, path, needs, _body in ROUTE.findall(table)]


ROUTES = routes()


def test_the_table_of_routes_is_read():
    assert len(ROUTES) > 40 and len({needs for _, _, needs in ROUTES}) == 6


# What {names} stand for: things of our program, and those of the other one.
OURS = {"cohorts": "cohort", "programs": "program", "participants": "person", "lectures": "short"}
THEIRS = {"cohorts": "other_cohort", "programs": "other_program", "participants": "other_person",
          "lectures": "elsewhere"}


@pytest.fixture(scope="module")
def things(school_session):
    school = school_session
    school.person = school.add_person()
    school.other_person = school.add_person(school.other_cohort)
    return school


def address(things, path, which):
    def fill(found):
        before = path[:found.start()].rstrip("/").rsplit("/", 1)[-1]
        name = found.group(1)
        if name == "language":
            return "en"
        if name == "lecture":
            return getattr(things, which["lectures"])
        if name == "version":
            return "1"
        if name == "file...":
            return "master.m3u8"
        if before in which:
            return getattr(things, which[before])
        return NOBODY_S
    return re.sub(r"\{([^}]+)\}", fill, path)


def call(client, method, path):
    fields = {"Tus-Resumable": "1.0.0"} if "/uploads" in path else {}
    body = {} if method in ("POST", "PUT", "PATCH") and "/uploads" not in path and "/captions/" not in path else None
    return client.request(method, path, body=body, fields=fields)


@pytest.fixture(scope="module")
def callers(school_session):
    return {
        "nobody": Client(school_session.server), "participant": school_session.participant(),
        "organizer": school_session.staff(ORGANIZER), "other organizer": school_session.staff(OTHER_ORGANIZER),
        "admin": school_session.staff(),
    }


def ids(route):
    return f"{route[0]} {route[1]}"


PROTECTED = [route for route in ROUTES if route[2] not in ("NEEDS_NOTHING", "NEEDS_MEDIA_TOKEN")]


@pytest.mark.parametrize("route", PROTECTED, ids=ids)
def test_nobody_is_asked_to_sign_in(things, route, protocol):
    answer = call(Client(things.server, protocol), route[0], address(things, route[1], OURS))
    assert (answer.status, answer.code) == (401, "sign-in-needed"), answer
    assert answer.field("www-authenticate") == "Session", "a scheme that no browser prompts for"


@pytest.mark.parametrize("route", PROTECTED, ids=ids)
def test_a_made_up_session_is_nobody_s(things, route):
    client = Client(things.server)
    client.cookies["__Host-sid"] = "A" * 43
    assert call(client, route[0], address(things, route[1], OURS)).status == 401


REFUSED = {"NEEDS_STAFF": ["participant"], "NEEDS_ADMIN": ["participant", "organizer"],
           "NEEDS_PARTICIPANT": ["organizer", "admin"]}


@pytest.mark.parametrize("route", [route for route in PROTECTED if route[2] in REFUSED], ids=ids)
def test_the_wrong_role_is_forbidden(things, callers, route):
    for role in REFUSED[route[2]]:
        answer = call(callers[role], route[0], address(things, route[1], OURS))
        assert (answer.status, answer.code) == (403, "forbidden"), f"{role}: {answer}"


SCOPED = [route for route in PROTECTED if route[2] == "NEEDS_STAFF"
          and re.search(r"/(cohorts|programs|participants|lectures)/\{id\}", route[1])]


@pytest.mark.parametrize("route", SCOPED, ids=ids)
def test_another_program_s_organizer_finds_nothing(things, callers, route):
    answer = call(callers["organizer"], route[0], address(things, route[1], THEIRS))
    assert (answer.status, answer.code) == (404, "not-found"), answer
    answer = call(callers["other organizer"], route[0], address(things, route[1], OURS))
    assert (answer.status, answer.code) == (404, "not-found"), answer


@pytest.mark.parametrize("route", [route for route in SCOPED if route[0] == "GET"], ids=ids)
def test_one_s_own_is_there(things, callers, route):
    for role in ("organizer", "admin"):
        assert call(callers[role], route[0], address(things, route[1], OURS)).status == 200


WITH_ID = [route for route in PROTECTED if re.search(r"\{(id|play_session)\}", route[1])]


@pytest.mark.parametrize("route", WITH_ID, ids=ids)
@pytest.mark.parametrize("odd", [NOBODY_S, "1", "%27%20OR%201%3D1", "..%2f..", "%00", "a" * 300])
def test_what_does_not_exist_is_not_found(things, callers, route, odd):
    role = "participant" if route[2] == "NEEDS_PARTICIPANT" else "admin"
    path = re.sub(r"\{[^}]+\}", odd, route[1])
    answer = call(callers[role], route[0], path)
    # A body that lacks what is needed may be seen first.
    assert answer.status in (400, 404, 405, 415, 422), answer
    if route[0] in ("GET", "DELETE") and "%" not in odd:
        assert answer.status == 404, answer


def test_a_participant_plays_only_what_is_theirs(things, callers):
    for lecture, status in ((things.short, 200), (things.elsewhere, 404), (things.hidden, 404), (NOBODY_S, 404)):
        answer = callers["participant"].post(f"/api/v1/lectures/{lecture}/play", {})
        assert answer.status == status, f"{lecture}: {answer}"


def test_another_person_s_play_session_is_unknown(things, callers):
    played = things.participant().post(f"/api/v1/lectures/{things.short}/play", {}).json()
    answer = callers["participant"].post(
        f"/api/v1/play/{played['play_session']}/heartbeats", {"beats": [{"seq": 0, "from_ms": 0, "to_ms": 1000}]})
    assert answer.status == 404, answer
    answer = callers["participant"].post(f"/api/v1/lectures/{things.short}/play", {"renew": played["play_session"]})
    assert answer.status == 404, answer


def test_a_program_that_is_given_or_taken_counts_at_once(things):
    """The loops know of it before the command ends, media that play included."""
    organizer = things.staff(OTHER_ORGANIZER)
    playing, media = f"/api/v1/lectures/{things.short}/play", f"/media/{things.short}/1/master.m3u8"
    assert organizer.post(playing, {}).status == 404
    things.server.run("program", "assign", things.program, OTHER_ORGANIZER[0])
    try:
        assert organizer.post(playing, {}).status == 200
        assert organizer.get(media).status == 200
    finally:
        things.server.run("program", "assign", things.program, OTHER_ORGANIZER[0], "--remove")
    assert organizer.get(media).status == 404
    assert organizer.post(playing, {}).status == 404


def test_a_lecture_opens_with_its_cohort_and_stays_for_the_days_of_grace(things):
    for first, last, status in ((1, 5, 403), (-3, -1, 200), (0, 0, 200)):
        client = things.participant(cohort=things.add_cohort(things.program, first, last))
        answer = client.post(f"/api/v1/lectures/{things.short}/play", {})
        assert answer.status == status, f"from {first} to {last} days: {answer}"
        if status == 403:
            assert answer.code == "cohort-not-open"


def test_a_cohort_that_is_over_gets_no_links(things):
    person = things.add_person(things.add_cohort(things.program, -60, -50))
    refused = things.server.run("invitation", "issue", person, check=False)
    assert refused.returncode == 1 and "over" in refused.stderr


def test_what_was_open_closes(own_school):
    school = own_school()
    client = school.participant(cohort=school.add_cohort(school.program, -3, -1))
    viewer = school.viewer(client)
    assert client.get(viewer.hls).status == 200
    school.server.stop()
    school.server.write_settings(cohort_grace_days=0)
    school.server.start()
    for answer in (client.post(f"/api/v1/lectures/{school.short}/play", {}), client.get(viewer.hls)):
        assert (answer.status, answer.code) == (403, "cohort-not-open"), answer


@pytest.mark.parametrize("route", [route for route in ROUTES if route[1].startswith("/api/")], ids=ids)
def test_other_methods_are_named_as_not_allowed(things, route):
    path = address(things, route[1], OURS)
    known = {method for method, pattern, _ in ROUTES if pattern == route[1]}
    method = next(method for method in ("PUT", "PATCH", "DELETE") if method not in known)
    answer = Client(things.server).request(method, path)
    assert answer.status == 405 and set(answer.field("allow").replace(" ", "").split(",")) >= known, answer
