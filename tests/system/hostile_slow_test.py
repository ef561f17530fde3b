"""Peers that take their time: each meets an absolute deadline, whatever it sends now and then to look alive.

The deadlines here are a second or so; all cases run beside each other, and what each of them found is then told.
"""
import itertools
import socket
import ssl
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from hyperframe.frame import SettingsFrame

from harness import Server
from hostile import CANCEL, ENHANCE_YOUR_CALM, HOST, NO_ERROR, PLAIN, PREFACE, Peer, frame, is_well, parse_answers

DEADLINES = {"handshake_deadline_ms": 1000, "header_deadline_ms": 1000, "idle_deadline_ms": 1500,
             "transfer_grace_ms": 1000, "transfer_stall_ms": 1500, "linger_ms": 500,
             "body_bytes_per_second_least": 1000, "send_bytes_per_second_least": 1000}
ENDED_WITHIN_S = 8.0  # of deadlines of 1 to 1.5 s, on a machine with much else to do
PAUSE_S = 0.1
UNREAD_S = 5.0  # then it is looked whether all had been sent
POST = b"POST /api/v1/session/password HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
LARGE = b"GET /api/v1/openapi.json HTTP/1.1\r\n" + HOST + b"\r\n"
DATA, HEADERS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 6, 8, 9
POST_FIELDS = [(":method", "POST"), *PLAIN[1:3], (":path", "/api/v1/session/password")]
LARGE_FIELDS = [*PLAIN[:3], (":path", "/api/v1/openapi.json")]


@dataclass(frozen=True)
class Slow:
    """first is sent at once, then a piece of drip each pause.  status: of the last answer, if there is one."""
    name: str
    why: str
    first: bytes
    drip: object = ()
    status: int = None
    tls: bool = True
    reads: bool = True

    def __str__(self):
        return self.name.replace(" ", "-")


@dataclass(frozen=True)
class SlowFrames:
    """The same over HTTP/2: stream 1 ends so, or the connection."""
    name: str
    why: str
    first: object
    drip: object = ()
    status: int = None
    reset: int = None
    goaway: tuple = ()
    preface: bool = True

    def __str__(self):
        return self.name.replace(" ", "-")


def bytes_of(text):
    return [text[at:at + 1] for at in range(len(text))]


HEADER = "header-deadline-ms"
IDLE = "idle-deadline-ms"
BODY = "body-bytes-per-second-least, transfer-stall-ms"
ANSWER = "send-bytes-per-second-least, transfer-stall-ms"
FOREVER = itertools.repeat

CASES = [
    Slow("silence without a handshake", "handshake-deadline-ms", b"", tls=False),
    Slow("handshake that drips", "handshake-deadline-ms", b"", bytes_of(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" * 20),
         tls=False),
    Slow("clear text to a TLS port", "it is no handshake", LARGE, tls=False),
    Slow("silence behind the handshake", HEADER, b""),
    Slow("request line that drips", HEADER, b"", bytes_of(LARGE * 3), 408),
    Slow("half a request line", HEADER, b"GET /healthz HT", (), 408),
    Slow("fields that drip", HEADER, b"GET /healthz HTTP/1.1\r\n" + HOST, FOREVER(b"X: y\r\n"), 408),
    Slow("field that drips", HEADER, b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: ", FOREVER(b"y"), 408),
    Slow("empty line that is left out", HEADER, b"GET /healthz HTTP/1.1\r\n" + HOST, (), 408),
    Slow("empty lines that drip", HEADER, b"\r", (), 408),
    Slow("second request that drips", HEADER, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n", bytes_of(LARGE * 3), 408),
    Slow("silence behind an answer", IDLE, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n", (), 200),
    Slow("body that drips", BODY, POST + b"Content-Length: 4000\r\n\r\n", FOREVER(b" "), 408),
    Slow("body that never comes", BODY, POST + b"Content-Length: 4000\r\n\r\n", (), 408),
    Slow("body that stalls after a fast beginning", "transfer-stall-ms",
         POST + b"Content-Length: 4096\r\n\r\n" + b" " * 4000, (), 408),
    Slow("body that is announced and never sent", BODY, POST + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n",
         (), 408),
    Slow("chunks that drip", BODY, POST + b"Transfer-Encoding: chunked\r\n\r\n", FOREVER(b"1\r\n \r\n"), 408),
    Slow("chunk size that drips", BODY, POST + b"Transfer-Encoding: chunked\r\n\r\n", bytes_of(b"0" * 15), 408),
    Slow("extensions that drip", BODY, POST + b"Transfer-Encoding: chunked\r\n\r\n1;", FOREVER(b"x"), 408),
    Slow("trailers that drip", BODY, POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", FOREVER(b"X: y\r\n"),
         408),
    Slow("body that nobody reads and that drips", BODY,
         b"POST /nowhere HTTP/1.1\r\n" + HOST + b"Content-Length: 4000\r\n\r\n", FOREVER(b" "), 404),
    Slow("sending on after a refusal", "linger-ms", b"GET /%zz HTTP/1.1\r\n" + HOST + b"\r\n", FOREVER(b"x"), 400),
    Slow("answers that nobody reads", ANSWER, LARGE * 500, reads=False),
    SlowFrames("preface that drips", HEADER, lambda _: b"", bytes_of(PREFACE * 3), goaway=(ENHANCE_YOUR_CALM,),
               preface=False),
    SlowFrames("preface without its settings", HEADER, lambda _: PREFACE, goaway=(ENHANCE_YOUR_CALM,), preface=False),
    SlowFrames("silence over HTTP/2", IDLE, lambda _: b"", goaway=(NO_ERROR,)),
    SlowFrames("pings without a request", IDLE, lambda _: b"", FOREVER(frame(PING, 0, 0, bytes(8))), goaway=(NO_ERROR,)),
    SlowFrames("frame header that drips", IDLE, lambda _: b"", bytes_of(bytes(8)), goaway=(NO_ERROR,)),
    SlowFrames("header that drips", HEADER, lambda _: frame(HEADERS, 1, 1, length=1000), FOREVER(b"\x00\x01a\x01b"),
               goaway=(ENHANCE_YOUR_CALM,)),
    SlowFrames("header that never ends", HEADER, lambda peer: frame(HEADERS, 1, 1, peer.encoder.encode(PLAIN)),
               goaway=(ENHANCE_YOUR_CALM,)),
    SlowFrames("continuations that drip", HEADER, lambda peer: frame(HEADERS, 1, 1, peer.encoder.encode(PLAIN)),
               FOREVER(frame(CONTINUATION, 0, 1, b"\x00\x01a\x01b"), 6), goaway=(ENHANCE_YOUR_CALM,)),
    SlowFrames("body that drips over HTTP/2", BODY, lambda peer: peer.block(1, POST_FIELDS),
               FOREVER(frame(DATA, 0, 1, b" ")), status=408),
    SlowFrames("body of nothing that drips over HTTP/2", BODY, lambda peer: peer.block(1, POST_FIELDS),
               FOREVER(frame(DATA, 0, 1)), status=408),
    SlowFrames("body that never comes over HTTP/2", BODY, lambda peer: peer.block(1, POST_FIELDS), status=408),
    SlowFrames("body that never comes, and pings", BODY, lambda peer: peer.block(1, POST_FIELDS),
               FOREVER(frame(PING, 0, 0, bytes(8))), status=408),
    SlowFrames("window of nothing", ANSWER, lambda peer: SettingsFrame(0, settings={4: 0}).serialize()
               + peer.block(1, LARGE_FIELDS, "END_STREAM"), reset=CANCEL),
    SlowFrames("window that opens by a byte", ANSWER, lambda peer: SettingsFrame(0, settings={4: 0}).serialize()
               + peer.block(1, LARGE_FIELDS, "END_STREAM"), FOREVER(frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", 1))),
               reset=CANCEL),
    SlowFrames("windows of nothing on many streams", ANSWER, lambda peer: SettingsFrame(0, settings={4: 0}).serialize()
               + b"".join(peer.block(n, LARGE_FIELDS, "END_STREAM") for n in range(1, 100, 2)), reset=CANCEL),
]


def hold(server, case):
    """How long a connection of HTTP/1.1 was held, and what came."""
    stream = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    try:
        if case.tls:
            stream = server.tls_context("http/1.1").wrap_socket(stream, server_hostname="localhost")
        got, started = b"", time.monotonic()
        drip = iter(case.drip)
        try:
            stream.settimeout(3)
            stream.sendall(case.first)
            while time.monotonic() - started < (ENDED_WITHIN_S if case.reads else UNREAD_S):
                piece = next(drip, b"")
                if piece:
                    stream.settimeout(3)
                    stream.sendall(piece)
                if not case.reads:
                    time.sleep(0.3)
                    continue
                stream.settimeout(PAUSE_S)
                try:
                    came = stream.recv(65536)
                except (TimeoutError, ssl.SSLWantReadError):
                    continue
                if not came:
                    return got
                got += came
        except OSError as error:
            if not (isinstance(error, TimeoutError) and case.reads):
                return got
        if not case.reads:
            return read_rest(stream, got)
        raise AssertionError(f"{case.name}: held for {ENDED_WITHIN_S} s ({case.why}): {got[:300]!r}")
    finally:
        stream.close()


def read_rest(stream, got):
    """What the kernels held; ends soon when the server has ended it."""
    stream.settimeout(3)
    try:
        while came := stream.recv(1 << 20):
            got += came
    except TimeoutError:
        raise AssertionError("answers that nobody reads were held") from None
    except OSError:
        pass
    return got


def tell(server, case):
    if isinstance(case, SlowFrames):
        tell_frames(server, case)
        return
    got = hold(server, case)
    if case.status:
        assert parse_answers(got)[-1].status == case.status, f"{case.name}: {got[:500]!r}"
    elif case.reads:
        assert got == b"", f"{case.name}: {got[:500]!r}"
    else:
        assert len(got) < 500 * 61000, "all was sent to somebody who reads nothing"


def tell_frames(server, case):
    peer = Peer(server, preface=case.preface)
    ends_stream = case.status is not None or case.reset is not None
    started, drip = time.monotonic(), iter(case.drip)
    try:
        peer.try_send(case.first(peer))
        while time.monotonic() - started < ENDED_WITHIN_S:
            piece = next(drip, b"")
            sent = not piece or peer.try_send(piece)
            peer.read(lambda: ends_stream and peer.over(1), PAUSE_S if sent else 3)
            if peer.closed or (ends_stream and peer.over(1)):
                break
        else:
            raise AssertionError(f"{case.name}: held for {ENDED_WITHIN_S} s ({case.why}): {vars(peer)}")
        if ends_stream:
            assert peer.statuses.get(1, [None])[-1] in (case.status, 200), f"{case.name}: {vars(peer)}"
            assert case.status is None or peer.statuses[1] == [case.status], f"{case.name}: {peer.statuses}"
            assert peer.resets.get(1) == case.reset or case.status, f"{case.name}: {peer.resets}"
        else:
            assert peer.goaway in case.goaway, f"{case.name}: GOAWAY {peer.goaway}"
    finally:
        peer.close()


@pytest.fixture(scope="module")
def outcomes():
    """All cases beside each other, on one server, which answers others meanwhile and is well afterwards."""
    assert len({case.name for case in CASES}) == len(CASES), "two cases share a name"
    with Server(**DEADLINES) as server:
        server.init().start()
        with ThreadPoolExecutor(len(CASES)) as pool:
            told = {case.name: pool.submit(tell, server, case) for case in CASES}
            for _ in range(10):
                assert is_well(server)
                time.sleep(0.1)
        assert is_well(server)
        yield told


@pytest.mark.parametrize("case", CASES, ids=str)
def test_whoever_takes_its_time_meets_a_deadline_and_nobody_waits_behind_it(outcomes, case):
    outcomes[case.name].result()
