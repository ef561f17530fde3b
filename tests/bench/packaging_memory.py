"""Memory of the process that makes a lecture of ten hours, beside one hour: copied out of Matroska and out of MP4, whose
index libavformat keeps whole (and so does `ffmpeg -c copy`, in the same columns); and a whole first pass."""
import tempfile
from pathlib import Path

from clients import PROGRAMS
from figures import report
from harness import RELEASE_BUILD, ROOT, Server
from lecture_files import make_long_lecture, make_quiet_long_lecture
from machine import peak_mib

HOUR_S = 3600
HOURS = 10
BITS_PER_SECOND = 64_000
GOAL = 1.15


def long_lecture(suffix):
    return lambda folder, seconds: make_long_lecture(folder, seconds, BITS_PER_SECOND, suffix)


def copying(lecture):
    with tempfile.TemporaryDirectory() as folder:
        return peak_mib([str(PROGRAMS / "package"), "copy", str(lecture), folder])


def copying_by_ffmpeg(lecture):
    with tempfile.TemporaryDirectory() as folder:
        return peak_mib(["ffmpeg", "-v", "error", "-nostdin", "-i", str(lecture), "-map", "0", "-c", "copy", "-f", "hls",
                         "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4",
                         f"{folder}/lecture.m3u8"])


def first_pass(lecture):
    with Server(build=RELEASE_BUILD, ladder_file=ROOT / "config/ladder.conf") as server:
        server.init()
        return peak_mib([str(server.binary), "lecture", "add", str(lecture), "--title", "Bench", "--language", "en",
                         "--ready", "--json", "--config", str(server.config)], env=server.environment())


def measure(work, make, peaks):
    """`peaks`: how to find what of whom."""
    found = {name: [] for name in peaks}
    for seconds in (HOUR_S, HOURS * HOUR_S):
        with tempfile.TemporaryDirectory() as folder:
            lecture = make(Path(folder), seconds)
            for name, peak in peaks.items():
                found[name].append(peak(lecture))
    for name, (short, long) in found.items():
        report("packaging-memory", work=work, side=name, unit=f"{HOURS} h / 1 h", short_mib=short, long_mib=long,
               value=long / short, goal=GOAL if name == "lectern" else None)


def run():
    for suffix in ("mkv", "mp4"):
        measure(f"copied, {suffix}", long_lecture(suffix), {"lectern": copying, "ffmpeg": copying_by_ffmpeg})
    measure("first pass, mp4", make_quiet_long_lecture, {"lectern": first_pass})
