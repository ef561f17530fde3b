"""The program that reads the files of strangers lies beside the server's, and is not part of it."""
import os
import shutil
from pathlib import Path

import pytest

from harness import Server


@pytest.fixture
def installed(tmp_path):
    """A server whose programs are copies, as an installation has them."""
    server = Server()
    for name in ("lectern", "lectern-media"):
        shutil.copy(server.build / name, tmp_path / name)
    server.binary = tmp_path / "lectern"
    with server:
        server.init()
        yield server


def test_no_library_for_media_is_in_the_servers_memory(installed, clips):
    installed.start()
    installed.add_lecture(clips["short"])
    mapped = Path(f"/proc/{installed.process.pid}/maps").read_text("utf-8")
    assert "libssl" in mapped and not [name for name in ("libav", "libsw", "libx264") if name in mapped]


def test_an_upgrade_on_the_disk_changes_no_running_server(installed, clips):
    """The old server goes on with the child of its own version, until it is restarted or taken over from."""
    installed.start()
    newer = installed.binary.with_name("newer")
    newer.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    newer.chmod(0o755)
    os.replace(newer, installed.binary.with_name("lectern-media"))
    installed.add_lecture(clips["short"])


def test_without_its_program_a_job_says_what_is_missing(installed, clips):
    installed.binary.with_name("lectern-media").unlink()
    installed.start()
    added = installed.json("lecture", "add", clips["short"], "--title", "A", "--language", "en", "--wait", check=False)
    assert added["state"] == "failed", added
    doctor = installed.run("doctor", check=False)
    assert doctor.returncode == 1 and "lectern-media" in doctor.stdout, doctor
