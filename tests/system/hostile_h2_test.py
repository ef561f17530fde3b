"""HTTP/2 as attackers speak it, frame by frame: answered, reset or sent away, and the server stays well."""
import socket
import struct
import time

import pytest
from hyperframe.frame import GoAwayFrame, PingFrame, PriorityFrame, PushPromiseFrame, SettingsFrame, WindowUpdateFrame

from harness import Server
from hostile import (COMPRESSION_ERROR, ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR,
                     PLAIN, PROTOCOL_ERROR, STREAM_CLOSED, Frames, Peer, check_frames, frame, is_well)

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM = ACK = 1
END_HEADERS, PADDED, PRIORITISED = 4, 8, 32
POST = [(":method", "POST"), *PLAIN[1:3], (":path", "/api/v1/session/password"), ("content-type", "application/json")]
GET, SCHEME, AUTHORITY, PATH = PLAIN


@pytest.fixture(scope="module")
def server():
    with Server(header_deadline_ms=5000, idle_deadline_ms=20000) as server:
        server.init().start()
        yield server


@pytest.fixture
def peer(server):
    peer = Peer(server)
    yield peer
    peer.close()


def malformed(name, why, fields, flags=("END_STREAM",)):
    """RFC 9113 section 8.1.1: a malformed request is a stream error."""
    return Frames(name, why, lambda peer: peer.block(1, fields, *flags), reset=PROTOCOL_ERROR)


def refused(name, why, fields, status=400, code="bad-request"):
    return Frames(name, why, lambda peer: peer.block(1, fields, "END_STREAM"), status=status, code=code)


def posted(name, why, fields, *data, **outcome):
    """A body in DATA frames; the last ends the stream."""
    def build(peer):
        sent = peer.block(1, [*POST, *fields])
        for number, piece in enumerate(data, 1):
            sent += frame(DATA, END_STREAM if number == len(data) else 0, 1, piece)
        return sent
    return Frames(name, why, build, **outcome)


def broken(name, why, goaway, *frames):
    return Frames(name, why, lambda _: b"".join(frames), goaway=goaway)


FIELD_NAMES = "RFC 9113 section 8.2.1"
HOP = "RFC 9113 section 8.2.2: no field of a connection"
PSEUDO = "RFC 9113 section 8.3: pseudo-fields first, once, and only those that are known"
PARTS = "RFC 9113 section 8.3.1: method, scheme and path are there, once"
LENGTH = "RFC 9113 section 8.1.1: the length is that of all DATA"

REQUESTS = [
    malformed("name in capitals", FIELD_NAMES, [*PLAIN, (b"X-Upper", b"1")]),
    refused("name with a colon", FIELD_NAMES, [*PLAIN, (b"x:y", b"1")]),
    refused("name with a space", FIELD_NAMES, [*PLAIN, (b"x y", b"1")]),
    refused("name with a line break", FIELD_NAMES, [*PLAIN, (b"x\r\ny", b"1")]),
    refused("name with a null", FIELD_NAMES, [*PLAIN, (b"x\0y", b"1")]),
    refused("empty name", FIELD_NAMES, [*PLAIN, (b"", b"1")]),
    refused("line break in a value", FIELD_NAMES, [*PLAIN, (b"x-break", b"a\r\nsmuggled: 1")]),
    refused("carriage return in a value", FIELD_NAMES, [*PLAIN, (b"x-break", b"a\rb")]),
    refused("null in a value", FIELD_NAMES, [*PLAIN, (b"x-null", b"a\0b")]),
    malformed("connection", HOP, [*PLAIN, ("connection", "close")]),
    malformed("connection that keeps alive", HOP, [*PLAIN, ("connection", "keep-alive")]),
    malformed("keep-alive", HOP, [*PLAIN, ("keep-alive", "timeout=5")]),
    malformed("proxy-connection", HOP, [*PLAIN, ("proxy-connection", "close")]),
    malformed("upgrade", HOP, [*PLAIN, ("upgrade", "h2c")]),
    malformed("chunked", HOP, [*PLAIN, ("transfer-encoding", "chunked")]),
    malformed("transfer coding of none", HOP, [*PLAIN, ("transfer-encoding", "identity")]),
    malformed("te other than trailers", HOP, [*PLAIN, ("te", "gzip")]),
    malformed("no method", PARTS, [SCHEME, AUTHORITY, PATH]),
    malformed("no scheme", PARTS, [GET, AUTHORITY, PATH]),
    malformed("no path", PARTS, [GET, SCHEME, AUTHORITY]),
    malformed("empty path", PARTS, [GET, SCHEME, AUTHORITY, (":path", "")]),
    malformed("path without a slash", PARTS, [GET, SCHEME, AUTHORITY, (":path", "healthz")]),
    malformed("path with its scheme and host", PARTS, [GET, SCHEME, AUTHORITY, (":path", "https://localhost/healthz")]),
    malformed("asterisk that is read", PARTS, [GET, SCHEME, AUTHORITY, (":path", "*")]),
    malformed("path twice", PSEUDO, [*PLAIN, (":path", "/readyz")]),
    malformed("method twice", PSEUDO, [GET, *PLAIN]),
    malformed("authority twice", PSEUDO, [*PLAIN, (":authority", "elsewhere")]),
    malformed("unknown pseudo-field", PSEUDO, [*PLAIN, (":surprise", "1")]),
    malformed("pseudo-field of an answer", PSEUDO, [*PLAIN, (":status", "200")]),
    malformed("protocol without leave", "RFC 8441 section 4: only where the server said so",
              [(":method", "CONNECT"), (":protocol", "websocket"), SCHEME, AUTHORITY, PATH]),
    malformed("pseudo-field behind a field", PSEUDO, [GET, SCHEME, AUTHORITY, ("x-first", "1"), PATH]),
    malformed("no authority", "RFC 9113 section 8.3.1", [GET, SCHEME, PATH]),
    malformed("length that is none", LENGTH, [*POST, ("content-length", "-1")]),
    malformed("two lengths", LENGTH, [*POST, ("content-length", "1"), ("content-length", "1")]),
    malformed("length without a body", LENGTH, [*POST, ("content-length", "1")]),
    malformed("method with a space", FIELD_NAMES, [(":method", "GET /smuggled HTTP/1.1"), SCHEME, AUTHORITY, PATH]),
    refused("two hosts that differ", "RFC 9113 section 8.3.1", [*PLAIN, ("host", "elsewhere")]),
    malformed("two hosts", "RFC 9112 section 3.2", [*PLAIN, ("host", "localhost"), ("host", "localhost")]),
    refused("scheme of another kind", "RFC 9113 section 8.3.1", [GET, (":scheme", "ftp"), AUTHORITY, PATH]),
    malformed("control character in the path", "RFC 3986 section 3.3", [GET, SCHEME, AUTHORITY, (":path", "/heal\x01thz")]),
    malformed("line break in the path", "RFC 3986 section 3.3",
            [GET, SCHEME, AUTHORITY, (":path", "/ HTTP/1.1\r\nhost: elsewhere\r\n\r\n")]),
    malformed("space in the path", "RFC 3986 section 3.3", [GET, SCHEME, AUTHORITY, (":path", "/healthz x")]),
    refused("tunnel", "RFC 9113 section 8.5: this is no proxy", [(":method", "CONNECT"), (":authority", "localhost:443")],
            501, "not-implemented"),
    refused("header list over its limit", "header-bytes-max", [*PLAIN, *((f"x-{n}", "a" * 2000) for n in range(30))],
            431, "headers-too-large"),
    refused("fields over their number", "header-count-max", [*PLAIN, *((f"x-{n}", "") for n in range(120))],
            431, "headers-too-large"),
    Frames("te of trailers", HOP, lambda peer: peer.block(1, [*PLAIN, ("te", "trailers")], "END_STREAM"), status=200),
    Frames("host beside an equal authority", "RFC 9113 section 8.3.1",
           lambda peer: peer.block(1, [*PLAIN, ("host", "localhost")], "END_STREAM"), status=200),
    Frames("cookie in crumbs", "RFC 9113 section 8.2.3",
           lambda peer: peer.block(1, [*PLAIN, *[("cookie", "a=b")] * 5], "END_STREAM"), status=200),
    posted("body longer than announced", LENGTH, [("content-length", "2")], b"{} and more", reset=PROTOCOL_ERROR),
    posted("body shorter than announced", LENGTH, [("content-length", "20")], b"{}", reset=PROTOCOL_ERROR),
    posted("body over the route's limit", "the route table", [], b" " * 4096, b" ", status=413, code="body-too-large"),
    posted("body announced over the route's limit", "the route table", [("content-length", "5000")], b" " * 5000,
           status=413, code="body-too-large"),
    posted("length list", LENGTH, [("content-length", "2, 2")], b"{}", reset=PROTOCOL_ERROR),
    Frames("body of nothing with a read", "RFC 9113 section 8.1: an empty DATA frame ends it, and there is no body",
           lambda peer: peer.block(1, PLAIN) + frame(DATA, END_STREAM, 1), status=200),
    Frames("body with a read", "RFC 9110 section 9.3.1",
           lambda peer: peer.block(1, PLAIN) + frame(DATA, END_STREAM, 1, b"x"), status=413, code="body-too-large"),
    Frames("trailers", "RFC 9113 section 8.1: dropped", lambda peer: peer.block(1, POST) + frame(DATA, 0, 1, b"{}")
           + peer.block(1, [("x-trailer", "1")], "END_STREAM"), status=422),
    Frames("trailers with a pseudo-field", "RFC 9113 section 8.1", lambda peer: peer.block(1, POST)
           + frame(DATA, 0, 1, b"{}") + peer.block(1, [PATH], "END_STREAM"), reset=PROTOCOL_ERROR),
    Frames("trailers that end nothing", "RFC 9113 section 8.1", lambda peer: peer.block(1, POST)
           + frame(DATA, 0, 1, b"{}") + peer.block(1, [("x-trailer", "1")]), reset=PROTOCOL_ERROR),
    Frames("padding of nothing", "RFC 9113 section 6.1", lambda peer: peer.block(1, POST)
           + frame(DATA, PADDED, 1, b"\0{}") + frame(DATA, PADDED | END_STREAM, 1, b"\4\0\0\0\0"), status=422),
    Frames("priority of itself", "RFC 9113 section 5.3.2: the tree is gone", lambda peer: frame(
        PRIORITY, 0, 1, struct.pack(">IB", 1, 0)) + peer.block(1, PLAIN, "END_STREAM"), status=200),
    Frames("priorities in a circle", "RFC 9113 section 5.3.2: the tree is gone", lambda peer: b"".join(
        frame(PRIORITY, 0, n, struct.pack(">IB", 1 + n % 9, 255)) for n in range(1, 10, 2))
        + peer.block(1, PLAIN, "END_STREAM"), status=200),
    Frames("unknown frame", "RFC 9113 section 4.1: ignored", lambda peer: frame(0xf0, 0xff, 0, b"x" * 100)
           + peer.block(1, PLAIN, "END_STREAM"), status=200),
    Frames("unknown setting", "RFC 9113 section 6.5.2: ignored", lambda peer: frame(
        SETTINGS, 0, 0, struct.pack(">HI", 0xffff, 7)) + peer.block(1, PLAIN, "END_STREAM"), status=200),
]

SIZES = "RFC 9113 section 4.2"
STREAMS = "RFC 9113 section 5.1.1"
STATES = "RFC 9113 section 5.1"
WINDOWS = "RFC 9113 section 6.9"
HEADERS_THEN = "RFC 9113 section 6.10: nothing comes between HEADERS and the end of its header"
TABLES = "RFC 7541"

CONNECTIONS = [
    broken("frame over the limit", SIZES, FRAME_SIZE_ERROR, frame(DATA, 0, 1, b"a" * 100, length=16385)),
    broken("settings on a stream", "RFC 9113 section 6.5", PROTOCOL_ERROR, frame(SETTINGS, 0, 1)),
    broken("settings of half a setting", "RFC 9113 section 6.5", FRAME_SIZE_ERROR, frame(SETTINGS, 0, 0, bytes(5))),
    broken("settings that acknowledge and set", "RFC 9113 section 6.5", FRAME_SIZE_ERROR,
           frame(SETTINGS, ACK, 0, bytes(6))),
    broken("settings that nobody sent, acknowledged", "RFC 9113 section 6.5.3", PROTOCOL_ERROR,
           frame(SETTINGS, ACK, 0) * 3),
    broken("push that is neither on nor off", "RFC 9113 section 6.5.2", PROTOCOL_ERROR,
           frame(SETTINGS, 0, 0, struct.pack(">HI", 2, 2))),
    broken("first window beyond 31 bits", "RFC 9113 section 6.5.2", FLOW_CONTROL_ERROR,
           frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 31))),
    broken("frames below the least size", "RFC 9113 section 6.5.2", PROTOCOL_ERROR,
           frame(SETTINGS, 0, 0, struct.pack(">HI", 5, 16383))),
    broken("frames beyond 24 bits", "RFC 9113 section 6.5.2", PROTOCOL_ERROR,
           frame(SETTINGS, 0, 0, struct.pack(">HI", 5, 1 << 24))),
    broken("thousand settings in a frame", "nghttp2 takes 32", ENHANCE_YOUR_CALM,
           frame(SETTINGS, 0, 0, struct.pack(">HI", 1, 4096) * 1000)),
    broken("ping on a stream", "RFC 9113 section 6.7", PROTOCOL_ERROR, frame(PING, 0, 1, bytes(8))),
    broken("ping of seven bytes", "RFC 9113 section 6.7", FRAME_SIZE_ERROR, frame(PING, 0, 0, bytes(7))),
    broken("goodbye on a stream", "RFC 9113 section 6.8", PROTOCOL_ERROR, frame(GOAWAY, 0, 1, bytes(8))),
    broken("goodbye cut short", "RFC 9113 section 6.8", FRAME_SIZE_ERROR, frame(GOAWAY, 0, 0, bytes(7))),
    broken("headers on no stream", STREAMS, PROTOCOL_ERROR, frame(HEADERS, END_HEADERS | END_STREAM, 0, b"\x82")),
    broken("headers on a stream of the server", STREAMS, PROTOCOL_ERROR,
           frame(HEADERS, END_HEADERS | END_STREAM, 2, b"\x82")),
    broken("data on no stream", STREAMS, PROTOCOL_ERROR, frame(DATA, 0, 0, b"x")),
    broken("data on a stream that was not opened", STATES, PROTOCOL_ERROR, frame(DATA, 0, 5, b"x")),
    broken("reset of a stream that was not opened", STATES, PROTOCOL_ERROR, frame(RST_STREAM, 0, 5, bytes(4))),
    broken("reset on no stream", STATES, PROTOCOL_ERROR, frame(RST_STREAM, 0, 0, bytes(4))),
    broken("reset of three bytes", "RFC 9113 section 6.4", FRAME_SIZE_ERROR, frame(RST_STREAM, 0, 1, bytes(3))),
    broken("window of a stream that was not opened", STATES, PROTOCOL_ERROR,
           frame(WINDOW_UPDATE, 0, 5, struct.pack(">I", 1))),
    broken("window of three bytes", WINDOWS, FRAME_SIZE_ERROR, frame(WINDOW_UPDATE, 0, 0, bytes(3))),
    broken("window widened by nothing", WINDOWS, PROTOCOL_ERROR, frame(WINDOW_UPDATE, 0, 0, bytes(4))),
    broken("window that overflows", WINDOWS, FLOW_CONTROL_ERROR,
           frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", (1 << 31) - 1)) * 2),
    broken("priority on no stream", "RFC 9113 section 6.3", PROTOCOL_ERROR, frame(PRIORITY, 0, 0, bytes(5))),
    broken("push from a client", "RFC 9113 section 8.4", PROTOCOL_ERROR,
           frame(PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 2) + b"\x82")),
    broken("continuation of nothing", HEADERS_THEN, PROTOCOL_ERROR, frame(CONTINUATION, END_HEADERS, 1, b"\x82")),
    Frames("ping inside a header", HEADERS_THEN, lambda _: frame(HEADERS, END_STREAM, 1, b"\x82")
           + frame(PING, 0, 0, bytes(8)), goaway=PROTOCOL_ERROR),
    Frames("another stream inside a header", HEADERS_THEN, lambda _: frame(HEADERS, END_STREAM, 1, b"\x82")
           + frame(CONTINUATION, END_HEADERS, 3, b"\x87"), goaway=PROTOCOL_ERROR),
    broken("padding longer than its frame", "RFC 9113 section 6.2", PROTOCOL_ERROR,
           frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, b"\xff\x82")),
    Frames("padding of data longer than its frame", "RFC 9113 section 6.1", lambda peer: peer.block(1, POST)
           + frame(DATA, PADDED, 1, b"\xff{}"), goaway=PROTOCOL_ERROR),
    broken("priority cut short in headers", "RFC 9113 section 6.2", FRAME_SIZE_ERROR,
           frame(HEADERS, END_HEADERS | PRIORITISED, 1, b"\0\0")),
    broken("field of index zero", TABLES + " section 6.1", COMPRESSION_ERROR,
           frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x80")),
    broken("field beyond the table", TABLES + " section 2.3.3", COMPRESSION_ERROR,
           frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\xff\x80\x01")),
    broken("number without end", TABLES + " section 5.1", COMPRESSION_ERROR,
           frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\xff" + b"\xff" * 20)),
    broken("string longer than its block", TABLES + " section 5.2", COMPRESSION_ERROR,
           frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x40\x7f\x7f" + b"a" * 20)),
    broken("Huffman code of the end", TABLES + " section 5.2", COMPRESSION_ERROR,
           frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x40\x84\xff\xff\xff\xff\x01a")),
    broken("table larger than allowed", TABLES + " section 6.3", COMPRESSION_ERROR,
           frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x3f\xff\xff\x03\x82")),
    broken("table resized behind a field", TABLES + " section 4.2", COMPRESSION_ERROR,
           frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x82\x20")),
    Frames("headers on a stream that has ended", STATES, lambda peer: peer.block(1, POST, "END_STREAM")
           + peer.block(1, POST, "END_STREAM"), goaway=STREAM_CLOSED),
    Frames("data behind the end", STATES, lambda peer: peer.block(1, POST) + frame(DATA, END_STREAM, 1, b"{")
           + frame(DATA, 0, 1, b"}"), goaway=STREAM_CLOSED),
    Frames("window of a stream widened by nothing", WINDOWS, lambda peer: peer.block(1, POST)
           + frame(WINDOW_UPDATE, 0, 1, bytes(4)), goaway=PROTOCOL_ERROR),
]

STREAM_ERRORS = [
    Frames("window of a stream that overflows", WINDOWS, lambda peer: peer.block(1, POST)
           + frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", (1 << 31) - 1)), reset=FLOW_CONTROL_ERROR),
    Frames("numbers of streams that go back", "RFC 9113 section 5.1.1: stream 1 is closed by then, and ignored",
           lambda peer: peer.block(3, PLAIN, "END_STREAM") + peer.block(1, PLAIN, "END_STREAM")),
]


@pytest.mark.parametrize("case", REQUESTS, ids=str)
def test_a_request_is_read_to_the_letter(server, case):
    check_frames(server, case)


@pytest.mark.parametrize("case", CONNECTIONS, ids=str)
def test_broken_framing_ends_the_connection_and_says_why(server, case):
    check_frames(server, case)


@pytest.mark.parametrize("case", STREAM_ERRORS, ids=str)
def test_a_fault_of_one_stream_leaves_the_others_alone(server, case):
    check_frames(server, case)


def test_what_is_not_http2_at_all_is_sent_away(server):
    peer = Peer(server, preface=False)
    peer.try_send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert peer.read() and peer.goaway == PROTOCOL_ERROR
    peer.close()


def test_whoever_says_goodbye_gets_its_answers_first(peer):
    peer.send(peer.block(1, PLAIN, "END_STREAM") + frame(GOAWAY, 0, 0, bytes(8)))
    assert peer.read() and peer.statuses == {1: [200]}


# Floods: each is sent in pieces until the server has had enough.

def opened_and_reset(peer):
    """CVE-2023-44487"""
    for number in range(1, 40001, 2):
        yield peer.block(number, PLAIN, "END_STREAM") + frame(RST_STREAM, 0, number, struct.pack(">I", 8))


def made_to_reset(peer):
    """CVE-2025-8671: a window that is widened by nothing makes the server reset what it works on."""
    for number in range(1, 40001, 2):
        yield peer.block(number, POST) + frame(WINDOW_UPDATE, 0, number, bytes(4))


def made_to_reset_by_overflow(peer):
    """CVE-2025-8671"""
    for number in range(1, 40001, 2):
        yield peer.block(number, POST) + frame(WINDOW_UPDATE, 0, number, struct.pack(">I", (1 << 31) - 1))


def made_to_reset_by_malformed_requests(peer):
    """CVE-2025-8671"""
    for number in range(1, 40001, 2):
        yield peer.block(number, [*PLAIN, ("connection", "close")], "END_STREAM")


def endless_continuation(peer):
    """CVE-2024-27316"""
    yield frame(HEADERS, 0, 1, peer.encoder.encode(PLAIN))
    for _ in range(20000):
        yield frame(CONTINUATION, 0, 1, b"\x00\x01a\x01b")


def empty_continuation(peer):
    yield frame(HEADERS, 0, 1, peer.encoder.encode(PLAIN))
    for _ in range(20000):
        yield frame(CONTINUATION, 0, 1)


def table_bomb(peer):
    """A field of 4 KB in the table, named by one byte each time."""
    peer.encoder.encode(PLAIN)
    for number in range(1, 4001, 2):
        bomb = b"\x40\x01x\x7f\xa1\x1e" + b"a" * 4000 if number == 1 else b""
        yield frame(HEADERS, END_HEADERS | END_STREAM, number, bomb + b"\x82\x87\x84" + b"\xbe" * 12000)


def pings(_peer):
    for number in range(400):
        yield b"".join(PingFrame(0, opaque_data=struct.pack(">Q", number)).serialize() for _ in range(250))


def settings(_peer):
    for _ in range(400):
        yield SettingsFrame(0, settings={4: 65535}).serialize() * 250


def empty_settings(_peer):
    for _ in range(400):
        yield frame(SETTINGS, 0, 0) * 250


def priorities(_peer):
    for number in range(1, 100000, 2):
        yield PriorityFrame(number, depends_on=number + 2, stream_weight=5).serialize() * 20


def windows(_peer):
    for _ in range(2000):
        yield WindowUpdateFrame(0, window_increment=1).serialize() * 250


def headers_of_the_past(peer):
    yield peer.block(3, PLAIN, "END_STREAM")
    for _ in range(400):
        yield frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x82\x87\x84") * 250


def empty_data(peer):
    """CVE-2019-9518"""
    yield peer.block(1, POST)
    for _ in range(400):
        yield frame(DATA, 0, 1) * 250


def padding_alone(peer):
    """CVE-2019-9518, dressed up"""
    yield peer.block(1, POST)
    for _ in range(400):
        yield frame(DATA, PADDED, 1, b"\0") * 250


def goodbyes(_peer):
    for _ in range(400):
        yield GoAwayFrame(0, last_stream_id=0).serialize() * 250


def pushes(_peer):
    for number in range(2, 4000, 2):
        yield PushPromiseFrame(1, promised_stream_id=number, data=b"\x82").serialize()


FLOODS = [opened_and_reset, made_to_reset, made_to_reset_by_overflow, made_to_reset_by_malformed_requests,
          endless_continuation, empty_continuation, table_bomb, pings, settings, empty_settings, priorities, windows,
          headers_of_the_past, empty_data, padding_alone, goodbyes, pushes]


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_met_with_goaway(server, flood):
    memory_before, peer = server.memory_kib(), Peer(server)
    started, let_through = time.monotonic(), True
    for piece in flood(peer):
        let_through = peer.try_send(piece)
        if not let_through or time.monotonic() - started > 15:
            break
    peer.read()
    assert peer.goaway is not None or peer.closed, f"{flood.__name__} was let go on"
    assert peer.goaway in (None, ENHANCE_YOUR_CALM, PROTOCOL_ERROR), peer.goaway
    peer.close()
    assert is_well(server)
    assert server.memory_kib() - memory_before < 60000


def test_resets_that_nobody_reads_are_not_piled_up(server):
    """Settings that are never acknowledged, streams beyond their number, and nothing is read: each is one more reset
    that waits to be sent."""
    large = [GET, SCHEME, AUTHORITY, (":path", "/api/v1/openapi.json")]
    peers, memory_before = [], server.memory_kib()
    for _ in range(3):
        peers.append(peer := Peer(server))
        peer.stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.send(SettingsFrame(0, settings={4: (1 << 31) - 1}), frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 30)),
                  *(peer.block(number, large, "END_STREAM") for number in range(1, 201, 2)))
        time.sleep(0.3)
        number = 201
        peer.stream.settimeout(0.5)
        while number < 2000000 and peer.try_send(b"".join(frame(HEADERS, END_HEADERS | END_STREAM, each, b"\x82\x87\x84")
                                                          for each in range(number, number + 10000, 2))):
            number += 10000
    time.sleep(0.3)
    grown = server.memory_kib() - memory_before
    assert grown < 60000, f"{grown} KiB"
    for peer in peers:
        peer.close()
    assert is_well(server)


def test_more_streams_than_allowed_are_refused(server, peer):
    # A window of nothing keeps every answer waiting, so that streams stay open.
    peer.send(SettingsFrame(0, settings={4: 0}))
    page = [GET, SCHEME, AUTHORITY, (":path", "/sign-in")]
    peer.try_send(b"".join(peer.block(number, page, "END_STREAM") for number in range(1, 401, 2)))
    assert peer.read(lambda: peer.goaway is not None or len(peer.resets) > 100)
    assert is_well(server)


def test_other_streams_go_on_beside_a_malformed_one(server):
    """A header that was refused is over, and its deadline with it."""
    with Server(header_deadline_ms=500) as own:
        own.init().start()
        peer = Peer(own)
        peer.send(peer.block(1, [*POST, ("content-length", "12")]))
        peer.send(peer.block(3, [*PLAIN, ("connection", "close")], "END_STREAM"))
        for _ in range(10):
            peer.send(frame(DATA, 0, 1, b" "))
            time.sleep(0.1)
        peer.send(frame(DATA, END_STREAM, 1, b"{}"))
        assert peer.read(lambda: peer.over(1, 3))
        assert peer.resets == {3: PROTOCOL_ERROR} and peer.statuses == {1: [422]}, vars(peer)
        peer.close()
