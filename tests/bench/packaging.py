"""A lecture of an hour, packaged by copying: what the child of a job does between look and tables, beside `ffmpeg -c copy
-f hls`; neither syncs nor hashes."""
import tempfile
from pathlib import Path
from typing import NamedTuple

from clients import PROGRAMS
from figures import report_ratio
from lecture_files import make_long_lecture
from machine import timed
from slices import interleaved

ROUNDS = 9
HOUR_S = 3600
BITS_PER_SECOND = (280_000, 1_000_000)
GOAL = 0.9


class Side(NamedTuple):
    name: str
    command: list  # ends where a folder is to be named
    file: str      # what is written, in that folder


def sides_of(lecture):
    yield Side("lectern", [PROGRAMS / "package", "copy", lecture], "")
    yield Side("ffmpeg", ["ffmpeg", "-v", "error", "-nostdin", "-i", lecture, "-map", "0", "-c", "copy", "-f", "hls",
                          "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"], "lecture.m3u8")


def cost_of(side):
    with tempfile.TemporaryDirectory() as folder:
        return timed([*map(str, side.command), str(Path(folder, side.file))])


def compare(folder, bits_per_second):
    lecture = make_long_lecture(folder, HOUR_S, bits_per_second)
    sides = list(sides_of(lecture))
    work = f"{round(lecture.stat().st_size / 1e6)} MB"
    costs = interleaved(sides, ROUNDS, cost_of)
    for number, unit in enumerate(("wall s", "CPU s")):
        report_ratio("packaging", work, unit, [cost[number] for cost in costs["lectern"]], "ffmpeg",
                     [cost[number] for cost in costs["ffmpeg"]], GOAL)
    lecture.unlink()


def run():
    for bits_per_second in BITS_PER_SECOND:
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder), bits_per_second)
