"""Lecture files as admins send them: each codec, container and defect, made by ffmpeg, with what must become of it.

Pictures show a moving pattern with a white flash at the beginning of each second; sounds are a tone at the same moments,
so that the distance of picture and sound can be measured in whatever comes out.
"""
import random
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

LENGTH_S = 6
PICTURE = ["-f", "lavfi", "-i", "testsrc2=s={size}:r={rate}:d={length},drawbox=c=white:t=fill:enable='lt(mod(t,1),0.1)'"]
SOUND = ["-f", "lavfi", "-i", "aevalsrc='{channels}':s={hertz}:d={length}"]
TONE = "0.25*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.1)+0.02*sin(2*PI*300*t)"


@dataclass
class Case:
    """A file, how it is made, and what must become of it."""
    name: str                # of the file; its ending is what an admin would see
    codecs: list             # ffmpeg's output options
    size: str = "320x240"
    rate: str = "25"
    length: float = LENGTH_S
    hertz: int = 48000
    channels: str = "mono"   # see channels()
    picture: bool = True
    damage: object = None    # done to the file afterwards: damage(bytes) -> bytes
    state: str = "ready"
    reason: str = ""         # words that the refusal holds
    length_ms: int = LENGTH_S * 1000
    off_ms: int = 250        # the length may be off by
    shown: tuple = None      # width, height of the largest picture that is made
    inputs: list = field(default_factory=list)  # further inputs of ffmpeg
    beside: dict = field(default_factory=dict)  # texts that these inputs are: name -> text
    then: object = None      # a Case whose bytes follow
    says: tuple = ()         # codes of findings that the report holds
    apart: bool = True       # picture and sound are whole enough that their offset can be compared
    chapters: int = 0
    captions: tuple = ()     # languages
    sounds: tuple = ()       # languages of further sounds

    def make(self, folder):
        path = folder / self.name
        for name, text in self.beside.items():
            (folder / name).write_text(text, "utf-8")
        command = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
        values = {"size": self.size, "rate": self.rate, "length": self.length, "hertz": self.hertz,
                  "channels": channels(self.channels)}
        if self.picture:
            command += [part.format(**values) for part in PICTURE]
        if self.channels != "none":
            command += [part.format(**values) for part in SOUND]
        subprocess.run([*command, *self.inputs, *self.codecs, path], check=True, cwd=folder, timeout=300)
        if self.then:
            path.write_bytes(path.read_bytes() + self.then.make(folder).read_bytes())
        if self.damage:
            path.write_bytes(self.damage(path.read_bytes()))
        return path


def channels(layout):
    """Expressions of aevalsrc, the tone in each channel that speaks."""
    silent = "0"
    return {"mono": TONE, "still": silent, "quiet": f"0.08*({TONE})", "whisper": f"0.03*({TONE})", "loud": f"3.9*({TONE})",
            "ends early": f"({TONE})*lt(t\\,10)", "stereo": f"{TONE}|{TONE}", "two voices": f"{TONE}|0.15*sin(2*PI*440*t)", "left only": f"{TONE}|{silent}", "none": "",
            "5.1": "|".join([silent, silent, TONE, silent, silent, silent])}[layout]


def cut(share):
    """The first part of a file: a copy that broke off."""
    return lambda data: data[:int(len(data) * share)]


def cut_in_key(data):
    """A transport stream that ends within a key picture: in its first half the last that is of more than ten packets."""
    starts = [at for at in range(0, len(data) // 2, 188) if data[at + 1] & 0x40 and data[at + 2] == 0 and data[at + 1] & 1]
    large = [at for at, following in zip(starts, starts[1:]) if following - at > 10 * 188
             and data[at + 3] & 0x20 and data[at + 4] and data[at + 5] & 0x40]  # random_access_indicator
    return data[:large[-1] + 4 * 188]


def as_amr(_data):
    """Speech of old phones, AMR at 4.75 kbit/s (RFC 4867 section 5.3): nothing here encodes it, but any bits are some sound."""
    rng = random.Random(7)
    return b"#!AMR\n" + b"".join(b"\x04" + rng.randbytes(12) for _ in range(LENGTH_S * 50))


def as_amr_in_3gp(data):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "memo.amr").write_bytes(as_amr(data))
        subprocess.run(["ffmpeg", "-v", "error", "-i", folder / "memo.amr", "-c", "copy", folder / "memo.3gp"], check=True)
        return (folder / "memo.3gp").read_bytes()


def holes(data):
    """Five stretches in the middle are lost."""
    data = bytearray(data)
    for part in range(1, 6):
        at = len(data) * (part + 1) // 8
        data[at:at + 300] = bytes(300)
    return bytes(data)


def turned(degrees):
    """The first track's matrix (ISO/IEC 14496-12, 8.3.2) turns the picture clockwise, as phones write it."""
    a, b = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    matrix = struct.pack(">9i", a << 16, b << 16, 0, -b << 16, a << 16, 0, 0, 0, 1 << 30)

    def turn(data):
        at = data.index(b"tkhd") + 4 + 40
        return data[:at] + matrix + data[at + 36:]
    return turn


def claims_ten_days(data):
    """mvhd and tkhd say another length than the samples have."""
    at = data.index(b"mvhd") + 4
    scale, = struct.unpack_from(">I", data, at + 12)
    return data[:at + 16] + struct.pack(">I", min(scale * 864000, 0xffffffff)) + data[at + 20:]


H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50"]
AAC = ["-c:a", "aac", "-b:a", "96k"]
FAST = ["-movflags", "+faststart"]
X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"]

SUBTITLES = """1
00:00:01,000 --> 00:00:02,000
First

2
00:00:03,040 --> 00:00:04,500
Second
"""
WITH_SUBTITLES = {"inputs": ["-i", "subtitles.srt"], "beside": {"subtitles.srt": SUBTITLES}, "captions": ("vi",),
                  "says": ("captions-inside",)}
WITH_CHAPTERS = {"inputs": ["-i", "chapters.txt"], "chapters": 2, "says": ("chapters",), "beside": {"chapters.txt": """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=2000
title=Welcome
[CHAPTER]
TIMEBASE=1/1000
START=2000
END=6000
title=Safety
"""}}
ALL_TRACKS = ["-map", "0:v", "-map", "1:a", "-map", "2:s", "-metadata:s:s:0", "language=vie"]

# What nothing is wrong with: each container with each codec that it was seen with.
SOUND_ONES = [
    Case("plain.mp4", H264 + AAC + FAST, shown=(320, 240)),
    Case("index-last.mov", H264 + AAC, shown=(320, 240)),
    Case("phone.3gp", ["-c:v", "h263", "-s", "352x288", "-c:a", "aac", "-ar", "8000", "-ac", "1"], hertz=8000),
    Case("zoom.mp4", H264 + AAC + ["-vf", "select='not(mod(n,7))+gt(t,4.5)',settb=1/90000", "-vsync", "vfr"],
         says=("frame-rate-varies",)),
    Case("fragments.mp4", H264 + AAC + ["-movflags", "frag_keyframe+empty_moov+default_base_moof"]),
    Case("matroska.mkv", H264 + ["-c:a", "ac3"]),
    Case("web.webm", ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libvorbis"], channels="stereo"),
    Case("web-vp9.webm", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"]),
    Case("web-av1.webm", ["-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "logicalprocessors=2", "-c:a", "libopus"]),
    Case("film.avi", ["-c:v", "mpeg4", "-vtag", "DIVX", "-c:a", "libmp3lame"]),
    Case("xvid.avi", ["-c:v", "libxvid", "-c:a", "mp2"]),
    Case("camera.avi", ["-c:v", "mjpeg", "-pix_fmt", "yuvj422p", "-c:a", "pcm_s16le"]),
    Case("screen.avi", ["-c:v", "msmpeg4", "-c:a", "adpcm_ms"]),
    Case("windows.wmv", ["-c:v", "wmv2", "-c:a", "wmav2"]),
    Case("flash.flv", ["-c:v", "flv", "-c:a", "libmp3lame", "-ar", "44100"], hertz=44100),
    Case("flash-h264.flv", H264 + AAC + ["-ar", "44100"], hertz=44100),
    Case("old.ogv", ["-c:v", "libtheora", "-c:a", "libvorbis"], channels="stereo"),
    Case("disc.mpg", ["-c:v", "mpeg2video", "-b:v", "1M", "-c:a", "mp2"]),
    Case("tape.mpg", ["-c:v", "mpeg1video", "-b:v", "1M", "-c:a", "mp2"]),
    Case("studio.mov", ["-c:v", "prores_ks", "-c:a", "pcm_s16le"]),
    Case("hevc.mp4", X265 + ["-tag:v", "hvc1"] + AAC),
    Case("lossless.mkv", ["-c:v", "ffv1", "-c:a", "flac"]),
    Case("television.ts", ["-c:v", "mpeg2video", "-b:v", "1M", "-flags", "+ildct+ilme", "-top", "1", "-c:a", "mp2"], says=("interlaced",)),
    Case("clock-from-10.ts", H264 + AAC + ["-output_ts_offset", "10"]),
    Case("clock-wraps.ts", H264 + AAC + ["-output_ts_offset", "95440.7"], off_ms=400),
    Case("large.avi", ["-c:v", "mpeg4", "-b:v", "6M", "-c:a", "pcm_s16le"], size="1280x720", rate="30", shown=(1280, 720)),
    Case("middle.mkv", ["-c:v", "mpeg2video", "-b:v", "4M", "-c:a", "mp2"], size="854x480", shown=(854, 480)),
    Case("full-hd.mp4", H264 + AAC, size="1920x1080", rate="30", shown=(1920, 1080)),
    Case("captions.mkv", H264 + AAC + ALL_TRACKS + ["-c:s", "srt"], **WITH_SUBTITLES),
    Case("long-caption.mkv", H264 + AAC + ALL_TRACKS + ["-c:s", "srt"], inputs=["-i", "subtitles.srt"], captions=("vi",),
         beside={"subtitles.srt": SUBTITLES + "\n3\n00:00:05,000 --> 00:00:05,500\n" + 2000 * "Much more than anybody reads. "},
         says=("captions-inside", "captions-left-out")),
    Case("captions.mp4", H264 + AAC + ALL_TRACKS + ["-c:s", "mov_text"], **WITH_SUBTITLES),
    Case("chapters.mp4", H264 + AAC + ["-map", "0:v", "-map", "1:a", "-map_chapters", "2"], **WITH_CHAPTERS),
    Case("chapters.mkv", H264 + AAC + ["-map", "0:v", "-map", "1:a", "-map_chapters", "2"], **WITH_CHAPTERS),
    Case("memo.m4a", AAC, picture=False),
    Case("memo.mp3", ["-c:a", "libmp3lame"], picture=False),
    Case("memo.wav", ["-c:a", "pcm_s16le"], picture=False),
    Case("memo.ogg", ["-c:a", "libopus"], picture=False),
    Case("memo.flac", ["-c:a", "flac"], picture=False),
    Case("memo.aac", AAC, picture=False, off_ms=400),
    Case("memo.aiff", ["-c:a", "pcm_s16be"], picture=False),
    Case("memo.amr", ["-f", "wav"], picture=False, damage=as_amr),
    Case("memo.3gp", ["-f", "wav"], picture=False, damage=as_amr_in_3gp),
    Case("memo.wma", ["-c:a", "wmav2"], picture=False),
]

# What is odd, and must come out right all the same.
ODD_ONES = [
    Case("no-sound.mp4", H264 + FAST, channels="none", says=("no-sound",), apart=False),
    Case("odd-size.mkv", ["-vf", "format=yuv444p,crop=321:241:0:0:exact=1", "-c:v", "ffv1", "-c:a", "flac"], size="322x242", shown=(320, 240),
         says=("picture-odd-size", "fine-chroma")),
    Case("anamorphic.mp4", H264 + ["-vf", "setsar=4/3"] + AAC, size="240x240", shown=(320, 240), says=("pixels-not-square",)),
    Case("deep.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"] + AAC),
    Case("full-chroma.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p"] + AAC),
    Case("hdr.mp4", X265 + ["-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc", "smpte2084",
                            "-colorspace", "bt2020nc", "-tag:v", "hvc1"] + AAC, says=("hdr", "deep-colour")),
    Case("hlg.mp4", X265 + ["-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc", "arib-std-b67",
                            "-colorspace", "bt2020nc", "-tag:v", "hvc1"] + AAC, says=("hdr",)),
    Case("five-channels.mp4", H264 + ["-c:a", "aac", "-b:a", "256k"], channels="5.1", says=("sound-channels",)),
    Case("one-ear.mp4", H264 + AAC, channels="left only", says=("sound-one-sided",)),
    Case("two-voices.mp4", H264 + AAC, channels="two voices"),
    Case("protected.mp4", H264 + AAC + ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb",
                                        "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8"],
         state="refused", reason="encrypted"),
    Case("telephone.mp4", H264 + AAC + ["-ar", "8000"], hertz=8000),
    Case("fine.mov", H264 + ["-c:a", "pcm_s16le", "-ar", "96000"], hertz=96000),
    Case("two-keys.mp4", H264[:-2] + ["-g", "10000", "-sc_threshold", "0"] + AAC, length=13, length_ms=13000,
         says=("key-frames-far-apart",)),
    Case("sixty.mp4", H264 + AAC, rate="60"),
    Case("slides.mp4", H264[:-2] + ["-g", "4"] + AAC, rate="2"),
    Case("late-sound.mp4", H264 + AAC + ["-af", "asetpts=PTS+0.3/TB"], off_ms=600, says=("sound-late",)),
    Case("sideways.mp4", H264 + AAC, damage=turned(90), shown=(240, 320), says=("rotated",)),
    Case("upside-down.mov", H264 + AAC, damage=turned(180), shown=(320, 240)),
    Case("other-way.mp4", H264 + AAC, damage=turned(270), shown=(240, 320)),
    Case("reordered.mp4", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-pix_fmt", "yuv420p", "-g", "50"] + AAC),
    Case("two-languages.mkv", H264 + AAC + ["-map", "0:v", "-map", "1:a", "-map", "1:a", "-metadata:s:a:0", "language=eng",
                                             "-metadata:s:a:1", "language=vie"], sounds=("vi",), says=("several-sounds",)),
    Case("two-languages.mp4", H264 + AAC + ["-map", "0:v", "-map", "1:a", "-map", "1:a", "-metadata:s:a:0", "language=eng",
                                             "-metadata:s:a:1", "language=fra"], sounds=("fr",), says=("several-sounds",)),
    Case("no-mfra.mp4", H264 + AAC + ["-movflags", "frag_keyframe+empty_moov+default_base_moof+skip_trailer"]),
    Case("size-changes.ts", H264 + AAC, length=4, length_ms=8000, says=("picture-changes",), off_ms=500,
         then=Case("second-half.ts", H264 + AAC + ["-output_ts_offset", "4"], size="480x270", length=4)),
    Case("ntsc.mov", H264 + AAC, rate="60000/1001"),
    Case("film.mkv", H264 + AAC, rate="24000/1001"),
    Case("seven.mkv", H264[:-2] + ["-g", "14"] + AAC, rate="73/10"),
    Case("quiet.mp4", H264 + AAC, channels="quiet", says=("loudness",)),
    Case("whisper.mp4", H264 + AAC, channels="whisper", says=("sound-stays-quiet",)),
    Case("loud.mp4", H264 + ["-c:a", "flac", "-strict", "-2"], channels="loud", says=("loudness",)),
    Case("still.mp4", H264 + AAC, channels="still", apart=False, says=("sound-silent",)),
    Case("ends-early.mp4", H264 + AAC, channels="ends early", length=45, length_ms=45000, says=("silence-at-end",)),
    Case("three-seconds.mp4", H264 + AAC, length=3, length_ms=3000),
    Case("blink.mp4", H264 + AAC, length=0.2, length_ms=200, apart=False, off_ms=60),
    Case("slide.mp4", H264 + AAC + ["-vf", "select='eq(n,0)'", "-vsync", "vfr"], apart=False),
    Case("moment.mp4", H264 + AAC + ["-frames:v", "1"], state="refused", reason="a single moment"),
    Case("tiny.mp4", H264 + AAC, size="34x18", says=("picture-small",)),
    Case("wide.mkv", ["-c:v", "mpeg4", "-b:v", "2M", "-c:a", "mp2"], size="1000x250", shown=(1000, 250)),
    Case("sideways-large.mp4", H264 + AAC, size="1280x720", damage=turned(90), shown=(720, 1280), says=("rotated",)),
    Case("anamorphic-tape.mpg", ["-c:v", "mpeg2video", "-b:v", "2M", "-vf", "setdar=16/9", "-c:a", "mp2"], size="720x576",
         shown=(1024, 576), says=("pixels-not-square",)),
    Case("lossy-line.ts", H264 + ["-x264-params", "keyint=25"] + AAC, damage=holes, off_ms=1500, apart=False),
    Case("claims-ten-days.mp4", H264 + AAC + FAST, damage=claims_ten_days),
]

# What broke off.
CUT_ONES = [
    Case("cut-index-first.mp4", H264 + AAC + FAST, damage=cut(0.5), state="refused", reason="cut off"),
    Case("cut-index-last.mp4", H264 + AAC, damage=cut(0.9), state="refused", reason="index"),
    Case("cut.mkv", H264 + AAC, damage=cut(0.5), state="either"),
    Case("cut.ts", H264 + AAC, damage=cut(0.5), state="either", length_ms=3000, off_ms=1500, says=("last-picture-torn",)),
    Case("cut-in-key.ts", H264[:-2] + ["-g", "5"] + AAC, damage=cut_in_key, state="either", length_ms=3000, off_ms=1500,
         says=("last-picture-torn",)),
    Case("cut-reordered.ts", ["-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-pix_fmt", "yuv420p", "-g", "50"] + AAC,
         damage=cut(0.61), state="either", says=("last-picture-torn",)),
    Case("cut.avi", ["-c:v", "mpeg4", "-c:a", "libmp3lame"], damage=cut(0.5), state="either"),
    Case("cut.wav", ["-c:a", "pcm_s16le"], picture=False, damage=cut(0.5), state="either"),
]

CASES = SOUND_ONES + ODD_ONES + CUT_ONES


def main():
    """python3 corpus.py FOLDER: makes all of it, to look at."""
    import sys
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for case in CASES:
        print(case.make(folder), flush=True)


if __name__ == "__main__":
    main()
