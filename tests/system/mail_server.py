"""Mail servers for tests: Exim, as Debian has it, and one of our own that behaves as badly as it is told."""
import contextlib
import email
import email.policy
import grp
import os
import pwd
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from harness import free_port

EXIM = Path("/usr/sbin/exim4")
USER, PASSWORD = "lectern", "correct horse"
CONFIG = """
primary_hostname = mail.example.org
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
acl_smtp_rcpt = recipient
acl_smtp_data = text
tls_advertise_hosts = *
tls_certificate = {folder}/server.pem
tls_privatekey = {folder}/server.key
auth_advertise_hosts = ${{if def:tls_in_cipher {{*}}{{}}}}
exim_user = {name}
exim_group = {group}
deliver_drop_privilege = true
queue_run_max = 1
never_users =
keep_environment =
rfc1413_query_timeout = 0s
host_lookup =
begin acl
recipient:
  deny message = sign in first
       !authenticated = *
  deny message = nobody of that name
       local_parts = nobody
  defer message = come again
       local_parts = later
       condition = ${{if exists{{{folder}/busy}}}}
  accept
text:
  accept
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  directory = {folder}/box
  maildir_format
  create_directory
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


def unprivileged():
    """Who runs it: an ordinary user, whoever runs the tests."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


class Exim:
    """Takes mails over STARTTLS from who signs in, and puts them into maildirs."""

    def __init__(self, authority):
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-mail-"))
        self.user = unprivileged()
        pem, key = authority.issue("localhost")
        for source, name in ((pem, "server.pem"), (key, "server.key")):
            shutil.copy(source, self.folder / name)
        (self.folder / "config").write_text(CONFIG.format(
            folder=self.folder, port=self.port, user=USER, password=PASSWORD,
            name=self.user.pw_name, group=grp.getgrgid(self.user.pw_gid).gr_name))
        (self.folder / "spool").mkdir()
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)

    def __enter__(self):
        as_user = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        self.output = (self.folder / "output").open("wb")
        self.process = subprocess.Popen(
            [EXIM, "-C", self.folder / "config", "-bdf"], stdin=subprocess.DEVNULL, stdout=self.output,
            stderr=self.output, cwd=self.folder, start_new_session=True, **as_user)
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as plain:
                if plain.recv(3) == b"220":
                    return self
            assert self.process.poll() is None and time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=30)
        self.output.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        return "\n".join(path.read_text("utf-8", "replace") for path in self.folder.iterdir()
                         if path.name in ("output", "mainlog", "paniclog", "rejectlog"))

    def be_busy(self, busy):
        (self.folder / "busy").touch() if busy else (self.folder / "busy").unlink()

    def mails(self, local_part):
        """What came for somebody, read."""
        came = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                for path in sorted((self.folder / "box").glob("new/*"))]
        return [mail for mail in came if any(to.username == local_part for to in mail["to"].addresses)]


class NastyHandler(socketserver.StreamRequestHandler):
    """The rules that were told, first come first served: each is used once, by the next connection or mail."""
    timeout = 20

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def hear(self):
        return self.rfile.readline().decode("ascii", "replace").rstrip("\r\n")

    def handle(self):
        nasty = self.server.nasty
        nasty.open.add(self.connection)
        try:
            self.converse(nasty)
        finally:
            nasty.open.discard(self.connection)

    def converse(self, nasty):
        with contextlib.suppress(OSError):
            if nasty.take("421 greeting"):
                self.say("421 too busy")
                return
            if nasty.take("554 greeting"):
                self.say("554 no service here")
                return
            if nasty.take("silent greeting"):
                nasty.released.wait(20)
                return
            self.say("220 nasty")
            while self.answer(nasty, self.hear()):
                pass

    def answer(self, nasty, line):
        word = line[:4].upper()
        if word in ("EHLO", "HELO"):
            self.say("250 nasty")
        elif word == "MAIL" and nasty.take("451 sender"):
            self.say("451 not now")
        elif word == "RCPT" and nasty.take("550 recipient"):
            self.say("550 no \x1b[31msuch\x1b[0m person")
        elif word == "DATA":
            return self.take_text(nasty)
        elif word == "QUIT" or not line:
            self.say("221 bye")
            return False
        else:
            self.say("250 fine")
        return True

    def take_text(self, nasty):
        self.say("354 go on")
        if nasty.take("drop amid text"):
            self.rfile.readline()
            return False
        if nasty.take("hang amid text"):
            nasty.hanging.set()
            nasty.released.wait(20)
            return False
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if not line:
            return False
        if nasty.take("554 text"):
            self.say("554 we do not like it")
            return True
        nasty.texts.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
        if nasty.take("vanish after text"):
            return False
        if nasty.take("421 after text"):
            self.say("421 closing")
            return False
        self.say("250 taken")
        return True


class Nasty:
    def __init__(self):
        self.released, self.open = threading.Event(), set()
        self.lock = threading.Lock()
        self.begin()
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), NastyHandler)
        self.server.daemon_threads, self.server.block_on_close = True, False
        self.server.nasty = self
        self.port = self.server.server_address[1]

    def begin(self):
        """Knows of nothing, lets go who hangs from before, and closes what is kept open."""
        self.released.set()
        for kept in list(self.open):
            with contextlib.suppress(OSError):
                kept.shutdown(socket.SHUT_RDWR)
        self.rules, self.texts = [], []
        self.hanging, self.released = threading.Event(), threading.Event()

    def take(self, rule):
        with self.lock:
            if rule in self.rules:
                self.rules.remove(rule)
                return True
        return False

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


def message_ids(mails):
    return [re.fullmatch(r"<(.+@.+)>", mail["message-id"])[1] for mail in mails]
