"""deploy/demo: from nothing to a served course, twice, and out again."""
import datetime
import json
import os
import signal
import subprocess
import time

import pytest

from client import Client, Viewer
from harness import ROOT, free_port

pytestmark = pytest.mark.alone


class Authority:
    """What Client needs to know of a server that a demo started."""

    def __init__(self, ready):
        self.url = ready["url"]
        self.port = int(ready["url"].rsplit(":", 1)[1])
        self.authority = os.path.join(ready["data"], "tls/authority.pem")

    def tls_context(self, *protocols):
        import ssl
        context = ssl.create_default_context(cafile=self.authority)
        context.set_alpn_protocols(list(protocols))
        return context


def start(folder, port):
    ready = folder / "ready.json"
    process = subprocess.Popen(
        [ROOT / "deploy/demo", "--data", folder / "data", "--port", str(port), "--no-install", "--ready-file", ready],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    began = time.monotonic()
    while not ready.exists():
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() - began < 400, "not ready"
        time.sleep(0.02)
    return process, json.loads(ready.read_text()), time.monotonic() - began


def stop(process):
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=40)[0]
    assert process.returncode == 0, said
    return said


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    if not (ROOT / "node_modules").is_dir():
        pytest.skip("the npm packages are not installed")
    folder = tmp_path_factory.mktemp("demo")
    (folder / "data").mkdir()
    (folder / "data").chmod(0o755)  # as `mkdir` leaves it
    port = free_port()
    process, ready, _ = start(folder, port)
    yield folder, port, ready
    said = stop(process)
    for word in ("authority.pem", ready["admin"]["password"], ready["participants"][0]["link"], "Ctrl-C"):
        assert word in said, said
    assert not (folder / "ready.json").exists()


def test_the_ready_file_says_what_the_contract_says(demo):
    _folder, port, ready = demo
    assert ready["url"] == f"https://localhost:{port}"
    assert set(ready) == {"url", "pid", "config", "data", "admin", "organizer", "cohorts", "participants", "lectures"}
    assert os.readlink(f"/proc/{ready['pid']}/exe") == str(ROOT / "build/release/lectern")
    assert os.path.isfile(ready["config"]) and os.path.isdir(ready["data"])
    assert [cohort["name"] for cohort in ready["cohorts"]] == ["Vietnam team", "Mongolia team"]
    assert len(ready["participants"]) == 11 and len(ready["lectures"]) == 3
    assert {person["cohort"] for person in ready["participants"]} == {cohort["id"] for cohort in ready["cohorts"]}
    for lecture in ready["lectures"]:
        assert lecture["hls"] == f"{ready['url']}/media/{lecture['id']}/1/master.m3u8"


def test_everybody_can_come_in_and_watch_now(demo):
    _folder, _port, ready = demo
    server = Authority(ready)
    for cohort in ready["cohorts"]:
        client = Client(server, "http2")
        person = next(item for item in ready["participants"] if item["cohort"] == cohort["id"])
        assert client.open_link(person["link"]).status == 200
        me = client.get("/api/v1/me").json()
        assert [item["id"] for item in me["lectures"]] == [item["id"] for item in ready["lectures"]]
        today = datetime.date.today().isoformat()
        assert me["cohort"]["first_day"] <= today or me["cohort"]["first_day"][:7] <= today[:7]
        for lecture in me["lectures"]:
            assert set(lecture["captions"]) == {"en", "ja", "vi", "mn"} and lecture["provider"]
        viewer = Viewer(client, ready["lectures"][0]["id"])
        assert viewer.hls == ready["lectures"][0]["hls"].removeprefix(ready["url"])
        viewer.fetch(0, 4000)
        assert viewer.claim(0, 1000)["credited"] == [[0, 1000]]
    for who in ("admin", "organizer"):
        staff = Client(server)
        assert staff.sign_in(**ready[who]).json() == {"role": who}
        assert len(staff.get("/api/v1/programs").json()["programs"]) == 1


def test_what_opens_doors_is_readable_by_its_owner_alone(demo):
    folder, _port, ready = demo
    for path in (folder / "ready.json", os.path.join(ready["data"], "demo.json"), ready["data"]):
        assert os.stat(path).st_mode & 0o077 == 0, path


def test_started_again_it_goes_on_within_three_seconds(tmp_path):
    if not (ROOT / "node_modules").is_dir():
        pytest.skip("the npm packages are not installed")
    port = free_port()
    process, first, _ = start(tmp_path, port)
    stop(process)
    # The best of three: other work on the machine is not the demo's.
    seconds = []
    for _ in range(3):
        process, second, took = start(tmp_path, port)
        stop(process)
        seconds.append(took)
        if took < 3:
            break
    assert min(seconds) < 3, seconds
    same = ("url", "config", "data", "admin", "organizer", "cohorts", "participants", "lectures")
    assert {key: first[key] for key in same} == {key: second[key] for key in same}


def test_a_killed_server_is_told_in_a_sentence(tmp_path):
    if not (ROOT / "node_modules").is_dir():
        pytest.skip("the npm packages are not installed")
    process, ready, _ = start(tmp_path, free_port())
    for line in process.stdout:  # all that it has to say, so that it waits for the server now
        if line.startswith("An organizer sees the week"):
            break
    time.sleep(0.5)
    os.kill(ready["pid"], signal.SIGKILL)
    said = process.communicate(timeout=40)[0]
    assert process.returncode == 128 + signal.SIGKILL
    last = said.rstrip().splitlines()[-1]
    assert last == f"The server was killed by signal 9 (KILL); its log is {tmp_path}/data/server.log.", said
    assert "line " not in said and "Stopped." not in said
    assert not (tmp_path / "ready.json").exists()


def test_an_interrupted_start_is_made_good(tmp_path):
    if not (ROOT / "node_modules").is_dir():
        pytest.skip("the npm packages are not installed")
    process = subprocess.Popen([ROOT / "deploy/demo", "--data", tmp_path / "data", "--port", str(free_port()), "--no-install"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True)
    deadline = time.monotonic() + 300
    while not (tmp_path / "data/store.sqlite").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    process, ready, _ = start(tmp_path, free_port())
    assert len(ready["lectures"]) == 3 and len(ready["participants"]) == 11
    stop(process)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/thesis.txt").write_text("years of work")
    ran = subprocess.run([ROOT / "deploy/demo", "--data", tmp_path / "data", "--no-install"], capture_output=True,
                         text=True, check=False, stdin=subprocess.DEVNULL)
    assert ran.returncode != 0 and "not empty" in ran.stderr
    assert (tmp_path / "data/thesis.txt").read_text() == "years of work"
