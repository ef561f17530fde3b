"""A small tus 1.0.0 client for the tests."""
import base64
import socket
import time

from client import Client

TUS = {"Tus-Resumable": "1.0.0"}
# How an MP4 begins whose index comes last: nobody can say what it is before all of it is there.
VIDEO_HEAD = b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\0\1mdat" + (1 << 40).to_bytes(8, "big")


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def create(admin: Client, size, name="lecture.mp4", title=None, language="en", **fields):
    metadata = f"filename {encoded(name)},title {encoded(title or name)},language {encoded(language)}"
    return admin.request("POST", "/api/v1/uploads", fields={
        "Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": metadata, **fields})


def path_of(admin, created):
    location = created.field("location")
    return location.removeprefix(admin.server.url)


def patch(admin, path, offset, data, **fields):
    return admin.request("PATCH", path, data=data, fields={
        "Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream",
        **{name.replace("_", "-"): value for name, value in fields.items()}}, timeout=300)


def head(admin, path):
    return admin.request("HEAD", path, fields={"Tus-Resumable": "1.0.0"})


def cut_patch(server, cookies, path, offset, data, announced, more=""):
    """A PATCH whose connection breaks before all that it announced was sent."""
    with server.connect() as stream:
        head_bytes = (f"PATCH {path} HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
                      f"Cookie: __Host-sid={cookies['__Host-sid']}\r\n"
                      f"Tus-Resumable: 1.0.0\r\nUpload-Offset: {offset}\r\nContent-Length: {announced}\r\n"
                      f"{more}Content-Type: application/offset+octet-stream\r\n\r\n")
        stream.sendall(head_bytes.encode() + data)
        time.sleep(0.3)
        # A reset rather than an orderly end, as a mobile line does it.
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def like_a_video(size):
    """Bytes that may still become a lecture, for all that one can see."""
    return VIDEO_HEAD + bytes(size - len(VIDEO_HEAD))


def upload(admin, file, name=None, title=None, pieces=1):
    """All of a file; the id of its lecture."""
    data = file.read_bytes()
    created = create(admin, len(data), name or file.name, title)
    assert created.status == 201, created
    path, step = path_of(admin, created), max(1, -(-len(data) // pieces))
    for at in range(0, len(data), step):
        answer = patch(admin, path, at, data[at:at + step])
        assert answer.status == 204 and answer.field("upload-offset") == str(min(at + step, len(data))), answer
    lecture = answer.field("lectern-lecture")
    assert lecture, answer
    return lecture


def wait_for_job(admin, lecture, seconds=240):
    """{"state","reason","report"} once the lecture is no longer being prepared."""
    deadline = time.monotonic() + seconds
    while True:
        shown = admin.get(f"/api/v1/lectures/{lecture}").json()
        if shown["state"] != "preparing":
            job = shown.get("job") or {}
            return {"id": lecture, "state": shown["state"], "reason": job.get("reason"),
                    "report": shown.get("report") or job.get("report")}
        assert time.monotonic() < deadline, shown
        time.sleep(0.2)
