"""In which language titles are told: what is asked for, then a participant's record, then the browser's wish."""
import pytest

from client import Client

# What ?language= says, what the browser says, and which titles come.
CASES = [
    (None, None, "vi"),
    (None, "ja,en;q=0.5", "vi"),
    ("", "ja", "vi"),
    ("ja", "vi", "ja"),
    ("ja-JP", None, "ja"),
    ("en", "ja", "en"),
    ("mn", None, "en"),  # there is none: the text's own
]


@pytest.fixture(scope="module")
def course(school_session):
    """A program and a lecture with titles in three languages; its people's language is Vietnamese."""
    school = school_session
    lecture = school.short
    program, cohort = school.add_program("Law", lecture)
    for language, title in (("vi", "Luật"), ("ja", "法律")):
        school.server.run("program", "text", program, "--language", language, "--title", title)
        school.server.run("lecture", "title", lecture, "--language", language, "--title", title)
    return cohort


TITLES = {"en": ("Law", "Twelve seconds"), "vi": ("Luật", "Luật"), "ja": ("法律", "法律")}


def ask(client, path, asked, accepted):
    return client.get(path if asked is None else f"{path}?language={asked}",
                      fields={} if accepted is None else {"Accept-Language": accepted}).json()


@pytest.fixture(scope="module")
def participant(school_session, course):
    return school_session.participant(cohort=course)


@pytest.mark.parametrize("asked, accepted, told", CASES)
def test_a_participant_s_titles_go_by_their_record(participant, protocol, asked, accepted, told):
    client = Client(participant.server, protocol)
    client.cookies = participant.cookies
    me = ask(client, "/api/v1/me", asked, accepted)
    assert me["language"] == "vi"
    assert (me["program"]["title"], me["lectures"][0]["title"]) == TITLES[told]
    assert me["program"]["text_language"] == me["lectures"][0]["text_language"] == told


@pytest.mark.parametrize("asked, accepted, told", [
    (None, None, "en"), (None, "ja,en;q=0.5", "ja"), ("vi", "ja", "vi"), (None, "mn", "en"),
])
def test_staff_have_no_language_of_record(school_session, course, asked, accepted, told):
    del course
    admin = school_session.staff()
    path = f"/api/v1/lectures/{school_session.short}"
    lecture = ask(admin, path, asked, accepted)
    assert (lecture["title"], lecture["text_language"]) == (TITLES[told][1], told)
    listed = ask(admin, "/api/v1/lectures", asked, accepted)["lectures"]
    assert [item["text_language"] for item in listed if item["id"] == lecture["id"]] == [told]
    program = next(item for item in ask(admin, "/api/v1/programs", asked, accepted)["programs"]
                   if item["titles"].keys() >= {"vi", "ja"})
    assert (program["title"], program["text_language"]) == (TITLES[told][0], told)
    assert [item["text_language"] for item in program["lectures"]] == [told]
