"""TLS handshakes, full and resumed: processor time of the server for each, from accept to a clean close."""
from clients import run_measure
from figures import report_ratios
from machine import cost_of
from slices import interleaved
from stage import the_stage

NAME = "serve-handshakes"
ROUNDS, GOAL, HANDSHAKES = 11, 1.0, 400


def run():
    stage = the_stage()
    sides = [side.start() for side in (stage.lectern, stage.nginx, stage.tuned_nginx)]
    stage.check_alike(*sides, alpn="http/1.1")
    requests = {side: stage.request(side, "http/1.1") for side in sides}
    for kind in ("full", "resumed"):
        def cost(side, kind=kind):
            told, cpu_s = cost_of(
                side.pid, lambda: run_measure("handshakes", side.port, HANDSHAKES, kind, requests[side]))
            if told["resumed"] != (HANDSHAKES if kind == "resumed" else 0):
                raise RuntimeError(f"{side.name}: {told['resumed']} of {HANDSHAKES} are resumed")
            return cpu_s / HANDSHAKES * 1e6
        costs = interleaved(sides, ROUNDS, cost)
        report_ratios(NAME, kind, "CPU us", costs, {"nginx": GOAL})
