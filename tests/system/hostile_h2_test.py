"""HTTP/2 as attackers speak it, frame by frame: answered, reset or sent away, and the server stays well."""
import struct
import time

import hpack
import pytest
from hyperframe.frame import (ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame,
                              RstStreamFrame, SettingsFrame, WindowUpdateFrame)

from harness import Server

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
PLAIN = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/healthz")]


@pytest.fixture(scope="module")
def server():
    with Server(header_deadline_ms=2000, idle_deadline_ms=5000) as server:
        server.init().start()
        yield server


class Peer:
    """A connection that obeys nobody: what is sent is what the test says."""

    def __init__(self, server):
        self.stream = server.connect("h2", timeout=5)
        assert self.stream.selected_alpn_protocol() == "h2"
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.buffer, self.closed = b"", False
        self.send(PREFACE, SettingsFrame(0))

    def send(self, *frames):
        self.stream.sendall(b"".join(frame if isinstance(frame, bytes) else frame.serialize() for frame in frames))

    def headers(self, number, fields, *flags):
        frame = HeadersFrame(number, data=self.encoder.encode(fields))
        frame.flags |= {"END_HEADERS", *flags}
        return frame

    def frames(self, seconds=3.0):
        """What arrives until the end or the time is over."""
        found, deadline = [], time.monotonic() + seconds
        while time.monotonic() < deadline and not self.closed:
            while len(self.buffer) >= 9:
                frame, length = Frame.parse_frame_header(memoryview(self.buffer[:9]))
                if len(self.buffer) < 9 + length:
                    break
                frame.parse_body(memoryview(self.buffer[9:9 + length]))
                self.buffer = self.buffer[9 + length:]
                found.append(frame)
                if isinstance(frame, (GoAwayFrame, RstStreamFrame)) or "END_STREAM" in frame.flags:
                    return found
            self.stream.settimeout(max(0.05, deadline - time.monotonic()))
            try:
                piece = self.stream.recv(65536)
            except TimeoutError:
                break
            except OSError:
                piece = b""
            self.closed = piece == b""
            self.buffer += piece
        return found

    def statuses(self, frames):
        found = []
        for frame in frames:
            if isinstance(frame, HeadersFrame):
                fields = dict(self.decoder.decode(bytes(frame.data)))
                found.append(int(fields[":status"]))
        return found

    def close(self):
        self.stream.close()


@pytest.fixture
def peer(server):
    peer = Peer(server)
    yield peer
    peer.close()


def is_well(server):
    peer = Peer(server)
    peer.send(peer.headers(1, PLAIN, "END_STREAM"))
    found = peer.statuses(peer.frames())
    peer.close()
    return found == [200]


def test_an_honest_request_is_answered(server):
    assert is_well(server)


MALFORMED = {
    "upper-case name": [*PLAIN, ("X-Upper", "1")],
    "connection field": [*PLAIN, ("connection", "keep-alive")],
    "transfer-encoding": [*PLAIN, ("transfer-encoding", "chunked")],
    "te other than trailers": [*PLAIN, ("te", "gzip")],
    "no method": PLAIN[1:],
    "no path": PLAIN[:3],
    "empty path": [*PLAIN[:3], (":path", "")],
    "path without a slash": [*PLAIN[:3], (":path", "healthz")],
    "path twice": [*PLAIN, (":path", "/readyz")],
    "unknown pseudo-field": [*PLAIN, (":surprise", "1")],
    "pseudo-field after a field": [*PLAIN[:3], ("x-first", "1"), PLAIN[3]],
    "line break in a value": [*PLAIN, ("x-break", "a\r\nsmuggled: 1")],
    "null in a value": [*PLAIN, ("x-null", "a\0b")],
    "no authority": [PLAIN[0], PLAIN[1], PLAIN[3]],
    "two hosts": [*PLAIN, ("host", "elsewhere")],
    "length that is none": [*PLAIN, ("content-length", "-1")],
    "two lengths": [*PLAIN, ("content-length", "1"), ("content-length", "2")],
    "control character in the path": [*PLAIN[:3], (":path", "/heal\x01thz")],
}


@pytest.mark.parametrize("story", MALFORMED)
def test_a_malformed_request_is_reset_or_refused(peer, server, story):
    peer.send(peer.headers(1, MALFORMED[story], "END_STREAM"))
    frames = peer.frames()
    refused = any(isinstance(frame, (RstStreamFrame, GoAwayFrame)) for frame in frames) or peer.closed
    found = peer.statuses(frames)
    assert refused or (found and 400 <= found[0] < 500), f"{story}: {frames}"
    assert 200 not in found, f"{story}: {found}"


def test_a_body_longer_than_announced_is_reset(peer):
    fields = [(":method", "POST"), *PLAIN[1:3], (":path", "/api/v1/session/password"),
              ("content-type", "application/json"), ("content-length", "2")]
    data = DataFrame(1, data=b"{} and more")
    data.flags.add("END_STREAM")
    peer.send(peer.headers(1, fields), data)
    frames = peer.frames()
    assert any(isinstance(frame, (RstStreamFrame, GoAwayFrame)) for frame in frames) \
        or 400 <= peer.statuses(frames)[0] < 500, frames


def test_large_headers_are_refused(peer):
    fields = [*PLAIN, *((f"x-large-{number}", "a" * 2000) for number in range(30))]
    block = peer.encoder.encode(fields)
    first = HeadersFrame(1, data=block[:16000])
    first.flags.add("END_STREAM")
    rest = [ContinuationFrame(1, data=block[at:at + 16000]) for at in range(16000, len(block), 16000)]
    rest[-1].flags.add("END_HEADERS")
    try:
        peer.send(first, *rest)
    except OSError:
        pass
    frames = peer.frames()
    assert peer.closed or peer.statuses(frames) == [431] \
        or any(isinstance(frame, (RstStreamFrame, GoAwayFrame)) for frame in frames), frames


def flood(peer, frames, limit_s=15):
    """Sends until the server ends it; True when it did."""
    started, sent = time.monotonic(), 0
    peer.stream.settimeout(2)
    try:
        for batch in frames:
            peer.send(batch)
            sent += 1
            if time.monotonic() - started > limit_s:
                return False
        found = peer.frames(4)
        while found:
            if any(isinstance(frame, GoAwayFrame) for frame in found):
                return True
            found = peer.frames(4)
        return peer.closed
    except OSError:
        return True


def opened_and_reset(peer):
    for number in range(1, 40001, 2):
        yield peer.headers(number, PLAIN, "END_STREAM").serialize() + RstStreamFrame(number, error_code=8).serialize()


def endless_continuation(peer):
    first = HeadersFrame(1, data=peer.encoder.encode(PLAIN))
    yield first.serialize()
    for _ in range(20000):
        yield ContinuationFrame(1, data=b"").serialize() + ContinuationFrame(1, data=b"\x00\x01a\x01b").serialize()


def pings(_peer):
    for number in range(400):
        yield b"".join(PingFrame(0, opaque_data=struct.pack(">Q", number)).serialize() for _ in range(250))


def settings(_peer):
    for _ in range(400):
        yield SettingsFrame(0, settings={4: 65535}).serialize() * 250


def empty_data(peer):
    fields = [(":method", "POST"), *PLAIN[1:3], (":path", "/api/v1/session/password"),
              ("content-type", "application/json")]
    yield peer.headers(1, fields).serialize()
    for _ in range(400):
        yield DataFrame(1, data=b"").serialize() * 500


@pytest.mark.parametrize("attack", [opened_and_reset, endless_continuation, pings, settings])
def test_a_flood_is_met_with_goaway_or_an_end(server, peer, attack):
    before = server.memory_kib()
    assert flood(peer, attack(peer)), f"{attack.__name__} was let go on"
    assert is_well(server)
    assert server.memory_kib() - before < 60000


def test_a_flood_of_empty_data_does_no_harm(server, peer):
    before = server.memory_kib()
    flood(peer, empty_data(peer))
    assert is_well(server)
    assert server.memory_kib() - before < 60000


def test_more_streams_than_allowed_are_refused(server, peer):
    # A window of nothing keeps every answer waiting, so that streams stay open.
    peer.send(SettingsFrame(0, settings={4: 0}))
    page = [*PLAIN[:3], (":path", "/sign-in")]
    peer.send(b"".join(peer.headers(number, page, "END_STREAM").serialize() for number in range(1, 401, 2)))
    refused = 0
    for _ in range(300):
        found = peer.frames(1)
        if not found:
            break
        refused += sum(isinstance(frame, (RstStreamFrame, GoAwayFrame)) for frame in found)
    assert refused > 0 or peer.closed
    assert is_well(server)


@pytest.mark.parametrize("story, raw", [
    ("a window that overflows", WindowUpdateFrame(0, window_increment=2**31 - 1).serialize() * 2),
    ("data on no stream", b"\0\0\1\0\0\0\0\0\0x"),
    ("a frame that is too large", struct.pack(">I", 1 << 20)[1:] + b"\x00\x00" + struct.pack(">I", 1) + b"a" * 70000),
    ("headers on an even stream", b"\0\0\1\1\5\0\0\0\2\x82"),
    ("a header block that cannot be read", HeadersFrame(1, data=b"\xff" * 50, flags=["END_HEADERS"]).serialize()),
    ("not HTTP/2 at all", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
])
def test_broken_framing_ends_the_connection(server, peer, story, raw):
    try:
        peer.send(raw)
    except OSError:
        pass
    frames, ended = [], False
    for _ in range(10):
        found = peer.frames(1)
        frames += found
        ended = peer.closed or any(isinstance(frame, (GoAwayFrame, RstStreamFrame)) for frame in frames)
        if ended or not found:
            break
    assert ended, f"{story}: {frames}"
    assert is_well(server)


def test_headers_that_never_end_meet_the_deadline(server, peer):
    frame = HeadersFrame(1, data=peer.encoder.encode(PLAIN))
    peer.send(frame)
    started = time.monotonic()
    while not peer.closed and time.monotonic() - started < 12:
        if any(isinstance(found, GoAwayFrame) for found in peer.frames(1)):
            break
    assert time.monotonic() - started < 11
