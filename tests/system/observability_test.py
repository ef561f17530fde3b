"""What an operator sees: figures, logs, and the id that ties them together."""
import os
import re
import time
import urllib.request
from pathlib import Path

from exposition import Exposition


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
    assert all(name.startswith(("lectern_", "process_")) for name in after.names())
    assert {loop for name, labels in after.samples if name == "lectern_loop_lag_seconds_count"
            for key, loop in labels if key == "loop"} == {"0", "1"}


def test_open_connections_are_told_by_state_and_protocol(school):
    server = school.server
    with server.connect("h2"), server.connect("http/1.1"):
        wait_for(lambda: (figures := read_metrics(server)).value(
            "lectern_connections", state="open", protocol="http2") >= 1 and figures.value(
                "lectern_connections", state="open", protocol="http1") >= 1)
    wait_for(lambda: read_metrics(server).sum("lectern_connections", protocol="http2") == 0)


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


def test_a_loop_that_is_held_up_shows_in_its_lag(own_school):
    school = own_school(loops=1)
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
