"""Settings and certificates taken up by the running server, while its connections go on."""
import contextlib
import re
import shutil
import signal
import socket
import ssl
import threading
import time
import urllib.request

import pytest

from authority import Authority, ask
from harness import Server

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture(name="folder", scope="module")
def certificate_folder(authority, tmp_path_factory):
    """Where the shared server's certificate lies, as certbot would keep it."""
    folder = tmp_path_factory.mktemp("served")
    install(*authority.issue("first", days=20), folder)
    return folder


def install(pem, key, folder):
    """Each renamed into place, one after the other."""
    for source, name in ((pem, "server.pem"), (key, "server.key")):
        shutil.copy(source, folder / "new")
        (folder / "new").rename(folder / name)
    return folder / "server.pem", folder / "server.key"


@pytest.fixture(name="shared", scope="module")
def shared_server(folder):
    with Server(**{"tls-certificate": folder / "server.pem", "tls-key": folder / "server.key"}) as server:
        yield server.init().start()


@pytest.fixture(name="server")
def running_server(shared):
    """As it was, for the next test."""
    kept = dict(shared.settings)
    yield shared
    shared.settings = kept
    shared.write_settings()
    shared.run("reload")


def subject(server):
    return re.search(r"subject=CN = (\S+)", ask(server)).group(1)


def until(found, wait_s=10):
    deadline = time.monotonic() + wait_s
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def told(server, pattern):
    return len(re.findall(pattern, server.log(1000000)))


def logged(server, pattern, count=1):
    return until(lambda: told(server, pattern) >= count)


def metric(server, name):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=10) as answer:
        return float(re.search(rf"^lectern_{re.escape(name)} (\S+)", answer.read().decode(), re.M).group(1))


@contextlib.contextmanager
def connection(server):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain, \
            context.wrap_socket(plain, server_hostname="localhost") as stream:
        yield stream


def answer(stream):
    stream.sendall(REQUEST)
    got = b""
    while b"\r\n\r\n" not in got or not got.endswith(b"}"):
        piece = stream.recv(65536)
        assert piece, got
        got += piece
    return int(got.split(b" ", 2)[1])


def test_a_signal_takes_up_settings_and_keeps_connections(server):
    with connection(server) as old:
        assert answer(old) == 200
        server.write_settings(header_bytes_max=1024, log_level="info", port=server.port + 1)
        server.process.send_signal(signal.SIGHUP)
        logged(server, 'settings-reloaded changed="log-level, header-bytes-max"')
        logged(server, 'settings-need-restart names="port"')
        # The connection that was open lives on, under the new rules.
        assert answer(old) == 200
        old.sendall(REQUEST.replace(b"\r\n\r\n", b"\r\nX: " + b"a" * 2000 + b"\r\n\r\n"))
        assert old.recv(65536).startswith(b"HTTP/1.1 431")
    assert server.process.poll() is None


def test_the_command_says_what_changed_and_what_does_not(server):
    assert server.run("reload").stdout.startswith("Changed: no setting.\nThe certificate ends in 19 days")
    server.write_settings(idle_deadline_ms=1000, loops=1)
    said = server.run("reload").stdout
    assert said.startswith("Changed: idle-deadline-ms.\nNeeds a restart: loops.\n"), said
    with connection(server) as stream:
        assert answer(stream) == 200
        started = time.monotonic()
        assert stream.recv(100) == b""
        assert time.monotonic() - started < 5


def test_what_is_slow_can_change(server):
    server.write_settings(slow_request_ms=0)
    server.run("reload")
    before = told(server, "warning request-slow")
    with connection(server) as stream:
        assert answer(stream) == 200
    server.write_settings(slow_request_ms=1)
    server.run("reload")
    wrong = b'{"email":"nobody@example.org","password":"wrong-password"}'
    with connection(server) as stream:  # a password takes its time
        stream.sendall(b"POST /api/v1/session/password HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: %s\r\n"
                       b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                       % (server.port, server.url.encode(), len(wrong), wrong))
        assert stream.recv(65536).startswith(b"HTTP/1.1 4")
    logged(server, "warning request-slow", before + 1)


def test_without_a_server_there_is_nothing_to_reload():
    with Server() as server:
        server.init()
        ran = server.run("reload", check=False)
        assert ran.returncode == 1 and "No server runs" in ran.stderr, ran


UNUSABLE = {
    "log-level = loud": "log-level",
    "idle-deadline-ms = soon": "idle-deadline-ms",
    "no sense": "expected 'name = value'",
    "colour = red": "colour",
    "tls-second-certificate = /nowhere.pem": "need each other",
    "tls-certificate = /nowhere.pem": "tls-certificate '/nowhere.pem': No such file or directory",
    "tls-key = /dev/null": "the key of a certificate, '/dev/null'",
}


def test_a_file_that_cannot_be_used_changes_nothing(server):
    good = server.config.read_text()
    for number, (change, words) in enumerate(UNUSABLE.items(), 1):
        server.config.write_text(good + "header-bytes-max = 1024\n" + change + "\n")
        server.process.send_signal(signal.SIGHUP)
        logged(server, "error reload-refused", number)
        assert words in re.findall("reload-refused .*", server.log(200000))[-1], change
        with connection(server) as stream:
            stream.sendall(REQUEST.replace(b"\r\n\r\n", b"\r\nX: " + b"a" * 2000 + b"\r\n\r\n"))
            assert stream.recv(65536).startswith(b"HTTP/1.1 200"), change
    # The command reads the file itself first; what only the server can find comes back from there.
    ran = server.run("reload", check=False)
    assert ran.returncode == 64 and words in ran.stderr, ran
    server.config.write_text(good)
    server.run("reload")


def test_a_renewed_certificate_is_taken_up_by_itself(authority, tmp_path):
    files = install(*authority.issue("first", days=20), tmp_path)
    with Server(**{"tls-certificate": files[0], "tls-key": files[1], "tls-watch-seconds": 1}) as server:
        server.init().start()
        assert subject(server) == "first"
        first_end = metric(server, 'tls_certificate_expires_seconds{number="1"}')
        assert abs(first_end - time.time() - 20 * 86400) < 3600
        with connection(server) as old:
            assert answer(old) == 200
            install(*authority.issue("renewed", days=40), tmp_path)
            until(lambda: subject(server) == "renewed")
            assert answer(old) == 200
            assert metric(server, 'tls_certificate_expires_seconds{number="1"}') - first_end > 19 * 86400
        # Half of a renewal (another certificate, the old key) changes nothing, and is said once.
        pem, key = authority.issue("half", days=40)
        files[0].write_bytes(pem.read_bytes())
        logged(server, "error certificate-refused")
        time.sleep(1.2)  # another look
        assert subject(server) == "renewed"
        assert len(re.findall("certificate-refused", server.log(200000))) == 1
        files[1].write_bytes(key.read_bytes())
        until(lambda: subject(server) == "half")
        assert "certificate-ends-soon" not in server.log(200000)


def test_a_certificate_that_came_with_bad_settings_is_taken_up_by_itself(authority, tmp_path):
    files = install(*authority.issue("first", days=20), tmp_path)
    with Server(**{"tls-certificate": files[0], "tls-key": files[1], "tls-watch-seconds": 2}) as server:
        server.init().start()
        with server.config.open("a") as config:
            config.write("trusted-proxies = nobody\n")
        install(*authority.issue("renewed", days=40), tmp_path)
        server.process.send_signal(signal.SIGHUP)
        logged(server, "error reload-refused")
        until(lambda: subject(server) == "renewed")


def test_a_staple_comes_and_goes_with_its_file_and_a_near_end_is_said_once(authority, tmp_path):
    pem, key = install(*authority.issue("short", days=13), tmp_path)
    staple = tmp_path / "staple.der"
    with Server(**{"tls-certificate": pem, "tls-key": key, "tls-staple": staple, "tls-watch-seconds": 1}) as server:
        server.init().start()
        assert "Cert Status" not in ask(server, "-status")
        logged(server, "warning certificate-ends-soon number=1 days=12")
        staple.write_bytes(authority.answer(pem).read_bytes())
        until(lambda: "Cert Status: good" in ask(server, "-status"))
        staple.unlink()
        until(lambda: "Cert Status" not in ask(server, "-status"))
        assert len(re.findall("certificate-ends-soon", server.log(200000))) == 1


def test_our_own_certificate_is_renewed_while_the_server_runs():
    def served(server):
        return re.search(r"-----BEGIN.*?-----END", ask(server), re.S).group()

    with Server(tls_watch_seconds=1) as server:
        server.init().start()
        before = served(server)
        # One of the reasons for a renewal; that it ends soon is another, tried in tests/unit.
        (server.data / "tls/server.key").unlink()
        logged(server, "info certificate-renewed")
        until(lambda: served(server) != before)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_sessions_are_resumed_across_reloads(server, authority, folder, tmp_path, version):
    session = tmp_path / "session.pem"
    request = REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n").decode()

    def handshake(*options):
        return ask(server, version, "-ign_eof", *options, "-sess_out", session, request=request)

    handshake()
    for name in ("second", "third"):
        install(*authority.issue(name), folder)
        server.run("reload")
        assert re.search(r"^Reused, ", handshake("-sess_in", session), re.M)
    assert subject(server) == "third"


def test_no_request_is_lost_while_reloads_come_and_go(server, authority, folder):
    failures, answered, done = [], [0], threading.Event()

    def go_on(fresh):
        try:
            while not done.is_set():
                with connection(server) as stream:
                    for _ in range(1 if fresh else 20):
                        assert answer(stream) == 200
                        answered[0] += 1
        except (OSError, AssertionError) as error:
            failures.append(error)

    threads = [threading.Thread(target=go_on, args=(number % 2 == 0,)) for number in range(4)]
    for thread in threads:
        thread.start()
    before = told(server, "settings-reloaded")
    for number in range(12):
        install(*authority.issue(f"number-{number}"), folder)
        server.write_settings(idle_deadline_ms=20000 + number)
        server.process.send_signal(signal.SIGHUP)
        logged(server, "settings-reloaded", before + number + 1)
    done.set()
    for thread in threads:
        thread.join()
    assert not failures and answered[0] > 50, (failures, answered)
