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


@pytest.mark.parametrize("ladder, word", [
    ("[240p]\nquality = 5\n", "must be a whole number from 10 to 45"),
    ("[240p]\nquality = 27\n", "[240p] has no 'frames-per-second'"),
    ("rubbish\n", "Line 1"),
    (None, "cannot be read"),
])
def test_a_server_with_a_ladder_that_makes_no_sense_does_not_start(school, tmp_path, ladder, word):
    path = tmp_path / "ladder.conf"
    if ladder is not None:
        path.write_text(ladder)
    ran = school.server.run("serve", "--set", f"ladder-file={path}", check=False, timeout=60)
    assert ran.returncode == 64 and str(path) in ran.stderr and word in ran.stderr, ran
