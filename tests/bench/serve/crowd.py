"""A crowd beside: 2,000 idle connections and 200 clients that send their header a byte at a time, on both servers; and
how long somebody else then waits for a small answer, at the 99th percentile."""
import contextlib
import threading

from clients import Held, run_program
from figures import percentile, report_ratio
from machine import CLIENT_CORE, pin_thread
from slices import interleaved
from stage import the_stage
from tls_sockets import open_tls

NAME = "serve-crowd"
ROUNDS, GOAL = 11, 1.0
IDLE, SLOW, SLOW_BYTE_S = 2000, 200, 0.5
SECONDS, INTERVAL_US = 1, {"kept": 2000, "new": 10_000}


class SlowHeaders:
    """Clients whose request never ends; who was sent away comes again."""

    def __init__(self, side):
        self.side, self.ended = side, threading.Event()
        self.thread = threading.Thread(target=self.drip)
        self.sockets = [self.begin() for _ in range(SLOW)]

    def begin(self):
        opened = open_tls(self.side.port)
        opened.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        return opened

    def drip(self):
        pin_thread(CLIENT_CORE)
        while not self.ended.wait(SLOW_BYTE_S):
            for number, opened in enumerate(self.sockets):
                try:
                    opened.sendall(b"s")
                except OSError:
                    opened.close()
                    self.sockets[number] = self.begin()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        for opened in self.sockets:
            opened.close()


def run():
    stage = the_stage()
    sides = [side.start() for side in (stage.lectern, stage.nginx)]
    requests = {side: stage.request(side, "http/1.1") for side in sides}
    with contextlib.ExitStack() as crowd:
        for side in sides:
            crowd.enter_context(Held(side, IDLE, "http/1.1", requests[side]))
            crowd.enter_context(SlowHeaders(side))
        for kind, interval_us in INTERVAL_US.items():
            def wait_us(side, kind=kind, interval_us=interval_us):
                said = run_program("pulse", side.port, kind, interval_us, SECONDS, requests[side])
                return percentile([int(line) for line in said.split()], 99)
            waits = interleaved(sides, ROUNDS, wait_us)
            report_ratio(NAME, f"{kind} connection", "us, p99", waits["lectern"], "nginx", waits["nginx"], GOAL)
