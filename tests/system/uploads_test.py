"""tus 1.0.0: uploads that go on where they stopped, whatever happens on the way."""
import base64
import os
import subprocess
import threading
import time

import pytest

from client import Client, KeptConnection
from conftest import School
from harness import ADMIN, RELEASE_BUILD, Server
from tus import VIDEO_HEAD, TUS, create, cut_patch, encoded, head, like_a_video, patch, path_of, upload, wait_for_job

@pytest.fixture
def admin(school, protocol):
    return school.staff(protocol=protocol)


@pytest.fixture
def started(admin, clips):
    data = clips["short"].read_bytes()
    return path_of(admin, create(admin, len(data))), data


def test_options_tell_what_is_spoken(school, protocol):
    answer = Client(school.server, protocol).request("OPTIONS", "/api/v1/uploads")
    assert answer.status == 204 and answer.field("tus-version") == "1.0.0"
    extensions = set(answer.field("tus-extension").split(","))
    assert {"creation", "termination"} <= extensions
    assert int(answer.field("tus-max-size")) >= 3 << 30


@pytest.mark.parametrize("method, path", [("POST", "/api/v1/uploads"), ("HEAD", None), ("PATCH", None), ("DELETE", None)])
@pytest.mark.parametrize("version", [None, "0.2.2"])
def test_another_version_is_refused_and_nothing_is_done(admin, started, method, path, version):
    upload_path, _ = started
    fields = {} if version is None else {"Tus-Resumable": version}
    fields |= {"Upload-Length": "10", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = admin.request(method, path or upload_path, data=b"x" if method == "PATCH" else None, fields=fields)
    assert answer.status == 412 and answer.field("tus-version") == "1.0.0", answer
    assert head(admin, upload_path).field("upload-offset") == "0"


def test_a_new_upload_is_created(admin):
    created = create(admin, 1234, "lecture.mp4", "Tên")
    assert created.status == 201 and created.field("tus-resumable") == "1.0.0"
    told = head(admin, path_of(admin, created))
    assert told.status == 200 and told.field("upload-offset") == "0" and told.field("upload-length") == "1234"
    assert told.field("cache-control") == "no-store"
    assert encoded("Tên") in told.field("upload-metadata")


@pytest.mark.parametrize("story, fields", [
    ("no length", {"Upload-Length": ""}),
    ("a length that is none", {"Upload-Length": "ten"}),
    ("a length below zero", {"Upload-Length": "-1"}),
    ("a length in hexadecimal", {"Upload-Length": "0x10"}),
    ("a file name that is not base64", {"Upload-Metadata": "filename %%%"}),
    ("a key twice", {"Upload-Metadata": "filename YQ==,filename Yg=="}),
    ("a name with control characters", {"Upload-Metadata": "filename " + base64.b64encode(b"a\0b\n").decode()}),
    ("bytes that are no text", {"Upload-Metadata": "filename " + base64.b64encode(b"\xff\xfe").decode()}),
    ("metadata without end", {"Upload-Metadata": "filename " + "QUFB" * 2000}),
])
def test_a_creation_that_makes_no_sense_is_refused(admin, story, fields):
    answer = admin.request("POST", "/api/v1/uploads", fields={
        **TUS, "Upload-Length": "10", "Upload-Metadata": "filename YS5tcDQ=", **fields})
    assert 400 <= answer.status < 500 and answer.json()["title"], f"{story}: {answer}"


def test_what_is_larger_than_allowed_is_refused_at_once(admin):
    assert create(admin, 1 << 50).status == 413


def test_a_lecture_comes_of_it(admin, clips):
    lecture = upload(admin, clips["short"], pieces=7)
    assert wait_for_job(admin, lecture)["state"] == "ready"


def test_a_wrong_offset_changes_nothing(admin, started):
    path, data = started
    assert patch(admin, path, 0, data[:1000]).status == 204
    for offset in (0, 999, 1001, len(data)):
        answer = patch(admin, path, offset, data[1000:2000])
        assert (answer.status, answer.code) == (409, "upload-offset"), answer
        assert head(admin, path).field("upload-offset") == "1000"


@pytest.mark.parametrize("offset", ["-1", "1e3", "", "0x0"])
def test_an_offset_that_is_none_is_refused(admin, started, offset):
    path, data = started
    answer = admin.request("PATCH", path, data=data[:10], fields={
        **TUS, "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream"})
    assert 400 <= answer.status < 500, answer
    assert head(admin, path).field("upload-offset") == "0"


def test_another_type_is_refused(admin, started):
    path, data = started
    for kind in ("application/octet-stream", "text/plain"):
        answer = admin.request("PATCH", path, data=data[:10], fields={
            **TUS, "Upload-Offset": "0", "Content-Type": kind})
        assert answer.status == 415, answer


def test_more_than_announced_is_refused(admin, started):
    path, data = started
    assert patch(admin, path, 0, data + b"more").status == 413
    assert int(head(admin, path).field("upload-offset")) <= len(data)


def test_an_upload_can_be_ended(admin, started):
    path, data = started
    assert patch(admin, path, 0, data[:1000]).status == 204
    assert admin.request("DELETE", path, fields=TUS).status == 204
    answer = head(admin, path)
    assert answer.status in (404, 410) and answer.field("upload-offset") is None
    assert patch(admin, path, 1000, data[1000:]).status in (404, 410)


def test_an_unknown_upload_is_not_found(admin):
    answer = head(admin, "/api/v1/uploads/01890000-0000-7000-8000-000000000000")
    assert answer.status in (404, 410) and answer.field("upload-offset") is None


def test_a_method_in_a_field_works_where_only_post_passes(admin, started):
    path, data = started
    answer = admin.request("POST", path, data=data[:500], fields={
        **TUS, "X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream"})
    assert answer.status == 204 and answer.field("upload-offset") == "500", answer


def test_one_s_unfinished_uploads_are_listed(admin, started):
    path, data = started
    assert patch(admin, path, 0, data[:1000]).status == 204
    listed = {item["id"]: item for item in admin.get("/api/v1/uploads").json()["uploads"]}
    item = listed[path.rsplit("/", 1)[-1]]
    assert (item["offset_bytes"], item["length_bytes"], item["becomes"]) == (1000, len(data), "lecture")


def test_what_came_before_a_cut_is_kept(school, clips):
    admin = school.staff()
    data = clips["minute"].read_bytes()
    path, at = path_of(admin, create(admin, len(data))), 0
    for share in (0.25, 0.5, 0.8):
        until = int(len(data) * share)
        cut_patch(school.server, admin.cookies, path, at, data[at:until], len(data) - at)
        told = head(admin, path)
        assert told.status == 200
        now = int(told.field("upload-offset"))
        assert at <= now <= until, (at, now, until)
        at = now
    assert at > 0
    # Bytes of the last cut may still have been on their way when the offset was asked: then one asks again.
    for _ in range(5):
        answer = patch(admin, path, at, data[at:])
        if answer.status != 409:
            break
        at = int(head(admin, path).field("upload-offset"))
    assert answer.status == 204, answer
    assert wait_for_job(admin, answer.field("lectern-lecture"))["state"] == "ready"


def test_a_peer_that_vanished_does_not_block_the_next(school, clips):
    admin = school.staff()
    data = clips["minute"].read_bytes()
    path = path_of(admin, create(admin, len(data)))
    stream = school.server.connect()
    stream.sendall((f"PATCH {path} HTTP/1.1\r\nHost: localhost:{school.server.port}\r\n"
                    f"Cookie: __Host-sid={admin.cookies['__Host-sid']}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                    f"Content-Length: {len(data)}\r\nContent-Type: application/offset+octet-stream\r\n\r\n").encode()
                   + data[:5000])
    time.sleep(0.5)
    # It says nothing more, and does not hang up.
    began = time.monotonic()
    while True:
        told = head(admin, path)
        if told.status == 200:
            answer = patch(admin, path, int(told.field("upload-offset")), data[int(told.field("upload-offset")):])
            if answer.status == 204:
                break
            assert answer.status in (409, 423), answer
        else:
            assert told.status == 423, told
        assert time.monotonic() - began < 8, "blocked"
        time.sleep(0.2)
    stream.close()
    assert wait_for_job(admin, answer.field("lectern-lecture"))["state"] == "ready"


def test_the_last_piece_twice_makes_one_lecture(school, clips):
    admin = school.staff()
    data = clips["short"].read_bytes()
    path = path_of(admin, create(admin, len(data), "twice.mp4"))
    assert patch(admin, path, 0, data[:-10]).status == 204
    found = []

    def send():
        found.append(patch(admin.copy(), path, len(data) - 10, data[-10:]))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer.status == 204 for answer in found) >= 1, found
    assert all(answer.status in (204, 404, 409, 410, 423) for answer in found), found
    time.sleep(0.5)
    lectures = [lecture for lecture in admin.get("/api/v1/lectures").json()["lectures"]
                if lecture["file_name"] == "twice.mp4"]
    assert len(lectures) == 1


def test_a_restart_goes_on_with_an_upload(own_school, clips):
    school = own_school()
    admin = school.staff()
    data = clips["minute"].read_bytes()
    path = path_of(admin, create(admin, len(data)))
    assert patch(admin, path, 0, data[:100000]).status == 204
    school.server.kill()
    # Bytes that no one acknowledged may be on the disk.
    [part] = list((school.server.data / "uploads").iterdir())
    with part.open("ab") as file:
        file.write(b"garbage")
    school.server.start()
    assert head(admin, path).field("upload-offset") == "100000"
    answer = patch(admin, path, 100000, data[100000:])
    assert wait_for_job(admin, answer.field("lectern-lecture"))["state"] == "ready"


def sent_sparse(server, admin, path, size, folder):
    """Zeros that take no room on this side, streamed by curl."""
    file = folder / "zeros"
    with file.open("wb") as sparse:
        sparse.write(VIDEO_HEAD)
        sparse.truncate(size)
    cookies = "; ".join(f"{name}={value}" for name, value in admin.cookies.items())
    return subprocess.Popen(
        ["curl", "-sS", "--fail-with-body", "--http1.1", "--cacert", str(server.authority), "-X", "PATCH", "-T", str(file),
         "-H", f"Cookie: {cookies}", "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0", "-H",
         "Content-Type: application/offset+octet-stream", "-H", "Expect:", server.url + path],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("megabytes", [300, pytest.param(3072, marks=pytest.mark.soak)])
def test_memory_does_not_grow_with_an_upload(megabytes, tmp_path):
    if not (RELEASE_BUILD / "lectern").exists():
        pytest.skip("the release build is not there")
    with Server(build=RELEASE_BUILD, log_level="info") as server:
        server.init().start()
        admin = Client(server)
        assert admin.sign_in(*ADMIN).status == 200
        rest, most = server.memory_kib(), 0
        path = path_of(admin, create(admin, megabytes << 20))
        sending = sent_sparse(server, admin, path, megabytes << 20, tmp_path)
        while sending.poll() is None:
            most = max(most, server.memory_kib())
            time.sleep(0.02)
        assert sending.returncode == 0, sending.stdout.read()
        assert most - rest < 32 * 1024, f"{rest} KiB at rest, {most} KiB at most"


def test_the_answer_to_an_early_refusal_arrives(school, tmp_path):
    """Whoever sends a large body where none is allowed still reads why."""
    admin = school.staff()
    process = sent_sparse(school.server, admin, "/api/v1/programs", 50 << 20, tmp_path)
    said = process.communicate(timeout=60)[0]
    assert process.returncode != 0 and ("405" in said or "method-not-allowed" in said or "body-too-large" in said), said


def test_uploads_lie_where_only_the_server_reads(school):
    for path in (school.server.data, school.server.data / "uploads", school.server.data / "incoming"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_two_connections_of_one_upload_take_turns(school, clips):
    """The second seizes it; the first learns so; together they make one whole file."""
    admin = school.staff()
    data = clips["minute"].read_bytes()
    path = path_of(admin, create(admin, len(data)))
    kept = KeptConnection(school.server, admin.cookies)
    at = 0
    for number in range(6):
        until = min(len(data), at + len(data) // 6 + 1)
        if number % 2:
            kept.connection.request("PATCH", path, body=data[at:until], headers={
                "Cookie": f"__Host-sid={admin.cookies['__Host-sid']}", "Upload-Offset": str(at),
                "Content-Type": "application/offset+octet-stream", **TUS})
            answer = kept.connection.getresponse()
            answer.read()
            assert answer.status == 204
            lecture = answer.getheader("lectern-lecture")
        else:
            answer = patch(admin, path, at, data[at:until])
            assert answer.status == 204
            lecture = answer.field("lectern-lecture")
        at = until
    kept.close()
    assert wait_for_job(admin, lecture)["state"] == "ready"


class Flood:
    """Connections that pour as much as is taken, each into an upload of its own."""

    def __init__(self, server, admin, count, size=1 << 30):
        self.paths = [path_of(admin, create(admin, size)) for _ in range(count)]
        cookie = f"Cookie: __Host-sid={admin.cookies['__Host-sid']}\r\n"
        head = ("PATCH {} HTTP/1.1\r\nHost: localhost\r\n" + cookie + "Tus-Resumable: 1.0.0\r\n"
                "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n"
                f"Content-Length: {size}\r\n\r\n")
        self.ended = threading.Event()
        self.answers = []
        self.threads = [threading.Thread(target=self.pour, args=(server, head.format(path).encode()))
                        for path in self.paths]
        for thread in self.threads:
            thread.start()

    def pour(self, server, head):
        with server.connect() as connection:
            try:
                connection.sendall(head + VIDEO_HEAD)
                while not self.ended.is_set():
                    connection.sendall(bytes(1 << 16))
            except OSError:
                pass
            # Refused or not: an early answer waits to be read, while the rest of the body is dropped.
            try:
                connection.settimeout(1)
                self.answers.append(connection.recv(12))
            except OSError:
                pass

    def end(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()


def test_a_stop_in_the_midst_of_uploads_is_clean():
    """The pools end before the connections do, and the sanitizers watch."""
    with Server(stop_deadline_ms=500, disk_threads=1) as server:
        server.init().start()
        admin = Client(server)
        assert admin.sign_in(*ADMIN).status == 200
        flood = Flood(server, admin, 6)
        time.sleep(1)
        server.stop()
        flood.end()


def test_a_full_pool_leaves_no_upload_locked():
    with Server(queue_max=16, disk_threads=1) as server:
        server.init().start()
        admin = Client(server)
        assert admin.sign_in(*ADMIN).status == 200
        flood = Flood(server, admin, 40)
        time.sleep(2)
        flood.end()
        assert b"HTTP/1.1 503" in flood.answers
        for path in flood.paths:
            answer = patch(admin, path, int(head(admin, path).field("upload-offset")), b"more")
            assert answer.status in (204, 409), answer  # 409: its first writer has just let go


@pytest.fixture
def small_disk(clips):
    """A school whose data folder is a file system that is nearly full: its jobs had the room that they ask for."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    with Server() as server:
        server.data.mkdir(mode=0o700)
        mount = ["mount", "-t", "tmpfs", "-o", "size=256m,mode=700", "tmpfs", str(server.data)]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            pytest.skip("nothing can be mounted here")
        try:
            school = School(server, clips)
            with (server.data / "ballast").open("wb") as ballast:
                os.posix_fallocate(ballast.fileno(), 0, free_bytes(server.data) - (40 << 20))
            yield school
            server.stop()
        finally:
            if server.process:
                server.kill()
            subprocess.run(["umount", str(server.data)], check=True)


def free_bytes(folder):
    facts = os.statvfs(folder)
    return facts.f_bavail * facts.f_frsize


def test_uploads_leave_the_store_its_room(small_disk):
    server, admin = small_disk.server, small_disk.staff()
    viewer = small_disk.viewer(small_disk.participant())
    viewer.fetch()
    size = admin.get("/api/v1/uploads").json()["limits"]["bytes_left"] - (1 << 20)
    paths = [path_of(admin, create(admin, size)) for _ in range(2)]
    answers = [patch(admin, path, 0, like_a_video(size)[:-1]) for path in paths]  # no job takes the first away
    assert answers[-1].status == 507 and answers[-1].code == "storage-full", answers
    assert viewer.claim(0, 1000)["credited"] == [[0, 1000]]


def test_an_upload_can_be_ended_on_a_full_disk(small_disk):
    server, admin = small_disk.server, small_disk.staff()
    path = path_of(admin, create(admin, 8 << 20))
    assert patch(admin, path, 0, like_a_video(4 << 20)).status == 204
    with (server.data / "filler").open("ab", buffering=0) as filler, pytest.raises(OSError):
        while True:
            filler.write(bytes(4096))
    assert admin.request("DELETE", path, fields=TUS).status == 204
    assert head(admin, path).status in (404, 410)
    assert free_bytes(server.data) > 3 << 20


def test_a_full_disk_stops_an_upload_that_goes_on_when_there_is_room(small_disk, clips):
    server, admin = small_disk.server, small_disk.staff()
    data = clips["minute"].read_bytes()
    path = path_of(admin, create(admin, len(data)))
    assert patch(admin, path, 0, data[:100000]).status == 204
    filler = server.data / "filler"
    with filler.open("ab", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(1 << 16))
    answer = patch(admin, path, 100000, data[100000:])
    assert (answer.status, answer.code) == (507, "storage-full"), answer
    filler.unlink()
    at = int(head(admin, path).field("upload-offset"))
    assert at >= 100000
    answer = patch(admin, path, at, data[at:])
    assert answer.status == 204 and answer.field("lectern-lecture"), answer
