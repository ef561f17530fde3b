"""Tools of others against the real server: nghttp and h2load as honest clients, slowhttptest as a slow one."""
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

from harness import BUILD, RELEASE_BUILD, Server
from hostile import is_well, read_to_end

SLOW_CONNECTIONS = 200
# Deadlines of a second or so, where the presets have 10 to 60.
DEADLINES = {"handshake_deadline_ms": 3000, "header_deadline_ms": 1000, "idle_deadline_ms": 1500,
             "transfer_grace_ms": 1000, "transfer_stall_ms": 1500, "linger_ms": 500,
             "body_bytes_per_second_least": 1000, "send_bytes_per_second_least": 100000}


def run(*command, timeout=60):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not there (deploy/packages, section test)")
    ran = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    assert ran.returncode == 0, f"{command}: {ran.returncode}\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
    return re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout + ran.stderr)


def test_nghttp_fetches_pages_and_segments_on_one_connection(school):
    client = school.participant()
    viewer = school.viewer(client, school.law)
    paths = ["/", "/sign-in", viewer.hls, *(path for path, *_ in viewer.segments()[:20])]
    viewer.connection.close()
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    told = run("nghttp", "-nv", "--weight=200", "-H", f"cookie: {cookie}", "-H", "priority: u=1, i",
               *(f"https://127.0.0.1:{school.server.port}{path}" for path in paths))
    assert "The negotiated protocol: h2" in told
    assert told.count("Connected") == 1
    assert len(re.findall(r":status: 200", told)) == len(paths), re.findall(r":status: \d+", told)
    assert "RST_STREAM" not in told, told[-2000:]


@pytest.mark.parametrize("words", [["-m", "20"], ["-m", "1"], ["--h1", "-m", "4"]], ids=["streams", "single", "http1.1"])
def test_h2load_gets_every_answer(school, words):
    told = run("h2load", "-n", "2000", "-c", "10", *words, f"https://127.0.0.1:{school.server.port}/sign-in",
               f"https://127.0.0.1:{school.server.port}/healthz")
    assert "2000 succeeded, 0 failed, 0 errored, 0 timeout" in told, told
    assert "status codes: 2000 2xx, 0 3xx, 0 4xx, 0 5xx" in told, told


@pytest.fixture(scope="module")
def patient():
    # The sanitizer keeps what is freed for a while, so memory is measured without it where that build is there.
    build = RELEASE_BUILD if (RELEASE_BUILD / "lectern").exists() else BUILD
    with Server(build=build, **DEADLINES) as server:
        server.init().start()
        yield server


def open_connections(server):
    with socket.create_connection(("127.0.0.1", server.metrics_port), timeout=10) as plain:
        plain.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        told = read_to_end(plain).decode()
    return int(re.search(r"^lectern_connections_open (\d+)", told, re.MULTILINE).group(1))


ATTACKS = {
    "slowloris": (["-H", "-t", "GET", "-i", "1", "-p", "2"], "/sign-in"),
    "slow bodies": (["-B", "-t", "POST", "-i", "1", "-s", "4000", "-p", "2"], "/api/v1/session/password"),
    "slow reading": (["-X", "-w", "10", "-y", "20", "-n", "1", "-z", "8", "-k", "10", "-p", "2"], "/api/v1/openapi.json"),
    "ranges": (["-R", "-a", "1", "-b", "1400", "-t", "GET", "-p", "2"], "/sign-in"),
}


@pytest.mark.parametrize("attack", [pytest.param(name, marks=[pytest.mark.soak] if name == "slow reading" else [])
                                    for name in ATTACKS])
def test_slowhttptest_holds_nothing_and_nobody_up(patient, attack):
    words, path = ATTACKS[attack]
    waits_s, held, over = [], [], threading.Event()

    def ask_meanwhile():
        while not over.is_set():
            started = time.monotonic()
            well = is_well(patient)
            waits_s.append(time.monotonic() - started if well else None)
            held.append(open_connections(patient))
            over.wait(0.1)

    assert is_well(patient)
    memory_before, most = patient.memory_kib(), SLOW_CONNECTIONS * 128 + 10000
    honest = threading.Thread(target=ask_meanwhile)
    honest.start()
    try:
        told = run("slowhttptest", "-c", str(SLOW_CONNECTIONS), "-r", str(SLOW_CONNECTIONS), "-l", "8", *words,
                   "-u", f"https://127.0.0.1:{patient.port}{path}")
    finally:
        over.set()
        honest.join()
    # A slow reader learns late that it was left: what counts is that the server has left it.
    assert "Exit status: No open connections left" in told or held[-1] < 5, (held, told[-1500:])
    assert "service available:   NO" not in told, told
    assert len(waits_s) > 3 and all(wait is not None and wait < 2 for wait in waits_s), waits_s
    if patient.build == RELEASE_BUILD:
        assert patient.memory_kib() - memory_before < most
