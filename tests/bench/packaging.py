"""A file of an hour: `lectern lecture add` (probe, packaging, tables, store) beside `ffmpeg -c copy -f hls`."""
import tempfile
from pathlib import Path

from figures import report_ratio
from harness import RELEASE_BUILD, Server
from lecture_files import make_long_lecture
from machine import timed

ROUNDS = 5


def compare(folder, bits_per_second):
    lecture = make_long_lecture(folder, 3600, bits_per_second)
    ours, theirs = [], []
    with Server(build=RELEASE_BUILD) as server:
        server.init()
        for number in range(ROUNDS):
            out = folder / f"hls-{number}"
            out.mkdir()
            theirs.append(timed(
                ["ffmpeg", "-v", "error", "-nostdin", "-i", str(lecture), "-map", "0", "-c", "copy", "-f", "hls",
                 "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
                 str(out / "lecture.m3u8")]))
            ours.append(timed(
                [str(server.binary), "lecture", "add", str(lecture), "--title", "Bench", "--language", "en",
                 "--wait", "--json", "--config", str(server.config)], env=server.environment()))
    work = f"{round(lecture.stat().st_size / 1e6)} MB"
    for number, unit in ((0, "wall s"), (1, "CPU s")):
        report_ratio("packaging", work, unit, [cost[number] for cost in ours], "ffmpeg",
                     [cost[number] for cost in theirs], goal=None)
    lecture.unlink()


def run():
    for bits_per_second in (280_000, 1_000_000):
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder), bits_per_second)
