"""
A published lecture version, checked by its bytes: what the playlists and the manifest claim is computed anew from the segments.

    folder = mirror(fetch, folder)      fetch(name) gives the bytes of a name below the version
    stream = check(folder)              AssertionError with every fault, or facts for further checks

What holds: each segment decodes alone and without errors, to as many pictures as it says; tfdt[n+1] = tfdt[n] + durations; EXTINF adds
up to the track's duration; boundaries are those of every other rendition; CODECS, RESOLUTION, FRAME-RATE and both bandwidths are
those of the bytes; each I-frame range holds one picture that decodes; the manifest names the same segments at the same ticks.
"""
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

DASH = "{urn:mpeg:dash:schema:mpd:2011}"


# --- reading MP4 (ISO 14496-12) -------------------------------------------------------------------

def boxes(data):
    """(name, content) of the boxes in a piece of MP4 (section 4.2)."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        yield data[at + 4:at + 8].decode("latin-1"), data[at + 8:at + size]
        at += size


def box(data, *path):
    for name in path:
        data = next(content for found, content in boxes(data) if found == name)
    return data


def number(data, at, size=4):
    return int.from_bytes(data[at:at + size], "big")


def samples(fragment, presets):
    """(tfdt, [(duration, offset)]) of a movie fragment with one track."""
    traf = box(fragment, "moof", "traf")
    tfdt, tfhd, trun = box(traf, "tfdt"), box(traf, "tfhd"), box(traf, "trun")
    base_flags, flags = number(tfhd, 1, 3), number(trun, 1, 3)
    at = 8 + 8 * bool(base_flags & 1) + 4 * bool(base_flags & 2)
    preset = number(tfhd, at) if base_flags & 8 else presets
    at, found = 8 + 4 * bool(flags & 1) + 4 * bool(flags & 4), []
    for _ in range(number(trun, 4)):
        duration, offset = preset, 0
        for bit in (0x100, 0x200, 0x400, 0x800):
            if flags & bit:
                if bit == 0x100:
                    duration = number(trun, at)
                if bit == 0x800:
                    offset = int.from_bytes(trun[at:at + 4], "big", signed=trun[0] == 1)
                at += 4
        found.append((duration, offset))
    return number(tfdt, 4, len(tfdt) - 4), found


def codec_of(init):
    """The RFC 6381 name, from the decoder's own configuration."""
    entry_name, entry = next(boxes(box(init, "moov", "trak", "mdia", "minf", "stbl", "stsd")[8:]))
    if entry_name == "avc1":
        config = box(entry[78:], "avcC")
        return f"avc1.{config[1:4].hex()}"
    assert entry_name == "mp4a", entry_name
    # ES_Descriptor, DecoderConfigDescriptor, DecoderSpecificInfo (ISO 14496-1): the first five bits are the object type.
    esds = box(entry[28:], "esds")
    at = esds.index(b"\x05", esds.index(b"\x04", 4) + 13 + 1)
    while esds[at + 1] == 0x80:
        at += 1
    return f"mp4a.40.{esds[at + 2] >> 3}"


# --- reading lists --------------------------------------------------------------------------------

def attributes(line):
    return {name: value.strip('"') for name, value in re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)', line.split(":", 1)[1])}


@dataclass
class Rendition:
    name: str
    init: bytes
    segments: list                                  # bytes of each
    lengths: list                                   # EXTINF of each, as exact fractions
    target: int
    codec: str = ""
    timescale: int = 0
    starts: list = field(default_factory=list)      # tfdt of each
    samples: list = field(default_factory=list)     # of each: [(duration, offset)]

    @property
    def ticks(self):
        return [sum(duration for duration, _ in one) for one in self.samples]

    @property
    def boundaries(self):
        return [Fraction(start, self.timescale) for start in self.starts]

    @property
    def shown_at(self):
        """Seconds at which the pictures are shown, in that order."""
        found = []
        for start, segment in zip(self.starts, self.samples):
            for duration, offset in segment:
                found.append((start + offset) / self.timescale)
                start += duration
        return sorted(found)

    @property
    def end(self):
        return Fraction(self.starts[-1] + self.ticks[-1], self.timescale)

    def average(self, sizes=None):
        sizes = sizes or [len(one) for one in self.segments]
        return sum(sizes) * 8 / (sum(self.ticks) / self.timescale)

    def peak(self, sizes=None):
        """RFC 8216 section 4.3.4.2: over runs of half to one and a half target durations."""
        sizes = sizes or [len(one) for one in self.segments]
        most = self.average(sizes)
        for first in range(len(sizes)):
            size = ticks = 0
            for length, more in zip(self.ticks[first:], sizes[first:]):
                size, ticks = size + more, ticks + length
                seconds = Fraction(ticks, self.timescale)
                if seconds > Fraction(3 * self.target, 2):
                    break
                if seconds >= Fraction(self.target, 2):
                    most = max(most, size * 8 / (ticks / self.timescale))
        return most


@dataclass
class Stream:
    folder: Path
    renditions: dict = field(default_factory=dict)
    variants: list = field(default_factory=list)    # (attributes, rendition's name), as listed
    sounds: list = field(default_factory=list)      # attributes of EXT-X-MEDIA
    key_lists: list = field(default_factory=list)   # attributes of EXT-X-I-FRAME-STREAM-INF
    faults: list = field(default_factory=list)

    def claim(self, holds, what):
        if not holds:
            self.faults.append(what)

    @property
    def pictures(self):
        return [one for one in self.renditions.values() if one.codec.startswith("avc1")]


def folder_of(address):
    return address.rsplit("/", 1)[0]


def listed(master):
    """Addresses of all playlists that a master names."""
    return list(dict.fromkeys(re.findall(r"^([^#\s].*)$", master, re.MULTILINE) + re.findall(r'URI="([^"]+)"', master)))


def mirror(fetch, folder):
    """Every list and every segment of a version, under its name in a folder."""
    def keep(name):
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(fetch(name))
        return path.read_text("utf-8") if path.suffix in (".m3u8", ".mpd", ".vtt") else ""

    keep("manifest.mpd")
    for address in listed(keep("master.m3u8")):
        playlist = keep(address)
        base = folder_of(address)
        if address.endswith("/playlist.m3u8") and not base.startswith("captions/"):
            for name in ["init.mp4"] + re.findall(r"^(\d+\.m4s)$", playlist, re.MULTILINE):
                keep(f"{base}/{name}")
    return Path(folder)


def read_rendition(folder, name):
    text = (folder / name / "playlist.m3u8").read_text()
    rendition = Rendition(
        name=name, init=(folder / name / "init.mp4").read_bytes(),
        segments=[(folder / name / one).read_bytes() for one in re.findall(r"^(\d+\.m4s)$", text, re.MULTILINE)],
        lengths=[Fraction(one) for one in re.findall(r"^#EXTINF:([\d.]+),$", text, re.MULTILINE)],
        target=int(re.search(r"TARGETDURATION:(\d+)", text).group(1)))
    mdhd = box(rendition.init, "moov", "trak", "mdia", "mdhd")
    rendition.timescale = number(mdhd, 20 if mdhd[0] == 1 else 12)
    rendition.codec = codec_of(rendition.init)
    presets = number(box(rendition.init, "moov", "mvex", "trex"), 12)
    for segment in rendition.segments:
        start, found = samples(segment, presets)
        rendition.starts.append(start)
        rendition.samples.append(found)
    return rendition


def read(folder):
    stream = Stream(Path(folder))
    lines = (stream.folder / "master.m3u8").read_text("utf-8").splitlines()
    for line, following in zip(lines, lines[1:] + [""]):
        if line.startswith("#EXT-X-STREAM-INF:"):
            stream.variants.append((attributes(line), folder_of(following)))
        elif line.startswith("#EXT-X-MEDIA:TYPE=AUDIO"):
            stream.sounds.append(attributes(line))
        elif line.startswith("#EXT-X-I-FRAME-STREAM-INF:"):
            stream.key_lists.append(attributes(line))
    names = [name for _, name in stream.variants] + [folder_of(sound["URI"]) for sound in stream.sounds]
    for name in dict.fromkeys(names):
        stream.renditions[name] = read_rendition(stream.folder, name)
    return stream


# --- what must hold -------------------------------------------------------------------------------

def check_times(stream, one):
    name = one.name
    stream.claim(len(one.lengths) == len(one.segments) > 0, f"{name}: {len(one.lengths)} EXTINF of {len(one.segments)} segments")
    for index, (start, ticks, following) in enumerate(zip(one.starts, one.ticks, one.starts[1:])):
        stream.claim(start + ticks == following, f"{name}: segment {index} ends at {start + ticks}, the next begins at {following}")
    for index, (length, ticks) in enumerate(zip(one.lengths, one.ticks)):
        stream.claim(abs(length - Fraction(ticks, one.timescale)) <= Fraction(1, 1000000),
                     f"{name}: EXTINF {float(length)} of segment {index} with {ticks}/{one.timescale} s")
        stream.claim(round(length) <= one.target, f"{name}: EXTINF {float(length)} over the target {one.target}")
    total = one.end - one.boundaries[0]
    stream.claim(abs(sum(one.lengths) - total) < Fraction(1, 1000), f"{name}: EXTINF adds up to {float(sum(one.lengths))} of {float(total)} s")


def check_boundaries(stream):
    """Pictures are cut at the same instants; sound within a frame of them."""
    pictures = stream.pictures
    for one in stream.renditions.values():
        first = (pictures or list(stream.renditions.values()))[0]
        if one.codec.startswith("avc1"):
            slack = Fraction(1, 1000)
        else:
            slack = Fraction(1, 1000) + 2 * Fraction(1024, one.timescale) if pictures else Fraction(1, 10)
        same = min(len(one.boundaries), len(first.boundaries))
        stream.claim(abs(len(one.boundaries) - len(first.boundaries)) <= (0 if one in pictures else 1),
                     f"{one.name}: {len(one.boundaries)} segments, {first.name} {len(first.boundaries)}")
        for index in range(same):
            apart = abs(one.boundaries[index] - first.boundaries[index])
            stream.claim(apart <= slack, f"{one.name}: boundary {index} is {float(apart)} s off that of {first.name}")


def claim_rate(stream, what, said, computed):
    # Each of two summed figures is rounded by itself.
    stream.claim(abs(int(said) - computed) <= 2, f"{what}: {said} is said, {computed:.1f} are sent")


def sound_of(stream, group):
    return [stream.renditions[folder_of(one["URI"])] for one in stream.sounds if one["GROUP-ID"] == group]


def check_variant(stream, said, name):
    one = stream.renditions[name]
    moving = one.codec.startswith("avc1")
    sounds = sound_of(stream, said["AUDIO"]) if "AUDIO" in said else []
    peak, average, codecs = one.peak(), one.average(), [one.codec]
    if moving and sounds:
        largest = max(sounds, key=Rendition.peak)
        peak, average = peak + largest.peak(), average + largest.average()
        codecs += [sound.codec for sound in sounds]
    claim_rate(stream, f"BANDWIDTH of {name}", said["BANDWIDTH"], peak)
    claim_rate(stream, f"AVERAGE-BANDWIDTH of {name}", said["AVERAGE-BANDWIDTH"], average)
    stream.claim(sorted(said["CODECS"].split(",")) == sorted(set(codecs)), f"CODECS of {name}: {said['CODECS']}, not {codecs}")
    if moving and name != "stills":
        tkhd = box(one.init, "moov", "trak", "tkhd")
        size = f"{number(tkhd, len(tkhd) - 8, 2)}x{number(tkhd, len(tkhd) - 4, 2)}"
        stream.claim(said["RESOLUTION"] == size, f"RESOLUTION of {name}: {said['RESOLUTION']}, not {size}")
        stream.claim(re.fullmatch(r"\d+\.\d{3}", said.get("FRAME-RATE", "0.000")), f"FRAME-RATE of {name}: {said}")


def check_groups(stream):
    """RFC 8216 section 4.3.4.1.1: every group offers the same, and one of it is the default."""
    groups = {}
    for one in stream.sounds:
        groups.setdefault(one["GROUP-ID"], []).append(one)
    for group, members in groups.items():
        names = [one["NAME"] for one in members]
        stream.claim(len(set(names)) == len(names), f"group {group} has a NAME twice: {names}")
        stream.claim([one["DEFAULT"] for one in members].count("YES") == 1, f"group {group} has no single default")
        facts = [[(one["NAME"], one["LANGUAGE"], one["DEFAULT"], one["AUTOSELECT"]) for one in some] for some in groups.values()]
        stream.claim(facts.count(facts[0]) == len(facts), f"groups differ: {facts}")
    for said, name in stream.variants:
        stream.claim(said.get("AUDIO", next(iter(groups), None)) in (*groups, None), f"{name} wants a group that is not there")


def decode(*pieces):
    """Pictures or sound frames that come out of these bytes, and what ffmpeg complains of."""
    ran = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-err_detect", "explode", "-i", "pipe:0", "-map", "0:0",
                          "-fps_mode", "passthrough", "-f", "framecrc", "-"],
                         input=b"".join(pieces), capture_output=True, check=False)
    lines = [line for line in ran.stdout.decode().splitlines() if line and not line.startswith("#")]
    return len(lines), "" if ran.returncode == 0 and not ran.stderr else f"{ran.returncode} {ran.stderr.decode()[-300:]}"


def check_decoding(stream, one, every):
    for index in range(0, len(one.segments), every):
        frames, fault = decode(one.init, one.segments[index])
        stream.claim(not fault, f"{one.name}: segment {index} alone: {fault}")
        if one.codec.startswith("avc1"):
            stream.claim(frames == len(one.samples[index]),
                         f"{one.name}: segment {index} shows {frames} pictures of {len(one.samples[index])}")


def check_key_pictures(stream, said, every):
    one = stream.renditions[folder_of(said["URI"])]
    text = (stream.folder / said["URI"]).read_text()
    ranges = [(int(size), int(at), name) for size, at, name in
              re.findall(r"^#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)$", text, re.MULTILINE)]
    stream.claim("#EXT-X-I-FRAMES-ONLY" in text, f"{one.name}: the list of I-frames does not say so")
    stream.claim([name for _, _, name in ranges] == [f"{index}.m4s" for index in range(len(one.segments))],
                 f"{one.name}: I-frames of {len(ranges)} segments")
    lengths = [Fraction(found) for found in re.findall(r"^#EXTINF:([\d.]+),$", text, re.MULTILINE)]
    stream.claim(lengths == one.lengths, f"{one.name}: I-frames last other times than their segments")
    sizes = [size for size, _, _ in ranges]
    claim_rate(stream, f"BANDWIDTH of {said['URI']}", said["BANDWIDTH"], one.peak(sizes))
    stream.claim(said["CODECS"] == one.codec, f"CODECS of {said['URI']}: {said['CODECS']}")
    for index in range(0, len(ranges), every):
        size, at, _ = ranges[index]
        piece = one.segments[index][at:at + size]
        stream.claim(len(piece) == size, f"{one.name}: I-frame {index} lies outside of its segment")
        shown, fault = decode_first(one.init, piece)
        stream.claim(shown == 1, f"{one.name}: I-frame {index} shows {shown} pictures: {fault}")


def decode_first(init, piece):
    """The sample table promises the pictures that were cut off: only that the first one is whole counts."""
    ran = subprocess.run(["ffmpeg", "-v", "error", "-i", "pipe:0", "-map", "0:0", "-frames:v", "1",
                          "-f", "framecrc", "-"], input=init + piece, capture_output=True, check=False)
    lines = [line for line in ran.stdout.decode().splitlines() if line and not line.startswith("#")]
    return len(lines), ran.stderr.decode()[-300:]


def timeline(template):
    """[(start, duration)] in ticks."""
    found, now = [], 0
    for entry in template.iter(f"{DASH}S"):
        now = int(entry.get("t", now))
        for _ in range(int(entry.get("r", 0)) + 1):
            found.append((now, int(entry.get("d"))))
            now += int(entry.get("d"))
    return found


def check_manifest(stream):
    root = ElementTree.fromstring((stream.folder / "manifest.mpd").read_bytes())
    seen = set()
    for adaptation in root.iter(f"{DASH}AdaptationSet"):
        if adaptation.get("contentType") not in ("video", "audio"):
            continue
        for representation in adaptation.iter(f"{DASH}Representation"):
            name = representation.get("id")
            seen.add(name)
            one = stream.renditions.get(name)
            if one is None:
                stream.faults.append(f"the manifest alone knows {name}")
                continue
            template = representation.find(f"{DASH}SegmentTemplate")
            template = adaptation.find(f"{DASH}SegmentTemplate") if template is None else template
            stream.claim((template.get("media"), template.get("initialization"), template.get("startNumber"))
                         == ("$RepresentationID$/$Number$.m4s", "$RepresentationID$/init.mp4", "0"), f"{name}: addresses of the manifest")
            stream.claim(int(template.get("timescale")) == one.timescale, f"{name}: timescale of the manifest")
            stream.claim(timeline(template) == list(zip(one.starts, one.ticks)), f"{name}: the manifest's times are others")
            stream.claim(representation.get("codecs") == one.codec, f"{name}: codecs of the manifest")
            claim_rate(stream, f"bandwidth of {name} in the manifest", representation.get("bandwidth"), one.peak())
    stream.claim(seen == set(stream.renditions), f"the manifest knows {sorted(seen)}, the playlists {sorted(stream.renditions)}")
    hours, minutes, seconds = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?([\d.]+)S", root.get("mediaPresentationDuration")).groups()
    said = int(hours or 0) * 3600 + int(minutes or 0) * 60 + Fraction(seconds)
    longest = max(one.end for one in stream.renditions.values())
    stream.claim(abs(said - longest) < Fraction(1, 1000), f"the manifest lasts {float(said)} s, the longest rendition {float(longest)}")


def check(folder, decode_every=1):
    """decode_every: 0 leaves decoding out, n decodes each n-th segment."""
    stream = read(folder)
    for one in stream.renditions.values():
        check_times(stream, one)
    check_boundaries(stream)
    check_groups(stream)
    for said, name in stream.variants:
        check_variant(stream, said, name)
    check_manifest(stream)
    if decode_every:
        for one in stream.renditions.values():
            check_decoding(stream, one, decode_every)
    for said in stream.key_lists:
        check_key_pictures(stream, said, max(decode_every, 1))
    assert not stream.faults, "\n".join(stream.faults)
    return stream
