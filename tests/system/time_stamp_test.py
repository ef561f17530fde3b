"""Checkpoints of the evidence log, stamped by an authority of RFC 3161: OpenSSL's, behind a small HTTP server."""
import datetime
import http.server
import subprocess
import threading
import time
import urllib.request

import pytest

from exposition import Exposition
from harness import Server

CONFIGURATION = """[tsa]
default_tsa = clock
[clock]
serial = {folder}/serial
signer_cert = {folder}/certificate
certs = {folder}/certificate
signer_key = {folder}/key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
"""


def openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, timeout=60)


class Authority:
    """manner: "honest"; "down" (503); "replaying" (an answer to an earlier question)."""

    def __init__(self, folder):
        self.folder, self.manner, self.asked, self.first = folder, "down", 0, None
        made = openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key", "-out",
                       folder / "certificate", "-subj", "/CN=Clock", "-days", "2", "-addext",
                       "extendedKeyUsage=critical,timeStamping")
        assert made.returncode == 0, made
        (folder / "configuration").write_text(CONFIGURATION.format(folder=folder))
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                status, body = authority.answer(self.headers["Content-Type"], query)
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/"

    def answer(self, kind, query):
        self.asked += 1
        if self.manner == "down" or kind != "application/timestamp-query":
            return 503, b""
        if self.manner == "replaying":
            return 200, self.first
        (self.folder / "query").write_bytes(query)
        made = openssl("ts", "-reply", "-config", self.folder / "configuration", "-queryfile",
                       self.folder / "query", "-out", self.folder / "reply")
        assert made.returncode == 0, made
        self.first = self.first or (self.folder / "reply").read_bytes()
        return 200, (self.folder / "reply").read_bytes()


def failures(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=10) as answer:
        return Exposition(answer.read().decode()).value("lectern_evidence_failures_total")


@pytest.fixture
def authority(tmp_path):
    (tmp_path / "authority").mkdir()
    made = Authority(tmp_path / "authority")
    yield made
    made.server.shutdown()


def test_a_checkpoint_is_stamped_by_an_honest_authority_and_waits_for_no_other(authority, tmp_path):
    with Server(evidence_timestamp_url=authority.url) as server:
        server.init().start()
        deadline = time.monotonic() + 60
        while failures(server) < 1:
            assert time.monotonic() < deadline, server.log()
            time.sleep(0.1)
        program = server.json("program", "add", "--title", "Stamped", "--language", "en")["id"]
        today = datetime.datetime.now(datetime.timezone.utc).date()
        cohort = server.json("cohort", "add", program, "--name", "A", "--time-zone", "UTC", "--first-day", today,
                             "--last-day", today)["id"]
        stamps = {}
        for manner in ("down", "honest", "replaying"):
            authority.manner, folder = manner, tmp_path / manner
            server.run("evidence", "export", "--cohort", cohort, folder)
            server.run("evidence", "verify", folder)
            stamps[manner] = (folder / "checkpoint.tsr").exists()
        assert stamps == {"down": False, "honest": True, "replaying": False}
        honest = ("ts", "-verify", "-in", tmp_path / "honest/checkpoint.tsr", "-CAfile",
                  authority.folder / "certificate", "-data")
        assert openssl(*honest, tmp_path / "honest/checkpoint").returncode == 0
        assert openssl(*honest, tmp_path / "down/checkpoint").returncode != 0
        assert any(made["stamped"] for made in server.json("evidence", "list")["checkpoints"])
