"""The same odd requests to nginx and to us: where the outcomes differ, the table says why ours is right.

An outcome is the classes of the answers in order, with the canary's at the end: "4" is refused and closed, "4 2" is
refused and kept, "2 2" is served.  A difference that the table does not list fails, and so does a listed one that is
none any more.  `python3 differential_test.py` prints the table of docs/strictness.md.
"""
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from harness import ROOT, Server, free_port
from hostile import CANARY, parse_answers, read_to_end
from hostile_http_test import CHUNKED, CONNECTIONS, FIELDS, FRAMING, LINE
from hostile_requests_test import METHODS, TARGETS

PAGE = ROOT / "docs/strictness.md"
CONFIG = """
daemon off; user {user}; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off; client_header_timeout 2s; client_body_timeout 2s; keepalive_timeout 1s;
    lingering_time 1s; lingering_timeout 1s; client_max_body_size 4k;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port} ssl; server_name localhost;
        ssl_certificate {tls}/server.pem; ssl_certificate_key {tls}/server.key;
        location = /healthz {{
            if ($request_method !~ ^(GET|HEAD|OPTIONS)$) {{ return 405; }}
            return 200 "well";
        }}
        location = /api/v1/session/password {{ return 422; }}
        location / {{ return 404; }}
    }}
}}
"""
CASES = {case.name: case for case in
         [*FRAMING, *CHUNKED, *FIELDS, *LINE, *CONNECTIONS,
          *(request.as_http1() for request in [*TARGETS, *METHODS] if "JSON" not in request.why)]}


# Why ours is right; ours, nginx's; what differs so.
DIFFERENCES = [
    ("RFC 9112 section 6.3: where chunked is not the last coding, the answer is 400; 501 is for a list that ends with it",
     "4", "5", ["chunked twice", "chunked not last", "identity", "chunked misspelt", "chunked cut short",
                "chunked in quotes", "chunked with a parameter", "chunked with a comma behind",
                "chunked with a wide space before", "empty transfer coding"]),
    ("RFC 9110 section 5.5: a control character in a value makes the request malformed, whatever it meant to say",
     "4", "5", ["chunked with a vertical tab before", "chunked with a form feed behind"]),
    ("RFC 9112 section 6.1: fields of one name are one list, and gzip in it is not implemented",
     "5", "4", ["gzip and chunked in two fields"]),
    ("RFC 9112 section 2.2: a line may end with a bare LF for a lenient reader only; an edge that is none sees another request",
     "4", "2 2", ["bare line feed in a value", "head ended by bare line feeds", "head ended by one bare line feed",
                  "bare line feed before"]),
    ("RFC 9112 section 2.2, as above; behind it nginx reads chunks that an edge saw as a body without them",
     "4", "4 4 2", ["chunked behind a bare line feed"]),
    ("RFC 9112 section 2.2: one empty line before a request is ignored, and no honest client sends two",
     "4", "2 2", ["two empty lines before"]),
    ("RFC 9112 section 7.1: CR LF ends size and data of a chunk; anything else is read as two bodies by two readers",
     "4", "4 4 2", ["chunk size with a space behind", "chunk size ended by a bare line feed",
                    "chunk ended by a bare line feed", "extension ended by a bare line feed",
                    "extension with a null", "last chunk ended by a bare line feed"]),
    ("RFC 9112 section 7.1.2: trailers are fields, and obey their grammar",
     "4", "4 2", ["trailer without a name", "trailer with a space before its colon", "trailer with a null",
                  "folded trailer", "trailer with a bare line feed"]),
    ("The limit of a body holds for chunks too; nginx never counts what it throws away",
     "4", "4 4 2", ["chunks over the body's limit"]),
    ("The end of a body in chunks that nobody wants is not known: the connection ends rather than read on",
     "4", "4 4 2", ["chunked body that nobody reads"]),
    ("RFC 9110 section 10.1.1: who waited for 100 and got an answer may never send the body; what comes could be either",
     "4", "4 2", ["body that is expected and refused"]),
    ("RFC 9110 section 9.3.1, as below; and the end of a body in chunks is not known", "4", "2 4 2",
     ["chunked body where none is taken"]),
    ("RFC 9112 section 5.1: a name is a token", "4", "2 2", ["bracket in a name", "byte above 127 in a name"]),
    ("RFC 9110 section 5.5: control characters in a value are invalid",
     "4", "2 2", ["escape in a value", "delete in a value", "carriage return before the line end"]),
    ("RFC 9112 section 3.2: an invalid Host is answered 400; RFC 3986 section 3.2 says what is valid",
     "4", "2 2", ["host with a user", "host with a comma", "host with a port that is none",
                  "host with a port beyond ports", "host that is no address", "host with an open bracket"]),
    ("RFC 9112 section 2.3: HTTP/0.9 is not spoken; it has no head that could say so to its caches",
     "4", "no head", ["no version"]),
    ("RFC 9112 section 2.3: a version is one digit, a point, one digit, and the end of the line",
     "4", "2 2", ["version with more digits", "version with a space behind"]),
    ("RFC 9110 section 15.6.6: a version that is not spoken is 505",
     "5", "4", ["version 0.9 in words", "preface of HTTP/2"]),
    ("RFC 9112 section 3: single spaces; what is between two is anyone's guess",
     "4", "2 2", ["two spaces in the request line"]),
    ("RFC 9110 section 9.1: a method that is not known is 501",
     "5", "4", ["method in lower case", "tunnel", "trace", "trace that may go no further"]),
    ("RFC 9110 section 9.1: a method that is not known is 501; and nothing behind it is read, as its body's rules are not known",
     "5", "4 2", ["unknown method", "method of a web folder"]),
    ("RFC 9110 section 7.1: this is an origin for https, and no proxy for others",
     "4", "2 2", ["target of another scheme"]),
    ("RFC 9112 section 3.2.2 lets the target win over Host; a request with two hosts can be read two ways, and is refused",
     "4", "2 2", ["target of another host than Host"]),
    ("RFC 9112 section 3.2: a target has no fragment", "4", "2 2", ["target with a fragment"]),
    ("RFC 3986 section 2: such bytes come percent-encoded; not found is not the fault, malformed is",
     "4", "4 2", ["target with a byte above 127", "path with a bare quote", "path with an open bracket",
                  "path with a backslash"]),
    ("RFC 3986 section 3.4: such bytes come percent-encoded", "4", "2 2", ["query with an angle bracket"]),
    ("RFC 9110 section 9.3.7: the server as a whole answers OPTIONS", "2 2", "4", ["options of the server"]),
    ("RFC 9112 section 9.3: a server need not keep HTTP/1.0 open; keep-alive of that time is smuggled through proxies",
     "2", "2 4 2", ["HTTP/1.0 that wants to stay"]),
    ("RFC 9110 section 10.1.1: an expectation that is not known may be answered 417; ignoring it promises what is not kept",
     "4", "2 2", ["expectation that is none"]),
    ("RFC 9110 section 10.1.1: without a body there is nothing to wait for", "2 2", "1 2 2",
     ["expectation without a body"]),
    ("RFC 3986 section 6.2.2.3: clients resolve dot segments before they send; whoever did not is after something",
     "4", "2 2", ["path with a dot segment"]),
    ("One path has one spelling (src/http/target.h): other spellings of a slash or a dot, controls and what is no UTF-8 are malformed",
     "4", "4 2", ["path that ends in two dots", "path with an encoded slash", "path with an encoded backslash",
                  "path with an encoded line feed", "path with an encoded carriage return",
                  "path with an encoded delete", "path with a long form of a slash", "path with half a surrogate",
                  "path with half a character"]),
    ("RFC 3986 section 3.3: an empty segment counts; merging slashes makes two paths one", "4 2", "2 2",
     ["path with an empty segment"]),
    ("target-bytes-max counts the target alone; nginx counts the line, so its limit depends on the method",
     "4 2", "4", ["target as long as allowed"]),
    ("RFC 9110 section 9.3.1: a body with GET means nothing and carries smuggled requests; it is refused, and dropped to its end",
     "4 2", "2 2", ["body where none is taken", "body with a read"]),
    ("A short body is dropped to its end after 413, so that the connection lives", "4 2", "4",
     ["body over the route's limit"]),
]
LISTED = {name: (ours, theirs) for _, ours, theirs, names in DIFFERENCES for name in names}


class Nginx:
    """nginx beside the server, with its certificate."""

    def __init__(self, server):
        self.server, self.port = server, free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-nginx-"))
        config = self.folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=self.folder, port=self.port, tls=server.data / "tls",
                                        user="root" if os.getuid() == 0 else "nobody"))
        self.process = subprocess.Popen(["nginx", "-p", str(self.folder), "-c", str(config)],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def connect(self, timeout):
        return Server.connect(self, "http/1.1", timeout=timeout)

    def tls_context(self, *protocols):
        return self.server.tls_context(*protocols)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def both_servers():
    with Server(header_deadline_ms=2000, transfer_grace_ms=2000, linger_ms=1000) as server:
        server.init().start()
        nginx = Nginx(server)
        try:
            until = time.monotonic() + 10
            while True:
                try:
                    nginx.connect(5).close()
                    break
                except OSError:
                    assert time.monotonic() < until and nginx.process.poll() is None, "nginx does not start"
                    time.sleep(0.05)
            yield server, nginx
        finally:
            nginx.stop()


@pytest.fixture(scope="module")
def servers():
    with both_servers() as both:
        yield both


def outcome(server, case):
    with server.connect(timeout=10) as stream:
        with contextlib.suppress(OSError):
            stream.sendall(case.sent + CANARY)
        got = read_to_end(stream)
    if got and not got.startswith(b"HTTP/1."):
        return "no head"
    return " ".join(str(answer.status // 100) for answer in parse_answers(got, case.bodiless)) or "closed"



def table():
    rows = [f"| {'; '.join(names)} | `{theirs}` | `{ours}` | {why} |" for why, ours, theirs, names in DIFFERENCES]
    return "\n".join(["| request | nginx | ours | why |", "| --- | --- | --- | --- |", *rows])


@pytest.mark.parametrize("name", CASES, ids=lambda name: name.replace(" ", "-"))
def test_where_we_differ_from_nginx_it_is_explained(servers, name):
    ours, theirs = (outcome(server, CASES[name]) for server in servers)
    if name in LISTED:
        assert (ours, theirs) == LISTED[name], f"{name}: ours {ours}, nginx's {theirs}; listed as {LISTED[name]}"
    else:
        assert ours == theirs, f"{name}: ours {ours}, nginx's {theirs}, and no line explains it"


def test_the_table_lists_cases_only_and_each_once():
    names = [name for *_, names in DIFFERENCES for name in names]
    assert sorted(names) == sorted(set(names) & set(CASES))


def test_the_page_shows_the_table():
    assert table() in PAGE.read_text(), "docs/strictness.md: paste what `python3 differential_test.py` prints"


if __name__ == "__main__":
    print(table())
