"""The abuse suite's bytes as seeds for the fuzzers: python3 hostile_seeds.py FOLDER fills FOLDER/<target>/."""
import sys
from pathlib import Path

import hpack

from hostile import PREFACE, Peer
from hostile_h2_test import CONNECTIONS as BROKEN
from hostile_h2_test import REQUESTS, STREAM_ERRORS
from hostile_http_test import CHUNKED, CONNECTIONS, FIELDS, FRAMING, LINE
from hostile_requests_test import CASES, RANGED

SEED_BYTES_MAX = 4096
# Paths of the suite, as the fuzzed connections have them.
PATHS = ((b"/api/v1/session/password", b"/"), (b"/healthz", b"/"), (b"/sign-in", b"/"))


class Unconnected(Peer):
    """Only builds frames."""

    def __init__(self):  # pylint: disable=super-init-not-called
        self.encoder = hpack.Encoder()


def plain_paths(sent):
    for path, root in PATHS:
        sent = sent.replace(path, root)
    return sent


def seeds():
    """(target, name, bytes)"""
    for case in [*FRAMING, *CHUNKED, *FIELDS, *LINE, *CONNECTIONS, *(request.as_http1() for request in CASES)]:
        yield "http_request", case.name, case.sent
        yield "http_h1", case.name, b"\0" + plain_paths(case.sent)
    for case in CHUNKED:
        yield "http_chunked", case.name, case.sent.partition(b"\r\n\r\n")[2]
    for case in [*REQUESTS, *BROKEN, *STREAM_ERRORS, *(request.as_frames() for request in CASES)]:
        yield "http_h2", case.name, b"\0" + case.build(Unconnected()).removeprefix(PREFACE)
    for case in RANGED:
        for _, value in case.extra:
            yield "http_range", case.name, value.encode("latin-1")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for target, name, sent in seeds():
        folder = Path(sys.argv[1], target)
        folder.mkdir(parents=True, exist_ok=True)
        if len(sent) <= SEED_BYTES_MAX:
            (folder / name.replace(" ", "-").replace("/", "-")).write_bytes(sent)
