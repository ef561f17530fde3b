"""No test is left out in silence: each says so in a form that tests/unlisted-skips reads, and tests/skips allows it."""
import re
import subprocess

import pytest

from tree import ROOT, short, sources, text_of

LIST = ROOT / "tests/skips"


def unlisted(folder, *lines):
    log = folder / "log"
    log.write_text("".join(f"{line}\n" for line in lines))
    ran = subprocess.run([ROOT / "tests/unlisted-skips", log], capture_output=True, text=True, check=False)
    assert ran.returncode == (1 if ran.stdout else 0) and not ran.stderr, ran
    return ran.stdout.splitlines()


@pytest.mark.parametrize("line", [
    "SKIPPED [1] tests/system/connections_test.py:33: nginx is not installed",
    "skipped: there is no ffmpeg to play with",
    "ok 5 - a test of node # SKIP",
    "ok 5 - a test of node # SKIP for no reason",
    "\t 12 - store/schema_on_postgres (Skipped)",
])
def test_a_skip_that_nobody_allowed_is_told(tmp_path, line):
    assert unlisted(tmp_path, "1 passed, 1 skipped", line, "ok 4 - fine") == [line]


def test_a_skip_that_the_list_allows_is_not(tmp_path):
    assert unlisted(tmp_path, "ok 5 - a long one # SKIP TESTS=all", "skipped: a wall, as sanitizers are on",
                    "SKIPPED [2] tests/system/uploads_test.py:370: only root can mount a small file system") == []


def test_each_line_of_the_list_allows_something_and_says_why():
    tests = "\n".join(text_of(path) or "" for path in sources(".c", ".h", ".py", ".mjs", below=("tests",)))
    lines = [line for line in LIST.read_text().splitlines() if not line.startswith("#")]
    for line in lines:
        allowed, _, why = (part.strip() for part in line.partition("|"))
        assert len(allowed) > 7 and why, line
        assert allowed in tests, f"tests/skips allows '{allowed}', which no test says"


def test_a_unit_test_that_skips_says_why():
    """skip() alone is seen by nobody: the program passes."""
    wrong = [f"{short(path)}: {found.group(0)}" for path in sources(".c", ".h", below=("tests",))
             for found in re.finditer(r"([^\n]*\n)\s+skip\(\);", text_of(path))
             if 'print_message("skipped: ' not in found.group(1)]
    assert not wrong, wrong


def test_a_test_of_the_browser_that_skips_says_why():
    """`skip: true` has no reason: `skip: condition && 'why'` or `skip: condition ? false : 'why'`."""
    wrong = [f"{short(path)}: {found.group(0)}" for path in sources(".mjs", ".ts") if ".test." in path.name
             for found in re.finditer(r"\bskip: ([^}]*)", text_of(path))
             if not re.search(r"(&&|:) '", found.group(1))]
    assert not wrong, wrong
