"""What commands say of things that are not there."""
import pytest

NOBODY_S = "01890000-0000-7000-8000-000000000000"


@pytest.mark.parametrize("unknown", ["nope", NOBODY_S])
@pytest.mark.parametrize("words, what", [
    (["participant", "list", None], "cohort"),
    (["invitation", "issue", "--all", "--cohort", None], "cohort"),
    (["report", None], "cohort"),
    (["cohort", "list", None], "program"),
    (["program", "show", None], "program"),
    (["lecture", "show", None], "lecture"),
    (["job", "show", None], "job"),
])
def test_a_list_of_something_unknown_is_no_empty_list(school, words, what, unknown):
    ran = school.server.run(*[word or unknown for word in words], check=False)
    assert ran.returncode == 1 and ran.stdout == "", ran
    assert f"no {what} '{unknown}'" in ran.stderr, ran


def test_a_list_of_nothing_yet_is_empty(school):
    cohort = school.add_cohort(school.program)
    assert school.server.json("participant", "list", cohort) == {"participants": []}
    assert school.server.json("invitation", "issue", "--cohort", cohort, "--all") == {"invitations": []}
