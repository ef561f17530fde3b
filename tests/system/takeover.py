"""A server that can be replaced while it runs, and one that pretends to replace it."""
import contextlib
import json
import os
import re
import socket
import sqlite3
import subprocess
import time

from harness import Server

ENDING_S = 40


class TakenOver(Server):
    """A server that can be replaced while it runs."""

    def spawn(self, *arguments, config=None):
        command = [str(self.binary), "serve", "--take-over", "--config", str(config or self.config), *arguments]
        with self.log_path.open("ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    env=self.environment(), cwd=self.folder)

    def events(self, name):
        return len(re.findall(rf" {name}\b", self.log_path.read_text("utf-8", "replace")))

    def wait_for(self, name, count):
        deadline = time.monotonic() + ENDING_S
        while self.events(name) < count:
            assert time.monotonic() < deadline, f"no {name}\n{self.log(20000)}"
            time.sleep(0.02)

    def take_over(self, *arguments):
        """Gives the old process, which drains."""
        before = self.events("listening")
        old, self.process = self.process, self.spawn(*arguments)
        self.wait_for("listening", before + 1)
        assert self.process.poll() is None, self.log()
        return old

    def rows(self, sql, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/store.sqlite?mode=ro", uri=True)) as store:
            return store.execute(sql, values).fetchall()


def ended_well(process):
    assert process.wait(timeout=ENDING_S) == 0


class FakeHeir:
    """Speaks the takeover's protocol by hand, to fail at a chosen moment."""

    def __init__(self, server, protocol=1, schema=None):
        schema = server.rows("SELECT MAX(version) FROM schema_migration")[0][0] if schema is None else schema
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        folder = os.open(server.data, os.O_PATH)
        self.socket.connect(f"/proc/self/fd/{folder}/control.sock")
        os.close(folder)
        self.descriptors = []
        self.send({"take_over": protocol, "schema": schema, "program": "9.9.9"})

    def send(self, message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self):
        text, descriptors, _flags, _from = socket.recv_fds(self.socket, 4096, 100)
        self.descriptors += descriptors
        return json.loads(text) if text else None

    def die(self):
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.socket.close()
