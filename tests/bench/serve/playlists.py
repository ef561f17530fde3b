"""Media playlists over kept HTTP/1.1 connections: processor time a request, beside nginx with the same bytes as a file.
Neither compresses: the client does not offer to take it."""
from figures import report_ratios
from loads import wrk
from machine import cost_of
from slices import interleaved
from stage import PLAYLISTS, the_stage

NAME = "serve-playlists"
ROUNDS, GOAL = 11, 0.80


def run():
    stage = the_stage()
    sides = [side.start() for side in (stage.lectern, stage.nginx, stage.tuned_nginx)]
    stage.check_alike(*sides, alpn="http/1.1")
    for name in PLAYLISTS:
        material = stage.material[name]
        targets = {side: stage.targets(side, [material.playlist]) for side in sides}

        def cost(side, targets=targets, least=material.playlist_bytes):
            cookie = stage.cookie()
            load, cpu_s = cost_of(side.pid, lambda: wrk(side.url, targets[side], cookie))
            if load.bytes < load.requests * least:
                raise RuntimeError(f"{side.name} sends less than the playlist")
            return cpu_s / load.requests * 1e6
        costs = interleaved(sides, ROUNDS, cost)
        report_ratios(NAME, f"{material.playlist_bytes} B", "CPU us", costs, {"nginx": GOAL})
