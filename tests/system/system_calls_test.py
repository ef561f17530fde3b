"""The list of system calls that media children may make is as short as it can be: strace sees which of them a release build really
makes, in all passes, over the samples and the generated corpus, and each that is allowed must be among them, or among the few that
src/media/sandbox.c keeps with a reason."""
import collections
import json
import re
import shutil

import pytest

import corpus
from client import Client
from harness import ADMIN, RELEASE_BUILD, ROOT, SAMPLES, Server
from tus import upload, wait_for_job

pytestmark = pytest.mark.soak
LONG = "h264-aac-362s.mp4"
LINE = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed)")


def list_named(name):
    """Of the C source, as a release build has it."""
    source = (ROOT / "src/media/sandbox.c").read_text("utf-8")
    body = re.search(r"static const char \*const " + name + r"\[\] = \{\n(.*?)\n\};", source, re.DOTALL)[1]
    body = re.sub(r"#if SANITIZED.*?#endif", "", body, flags=re.DOTALL)
    return set(re.findall(r'"(\w+)"', re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)))


# They have conditions, or another answer, and so lines of code of their own.
WITH_CONDITIONS = {"clone", "clone3", "tgkill", "mmap", "mprotect"}


def calls_of_children(trace):
    """How often each call was made behind the filter, by the children and their threads."""
    behind, calls, children = set(), collections.Counter(), 0
    with trace.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if not (found := LINE.match(line)):
                continue
            process, call = found.groups()
            if process not in behind:
                if call == "seccomp" and "SET_MODE_FILTER" in line and "= 0" in line:
                    behind.add(process)
                    children += 1
                continue
            if "resumed>" not in line:
                calls[call] += 1
            if call == "clone" and (made := re.search(r"= (\d+)$", line.strip())):
                behind.add(made[1])
            if call in ("exit", "exit_group"):
                behind.discard(process)
    return children, calls


def run_everything(server, folder):
    """All that children do: the early look, both passes, interpreters' sound, trimming."""
    ready = []
    for file in [*sorted(SAMPLES.glob("*.*")), *(case.make(folder) for case in corpus.CASES)]:
        if file.name == LONG or file.suffix == ".tsv":
            continue
        ran = server.run("lecture", "add", file, "--title", file.name, "--language", "en", "--wait", "--json", check=False, timeout=600)
        outcome = json.loads(ran.stdout)
        assert "not allowed" not in (outcome.get("reason") or ""), (file.name, outcome)
        if outcome["state"] == "ready":
            ready.append(outcome["id"])
    for lecture in ready[:3]:
        server.run("lecture", "sound", "add", lecture, folder / "film.avi", "--language", "ja", "--wait", timeout=600)
    server.run("lecture", "trim", ready[0], "--from", "0:00:00", "--to", "0:00:01", "--wait", timeout=600, check=False)
    admin = Client(server)
    assert admin.sign_in(*ADMIN).status == 200
    wait_for_job(admin, upload(admin, folder / "plain.mp4", pieces=4))
    return len(ready)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    if not (RELEASE_BUILD / "lectern").exists() or not shutil.which("strace"):
        pytest.skip("there is no release build, or no strace")
    folder = tmp_path_factory.mktemp("calls")
    with Server(build=RELEASE_BUILD, log_level="info", upload_look_bytes=4096 * 8).init() as server:
        server.under = ["strace", "-D", "-f", "-qq", "-o", folder / "trace"]  # -D: signals reach the server itself
        server.start()
        count = run_everything(server, folder)
    children, calls = calls_of_children(folder / "trace")
    print(f"{children} children, {count} lectures: {dict(calls.most_common())}")
    assert count > 60 and children > count
    return calls


def test_nothing_is_called_that_the_list_does_not_know(made):
    assert set(made) <= list_named("allowed") | list_named("answered") | list_named("spare") | WITH_CONDITIONS


def test_nothing_is_on_the_list_that_nobody_calls(made):
    assert sorted((list_named("allowed") | list_named("answered")) - set(made)) == []


def test_what_is_kept_with_a_reason_was_not_seen(made):
    """What is seen belongs on the other list."""
    assert sorted(list_named("spare") & set(made)) == []
