"""One odd request in either protocol: the same answer, because one set of rules reads both."""
import pytest

from harness import ROOT, Server
from hostile import CLOSED, KEPT, PROTOCOL_ERROR, Request, check, check_frames


@pytest.fixture(scope="module")
def server():
    with Server(header_deadline_ms=5000) as server:
        server.init().start()
        yield server


PLAIN_FORM = "RFC 3986 section 6: one path has one spelling here; clients resolve the others before they send"
SINGLE = "RFC 9110 section 5.3: a field of one value, twice, can be read two ways"
RANGES = "RFC 9110 section 14.2"
CONDITIONS = "RFC 9110 section 13.2.2"
SIGN_IN = {"method": "POST", "path": "/api/v1/session/password"}
JSON = (("Content-Type", "application/json"),)
PAGE = "/sign-in"


def bad(name, why, path="/healthz", **more):
    return Request(name, why, 400, CLOSED, path=path, code="bad-request", **more)


def ranged(name, value, status, length, **more):
    return Request(name, RANGES, status, path=PAGE, extra=(("Range", value), *more.pop("extra", ())),
                   fields={"content-length": str(length)} if length is not None else {}, **more)


# The page's own length (of the built file), which the range cases count with.
PAGE_BYTES = (ROOT / "build/web/sign-in.html").stat().st_size

TARGETS = [
    bad("path that leaves the root", PLAIN_FORM, "/../../etc/passwd"),
    bad("path with a dot segment", PLAIN_FORM, "/./healthz"),
    bad("path that ends in two dots", PLAIN_FORM, "/media/.."),
    bad("path with encoded dots", PLAIN_FORM, "/%2e%2e/etc/passwd"),
    bad("path with half encoded dots", PLAIN_FORM, "/.%2E/etc/passwd"),
    bad("path with an encoded slash", PLAIN_FORM, "/media%2fx"),
    bad("path with an encoded backslash", PLAIN_FORM, "/media/%5c..%5cx"),
    bad("path with a backslash", PLAIN_FORM, "/media\\x"),
    bad("path with an encoded null", PLAIN_FORM, "/healthz%00.html"),
    bad("path with an encoded line feed", PLAIN_FORM, "/healthz%0aX-Smuggled:%20yes"),
    bad("path with an encoded carriage return", PLAIN_FORM, "/healthz%0d%0aX-Smuggled:%20yes"),
    bad("path with an encoded delete", PLAIN_FORM, "/healthz%7f"),
    bad("path with half a percent", PLAIN_FORM, "/%zz"),
    bad("path with a percent at its end", PLAIN_FORM, "/healthz%"),
    bad("path with a long form of a slash", "RFC 3629 section 3: overlong forms are no UTF-8", "/%c0%afetc"),
    bad("path with half a surrogate", "RFC 3629 section 3", "/%ed%a0%80"),
    bad("path with half a character", "RFC 3629 section 3", "/%e3%81"),
    bad("path with a bare quote", "RFC 3986 section 3.3", '/"'),
    bad("path with an open bracket", "RFC 3986 section 3.3", "/<script>"),
    Request("path encoded once more", "decoded exactly once", 404, path="/%2568ealthz"),
    Request("path in encoded letters", "RFC 3986 section 6.2.2.2: the same path", 200, path="/%68ealthz"),
    Request("path with an empty segment", "RFC 3986 section 3.3: well formed, and nothing is there", 404,
            path="//healthz", code="not-found"),
    Request("path that looks like another host", "RFC 3986 section 3.3: well formed, and nothing is there", 404,
            path="//elsewhere.example/", code="not-found"),
    Request("path with an empty segment inside a wildcard", "no wildcard takes a path of its own", 404,
            path="/media/a/b//etc/passwd", code="not-found"),
    Request("path of another case", "RFC 9110 section 4.2.3: case counts", 404, path="/HealthZ"),
    Request("path with a slash behind", "another path", 404, path="/healthz/"),
    Request("path with a parameter", "another path", 404, path="/healthz;a=b"),
    Request("query of anything", "RFC 3986 section 3.4", 200, path="/healthz?%zz&==&a[]=../../x"),
    Request("question mark alone", "RFC 3986 section 3.4: an empty query", 200, path="/healthz?"),
    bad("query with an angle bracket", "RFC 3986 section 3.4", "/healthz?<script>"),
    Request("target one byte too long", "target-bytes-max", 414, CLOSED, path="/" + "a" * 8192, code="target-too-long"),
    Request("target as long as allowed", "target-bytes-max", 404, path="/" + "a" * 8191),
    Request("query that is too long", "target-bytes-max", 414, CLOSED, path="/?" + "a" * 8192, code="target-too-long"),
]

FIELDS = [
    Request("one field too many", "header-count-max", 431, CLOSED, code="headers-too-large",
            extra=tuple((f"x-{number}", "y") for number in range(101))),
    Request("one large field", "header-bytes-max", 431, CLOSED, extra=(("x-large", "a" * 32768),),
            code="headers-too-large"),
    Request("many cookies", "header-count-max", 431, CLOSED, extra=tuple(("cookie", "a=b") for _ in range(150)),
            code="headers-too-large"),
    bad("content type twice", SINGLE, **{**SIGN_IN, "extra": JSON * 2, "body": b"{}"}),
    bad("origin twice", SINGLE, extra=(("Origin", "https://localhost"), ("Origin", "https://elsewhere"))),
    bad("authorization twice", SINGLE, extra=(("Authorization", "Basic YTpi"), ("Authorization", "Basic YTpj"))),
    bad("range twice", SINGLE, PAGE, extra=(("Range", "bytes=0-0"), ("Range", "bytes=1-1"))),
    bad("condition of time twice", SINGLE, PAGE, extra=(("If-Modified-Since", "x"), ("If-Modified-Since", "y"))),
    bad("host with a space", "RFC 3986 section 3.2.2", authority="a b", reset=PROTOCOL_ERROR),
    bad("host with a user", "RFC 9110 section 4.2.4", authority="user@localhost"),
    bad("host with a path", "RFC 9110 section 7.2", authority="localhost/x", reset=PROTOCOL_ERROR),
    bad("host with a port beyond ports", "RFC 9110 section 7.2", authority="localhost:99999"),
    bad("host that is half an address", "RFC 3986 section 3.2.2", authority="[::1"),
    bad("host that is no address", "RFC 3986 section 3.2.2", authority="[1::2::3]"),
    Request("host in capitals with a port", "RFC 9110 section 4.2.3: the same host", 200, authority="LOCALHOST:1"),
    Request("expectation that is none", "RFC 9110 section 10.1.1", 417, CLOSED, extra=(("Expect", "42-continue"),),
            code="expectation-failed"),
    Request("cookie of nonsense", "a cookie that is none is no cookie", 200, extra=(("Cookie", ";;=;a;=b;,\"'"),)),
    Request("encodings of nonsense", "RFC 9110 section 12.5.3: identity is always taken", 200, path=PAGE,
            extra=(("Accept-Encoding", ";q=,,gzip;q=nan,*;q=-1,\"br"),)),
    Request("types of nonsense", "RFC 9110 section 12.5.1: what cannot be read is left aside", 404, path="/nowhere",
            extra=(("Accept", "text/html;q=2,;;,/,*/,\"x"),)),
    Request("languages of nonsense", "RFC 9110 section 12.5.4", 200, path=PAGE,
            extra=(("Accept-Language", "*;q=9,-,en-;q=x,,,"),)),
]

METHODS = [
    Request("unknown method", "RFC 9110 section 15.6.2", 501, CLOSED, "BREW", code="not-implemented"),
    Request("method in lower case", "RFC 9110 section 9.1: case counts", 501, CLOSED, "get", code="not-implemented"),
    Request("trace", "RFC 9110 section 9.3.8", 501, CLOSED, "TRACE", code="not-implemented"),
    Request("method that is not allowed", "RFC 9110 section 15.5.6", 405, KEPT, "DELETE",
            code="method-not-allowed", fields={"allow": "GET, HEAD, OPTIONS"}),
    Request("method override in a field", "no field changes a method here", 200,
            extra=(("X-HTTP-Method-Override", "DELETE"),)),
    Request("options", "RFC 9110 section 9.3.7", 204, method="OPTIONS", fields={"allow": "GET, HEAD, OPTIONS"}),
    Request("options of the server", "RFC 9110 section 9.3.7", 204, method="OPTIONS", path="*"),
    Request("options of nothing", "RFC 9110 section 9.3.7", 404, method="OPTIONS", path="/nowhere"),
    Request("head", "RFC 9110 section 9.3.2", 200, method="HEAD"),
    Request("head of nothing", "RFC 9110 section 9.3.2", 404, method="HEAD", path="/nowhere"),
    Request("body with a read", "RFC 9110 section 9.3.1: refused, as smuggling is done so", 413, body=b"hello",
            code="body-too-large"),
    Request("body of nothing with a read", "RFC 9110 section 8.6", 200, body=b""),
    Request("body over the route's limit", "the route table", 413, body=b"{" + b" " * 5000, extra=JSON,
            code="body-too-large", **SIGN_IN),
    Request("body that is a form", "RFC 9110 section 15.5.16", 415, code="unsupported-type",
            body=b"email=a&password=b", extra=(("Content-Type", "application/x-www-form-urlencoded"),), **SIGN_IN),
    Request("body that is no JSON", "RFC 8259", 400, body=b"{", extra=JSON, **SIGN_IN),
    Request("body with a name twice", "RFC 8259 section 4: names ought to be unique", 400,
            body=b'{"email":"a","email":"b"}', extra=JSON, **SIGN_IN),
    Request("body that nests deeply", "memory of a parser", 400, body=b"[" * 4000, extra=JSON, **SIGN_IN),
    Request("body that is not UTF-8", "RFC 8259 section 8.1", 400, body=b'{"email":"\xff"}', extra=JSON, **SIGN_IN),
]

RANGED = [
    ranged("one byte", "bytes=0-0", 206, 1),
    ranged("one byte of a unit in capitals", "BYTES=0-0", 206, 1),
    ranged("last byte", "bytes=-1", 206, 1),
    ranged("more than there is", "bytes=0-99999999999", 206, PAGE_BYTES),
    ranged("all of it and more from behind", "bytes=-99999999999", 206, PAGE_BYTES),
    ranged("empty members", "bytes=,0-0,,", 206, 1),
    ranged("behind the end", f"bytes={PAGE_BYTES}-", 416, None, code="range-not-satisfiable"),
    ranged("nothing from behind", "bytes=-0", 416, None, code="range-not-satisfiable"),
    ranged("backwards", "bytes=5-2", 200, PAGE_BYTES),
    ranged("no numbers", "bytes=a-b", 200, PAGE_BYTES),
    ranged("numbers with signs", "bytes=+0-+1", 200, PAGE_BYTES),
    ranged("number that wraps", "bytes=0-18446744073709551616", 200, PAGE_BYTES),
    ranged("number below zero", "bytes=--1", 200, PAGE_BYTES),
    ranged("hexadecimal", "bytes=0x0-0x1", 200, PAGE_BYTES),
    ranged("two dashes", "bytes=0-1-2", 200, PAGE_BYTES),
    ranged("no dash", "bytes=0", 200, PAGE_BYTES),
    ranged("spaces inside", "bytes=0 - 1", 200, PAGE_BYTES),
    ranged("another unit", "seconds=0-1", 200, PAGE_BYTES),
    ranged("unit without ranges", "bytes=", 200, PAGE_BYTES),
    ranged("empty range", "", 200, PAGE_BYTES),
    ranged("ranges that overlap", "bytes=0-9,5-14", 200, PAGE_BYTES),
    ranged("hundred ranges of everything", "bytes=" + ",".join(["0-"] * 100), 200, PAGE_BYTES),
    ranged("seventeen ranges", "bytes=" + ",".join(f"{at}-{at}" for at in range(0, 34, 2)), 200, PAGE_BYTES),
    ranged("range of a tag that differs", "bytes=0-0", 200, PAGE_BYTES, extra=(("If-Range", '"x"'),)),
    ranged("range of a weak tag", "bytes=0-0", 200, PAGE_BYTES, extra=(("If-Range", 'W/"x"'),)),
    ranged("range of a date that is none", "bytes=0-0", 200, PAGE_BYTES, extra=(("If-Range", "yesterday"),)),
    ranged("range of a head", "bytes=0-0", 200, PAGE_BYTES, method="HEAD"),
    Request("any tag", CONDITIONS, 304, path=PAGE, extra=(("If-None-Match", "*"),)),
    Request("any tag but with a change", CONDITIONS, 200, path=PAGE, extra=(("If-Match", "*"),)),
    Request("tag that differs", CONDITIONS, 412, path=PAGE, extra=(("If-Match", '"x"'),), code="precondition-failed"),
    Request("thousand tags", CONDITIONS, 200, path=PAGE, extra=(("If-None-Match", ",".join(['"x"'] * 1000)),)),
    Request("open quote in a tag", CONDITIONS, 200, path=PAGE, extra=(("If-None-Match", '"x'),)),
    Request("date that is none", "RFC 9110 section 13.1.3: ignored", 200, path=PAGE,
            extra=(("If-Modified-Since", "the day before"),)),
    Request("date before time", "RFC 9110 section 13.1.3", 200, path=PAGE,
            extra=(("If-Modified-Since", "Thu, 00 Jan 0000 00:00:00 GMT"),)),
]

CASES = [*TARGETS, *FIELDS, *METHODS, *RANGED]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_odd_request_is_answered_by_its_rule(server, case):
    check(server, case.as_http1())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_answered_alike_over_http2(server, case):
    check_frames(server, case.as_frames())


def test_a_host_that_is_not_ours_is_misdirected():
    with Server(host_names="localhost learn.example.org") as server:
        server.init().start()
        for case in (
                Request("listed", "host-names", 200, authority="LEARN.example.org:1"),
                Request("of the certificate alone", "RFC 9110 section 7.4", 421, authority="www.example.org",
                        code="misdirected"),
                Request("address", "RFC 9110 section 7.4", 421, authority="127.0.0.1", code="misdirected")):
            check(server, case.as_http1())
            check_frames(server, case.as_frames())
        assert server.answers(), "the port for /metrics answers whatever it is called"
