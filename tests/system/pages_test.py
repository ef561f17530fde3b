"""Pages, health, metrics, and the API's own description."""
import json
import re
import urllib.request

import pytest

from client import Client

PAGES = ["/", "/j", "/sign-in", "/admin", "/organizer", "/lecture/01890000-0000-7000-8000-000000000000"]


@pytest.fixture
def client(school, protocol):
    return Client(school.server, protocol)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sent_with_its_rules(client, path):
    answer = client.get(path)
    assert answer.status == 200 and answer.field("content-type").lower().startswith("text/html"), answer
    policy = answer.field("content-security-policy")
    assert "default-src 'self'" in policy or "default-src 'none'" in policy, policy
    assert "unsafe-inline" not in re.search(r"script-src[^;]*|default-src[^;]*", policy).group()
    assert "frame-ancestors" in policy
    assert answer.field("x-content-type-options") == "nosniff"
    assert answer.field("referrer-policy") == "no-referrer"
    assert answer.field("strict-transport-security")
    assert re.search(r"<html[^>]*lang=", answer.body.decode())


@pytest.mark.parametrize("path", ["/", "/admin", "/lecture/01890000-0000-7000-8000-000000000000"])
def test_what_a_page_names_is_there_and_stays(client, path):
    names = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', client.get(path).body.decode()))
    assert names
    for name in names:
        plain = client.get(name, fields={"Accept-Encoding": "identity"})
        assert plain.status == 200 and "immutable" in plain.field("cache-control"), plain
        packed = client.get(name, fields={"Accept-Encoding": "br"})
        if packed.field("content-encoding"):
            assert packed.field("content-encoding") == "br" and len(packed.body) < len(plain.body)
            assert "accept-encoding" in packed.field("vary").lower()
        etag = plain.field("etag")
        if etag:
            assert client.get(name, fields={"If-None-Match": etag, "Accept-Encoding": "identity"}).status == 304


@pytest.mark.parametrize("path", ["/nothing", "/assets/none.js", "/assets/../index.html", "/assets/%2e%2e/index.html",
                                  "/api/v1/nothing", "/admin/../../etc/passwd", "//", "/.git/config"])
def test_what_is_not_there_is_404(client, path):
    answer = client.get(path)
    assert answer.status in (400, 404), answer


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/nope", "/organizer/nonsense", "/lecture/nonsense/", "/assets/none.js", "/apiary"])
def test_a_person_at_a_mistyped_address_sees_a_page(client, path):
    answer = client.get(path, fields=BROWSER)
    assert answer.status == 404 and answer.field("content-type").lower().startswith("text/html"), answer
    assert "accept" in answer.field("vary").lower() and answer.field("content-security-policy")
    assert re.search(r'<script type="module" src="/assets/not_found-', answer.body.decode())
    conditional = client.get(path, fields={**BROWSER, "If-None-Match": "*", "Range": "bytes=0-9"})
    assert (conditional.status, conditional.body) == (404, answer.body)
    head = client.request("HEAD", path, fields=BROWSER)
    assert head.status == 404 and head.field("content-length") == str(len(answer.body)), head


@pytest.mark.parametrize("method, path, accept", [
    ("GET", "/nope", "*/*"), ("GET", "/nope", "application/json"), ("GET", "/nope", "application/problem+json,text/html"),
    ("GET", "/api/v1/nope", BROWSER["Accept"]), ("GET", "/api", BROWSER["Accept"]),
    ("GET", "/media/nope", BROWSER["Accept"]), ("GET", "/api/v1/lectures/", BROWSER["Accept"]),
    ("POST", "/nope", BROWSER["Accept"]), ("POST", "/sign-in/", BROWSER["Accept"]),
])
def test_a_program_at_a_mistyped_address_gets_a_document(client, method, path, accept):
    answer = client.request(method, path, fields={"Accept": accept})
    assert (answer.status, answer.code) == (404, "not-found"), answer


@pytest.mark.parametrize("path, location", [
    ("/j/", "/j"), ("/sign-in/", "/sign-in"), ("/admin/", "/admin"), ("/organizer/", "/organizer"),
    ("/sign-in/?from=/admin", "/sign-in?from=/admin"),
    ("/lecture/01890000-0000-7000-8000-000000000000/", "/lecture/01890000-0000-7000-8000-000000000000"),
])
def test_a_slash_too_many_leads_to_the_page(client, path, location):
    for method in ("GET", "HEAD"):
        answer = client.request(method, path)
        assert (answer.status, answer.field("location"), answer.body) == (308, location, b""), answer
    assert client.get(location).status == 200


@pytest.mark.parametrize("path", ["//evil.example/", "/%2fevil.example/", "/\\evil.example/", "/lecture//evil.example/",
                                  "/lecture/%2f%2fevil.example/", "/lecture/%0d%0aX:y/", "/evil.example/"])
def test_no_address_leads_out_of_the_site(client, path):
    answer = client.get(path, fields=BROWSER)
    assert answer.status in (400, 404) and answer.field("location") is None, answer


def test_a_browser_that_asks_for_an_icon_gets_the_mark(client):
    answer = client.get("/favicon.ico", fields={"Accept": "image/avif,image/webp,image/svg+xml,*/*;q=0.8"})
    assert (answer.status, answer.field("content-type")) == (200, "image/svg+xml") and b"<svg" in answer.body, answer


def test_a_problem_is_a_document_with_a_code(client):
    answer = client.get("/api/v1/me")
    assert answer.status == 401 and answer.field("content-type") == "application/problem+json"
    told = answer.json()
    assert told["status"] == 401 and told["code"] == "sign-in-needed" and told["title"] and told["request_id"]
    assert answer.field("request-id") == told["request_id"]


def test_health_is_told(client):
    for path in ("/healthz", "/readyz"):
        assert client.get(path).status == 200


def plain(school, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{school.server.metrics_port}{path}", timeout=10) as answer:
        return answer.status, answer.headers, answer.read().decode()


def test_metrics_are_for_loopback_only(school, client):
    assert plain(school, "/metrics")[0] == 200
    assert client.get("/metrics").status == 404
    assert plain(school, "/healthz")[0] == plain(school, "/readyz")[0] == 200


def test_the_api_describes_itself(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status == 200 and answer.field("content-type").startswith("application/json")
    told = answer.json()
    assert told["openapi"].startswith("3.") and len(told["paths"]) > 20
    assert "components" in told
    tag = answer.field("etag")
    for shown in (tag, f'"another", {tag}', "*"):
        again = client.get("/api/v1/openapi.json", fields={"If-None-Match": shown, "Accept-Encoding": "gzip"})
        assert (again.status, again.body, again.field("etag")) == (304, b"", tag), again
    assert client.get("/api/v1/openapi.json", fields={"If-None-Match": '"another"'}).status == 200


def test_json_is_compressed_where_taken(school):
    admin = school.staff()
    answer = admin.get("/api/v1/lectures", fields={"Accept-Encoding": "gzip"}, extra=["--compressed"])
    assert answer.status == 200 and answer.json()["lectures"]
    assert answer.field("cache-control") == "no-store"


@pytest.mark.parametrize("body, status", [
    (b"{", 400), (b"[]", 400), (b'{"language":"en","language":"en","title":"T"}', 400), (b'{"language":"en"}', 422),
    (b'{"language":"en","title":7}', 422), (b'{"language":"en","title":"a\\u0000b"}', 422),
    (b'{"language":"en","title":"' + b"a" * 70000 + b'"}', 413), (b"\xff", 400), (b"", 422),
])
def test_a_body_is_read_strictly(school, body, status):
    admin = school.staff()
    answer = admin.request("POST", "/api/v1/programs", data=body, fields={"Content-Type": "application/json"})
    assert answer.status in ((status, 400) if status == 422 else (status,)), answer


@pytest.mark.parametrize("kind, status", [
    ("application/json", 400), ("Application/JSON; charset=utf-8", 400), (None, 400),
    ("text/plain", 415), ("text/plain;application/json", 415), ("application/x-www-form-urlencoded", 415),
    ("multipart/form-data; boundary=x", 415), ("application/jsonp", 415), ("application/jso", 415),
])
def test_a_body_that_is_no_json_is_judged_by_its_type(school, protocol, kind, status):
    """What is JSON is taken under any name; what is not is either of another type, or wrong."""
    def create(body):
        return school.staff(protocol=protocol).request("POST", "/api/v1/programs", data=body,
                                                       fields={"Content-Type": kind} if kind else None)
    assert create(b'{"language":"en","title":"T"}').status == 201
    answer = create(b"language=en&title=T")
    assert answer.status == status, answer
    assert status != 415 or answer.code == "unsupported-type", answer


def test_titles_follow_the_reader(school):
    admin = school.staff()
    program = admin.post("/api/v1/programs", {"language": "en", "title": "Basics"}).json()["id"]
    school.server.run("program", "text", program, "--language", "ja", "--title", "基礎")

    def title(**options):
        return admin.get(f"/api/v1/programs/{program}{options.get('query', '')}",
                         fields=options.get("fields")).json()["title"]

    assert title(fields={"Accept-Language": "ja;q=0.9, en;q=0.5"}) == "基礎"
    assert title(fields={"Accept-Language": "ja"}, query="?language=en") == "Basics"
    assert title(fields={"Accept-Language": "fr"}) in ("Basics", "基礎")


def test_staff_can_build_a_whole_program_over_the_api(school, clips):
    admin = school.staff()
    program = admin.post("/api/v1/programs", {"language": "en", "title": "By hand", "description": "All of it"})
    assert program.status == 201, program
    program = program.json()["id"]
    put = admin.request("PUT", f"/api/v1/programs/{program}/lectures", body={"lectures": [school.law, school.short]})
    assert put.status == 200 and [item["id"] for item in put.json()["lectures"]] == [school.law, school.short], put
    cohort = admin.post(f"/api/v1/programs/{program}/cohorts", {
        "name": "Team", "time_zone": "Asia/Ulaanbaatar", "first_day": "2026-01-01", "last_day": "2199-12-31"})
    assert cohort.status == 201, cohort
    person = admin.post(f"/api/v1/cohorts/{cohort.json()['id']}/participants", {
        "name": "Б. Сарнай", "language": "mn", "country": "MN", "gender": "female", "email": "s@example.org"})
    assert person.status == 201, person
    issued = admin.post(f"/api/v1/participants/{person.json()['id']}/invitation", {})
    assert issued.status == 201 and issued.json()["link"].startswith(school.server.url + "/j#"), issued
    client = Client(school.server)
    assert client.open_link(issued.json()["link"]).status == 200
    me = client.get("/api/v1/me").json()
    assert [item["id"] for item in me["lectures"]] == [school.law, school.short]
    assert me["cohort"]["time_zone"] == "Asia/Ulaanbaatar" and me["cohort"]["rule"]["threshold_percent"] == 90
    provider = admin.post("/api/v1/providers", {"name": "A union", "country": "JP"})
    assert provider.status == 201, provider
    changed = admin.request("PATCH", f"/api/v1/lectures/{school.short}", body={
        "provider": provider.json()["id"], "title": "短い講義", "language": "ja"})
    assert changed.status == 200 and changed.json()["provider"] == "A union", changed
    listed = admin.get(f"/api/v1/cohorts/{cohort.json()['id']}/participants").json()["participants"]
    assert listed[0]["invitation"]["state"] == "opened", listed


def test_the_log_is_lines_of_pairs(school):
    lines = [line for line in school.server.log(10**7).splitlines()[1:-1] if line.strip()]
    odd = [line for line in lines if not re.match(r"(time=)?\S+ (level=)?(debug|info|warning|error) \S+", line)]
    assert not odd, odd[:5]
    assert json.dumps("") and any("listening" in line for line in lines)
