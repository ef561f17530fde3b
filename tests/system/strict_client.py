"""Clients that never repeat a request, over either protocol: what they were not answered, the server has lost."""
import re
import time

from hpack import Decoder, Encoder
from hyperframe.frame import DataFrame, Frame, GoAwayFrame, HeadersFrame, SettingsFrame, WindowUpdateFrame

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Failed(AssertionError):
    """A request whose bytes had been sent was not answered whole."""


class StrictHttp1:
    """Never repeats a request, and never looks whether the connection still stands: only "Connection: close" ends one."""

    def __init__(self, server):
        self.server, self.stream, self.left = server, None, b""

    def connect(self):
        self.close()
        self.stream = self.server.connect()

    def read(self):
        piece = self.stream.recv(65536)
        if not piece:
            raise Failed("the connection ended within an answer")
        return piece

    def request(self, method, path, fields, body=b"", pace=None):
        if self.stream is None:
            self.connect()
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.server.port}",
                 *(f"{name}: {value}" for name, value in fields.items())]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        try:
            self.stream.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            return self.read_answer(pace)
        except OSError as fault:
            raise Failed(f"{method} {path}: {fault}") from fault

    def read_answer(self, pace):
        text = b""
        while b"\r\n\r\n" not in text:
            text += self.read()
        first, body = text.split(b"\r\n\r\n", 1)
        status = int(first.split(b" ", 2)[1])
        length = int(re.search(rb"(?i)content-length: (\d+)", first + b"\ncontent-length: 0").group(1))
        while len(body) < length:
            if pace:
                time.sleep(pace)
            body += self.read()
        if re.search(rb"(?i)connection: close", first):
            self.close()
        return status, body

    def close(self):
        if self.stream is not None:
            self.stream.close()
        self.stream = None


class StrictHttp2:
    """One stream after the other; reads only for an answer, and a request that is not processed has failed."""

    def __init__(self, server):
        self.server, self.stream, self.told_to_go = server, None, False

    def connect(self):
        self.close()
        self.stream = self.server.connect("h2")
        self.next_id, self.bytes, self.told_to_go = 1, b"", False
        self.encoder, self.decoder = Encoder(), Decoder()
        self.stream.sendall(PREFACE + SettingsFrame(0).serialize()
                            + WindowUpdateFrame(0, window_increment=2**30).serialize())

    def frame(self):
        """The next one; None at the end of the connection."""
        while len(self.bytes) < 9 or len(self.bytes) < 9 + int.from_bytes(self.bytes[:3], "big"):
            piece = self.stream.recv(65536)
            if not piece:
                return None
            self.bytes += piece
        frame, length = Frame.parse_frame_header(memoryview(self.bytes[:9]))
        frame.parse_body(memoryview(self.bytes[9:9 + length]))
        self.bytes = self.bytes[9 + length:]
        return frame

    def note(self, frame):
        if isinstance(frame, GoAwayFrame):
            self.told_to_go = True
        elif isinstance(frame, SettingsFrame) and "ACK" not in frame.flags:
            self.stream.sendall(SettingsFrame(0, flags=["ACK"]).serialize())

    def request(self, method, path, fields, body=b"", pace=None):
        assert not body and not pace
        if self.stream is None or self.told_to_go:
            self.connect()
        number, self.next_id = self.next_id, self.next_id + 2
        names = [(":method", method), (":scheme", "https"), (":path", path),
                 (":authority", f"localhost:{self.server.port}"),
                 *((name.lower(), value) for name, value in fields.items())]
        asked = HeadersFrame(number, data=self.encoder.encode(names), flags=["END_HEADERS", "END_STREAM"])
        try:
            self.stream.sendall(asked.serialize() + WindowUpdateFrame(number, window_increment=2**30).serialize())
            return self.read_answer(number)
        except OSError as fault:
            raise Failed(f"{method} {path}: {fault}") from fault

    def read_answer(self, number):
        status, body = None, b""
        while True:
            frame = self.frame()
            if frame is None:
                raise Failed("the connection ended within an answer")
            self.note(frame)
            if isinstance(frame, GoAwayFrame) and frame.last_stream_id < number:
                raise Failed("a stream was not processed")
            if frame.stream_id != number:
                continue
            if isinstance(frame, HeadersFrame):
                status = int(dict(self.decoder.decode(frame.data))[":status"])
            elif isinstance(frame, DataFrame):
                body += frame.data
            else:
                raise Failed(f"{frame}")
            if "END_STREAM" in frame.flags:
                return status, body

    def close(self):
        if self.stream is not None:
            self.stream.close()
        self.stream = None
