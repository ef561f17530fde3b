"""What an operator sees: figures, logs, and the id that ties them together."""
import contextlib
import json
import os
import re
import socket
import sqlite3
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from client import Client
from conftest import School
from exposition import Exposition
from harness import ROOT, Server


@pytest.fixture(scope="module")
def logging_school(clips):
    with Server(loops=1, log_level="info", access_log="json", access_log_file="access.log",
                slow_request_ms=500) as server:
        yield School(server, clips)


def read_metrics(server):
    address = f"http://127.0.0.1:{server.metrics_port}/metrics"
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.headers["content-type"] == "text/plain; version=0.0.4"
        return Exposition(answer.read().decode())


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return found


def test_metrics_keep_to_the_format_and_count_what_happens(school, protocol):
    server = school.server
    client = school.participant(protocol)
    before = read_metrics(server)
    assert client.get("/api/v1/me").status == 200
    assert client.get("/no-such-page").status == 404
    after = read_metrics(server)

    def grown(name, **labels):
        return after.sum(name, **labels) - before.sum(name, **labels)

    assert grown("lectern_responses_total", status="404") == 1
    # The plain listener's own requests are counted too: the first look at the figures.
    assert grown("lectern_responses_total", status="200") == grown("lectern_requests_total") - 1 == 2
    assert grown("lectern_first_byte_seconds_count") == grown("lectern_requests_total")
    assert grown("lectern_handshakes_total") == 2
    assert after.sum("lectern_connections") == after.value("lectern_connections_open")
    documented = (ROOT / "docs/observability.md").read_text()
    told = {name for name in after.names() if not name.startswith("process_")}
    assert all(name.startswith("lectern_") for name in told)
    assert not {name for name in told if f"`{name}`" not in documented}
    assert not set(re.findall(r"`(lectern_[a-z0-9_]+)`", documented)) - told, "documented, and not there"
    assert {loop for name, labels in after.samples if name == "lectern_loop_lag_seconds_count"
            for key, loop in labels if key == "loop"} == {"0", "1"}


def test_open_connections_are_told_by_state_and_protocol(school):
    server = school.server
    with server.connect("h2"), server.connect("http/1.1"):
        wait_for(lambda: (figures := read_metrics(server)).value(
            "lectern_connections", state="open", protocol="http2") >= 1 and figures.value(
                "lectern_connections", state="open", protocol="http1") >= 1)
    wait_for(lambda: read_metrics(server).sum("lectern_connections", protocol="http2") == 0)


def test_resumed_handshakes_are_told(school):
    server = school.server
    context, session, resumed = server.tls_context("http/1.1"), None, []
    before = read_metrics(server)
    for _ in range(2):
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as secure:
            secure.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % server.port)
            assert secure.recv(1000).startswith(b"HTTP/1.1 200")
            session = secure.session
            resumed.append(secure.session_reused)
    after = read_metrics(server)
    assert resumed == [False, True]
    for name, count in (("lectern_handshakes_total", 2), ("lectern_handshakes_resumed_total", 1)):
        assert after.value(name) - before.value(name) == count, name


def test_metrics_tell_of_the_process_as_the_system_does(school):
    figures = read_metrics(school.server)
    folder = Path(f"/proc/{school.server.process.pid}")
    assert figures.value("process_resident_memory_bytes") > 10 << 20
    assert abs(figures.value("process_open_fds") - len(list((folder / "fd").iterdir()))) <= 3
    limit = re.search(r"Max open files +(\d+)", (folder / "limits").read_text()).group(1)
    assert figures.value("process_max_fds") == int(limit)
    started = figures.value("process_start_time_seconds")
    assert abs(started - folder.stat().st_ctime) < 5 and started < time.time()
    assert figures.value("process_cpu_seconds_total") > 0


def test_a_loop_that_is_held_up_shows_in_its_lag(logging_school):
    school = logging_school
    pid = school.server.process.pid
    os.kill(pid, 19)
    time.sleep(0.6)
    os.kill(pid, 18)
    figures = wait_for(lambda: (seen := read_metrics(school.server)).value(
        "lectern_loop_lag_most_seconds", loop="0") > 0.4 and seen)
    # Each moment of the stall counts, with what it waited: 30 ticks, of which some 12 over a quarter second.
    late = figures.value("lectern_loop_lag_seconds_count", loop="0") \
        - figures.value("lectern_loop_lag_seconds_bucket", loop="0", le="0.25")
    assert 10 <= late <= 40, late


# The logs

def logged(server, name="access.log"):
    path = server.data / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def line_of(server, request_id):
    return wait_for(lambda: next((line for line in logged(server) if line["request_id"] == request_id), None))


def test_one_id_stands_in_the_log_the_response_and_the_problem(logging_school):
    school, server = logging_school, logging_school.server
    for protocol in ("http1.1", "http2"):
        client = school.participant(protocol)
        answer = client.get("/api/v1/participants/0/lectures/0?token=secret")
        assert answer.status == 403 and answer.json()["request_id"] == answer.field("request-id")
        line = line_of(server, answer.field("request-id"))
        assert line["path"] == "/api/v1/participants/{id}/lectures/0" and line["status"] == 403
        assert line["code"] == answer.code and line["whole"] and line["peer"] == "127.0.0.0"
        # What becomes no request at all has one too.
        refused = client.get("/api/v1/me", fields={"x" * 40000: "1"})
        assert refused.status == 431 and refused.json()["request_id"] == refused.field("request-id")
        line = line_of(server, refused.field("request-id"))
        assert line["status"] == 431 and line["code"] == refused.code
    with server.connect() as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n")
        head, _, body = raw.recv(100000).decode().partition("\r\n\r\n")
        identity = re.search(r"(?i)\r\nrequest-id: (\S+)", head).group(1)
        assert head.startswith("HTTP/1.1 400") and json.loads(body)["request_id"] == identity
        assert line_of(server, identity)["status"] == 400
    assert "secret" not in (server.data / "access.log").read_text()
    assert (server.data / "access.log").stat().st_mode & 0o777 == 0o600


def test_a_renamed_access_log_is_made_anew(logging_school):
    server, path = logging_school.server, logging_school.server.data / "access.log"
    client = Client(server)
    line_of(server, client.get("/healthz").field("request-id"))
    path.rename(path.with_suffix(".1"))
    line_of(server, client.get("/healthz").field("request-id"))
    path.unlink()
    line_of(server, client.get("/healthz").field("request-id"))


@contextlib.contextmanager
def held_store(server):
    """Somebody else writes to the store's file: commits wait."""
    with contextlib.closing(sqlite3.connect(server.data / "store.sqlite", isolation_level=None)) as store:
        store.execute("BEGIN IMMEDIATE")
        yield
        store.execute("ROLLBACK")


def test_a_request_that_we_made_wait_is_told_and_one_of_a_slow_peer_is_not(logging_school):
    school, server = logging_school, logging_school.server
    staff = school.staff()
    before = read_metrics(server).value("lectern_requests_slow_total")
    with server.connect() as peer:
        body = b'{"email":"nobody@example.org","password":"%s"}' % (b"x" * 40)
        peer.sendall(b"POST /api/v1/session/password HTTP/1.1\r\nHost: localhost\r\n"
                     b"Content-Length: %d\r\n\r\n" % len(body))
        time.sleep(0.8)
        peer.sendall(body)
        assert peer.recv(20).startswith(b"HTTP/1.1 401")
    assert read_metrics(server).value("lectern_requests_slow_total") == before
    with ThreadPoolExecutor() as pool, held_store(server):
        answering = pool.submit(staff.post, "/api/v1/providers", {"name": "A union"})
        time.sleep(0.8)
    answer = answering.result()
    assert answer.status == 201
    told = wait_for(lambda: re.search(r"warning request-slow (.*)", server.log()))
    facts = dict(pair.split("=", 1) for pair in told.group(1).split())
    assert facts["id"] == answer.field("request-id") and facts["path"] == "/api/v1/providers", facts
    assert int(facts["worked_ms"]) >= 500 and int(facts["queued_ms"]) < 500, facts
    assert read_metrics(server).value("lectern_requests_slow_total") == before + 1


# What the player tells

def test_what_a_player_tells_is_kept_with_the_delivery(school, protocol):
    server = school.server
    client = school.participant(protocol)
    viewer = school.viewer(client)
    paths = [path for path, *_ in viewer.segments()]
    before = read_metrics(server).value("lectern_cmcd_refused_total")
    told = {"CMCD-Request": "bl=4200,mtp=800,su", "CMCD-Status": "bs", "CMCD-Session": 'sid="play-1"'}
    plain = client.get(paths[0], fields=told)
    query = urllib.parse.quote('bl=100,com.example-x="y",sid="play-2"')
    asked = client.get(f"{paths[0]}?CMCD={query}", fields={"If-None-Match": plain.field("etag")})
    assert plain.status == 200 and asked.status == 304, "the figures are no part of what is asked for"
    assert client.get(paths[1], fields={"CMCD-Request": "bl=4200,bl=1"}).status == 200
    other = len(client.get(paths[1]).body)
    rows = wait_for(lambda: (rows := server.json(
        "delivery", "list", client.id, "--last", 10)["deliveries"]) and len(rows) == 4 and rows)
    rows.sort(key=lambda row: row["at_ms"], reverse=True)  # within a commit they stand by loop
    assert [row["status"] for row in rows] == [200, 200, 304, 200] and all(row["whole"] for row in rows)
    assert [row["bytes"] for row in rows] == [other, other, 0, len(plain.body)]
    assert all(0 <= row["first_byte_ms"] <= row["last_byte_ms"] for row in rows)
    assert rows[0]["client"] is None and rows[1]["client"] is None
    assert rows[2]["client"] == {"session": "play-2", "buffer_ms": 100, "deadline_ms": None, "throughput_kbps": None,
                                 "bitrate_kbps": None, "rate_percent": None, "starved": False, "startup": False}
    assert rows[3]["client"]["session"] == "play-1" and rows[3]["client"]["throughput_kbps"] == 800
    assert rows[3]["client"]["starved"] and rows[3]["client"]["startup"]
    assert read_metrics(server).value("lectern_cmcd_refused_total") == before + 1
    shown = server.run("delivery", "list", client.id, "--lecture", school.short).stdout
    assert "4.2 s, stalled" in shown and shown.count("\n") == 5, shown
    assert server.run("delivery", "list", "nobody", check=False).returncode == 1


# A slow store

def read_readiness(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/readyz", timeout=10) as answer:
        return answer.status, json.loads(answer.read())["status"]


def test_while_the_store_is_slow_no_segment_goes_out_unlogged(own_school):
    school = own_school(loops=1, delivery_ring=256)
    server = school.server
    viewer = school.viewer(school.participant())
    path, *_ = viewer.segments()[0]
    assert read_readiness(server) == (200, "ready")
    with held_store(server):
        sent = 0
        while (answer := viewer.connection.get(path)).status == 200:
            sent += 1
            assert sent <= 256
        assert sent == 256 and answer.status == 503 and int(answer.field("retry-after")) > 0
        assert read_readiness(server) == (200, "degraded")
        figures = read_metrics(server)
        assert figures.value("lectern_degraded", reason="deliveries") == 1
        assert figures.value("lectern_deliveries_waiting") == figures.value("lectern_deliveries_waiting_limit") == 256
        assert figures.value("lectern_deliveries_refused_total") == 1
        # What is no segment goes on.
        assert viewer.connection.get(viewer.hls).status == 200
    wait_for(lambda: viewer.connection.get(path).status == 200)
    wait_for(lambda: read_metrics(server).value("lectern_deliveries_waiting") == 0)
    assert read_metrics(server).value("lectern_degraded", reason="deliveries") == 0
    assert read_readiness(server) == (200, "ready")
    with contextlib.closing(sqlite3.connect(server.data / "store.sqlite")) as store:
        assert store.execute("SELECT COUNT(*) FROM delivery").fetchone()[0] == sent + 1
