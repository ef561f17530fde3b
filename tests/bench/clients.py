"""The clients of tests/bench/native: built with the release, run off the server's core."""
import json
import subprocess

from harness import RELEASE_BUILD
from machine import pinned

PROGRAMS = RELEASE_BUILD / "tests/bench/native"
WAIT_S = 120


def run_program(name, *arguments):
    """What it prints; a failure is told in its own words."""
    ran = subprocess.run(pinned(PROGRAMS / name, *arguments), capture_output=True, text=True, check=False,
                         timeout=WAIT_S)
    if ran.returncode != 0:
        raise RuntimeError(f"{name} {arguments}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def run_measure(name, *arguments):
    return json.loads(run_program(name, *arguments))


class Held:
    """Idle connections of one side, as long as the context lasts; each has asked once and was answered."""

    def __init__(self, side, count, protocol, request):
        self.command = pinned(PROGRAMS / "hold", side.port, count, protocol, request)
        self.said = f"held {count}\n"

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = self.process.stdout.readline()
        if said != self.said:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"{self.command}: connections could not be held")
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(WAIT_S)


def http1_request(side, path, cookie):
    return (f"GET {side.target(path)} HTTP/1.1\r\nHost: localhost:{side.port}\r\nUser-Agent: bench\r\n"
            f"Cookie: {cookie}\r\n\r\n").encode()


def http2_request(side, path, cookie):
    """A client's whole side of RFC 9113: preface, SETTINGS, and HEADERS for stream 1 (RFC 7541 without Huffman)."""
    def text(value):
        length = len(value)
        head = bytes([length]) if length < 127 else bytes([127]) + integer(length - 127)
        return head + value.encode()

    def integer(value):
        low, value = value & 127, value >> 7
        return bytes([low | 128]) + integer(value) if value else bytes([low])
    get, https, path_name, authority_name, cookie_name = b"\x82", b"\x87", b"\x04", b"\x01", b"\x0f\x11"
    block = (get + https + path_name + text(side.target(path)) + authority_name + text(f"localhost:{side.port}")
             + cookie_name + text(cookie))
    settings = b"\0\0\0\x04\0\0\0\0\0"
    end_stream_and_headers = 0x05
    headers = len(block).to_bytes(3, "big") + bytes([1, end_stream_and_headers]) + b"\0\0\0\x01" + block
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + headers
