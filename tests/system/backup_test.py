"""`lectern backup`: made while the server writes, whole or not there, and a server goes on with it."""
import json
import random
import shutil
import subprocess
import threading
import time

import pytest

from client import Client, Viewer
from harness import Server


def check_digests(folder):
    """By coreutils, which nobody here wrote."""
    ran = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=folder,
                         capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran
    named = {line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == named | {"SHA256SUMS"}


def restore(backup, **settings):
    """As docs/backup.md says: the folder in its place, the settings beside it."""
    server = Server(**settings)
    shutil.copytree(backup / "data", server.data)
    server.data.chmod(0o700)
    return server


class Load(threading.Thread):
    """A person who watches and is answered, as fast as it goes."""

    def __init__(self, school):
        super().__init__(daemon=True)
        self.client = school.participant()
        self.viewer = Viewer(self.client, school.short)
        self.viewer.fetch()
        self.ended, self.acknowledged, self.fault = threading.Event(), -1, None

    def run(self):
        try:
            while not self.ended.is_set():
                self.acknowledged = self.viewer.claim(0, 1000)["acknowledged_seq"]
        except Exception as fault:  # shown by stop(), in the thread of the test
            self.fault = fault

    def stop(self):
        self.ended.set()
        self.join(timeout=60)
        self.viewer.close()
        assert self.fault is None, self.fault


def test_a_backup_under_load_is_whole_and_a_server_goes_on_with_it(school, tmp_path):
    loads = [Load(school) for _ in range(3)]
    for load in loads:
        load.start()
    try:
        time.sleep(0.3)
        before = [load.acknowledged for load in loads]
        made = school.server.json("backup", tmp_path / "first")
        copied = school.server.json("backup", tmp_path / "second", "--media", "copy")
    finally:
        for load in loads:
            load.stop()
    assert copied["media"] == "copy" and copied["linked_files"] == 0
    for name, facts in (("first", made), ("second", copied)):
        folder = tmp_path / name
        check_digests(folder)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert not list(folder.rglob("*.sock")) and not (folder / "data/lock").exists()
        assert facts["files"] == len((folder / "SHA256SUMS").read_text().splitlines())
        assert json.loads((folder / "backup.json").read_text())["media"] == facts["media"]
    with restore(tmp_path / "second") as other:
        other.start()
        for load, acknowledged in zip(loads, before, strict=True):
            # The same cookie: sessions, keys and all that was answered before are in the backup.
            client = Client(other)
            client.cookies = dict(load.client.cookies)
            me = client.get("/api/v1/me")
            assert me.status == 200, me
            viewer = Viewer(client, school.short)
            assert viewer.fetch() > 11000
            viewer.close()
            load.viewer.connection = school.connection(client)
            load.viewer.connection.connection.port = other.port
            assert load.viewer.send()["acknowledged_seq"] >= acknowledged
            load.viewer.close()
        assert other.json("doctor")["checks"][0]["ok"]


def test_what_is_there_is_not_overwritten(school, tmp_path):
    (tmp_path / "taken").mkdir()
    ran = school.server.run("backup", tmp_path / "taken", check=False)
    assert ran.returncode == 1 and "is there already" in ran.stderr, ran
    assert list((tmp_path / "taken").iterdir()) == []


@pytest.mark.parametrize("where, word", [
    ("inside", "inside the data folder"), ("nowhere/at/all", "Make it first"),
])
def test_a_place_of_no_use_is_refused_without_a_trace(school, tmp_path, where, word):
    target = school.server.data / "lectures/backup" if where == "inside" else tmp_path / where
    ran = school.server.run("backup", target, check=False)
    assert ran.returncode == 1 and word in ran.stderr, ran
    assert not list(tmp_path.iterdir()) and not list(target.parent.glob("backup*"))


def test_a_killed_backup_leaves_nothing_under_its_name(school, tmp_path):
    rng = random.Random(8)
    started = time.monotonic()
    school.server.run("backup", tmp_path / "whole", "--media", "copy")
    took = time.monotonic() - started
    for number in range(3):
        target = tmp_path / f"killed-{number}"
        process = subprocess.Popen(
            [school.server.binary, "backup", target, "--media", "copy", "--config", school.server.config],
            env=school.server.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, took))
        process.kill()
        process.wait()
        if target.exists():
            check_digests(target)
        else:
            assert school.server.run("backup", target).returncode == 0, "a draft is in nobody's way"


def test_a_backup_of_a_server_that_was_killed_has_what_it_answered(school, tmp_path):
    school.server.run("backup", tmp_path / "first")
    with restore(tmp_path / "first") as other:
        other.start()
        person = other.json("participant", "add", school.cohort, "--name", "Late Comer", "--language", "en")["id"]
        other.kill()
        other.run("backup", tmp_path / "second")
        check_digests(tmp_path / "second")
        people = restore(tmp_path / "second")
        with people:
            listed = people.json("participant", "list", school.cohort)["participants"]
            assert person in [one["id"] for one in listed]


def test_without_media_the_records_are_there(school, tmp_path):
    made = school.server.json("backup", tmp_path / "records", "--media", "none")
    assert made["media"] == "none" and not (tmp_path / "records/data/lectures").exists()
    check_digests(tmp_path / "records")
