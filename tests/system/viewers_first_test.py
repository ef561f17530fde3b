"""While a lecture is encoded with every rung on all cores, who watches another one does not wait."""
import subprocess
import time

import pytest

from conftest import School
from harness import ROOT, Server
from tus import upload

pytestmark = pytest.mark.alone

WATCHED_S = 12
SEGMENT_S = 4


@pytest.fixture(scope="module")
def large_clip(tmp_path_factory):
    clip = tmp_path_factory.mktemp("large") / "large.avi"
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25", "-t", "20",
                    "-c:v", "mpeg4", "-q:v", "5", str(clip)], check=True)
    looped = clip.with_name("looped.avi")
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-stream_loop", "14", "-i", str(clip), "-c", "copy", str(looped)],
                   check=True)
    return looped


def test_no_viewer_waits_for_an_encoder(clips, large_clip):
    with Server(ladder_file=ROOT / "config/ladder.conf") as server:
        school = School(server, clips)
        admin = school.staff()
        viewer = school.viewer(school.participant(), school.law)
        paths = [path for path, *_ in viewer.segments()]
        lecture = upload(admin, large_clip)

        def job():
            return admin.get(f"/api/v1/lectures/{lecture}").json()["job"]

        while job()["state"] != "running":
            time.sleep(0.1)
        waited_s = []
        until = time.monotonic() + WATCHED_S
        while time.monotonic() < until:
            began = time.monotonic()
            assert viewer.connection.get(paths[len(waited_s) % len(paths)]).status == 200
            waited_s.append(time.monotonic() - began)
            time.sleep(0.05)
        assert job()["state"] == "running", "nothing was encoded meanwhile"
        assert admin.request("DELETE", f"/api/v1/jobs/{job()['id']}").status == 204
        print(f"{len(waited_s)} segments, the slowest after {max(waited_s) * 1000:.0f} ms")
        assert len(waited_s) > WATCHED_S and max(waited_s) < SEGMENT_S / 2, max(waited_s)
