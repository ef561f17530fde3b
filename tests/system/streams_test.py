"""One lecture as every reader takes it: HLS and DASH of the same fragments, checked by their bytes and by outsiders' readers."""
import re
import time
import xml.etree.ElementTree as ElementTree

import pytest

from client import Viewer
from harness import LECTURES
from other_readers import check_same, read_by_others
from stream_check import DASH, check, mirror


@pytest.fixture(scope="module")
def lecture(school_session, tmp_path_factory):
    """A viewer, and the lecture as it was sent to them."""
    for language in ("ja", "vi"):
        school_session.server.run("lecture", "captions", school_session.short, "--language", language,
                                  LECTURES / f"labour-law.{language}.vtt")
    client = school_session.participant()
    viewer = Viewer(client, school_session.short)

    def fetch(name):
        answer = viewer.connection.get(f"{viewer.base}/{name}")
        assert answer.status == 200, f"{name}: {answer}"
        return answer.body

    return viewer, mirror(fetch, tmp_path_factory.mktemp("stream"))


@pytest.fixture(scope="module")
def stream(lecture):
    return check(lecture[1])


def test_what_the_lists_say_is_what_the_bytes_hold(stream):
    assert stream.pictures and len(stream.renditions) > len(stream.pictures)
    assert all(len(one.segments) >= 3 for one in stream.renditions.values())


def test_other_readers_read_the_same(lecture, stream):
    said = read_by_others(lecture[1])
    check_same(said, stream)
    assert said["captions"] == 2 and len(said["languages"]) == 1


def test_the_manifest_is_sent_like_the_playlists(lecture, protocol):
    viewer, folder = lecture
    client = viewer.client.copy()
    client.protocol = protocol
    played = client.post(f"/api/v1/lectures/{viewer.lecture}/play", {}).json()
    assert played["dash"] == viewer.base + "/manifest.mpd"
    plain = client.get(played["dash"])
    packed = client.get(played["dash"], fields={"Accept-Encoding": "gzip"})
    assert plain.body == (folder / "manifest.mpd").read_bytes()
    assert (plain.field("content-type"), plain.field("cache-control")) == ("application/dash+xml", "private, no-cache")
    assert packed.field("content-encoding") == "gzip" and len(packed.body) < len(plain.body)
    assert packed.field("etag") != plain.field("etag")
    same = client.get(played["dash"], fields={"If-None-Match": plain.field("etag")})
    assert (same.status, same.body) == (304, b"")
    client.cookies.clear()
    assert client.get(played["dash"]).status == 401


def test_the_language_of_the_lecture_names_its_sound(school_session, clips, lecture):
    """The file itself does not say."""
    added = school_session.server.json("lecture", "add", clips["sound"], "--title", "音", "--language", "ja", "--wait")
    staff = school_session.staff()
    for client, lecture_id, language, name in ((staff, added["id"], "ja", "日本語"),
                                               (lecture[0].client, lecture[0].lecture, "en", "English")):
        played = client.post(f"/api/v1/lectures/{lecture_id}/play", {}).json()
        sounds = [one for one in ElementTree.fromstring(client.get(played["dash"]).body).iter(f"{DASH}AdaptationSet")
                  if one.get("contentType") == "audio"]
        assert [(one.get("lang"), one.findtext(f"{DASH}Label")) for one in sounds] == [(language, name)]
    master = lecture[0].client.get(lecture[0].hls).body.decode()
    assert re.findall(r'TYPE=AUDIO.*NAME="([^"]*)",LANGUAGE="([^"]*)",DEFAULT=YES', master)[0] == ("English", "en")


def test_a_list_of_pictures_and_a_picture_are_no_delivery(school_session, lecture):
    """Only bytes of segments are evidence: winding over key pictures, captions and posters is not watching."""
    viewer, _ = lecture
    person = school_session.participant()
    other = Viewer(person, viewer.lecture)
    master = other.connection.get(other.hls).body.decode()
    lists = re.findall(r'EXT-X-I-FRAME-STREAM-INF:.*URI="([^"]+)"', master)
    for name in ["manifest.mpd", "captions/ja.vtt", "poster.jpg", "thumbnails.vtt", "thumbnails-0.jpg", *lists]:
        other.connection.get(f"{other.base}/{name}")
    for name in lists:
        size = re.search(r"BYTERANGE:(\d+)@0", other.connection.get(f"{other.base}/{name}").body.decode()).group(1)
        part = other.connection.get(f"{other.base}/{name.replace('iframes.m3u8', '0.m4s')}",
                                    fields={"Range": f"bytes=0-{int(size) - 1}"})
        assert (part.status, len(part.body)) == (206, int(size))
    sound = re.search(r'TYPE=AUDIO.*URI="([^"]+)/playlist.m3u8"', master).group(1)
    rungs = [name.rsplit("/", 1)[0] for name in re.findall(r"^([^#\s].*)$", master, re.MULTILINE)]
    wanted = {*rungs, sound}
    for name in wanted:
        assert other.connection.get(f"{other.base}/{name}/0.m4s").status == 200

    def whole():
        listed = school_session.server.json("delivery", "list", person.id, "--lecture", viewer.lecture)["deliveries"]
        return sorted(one["rendition"] for one in listed if one["whole"])

    # What was asked for first is in the log first.
    deadline = time.monotonic() + 10
    while len(whole()) < len(wanted) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert whole() == sorted(wanted)
