#!/usr/bin/env python3
"""Hands SQL texts to a real PostgreSQL, to show that they are portable.

    postgres_takes.py SCHEMA.sql... [--run BINARY...]

Starts a server of its own in a temporary folder, runs the schema files in order, then each binary with
SQL_TRACE=FILE in its environment; what the binary writes there with db_trace_statements() is prepared against
that schema.  Exits 0 when PostgreSQL takes all of it, 77 when there is no server to ask.
"""

import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time

SKIPPED = 77

# What store/migrations.c makes before the first schema file.
PROLOGUE = """CREATE TABLE schema_migration (
    version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at_ms BIGINT NOT NULL);"""


def find_server():
    versions = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    return os.path.dirname(sorted(versions)[-1]) if versions else None


def unprivileged_user():
    """PostgreSQL does not run as root: then as somebody who owns nothing."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


class Server:
    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self.user = unprivileged_user()
        self.process = None
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)

    def _as_user(self, arguments, start=subprocess.run, **options):
        if self.user:
            options |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        environment = {"PATH": os.environ["PATH"], "HOME": self.folder, "LC_ALL": "C.UTF-8"}
        return start(arguments, cwd=self.folder, env=environment, **options)

    def __enter__(self):
        data = os.path.join(self.folder, "cluster")
        self._as_user([f"{self.programs}/initdb", "-D", data, "-U", "lectern", "-A", "trust", "-E", "UTF8", "-N"],
                      check=True, stdout=subprocess.DEVNULL)
        self.process = self._as_user(
            [f"{self.programs}/postgres", "-D", data, "-k", self.folder, "-c", "listen_addresses=", "-c", "fsync=off"],
            start=subprocess.Popen, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if self.psql("SELECT 1", quiet=True).returncode == 0:
                return self
            time.sleep(0.05)
        raise RuntimeError("PostgreSQL does not start")

    def __exit__(self, *_):
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=30)

    def psql(self, sql, quiet=False):
        return self._as_user(
            [f"{self.programs}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "lectern",
             "-d", "postgres"],
            input=sql, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL if quiet else None)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def main(arguments):
    cut = arguments.index("--run") if "--run" in arguments else len(arguments)
    schemas, binaries = arguments[:cut], arguments[cut + 1:]
    programs = find_server()
    if not programs:
        print("skipped: there is no PostgreSQL server here")
        return SKIPPED
    folder = tempfile.mkdtemp(prefix="lectern-postgres-")
    trace = tempfile.NamedTemporaryFile(prefix="lectern-trace-", suffix=".sql")
    try:
        with Server(programs, folder) as server:
            server.psql(PROLOGUE)
            for schema in schemas:
                if server.psql("BEGIN;\n" + read(schema) + "\nCOMMIT;\n").returncode != 0:
                    print(f"PostgreSQL refuses {schema}")
                    return 1
            for binary in binaries:
                trace.truncate(0)
                subprocess.run([binary], check=True, env=os.environ | {"SQL_TRACE": trace.name},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                statements = read(trace.name)
                if not statements or server.psql(statements).returncode != 0:
                    print(f"PostgreSQL refuses a statement of {binary}")
                    return 1
                print(f"{os.path.basename(binary)}: {statements.count('PREPARE ')} statements are portable")
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
