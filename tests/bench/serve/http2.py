"""Segments over HTTP/2: processor time a gigabyte beside nginx's HTTP/2, one stream at a time on each connection."""
from figures import report_ratios
from loads import h2load
from machine import cost_of
from slices import interleaved
from stage import SEGMENTS, the_stage

NAME = "serve-http2"
ROUNDS, GOAL, SLICE_BYTES = 11, 0.70, 640_000_000


def compare(stage, sides, name):
    material, arrived, before = stage.material[name], 0, stage.lectern.deliveries()
    targets = {side: stage.targets(side, material.segments) for side in sides}
    requests = round(SLICE_BYTES / material.segment_bytes)

    def cost(side):
        nonlocal arrived
        cookie = stage.cookie()
        load, cpu_s = cost_of(side.pid, lambda: h2load(side.url, targets[side], cookie, requests))
        arrived += load.requests if side is stage.lectern else 0
        return cpu_s / (load.bytes / 1e9)
    costs = interleaved(sides, ROUNDS, cost)
    stage.check_logged(before, arrived)
    report_ratios(NAME, name, "CPU s/GB", costs, {"nginx": GOAL})


def run():
    stage = the_stage()
    sides = [side.start() for side in (stage.lectern, stage.nginx, stage.tuned_nginx)]
    stage.check_alike(*sides, alpn="h2")
    for name in SEGMENTS:
        compare(stage, sides, name)
