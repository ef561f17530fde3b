"""Slow readers: how much more memory the server takes for 64 of them who asked for 2 MB each and read a little."""
import time

from clients import http1_request
from figures import report
from machine import memory_kib
from stage import the_stage
from tls_sockets import open_tls

NAME = "serve-slow-readers"
READERS, SECONDS, BYTES_A_TURN, GOAL_MB = 64, 6, 1024, 20


def grown_mb(stage, side):
    """The most that it grew by, while nobody was sent more than a part."""
    side.stop()
    side.start()
    segments, cookie = stage.material["2 MB"].segments, stage.cookie()
    before, most, readers = memory_kib(side.pid), 0, []
    try:
        for number in range(READERS):
            reader = open_tls(side.port, receive_bytes=16384)
            reader.sendall(http1_request(side, segments[number % len(segments)], cookie))
            readers.append(reader)
        heads = [reader.recv(BYTES_A_TURN) for reader in readers]
        if not all(head.startswith(b"HTTP/1.1 200") for head in heads):
            raise RuntimeError(f"{side.name} answers {heads[0]!r}")
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for reader in readers:
                reader.recv(BYTES_A_TURN)
            most = max(most, memory_kib(side.pid) - before)
            time.sleep(0.2)
    finally:
        for reader in readers:
            reader.close()
    return most * 1024 / 1e6


def run():
    stage = the_stage()
    found = {side.name: grown_mb(stage, side) for side in (stage.lectern, stage.nginx)}
    report(NAME, work=f"{READERS} x 2 MB", unit="MB more", nginx=found["nginx"], value=found["lectern"], goal=GOAL_MB)
