"""What `lectern init` makes, and whose it is."""
import os
import pwd
import subprocess
import tempfile
from pathlib import Path

import pytest

from harness import BUILD, ROOT


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a folder somebody else's")
def test_root_leaves_the_folder_to_its_owner():
    """As an operator does it: the settings lie where only root writes, the data belong to the service's user."""
    owner = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory(prefix="lectern-init-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        data, config = folder / "data", folder / "lectern.conf"
        data.mkdir(0o700)
        os.chown(data, owner.pw_uid, owner.pw_gid)
        ran = subprocess.run([BUILD / "lectern", "init", "--config", str(config), "--set", f"data={data}"],
                             capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == 0, ran.stderr
        made = [path for path in data.rglob("*") if path.stat().st_uid != owner.pw_uid]
        assert (data / "uploads").is_dir() and not made, f"not its owner's: {made}"
        assert config.stat().st_uid == 0 and f"data = {data}" in config.read_text()
        # Another address than the certificate's: a new one is due, which is written before the store is opened.
        ran = subprocess.run([BUILD / "lectern", "serve", "--config", str(config), "--set",
                              f"web-root={ROOT / 'build/web'}", "--set", "public-url=https://lectures.example.org"],
                             capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode != 0 and "Start the server as its owner" in ran.stderr, ran.stderr
        assert all(path.stat().st_uid == owner.pw_uid for path in data.rglob("*"))
