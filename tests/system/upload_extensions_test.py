"""What tus 1.0.0 knows beyond its core, the bounds of uploads, and what is told of a file."""
import base64
import hashlib
import json
import os
import ssl
import time

import pytest

from client import Client
from harness import ADMIN, Server
from tus import TUS, create, cut_patch, encoded, head, patch, path_of, upload, wait_for_job


@pytest.fixture
def admin(school, protocol):
    return school.staff(protocol=protocol)


@pytest.fixture
def started(admin, clips):
    data = clips["short"].read_bytes()
    return path_of(admin, create(admin, len(data))), data



def checksum_of(data, algorithm="sha1"):
    return f"{algorithm} " + base64.b64encode(hashlib.new(algorithm, data).digest()).decode()


def test_a_damaged_piece_is_dropped(admin, started):
    path, data = started
    for at, algorithm in ((0, "sha1"), (1000, "sha256")):
        piece = data[at:at + 1000]
        answer = patch(admin, path, at, piece, Upload_Checksum=checksum_of(piece[:999], algorithm))
        assert (answer.status, answer.code) == (460, "upload-checksum"), answer
        assert head(admin, path).field("upload-offset") == str(at)
        answer = patch(admin, path, at, piece, Upload_Checksum=checksum_of(piece, algorithm))
        assert answer.status == 204 and answer.field("upload-offset") == str(at + 1000), answer


def test_a_checksum_that_is_none_is_refused(admin, started):
    path, data = started
    for field in ("md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha1", "sha1 ????", "sha1 Lve95gjOVATpfV8EL5X4nxwj"):
        assert patch(admin, path, 0, data[:1000], Upload_Checksum=field).status == 400
    assert head(admin, path).field("upload-offset") == "0"


def test_a_piece_with_a_checksum_that_breaks_off_leaves_nothing(school, clips):
    admin = school.staff()
    data = clips["minute"].read_bytes()
    path = path_of(admin, create(admin, len(data)))
    cut_patch(school.server, admin.cookies, path, 0, data[:200000], len(data), f"Upload-Checksum: {checksum_of(data)}\r\n")
    assert head(admin, path).field("upload-offset") == "0"


def test_bytes_come_with_the_creation(admin, clips):
    data = clips["short"].read_bytes()
    for count in (0, 1000, len(data)):
        answer = admin.request("POST", "/api/v1/uploads", data=data[:count], fields={
            **TUS, "Upload-Length": str(len(data)), "Content-Type": "application/offset+octet-stream",
            "Upload-Checksum": checksum_of(data[:count])})
        assert answer.status == 201 and answer.field("upload-offset") == str(count), answer
        assert (answer.field("lectern-lecture") is not None) == (count == len(data)), answer
        told = head(admin, path_of(admin, answer))
        assert told.field("upload-offset") == str(count)


def test_what_came_with_a_refused_creation_is_forgotten(admin):
    kind = {"Content-Type": "application/offset+octet-stream"}
    before = admin.get("/api/v1/uploads").json()
    for fields, status in (({"Content-Type": "application/octet-stream"}, 415), ({**kind, "Upload-Length": "10"}, 413),
                           ({**kind, "Upload-Checksum": "sha1 Lve95gjOVATpfV8EL5X4nxwjKHE="}, 460)):
        answer = admin.request("POST", "/api/v1/uploads", data=b"x" * 50, fields={**TUS, "Upload-Length": "100", **fields})
        assert answer.status == status and answer.field("location") is None, answer
    assert admin.get("/api/v1/uploads").json()["uploads"] == before["uploads"]


def test_a_length_may_come_later(admin, clips):
    data = clips["short"].read_bytes()
    created = admin.request("POST", "/api/v1/uploads", fields={**TUS, "Upload-Defer-Length": "1"})
    assert created.status == 201, created
    path = path_of(admin, created)
    told = head(admin, path)
    assert told.field("upload-defer-length") == "1" and told.field("upload-length") is None
    assert patch(admin, path, 0, data[:1000]).status == 204
    answer = patch(admin, path, 1000, data[1000:2000], Upload_Length=str(len(data)))
    assert answer.status == 204, answer
    assert head(admin, path).field("upload-length") == str(len(data))
    assert patch(admin, path, 2000, data[2000:], Upload_Length=str(len(data) + 1)).status == 409
    answer = patch(admin, path, 2000, data[2000:])
    assert answer.field("lectern-lecture"), answer


def test_a_creation_that_makes_no_sense_is_refused(admin):
    for fields in (
            {}, {"Upload-Defer-Length": "0"}, {"Upload-Defer-Length": "1", "Upload-Length": "10"},
            {"Upload-Length": "-1"}, {"Upload-Length": "+5"}, {"Upload-Length": "0x10"}, {"Upload-Length": "1e3"},
            {"Upload-Length": "5.0"}, {"Upload-Length": "9223372036854775808"}, {"Upload-Length": "18446744073709551617"},
            {"Upload-Length": ""}, {"Upload-Length": "10", "Upload-Concat": "part"}, {"Upload-Concat": "final;"},
            {"Upload-Concat": "final;/api/v1/uploads/01890000-0000-7000-8000-000000000000"},
            {"Upload-Length": "10", "Upload-Metadata": "filename YQ==,filename Yg=="},
            {"Upload-Length": "10", "Upload-Metadata": "filename a-b_"}, {"Upload-Length": "10", "Upload-Metadata": ",,"}):
        answer = admin.request("POST", "/api/v1/uploads", fields={**TUS, **fields})
        assert answer.status == (422 if "Upload-Metadata" in fields else 400), (fields, answer)


def make_part(admin, data):
    created = admin.request("POST", "/api/v1/uploads", fields={**TUS, "Upload-Length": str(len(data)), "Upload-Concat": "partial"})
    assert created.status == 201, created
    path = path_of(admin, created)
    assert patch(admin, path, 0, data).status == 204
    return path


def join(admin, paths, name="joined.mp4"):
    return admin.request("POST", "/api/v1/uploads", fields={
        **TUS, "Upload-Concat": "final;" + " ".join(paths), "Upload-Metadata": f"filename {encoded(name)}"})


def test_parts_make_a_lecture(admin, school, clips):
    data = clips["minute"].read_bytes()
    third = len(data) // 3
    paths = [make_part(admin, piece) for piece in (data[:third], data[third:2 * third], data[2 * third:])]
    told = head(admin, paths[0])
    assert told.field("upload-concat") == "partial" and told.field("upload-offset") == str(third)
    # Names of the server may be before the paths, as clients resolve them.
    answer = join(admin, [school.server.url + paths[0], paths[1], school.server.url + paths[2]])
    lecture = answer.field("lectern-lecture")
    assert answer.status == 201 and lecture, answer
    told = head(admin, path_of(admin, answer))
    assert told.field("upload-concat").startswith("final;") and told.field("upload-offset") == told.field("upload-length") == str(len(data))
    assert patch(admin, path_of(admin, answer), len(data), b"").status == 403
    assert all(head(admin, path).status in (404, 410) for path in paths)
    assert join(admin, paths).field("lectern-lecture") == lecture, "asked again, it is another"
    assert admin.get(f"/api/v1/lectures/{lecture}").json()["file"]["sha256"] == hashlib.sha256(data).hexdigest()
    assert wait_for_job(admin, lecture)["state"] == "ready"


def test_what_is_no_whole_part_is_not_joined(admin, clips):
    mine = make_part(admin, clips["short"].read_bytes()[:1000])
    begun = path_of(admin, admin.request("POST", "/api/v1/uploads", fields={**TUS, "Upload-Length": "10", "Upload-Concat": "partial"}))
    whole = path_of(admin, create(admin, 10))
    for paths in ([mine, begun], [mine, whole], [mine, mine], [mine, "/api/v1/lectures"]):
        answer = join(admin, paths)
        assert answer.status == 400, (paths, answer)
    assert head(admin, mine).status == 200


def test_options_say_exactly_what_there_is(school, protocol):
    answer = Client(school.server, protocol).request("OPTIONS", "/api/v1/uploads")
    assert set(answer.field("tus-extension").split(",")) == {
        "creation", "creation-with-upload", "creation-defer-length", "expiration", "checksum", "termination", "concatenation"}
    assert answer.field("tus-checksum-algorithm") == "sha1,sha256"


# --- bounds, and what is told of a file ---------------------------------------------------------


def test_a_person_has_so_many_uploads_under_way_and_no_more():
    with Server(upload_person_count_max=3, upload_person_bytes_max=10000, upload_bytes_max=6000) as server:
        server.init().start()
        admin = Client(server)
        assert admin.sign_in(*ADMIN).status == 200

        def left():
            return admin.get("/api/v1/uploads").json()["limits"]
        assert left() == {"file_bytes_max": 6000, "bytes_left": 10000, "uploads_left": 3}
        answer = create(admin, 6001)
        assert (answer.status, answer.code) == (413, "body-too-large"), answer
        first = path_of(admin, create(admin, 6000))
        assert left() == {"file_bytes_max": 6000, "bytes_left": 4000, "uploads_left": 2}
        answer = create(admin, 4001)
        assert (answer.status, answer.code) == (413, "upload-quota") and "remove some" in answer.json()["detail"], answer
        for _ in range(2):
            assert create(admin, 1).status == 201
        answer = create(admin, 1)
        assert (answer.status, answer.code) == (413, "upload-quota"), answer
        assert admin.request("DELETE", first, fields=TUS).status == 204
        assert create(admin, 6000).status == 201


def test_the_same_file_twice_is_noticed(school, clips):
    admin = school.staff()
    file = clips["minute"]
    first, second = upload(admin, file), upload(admin, file, pieces=5)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    for one, other in ((first, second), (second, first)):
        shown = admin.get(f"/api/v1/lectures/{one}").json()["file"]
        assert (shown["sha256"], shown["size_bytes"]) == (digest, file.stat().st_size)
        assert other in shown["same_as"] and one not in shown["same_as"]


def test_an_upload_tells_of_itself(admin, clips):
    data = clips["short"].read_bytes()
    path = path_of(admin, create(admin, len(data), "talk.mp4"))
    shown = admin.get(path).json()
    assert (shown["file_name"], shown["offset_bytes"], shown["lecture_id"], shown["sha256"]) == ("talk.mp4", 0, None, None)
    answer = patch(admin, path, 0, data)
    shown = admin.get(path).json()
    assert shown["lecture_id"] == answer.field("lectern-lecture")
    assert shown["sha256"] == hashlib.sha256(data).hexdigest()


# --- the early look -----------------------------------------------------------------------------


def pour(admin, path, data, announced):
    """A PATCH of what may be more than this: sent piece by piece until the server answers. Status, code, bytes sent."""
    with admin.server.connect() as stream:
        stream.sendall((f"PATCH {path} HTTP/1.1\r\nHost: localhost:{admin.server.port}\r\n"
                        f"Cookie: __Host-sid={admin.cookies['__Host-sid']}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                        f"Content-Length: {announced}\r\nContent-Type: application/offset+octet-stream\r\n\r\n").encode())
        sent, answer, deadline = 0, b"", time.monotonic() + 60
        stream.setblocking(False)
        while b"\r\n\r\n{" not in answer and time.monotonic() < deadline:
            try:
                sent += stream.send(data[sent % len(data):][:min(65536, announced - sent)])
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
                time.sleep(0.001)
            except OSError:
                pass
            try:
                answer += stream.recv(4096)
            except ssl.SSLWantReadError:
                pass
        return int(answer.split()[1]), json.loads(answer.split(b"\r\n\r\n")[1]), sent


@pytest.mark.parametrize("kind, head_bytes, word", [
    ("zip", b"PK\x03\x04", "archive"), ("pdf", b"%PDF-1.7\n", "document"),
    ("page", b"<!DOCTYPE html><html>", "web page"), ("playlist", b"#EXTM3U\nhttp://127.0.0.1:9/a.ts\n", "playlist")])
def test_what_is_no_lecture_is_refused_while_it_comes(school, kind, head_bytes, word):
    admin = school.staff()
    size = 1 << 30
    filler = b" " * (1 << 20) if kind in ("page", "playlist") else os.urandom(1 << 20)
    # A name of its own: the school is shared, and others send a page.mp4.
    name = f"hopeless-{kind}.mp4"
    path = path_of(admin, create(admin, size, name))
    status, said, sent = pour(admin, path, head_bytes + filler, size)
    assert status == 422 and said["code"] == "media-refused" and word in said["detail"], said
    assert sent < 64 << 20, f"{sent} bytes were sent"
    assert head(admin, path).status in (404, 410)
    lectures = admin.get("/api/v1/lectures").json()["lectures"]
    assert not any(lecture["file_name"] == name for lecture in lectures)


def test_an_early_look_does_not_hold_a_lecture_up(school, samples):
    admin = school.staff()
    lecture = upload(admin, samples / "people-139s.mp4", pieces=3)
    assert wait_for_job(admin, lecture)["state"] == "ready"
