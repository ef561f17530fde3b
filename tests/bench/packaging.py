"""A file of an hour: `lectern lecture add` (probe, packaging, tables, store) beside `ffmpeg -c copy -f hls`."""
import tempfile
from pathlib import Path

from common import RELEASE_BUILD, Server, make_long_lecture, median, report, timed

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
    report("packaging", file_mb=round(lecture.stat().st_size / 1e6), minutes=60, rounds=ROUNDS,
           lectern_wall_s=round(median(wall for wall, _ in ours), 2),
           lectern_cpu_s=round(median(cpu for _, cpu in ours), 2),
           ffmpeg_wall_s=round(median(wall for wall, _ in theirs), 2),
           ffmpeg_cpu_s=round(median(cpu for _, cpu in theirs), 2),
           wall_ratio=round(median(a[0] / b[0] for a, b in zip(ours, theirs)), 2),
           cpu_ratio=round(median(a[1] / b[1] for a, b in zip(ours, theirs)), 2))
    lecture.unlink()


def run():
    for bits_per_second in (280_000, 1_000_000):
        with tempfile.TemporaryDirectory() as folder:
            compare(Path(folder), bits_per_second)
