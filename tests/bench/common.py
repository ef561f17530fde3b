"""What the benchmarks share: the release server, processor time, medians, and how figures are told."""
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
from client import Client, Viewer  # noqa: E402
from harness import ADMIN, RELEASE_BUILD, Server  # noqa: E402

__all__ = ["ADMIN", "Client", "RELEASE_BUILD", "Server", "Viewer", "cpu_seconds", "make_long_lecture",
           "median", "report", "timed"]
figures = []


def report(name, **values):
    """One figure: a JSON line now, a line of the table at the end."""
    figures.append((name, values))
    print(json.dumps({"benchmark": name, **values}), flush=True)


def median(values):
    return statistics.median(values)


def cpu_seconds(pid):
    """The scheduler's run time of all threads of a process, and of its children."""
    total, waiting = 0.0, [pid]
    while waiting:
        process = Path("/proc", str(waiting.pop()))
        for task in (process / "task").iterdir():
            total += int((task / "schedstat").read_text().split()[0]) / 1e9
            waiting += [int(child) for child in (task / "children").read_text().split()]
    return total


def timed(command, **options):
    """(wall seconds, CPU seconds with all children) of a command that succeeds."""
    from_wall, before = time.monotonic(), os.times()
    ran = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    after = os.times()
    if ran.returncode != 0:
        raise RuntimeError(f"{command}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
    cpu = (after.children_user - before.children_user) + (after.children_system - before.children_system)
    return time.monotonic() - from_wall, cpu


def make_long_lecture(folder, seconds, bits_per_second):
    """Picture of a constant rate with sound: one minute encoded, then repeated without encoding."""
    minute = folder / f"minute-{bits_per_second}.mp4"
    lecture = folder / f"lecture-{bits_per_second}-{seconds}.mp4"
    rate = str(bits_per_second)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10",
         "-f", "lavfi", "-i", "sine=frequency=330:sample_rate=48000", "-t", "60",
         "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20", "-keyint_min", "20",
         "-sc_threshold", "0", "-bf", "0", "-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate,
         "-x264-params", "nal-hrd=cbr:force-cfr=1", "-c:a", "aac", "-b:a", "64k", str(minute)], check=True)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-stream_loop", str(seconds // 60 - 1), "-i", str(minute),
         "-c", "copy", "-movflags", "+faststart", str(lecture)], check=True)
    return lecture
