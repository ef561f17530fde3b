"""Everything that must hold of a lecture that was made of a file, whatever the file was."""
import json
import re
import subprocess

import stream_check
from av_offset import ffmpeg, picture_shift_s, sound_shift_s
from client import KeptConnection
from other_readers import check_same, read_by_others

APART_S = 0.02          # lips and voice, more than in the source
CAPTION_S = 0.06        # a picture at 25 a second, and the encoder's priming
CAPTION_BYTES_MAX = 4096  # what is longer is left out
LOUDNESS = -16
ENDS_S = 0.1            # a rendition's end from the lecture's


def tracks(path, kind):
    """Codecs of the source's tracks of a kind (v, a, s)."""
    ran = subprocess.run(["ffprobe", "-v", "error", "-select_streams", kind, "-show_entries", "stream=codec_name",
                          "-of", "json", str(path)], capture_output=True, check=True)
    return [one.get("codec_name") for one in json.loads(ran.stdout)["streams"]]


def cues(vtt):
    """[(start in seconds, text)]"""
    found = re.findall(r"^(?:(\d+):)?(\d\d):(\d\d\.\d{3}) --> .*\n((?:.+\n?)*)", vtt, re.MULTILINE)
    return [(int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds), re.sub(r"<[^>]*>", "", text).strip())
            for hours, minutes, seconds, text in found]


class Prepared:
    """prove() it; a fault is an AssertionError that says what."""

    def __init__(self, admin, outcome, source, folder, decode_every=1):
        self.admin, self.lecture, self.source, self.report = admin, outcome["id"], source, outcome["report"]
        played = admin.post(f"/api/v1/lectures/{self.lecture}/play", {})
        assert played.status == 200, played
        self.base = played.json()["hls"].rsplit("/", 1)[0]
        self.connection = KeptConnection(admin.server, admin.cookies)
        self.folder = stream_check.mirror(self.fetch, folder / self.lecture)
        self.stream = stream_check.check(self.folder, decode_every)

    def fetch(self, name):
        answer = self.connection.get(f"{self.base}/{name}")
        assert answer.status == 200, f"{name}: {answer}"
        return answer.body

    @property
    def findings(self):
        return {one["code"] for one in self.report["findings"]}

    def joined(self, rendition):
        """As one file, as a player puts it together."""
        path = self.folder / f"{rendition.name}.mp4"
        if not path.exists():
            path.write_bytes(b"".join([rendition.init, *rendition.segments]))
        return path

    @property
    def moving(self):
        """From the smallest to the largest."""
        sized = [(int(said["RESOLUTION"].split("x")[0]), self.stream.renditions[name])
                 for said, name in self.stream.variants if "RESOLUTION" in said]
        return [one for _, one in sorted(sized, key=lambda pair: pair[0])]

    @property
    def sounds(self):
        """Those of the lecture's own language, without interpreters."""
        return [self.stream.renditions[name] for name in ("audio-low", "audio-high") if name in self.stream.renditions]

    def check_ends(self):
        duration_s = self.report["duration_ms"] / 1000
        for one in self.stream.renditions.values():
            assert abs(float(one.end) - duration_s) < ENDS_S, f"{one.name} ends at {float(one.end)} of {duration_s} s"

    def offsets(self, start=0):
        """What each sound moved against the largest picture; nothing where one of them cannot be measured.  start: see av_offset.py"""
        if not self.moving or not self.sounds:
            return {}
        largest = self.moving[-1]
        picture = picture_shift_s(self.source, self.joined(largest), start, largest.shown_at)
        found = {one.name: sound_shift_s(self.source, self.joined(one), start) for one in self.sounds}
        return {name: sound - picture for name, sound in found.items() if None not in (picture, sound)}

    def check_offsets(self, start=0):
        offsets = self.offsets(start)
        assert len(offsets) == len(self.sounds), "picture and sound could not be compared"
        assert all(abs(offset) <= APART_S for offset in offsets.values()), offsets

    def check_loudness(self):
        told = self.report["audio"].get("loudness") or {}
        if not told.get("heard") or self.report["duration_ms"] < 3000 or "sound-stays-quiet" in self.findings:
            return
        for one in self.sounds:
            copied = one.name == "audio-high" and self.report["audio"]["action"] == "copy"
            _, said = ffmpeg(self.joined(one), "-vn", "-af", "ebur128", "-f", "null", "-")
            measured = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])
            off = measured - LOUDNESS
            # Sound that is nearly all peaks would have to be limited nearly all the time; the report tells of it.
            if "sound-limited" in self.findings and off < 0:
                assert measured > told["loudness_centi"] / 100, f"{one.name}: {measured} LUFS, {told}"
            else:
                assert abs(off) <= (2.1 if copied else 1), f"{one.name}: {measured} LUFS, {told}"

    def check_pictures(self):
        """For ordinary screens: eight bits, no high dynamic range, and no two moments in one picture."""
        for one in self.moving:
            ran = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries",
                                  "stream=pix_fmt,color_transfer,field_order", "-of", "json", str(self.joined(one))],
                                 capture_output=True, check=True)
            said = json.loads(ran.stdout)["streams"][0]
            assert said["pix_fmt"] == "yuv420p" and said.get("field_order", "progressive") == "progressive", f"{one.name}: {said}"
            assert said.get("color_transfer") not in ("smpte2084", "arib-std-b67"), f"{one.name}: {said}"
        if "interlaced" in self.findings:
            _, said = ffmpeg(self.joined(self.moving[-1]), "-vf", "idet", "-an", "-f", "null", "-")
            combed = sum(map(int, re.findall(r"Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+)", said)[-1]))
            progressive = int(re.findall(r"Multi frame detection:.*Progressive:\s*(\d+)", said)[-1])
            assert combed <= progressive / 10, f"{combed} combed pictures, {progressive} whole ones"

    def check_captions(self):
        inside = [index for index, codec in enumerate(tracks(self.source, "s")) if codec in ("subrip", "mov_text", "ass", "webvtt")]
        shown = [cues(self.fetch(f"captions/{name}.vtt").decode()) for name in
                 self.admin.get(f"/api/v1/lectures/{self.lecture}").json()["captions"]]
        for index in inside:
            text, _ = ffmpeg(self.source, "-map", f"0:s:{index}", "-f", "webvtt", "-")
            wanted = [cue for cue in cues(text.decode("utf-8")) if len(cue[1].encode()) <= CAPTION_BYTES_MAX]
            assert wanted and any(self.same_cues(wanted, one) for one in shown), f"{wanted} became {shown}"

    @staticmethod
    def same_cues(wanted, shown):
        return len(wanted) == len(shown) and all(
            abs(start - other_start) <= CAPTION_S and text == other
            for (start, text), (other_start, other) in zip(wanted, shown))

    def prove(self, measured=False):
        """measured: picture and sound are such that their offset can be found."""
        self.check_ends()
        check_same(read_by_others(self.folder), self.stream)
        if measured:
            self.check_offsets()
        self.check_pictures()
        self.check_loudness()
        self.check_captions()
        return self
