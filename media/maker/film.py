"""Makes the lectures of course.json: python3 film.py MEDIA_DIR BUILD_DIR [LECTURE...]"""
import json
import os
import re
import subprocess
import sys
import wave

import captions
import slides

VOICE, WORDS_A_MINUTE, PITCH = "en-gb+m3", 150, 42
LEAD_IN, SENTENCE_PAUSE, SLIDE_PAUSE, LAST_HOLD = 0.6, 0.40, 1.00, 4.0
CAPTION_LINGERS = 0.25
FRAMES_A_SECOND = 15
SOFTEN = "highpass=f=80,lowpass=f=8000,acompressor=threshold=-24dB:ratio=3:attack=5:release=120"
LOUDNESS = "loudnorm=I=-15.2:TP=-2:LRA=9"
# The limiter and the narrow AAC take about 1 LU of this: near -16 LUFS are left.
LIMIT = "aresample=48000,alimiter=limit=-3.5dB:level=disabled:attack=2:release=40"


def run(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, **more)


def speak(sentence, path):
    spoken = sentence.get("say", sentence["en"]).replace("|", " ")
    run("espeak-ng", "-v", VOICE, "-s", WORDS_A_MINUTE, "-p", PITCH, "-w", path, "--", spoken)
    with wave.open(path) as file:
        return file.getframerate(), file.readframes(file.getnframes())


def narrate(lecture_slides, folder):
    """Speaks all sentences into one WAV. Gives the sentences' times, the times at which pictures change, and the length."""
    sound, sentences, changes, rate = bytearray(), [], [], 22050

    def now():
        return len(sound) / 2 / rate

    def pause(seconds):
        sound.extend(bytes(2 * round(seconds * rate)))

    pause(LEAD_IN)
    for number, slide in enumerate(lecture_slides, 1):
        for index, sentence in enumerate(slide["narration"]):
            got_rate, samples = speak(sentence, os.path.join(folder, "sentence.wav"))
            assert got_rate == rate
            changes.append((now() if changes else 0.0, number, sentence.get("show", 0)))
            start = now()
            sound.extend(samples)
            sentences.append((start, now() + CAPTION_LINGERS, sentence))
            pause(SENTENCE_PAUSE if index + 1 < len(slide["narration"]) else SLIDE_PAUSE)
    pause(LAST_HOLD - SLIDE_PAUSE)
    with wave.open(os.path.join(folder, "narration.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(sound))
    return sentences, changes, now()


def render(lecture, lecture_slides, changes, length, folder):
    """Draws each picture once, and writes the list from which ffmpeg shows it for its time, in whole frames."""
    drawn, listing = {}, ["ffconcat version 1.0"]
    frames = [round(at * FRAMES_A_SECOND) for at, _, _ in changes] + [round(length * FRAMES_A_SECOND)]
    for index, (_, number, shown) in enumerate(changes):
        name = "slide-%02d-%d.png" % (number, shown)
        if name not in drawn:
            path = os.path.join(folder, name)
            svg = slides.draw(lecture_slides[number - 1], shown, number, len(lecture_slides),
                              lecture["title"]["en"].split(":")[0], lecture["provider"])
            run("rsvg-convert", "-w", slides.WIDTH, "-h", slides.HEIGHT, "-o", path, "/dev/stdin", input=svg)
            drawn[name] = path
        listing += ["file '%s'" % name, "duration %.6f" % ((frames[index + 1] - frames[index]) / FRAMES_A_SECOND)]
    listing.append("file '%s'" % name)
    path = os.path.join(folder, "pictures.ffconcat")
    with open(path, "w") as file:
        file.write("\n".join(listing) + "\n")
    return path


def measured_loudness(narration):
    told = run("ffmpeg", "-hide_banner", "-nostats", "-i", narration, "-af", SOFTEN + "," + LOUDNESS + ":print_format=json",
               "-f", "null", "-").stderr
    found = json.loads(re.search(r"\{[^{}]*\}\s*$", told).group(0))
    return ":measured_I=%s:measured_TP=%s:measured_LRA=%s:measured_thresh=%s:offset=%s:linear=true" % (
        found["input_i"], found["input_tp"], found["input_lra"], found["input_thresh"], found["target_offset"])


def encode(lecture, pictures, narration, length, output):
    unfinished = output + ".part"
    run("ffmpeg", "-hide_banner", "-y", "-f", "concat", "-safe", "0", "-i", pictures, "-i", narration,
        "-map", "0:v", "-map", "1:a", "-t", "%.3f" % length,
        "-vf", "fps=%d,scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p" % FRAMES_A_SECOND,
        "-af", SOFTEN + "," + LOUDNESS + measured_loudness(narration) + "," + LIMIT,
        "-c:v", "libx264", "-profile:v", "high", "-level:v", "3.1", "-preset", "slow", "-psy", "0", "-crf", "28",
        "-g", 4 * FRAMES_A_SECOND, "-keyint_min", 4 * FRAMES_A_SECOND, "-sc_threshold", "0", "-flags:v", "+cgop+bitexact",
        "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv", "-threads", "2",
        "-c:a", "aac", "-cutoff", "12000", "-ac", "1", "-ar", "48000", "-b:a", "64k", "-flags:a", "+bitexact",
        "-map_metadata", "-1", "-fflags", "+bitexact", "-metadata", "title=" + lecture["title"]["en"],
        "-metadata:s:a:0", "language=eng", "-movflags", "+faststart", "-f", "mp4", unfinished)
    os.replace(unfinished, output)


def make(media, build, lecture):
    key = lecture["key"]
    folder = os.path.join(build, key)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(media, "source", key + ".json"), encoding="utf-8") as file:
        lecture_slides = json.load(file)["slides"]
    sentences, changes, length = narrate(lecture_slides, folder)
    pictures = render(lecture, lecture_slides, changes, length, folder)
    for caption in lecture["captions"]:
        with open(os.path.join(media, caption["file"]), "w", encoding="utf-8") as file:
            file.write(captions.webvtt(caption["language"], sentences))
    encode(lecture, pictures, os.path.join(folder, "narration.wav"), length, os.path.join(media, lecture["file"]))
    print("made %s: %.1f s, %d slides, %d sentences" % (key, length, len(lecture_slides), len(sentences)), flush=True)


def main():
    media, build, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
    with open(os.path.join(media, "course.json"), encoding="utf-8") as file:
        lectures = json.load(file)["lectures"]
    unknown = set(wanted) - {lecture["key"] for lecture in lectures}
    if unknown:
        sys.exit("course.json has no lecture " + ", ".join(sorted(unknown)))
    for lecture in lectures:
        if not wanted or lecture["key"] in wanted:
            try:
                make(media, build, lecture)
            except subprocess.CalledProcessError as problem:
                sys.exit("%s failed: %s" % (problem.cmd[0], problem.stderr[-2000:]))
            except ValueError as problem:
                sys.exit("%s: %s" % (lecture["key"], problem))


main()
