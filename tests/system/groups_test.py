"""One screen, several people: a code, an organizer's word, and what counts for whom; and signs of a shared link."""
import csv
import io
import sqlite3
import subprocess
import time

import pytest

from client import Client, Viewer, covered_ms
from conftest import ORGANIZER, OTHER_ORGANIZER
from harness import FAKETIME


@pytest.fixture(scope="module")
def organizer(school_session):
    return school_session.staff(ORGANIZER)


@pytest.fixture
def hall(school_session):
    """A cohort of its own with a host and two others, each on a device of theirs."""
    cohort = school_session.add_cohort(school_session.program, rate_cap_percent=400)  # nobody has time
    host, guest, late = (school_session.participant(cohort=cohort, name=name) for name in ("Host", "Guest", "Late"))
    return cohort, host, guest, late


def join(client, code):
    return client.post("/api/v1/group/presence", {"code": code})


def mine(client, lecture):
    return next(item for item in client.get("/api/v1/me").json()["lectures"] if item["id"] == lecture)


def show(school, host, to_ms=12000, from_ms=0, speed=4.0):
    viewer = Viewer(host, school.short)
    viewer.fetch()
    viewer.watch(to_ms, from_ms=from_ms, speed=speed)
    viewer.close()


def decide(client, group, verdict, **more):
    return client.post(f"/api/v1/groups/{group}/decision", {"verdict": verdict, **more})


def test_what_a_group_saw_counts_once_it_is_confirmed(school_session, organizer, hall, tmp_path):
    school, (cohort, host, guest, late) = school_session, hall
    assert host.get("/api/v1/group").json() == {"group": None}
    opened = host.post("/api/v1/group", {})
    assert opened.status == 201 and opened.json()["group"]["role"] == "host" and opened.json()["group"]["people"] == 1
    code = opened.json()["group"]["code"]
    assert len(code) == 6 and code.isdigit()
    wrong = join(guest, f"{(int(code) + 1) % 1000000:06}")
    assert (wrong.status, wrong.code) == (404, "group-code-unknown"), wrong
    assert join(host, code).status == 409, "one's own screen"
    assert join(school.participant(), code).code == "group-code-unknown", "of another cohort"
    joined = join(guest, code).json()["group"]
    assert joined["role"] == "guest" and joined["people"] == 2 and "code" not in joined and "name" not in str(joined)
    show(school, host, 6000)
    assert join(late, code).status == 200
    show(school, host, 12000, 6000)
    assert host.request("DELETE", "/api/v1/group").status == 204
    assert guest.get("/api/v1/group").json() == {"group": None}

    waiting = mine(guest, school.short)
    assert waiting["credited_ms"] == 0 and waiting["completed_at_ms"] is None
    assert {item["reason"] for item in waiting["missing_reasons"]} >= {"group-waiting"}
    assert [(item["state"], item["people"]) for item in waiting["groups"]] == [("waiting", 3)]
    [group] = organizer.get(f"/api/v1/cohorts/{cohort}/groups").json()["groups"]
    assert (group["state"], group["host"]["name"]) == ("waiting", "Host")
    assert [(person["name"], person["by"]) for person in group["people"]] == [("Guest", "code"), ("Late", "code")]
    assert group["lectures"][0]["id"] == school.short and group["lectures"][0]["shown_ms"] > 11000

    stranger = school.staff(OTHER_ORGANIZER)
    assert stranger.get(f"/api/v1/cohorts/{cohort}/groups").status == 404
    assert decide(stranger, group["id"], "confirmed").status == 404 and decide(host, group["id"], "confirmed").status == 403
    assert decide(organizer, group["id"], "refused").status == 422, "a refusal needs a reason"
    assert decide(organizer, group["id"], "confirmed").status == 204
    told = mine(guest, school.short)
    assert told["credited_ms"] > 11000 and told["completed_at_ms"], told
    assert told["groups"][0]["state"] == "confirmed" and told["groups"][0]["by"] == "Olga Organizer"
    half = mine(late, school.short)
    assert 4500 < half["credited_ms"] < 7500 and half["missing"][0][0] == 0 and half["completed_at_ms"] is None, half
    report = organizer.get(f"/api/v1/cohorts/{cohort}/report").json()
    cells = {person["name"]: person["lectures"][0]["credited_ms"] for person in report["participants"]}
    assert cells["Guest"] == told["credited_ms"] and cells["Late"] == half["credited_ms"]

    # Who came late watches the rest alone, and the two make a whole.
    viewer = Viewer(late, school.short)
    viewer.fetch()
    answer = viewer.watch(half["missing"][0][1], speed=4.0)
    assert covered_ms(answer["credited"]) > 11000, answer
    viewer.close()

    folder = tmp_path / "bundle"
    school.server.run("evidence", "export", "--cohort", cohort, folder)
    verified = subprocess.run([school.server.binary, "evidence", "verify", folder], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified
    assert '"event":"confirmed"' in (folder / "records.tsv").read_text()

    assert organizer.request("DELETE", f"/api/v1/groups/{group['id']}/decision").status == 204
    gone = mine(guest, school.short)
    assert gone["credited_ms"] == 0 and gone["completed_at_ms"] is None
    assert mine(host, school.short)["completed_at_ms"], "the host's own stays"
    assert organizer.request("DELETE", f"/api/v1/groups/{group['id']}/decision").status == 404


def test_the_command_says_the_same_and_adds_who_had_no_device(school_session, hall):
    school, (cohort, host, guest, late) = school_session, hall
    host.post("/api/v1/group", {})
    show(school, host, 4000)
    server = school.server
    [group] = server.json("group", "list", cohort)["groups"]
    assert group["state"] == "open" and group["people"] == []
    server.run("group", "add", group["id"], guest.id)
    assert host.get("/api/v1/group").json() == {"group": None}, "a word on it ends it"
    server.run("group", "confirm", group["id"])
    assert mine(guest, school.short)["credited_ms"] > 3000
    shown = server.run("group", "list", cohort).stdout
    assert "confirmed" in shown and "Host, Guest" in shown
    server.run("group", "add", group["id"], late.id)
    server.run("group", "remove", group["id"], guest.id)
    assert mine(guest, school.short)["credited_ms"] == 0 and mine(late, school.short)["credited_ms"] > 3000
    server.run("group", "refuse", group["id"], "--reason", "Nobody was there")
    told = mine(late, school.short)
    assert told["groups"][0]["reason"] == "Nobody was there" and told["missing_reasons"][0]["reason"] == "group-refused"
    server.run("group", "withdraw", group["id"])
    assert mine(late, school.short)["missing_reasons"][0]["reason"] == "group-waiting"
    assert server.run("group", "confirm", "01890000-0000-7000-8000-000000000000", check=False).returncode == 1


def test_a_record_holds_it_and_an_erasure_leaves_no_reason(school_session, organizer, hall):
    school, (cohort, host, guest, _late) = school_session, hall
    code = host.post("/api/v1/group", {}).json()["group"]["code"]
    join(guest, code)
    show(school, host, 2000)
    [group] = organizer.get(f"/api/v1/cohorts/{cohort}/groups").json()["groups"]
    decide(organizer, group["id"], "refused", reason="Guest was seen elsewhere")
    stored = {part["table"]: part["rows"] for part in school.server.json("privacy", "export", guest.id)["parts"]}
    assert len(stored["viewing_group_stay"]) == 1 and stored["viewing_group_decision"][0]["reason"] == "Guest was seen elsewhere"
    assert stored["viewing_group_credit"][0]["lecture_id"] == school.short and stored["viewing_group"] == []
    assert "group" in {row["kind"] for row in stored["evidence"]} and host.id not in str(stored)
    school.server.json("privacy", "erase", guest.id, "--reason", "They asked for it", "--yes")
    assert not any(b"seen elsewhere" in path.read_bytes() for path in school.server.data.rglob("store.sqlite*"))
    # Groups that an erased person was in can still be judged, and nothing new is said of them.
    assert decide(organizer, group["id"], "confirmed").status == 204
    left = {part["table"]: part["rows"] for part in school.server.json("privacy", "export", guest.id)["parts"]}
    assert all(row["body"] is None for row in left["evidence"])


def test_guessing_codes_is_slow(own_school):
    school = own_school(sign_in_attempts_per_minute=5)
    guest = school.participant()
    answers = [join(guest, f"{number:06}").status for number in range(8)]
    assert answers == [404] * 5 + [429] * 3, answers


def play_from(client, lecture, address, agent):
    """From that address, as a trusted proxy tells it."""
    answer = client.post(f"/api/v1/lectures/{lecture}/play", {}, fields={"X-Forwarded-For": address, "User-Agent": agent})
    assert answer.status == 200, answer


PHONE = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"


@pytest.mark.skipif(not FAKETIME, reason="faketime is not installed")
def test_signs_of_a_shared_link_are_told_and_networks_are_forgotten(own_school):
    school = own_school(trusted_proxies="127.0.0.1", sharing_networks=2, sharing_takeovers=2)
    server, person = school.server, school.add_person(name="Shared Link")
    link = school.link(person)
    devices = [Client(server) for _ in range(3)]
    addresses = ["198.51.100.77", "203.0.113.9", "2001:db8:7:8::9"]
    for device, address, agent in zip(devices, addresses, (PHONE, DESK, DESK)):
        assert device.open_link(link).status == 200
        play_from(device, school.short, address, agent)
    store = sqlite3.connect(server.data / "store.sqlite")
    kept = store.execute("SELECT network, device FROM play_session ORDER BY started_at_ms").fetchall()
    assert kept == [("198.51.100.0", "phone"), ("203.0.113.0", "computer"), ("2001:db8:7::", "computer")]
    # The three were open together for a while.
    store.execute("UPDATE play_session SET started_at_ms = started_at_ms - 600000")
    store.commit()
    admin = school.staff()
    report = admin.get(f"/api/v1/cohorts/{school.cohort}/report").json()
    [told] = [item["sharing"] for item in report["participants"] if item["id"] == person]
    assert told == {"networks": 3, "devices": 3, "networks_at_once": 3, "device_kinds_at_once": 2, "takeovers_an_hour": 2,
                    "signs": ["networks-at-once", "takeovers"]}
    table = admin.get(f"/api/v1/cohorts/{school.cohort}/report?format=csv").body.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(table)) if row["participant_id"] == person]
    assert {row["sharing_signs"] for row in rows} == {"networks-at-once takeovers"}
    said = server.run("report", school.cohort).stdout
    assert "Shared Link: played from 3 networks" in said and "nothing was held back" in said
    assert devices[2].get("/api/v1/me").status == 200, "never a punishment"

    server.stop()
    server.faster = 2_000_000  # the first look comes two seconds after the start: 46 days
    server.start()
    deadline = time.monotonic() + 60
    while store.execute("SELECT COUNT(*) FROM play_session WHERE network IS NOT NULL OR device IS NOT NULL").fetchone()[0]:
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.2)
    assert store.execute("SELECT COUNT(*) FROM lease_takeover").fetchone() == (0,)
    store.close()
