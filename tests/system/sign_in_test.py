"""Personal links, passwords and sessions."""
import contextlib
import json
import time
import urllib.parse

import pytest

from client import Client, KeptConnection
from conftest import ORGANIZER
from harness import ADMIN, FAKETIME, Server


def secret_of(link):
    return urllib.parse.urlsplit(link).fragment


def test_a_link_holds_its_secret_in_the_fragment(school):
    link = school.link(school.add_person())
    parts = urllib.parse.urlsplit(link)
    assert f"{parts.scheme}://{parts.netloc}" == school.server.url
    assert (parts.path, parts.query) == ("/j", "") and len(parts.fragment) == 43


def test_reading_the_page_of_a_link_does_not_open_it(school, protocol):
    link = school.link(school.add_person())
    client = Client(school.server, protocol)
    for _ in range(2):
        page = client.get("/j")
        assert page.status == 200 and page.field("content-type").startswith("text/html"), page
        assert page.field("referrer-policy") == "no-referrer"
        assert client.cookies == {}
    assert client.open_link(link).status == 200


def test_opening_a_link_gives_a_session_that_scripts_cannot_read(school, protocol):
    client = Client(school.server, protocol)
    opened = client.open_link(school.link(school.add_person()))
    assert opened.json() == {"role": "participant"}
    [cookie] = opened.all_fields("set-cookie")
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-sid=")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= attributes
    me = client.get("/api/v1/me")
    assert me.status == 200 and me.json()["name"] == "Nguyễn Thị Lan"
    assert me.field("cache-control") == "no-store"


def test_a_link_opens_on_a_second_device_too(school):
    link = school.link(school.add_person())
    first, second = Client(school.server), Client(school.server, "http2")
    assert first.open_link(link).status == second.open_link(link).status == 200
    assert first.cookies != second.cookies
    assert first.get("/api/v1/me").json()["id"] == second.get("/api/v1/me").json()["id"]


@pytest.mark.parametrize("secret, status, code", [
    ("A" * 43, 404, "invitation-unknown"),
    ("short", 404, "invitation-unknown"),
    ("", 422, "invalid-field"),
    ("é" * 43, 404, "invitation-unknown"),
])
def test_an_unknown_link_is_refused_with_a_sentence(school, protocol, secret, status, code):
    answer = Client(school.server, protocol).post("/api/v1/session/invitation", {"invitation": secret})
    assert (answer.status, answer.code) == (status, code), answer
    assert answer.all_fields("set-cookie") == [] and len(answer.json()["title"]) > 20


def test_a_new_link_ends_the_old_one(school, protocol):
    person = school.add_person()
    old = school.link(person)
    client = Client(school.server, protocol)
    assert client.open_link(old).status == 200
    new = school.link(person)
    answer = Client(school.server, protocol).open_link(old)
    assert (answer.status, answer.code) == (403, "invitation-revoked"), answer
    assert client.get("/api/v1/me").status in (401, 403)
    assert Client(school.server, protocol).open_link(new).status == 200


def test_a_revoked_link_and_its_sessions_end(school, protocol):
    person = school.add_person()
    link = school.link(person)
    client = Client(school.server, protocol)
    assert client.open_link(link).status == 200
    organizer = school.staff(ORGANIZER, protocol)
    assert organizer.request("DELETE", f"/api/v1/participants/{person}/invitation").status == 204
    answer = client.open_link(link)
    assert (answer.status, answer.code) == (403, "invitation-revoked"), answer
    answer = client.get("/api/v1/me")
    assert answer.status in (401, 403) and answer.code in ("access-revoked", "session-expired", "sign-in-needed"), answer


@pytest.mark.skipif(not FAKETIME, reason="faketime is not installed")
def test_a_link_expires(own_school):
    # 20,000 times faster: a day passes in five seconds.
    school = own_school(invitation_days=1, faster=20000)
    cohort = school.add_cohort(school.program, 0, 3000)
    link = school.link(school.add_person(cohort))
    deadline = time.monotonic() + 30
    while (answer := Client(school.server).open_link(link)).status == 200:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert (answer.status, answer.code) == (403, "invitation-expired"), answer


def test_a_password_signs_staff_in(school, protocol):
    client = Client(school.server, protocol)
    assert client.sign_in(*ADMIN).json() == {"role": "admin"}
    assert client.get("/api/v1/me").json()["email"] == ADMIN[0]
    assert Client(school.server, protocol).sign_in(ADMIN[0].upper(), ADMIN[1]).status == 200


@pytest.mark.parametrize("email, password", [
    (ADMIN[0], "wrong-password-123"), ("nobody@example.org", ADMIN[1]), (ADMIN[0], "x"),
])
def test_a_wrong_password_says_no_more_than_that(school, protocol, email, password):
    answer = Client(school.server, protocol).sign_in(email, password)
    assert (answer.status, answer.code) == (401, "wrong-password"), answer
    assert answer.field("www-authenticate") == "Session"


def test_each_sign_in_is_a_new_session(school):
    client = school.staff()
    planted = client.cookies["__Host-sid"]
    client.sign_in(*ADMIN)
    assert client.cookies["__Host-sid"] != planted


def test_signing_out_ends_the_session(school, protocol):
    client = school.participant(protocol)
    kept = client.copy()
    assert client.request("DELETE", "/api/v1/session").status == 204
    assert "__Host-sid" not in client.cookies
    assert kept.get("/api/v1/me").status in (401, 403)


def test_a_disabled_person_of_the_staff_is_signed_out(school):
    email, password = "leaving@example.org", "correct-horse-leaving"
    school.server.run("staff", "add", email, "--name", "Lea", "--role", "admin", "--password-stdin",
                      stdin=password + "\n")
    client = school.staff((email, password))
    school.server.run("staff", "disable", email)
    assert client.get("/api/v1/me").status in (401, 403)
    assert client.sign_in(email, password).status == 401


def test_guessing_is_slowed_down(own_school):
    school = own_school(sign_in_attempts_per_minute=3)
    client = Client(school.server)
    found = [client.sign_in(ADMIN[0], f"wrong-password-{number}").status for number in range(5)]
    assert found == [401, 401, 401, 429, 429]
    answer = client.sign_in(*ADMIN)
    assert answer.status == 429 and answer.code == "too-many-requests" and answer.field("retry-after"), answer


def test_strangers_do_not_wait_for_the_store():
    """Whoever shows no session cookie is refused by the loop: their crowd cannot fill the store's queue."""
    guess = json.dumps({"email": ADMIN[0], "password": "wrong-wrong-wrong"}).encode()
    head = ("POST /api/v1/session/password HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(guess)}\r\n\r\n").encode()
    with Server(store_threads=1, queue_max=16) as server, contextlib.ExitStack() as guesses:
        server.init().start()
        stranger = KeptConnection(server, {})
        connections = [guesses.enter_context(server.connect()) for _ in range(40)]
        for connection in connections:
            connection.sendall(head + guess)
        for path in ("/api/v1/me", "/api/v1/programs", "/media/x/1/master.m3u8"):
            assert stranger.get(path).status == 401
        assert b"503" in [connection.recv(12)[-3:] for connection in connections], "the queue was not full"


@pytest.mark.parametrize("origin, taken", [
    (None, True), ("own", True), ("https://evil.example", False), ("null", False), ("http://localhost", False),
])
def test_another_site_cannot_act_for_a_person(school, protocol, origin, taken):
    client = school.participant(protocol)
    fields = {} if origin is None else {"Origin": school.server.url if origin == "own" else origin}
    answer = client.request("DELETE", "/api/v1/session", fields=fields)
    assert answer.status == (204 if taken else 403), answer
    if not taken:
        assert answer.code == "cross-origin"


def test_no_secret_reaches_the_log(school):
    link = school.link(school.add_person())
    client = Client(school.server)
    client.open_link(link)
    client.get("/api/v1/me?token=very-secret-query")
    log = school.server.log(10**8)
    for secret in (secret_of(link), client.cookies["__Host-sid"], ADMIN[1], "very-secret-query", ADMIN[0]):
        assert secret not in log
