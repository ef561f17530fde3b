"""What an answer carries beside its body: packing, what caches may do, other origins, hints and timings."""
import gzip
import re
import subprocess

import pytest

from client import Client, PROTOCOLS
from harness import ADMIN, Server



def test_long_texts_are_packed_for_who_takes_it(school, protocol):
    admin = school.staff(protocol=protocol)
    for path in ("/api/v1/openapi.json", f"/api/v1/cohorts/{school.cohort}/report?format=csv", "/api/v1/lectures"):
        plain = admin.get(path, fields={"Accept-Encoding": "identity"})
        packed = admin.get(path, fields={"Accept-Encoding": "gzip"})
        assert plain.status == packed.status == 200
        assert plain.field("content-encoding") is None
        if len(plain.body) < 1024:
            assert packed.field("content-encoding") is None, path
            continue
        assert packed.field("content-encoding") == "gzip" and gzip.decompress(packed.body) == plain.body
        assert len(packed.body) == int(packed.field("content-length")) < len(plain.body)
        assert plain.all_fields("vary") == packed.all_fields("vary") == ["Accept-Encoding"], path


def test_head_tells_the_length_of_the_packed_form(school):
    admin = school.staff()
    fields = {"Accept-Encoding": "gzip"}
    got = admin.get("/api/v1/openapi.json", fields=fields)
    asked = admin.request("HEAD", "/api/v1/openapi.json", fields=fields)
    for name in ("content-length", "content-encoding", "vary", "cache-control"):
        assert asked.field(name) == got.field(name), name


def test_caches_are_told_by_kind(school):
    person = school.participant()
    viewer = school.viewer(person)
    page = person.get("/")
    script = page.body.decode().split('type="module" src="')[1].split('"')[0]
    told = {
        "page": page,
        "fingerprinted file": person.get(script),
        "answer of the API": person.get("/api/v1/me"),
        "playlist": person.get(viewer.hls),
        "segment": person.get(viewer.segments()[0][0]),
        "problem": person.get("/api/v1/nothing-here"),
        "health": person.get("/healthz"),
    }
    assert {kind: answer.field("cache-control") for kind, answer in told.items()} == {
        "page": "no-cache",
        "fingerprinted file": "public, max-age=31536000, immutable",
        "answer of the API": "no-store",
        "playlist": "private, no-cache",
        "segment": "private, no-cache",
        "problem": "no-store",
        "health": "no-store",
    }
    for kind in ("page", "fingerprinted file", "playlist", "segment"):
        assert told[kind].field("etag"), kind


NEIGHBOUR, STRANGER = "https://www.example.org", "https://evil.example"


@pytest.fixture(scope="module")
def neighbourly():
    with Server(cors_origins=f"{NEIGHBOUR} https://other.example:8443") as server:
        server.init().start()
        yield server


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/me", "/api/v1/nothing-here", "/media/x/1/master.m3u8"])
def test_a_page_of_a_configured_origin_may_read_answers(neighbourly, protocol, path):
    answer = Client(neighbourly, protocol).get(path, fields={"Origin": NEIGHBOUR})
    assert answer.field("access-control-allow-origin") == NEIGHBOUR
    assert answer.field("access-control-allow-credentials") == "true"
    assert "Request-Id" in answer.field("access-control-expose-headers")
    assert "Origin" in answer.all_fields("vary")


@pytest.mark.parametrize("origin", [STRANGER, "null", NEIGHBOUR + ".evil.example", NEIGHBOUR[:-1], "https://", "",
                                    f"{NEIGHBOUR} https://other.example:8443", NEIGHBOUR.upper()])
def test_a_page_of_another_origin_may_not(neighbourly, origin):
    answer = Client(neighbourly).get("/healthz", fields={"Origin": origin})
    assert answer.status == 200 and answer.field("access-control-allow-origin") is None
    assert "Origin" in answer.all_fields("vary"), "a cache must keep the two apart"


def test_a_preflight_is_answered_for_uploads_and_api(neighbourly):
    for path, method in (("/api/v1/uploads/x", "PATCH"), ("/api/v1/programs", "POST")):
        fields = {"Origin": NEIGHBOUR, "Access-Control-Request-Method": method,
                  "Access-Control-Request-Headers": "content-type,upload-offset"}
        answer = Client(neighbourly).request("OPTIONS", path, fields=fields)
        assert answer.status == 204, answer
        assert method in answer.field("access-control-allow-methods").split(", ")
        assert {"Content-Type", "Upload-Offset"} <= set(answer.field("access-control-allow-headers").split(", "))
        fields["Origin"] = STRANGER
        assert Client(neighbourly).request("OPTIONS", path, fields=fields).field("access-control-allow-methods") is None


def test_changes_are_taken_from_configured_origins_only(neighbourly):
    for origin, status in ((NEIGHBOUR, 200), (STRANGER, 403), (neighbourly.url, 200)):
        answer = Client(neighbourly).request("POST", "/api/v1/session/password", fields={"Origin": origin},
                                             body={"email": ADMIN[0], "password": ADMIN[1]})
        assert answer.status == status, (origin, answer)


def test_no_origin_is_let_in_without_a_setting(school):
    answer = school.staff().get("/api/v1/me", fields={"Origin": NEIGHBOUR})
    assert answer.status == 200 and answer.field("access-control-allow-origin") is None
    assert "Origin" not in answer.all_fields("vary")


def interim_links(server, protocol, fields):
    """The Link fields of answers 103 to a GET of the player page, and the status of the last answer."""
    words = [word for name, value in fields.items() for word in ("-H", f"{name}: {value}")]
    told = subprocess.run(
        ["curl", "-sS", PROTOCOLS[protocol], "--cacert", str(server.authority), "-D", "-", "-o", "/dev/null", *words,
         f"{server.url}/lecture/018f3f5e-0000-7000-8000-000000000000"], capture_output=True, text=True, check=True)
    heads = [head.splitlines() for head in told.stdout.split("\n\n") if head.strip()]
    links = [line.partition(": ")[2] for head in heads if " 103" in head[0]
             for line in head[1:] if line.lower().startswith("link:")]
    return links, heads[-1][0].split(" ")[1]


def test_the_player_page_is_hinted_at_before_it_comes(school):
    server, opened = school.server, {"Sec-Fetch-Mode": "navigate"}
    [link], status = interim_links(server, "http2", opened)
    assert status == "200"
    for target in re.findall(r"<([^>]+)>", link):
        assert Client(server).get(target).status == 200, target
    assert len(link) < 200, "each byte costs on a weak line"
    assert interim_links(server, "http2", {"Sec-Fetch-Mode": "cors"}) == ([], "200")
    assert interim_links(server, "http2", {}) == ([], "200")
    assert interim_links(server, "http1.1", opened) == ([], "200")
    assert Client(server).get("/lecture.html.link").status == 404


def test_staff_see_where_the_time_went_and_nobody_else(school, protocol):
    organizer = school.staff(protocol=protocol)
    timing = organizer.get("/api/v1/lectures").field("server-timing")
    parts = dict(re.fullmatch(r"(\w+);dur=(\d+\.\d{3})", part).groups() for part in timing.split(", "))
    assert list(parts) == ["queue", "work", "return", "total"]
    assert 0 < float(parts["work"]) <= float(parts["total"])
    assert organizer.get("/api/v1/lectures/not-an-id").field("server-timing"), "a problem tells it too"
    viewer = school.viewer(organizer)
    assert organizer.get(viewer.hls).field("server-timing")
    person = school.participant(protocol)
    viewer = school.viewer(person)
    for path in ("/api/v1/me", "/api/v1/lectures", viewer.hls, "/healthz", "/"):
        assert person.get(path).field("server-timing") is None, path
