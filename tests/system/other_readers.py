"""What readers that nobody here wrote make of a lecture (read_streams.mjs), against what its bytes say (stream_check.py)."""
import json
import subprocess

import pytest

from harness import ROOT


def read_by_others(folder):
    for name in ("m3u8-parser", "mpd-parser", "mp4box"):
        if not (ROOT / "node_modules" / name).is_dir():
            pytest.skip(f"{name} is not installed (npm ci)")
    ran = subprocess.run(["node", str(ROOT / "tests/system/read_streams.mjs"), str(folder)],
                         capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["faults"] == []
    return said


def check_same(said, stream):
    assert set(said["renditions"]) == set(stream.renditions)
    for name, read in said["renditions"].items():
        one = stream.renditions[name]
        addresses = [f"{index}.m4s" for index in range(len(one.segments))]
        assert read["hls"]["addresses"] == addresses, name
        assert read["hls"]["durations"] == [float(length) for length in one.lengths], name
        assert read["dash"]["addresses"] == [f"{name}/{address}" for address in addresses], name
        assert read["dash"]["durations"] == pytest.approx([ticks / one.timescale for ticks in one.ticks], abs=1e-9), name
        assert read["dash"]["codecs"] == read["mp4"]["codec"] == one.codec, name
        assert read["mp4"]["timescale"] == one.timescale, name
        assert read["mp4"]["starts"] == one.starts, name
        assert read["mp4"]["samples"] == sum(map(len, one.samples)), name
        assert read["mp4"]["ticks"] == sum(one.ticks), name
    for listed in stream.key_lists:
        assert len(said["renditions"][listed["URI"].split("/", maxsplit=1)[0]]["keys"]) > 0
