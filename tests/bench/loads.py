"""Clients that load a server: wrk over HTTP/1.1, h2load over HTTP/2; bounded, on loopback, off the server's core.

They offer TLS 1.3 with AES-128-GCM and nothing else, by openssl.cnf: an answer proves the cipher.
"""
import json
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from machine import pinned

CONNECTIONS = 16


class Load(NamedTuple):
    bytes: int
    requests: int
    seconds: float


def environment():
    return {**os.environ, "OPENSSL_CONF": str(Path(__file__).with_name("openssl.cnf"))}


def run_client(command, anywhere):
    ran = subprocess.run([*map(str, command)] if anywhere else pinned(*command), capture_output=True, text=True,
                         check=False, timeout=120, env=environment())
    if ran.returncode != 0:
        raise RuntimeError(f"{command}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def wrk(url, targets, cookie, seconds=1, anywhere=False):
    """Kept HTTP/1.1 connections, each asking for the next of a file of targets, for so many seconds."""
    said = run_client(
        ["wrk", "-t", 1, "-c", CONNECTIONS, "-d", f"{seconds}s", "-s", Path(__file__).with_name("wrk.lua"), url,
         "--", targets, cookie], anywhere)
    told = json.loads(said.strip().splitlines()[-1])
    if told["errors"] != 0 or told["requests"] == 0:
        raise RuntimeError(f"wrk, {url}: {said}")
    return Load(told["bytes"], told["requests"], told["seconds"])


def h2load(url, targets, cookie, requests):
    """Kept HTTP/2 connections with one stream at a time: so many requests in all, each answered whole."""
    said = run_client(
        ["h2load", "-n", requests, "-c", CONNECTIONS, "-m", 1, "-H", f"cookie: {cookie}", "-B", url, "-i", targets],
        anywhere=False)
    for needed in ("TLS Protocol: TLSv1.3", "Cipher: TLS_AES_128_GCM_SHA256", "Application protocol: h2",
                   f"status codes: {requests} 2xx"):
        if needed not in said:
            raise RuntimeError(f"h2load, {url}: no '{needed}' in\n{said}")
    seconds = re.search(r"finished in ([\d.]+)(us|ms|s)", said)
    scale = {"us": 1e-6, "ms": 1e-3, "s": 1}[seconds.group(2)]
    return Load(int(re.search(r"\((\d+)\) total", said).group(1)), requests, float(seconds.group(1)) * scale)


def negotiated(url, alpn):
    """(protocol, cipher, kind of the certificate's key, ALPN) that a client with those settings gets."""
    port = url.rsplit(":", 1)[1]
    ran = subprocess.run(
        ["openssl", "s_client", "-connect", f"localhost:{port}", "-servername", "localhost", "-alpn", alpn],
        input="", capture_output=True, text=True, errors="replace", check=False, timeout=20, env=environment())
    said = ran.stdout + ran.stderr

    def found(pattern):
        match = re.search(pattern, said)
        return match.group(1) if match else None
    key = f"{found('Peer signature type: (.*)')} {found('Server public key is ([0-9]+) bit')}"
    return found(r"New, (TLSv[\d.]+), Cipher is"), found(r"Cipher is (\S+)"), key, found(r"ALPN protocol: (\S+)")
