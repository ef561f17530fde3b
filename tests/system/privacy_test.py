"""A person's own record, their erasure down to the bytes, and how long people are kept."""
import json
import re
import subprocess
import threading
import time
import uuid

import pytest

from client import Client, Viewer
from conftest import ORGANIZER, OTHER_ORGANIZER

NAME = "Sükhbaataryn Enkhtuyaa"


def make_person(school):
    """Somebody with all that can be stored about them, who has watched."""
    own = uuid.uuid4().hex  # nobody else's bytes are to be found
    name, mail, group = f"Sükhbaataryn {own[:12]}", f"{own[12:22]}@example.mn", f"Дархан {own[22:]}"
    client = school.participant(name=name, email=mail, country="MN", gender="female", group=group)
    client.name, client.mail, client.group = name, mail, group
    viewer = Viewer(client, school.short)
    viewer.fetch()
    time.sleep(1.1)
    viewer.claim(0, 2000)
    viewer.close()
    return client


@pytest.fixture
def person(school):
    return make_person(school)


def parts(record):
    return {part["table"]: part["rows"] for part in record["parts"]}


def files_with(folder, *words):
    """Every file below a folder that holds one of the words, in any of the ways in which one may be written."""
    needles = {form for word in words
               for form in (word.encode(), word.encode("utf-16-le"), json.dumps(word)[1:-1].encode())}
    return [path for path in folder.rglob("*") if path.is_file()
            and any(needle in path.read_bytes() for needle in needles)]


def test_the_operator_exports_all_that_is_stored(school, person):
    record = school.server.json("privacy", "export", person.id)
    stored = parts(record)
    assert record["complete"] and record["participant"] == person.id
    [mine] = stored["participant"]
    assert (mine["name"], mine["email"], mine["country"], mine["group_name"]) == (person.name, person.mail, "MN", person.group)
    assert len(stored["delivery"]) >= 3 and len(stored["heartbeat"]) == 1 and len(stored["watch_interval"]) == 1
    kinds = {row["kind"] for row in stored["evidence"]}
    assert {"heartbeats", "deliveries"} <= kinds and all(len(row["salt"]) == 32 for row in stored["evidence"])
    assert stored["viewing"][0]["credited"] and stored["session"] and stored["invitation"]
    assert not any("digest" in name for rows in stored.values() for row in rows for name in row)
    text = school.server.run("privacy", "export", person.id).stdout
    assert person.name in text and person.mail in text and re.search(r"received_at_ms: 20\d\d-", text)


def test_nobody_is_told_as_nobody(school):
    ran = school.server.run("privacy", "export", "01890000-0000-7000-8000-000000000000", check=False)
    assert ran.returncode == 1 and "no participant" in ran.stderr, ran


def test_a_participant_downloads_their_own_record_and_no_other(school, person):
    answer = person.get("/api/v1/me/record")
    assert answer.status == 200 and "attachment" in answer.field("content-disposition")
    assert answer.field("cache-control") == "no-store"
    record = answer.json()
    assert parts(record)["participant"][0]["name"] == person.name
    assert not record["complete"] and set(record["left_out"]) == {"heartbeat", "watch_interval", "delivery", "evidence"}
    text = person.get("/api/v1/me/record?format=text")
    assert text.field("content-type") == "text/plain; charset=utf-8" and person.name in text.body.decode()
    assert person.get("/api/v1/me/record?format=xml").status == 406
    assert person.get(f"/api/v1/participants/{person.id}/record").status == 403


def test_an_organizer_exports_their_own_people_only_and_that_is_on_record(school, person):
    theirs = school.staff(ORGANIZER).get(f"/api/v1/participants/{person.id}/record")
    assert theirs.status == 200 and parts(theirs.json())["participant"][0]["email"] == person.mail
    assert school.staff(OTHER_ORGANIZER).get(f"/api/v1/participants/{person.id}/record").status == 404
    actions = [row["action"] for row in parts(school.server.json("privacy", "export", person.id))["audit"]]
    assert "privacy-export" in actions


def test_an_erasure_must_be_meant_and_its_reason_may_not_tell_who(school, person):
    for words, code, said in [
        (["--reason", "asked for"], 64, "add --yes"),
        (["--reason", f"{person.name} asked for it", "--yes"], 1, "must not hold"),
        (["--reason", f"mail of {person.mail.upper()}", "--yes"], 1, "must not hold"),
    ]:
        ran = school.server.run("privacy", "erase", person.id, *words, check=False)
        assert ran.returncode == code and said in ran.stderr, ran
    assert person.get("/api/v1/me").status == 200
    erased = school.staff(ORGANIZER).post(f"/api/v1/participants/{person.id}/erasure", {"reason": "asked"})
    assert erased.status == 403, "only an admin erases"


@pytest.mark.parametrize("way", ["command", "page"])
def test_after_an_erasure_no_byte_tells_who_it_was(school, person, tmp_path, way):
    server = school.server
    secret = person.cookies["__Host-sid"]
    viewer = Viewer(person, school.short)
    segment = viewer.segments()[0][0]
    figures = school.staff().get(f"/api/v1/cohorts/{school.cohort}/report").json()
    assert files_with(server.data, person.name, person.mail, person.group), "or this test could not fail"
    if way == "command":
        facts = server.json("privacy", "erase", person.id, "--reason", "They asked for it", "--yes")
    else:
        answer = school.staff().post(f"/api/v1/participants/{person.id}/erasure", {"reason": "They asked for it"})
        assert answer.status == 200, answer
        facts = answer.json()
    assert facts["rows_removed"] >= 5, facts
    # At once: the session, and the media token on an open connection.
    assert person.get("/api/v1/me").status == 401
    assert viewer.connection.get(segment).status == 403
    viewer.close()
    assert files_with(server.data, person.name, person.mail, person.group, secret) == []
    assert files_with(server.folder, person.name, person.mail, secret) == [], "the log"
    server.run("backup", tmp_path / "later")
    assert files_with(tmp_path / "later", person.name, person.mail, person.group, secret) == []
    stored = parts(server.json("privacy", "export", person.id))
    assert person.name not in json.dumps(stored) and not stored["delivery"] and not stored["heartbeat"]
    assert stored["evidence"] == []
    assert stored["erasure"][0]["reason"] == "They asked for it" and stored["erasure"][0]["finished_at_ms"]
    # What was reported stays what it is, under nobody's name.
    after = school.staff().get(f"/api/v1/cohorts/{school.cohort}/report").json()
    assert person.name in json.dumps(figures, ensure_ascii=False) and person.name not in json.dumps(after, ensure_ascii=False)
    credited = [sum(b - a for a, b in row["credited"]) for row in stored["viewing"]]
    assert credited == [2000]
    # Nobody can be let in under that number again.
    people = school.staff().get(f"/api/v1/cohorts/{school.cohort}/participants").json()["participants"]
    assert [one["invitation"]["state"] for one in people if one["id"] == person.id] == ["erased"]
    refused = school.staff().post(f"/api/v1/participants/{person.id}/invitation", {})
    assert refused.status == 409, refused
    again = server.json("privacy", "erase", person.id, "--reason", "Once more", "--yes")
    assert again["erased"] and again["rows_removed"] == 0


def test_what_is_on_its_way_during_an_erasure_leaves_no_record(school):
    client = school.participant()
    viewer = Viewer(client, school.short)
    segment = viewer.segments()[0][0]
    ended = threading.Event()

    def watch():
        try:
            while not ended.is_set() and viewer.connection.get(segment).status == 200:
                pass
        except OSError:
            pass  # the line was cut with the right to it

    watching = threading.Thread(target=watch)
    watching.start()
    time.sleep(0.3)
    school.server.run("privacy", "erase", client.id, "--reason", "They asked for it", "--yes")
    ended.set()
    watching.join()
    viewer.close()
    time.sleep(1)  # a round of the delivery log takes 0.2 s
    stored = parts(school.server.json("privacy", "export", client.id))
    assert not stored["delivery"] and not stored["evidence"], stored


def test_others_keep_what_is_theirs(school, person):
    other = school.participant(name=person.name, email="another@example.mn")
    viewer = Viewer(other, school.short)
    viewer.fetch()
    time.sleep(1.1)
    viewer.claim(0, 2000)
    before = parts(school.server.json("privacy", "export", other.id))
    school.server.run("privacy", "erase", person.id, "--reason", "They asked for it", "--yes")
    after = parts(school.server.json("privacy", "export", other.id))
    assert {name: rows for name, rows in after.items() if name != "audit"} \
        == {name: rows for name, rows in before.items() if name != "audit"}
    assert viewer.claim(2000, 3000)["acknowledged_seq"] == 1
    viewer.close()


def test_people_are_kept_as_long_as_their_cohort_says(own_school):
    school = own_school()
    server = school.server
    old = school.add_cohort(school.program, first=-20, last=-10)
    kept = school.add_cohort(school.program, first=-20, last=-10)
    someone, other = school.add_person(old, name=NAME), school.add_person(kept)

    def due(*words):
        return [one["participant"] for one in server.json("privacy", "due", *words)["due"]]

    assert someone not in due("--in-days", 3000), "for ever, by the preset"
    server.run("cohort", "retention", old, 30)
    server.run("cohort", "retention", kept, "never")
    assert someone not in due() and someone in due("--in-days", 30)
    assert other not in due("--in-days", 3000)
    ran = server.run("cohort", "retention", old, "soon", check=False)
    assert ran.returncode == 64 and "'never'" in ran.stderr, ran
    admin = school.staff()
    path = f"/api/v1/cohorts/{old}/retention"
    assert admin.request("PUT", path, {"days": -1}).status == 422
    assert admin.request("PUT", path, {"days": None}).status == 204
    assert someone not in due("--in-days", 3000)
    # Not over yet: nothing happens between two looks.
    assert admin.request("PUT", path, {"days": 30}).status == 204
    listed = admin.get("/api/v1/privacy/due?in_days=30").json()["due"]
    assert [one["participant"] for one in listed] == [someone] == due("--in-days", 30)
    # The server carries it out by itself, soon after its start and then each hour.
    # The server's own words must not be taken for somebody's name.
    for name in ("Ho", "day"):
        school.add_person(old, name=name)
    server.run("cohort", "retention", old, 5)
    server.stop()
    server.start()
    deadline = time.monotonic() + 60
    while due() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not due(), server.log()
    erased = parts(server.json("privacy", "export", someone))
    assert erased["erasure"][0]["reason"] == "Kept for 5 days after the cohort closed."
    while not parts(server.json("privacy", "export", someone))["erasure"][0]["finished_at_ms"]:
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.1)
    assert erased["participant"][0]["name"] != NAME


def test_an_erasure_that_a_kill_cut_off_is_finished_by_the_next_server(own_school):
    """Wherever it was cut: after the first transaction nobody knows the name, and the rest is done without it."""
    school = own_school()
    person, server = make_person(school), school.server
    erasing = subprocess.Popen(
        [server.binary, "privacy", "erase", person.id, "--reason", "Asked", "--yes", "--config", server.config],
        env=server.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    reader = Client(server)
    reader.cookies = dict(person.cookies)
    deadline = time.monotonic() + 60
    while reader.get("/api/v1/me").status == 200:
        assert time.monotonic() < deadline
    server.kill()
    erasing.wait()
    server.start()
    while not parts(server.json("privacy", "export", person.id))["erasure"][0]["finished_at_ms"]:
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.1)
    assert files_with(server.data, person.name, person.mail, person.group) == []
