"""Chapters and handouts: put by an admin, found by participants, and by nobody else."""
import pytest

from client import Client, Viewer
from conftest import ORGANIZER

PDF = b"%PDF-1.7\n" + b"x" * 5000


@pytest.fixture(scope="module")
def admin(school_session):
    return school_session.staff()


@pytest.fixture(scope="module")
def lecture(school_session, clips):
    lecture = school_session.server.add_lecture(clips["short"], "With handouts")
    school_session.server.run("program", "lectures", school_session.program, "--append", lecture)
    return lecture


def add(admin, lecture, name, data):
    return admin.request("POST", f"/api/v1/lectures/{lecture}/handouts?name={name}", data=data,
                         fields={"Content-Type": "application/octet-stream"})


def mine(client, lecture):
    return next(one for one in client.get("/api/v1/me").json()["lectures"] if one["id"] == lecture)


def test_a_handout_reaches_participants_as_an_attachment(school_session, admin, lecture, protocol):
    answer = add(admin, lecture, "Gi%C3%A1o%20tr%C3%ACnh%20%22a%22.pdf", PDF)
    assert answer.status == 201, answer
    made = answer.json()
    assert made["name"] == 'Giáo trình "a".pdf' and made["size_bytes"] == len(PDF)
    client = school_session.participant(protocol=protocol)
    assert made in mine(client, lecture)["handouts"]
    address = f"{Viewer(client, lecture).base}/handouts/{made['id']}"
    got = client.get(address)
    assert (got.status, got.body) == (200, PDF)
    assert got.field("content-type") == "application/pdf"
    assert got.field("content-disposition") == (
        "attachment; filename=\"Gi-o-tr-nh-a.pdf\"; filename*=UTF-8''Gi%C3%A1o%20tr%C3%ACnh%20%22a%22.pdf")
    assert got.field("x-content-type-options") == "nosniff"
    assert got.field("content-security-policy") == "default-src 'none'; sandbox"
    assert got.field("cache-control") == "private, no-cache"
    part = client.request("GET", address, fields={"Range": "bytes=0-7"})
    assert (part.status, part.body) == (206, PDF[:8])
    head = client.request("HEAD", address)
    assert (head.status, head.field("content-length"), head.body) == (200, str(len(PDF)), b"")
    assert client.request("GET", address, fields={"If-None-Match": got.field("etag")}).status == 304
    assert Client(school_session.server).get(address).status == 401
    assert client.get(address[:-1] + ("0" if address[-1] != "0" else "1")).status == 404
    assert client.get(address.replace(f"/{lecture}/", f"/{school_session.law}/")).status == 404

    assert admin.request("DELETE", f"/api/v1/lectures/{lecture}/handouts/{made['id']}").status == 204
    assert client.get(address).status == 404
    assert mine(client, lecture)["handouts"] == []
    assert admin.request("DELETE", f"/api/v1/lectures/{lecture}/handouts/{made['id']}").status == 404
    assert not (school_session.server.data / "handouts" / made["id"]).exists()


def test_a_large_one_is_streamed(school_session, admin, lecture):
    data = PDF + bytes(range(256)) * 12000
    made = add(admin, lecture, "large.pdf", data).json()
    client = school_session.participant()
    assert client.get(f"{Viewer(client, lecture).base}/handouts/{made['id']}").body == data
    assert admin.request("DELETE", f"/api/v1/lectures/{lecture}/handouts/{made['id']}").status == 204


@pytest.mark.parametrize("name, data", [
    ("page.html", b"<html>"), ("drawing.svg", b"<svg>"), ("run.exe", b"MZ"), ("noending", b"x"), (".pdf", PDF),
    ("slides.pdf", b"<html><script>alert(1)</script>"), ("slides.pdf", b""), ("slides.pptx", PDF), ("notes.txt", b"a\0b"),
    ("..%2Fslides.pdf", PDF), ("a%0Ab.pdf", PDF), ("", PDF),
])
def test_what_is_no_handout_is_refused(school_session, admin, lecture, name, data):
    answer = add(admin, lecture, name, data)
    assert (answer.status, answer.json().get("field")) == (422, "name"), answer
    assert admin.get(f"/api/v1/lectures/{lecture}").json()["handouts"] == []
    assert list((school_session.server.data / "handouts").glob("*")) == []


def test_a_handout_that_is_too_large_or_one_too_many_is_refused(own_school):
    school = own_school(handout_bytes_max=300000, handouts_max=1)
    admin, lecture = school.staff(), school.law
    assert add(admin, lecture, "large.pdf", PDF * 100).status == 413
    # Not announced: found out on the way, and nothing stays.
    streamed = admin.request("POST", f"/api/v1/lectures/{lecture}/handouts?name=large.pdf", data=PDF * 100,
                             fields={"Transfer-Encoding": "chunked"})
    assert streamed.status == 413
    assert list((school.server.data / "handouts").glob("*")) == []
    assert add(admin, lecture, "one.pdf", PDF).status == 201
    assert add(admin, lecture, "two.pdf", PDF).code == "conflict"


def test_the_command_adds_and_removes(school_session, lecture, tmp_path):
    (tmp_path / "table.csv").write_text("a;b\n1;2\n")
    server = school_session.server
    made = server.run("lecture", "handout", lecture, tmp_path / "table.csv").stdout.strip()
    client = school_session.participant()
    got = client.get(f"{Viewer(client, lecture).base}/handouts/{made}")
    assert (got.status, got.field("content-type")) == (200, "text/csv")
    server.run("lecture", "handout", lecture, "--remove", made)
    assert client.get(f"{Viewer(client, lecture).base}/handouts/{made}").status == 404
    (tmp_path / "page.html").write_text("<html>")
    assert "end in one of pdf" in server.run("lecture", "handout", lecture, tmp_path / "page.html", check=False).stderr


def test_organizers_and_participants_change_nothing(school_session, lecture):
    for client in (school_session.participant(), school_session.staff(ORGANIZER)):
        assert add(client, lecture, "slides.pdf", PDF).status in (401, 403)
        assert client.request("PUT", f"/api/v1/lectures/{lecture}/chapters", body={"chapters": []}).status in (401, 403)


def test_chapters_reach_participants_in_their_language(school_session, admin, lecture):
    chapters = [{"start_ms": 0, "titles": {"en": "Welcome", "vi": "Xin chào"}}, {"start_ms": 1500, "titles": {"en": "Safety"}}]
    answer = admin.request("PUT", f"/api/v1/lectures/{lecture}/chapters", body={"chapters": chapters})
    assert (answer.status, answer.json()) == (200, {"chapters": chapters})
    assert admin.get(f"/api/v1/lectures/{lecture}/chapters").json() == {"chapters": chapters}
    client = school_session.participant()
    me = client.get("/api/v1/me?language=vi").json()
    assert next(one for one in me["lectures"] if one["id"] == lecture)["chapters"] == [
        {"start_ms": 0, "title": "Xin chào"}, {"start_ms": 1500, "title": "Safety"}]
    shown = admin.get(f"/api/v1/lectures/{lecture}").json()["chapters"]
    assert shown[0] == {"start_ms": 0, "title": "Welcome", "titles": {"en": "Welcome", "vi": "Xin chào"}}


@pytest.mark.parametrize("story, chapters, field", [
    ("out of order", [{"start_ms": 9, "titles": {"en": "B"}}, {"start_ms": 1, "titles": {"en": "A"}}], "chapters/1/start_ms"),
    ("at once", [{"start_ms": 1, "titles": {"en": "B"}}, {"start_ms": 1, "titles": {"en": "A"}}], "chapters/1/start_ms"),
    ("behind the end", [{"start_ms": 90000000, "titles": {"en": "B"}}], "chapters/0/start_ms"),
    ("before the start", [{"start_ms": -1, "titles": {"en": "B"}}], "chapters/0/start_ms"),
    ("no time", [{"titles": {"en": "B"}}], "chapters/0/start_ms"),
    ("no title", [{"start_ms": 0, "titles": {}}], "chapters/0/titles"),
    ("no language", [{"start_ms": 0, "titles": {"english": "B"}}], "chapters/0/titles"),
    ("a language twice", [{"start_ms": 0, "titles": {"en": "A", "EN": "B"}}], "chapters/0/titles"),
    ("a title of nothing", [{"start_ms": 0, "titles": {"en": ""}}], "chapters/0/titles"),
    ("a title that is no text", [{"start_ms": 0, "titles": {"en": 5}}], "chapters/0/titles"),
    ("no list", {"start_ms": 0}, "chapters"),
    ("too many", [{"start_ms": i, "titles": {"en": "B"}} for i in range(201)], "chapters"),
])
def test_chapters_that_make_no_sense_change_nothing(admin, lecture, story, chapters, field):
    before = admin.get(f"/api/v1/lectures/{lecture}/chapters").json()
    answer = admin.request("PUT", f"/api/v1/lectures/{lecture}/chapters", body={"chapters": chapters})
    assert (answer.status, answer.json().get("field")) == (422, field), f"{story}: {answer}"
    assert admin.get(f"/api/v1/lectures/{lecture}/chapters").json() == before


def test_the_command_reads_a_list(school_session, admin, lecture, tmp_path):
    (tmp_path / "list").write_text("0:00 Welcome\n\n00:00:01.200 - Safety first\r\n")
    server = school_session.server
    shown = server.run("lecture", "chapters", lecture, tmp_path / "list", "--language", "en").stdout
    assert shown == "0:00:00 Welcome\n0:00:01 Safety first\n"
    assert admin.get(f"/api/v1/lectures/{lecture}/chapters").json()["chapters"][1] == {
        "start_ms": 1200, "titles": {"en": "Safety first"}}
    (tmp_path / "list").write_text("0:00 Welcome\nSafety first\n")
    assert "line 2" in server.run("lecture", "chapters", lecture, tmp_path / "list", check=False).stderr
    server.run("lecture", "chapters", lecture, "--remove")
    assert admin.get(f"/api/v1/lectures/{lecture}/chapters").json() == {"chapters": []}


def test_chapters_inside_of_a_file_become_the_lectures(school_session, admin, samples):
    lecture = school_session.server.add_lecture(samples / "h264-aac-chapters.mkv", "Chapters inside")
    assert admin.get(f"/api/v1/lectures/{lecture}/chapters").json() == {"chapters": [
        {"start_ms": 0, "titles": {"en": "Chapter 1"}}, {"start_ms": 2000, "titles": {"en": "Chapter 2"}}]}
