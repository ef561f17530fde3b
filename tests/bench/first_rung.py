"""An hour of 720 lines: how long until it can be watched, on all cores, as a part of its length."""
import tempfile
from pathlib import Path

from figures import report
from harness import RELEASE_BUILD, ROOT, Server
from lecture_files import make_slides_and_speaker, repeat
from machine import timed

SECONDS = 3600
GOAL = 0.1


def measure(kind, minute, folder):
    lecture = repeat(minute, SECONDS, folder / f"{kind}.mp4")
    with Server(build=RELEASE_BUILD, ladder_file=ROOT / "config/ladder.conf") as server:
        server.init()
        # Without a server it waits for the first pass, and leaves the rest to the next one.
        wall, cpu = timed([str(server.binary), "lecture", "add", str(lecture), "--title", "Bench", "--language", "en",
                           "--ready", "--json", "--config", str(server.config)], env=server.environment())
    lecture.unlink()
    report("first-rung", work=f"{SECONDS} s, picture {kind}", unit="of its length", wall_s=wall, cpu_s=cpu,
           value=wall / SECONDS, goal=GOAL)


def run():
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for kind, key_s in (("copied", 2), ("encoded", 12)):
            measure(kind, make_slides_and_speaker(folder / f"minute-{kind}.mp4", 60, key_s, sound=True), folder)
