"""The figures that an organizer answers for: JSON, CSV and one person's record say the same."""
import csv
import json
import sqlite3
import urllib.parse
import datetime
import io
import time

import pytest

from client import Viewer
from conftest import ORGANIZER


@pytest.fixture(scope="module")
def watched(school_session):
    """A cohort of three: one who watched a part, one who did nothing, one whose name is a trap."""
    school = school_session
    cohort = school.add_cohort(school.program)
    first = school.participant(cohort=cohort, name="Nguyễn Thị Lan", country="VN", gender="female", group="Hanoi")
    school.add_person(cohort, "Доржийн Батбаяр", country="MN", gender="male")
    school.add_person(cohort, "=HYPERLINK(\"http://evil.example\",\"x\")", group="+1+1", gender="other")
    viewer = Viewer(first, school.short)
    viewer.fetch()
    viewer.claim(0, 1000)
    time.sleep(0.6)
    viewer.claim(2000, 3000)
    viewer.claim(90000, 91000)
    return school, cohort, first


@pytest.fixture(scope="module")
def organizer(school_session):
    return school_session.staff(ORGANIZER)


def report(client, cohort):
    answer = client.get(f"/api/v1/cohorts/{cohort}/report")
    assert answer.status == 200, answer
    return answer.json()


def test_the_report_has_the_shape_of_the_contract(watched, organizer):
    school, cohort, first = watched
    told = report(organizer, cohort)
    assert len(told["participants"]) == 3
    person = next(item for item in told["participants"] if item["id"] == first.id)
    assert (person["name"], person["country"], person["gender"]) == ("Nguyễn Thị Lan", "VN", "female")
    lecture = next(item for item in person["lectures"] if item["id"] == school.short)
    assert lecture["credited_ms"] == 2000 and lecture["delivered_ms"] >= 11900
    assert lecture["claimed_ms"] >= 2000 and abs(lecture["coverage"] - 2000 / 12000) < 0.01
    assert lecture["missing"][0] == [1000, 2000] and lecture["missing"][1][0] == 3000
    assert lecture["completed_at_ms"] is None
    idle = next(item for item in told["participants"] if item["country"] == "MN")
    assert all(item["credited_ms"] == 0 and item["coverage"] == 0 for item in idle["lectures"])
    assert told["totals"]["participants"] == 3 and told["totals"]["women"] == 1


def test_the_table_says_the_same_and_runs_nothing(watched, organizer, protocol):
    school, cohort, first = watched
    client = organizer.copy()
    client.protocol = protocol
    answer = client.get(f"/api/v1/cohorts/{cohort}/report?format=csv&names=1&basis=Contract")
    assert answer.status == 200 and answer.field("content-type").startswith("text/csv")
    today = datetime.datetime.now(datetime.timezone.utc).date()
    assert answer.field("content-disposition") in [
        f"attachment; filename=\"report-A-team-{day}.csv\"; filename*=UTF-8''report-A%20team-{day}.csv"
        for day in (today, today - datetime.timedelta(1))]
    text = answer.body.decode("utf-8")
    assert text.startswith("\ufeff") and "\r\n" in text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert all(not cell or cell[0] not in "=+-@\t\r＝＋－＠" for row in rows for cell in row), rows
    assert any("Nguyễn Thị Lan" in row for row in rows)
    told = report(organizer, cohort)
    count = sum(len(person["lectures"]) for person in told["participants"])
    assert len([row for row in rows[1:] if row]) >= count


def test_one_person_s_record_says_why(watched, organizer):
    school, _cohort, first = watched
    answer = organizer.get(f"/api/v1/participants/{first.id}/lectures/{school.short}")
    assert answer.status == 200, answer
    record = answer.json()
    assert record["credited"] == [[0, 1000], [2000, 3000]]
    assert sum(end - start for start, end in record["delivered"]) >= 11900
    assert record["missing"][0] == [1000, 2000]
    assert [(item["from_ms"], item["to_ms"]) for item in record["intervals"]] == [(0, 1000), (2000, 3000)]
    assert all(item["reason"] and item["play_session"] and item["credited_at_ms"] > 0 for item in record["intervals"])
    assert record["flags"].get("out-of-range") == 1


def test_what_a_participant_sees_of_themselves_is_the_same(watched, organizer):
    school, cohort, first = watched
    told = report(organizer, cohort)
    reported = next(item for person in told["participants"] if person["id"] == first.id
                    for item in person["lectures"] if item["id"] == school.short)
    mine = next(item for item in first.get("/api/v1/me").json()["lectures"] if item["id"] == school.short)
    for key in ("claimed_ms", "delivered_ms", "credited_ms", "coverage", "missing", "completed_at_ms"):
        assert mine[key] == reported[key], key


def test_the_command_says_the_same(watched, organizer):
    school, cohort, _ = watched
    told = report(organizer, cohort)
    by_command = school.server.json("report", cohort)
    assert by_command["participants"] == told["participants"]
    assert "Nguyễn Thị Lan" in school.server.run("report", cohort).stdout
    table = school.server.run("report", cohort, "--csv").stdout
    assert table.startswith("\ufeff")


def read_csv(answer):
    return [row for row in csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig")))]


def read_xlsx(answer):
    openpyxl = pytest.importorskip("openpyxl", reason="python3-openpyxl is not installed")
    book = openpyxl.load_workbook(io.BytesIO(answer.body))
    header, *rows = book["Report"].values
    assert all(cell.data_type != "f" for row in book["Report"].iter_rows() for cell in row)
    totals = {name: value for name, value in list(book["Totals"].values)[1:]}
    return [dict(zip(header, ["" if value is None else value for value in row])) for row in rows], totals


def sums(rows):
    figures = ("duration_ms", "claimed_ms", "delivered_ms", "credited_ms")
    return ({name: sum(int(row[name]) for row in rows) for name in figures},
            sum(float(row["coverage"]) for row in rows),
            sum(row["completed_at"] != "" for row in rows), len(rows))


def test_every_format_has_the_figures_of_the_screen(watched, organizer):
    _school, cohort, _ = watched
    told = report(organizer, cohort)
    lectures = {lecture["id"]: lecture for lecture in told["lectures"]}
    screen = sums([{**cell, "duration_ms": lectures[cell["id"]]["duration_ms"],
                    "completed_at": "" if cell["completed_at_ms"] is None else "yes"}
                   for person in told["participants"] for cell in person["lectures"]])
    table = read_csv(organizer.get(f"/api/v1/cohorts/{cohort}/report?format=csv"))
    sheet, totals = read_xlsx(organizer.get(f"/api/v1/cohorts/{cohort}/report?format=xlsx"))
    screen = (screen[0], pytest.approx(screen[1], abs=0.01), *screen[2:])
    assert sums(table) == screen and sums(sheet) == screen
    assert {name: totals[name] for name in ("participants", "women", "completed_all")} == {
        name: told["totals"][name] for name in ("participants", "women", "completed_all")}
    for row, cells in zip(table, sheet):
        assert {name: value for name, value in row.items() if name != "coverage"} == {
            name: str(value) for name, value in cells.items() if name != "coverage"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_names_nobody_unless_somebody_says_what_for(watched, organizer, form):
    school, cohort, _ = watched
    path = f"/api/v1/cohorts/{cohort}/report?format={form}"

    def names(answer):
        rows = read_csv(answer) if form == "csv" else read_xlsx(answer)[0]
        return {row["name"] for row in rows}

    basis = f"Contract 7, section 2 ({form})"
    assert names(organizer.get(path)) == {""}
    assert organizer.get(f"{path}&names=1").code == "invalid-field"
    assert organizer.get(f"{path}&names=2&basis=x").code == "invalid-field"
    found = names(organizer.get(f"{path}&names=1&basis={urllib.parse.quote(basis)}"))
    assert "Nguyễn Thị Lan" in found and "'=HYPERLINK(\"http://evil.example\",\"x\")" in found
    with sqlite3.connect(f"file:{school.server.data / 'store.sqlite'}?mode=ro", uri=True) as store:
        noted = store.execute("SELECT object_id, staff_id IS NOT NULL FROM audit WHERE action = 'report-names' AND detail = ?",
                              [basis]).fetchall()
        told = [json.loads(body)["record"] for body, in store.execute(
            "SELECT body FROM evidence WHERE kind = 'disclosure' AND subject_id = ?", [cohort])]
    assert noted == [(cohort, 1)]
    assert [(one["what"], len(one["staff"])) for one in told if one["basis"] == basis] == [("report", 36)], told


def test_a_format_that_is_none_is_refused(watched, organizer):
    _school, cohort, _ = watched
    assert organizer.get(f"/api/v1/cohorts/{cohort}/report?format=odd").code == "not-acceptable"


def test_the_command_writes_the_same_files(watched, organizer):
    school, cohort, _ = watched
    table = organizer.get(f"/api/v1/cohorts/{cohort}/report?format=csv")
    assert school.server.run("report", cohort, "--format", "csv").stdout.replace("\r\n", "\n") == \
        table.body.decode().replace("\r\n", "\n")
    assert "Lan" in school.server.run("report", cohort, "--csv", "--basis", "Contract 7").stdout
    assert school.server.run("report", cohort, "--format", "odd", check=False).returncode == 64


def test_completion_shows_with_its_moment(watched, organizer):
    school, cohort, _ = watched
    client = school.participant(cohort=cohort, name="Võ Ngọc Ánh")
    viewer = Viewer(client, school.short)
    viewer.fetch()
    answer, deadline = viewer.watch(12000), time.monotonic() + 10
    while answer["completed_at_ms"] is None:
        assert time.monotonic() < deadline, answer
        time.sleep(0.3)
        answer = viewer.claim(0, 12000)
    told = report(organizer, cohort)
    person = next(item for item in told["participants"] if item["id"] == client.id)
    lecture = next(item for item in person["lectures"] if item["id"] == school.short)
    assert lecture["completed_at_ms"] == answer["completed_at_ms"]
    assert abs(lecture["completed_at_ms"] - time.time() * 1000) < 120000
