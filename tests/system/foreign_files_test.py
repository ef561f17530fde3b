"""Files that name others: whatever they are called and however they come, nobody is contacted and no neighbour is read.

A listener on loopback counts connections, directly and through every variable that names a proxy; inotify tells who opened
the neighbour; and its secret must be in nothing that was made or said."""
import contextlib
import ctypes
import json
import os
import shutil
import socket
import struct
import threading

import pytest

from client import Client
from harness import ADMIN, Server
from tus import upload, wait_for_job

SECRET = "the neighbour's secret 6b1f0c5e"
EXTENSIONS = ["m3u8", "m3u", "ffconcat", "concat", "mpd", "sdp", "xspf", "pls", "ism", "rtsp", "xml", "avs", "vpy", "idx", "sub",
              "mp4", "mov", "mkv", "ts", "avi", "jpg", "png", "wav"]


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def track(entry):
    """A picture track of one sample, whose data lies where a dref entry says."""
    samples = box(b"stbl",
                  box(b"stsd", bytes(4), struct.pack(">I", 1), box(
                      b"jpeg", bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HH", 320, 180), bytes(50))),
                  box(b"stts", bytes(4), struct.pack(">III", 1, 1, 1000)),
                  box(b"stsc", bytes(4), struct.pack(">IIII", 1, 1, 1, 1)),
                  box(b"stsz", bytes(4), struct.pack(">II", 16, 1)),
                  box(b"stco", bytes(4), struct.pack(">II", 1, 0)))
    places = box(b"dinf", box(b"dref", bytes(4), struct.pack(">I", 1), entry))
    media = box(b"mdia", box(b"mdhd", bytes(12), struct.pack(">II", 1000, 1000), bytes(4)),
                box(b"hdlr", bytes(8), b"vide", bytes(13)), box(b"minf", places, samples))
    head = box(b"mvhd", bytes(12), struct.pack(">II", 1000, 1000), bytes(80))
    return box(b"ftyp", b"qt  ", bytes(4), b"qt  ") + box(b"moov", head, box(
        b"trak", box(b"tkhd", bytes(12), struct.pack(">I", 1), bytes(68)), media))


def alias(path):
    """A Mac alias record with an absolute path (type 18), as libavformat reads it."""
    name = path.encode()
    return box(b"alis", bytes(4), bytes(10), bytes(28), bytes(64), bytes(16), struct.pack(">hh", 1, 1), bytes(16),
               struct.pack(">hH", 18, len(name)), name + bytes(len(name) % 2), struct.pack(">hH", -1, 0))


def element(kind, body):
    return bytes.fromhex(kind) + struct.pack(">Q", len(body) | 1 << 56) + body


def linked_matroska():
    """A segment that says it is the middle of three, and whose chapters lie in another file."""
    info = element("1549a966", element("73a4", bytes(16)) + element("3cb923", b"\1" * 16) + element("3c83ab", b"secret.mp4")
                   + element("3eb923", b"\2" * 16) + element("3e83bb", b"secret.mp4"))
    chapter = element("b6", element("73c4", b"\1") + element("91", b"\0") + element("6e67", b"\3" * 16))
    return element("1a45dfa3", element("4282", b"matroska")) + element(
        "18538067", info + element("1043a770", element("45b9", chapter)))


def kinds(url, secret):
    """name: bytes.  url begins with http://127.0.0.1:port; secret is the neighbour's path, or its name."""
    address, port = url.removeprefix("http://").split(":")
    sdp = (f"v=0\r\no=- 0 0 IN IP4 {address}\r\ns=x\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
           f"a=control:rtsp://{address}:{port}/\r\nm=video {port} RTP/AVP/TCP 96\r\na=rtpmap:96 H264/90000\r\n")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{url}/a.ts\n#EXTINF:5,\n{secret}\n#EXT-X-ENDLIST\n"
    made = {
        "hls": playlist,
        "hls with a key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{url}/key"\n#EXTINF:5,\n{secret}\n',
        "hls of protocols": f"#EXTM3U\n#EXTINF:5,\nconcat:{url}/a|file:{secret}\n#EXTINF:5,\nsubfile,,start,0,end,64,,:{secret}\n"
                            f"#EXTINF:5,\ncrypto+{url}/x\n#EXTINF:5,\ntcp://{address}:{port}\n",
        "hls after a byte order mark": "\ufeff" + playlist,
        "master": f'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="{url}/a.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{url}/v\n',
        "ffconcat": f"ffconcat version 1.0\nfile '{url}/a.mp4'\nfile '{secret}'\n",
        "concat without a head": f"file '{secret}'\nfile '{url}/a.mp4'\n",
        "dash": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT5S">'
                f'<Period><BaseURL>{url}/</BaseURL><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">'
                f'<BaseURL>{secret}</BaseURL></Representation></AdaptationSet></Period></MPD>',
        "smooth": f'<?xml version="1.0"?><SmoothStreamingMedia MajorVersion="2" Duration="50000000"><StreamIndex Type="video" '
                  f'Url="{url}/Q({{bitrate}})"/></SmoothStreamingMedia>',
        "imf cpl": f'<?xml version="1.0"?><CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:1'
                   f'</Id><SegmentList>{url} {secret}</SegmentList></CompositionPlaylist>',
        "imf asset map": f'<?xml version="1.0"?><AssetMap><AssetList><Asset><Path>{secret}</Path></Asset></AssetList></AssetMap>',
        "sdp": sdp,
        "rtp of a real server": "#RTSP\r\n" + sdp,
        "rtsp redirect": f"RTSPtextRTSP://{address}:{port}/a\r\n",
        "quicktime text link": f'<?xml version="1.0"?><?quicktime type="application/x-quicktime-media-link"?><embed src="{url}/a.mov"/>',
        "xspf": f'<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track><location>{url}/a'
                f'</location></track></trackList></playlist>',
        "pls": f"[playlist]\nNumberOfEntries=1\nFile1={url}/a.mp3\n",
        "asx": f'<asx version="3.0"><entry><ref href="{url}/a.wmv"/></entry></asx>',
        "windows reference": f"[Reference]\nRef1={url}/a.asf\n",
        "smil": f'<smil><body><video src="{url}/a"/></body></smil>',
        "a bare address": f"{url}/a.mp4\n",
        "avisynth": f'DirectShowSource("{secret}")\nAviSource("{url}/a.avi")\n',
        "vapoursynth": f"import vapoursynth as vs\nvs.core.ffms2.Source(r'{secret}').set_output()\n",
        "vobsub": "# VobSub index file, v7 (do not modify this line!)\nid: en, index: 0\ntimestamp: 00:00:01:000, filepos: 000000000\n",
        "microdvd": "{1}{1}25\n{0}{25}hello\n",
        "lavfi": f"movie={secret}\n",
        "metadata of ffmpeg": f";FFMETADATA1\ntitle={url}\n",
        "picture pattern": b"\xff\xd8\xff\xe0" + bytes(200),
        "playlist in utf-16": ("\ufeff" + playlist).encode("utf-16-le"),
        "playlist in an mp4": box(b"ftyp", b"isom", bytes(4), b"isom") + box(b"mdat", playlist.encode()),
        "address in a track": track(box(b"url ", bytes(4), f"{url}/a.mov\0".encode())),
        "name in a track": track(box(b"urn ", bytes(4), b"x\0" + secret.encode() + b"\0")),
        "alias in a track": track(alias(secret)),
        "reference movie": box(b"ftyp", b"qt  ", bytes(4), b"qt  ") + box(b"moov", box(b"rmra", box(b"rmda", box(
            b"rdrf", bytes(4), b"url ", struct.pack(">I", len(url) + 3), f"{url}/a\0".encode())))),
        "reference to a neighbour": box(b"moov", box(b"rmra", box(b"rmda", box(
            b"rdrf", bytes(4), b"alis", struct.pack(">I", len(secret)), secret.encode())))),
        "linked matroska": linked_matroska(),
    }
    return {name: data.encode() if isinstance(data, str) else data for name, data in made.items()}


KINDS = list(kinds("http://127.0.0.1:1", "secret.mp4"))
# In the gate; uploads take them all.
FEW = ("hls", "ffconcat", "alias in a track", "linked matroska", "reference movie", "picture pattern")


class Listener:
    """Whoever connects is counted."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.heard = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self.socket.accept()
                self.heard.append(connection.recv(200) if connection else b"")
                connection.close()


class Watch:
    """inotify over one file: what was done to it."""
    OPENED = 0x20 | 0x1  # IN_OPEN, IN_ACCESS

    def __init__(self, path):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_NONBLOCK)
        assert self.libc.inotify_add_watch(self.fd, os.fsencode(path), self.OPENED) >= 0, os.strerror(ctypes.get_errno())

    def touched(self):
        with contextlib.suppress(BlockingIOError):
            return len(os.read(self.fd, 4096)) > 0
        return False


@pytest.fixture(scope="module")
def house(clips, tmp_path_factory):
    listener = Listener()
    folder = tmp_path_factory.mktemp("neighbours")
    shutil.copy(clips["short"], folder / "secret.mp4")
    with (folder / "secret.mp4").open("ab") as secret:
        secret.write(box(b"free", SECRET.encode()))
    before = dict(os.environ)
    os.environ.update({name: listener.url for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")})
    try:
        server = Server().init().start()
    finally:
        os.environ.clear()
        os.environ.update(before)
    # A neighbour of what is uploaded, too.
    shutil.copy(folder / "secret.mp4", server.data / "incoming/secret.mp4")
    yield server, listener, folder
    server.stop()


def check(server, listener, watch, outcome, kind):
    assert outcome["state"] == "refused", (kind, outcome)
    assert SECRET not in json.dumps(outcome) and listener.heard == [], (kind, outcome, listener.heard)
    assert not watch.touched(), f"{kind}: the neighbour was read"
    assert outcome["report"]["verdict"]["severity"] == "problem", (kind, outcome)


def secrets_in(folder):
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "secret.mp4"
            and SECRET.encode() in path.read_bytes()]


def test_the_listener_and_the_watch_notice_what_they_are_for(house):
    _server, _listener, folder = house
    own, watch = Listener(), Watch(folder / "secret.mp4")
    assert not watch.touched()
    (folder / "secret.mp4").read_bytes()
    assert watch.touched()
    with socket.create_connection(("127.0.0.1", own.socket.getsockname()[1])) as caller:
        caller.sendall(b"hello")
        while not own.heard:
            pass


def signed_in(server):
    admin = Client(server)
    assert admin.sign_in(*ADMIN).status == 200
    return admin


def add(server, file, title):
    ran = server.run("lecture", "add", file, "--title", title, "--language", "en", "--wait", "--json", check=False)
    return json.loads(ran.stdout)


@pytest.mark.parametrize("kind", [
    pytest.param(kind, marks=[] if kind in FEW else pytest.mark.soak) for kind in KINDS])
def test_by_command_no_kind_reaches_beyond_itself(house, kind):
    server, listener, folder = house
    watch = Watch(folder / "secret.mp4")
    for secret in (str(folder / "secret.mp4"), "secret.mp4"):
        file = folder / ("frame%03d.mp4" if kind == "picture pattern" else "a.mp4")
        file.write_bytes(kinds(listener.url, secret)[kind])
        check(server, listener, watch, add(server, file, kind), kind)
    assert secrets_in(server.data / "lectures") == []


def test_by_upload_no_kind_reaches_beyond_itself(house):
    server, listener, folder = house
    admin, watch = signed_in(server), Watch(server.data / "incoming/secret.mp4")
    file = folder / "a.mp4"
    lectures = {}
    for kind, data in kinds(listener.url, str(server.data / "incoming/secret.mp4")).items():
        file.write_bytes(data)
        lectures[upload(admin, file, name="secret.m3u8", title=kind)] = kind
    for lecture, kind in lectures.items():
        check(server, listener, watch, wait_for_job(admin, lecture), kind)
    assert secrets_in(server.data / "lectures") == []


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_under_every_name_it_is_the_same(house, kind):
    server, listener, folder = house
    watch = Watch(folder / "secret.mp4")
    for extension in EXTENSIONS:
        file = folder / f"a.{extension}"
        file.write_bytes(kinds(listener.url, "secret.mp4")[kind])
        check(server, listener, watch, add(server, file, f"{kind} as {extension}"), kind)


def test_a_playlist_is_one_under_every_name(house):
    server, listener, folder = house
    admin, watch = signed_in(server), Watch(server.data / "incoming/secret.mp4")
    file = folder / "b"
    file.write_bytes(kinds(listener.url, "secret.mp4")["hls"])
    lectures = {upload(admin, file, name=f"b.{extension}"): extension for extension in EXTENSIONS[::4]}
    for lecture, extension in lectures.items():
        outcome = wait_for_job(admin, lecture)
        check(server, listener, watch, outcome, extension)
        assert outcome["report"]["verdict"]["code"] == "is-playlist", extension
