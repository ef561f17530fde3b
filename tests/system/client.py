"""Clients of the API: curl over either protocol, and a viewer that plays a lecture as the page does."""
import http.client
import json
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

PROTOCOLS = {"http1.1": "--http1.1", "http2": "--http2"}


class Response:
    def __init__(self, status, version, fields, body):
        self.status, self.version, self.fields, self.body = status, version, fields, body

    def field(self, name):
        return next((value for key, value in self.fields if key == name.lower()), None)

    def all_fields(self, name):
        return [value for key, value in self.fields if key == name.lower()]

    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The stable code of a problem document."""
        return self.json().get("code") if "problem+json" in (self.field("content-type") or "") else None

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:300]!r}>"


class Client:
    """One browser: keeps its cookies as a browser would, one request a curl."""

    def __init__(self, server, protocol="http1.1"):
        self.server, self.protocol, self.cookies = server, protocol, {}

    def copy(self):
        other = Client(self.server, self.protocol)
        other.cookies = dict(self.cookies)
        return other

    def request(self, method, path, body=None, data=None, fields=None, timeout=60, extra=()):
        """body: JSON; data: bytes as they are; extra: further words for curl."""
        fields = dict(fields or {})
        if body is not None:
            data = json.dumps(body).encode()
            fields.setdefault("Content-Type", "application/json")
        if self.cookies and "Cookie" not in fields:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        with tempfile.TemporaryDirectory() as folder:
            head, content = Path(folder, "head"), Path(folder, "body")
            content.touch()
            command = ["curl", "-sS", PROTOCOLS[self.protocol], "--path-as-is", "--max-time", str(timeout),
                       "--cacert", str(self.server.authority), "-D", str(head), "-o", str(content),
                       *(["-I"] if method == "HEAD" else ["-X", method]), *extra]
            for name, value in fields.items():
                command += ["-H", f"{name}: {value}" if value != "" else f"{name};"]
            if data is not None:
                fields.setdefault("Content-Type", "")
                if "Content-Type" not in dict.keys(fields) or fields["Content-Type"] == "":
                    command += ["-H", "Content-Type:"]
                command += ["--data-binary", "@-"]
            ran = subprocess.run([*command, self.server.url + path], input=data, capture_output=True,
                                 check=False)
            if ran.returncode != 0:
                raise ConnectionError(f"curl {ran.returncode}: {ran.stderr.decode()}")
            # With -I curl writes the head as if it were the content.
            response = parse_head(head.read_text("latin-1"), b"" if method == "HEAD" else content.read_bytes())
        self.take_cookies(response)
        return response

    def take_cookies(self, response):
        for value in response.all_fields("set-cookie"):
            pair, *attributes = [part.strip() for part in value.split(";")]
            name, _, content = pair.partition("=")
            if content == "" or "Max-Age=0" in attributes:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = content

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body=body, **options)

    def open_link(self, link):
        """What the page of a personal link does."""
        secret = urllib.parse.urlsplit(link).fragment
        return self.post("/api/v1/session/invitation", {"invitation": secret})

    def sign_in(self, email, password):
        return self.post("/api/v1/session/password", {"email": email, "password": password})


def parse_head(text, body):
    # After an interim response (100) the last head counts.
    block = [part for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()][-1]
    first, *lines = block.split("\n")
    version, status, *_ = first.split(" ")
    fields = [(name.strip().lower(), value.strip()) for name, _, value in
              (line.partition(":") for line in lines if line)]
    return Response(int(status), version, fields, body)


class KeptConnection:
    """One HTTP/1.1 connection that stays open, for what happens within it."""

    def __init__(self, server, cookies, timeout=30):
        self.cookies = cookies
        self.connection = http.client.HTTPSConnection(
            "localhost", server.port, timeout=timeout, context=server.tls_context("http/1.1"))

    def get(self, path, method="GET", body=None, fields=None):
        fields = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items()),
                  **(fields or {})}
        if body is not None:
            body = json.dumps(body)
            fields["Content-Type"] = "application/json"
        self.connection.request(method, path, body=body, headers=fields)
        answer = self.connection.getresponse()
        content = answer.read()
        return Response(answer.status, "HTTP/1.1",
                        [(key.lower(), value) for key, value in answer.getheaders()], content)

    def close(self):
        self.connection.close()


def parse_playlist(text):
    """[(address, duration_ms)] of a media playlist, or [(attributes, address)] of a master's variants."""
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U", lines[:1]
    segments, duration = [], None
    for line in lines:
        if line.startswith("#EXTINF:"):
            duration = float(line[8:].split(",")[0]) * 1000
        elif line and not line.startswith("#") and duration is not None:
            segments.append((line, duration))
            duration = None
    return segments


class Viewer:
    """A participant who plays one lecture: fetches segments, then claims to have watched."""

    def __init__(self, client, lecture, body=None):
        self.client, self.lecture, self.seq = client, lecture, 0
        played = client.post(f"/api/v1/lectures/{lecture}/play", body or {})
        assert played.status == 200, played
        self.session = played.json()["play_session"]
        self.hls = played.json()["hls"]
        self.grant = played.json()["grant"]
        self.base = self.hls.rsplit("/", 1)[0]
        self.connection = KeptConnection(client.server, client.cookies)

    def segments(self, rendition=""):
        """[(path, from_ms, to_ms)] of the first rendition; or of the one that is named so."""
        master = self.connection.get(self.hls).body.decode()
        name = next(line for line in master.splitlines() if line and not line.startswith("#") and line.startswith(rendition))
        found, at = [], 0.0
        folder = f"{self.base}/{name.rsplit('/', 1)[0]}"
        for address, duration in parse_playlist(self.connection.get(f"{self.base}/{name}").body.decode()):
            found.append((f"{folder}/{address}", round(at), round(at + duration)))
            at += duration
        return found

    def fetch(self, from_ms=0, to_ms=10**12):
        """The segments that touch this stretch; gives the length of all."""
        segments = self.segments()
        for path, start, end in segments:
            if start < to_ms and end > from_ms:
                answer = self.connection.get(path)
                assert answer.status == 200, answer
        return segments[-1][2]

    def beat(self, from_ms, to_ms, **more):
        beat = {"seq": self.seq, "from_ms": from_ms, "to_ms": to_ms, **more}
        self.seq += 1
        return beat

    def send(self, *beats, connection=None, **more):
        answer = (connection or self.connection).get(
            f"/api/v1/play/{self.session}/heartbeats", "POST", {"beats": list(beats), **more})
        assert answer.status == 200, answer
        return answer.json()

    def claim(self, from_ms, to_ms, **more):
        return self.send(self.beat(from_ms, to_ms, **more))

    def watch(self, to_ms, from_ms=0, speed=2.0, step_ms=1000, clock=1.0):
        """Plays in real time (times clock) at a speed, with a heartbeat each step; the last answer."""
        at, answer = from_ms, None
        while at < to_ms:
            to = min(at + round(step_ms * speed), to_ms)
            time.sleep((to - at) / speed / clock / 1000)
            answer = self.claim(at, to, rate=speed, visible=True, muted=False)
            at = to
        return answer

    def close(self):
        self.connection.close()


def covered_ms(spans):
    return sum(end - start for start, end in spans)
