"""Peers that obey nobody, and cases as data: what is sent, what must come, and by which rule.

A connection always ends with a canary, an honest request for /healthz: on a connection that lives on it must be
answered, and nothing else; on one that was closed it must not.  So no bytes of a request are ever taken for another.
"""
import json
import struct
import time
from dataclasses import dataclass, field

import hpack
from hyperframe.frame import Frame, GoAwayFrame, HeadersFrame, RstStreamFrame, SettingsFrame

WAIT_S = 10.0
HOST = b"Host: localhost\r\n"
CANARY = b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
CANARY_STREAM = 2001
# Answered 404, should it ever be taken for a request.
SMUGGLED = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"
KEPT, CLOSED = "kept", "closed"

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
PLAIN = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/healthz")]
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, \
    FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM = range(12)


# HTTP/1.1

@dataclass
class Answer:
    status: int
    fields: dict
    body: bytes

    @property
    def code(self):
        return json.loads(self.body)["code"] if "problem+json" in self.fields.get("content-type", "") else None


@dataclass(frozen=True)
class Case:
    """Bytes of HTTP/1.1.  status: of each answer before the canary's; code: of the last problem document."""
    name: str
    why: str
    sent: bytes
    status: tuple
    after: str
    code: str = None
    bodiless: bool = False  # the first request is HEAD
    fields: dict = field(default_factory=dict)  # of the last answer

    def __str__(self):
        return self.name.replace(" ", "-")


def read_to_end(stream, wait_s=WAIT_S):
    """All that comes until the other side ends it; fails when it does not."""
    got, deadline = b"", time.monotonic() + wait_s
    while True:
        stream.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            piece = stream.recv(65536)
        except TimeoutError:
            raise AssertionError(f"not ended after {wait_s} s; so far: {got[:500]!r}") from None
        except OSError:
            return got
        if not piece:
            return got
        got += piece


def parse_answers(got, bodiless=False):
    """Answers one behind the other, each cut by its own length; nothing may be left."""
    answers = []
    while got:
        head, end, rest = got.partition(b"\r\n\r\n")
        assert end and head.startswith(b"HTTP/1.1 "), f"no answer: {got[:300]!r}"
        first, *lines = head.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split(" ")[1])
        empty = status < 200 or status in (204, 304) or (bodiless and not answers)
        length = 0 if empty else int(fields["content-length"])
        answers.append(Answer(status, fields, rest[:length]))
        assert len(rest) >= length, f"an answer was cut short: {got[:300]!r}"
        got = rest[length:]
    return answers


def check(server, case):
    with server.connect(timeout=WAIT_S) as stream:
        try:
            stream.sendall(case.sent + CANARY)
        except OSError:
            pass  # refused before all was sent: what came says why
        answers = parse_answers(read_to_end(stream), case.bodiless)
    found = [answer.status for answer in answers]
    expected = [*case.status, *([200] if case.after == KEPT else [])]
    assert found == expected, f"{case.name}: {found}, not {expected} ({case.why}): {answers}"
    if case.after == KEPT:
        canary = answers.pop()
        assert canary.status == 200 and canary.body, f"{case.name}: the next request got {canary}"
    last = answers[-1] if answers else None
    for answer in answers:
        is_last = answer is last and case.after == CLOSED
        assert (answer.fields.get("connection") == "close") == is_last, f"{case.name}: {answer} (RFC 9112 section 9.6)"
        assert answer.fields["request-id"] and answer.fields["x-content-type-options"] == "nosniff", answer
        if answer.status >= 400 and answer.body:
            told = json.loads(answer.body)
            assert (told["status"], told["request_id"]) == (answer.status, answer.fields["request-id"]), answer
    if case.code:
        assert last.code == case.code, f"{case.name}: {last.code}, not {case.code}: {last}"
    for name, value in case.fields.items():
        assert last.fields.get(name) == value, f"{case.name}: {last.fields}"


# HTTP/2

class Peer:
    """A connection on which the test decides about every byte."""

    def __init__(self, server, preface=True):
        self.stream = server.connect("h2", timeout=WAIT_S)
        assert self.stream.selected_alpn_protocol() == "h2"
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.buffer, self.closed = b"", False
        self.statuses, self.resets, self.bodies, self.ended, self.goaway = {}, {}, {}, set(), None
        if preface:
            self.send(PREFACE, SettingsFrame(0))

    def send(self, *frames):
        self.stream.sendall(b"".join(frame if isinstance(frame, bytes) else frame.serialize() for frame in frames))

    def try_send(self, *frames):
        """What the server ends meanwhile is no failure of the test; whether it was let through is returned."""
        try:
            self.send(*frames)
            return True
        except OSError:
            return False

    def headers(self, number, fields, *flags):
        frame = HeadersFrame(number, data=self.encoder.encode(fields))
        frame.flags |= {"END_HEADERS", *flags}
        return frame

    def block(self, number, fields, *flags):
        """A header in as many frames as it takes."""
        data = self.encoder.encode(fields)
        pieces = [data[at:at + 16384] for at in range(0, len(data), 16384)]
        ends = 4 if len(pieces) == 1 else 0
        sent = frame(1, ends | (1 if "END_STREAM" in flags else 0), number, pieces[0])
        for at, piece in enumerate(pieces[1:], 2):
            sent += frame(9, 4 if at == len(pieces) else 0, number, piece)
        return sent

    def _note(self, frame):
        if isinstance(frame, HeadersFrame):
            decoded = dict(self.decoder.decode(bytes(frame.data)))
            self.statuses.setdefault(frame.stream_id, []).append(int(decoded[":status"]))
        elif isinstance(frame, RstStreamFrame):
            self.resets[frame.stream_id] = frame.error_code
        elif isinstance(frame, GoAwayFrame):
            self.goaway = frame.error_code
        elif frame.type == 0:
            self.bodies[frame.stream_id] = self.bodies.get(frame.stream_id, b"") + frame.data
        if "END_STREAM" in frame.flags:
            self.ended.add(frame.stream_id)

    def _parse(self):
        while len(self.buffer) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(self.buffer[:9]))
            if len(self.buffer) < 9 + length:
                return
            frame.parse_body(memoryview(self.buffer[9:9 + length]))
            self.buffer = self.buffer[9 + length:]
            self._note(frame)

    def read(self, until=lambda: False, wait_s=WAIT_S):
        """Takes what comes until that holds or the other side has ended it; false when the time is over."""
        deadline = time.monotonic() + wait_s
        while not self.closed and not until():
            if time.monotonic() >= deadline:
                return False
            self.stream.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                piece = self.stream.recv(65536)
            except TimeoutError:
                return False
            except OSError:
                piece = b""
            self.closed = piece == b""
            self.buffer += piece
            self._parse()
        return True

    def over(self, *streams):
        return all(number in self.ended or number in self.resets for number in streams)

    def code(self, number):
        return json.loads(self.bodies[number])["code"]

    def close(self):
        self.stream.close()


@dataclass(frozen=True)
class Frames:
    """Frames of HTTP/2.  build(peer) gives them; stream 1 must end with a status, or with a reset; or the
    connection ends with GOAWAY of that code."""
    name: str
    why: str
    build: object
    status: int = None
    reset: int = None
    goaway: int = None
    code: str = None

    def __str__(self):
        return self.name.replace(" ", "-")


def check_frames(server, case):
    peer = Peer(server)
    try:
        peer.try_send(case.build(peer))
        if case.goaway is not None:
            assert peer.read(), f"{case.name}: not ended: {vars(peer)}"
            assert peer.goaway == case.goaway, f"{case.name}: GOAWAY {peer.goaway}, not {case.goaway} ({case.why})"
            return
        peer.try_send(peer.headers(CANARY_STREAM, PLAIN, "END_STREAM"))
        watched = [CANARY_STREAM] + ([1] if case.status or case.reset is not None else [])
        assert peer.read(lambda: peer.over(*watched)), f"{case.name}: no end: {vars(peer)}"
        assert peer.statuses.get(CANARY_STREAM) == [200], f"{case.name}: GOAWAY {peer.goaway}, {peer.statuses}"
        found = peer.statuses.get(1, [None])[-1]
        assert found == case.status, f"{case.name}: {found} {peer.resets}, not {case.status} ({case.why})"
        if case.reset is not None:
            assert peer.resets.get(1) == case.reset, f"{case.name}: RST {peer.resets} ({case.why})"
        if case.code:
            assert peer.code(1) == case.code, f"{case.name}: {peer.bodies}"
        assert not set(peer.statuses) - {1, 3, CANARY_STREAM}, f"{case.name}: {peer.statuses}"
    finally:
        peer.close()


# Both

@dataclass(frozen=True)
class Request:
    """One request, said in either protocol.  after: of HTTP/1.1; reset: HTTP/2 resets instead of an answer."""
    name: str
    why: str
    status: int
    after: str = KEPT
    method: str = "GET"
    path: str = "/healthz"
    authority: str = "localhost"
    extra: tuple = ()
    body: bytes = None
    code: str = None
    reset: int = None
    fields: dict = field(default_factory=dict)

    def __str__(self):
        return self.name.replace(" ", "-")

    def as_http1(self):
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {self.authority}",
                 *(f"{name}: {value}" for name, value in self.extra)]
        if self.body is not None:
            lines.append(f"Content-Length: {len(self.body)}")
        sent = "\r\n".join([*lines, "", ""]).encode("latin-1") + (self.body or b"")
        return Case(self.name, self.why, sent, (self.status,), self.after, self.code, self.method == "HEAD", self.fields)

    def as_frames(self):
        def build(peer):
            fields = [(":method", self.method), (":scheme", "https"), (":authority", self.authority),
                      (":path", self.path), *((name.lower().encode(), value.encode("latin-1"))
                                              for name, value in self.extra)]
            if self.body is None:
                return peer.block(1, fields, "END_STREAM")
            fields.append(("content-length", str(len(self.body))))
            return peer.block(1, fields) + frame(0, 1, 1, self.body)
        if self.reset is not None:
            return Frames(self.name, self.why, build, reset=self.reset)
        return Frames(self.name, self.why, build, status=self.status, code=self.code)


def frame(kind, flags, stream, payload=b"", length=None):
    """A frame of HTTP/2 as it stands, right or wrong."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def is_well(server):
    peer = Peer(server)
    peer.send(peer.headers(1, PLAIN, "END_STREAM"))
    peer.read(lambda: peer.over(1))
    peer.close()
    return peer.statuses == {1: [200]}
