"""Segments over HTTP/1.1 from two workers, the client sharing both cores with them."""
from figures import report_ratios
from serve.segments import compare
from stage import SEGMENTS, the_stage

NAME = "serve-workers"
ROUNDS, GOAL = 11, 0.55


def run():
    stage = the_stage()
    sides = [side.start(workers=2, pinned=False) for side in (stage.lectern, stage.nginx, stage.tuned_nginx)]
    for name in SEGMENTS:
        report_ratios(NAME, name, "CPU s/GB", compare(stage, sides, name, ROUNDS, anywhere=True), {"nginx": GOAL})
