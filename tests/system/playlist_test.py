"""What players read: playlists, segments, ranges and conditional requests; and what ffmpeg makes of them."""
import gzip
import json
import re
import subprocess

import pytest

from client import Viewer, parse_playlist
from harness import LECTURES
from stream_check import samples


@pytest.fixture(scope="module")
def watched(school_session):
    for language in ("en", "ja", "vi", "mn"):
        school_session.server.run("lecture", "captions", school_session.law, "--language", language,
                                  LECTURES / f"labour-law.{language}.vtt")
    client = school_session.participant()
    return client, Viewer(client, school_session.law), school_session


def text(client, path):
    answer = client.get(path)
    assert answer.status == 200, answer
    return answer.body.decode()


def test_the_master_playlist_says_what_players_choose_by(watched, protocol):
    client, viewer, _ = watched
    client = client.copy()
    client.protocol = protocol
    answer = client.get(viewer.hls)
    assert answer.field("content-type").lower() in ("application/vnd.apple.mpegurl", "application/x-mpegurl")
    master = answer.body.decode()
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in master
    *variants, sound_alone = re.findall(r"#EXT-X-STREAM-INF:(.*)", master)
    assert "RESOLUTION" not in sound_alone and 'CODECS="mp4a.40.2"' in sound_alone, sound_alone
    assert len(variants) >= 3, master
    variant = next(found for found in variants if "RESOLUTION=1280x720" in found)
    assert re.search(r'CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2"', variant), variant
    assert "RESOLUTION=1280x720" in variant and "FRAME-RATE=15.000" in variant, variant
    assert int(re.search(r"(?<!-)BANDWIDTH=(\d+)", variant).group(1)) >= int(
        re.search(r"AVERAGE-BANDWIDTH=(\d+)", variant).group(1)) > 50000
    names = dict(re.findall(r'TYPE=SUBTITLES,.*?LANGUAGE="(\w+)".*?URI="([^"]+)"', master)) or {
        re.search(r'LANGUAGE="(\w+)"', line).group(1): line for line in master.splitlines() if "TYPE=SUBTITLES" in line}
    assert set(names) == {"en", "ja", "vi", "mn"}
    for language, name in (("ja", "日本語"), ("vi", "Tiếng Việt"), ("mn", "онгол")):
        assert name.lower() in master.lower(), f"{language}: {master}"


def test_media_playlists_add_up_to_the_lecture(watched):
    client, viewer, _ = watched
    master = text(client, viewer.hls)
    lists = re.findall(r"^([^#\s].*)$", master, re.MULTILINE) + re.findall(r'TYPE=AUDIO.*?URI="([^"]+)"', master)
    assert len(lists) >= 2, master
    for name in lists:
        playlist = text(client, f"{viewer.base}/{name}")
        assert "#EXT-X-ENDLIST" in playlist and "#EXT-X-PLAYLIST-TYPE:VOD" in playlist
        target = int(re.search(r"TARGETDURATION:(\d+)", playlist).group(1))
        segments = parse_playlist(playlist)
        assert all(round(duration / 1000) <= target for _, duration in segments)
        assert all(duration >= 500 for _, duration in segments), "a tail under half a second"
        assert abs(sum(duration for _, duration in segments) - true_length_ms()) < 250
        assert all(re.fullmatch(r"\d+\.m4s", address) for address, _ in segments)
        assert re.search(r"#EXTINF:\d+\.\d{6},", playlist)


def true_length_ms():
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "json", str(LECTURES / "labour-law.mp4")],
        capture_output=True, text=True, check=True)
    return float(json.loads(told.stdout)["format"]["duration"]) * 1000


def test_playlists_come_compressed_where_taken(watched, protocol):
    client, viewer, _ = watched
    client = client.copy()
    client.protocol = protocol
    name = next(line for line in text(client, viewer.hls).splitlines() if line and line[0] != "#")
    plain = client.get(f"{viewer.base}/{name}", fields={"Accept-Encoding": "identity"})
    packed = client.get(f"{viewer.base}/{name}", fields={"Accept-Encoding": "gzip"})
    assert packed.field("content-encoding") == "gzip" and gzip.decompress(packed.body) == plain.body
    assert "accept-encoding" in packed.field("vary").lower()
    assert packed.field("etag") != plain.field("etag")
    refused = client.get(f"{viewer.base}/{name}", fields={"Accept-Encoding": "gzip;q=0"})
    assert refused.field("content-encoding") is None


def cookies(client):
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def media_tool(tool, client, viewer, *words, before=()):
    return subprocess.run(
        [tool, "-v", "warning", *before, "-tls_verify", "1", "-ca_file", str(client.server.authority), "-headers",
         f"Cookie: {cookies(client)}\r\n", "-i", client.server.url + viewer.hls, *words],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=120)


def test_ffmpeg_reads_all_of_it_without_a_complaint(watched):
    client, viewer, _ = watched
    ran = media_tool("ffmpeg", client, viewer, "-map", "0:v:0", "-map", "0:a:0", "-f", "null", "-", before=("-xerror",))
    # ffmpeg 5.1 does not read subtitles of HLS, and says so of any playlist that has them.
    complaints = [line for line in ran.stderr.splitlines()
                  if line.strip() and "Can't support the subtitle" not in line]
    assert ran.returncode == 0 and not complaints, ran.stderr


def test_ffprobe_sees_what_was_uploaded(watched):
    client, viewer, _ = watched
    ran = media_tool("ffprobe", client, viewer, "-show_entries", "stream=codec_name,width,height,sample_rate:format=duration",
                     "-of", "json")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    streams = [stream for stream in told["streams"] if "codec_name" in stream]
    assert max(stream["width"] for stream in streams if stream["codec_name"] == "h264") == 1280, streams
    assert "48000" in {stream["sample_rate"] for stream in streams if stream["codec_name"] == "aac"}, streams
    assert abs(float(told["format"]["duration"]) * 1000 - true_length_ms()) < 250


def test_decoded_pictures_are_those_of_the_upload(watched, tmp_path):
    client, viewer, _ = watched

    def hashes(words):
        ran = subprocess.run([*words, "-map", "0:v:0", "-t", "20", "-fps_mode", "passthrough", "-f", "framemd5", "-"],
                             capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
        return [line.split(",")[-1].strip() for line in ran.stdout.splitlines() if not line.startswith("#")]

    ours = hashes(["ffmpeg", "-v", "error", "-ca_file", str(client.server.authority), "-headers",
                   f"Cookie: {cookies(client)}\r\n", "-i", f"{client.server.url}{viewer.base}/source/playlist.m3u8"])
    assert len(ours) > 290
    # ffmpeg shows pictures with offsets below zero later by their delay, so that fewer of them end before 20 s.
    assert ours == hashes(["ffmpeg", "-v", "error", "-i", str(LECTURES / "labour-law.mp4")])[:len(ours)]


def shown_from_ticks(segment):
    """When the earliest sample of a segment is shown."""
    now, found = samples(segment, 0)
    shown = []
    for duration, offset in found:
        shown.append(now + offset)
        now += duration
    return min(shown)


def test_sound_and_picture_begin_together(watched):
    client, viewer, _ = watched
    for name in ("source", "audio-high"):
        first = client.get(f"{viewer.base}/{name}/0.m4s").body
        assert shown_from_ticks(first) == 0, name


@pytest.fixture(scope="module")
def segment(watched):
    client, viewer, _ = watched
    path = viewer.segments()[1][0]
    return client, path, client.get(path).body


@pytest.mark.parametrize("asked, status, expect", [
    ("bytes=0-99", 206, lambda whole: whole[:100]),
    ("bytes=100-", 206, lambda whole: whole[100:]),
    ("bytes=-100", 206, lambda whole: whole[-100:]),
    ("bytes=0-", 206, lambda whole: whole),
    ("bytes=0-99999999", 206, lambda whole: whole),
    ("bytes=99999999-", 416, None),
    ("bytes=5-2", 200, lambda whole: whole),
    ("chapters=1-2", 200, lambda whole: whole),
    ("bytes=" + ",".join(f"{n}-{n}" for n in range(0, 100, 2)), 200, lambda whole: whole),
])
def test_ranges(segment, protocol, asked, status, expect):
    client, path, whole = segment
    client = client.copy()
    client.protocol = protocol
    answer = client.get(path, fields={"Range": asked})
    assert answer.status == status, answer
    if status == 416:
        assert answer.field("content-range") == f"bytes */{len(whole)}"
    else:
        assert answer.body == expect(whole)
    if status == 206:
        assert answer.field("content-range").endswith(f"/{len(whole)}")


def test_several_ranges_come_in_parts(segment):
    client, path, whole = segment
    answer = client.get(path, fields={"Range": "bytes=0-9,20-29"})
    assert answer.status == 206 and answer.field("content-type").startswith("multipart/byteranges")
    assert whole[:10] in answer.body and whole[20:30] in answer.body


def test_if_range_gives_the_part_only_of_the_same_file(segment, protocol):
    client, path, whole = segment
    etag = client.get(path).field("etag")
    same = client.get(path, fields={"Range": "bytes=0-9", "If-Range": etag})
    other = client.get(path, fields={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (same.status, same.body) == (206, whole[:10])
    assert (other.status, other.body) == (200, whole)


def test_head_tells_the_length_and_sends_nothing(segment, protocol):
    client, path, whole = segment
    client = client.copy()
    client.protocol = protocol
    answer = client.request("HEAD", path)
    assert (answer.status, answer.field("content-length"), answer.body) == (200, str(len(whole)), b"")


def test_only_the_names_of_the_playlists_exist(watched):
    client, viewer, _ = watched
    for name in ("source/99999.m4s", "source/00.m4s", "source/-1.m4s", "source/0.M4S", "source/", "source", "../1/master.m3u8",
                 "captions/xx.vtt", "captions/../../../tls/server.key", "master.m3u8/", "master.m3u8%00", ""):
        answer = client.get(f"{viewer.base}/{name}")
        assert answer.status in (400, 404), f"{name}: {answer}"
