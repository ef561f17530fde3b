"""All pictures of a ladder, stills among them: what the children of both passes cost, beside one ffmpeg command that
decodes once and makes the same rungs, with x264 set as it is for us."""
import configparser
import tempfile
from pathlib import Path
from typing import NamedTuple

from clients import PROGRAMS
from figures import report_ratio
from harness import ROOT
from lecture_files import make_slides_and_speaker
from machine import timed
from slices import interleaved

ROUNDS = 3
SECONDS = 60
LINES, RATE = 720, 30  # of the lecture
SEGMENT_S = 4
GOAL = {"CPU s": 1.15, "wall s": None}


class Side(NamedTuple):
    name: str
    command: object  # of the folder to write to


def rungs():
    """{name: values} of the built-in ladder, as far as the lecture has lines."""
    ladder = configparser.ConfigParser()
    ladder.read(ROOT / "config/ladder.conf")
    found = {name: {key: int(value) for key, value in ladder[name].items()} for name in ladder.sections()}
    for name, rung in found.items():
        if name != "stills":
            rung["lines"] = int(name.removesuffix("p"))
    return {name: rung for name, rung in found.items() if rung["lines"] <= LINES}


def chain_of(name, rung):
    if name == "stills":
        taken = f"fps=1/{SEGMENT_S}"
    else:
        taken = f"framestep={-(-RATE // rung['frames-per-second'])}"
    return f"[in-{name}]{taken},scale=-2:{rung['lines']}:flags=bicubic[{name}]"


def encoder_of(name, rung):
    """As src/media/picture_encoder.c sets it."""
    still = name == "stills"
    rate, key_s = rung["bits-per-second"], SEGMENT_S if still else rung["key-ms"] / 1000
    return ["-map", f"[{name}]", "-c:v", "libx264", "-preset", "veryfast", "-crf", rung["quality"], "-maxrate", rate,
            "-bufsize", rate * (SEGMENT_S if still else 2), "-g", 100000, "-keyint_min", 1, "-sc_threshold", 0,
            "-forced-idr", 1, "-b-pyramid", "none", *(["-bf", 0] if still else []),
            "-force_key_frames", f"expr:gte(t,n_forced*{key_s})", "-movflags", "+frag_keyframe+empty_moov"]


def ffmpeg_command(lecture, folder):
    found = rungs()
    graph = [f"split={len(found)}" + "".join(f"[in-{name}]" for name in found),
             *(chain_of(name, rung) for name, rung in found.items())]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", lecture, "-filter_complex", ";".join(graph)]
    for name, rung in found.items():
        command += [*encoder_of(name, rung), f"{folder}/{name}.mp4"]
    return command


def cost_of(side):
    with tempfile.TemporaryDirectory() as folder:
        cost = timed([*map(str, side.command(folder))])
        written = sum(file.stat().st_size > 0 for file in Path(folder).iterdir())
        if written != len(rungs()):
            raise RuntimeError(f"{side.name} made {written} rungs, not {len(rungs())}")
        return cost


def run():
    with tempfile.TemporaryDirectory() as place:
        # Key pictures too far apart: nothing is copied.
        lecture = make_slides_and_speaker(Path(place, "lecture.mp4"), SECONDS, key_s=12, sound=False)
        sides = (Side("lectern", lambda folder: [PROGRAMS / "package", "ladder", lecture, folder]),
                 Side("ffmpeg", lambda folder: ffmpeg_command(lecture, folder)))
        costs = interleaved(sides, ROUNDS, cost_of)
    for number, unit in enumerate(("wall s", "CPU s")):
        report_ratio("ladder", f"{SECONDS} s, {len(rungs())} rungs", unit, [cost[number] for cost in costs["lectern"]],
                     "ffmpeg", [cost[number] for cost in costs["ffmpeg"]], GOAL[unit])
