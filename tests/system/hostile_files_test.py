"""Small files that want large memory, endless time or many of something: each ends soon, with a sentence, within the limits,
and the server goes on.  By the release build: sanitizers cannot live in a limited address space."""
import json
import os
import random
import struct
import subprocess
import time
import zlib

import pytest

from foreign_files_test import box, element
from harness import RELEASE_BUILD, Server

MEMORY_KIB_MAX = 560 * 1024  # probe-memory-bytes, and a little
SECONDS_MAX = 45  # probe-wall-seconds, and a little


def mp4(stts=(1, 1), stsz=(1, 1), ctts=None, width=320, height=180, duration=1000, entry=b"jpeg", more=b"", edits=b"", mdat=b"x" * 64):
    """One picture track; each table may claim what it likes."""
    tables = box(b"stts", bytes(4), struct.pack(">III", 1, *stts)) + box(b"stsc", bytes(4), struct.pack(">IIII", 1, 1, stsz[1], 1))
    tables += box(b"stsz", bytes(4), struct.pack(">II", *stsz)) + box(b"stco", bytes(4), struct.pack(">II", 1, 28))
    if ctts:
        tables += box(b"ctts", bytes(4), struct.pack(">I", ctts))
    described = box(b"stsd", bytes(4), struct.pack(">I", 1), box(
        entry, bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HH", width, height), bytes(50)))
    media = box(b"mdia", box(b"mdhd", bytes(12), struct.pack(">II", 1000, duration), bytes(4)), box(b"hdlr", bytes(8), b"vide", bytes(13)),
                box(b"minf", box(b"stbl", described, tables)))
    track = box(b"trak", box(b"tkhd", bytes(12), struct.pack(">I", 1), bytes(68)), edits, media)
    head = box(b"mvhd", bytes(12), struct.pack(">II", 1000, duration), bytes(80))
    return box(b"ftyp", b"isom", bytes(4), b"isom") + box(b"mdat", mdat) + box(b"moov", head, track, more)


def nested(depth):
    """Boxes in boxes."""
    inner = b""
    for _ in range(depth):
        inner = box(b"moov", inner) if len(inner) % 3 else box(b"udta", inner)
    return box(b"ftyp", b"isom", bytes(4), b"isom") + box(b"moov", inner)


def png(width, height):
    """A picture of one colour: its compressed rows are short, and are many."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)) + chunk(
        b"IDAT", zlib.compress(bytes(min(width * height * 4, 1 << 26)), 9)) + chunk(b"IEND", b"")


def mp3_with_cover(cover):
    def safe(size):
        return bytes((size >> shift) & 0x7f for shift in (21, 14, 7, 0))
    body = b"\0image/png\0\3\0" + cover
    frame = b"APIC" + safe(len(body)) + b"\0\0" + body
    silence = (b"\xff\xfb\x90\x00" + bytes(413)) * 200  # MPEG-1 layer 3, 128 kbit/s, 44.1 kHz
    return b"ID3\4\0\0" + safe(len(frame)) + frame + silence


HEAD = element("1a45dfa3", element("4282", b"matroska") + element("4287", b"\4") + element("4285", b"\2"))


def matroska(tracks, clusters=b"", size=None):
    info = element("1549a966", element("2ad7b1", struct.pack(">I", 1000000)) + element("4489", struct.pack(">d", 1e12)))
    body = info + element("1654ae6b", tracks) + clusters
    return HEAD + (bytes.fromhex("18538067") + size + body if size else element("18538067", body))


def matroska_track(number, encodings=b"", codec=b"V_UNCOMPRESSED", width=320, height=180):
    picture = element("e0", element("b0", struct.pack(">I", width)) + element("ba", struct.pack(">I", height)))
    return element("ae", element("d7", struct.pack(">I", number)) + element("73c5", struct.pack(">I", number)) + element("83", b"\1")
                   + element("86", codec) + picture + encodings)


def compressed_bomb():
    """Blocks of a hundred thousand bytes that unpack to a hundred million."""
    encodings = element("6d80", element("6240", element("5031", b"\0") + element("5032", b"\1") + element("5033", b"\0")
                                        + element("5034", element("4254", b"\0"))))
    packed = zlib.compress(bytes(100_000_000), 9)
    cluster = element("1f43b675", element("e7", b"\0") + element("a3", b"\x81\0\0\x80" + packed) * 3)
    return matroska(matroska_track(1, encodings), cluster)


def endless_ebml():
    """Elements of unknown size, each within the other, to the end of the file."""
    return HEAD + bytes.fromhex("18538067" "01ffffffffffffff") + bytes.fromhex("1f43b675ff") * 60000


def adts(frames):
    """AAC frames of a few bytes, each with nothing in it."""
    return b"\xff\xf1\x50\x80\x01\x3f\xfc\x21\x00" * frames


def many_streams(count):
    """MPEG-TS whose programme map lists as many streams as fit, map after map."""
    packets = []
    for piece in range(count // 30):
        entries = b"".join(bytes([0x1b]) + struct.pack(">H", 0xe000 | (0x100 + piece * 30 + i) % 0x1fff) + b"\xf0\0" for i in range(30))
        section = bytes([2]) + struct.pack(">H", 0xb000 | len(entries) + 13) + struct.pack(">H", piece + 1) + b"\xc1\0\0\xe1\0\xf0\0" + entries
        pmt = section + struct.pack(">I", crc(section))
        pat = bytes([0]) + struct.pack(">H", 0xb00d) + b"\0\1\xc1\0\0" + struct.pack(">HH", piece + 1, 0xe000 | 0x20)
        pat += struct.pack(">I", crc(pat))
        for pid, data in ((0, pat), (0x20, pmt)):
            packets.append((b"G" + struct.pack(">H", 0x4000 | pid) + bytes([0x10 | piece & 15]) + b"\0" + data).ljust(188, b"\xff"))
    return b"".join(packets) * 3


def crc(data):
    """CRC-32/MPEG-2."""
    value = 0xffffffff
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04c11db7 if value & 0x80000000 else value << 1) & 0xffffffff
    return value


def priming(samples):
    """An edit list that begins so far into the media, and gaps of the same kind."""
    entries = struct.pack(">I", 3) + struct.pack(">IiI", 1000, samples, 0x10000) + struct.pack(">IiI", 0xffffffff, -1, 0x10000)
    return box(b"edts", box(b"elst", bytes(4), entries + struct.pack(">IiI", 0, 0, 0)))


def noise(count):
    return random.Random(5).randbytes(count)


# story: (bytes, a code that may be told; several where libav decides which)
FILES = {
    "a hundred million pictures of one size": lambda: (mp4(stts=(100_000_000, 1), stsz=(1, 100_000_000)), {"claims-pictures"}),
    "as many as are allowed, without data": lambda: (mp4(stts=(9_999_999, 1), stsz=(1, 9_999_999)), {"cut-off", "memory", "brought-down"}),
    "four thousand million times": lambda: (mp4(stts=(0xffffffff, 0xffffffff)), None),
    "four thousand million offsets of times": lambda: (mp4(ctts=0xffffffff), None),
    "a length of a thousand million seconds": lambda: (mp4(stts=(1, 0xffffffff), duration=0xfffffff0), None),
    "a picture of 16384 x 16000": lambda: (mp4(width=16384, height=16000), {"picture-too-large"}),
    "a picture of 65535 x 65535": lambda: (mp4(width=65535, height=65535), {"picture-too-large"}),
    "ten thousand boxes in boxes": lambda: (nested(10000), None),
    "a million boxes side by side": lambda: (box(b"ftyp", b"isom", bytes(4), b"isom") + box(b"moov", box(b"free") * 1_000_000), None),
    "a cover of 20000 x 20000": lambda: (mp3_with_cover(png(20000, 20000)), None),
    "priming of two thousand million samples": lambda: (mp4(edits=priming(0x7fffffff)), None),
    "blocks that unpack to a thousand times their size": lambda: (compressed_bomb(), None),
    "a thousand tracks": lambda: (matroska(b"".join(matroska_track(i + 1) for i in range(1000))), {"streams-too-many", "damaged"}),
    "streams without end in a programme map": lambda: (many_streams(6000), None),
    "elements that never end": lambda: (endless_ebml(), None),
    "a track larger than any screen": lambda: (matroska(matroska_track(1, width=1 << 31, height=1 << 31)), None),
    "a million empty sounds": lambda: (adts(1_000_000), None),
    "noise behind an honest head": lambda: (mp4()[:400] + noise(2_000_000), None),
    "noise behind a Matroska head": lambda: (HEAD + element("18538067", noise(2_000_000)), None),
    "noise in transport packets": lambda: (b"".join(b"G" + noise(187) for _ in range(10000)), None),
}


@pytest.fixture(scope="module")
def house():
    if not (RELEASE_BUILD / "lectern").exists():
        pytest.skip("build/release is not built")
    with Server(build=RELEASE_BUILD, log_level="info").init() as server:
        yield server


def add(server, file, title):
    """What came of it, and the most memory that any process below the command had."""
    command = [str(server.binary), "lecture", "add", str(file), "--title", title, "--language", "en", "--wait", "--json",
               "--config", str(server.config)]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=server.environment()) as process:
        said = process.stdout.read()
        _pid, _status, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    return json.loads(said), usage.ru_maxrss, time.monotonic() - began


# These read for seconds.
SLOW = ("a million boxes side by side", "a million empty sounds")


@pytest.mark.parametrize("story", [
    pytest.param(story, marks=[pytest.mark.soak] if story in SLOW else []) for story in FILES])
def test_a_hostile_file_ends_with_a_sentence_within_the_limits(house, tmp_path, story):
    data, codes = FILES[story]()
    file = tmp_path / "hostile"
    file.write_bytes(data)
    outcome, memory_kib, seconds = add(house, file, story)
    print(story, len(data), outcome["state"], outcome["reason"], memory_kib, round(seconds, 1))
    assert memory_kib < MEMORY_KIB_MAX and seconds < SECONDS_MAX, (story, memory_kib, seconds, outcome)
    if outcome["state"] == "ready":
        assert codes is None and outcome["report"]["duration_ms"] < 3_600_000, (story, outcome["report"])
        return
    assert outcome["state"] in ("refused", "failed") and len(outcome["reason"]) > 20, (story, outcome)
    assert codes is None or outcome["report"]["verdict"]["code"] in codes, (story, outcome)


def test_after_all_of_them_a_lecture_is_made(house, clips):
    assert house.add_lecture(clips["sound"], "As ever")
