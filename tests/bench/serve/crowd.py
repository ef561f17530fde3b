"""A crowd beside: 2,000 idle connections and 200 clients that send their header a byte at a time, on both servers; and
how long somebody else then waits for a small answer, at the 99th percentile.

The slow clients take turns, evenly: what all of them send at once would hold a server for some milliseconds twice a
second, which is about one in a hundred, so that chance would say on which side of the percentile it falls.  Answers of
some slices in turn make one percentile, so that there are some beyond it: of 3,000 on kept connections, of 600 on new.
"""
import contextlib
import itertools
import threading
import time

from clients import Held, run_program
from figures import percentile, report_ratio
from machine import CLIENT_CORE, pin_thread
from slices import interleaved
from stage import the_stage
from tls_sockets import open_tls

NAME = "serve-crowd"
SLICES, POOLED, GOAL = 33, 3, 1.0
IDLE, SLOW, SLOW_BYTE_S = 2000, 200, 0.5
SECONDS, INTERVAL_US = 1, {"kept": 1000, "new": 5000}


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
        """One after the other, and each of them again after SLOW_BYTE_S."""
        pin_thread(CLIENT_CORE)
        due = time.monotonic()
        for number in itertools.cycle(range(SLOW)):
            due = max(due + SLOW_BYTE_S / SLOW, time.monotonic())
            if self.ended.wait(due - time.monotonic()):
                return
            self.send_byte(number)

    def send_byte(self, number):
        try:
            self.sockets[number].sendall(b"s")
        except OSError:
            self.sockets[number].close()
            self.sockets[number] = self.begin()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        for opened in self.sockets:
            opened.close()


def pooled(slices):
    """The percentile of every few slices together."""
    return [percentile([wait for waits in slices[at:at + POOLED] for wait in waits], 99)
            for at in range(0, len(slices), POOLED)]


def run():
    stage = the_stage()
    sides = [side.start() for side in (stage.lectern, stage.nginx)]
    requests = {side: stage.request(side, "http/1.1") for side in sides}
    with contextlib.ExitStack() as crowd:
        for side in sides:
            crowd.enter_context(Held(side, IDLE, "http/1.1", requests[side]))
            crowd.enter_context(SlowHeaders(side))
        for kind, interval_us in INTERVAL_US.items():
            def waits_us(side, kind=kind, interval_us=interval_us):
                said = run_program("pulse", side.port, kind, interval_us, SECONDS, requests[side])
                return [int(line) for line in said.split()]
            waits = {name: pooled(slices) for name, slices in interleaved(sides, SLICES, waits_us).items()}
            report_ratio(NAME, f"{kind} connection", "us, p99", waits["lectern"], "nginx", waits["nginx"], GOAL)
