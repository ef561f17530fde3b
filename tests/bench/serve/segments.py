"""Segments over HTTP/1.1: processor time a gigabyte, beside nginx and h2o, a token checked and a delivery recorded
for every segment.  One worker each on the first core, the client on the second."""
from figures import report_ratios
from loads import wrk
from machine import cost_of
from slices import interleaved
from stage import SEGMENTS, the_stage

NAME = "serve-segments"
ROUNDS = 11
GOALS = {"100 KB": {"nginx": 0.62, "h2o": 0.85}, "500 KB": {"nginx": 0.62, "h2o": 0.85},
         "2 MB": {"nginx": 0.65, "h2o": 0.85}}


def compare(stage, sides, name, rounds, anywhere=False):
    """{side: [CPU seconds a gigabyte]} of the segments of one size; our deliveries are all in the store."""
    paths, arrived, before = stage.material[name].segments, 0, stage.lectern.deliveries()
    targets = {side: stage.targets(side, paths) for side in sides}

    def cost(side):
        nonlocal arrived
        cookie = stage.cookie()
        load, cpu_s = cost_of(side.pid, lambda: wrk(side.url, targets[side], cookie, anywhere=anywhere))
        arrived += load.requests if side is stage.lectern else 0
        return cpu_s / (load.bytes / 1e9)
    costs = interleaved(sides, rounds, cost)
    stage.check_logged(before, arrived)
    return costs


def run():
    stage = the_stage()
    sides = [side.start() for side in (stage.lectern, stage.nginx, stage.tuned_nginx, stage.h2o)]
    stage.check_alike(*sides, alpn="http/1.1")
    for name in SEGMENTS:
        report_ratios(NAME, name, "CPU s/GB", compare(stage, sides, name, ROUNDS), GOALS[name])
