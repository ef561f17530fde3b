"""Resident memory of the server while 3 GB arrive, beside what it holds at rest and while 300 MB arrive."""
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from client import Client
from figures import report
from harness import ADMIN, RELEASE_BUILD, Server
from tus import VIDEO_HEAD


def arrive(server, client, file, size):
    with file.open("wb") as sparse:
        sparse.write(VIDEO_HEAD)
        sparse.truncate(size)
    made = client.request("POST", "/api/v1/uploads", fields={
        "Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": "filename YS5tcDQ="})
    assert made.status == 201, made
    url = server.url + made.field("location").removeprefix(server.url)
    most, ended = 0, threading.Event()

    def watch():
        nonlocal most
        while not ended.is_set():
            most = max(most, server.memory_kib())
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.monotonic()
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    subprocess.run(
        ["curl", "-sS", "--fail", "--http1.1", "--cacert", str(server.authority), "-X", "PATCH", "-T", str(file),
         "-H", "Expect:", "-H", f"Cookie: {cookies}", "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0", "-H",
         "Content-Type: application/offset+octet-stream", url], check=True, capture_output=True)
    seconds = time.monotonic() - started
    ended.set()
    watcher.join()
    return most, seconds


def run():
    with tempfile.TemporaryDirectory() as folder, Server(build=RELEASE_BUILD, log_level="warning") as server:
        server.init().start()
        client = Client(server)
        assert client.sign_in(*ADMIN).status == 200
        rest = server.memory_kib()
        for size in (300 << 20, 3 << 30):
            most, seconds = arrive(server, client, Path(folder, "zeros"), size)
            report("upload", work=f"{size >> 20} MB", unit="KiB grown", rest_kib=rest, most_kib=most,
                   seconds=round(seconds, 1), mb_per_s=round((size >> 20) / seconds), value=most - rest)
