"""Idle TLS connections: memory of the server for each of 5,000, which have asked once and wait."""
import time

from clients import Held
from figures import report
from machine import descriptors, memory_kib
from stage import the_stage

NAME = "serve-idle"
CONNECTIONS, WARM_UP, REST_S = 5000, 64, 1.5
GOAL_KIB, NAMES = {"http/1.1": 16, "h2": 48}, {"http/1.1": "HTTP/1.1", "h2": "HTTP/2"}


def grown_kib(side, protocol, request):
    """KiB a connection, in a server that has just started: nothing freed before hides what is taken now."""
    side.stop()
    side.start()
    with Held(side, WARM_UP, protocol, request):
        pass
    time.sleep(REST_S)
    before, open_before = memory_kib(side.pid), descriptors(side.pid)
    with Held(side, CONNECTIONS, protocol, request):
        time.sleep(REST_S)
        grown, opened = memory_kib(side.pid) - before, descriptors(side.pid) - open_before
    if opened < CONNECTIONS * 0.99:
        raise RuntimeError(f"{side.name} holds {opened} of {CONNECTIONS} connections")
    return grown / opened


def run():
    stage = the_stage()
    for protocol, goal in GOAL_KIB.items():
        found = {side.name: grown_kib(side, protocol, stage.request(side, protocol))
                 for side in (stage.lectern, stage.nginx)}
        report(NAME, work=f"{CONNECTIONS} {NAMES[protocol]}", unit="KiB each", nginx=found["nginx"], value=found["lectern"],
               goal=goal)
