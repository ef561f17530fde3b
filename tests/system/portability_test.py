"""One SQL text for two engines: PostgreSQL reads the schema, and every statement that the server ran."""
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from client import Viewer
from conftest import ORGANIZER, School
from harness import ROOT, Server
from tus import create, patch, path_of, wait_for_job

TOOLS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def unprivileged():
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="module")
def postgres():
    if TOOLS is None:
        pytest.skip("PostgreSQL is not installed (apt postgresql-15)")
    folder = Path(tempfile.mkdtemp(prefix="lectern-postgres-"))
    identity = unprivileged()
    if identity:
        os.chown(folder, identity["user"], identity["group"])

    def run(*command, **options):
        return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, cwd=folder,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PGHOST": str(folder),
                                   "PGUSER": "lectern", "PGDATABASE": "postgres"}, **identity, **options)

    made = run(TOOLS / "initdb", "-D", folder / "db", "-U", "lectern", "-A", "trust", "-E", "UTF8", "--no-sync")
    assert made.returncode == 0, made.stderr
    started = run(TOOLS / "pg_ctl", "-D", folder / "db", "-w", "-l", folder / "log", "-o",
                  f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off", "start")
    assert started.returncode == 0, (folder / "log").read_text() if (folder / "log").exists() else started.stderr

    def psql(script):
        return run(TOOLS / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=0", "-f", "-", input=script)

    yield psql
    run(TOOLS / "pg_ctl", "-D", folder / "db", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def statements(clips):
    """Every SQL text of a server that did a bit of everything."""
    with Server(trace="statements.sql") as server:
        school = School(server, clips, anew=True)
        organizer, admin = school.staff(ORGANIZER), school.staff()
        client = school.participant(country="VN", gender="female")
        viewer = Viewer(client, school.short)
        viewer.fetch()
        viewer.claim(0, 1500)
        client.get("/api/v1/me")
        for path in (f"/api/v1/cohorts/{school.cohort}/report", f"/api/v1/cohorts/{school.cohort}/participants",
                     f"/api/v1/participants/{client.id}/lectures/{school.short}", "/api/v1/programs", "/api/v1/lectures",
                     f"/api/v1/lectures/{school.short}", f"/api/v1/programs/{school.program}", "/api/v1/providers"):
            assert organizer.get(path).status == 200, path
        organizer.request("PUT", f"/api/v1/cohorts/{school.cohort}/rule", body={"threshold_percent": 80})
        decision = f"/api/v1/participants/{client.id}/lectures/{school.short}/decision"
        organizer.post(decision, {"verdict": "accepted", "reason": "R"})
        organizer.request("DELETE", decision)
        data = clips["sound"].read_bytes()
        path = path_of(admin, create(admin, len(data)))
        answer = patch(admin, path, 0, data)
        lecture = answer.field("lectern-lecture")
        wait_for_job(admin, lecture)
        admin.get("/api/v1/uploads")
        gone = path_of(admin, create(admin, 10))
        admin.request("DELETE", gone, fields={"Tus-Resumable": "1.0.0"})
        admin.request("PATCH", f"/api/v1/lectures/{lecture}", body={"published": True, "title": "T", "language": "ja"})
        admin.request("PUT", f"/api/v1/lectures/{lecture}/captions/en", data=b"WEBVTT\n\n00:01.000 --> 00:02.000\nA\n")
        admin.request("DELETE", f"/api/v1/lectures/{lecture}/captions/en")
        admin.post("/api/v1/providers", {"name": "P"})
        organizer.request("DELETE", f"/api/v1/participants/{client.id}/invitation")
        organizer.request("DELETE", "/api/v1/session")
        for command in ("staff list", "job list --all", "program list", "provider list", "lecture list",
                        f"delivery list {client.id}", f"cohort rule show {school.cohort}", f"decision list {school.cohort}"):
            server.run(*command.split())
        # A crash too: what is asked at the next start is traced as well.
        server.kill()
        server.start()
        server.stop()
        yield server.trace.read_text("utf-8")


def test_postgres_takes_the_schema_and_every_statement(postgres, statements):
    texts = re.findall(r"^PREPARE .*?;$", statements, re.MULTILINE | re.DOTALL)
    assert len(texts) > 60, f"only {len(texts)} statements were traced"
    schema = "".join(path.read_text("utf-8") for path in sorted((ROOT / "src/store/sql").glob("*.sql")))
    schema = "CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT PRIMARY KEY, name TEXT, applied_at_ms BIGINT);\n" + schema
    made = postgres(schema)
    assert "ERROR" not in made.stderr, made.stderr
    # Each runs of the server numbers its own.
    renamed = [re.sub(r"^PREPARE s\d+", f"PREPARE t{number}", text) for number, text in enumerate(texts)]
    told = postgres("\n".join(renamed))
    wrong = [block for block in told.stderr.split("psql:") if "ERROR" in block]
    assert not wrong, "\n".join(wrong)
