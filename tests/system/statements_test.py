"""What was watched, as xAPI statements: in a file, and in a learning record store, whatever that does meanwhile."""
import csv
import io
import json
import shutil
import time
import urllib.request

import pytest

from client import Viewer
from conftest import ORGANIZER, OTHER_ORGANIZER, School
from exposition import Exposition
from harness import Server
from record_store import PASSWORD, USER, RecordStore, Validation

VIDEO = "https://w3id.org/xapi/video"
NAME = "Sükhbaatar \"Enkh\" \\ Батбаяр"
FAST = {"outbox_retry_seconds": 1, "outbox_retry_max_seconds": 1, "outbox_timeout_seconds": 20,
        "lrs_interval_seconds": 1, "lrs_user": USER, "lrs_password_file": "lrs.password",
        "play_session_idle_ms": 10000, "completion_threshold_percent": 15}


def until(what, seconds=90):
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
    return found


def extension(name):
    return f"{VIDEO}/extensions/{name}"


def word(statement):
    return statement["verb"]["id"].rsplit("/", 1)[1]


def of(statements, person):
    return [item for item in statements if item["actor"]["account"]["name"] == person]


def queued(server, state=None):
    return [item for item in server.json("xapi", "list", "--all")["items"] if state in (None, item["state"])]


def has_gone(server):
    return not queued(server, "waiting")


def figures(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.metrics_port}/metrics", timeout=20) as answer:
        return Exposition(answer.read().decode()).samples


@pytest.fixture(scope="module")
def validation():
    running = Validation()
    yield running
    running.close()


@pytest.fixture
def store(validation):
    running = RecordStore(validation)
    yield running
    running.close()


def play(client, lecture):
    """Two seconds, then two from six on: credited at once, as a budget begins with two seconds, and grows."""
    viewer = Viewer(client, lecture)
    viewer.fetch()
    now = round(time.time() * 1000)
    viewer.send(viewer.beat(0, 1000, rate=1, client_ts=now - 3000), viewer.beat(1000, 2000, rate=1, client_ts=now - 2000))
    time.sleep(1.1)
    viewer.send(viewer.beat(6000, 8000, rate=1.5, client_ts=round(time.time() * 1000)),
                viewer.beat(6000, 6000), viewer.beat(90000, 99000))
    viewer.close()
    return viewer.session


@pytest.fixture(scope="module")
def watched(clips):
    """A house whose statements wait for a store that is not there: its folder, and who watched what."""
    with Server(lrs_url="http://127.0.0.1:9/xapi", **FAST) as server:
        school = School(server, clips)
        server.stop()
        password = server.data / "lrs.password"
        password.write_text(PASSWORD + "\n")
        password.chmod(0o600)
        server.start()
        school.cohort = school.add_cohort(school.program)
        people = [school.participant(cohort=school.cohort, name=NAME) for _ in range(3)]
        sessions = [play(person, school.short) for person in people]
        until(lambda: sum(item["title"] == "terminated" for item in queued(server)) == 3)
        server.stop()
        folder = shutil.copytree(server.data, clips["short"].with_name("watched"))
        parts = {name: value for name, value in vars(school).items() if name != "server"}
        yield folder, parts, [person.id for person in people], sessions


@pytest.fixture
def house(watched, store):
    """The same again, and a store that is there."""
    folder, parts, people, _sessions = watched
    with Server(lrs_url=store.url, **FAST) as server:
        shutil.copytree(folder, server.data, dirs_exist_ok=True)
        server.watched, server.parts, server.people = folder, parts, people
        yield server


@pytest.fixture(scope="module")
def quiet(watched):
    """A house without a store: for files."""
    folder, parts, people, sessions = watched
    with Server(**FAST) as server:
        shutil.copytree(folder, server.data, dirs_exist_ok=True)
        school = School.__new__(School)
        vars(school).update(parts, server=server)
        server.start()
        yield school, people, sessions


def exported(server, cohort, *options):
    return json.loads(server.run("xapi", "export", cohort, *options).stdout)


def test_a_file_tells_what_was_watched_by_the_video_profile(quiet, validation):
    school, people, _sessions = quiet
    statements = exported(school.server, school.cohort)
    assert [faults for faults in validation.faults(statements) if faults] == []
    assert len({statement["id"] for statement in statements}) == len(statements) == 3 * 8
    mine = of(statements, people[0])
    assert [word(item) for item in mine] == ["initialized", "played", "paused", "seeked", "played", "paused",
                                             "terminated", "completed"]
    begun, played, paused, sought, again, _stopped, ended, completed = mine
    for item in mine:
        assert item["actor"] == {"objectType": "Agent", "account": {"homePage": school.server.url, "name": people[0]}}
        assert item["object"]["id"] == f"{school.server.url}/lecture/{school.short}"
        assert item["object"]["definition"] == {"type": f"{VIDEO}/activity-type/video", "name": {"en": "Twelve seconds"}}
        assert {"id": VIDEO} in item["context"]["contextActivities"]["category"]
        assert item["context"]["extensions"][extension("session-id")] == begun["id"]
        assert abs(item["context"]["extensions"][extension("length")] - 12) < 0.5
    assert begun["context"]["extensions"][extension("completion-threshold")] == 0.15
    assert played["result"]["extensions"] == {extension("time"): 0.0}
    told = paused["result"]["extensions"]
    assert told[extension("time")] == 2.0 and told[extension("played-segments")] == "0.000[.]2.000"
    assert sought["result"]["extensions"] == {extension("time-from"): 2.0, extension("time-to"): 6.0}
    assert again["context"]["extensions"][extension("speed")] == "1.50x"
    told = ended["result"]["extensions"]
    assert told[extension("played-segments")] == "0.000[.]2.000[,]6.000[.]8.000"
    assert told[extension("time")] == 8.0 and 0.3 < told[extension("progress")] <= 0.34
    assert completed["result"]["completion"] is True and completed["result"]["extensions"][extension("progress")] >= 0.15
    times = [item["timestamp"] for item in mine[:-1]]
    assert times == sorted(times)


def test_made_twice_it_is_the_same(quiet):
    school, _people, _sessions = quiet
    assert exported(school.server, school.cohort) == exported(school.server, school.cohort)


def test_an_organizer_downloads_the_same_file(quiet, protocol):
    school, _people, _sessions = quiet
    client = school.staff(ORGANIZER, protocol)
    answer = client.get(f"/api/v1/cohorts/{school.cohort}/statements")
    assert answer.status == 200 and answer.field("content-type") == "application/json", answer
    assert answer.field("content-disposition").startswith('attachment; filename="statements-A-team-')
    assert answer.field("cache-control") == "no-store"
    assert answer.json() == exported(school.server, school.cohort)
    other = school.staff(OTHER_ORGANIZER)
    assert other.get(f"/api/v1/cohorts/{school.cohort}/statements").status in (403, 404)
    assert client.get("/api/v1/cohorts/01890000-0000-7000-8000-000000000000/statements").status in (403, 404)


def test_names_are_told_for_a_reason_only(quiet):
    school, people, _sessions = quiet
    client = school.staff(ORGANIZER)
    address = f"/api/v1/cohorts/{school.cohort}/statements"
    assert client.get(f"{address}?names=1").status == 422
    named = client.get(f"{address}?names=1&basis=Contract").json()
    assert {item["actor"]["name"] for item in named} == {NAME}
    assert [item["id"] for item in named] == [item["id"] for item in client.get(address).json()]
    assert of(exported(school.server, school.cohort, "--basis", "Contract"), people[0])[0]["actor"]["name"] == NAME


def test_a_day_leaves_out_what_was_before(quiet):
    school, _people, _sessions = quiet
    client = school.staff(ORGANIZER)
    address = f"/api/v1/cohorts/{school.cohort}/statements"
    assert exported(school.server, school.cohort, "--from", "2199-01-01") == []
    assert client.get(f"{address}?from=2199-01-01").json() == []
    assert len(client.get(f"{address}?from=2020-01-01").json()) == 24
    assert client.get(f"{address}?from=2026-13-01").status == 422
    assert school.server.run("xapi", "export", school.cohort, "--from", "soon", check=False).returncode == 64


def test_the_store_is_told_the_same_as_the_file(house, store):
    house.start()
    until(lambda: has_gone(house))
    in_file = {item["id"]: item for item in exported(house, house.parts["cohort"])}
    # What waited was made for another address of the house.
    assert set(store.statements) == set(in_file)
    for name, item in store.statements.items():
        assert item["result"] == in_file[name]["result"] if "result" in item else "result" not in in_file[name]
        assert item["timestamp"] == in_file[name]["timestamp"]
    assert len(store.requests) == 1 and store.requests[0][0] == 200
    assert figures(house)[("lectern_outbox", (("channel", "xapi"), ("state", "waiting")))] == 0


def test_one_that_is_refused_is_found_and_set_aside(house, store):
    bad = []

    def refuse(statement):
        if word(statement) == "seeked" and statement["actor"]["account"]["name"] == house.people[1]:
            bad.append(statement["id"])
            return True
        return False

    store.refuse = refuse
    house.start()
    until(lambda: has_gone(house))
    [failed] = queued(house, "failed")
    assert "400" in failed["answer"] and "is not wanted" in failed["answer"] and failed["recipient"] == house.people[1]
    assert len(store.statements) == 23 and bad[0] not in store.statements
    assert sum(status == 400 for status, _ids in store.requests) <= 6  # halves of 24, down to it
    until(lambda: figures(house)[("lectern_outbox", (("channel", "xapi"), ("state", "failed")))] == 1)
    store.refuse = lambda statement: False
    house.run("xapi", "retry", failed["id"])
    until(lambda: bad[0] in store.statements)
    until(lambda: not queued(house, "failed"))
    assert house.json("xapi", "retry")["count"] == 0


@pytest.mark.parametrize("status, fields", [
    (429, {"Retry-After": "1"}), (500, {}), pytest.param(503, {}, marks=pytest.mark.soak),
    pytest.param(401, {}, marks=pytest.mark.soak)])
def test_a_store_that_is_not_ready_is_tried_again(house, store, status, fields):
    store.answer_all = (status, fields)
    house.start()
    until(lambda: len(store.requests) >= 2)
    waiting = queued(house, "waiting")
    assert len(waiting) == 24 and any(str(status) in item["answer"] for item in waiting)
    store.answer_all = None
    until(lambda: has_gone(house))
    assert len(store.statements) == 24 and queued(house, "failed") == []


def test_what_is_there_with_other_words_counts_as_told(house, store):
    theirs = exported(house.start(), house.parts["cohort"])[5]
    until(lambda: has_gone(house))
    house.stop()
    assert theirs["id"] in store.statements
    # Another house's words under an id of ours: the statement is there, and stays as it is.
    store.statements = {theirs["id"]: {"id": theirs["id"]}}
    store.requests.clear()
    folder = house.data
    shutil.rmtree(folder)
    shutil.copytree(house.watched, folder)
    house.start()
    until(lambda: has_gone(house))
    assert queued(house, "failed") == [] and len(store.statements) == 24
    assert store.statements[theirs["id"]] == {"id": theirs["id"]}
    assert any(status == 409 for status, _ids in store.requests)


def test_nothing_is_lost_or_doubled_when_the_server_is_killed(house, store):
    store.hang = True
    house.write_settings(outbox_timeout_seconds=2)  # a claim outlasts two tries
    house.start()
    assert store.hanging.wait(60)
    house.kill()
    first = dict(store.statements)
    assert len(first) == 24  # it took them, and could not say so
    store.hang = False
    store.released.set()
    house.start()
    until(lambda: has_gone(house))
    assert store.statements == first and queued(house, "failed") == []
    assert len(queued(house, "sent")) == 24


def test_a_slow_store_does_not_hold_up_the_end(house, store):
    store.hang = True
    house.start()
    assert store.hanging.wait(60)
    begun = time.monotonic()
    house.stop()
    assert time.monotonic() - begun < 15  # the store would take a minute, a try twenty seconds


def test_nothing_is_told_of_who_is_erased(house, store):
    store.answer_all = (503, {})
    house.start()
    person = house.people[2]
    assert any(item["recipient"] == person for item in queued(house))
    house.run("privacy", "erase", person, "--reason", "Asked for", "--yes")
    assert not any(item["recipient"] == person for item in queued(house))
    store.answer_all = None
    until(lambda: has_gone(house))
    assert len(store.statements) == 16 and of(store.statements.values(), person) == []
    assert of(exported(house, house.parts["cohort"]), person) == []


def test_the_figures_of_completion_are_those_of_the_report(quiet):
    school, _people, _sessions = quiet
    table = school.staff(ORGANIZER).get(f"/api/v1/cohorts/{school.cohort}/report?format=csv").body.decode("utf-8-sig")
    completed = {(row["participant_id"], row["lecture_id"], row["completed_at"])
                 for row in csv.DictReader(io.StringIO(table)) if row["completed_at"]}
    assert completed == {(item["actor"]["account"]["name"], item["object"]["id"].rsplit("/", 1)[1], item["timestamp"])
                         for item in exported(school.server, school.cohort) if word(item) == "completed"}
