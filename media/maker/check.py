"""Checks the finished lectures and captions of course.json: python3 check.py MEDIA_DIR"""
import json
import os
import re
import subprocess
import sys

import captions

SHORTEST, LONGEST, LARGEST = 120, 240, 4_000_000
SHORTEST_CUE, FASTEST = 0.7, {"en": 25, "vi": 28, "mn": 28, "ja": 13}
TIMING = re.compile(r"^(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})$")


def probe(path, *options):
    told = subprocess.run(["ffprobe", "-v", "error", "-of", "json", *options, path], check=True, capture_output=True, text=True)
    return json.loads(told.stdout)


def faults_of_film(path, title):
    faults = []
    facts = probe(path, "-show_format", "-show_streams")
    duration = float(facts["format"]["duration"])
    if not SHORTEST <= duration <= LONGEST:
        faults.append("lasts %.1f s" % duration)
    if os.path.getsize(path) >= LARGEST:
        faults.append("has %d bytes" % os.path.getsize(path))
    if facts["format"].get("tags", {}).get("title") != title:
        faults.append("is not titled %r" % title)
    video = next(stream for stream in facts["streams"] if stream["codec_type"] == "video")
    audio = next(stream for stream in facts["streams"] if stream["codec_type"] == "audio")
    for stream, key, wanted in ((video, "codec_name", "h264"), (video, "profile", "High"), (video, "level", 31), (video, "width", 1280),
                                (video, "height", 720), (video, "pix_fmt", "yuv420p"), (video, "r_frame_rate", "15/1"),
                                (audio, "codec_name", "aac"), (audio, "profile", "LC"), (audio, "sample_rate", "48000"),
                                (audio, "channels", 1)):
        if stream.get(key) != wanted:
            faults.append("%s is %s, not %s" % (key, stream.get(key), wanted))
    if abs(float(video["duration"]) - float(audio["duration"])) > 0.2:
        faults.append("sound and picture differ in length: %s s and %s s" % (audio["duration"], video["duration"]))
    packets = probe(path, "-select_streams", "v", "-show_entries", "packet=pts_time,flags")["packets"]
    keys = [float(packet["pts_time"]) for packet in packets if packet["flags"].startswith("K")]
    distances = [after - before for before, after in zip(keys, keys[1:])]
    if any(abs(distance - 4) > 0.001 for distance in distances):
        faults.append("has key frames %.3f to %.3f s apart" % (min(distances), max(distances)))
    return faults, duration


def faults_of_sound(path):
    told = subprocess.run(["ffmpeg", "-hide_banner", "-nostats", "-i", path, "-vn", "-af", "ebur128=peak=true", "-f", "null", "-"],
                          check=True, capture_output=True, text=True).stderr
    loudness = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1])
    peak = float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", told)[-1])
    faults = []
    if abs(loudness + 16) > 1:
        faults.append("has a loudness of %.1f LUFS" % loudness)
    if peak > -0.5:
        faults.append("has a true peak of %.1f dBFS" % peak)
    return faults, loudness


def faults_of_captions(path, language, duration):
    with open(path, encoding="utf-8") as file:
        blocks = file.read().rstrip("\n").split("\n\n")
    if blocks[0] != "WEBVTT":
        return ["does not begin with WEBVTT"], 0
    faults, before = [], 0.0
    for block in blocks[1:]:
        timing, *content = block.split("\n")
        found = TIMING.match(timing)
        if not found:
            faults.append("has a wrong timing line: %s" % timing)
            continue
        times = [float(part) for part in found.groups()]
        start, end = (times[0] * 3600 + times[1] * 60 + times[2], times[3] * 3600 + times[4] * 60 + times[5])
        if start < before:
            faults.append("overlaps at %s" % timing)
        if end - start < SHORTEST_CUE:
            faults.append("is too short at %s" % timing)
        if end > duration:
            faults.append("goes on after the end: %s" % timing)
        if not 1 <= len(content) <= 2 or any(not line or len(line) > captions.LONGEST_LINE[language] or "-->" in line for line in content):
            faults.append("has lines that are empty, too many or too long at %s" % timing)
        if sum(map(len, content)) / (end - start) > FASTEST[language]:
            faults.append("is too fast to read (%.0f characters a second) at %s" % (sum(map(len, content)) / (end - start), timing))
        before = end
    return faults, len(blocks) - 1


def main():
    media, faulty = sys.argv[1], 0
    with open(os.path.join(media, "course.json"), encoding="utf-8") as file:
        course = json.load(file)

    def tell(name, facts, faults):
        nonlocal faulty
        faulty += len(faults)
        print("%-52s %s" % (name, "; ".join(faults) if faults else "ok  " + facts))

    for lecture in course["lectures"]:
        path = os.path.join(media, lecture["file"])
        faults, duration = faults_of_film(path, lecture["title"]["en"])
        more, loudness = faults_of_sound(path)
        tell(lecture["file"], "%.1f s, %.2f MB, %.1f LUFS" % (duration, os.path.getsize(path) / 1e6, loudness), faults + more)
        for caption in lecture["captions"]:
            faults, count = faults_of_captions(os.path.join(media, caption["file"]), caption["language"], duration)
            tell(caption["file"], "%d captions" % count, faults)
    sys.exit(1 if faulty else 0)


main()
