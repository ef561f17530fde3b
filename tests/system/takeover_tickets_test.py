"""A takeover hands on the keys of session tickets, to whoever knows of them."""
import json
import os
import re
import socket
import ssl
import subprocess

import pytest

from takeover import ENDING_S, FakeHeir, TakenOver, ended_well


@pytest.fixture
def server():
    with TakenOver() as server:
        yield server.init().start()


def resumed_handshakes(server):
    with socket.create_connection(("127.0.0.1", server.metrics_port), timeout=30) as plain:
        plain.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        text = b"".join(iter(lambda: plain.recv(65536), b"")).decode()
    return int(re.search(r"^lectern_handshakes_resumed_total (\d+)$", text, re.M).group(1))


def come_back(server, context, session=None):
    """The session that a client leaves with, and whether it came with one that is known."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as plain, \
            context.wrap_socket(plain, server_hostname="localhost", session=session) as stream:
        stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while stream.recv(65536):
            pass
        return stream.session, stream.session_reused


def test_a_session_of_the_old_server_is_resumed_at_the_new_one(server):
    sessions = {}
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = server.tls_context("http/1.1")
        context.minimum_version = context.maximum_version = version
        sessions[version] = (context, come_back(server, context)[0])
    ended_well(server.take_over())
    assert resumed_handshakes(server) == 0, "the figures are those of the new one"
    for version, (context, session) in sessions.items():
        assert come_back(server, context, session)[1], version
    assert resumed_handshakes(server) == len(sessions)


def test_an_heir_that_knows_no_tickets_is_given_none(server):
    for protocol, members in ((1, {"sockets", "plain", "run"}), (2, {"sockets", "plain", "run", "tickets"})):
        before, heir = server.events("resuming"), FakeHeir(server, protocol)
        given = heir.receive()
        assert set(given) == members, (protocol, given)
        # the lock, the control socket, the plain socket
        assert len(heir.descriptors) == 3 + given["sockets"] + given.get("tickets", 0)
        heir.die()
        server.wait_for("resuming", before + 1)


def test_an_older_server_is_asked_as_it_understands():
    with TakenOver() as server, socket.socket(socket.AF_UNIX) as old:
        server.init()
        folder = os.open(server.data, os.O_PATH)
        old.bind(f"/proc/self/fd/{folder}/control.sock")
        os.close(folder)
        old.listen()
        old.settimeout(ENDING_S)
        with server.log_path.open("ab") as log:
            heir = subprocess.Popen([str(server.binary), "serve", "--take-over", "--config", str(server.config)],
                                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=server.environment())
        asked = []
        for sentence in ("Another way.", "The last word."):
            with old.accept()[0] as caller:
                caller.settimeout(ENDING_S)
                asked.append(json.loads(caller.makefile().readline())["take_over"])
                caller.sendall(json.dumps({"refused": sentence}).encode() + b"\n")
        assert heir.wait(timeout=ENDING_S) != 0
        assert asked == [2, 1]
        assert "The last word." in server.log() and "Another way." not in server.log()
