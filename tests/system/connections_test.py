"""Behind real proxies, and when more come than there is room for."""
import contextlib
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from client import Client
from conftest import School
from harness import ADMIN, Server, free_port

pytestmark = pytest.mark.alone

STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")
ATTEMPTS = 3


@pytest.fixture(scope="module")
def server():
    with Server(trusted_proxies="127.0.0.1", proxy_protocol_from="127.0.0.2",
                sign_in_attempts_per_minute=ATTEMPTS) as server:
        server.init().start()
        yield server


@contextlib.contextmanager
def nginx(server, text):
    """nginx with this configuration, as whoever runs the tests; PORT and the rest are filled in."""
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    folder, port = server.folder / "nginx", free_port()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for word, value in (("PORT", port), ("UPSTREAM", f"127.0.0.1:{server.port}"), ("FOLDER", folder),
                        ("TLS", server.data / "tls")):
        text = text.replace(word, str(value))
    (folder / "nginx.conf").write_text(f"""
        {"load_module " + str(STREAM_MODULE) + ";" if "stream {" in text else ""}
        daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 64; }}
        {text}""")
    process = subprocess.Popen(["nginx", "-p", str(folder), "-e", f"{folder}/error.log",
                                "-c", f"{folder}/nginx.conf"], stderr=subprocess.PIPE)
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=10)


def wait_for(port, process):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(process.communicate()[1].decode())


HTTP_PROXY = """http {
    access_log off; client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy;
    fastcgi_temp_path FOLDER/fastcgi; uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
    server {
        listen 127.0.0.1:PORT ssl;
        ssl_certificate TLS/server.pem;
        ssl_certificate_key TLS/server.key;
        location / {
            proxy_pass https://UPSTREAM;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $host:PORT;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header Forwarded "";
            proxy_request_buffering off;
        }
    }
}"""
# From an address of its own, which the server knows as one that speaks the PROXY protocol.
TCP_PROXY = """stream {
    server {
        listen 127.0.0.1:PORT;
        proxy_pass UPSTREAM;
        proxy_bind 127.0.0.2;
        proxy_protocol on;
    }
}"""


def through(server, port, address="127.0.0.1"):
    """A client that reaches the server by this port, from this address of the machine."""
    client = Client(server)
    ask = client.request

    def request(*arguments, extra=(), **options):
        return ask(*arguments, extra=(*extra, "--connect-to", f"localhost:{server.port}:127.0.0.1:{port}",
                                      "--interface", address), **options)
    client.request = request
    return client


def wrong_password(client, **options):
    return client.post("/api/v1/session/password", {"email": ADMIN[0], "password": "wrong"}, **options)


def shut_out(client, **options):
    """Tries until the limit of attempts of its address is reached."""
    for _ in range(ATTEMPTS):
        assert wrong_password(client, **options).status == 401
    assert wrong_password(client, **options).status == 429


@pytest.mark.parametrize("kind, outsider, other", [
    ("http", "127.0.1.1", "127.0.1.2"),
    ("tcp", "127.0.2.1", "127.0.2.2"),
])
def test_attempts_count_by_client_behind_a_proxy(server, kind, outsider, other):
    if kind == "tcp" and not STREAM_MODULE.exists():
        pytest.skip("nginx's stream module is not installed (libnginx-mod-stream)")
    with nginx(server, HTTP_PROXY if kind == "http" else TCP_PROXY) as port:
        client = through(server, port, outsider)
        shut_out(client)
        # A forged beginning of the list, and the other field, make nobody else of them.
        forged = {"X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1"}
        assert wrong_password(client, fields=forged).status == 429
        # Somebody else behind the same proxy is not held up by it.
        assert wrong_password(through(server, port, other)).status == 401
        assert through(server, port, other).get("/healthz").status == 200


def test_what_anybody_else_says_of_the_client_is_not_believed(server):
    """Straight from an address that is no trusted proxy."""
    client = through(server, server.port, "127.0.3.1")
    for number in range(ATTEMPTS):
        assert wrong_password(client, fields={"X-Forwarded-For": f"198.51.100.{number}"}).status == 401
    assert wrong_password(client, fields={"X-Forwarded-For": "198.51.100.99"}).status == 429


def test_a_crowd_from_one_address_leaves_room_for_others():
    """One address takes all it gets, with half a hello, half a head or nothing said; others are served at once."""
    with Server(connections_max=300, connections_per_address_max=250, handshakes_max=8, head_pressed_ms=500,
                connections_per_address_per_second=0, address_limits_exempt="", loops=2) as server:
        server.init().start()
        crowd = []

        def come(number):
            plain = socket.socket()
            plain.bind(("127.0.9.1", 0))
            plain.connect(("127.0.0.1", server.port))
            if number % 3 == 0:
                plain.sendall(b"\x16")
            crowd.append(plain)
        try:
            for number in range(400):
                come(number)
            for number in range(8):
                client = through(server, server.port, f"127.0.8.{number + 1}")
                started = time.monotonic()
                assert client.get("/healthz", timeout=5).status == 200
                assert time.monotonic() - started < 3
        finally:
            for plain in crowd:
                plain.close()
        with socket.create_connection(("127.0.0.1", server.metrics_port)) as plain:
            plain.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            metrics = b"".join(iter(lambda: plain.recv(65536), b"")).decode()
        assert 'lectern_connections_refused_total{limit="address"} 150\n' in metrics, metrics


class SmallSchool(School):
    """One program with one lecture, and nothing else."""

    def __init__(self, server, lecture):
        self.server = server
        server.init().start()
        self.short = server.add_lecture(lecture)
        self.program, self.cohort = self.add_program("The program", self.short)


def fetch(connections, paths):
    """(bytes, seconds) of getting each path on each connection."""
    started = time.monotonic()
    answers = [connection.get(path) for path in paths for connection in connections]
    assert {answer.status for answer in answers} == {200}
    return sum(len(answer.body) for answer in answers), time.monotonic() - started


def test_a_participant_is_sent_media_at_their_pace(clips):
    """Over all of their connections; a second's worth goes at once, and staff are not held back."""
    rate = 60000
    with Server(participant_bytes_per_second=rate) as server:
        school = SmallSchool(server, clips["minute"])
        person = school.participant()
        viewers = [school.viewer(person), school.viewer(person)]
        paths = [path for path, _, _ in viewers[0].segments()]
        count, took = fetch([viewer.connection for viewer in viewers], paths)
        assert count > 2 * rate, f"{count} bytes are too few to show it"
        assert took > (count - 1.3 * rate) / rate
        _, took = fetch([school.connection(school.staff())] * 2, paths)
        assert took < (count - 1.3 * rate) / rate
