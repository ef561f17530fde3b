"""What an admin does with lectures: texts in each language, and clearing away what never became one."""
import sqlite3

import pytest

from tus import create, head, patch, path_of, upload, wait_for_job

NOBODY_S = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def admin(school, protocol):
    return school.staff(protocol=protocol)


@pytest.fixture
def refused(admin):
    """A lecture that is none, and the upload that brought it."""
    data = b"This is no film. " * 500
    path = path_of(admin, create(admin, len(data), "letter.mp4"))
    lecture = patch(admin, path, 0, data).field("lectern-lecture")
    assert wait_for_job(admin, lecture)["state"] == "refused"
    return lecture, path


def lecture_ids(admin):
    return {lecture["id"] for lecture in admin.get("/api/v1/lectures").json()["lectures"]}


def audited(school, lecture):
    """What was done to it, and whether by somebody or from a shell."""
    with sqlite3.connect(f"file:{school.server.data / 'store.sqlite'}?mode=ro", uri=True) as store:
        return store.execute("SELECT action, staff_id IS NOT NULL FROM audit WHERE object_id = ? ORDER BY id",
                             (lecture,)).fetchall()


def test_a_refused_file_is_removed_with_all_that_names_it(school, admin, refused):
    lecture, path = refused
    program, _ = school.add_program("With a gap", school.short, lecture)
    assert admin.request("DELETE", f"/api/v1/lectures/{lecture}").status == 204
    assert admin.get(f"/api/v1/lectures/{lecture}").status == 404
    assert lecture not in lecture_ids(admin)
    shown = admin.get(f"/api/v1/programs/{program}").json()
    assert [one["id"] for one in shown["lectures"]] == [school.short]
    assert head(admin, path).status in (404, 410)
    assert audited(school, lecture)[-1] == ("lecture-remove", 1)
    again = admin.request("DELETE", f"/api/v1/lectures/{lecture}")
    assert (again.status, again.code) == (404, "not-found"), again


def test_the_same_file_can_be_sent_again_after_that(admin, clips, tmp_path):
    file = tmp_path / "cut.mp4"
    file.write_bytes(clips["short"].read_bytes()[:500])
    lecture = upload(admin, file)
    assert wait_for_job(admin, lecture)["state"] == "refused"
    assert admin.request("DELETE", f"/api/v1/lectures/{lecture}").status == 204
    file.write_bytes(clips["short"].read_bytes())
    assert wait_for_job(admin, upload(admin, file))["state"] == "ready"


def test_a_lecture_that_was_ready_once_stays(school, admin):
    for lecture in (school.short, school.hidden):
        answer = admin.request("DELETE", f"/api/v1/lectures/{lecture}")
        assert (answer.status, answer.code) == (409, "conflict"), answer
        assert "Unpublish it instead" in answer.json()["detail"]
        assert admin.get(f"/api/v1/lectures/{lecture}").json()["state"] == "ready"


def test_a_lecture_in_preparation_is_cancelled_before_it_is_removed(admin, clips):
    lecture = upload(admin, clips["minute"])
    answer = admin.request("DELETE", f"/api/v1/lectures/{lecture}")
    assert (answer.status, answer.code) == (409, "conflict"), answer
    job = admin.get(f"/api/v1/lectures/{lecture}").json()["job"]["id"]
    cancelled = admin.request("DELETE", f"/api/v1/jobs/{job}").status == 204  # a fast machine is done before
    removed = admin.request("DELETE", f"/api/v1/lectures/{lecture}")
    assert removed.status == (204 if cancelled else 409), removed
    assert (lecture in lecture_ids(admin)) != cancelled


def test_the_command_removes_it_beside_a_running_server(school, admin, refused):
    lecture, _ = refused
    assert school.server.json("lecture", "remove", lecture) == {"id": lecture, "removed": True}
    assert lecture not in lecture_ids(admin)
    assert audited(school, lecture)[-1] == ("lecture-remove", 0)
    for left, words in ((school.short, "Unpublish it instead"), (NOBODY_S, "nothing with this id")):
        ran = school.server.run("lecture", "remove", left, check=False)
        assert ran.returncode == 1 and words in ran.stderr, ran


def test_what_a_change_of_texts_leaves_out_stays(school, admin):
    path = f"/api/v1/lectures/{school.elsewhere}"
    for change, titles in (
        ({"description": "On the law."}, {"en": ("Another program's", "On the law.")}),
        ({"title": "Law"}, {"en": ("Law", "On the law.")}),
        ({"language": "vi", "title": "Luật"}, {"en": ("Law", "On the law."), "vi": ("Luật", "")}),
        ({"title": "Another program's", "description": ""}, {"en": ("Another program's", ""), "vi": ("Luật", "")}),
    ):
        changed = admin.request("PATCH", path, body=change)
        assert changed.status == 200, changed
        told = {language: (text["title"], text["description"])
                for language, text in changed.json()["titles"].items() if language in titles}
        assert told == titles, change


def test_a_provider_is_credited_and_taken_away_again(school, admin):
    path = f"/api/v1/lectures/{school.hidden}"
    provider = admin.post("/api/v1/providers", {"name": f"Union of {admin.protocol}"}).json()["id"]
    for change, shown, audit in (
        ({"provider": provider}, provider, ["lecture-provider"]),
        ({"description": "On the law."}, provider, ["lecture-text"]),
        ({"provider": None}, None, ["lecture-provider"]),
        ({"provider": None, "title": "Not published yet"}, None, ["lecture-text", "lecture-provider"]),
        ({}, None, []),
    ):
        before = audited(school, school.hidden)
        changed = admin.request("PATCH", path, body=change)
        assert changed.status == 200 and changed.json()["provider_id"] == shown, changed
        assert (changed.json()["provider"] is None) == (shown is None)
        assert audited(school, school.hidden)[len(before):] == [(action, 1) for action in audit]


@pytest.mark.parametrize("provider", ["", "nope", NOBODY_S, 7])
def test_a_provider_that_is_none_is_refused_and_nothing_is_written(school, admin, provider):
    before = audited(school, school.hidden)
    answer = admin.request("PATCH", f"/api/v1/lectures/{school.hidden}", body={"provider": provider, "title": "X"})
    assert (answer.status, answer.json()["field"]) == (422, "provider"), answer
    assert admin.get(f"/api/v1/lectures/{school.hidden}").json()["title"] == "Not published yet"
    assert audited(school, school.hidden) == before
