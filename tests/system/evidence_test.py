"""The evidence log: bundles that outsiders check with tools that nobody here wrote."""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from client import Client, Viewer
from harness import ROOT

GO_PATH = "/usr/share/gocode"


@pytest.fixture(scope="module")
def outsider(tmp_path_factory):
    """Go's sumdb/note and sumdb/tlog, as Debian has them."""
    if not shutil.which("go") or not Path(GO_PATH, "src/golang.org/x/mod/sumdb/tlog").is_dir():
        pytest.skip("golang-go and golang-golang-x-mod-dev are not installed")
    folder = tmp_path_factory.mktemp("outsider")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": GO_PATH, "GOCACHE": str(ROOT / "build/tests/go"),
                   "GOFLAGS": "", "HOME": str(folder)}
    subprocess.run(["go", "build", "-o", folder / "outsider", ROOT / "tests/system/outsider/outsider.go"],
                   env=environment, check=True, timeout=600)
    return lambda bundle: subprocess.run([folder / "outsider", bundle], capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def watched(school_session):
    """Two who watched, and another cohort whose records are none of the bundle's."""
    school = school_session
    cohort = school.add_cohort(school.program)
    people = [school.participant(cohort=cohort, name=f"Zzyzx {number}") for number in range(2)]
    stranger = school.participant(cohort=school.add_cohort(school.program), name="Someone Else")
    for person in [*people, stranger]:
        viewer = Viewer(person, school.short)
        viewer.fetch()
        viewer.claim(0, 1000)
    return school, cohort, people, stranger


@pytest.fixture(scope="module")
def bundle(watched, tmp_path_factory):
    school, cohort, _, _ = watched
    folder = tmp_path_factory.mktemp("evidence") / "bundle"
    told = school.server.json("evidence", "export", "--cohort", cohort, folder)
    assert 0 < told["documents"] < told["records"]
    return folder


def verify(school, folder, *words):
    # Without any settings file: an outsider has none.
    return subprocess.run([school.server.binary, "evidence", "verify", *words, folder], capture_output=True,
                          text=True, timeout=60, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=1"})


def record_named(said):
    found = re.search(r"record (\d+):", said)
    return int(found.group(1)) if found else None


def test_both_accept_what_the_server_exported(watched, bundle, outsider):
    school = watched[0]
    ran = verify(school, bundle)
    assert ran.returncode == 0, ran
    ran = outsider(bundle)
    assert (ran.returncode, ran.stdout) == (0, ""), ran


def test_a_bundle_tells_ids_and_no_names_and_nothing_of_other_cohorts(watched, bundle):
    _, _, people, stranger = watched
    texts = [path for path in bundle.iterdir() if path.name not in ("leaves", "README.md")]
    everything = "".join(path.read_text() for path in texts)
    assert all(person.id in everything for person in people)
    assert "Zzyzx" not in everything and stranger.id not in everything and "@" not in everything
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in bundle.iterdir())


def documents(folder):
    return [line.split("\t", 2) for line in (folder / "records.tsv").read_text().splitlines()]


def test_the_documents_have_what_was_claimed_delivered_and_credited(watched, bundle):
    school, _, people, _ = watched
    kinds = {}
    lines = [json.loads(line) for line in (bundle / "log.jsonl").read_text().splitlines()]
    for seq, _, text in documents(bundle):
        told = json.loads(text)
        if told["subject"] == people[0].id:
            kinds.setdefault(lines[int(seq)]["kind"], []).append(told["record"])
    beats = kinds["heartbeats"][0]
    assert beats["lecture"] == school.short and beats["credited"][0] == [0, 1000, "delivered"], beats
    assert sum(len(record["deliveries"]) for record in kinds["deliveries"]) > 0


def changes(bundle):
    """(what was done, the record that it was done to)"""
    log = (bundle / "log.jsonl").read_text().splitlines(keepends=True)
    records = (bundle / "records.tsv").read_text().splitlines(keepends=True)
    middle = len(records) // 2
    seq = int(records[middle].split("\t")[0])
    later = int(records[middle + 1].split("\t")[0])

    def with_lines(name, lines):
        return lambda folder: (folder / name).write_text("".join(lines))

    changed = records[middle].replace('"at_ms":1', '"at_ms":2', 1)
    yield "one byte of a document", with_lines("records.tsv", [*records[:middle], changed, *records[middle + 1:]]), [seq]
    day = log[seq].replace('"day":"2', '"day":"3')
    yield "one byte of a line", with_lines("log.jsonl", [*log[:seq], day, *log[seq + 1:]]), [seq]
    yield "a document removed", with_lines("records.tsv", [*records[:middle], *records[middle + 1:]]), [seq]
    yield "the last document removed", with_lines("records.tsv", records[:-1]), [int(records[-1].split("\t")[0])]
    yield "a line removed", with_lines("log.jsonl", [*log[:seq], *log[seq + 1:]]), [seq]
    yield "the last line removed", with_lines("log.jsonl", log[:-1]), [len(log) - 1]
    yield "two lines reordered", with_lines("log.jsonl", [*log[:seq], log[seq + 1], log[seq], *log[seq + 2:]]), [seq]
    yield "two documents reordered", with_lines(
        "records.tsv", [*records[:middle], records[middle + 1], records[middle], *records[middle + 2:]]), [seq, later]


def test_both_refuse_what_was_changed_and_name_the_record(watched, bundle, outsider, tmp_path):
    school = watched[0]
    for number, (story, change, expected) in enumerate(changes(bundle)):
        folder = tmp_path / str(number)
        shutil.copytree(bundle, folder)
        change(folder)
        ours, theirs = verify(school, folder), outsider(folder)
        assert ours.returncode == 1 and record_named(ours.stderr) in expected, (story, expected, ours)
        assert theirs.returncode == 1 and record_named(theirs.stdout) in expected, (story, expected, theirs)


def test_what_was_kept_from_before_must_agree(watched, bundle, tmp_path):
    school, cohort, _, _ = watched
    key = school.server.json("evidence", "key", "list")["keys"][-1]["key"]
    later, note = tmp_path / "later", tmp_path / "note"
    school.server.run("evidence", "export", "--cohort", cohort, later)
    note.write_text((later / "checkpoint").read_text())
    assert verify(school, later, "--checkpoint", note, "--key", key).returncode == 0
    # A bundle that is older than the checkpoint, and a checkpoint of another log.
    assert verify(school, bundle, "--checkpoint", note).returncode == 1
    text = note.read_text().splitlines(keepends=True)
    note.write_text("".join([*text[:2], "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", *text[3:]]))
    ran = verify(school, later, "--checkpoint", note)
    assert ran.returncode == 1 and "the checkpoint that you have" in ran.stderr, ran
    other = key.split("+")[0] + "+00000000+" + key.split("+")[2]
    assert verify(school, later, "--key", other).returncode == 64


def test_a_key_rotates_and_both_sign(watched, outsider, tmp_path):
    school, cohort, _, _ = watched
    old = school.server.json("evidence", "key", "list")["keys"][-1]["key"]
    new = school.server.json("evidence", "key", "rotate")["key"]
    assert new != old
    folder = tmp_path / "rotated"
    school.server.run("evidence", "export", "--cohort", cohort, folder)
    keys = (folder / "keys").read_text().splitlines()
    assert keys[-2:] == [old, new]
    both = [json.loads(line)["note"] for line in (folder / "checkpoints.jsonl").read_text().splitlines()]
    assert any(note.count("\n— ") == 2 for note in both)
    assert verify(school, folder, "--key", old).returncode == 0
    assert outsider(folder).returncode == 0
    files = list((school.server.data / "evidence-keys").iterdir())
    assert len(files) == len(keys) and all(path.stat().st_mode & 0o777 == 0o600 for path in files)


def test_both_accept_an_export_after_an_erasure(school_session, outsider, tmp_path):
    school = school_session
    cohort = school.add_cohort(school.program)
    people = [school.participant(cohort=cohort, name=f"Erased {number}") for number in range(2)]
    for person in people:
        viewer = Viewer(person, school.short)
        viewer.fetch()
        viewer.claim(0, 1000)
    before, after = tmp_path / "before", tmp_path / "after"
    school.server.run("evidence", "export", "--cohort", cohort, before)
    school.server.run("privacy", "erase", people[0].id, "--reason", "They asked for it", "--yes")
    school.server.run("evidence", "export", "--cohort", cohort, after)

    def subjects(folder):
        return {json.loads(text)["subject"] for _, _, text in documents(folder)}

    kinds = [json.loads(line)["kind"] for line in (after / "log.jsonl").read_text().splitlines()]
    assert people[0].id in subjects(before) and people[0].id not in subjects(after) and "erasure" in kinds
    assert people[1].id in subjects(after)
    # The lines are still those that were signed before.
    ran = verify(school, after, "--checkpoint", before / "checkpoint")
    assert ran.returncode == 0, ran
    ran = outsider(after)
    assert (ran.returncode, ran.stdout) == (0, ""), ran


def proof_pages(client, path):
    """The whole file, by the links from page to page."""
    text, query = "", ""
    while query is not None:
        answer = client.get(path + query)
        assert answer.status == 200 and answer.field("content-type") == "application/jsonl", answer
        text += answer.body if isinstance(answer.body, str) else answer.body.decode()
        link = answer.field("link")
        query = re.match(r"<(\?[^>]*)>", link).group(1) if link else None
    return text


def test_a_person_s_own_proof_holds_alone(watched, outsider, tmp_path):
    school, _, people, stranger = watched
    school.server.run("evidence", "checkpoint")
    mine = tmp_path / "mine.jsonl"
    mine.write_text(proof_pages(people[0], "/api/v1/me/evidence"))
    assert people[0].id in mine.read_text() and people[1].id not in mine.read_text()
    key = school.server.json("evidence", "key", "list")["keys"][-1]["key"]
    ran = verify(school, mine, "--key", key)
    assert ran.returncode == 0 and people[0].id in ran.stdout, ran
    ran = outsider(mine)
    assert (ran.returncode, ran.stdout) == (0, ""), ran
    # Somebody else's, for staff, to a checkpoint of now.
    theirs = tmp_path / "theirs.jsonl"
    viewer = Viewer(people[1], school.short)
    viewer.claim(1000, 2000)
    theirs.write_text(proof_pages(school.staff(), f"/api/v1/participants/{people[1].id}/evidence"))
    assert verify(school, theirs).returncode == 0 and outsider(theirs).returncode == 0
    note = json.loads(theirs.read_text().splitlines()[0])["checkpoint"]
    last = json.loads(json.loads(theirs.read_text().splitlines()[-1])["line"])
    assert last["seq"] < int(note.splitlines()[1]) and last["kind"] == "heartbeats"
    # And by the command, to the checkpoint that was in the file before.
    kept = tmp_path / "kept"
    kept.write_text(note)
    printed = tmp_path / "printed.jsonl"
    printed.write_text(school.server.run("evidence", "proof", people[1].id, "--size", note.splitlines()[1]).stdout)
    assert printed.read_text() == theirs.read_text()
    assert verify(school, printed, "--checkpoint", kept).returncode == 0
    printed.write_text(school.server.run("evidence", "proof", people[1].id).stdout)
    assert verify(school, printed).returncode == 0


def test_a_person_s_proof_that_was_changed_names_the_record(watched, outsider, tmp_path):
    school, _, people, _ = watched
    told = school.server.run("evidence", "proof", people[0].id).stdout.splitlines(keepends=True)
    own = [at for at, text in enumerate(told) if people[0].id in text and at > 0]
    seqs = {at: json.loads(json.loads(told[at])["line"])["seq"] for at in own}
    first, second = own[0], own[1]
    changed = json.loads(told[first])
    path = {**changed, "path": [changed["path"][0][::-1], *changed["path"][1:]]}
    document = {**changed, "document": changed["document"].replace('"at_ms":1', '"at_ms":2')}
    cases = [
        ("a document", [*told[:first], json.dumps(document) + "\n", *told[first + 1:]], [seqs[first]]),
        ("a path", [*told[:first], json.dumps(path) + "\n", *told[first + 1:]], [seqs[first]]),
        ("left out", [*told[:first], *told[first + 1:]], [seqs[first], seqs[second]]),
        ("another order", [*told[:first], told[second], told[first], *told[second + 1:]], [seqs[first], seqs[second]]),
    ]
    file = tmp_path / "proof.jsonl"
    for story, lines, expected in cases:
        file.write_text("".join(lines))
        ours, theirs = verify(school, file), outsider(file)
        assert ours.returncode == 1 and record_named(ours.stderr) in expected, (story, expected, ours)
        assert theirs.returncode == 1 and record_named(theirs.stdout) in expected, (story, expected, theirs)


def test_nobody_gets_another_person_s_proof(watched):
    school, _, people, stranger = watched
    path = f"/api/v1/participants/{stranger.id}/evidence"
    assert people[0].get(path).status == 403
    assert Client(school.server).get("/api/v1/me/evidence").status == 401
    assert people[0].get("/api/v1/me/evidence?after=x").status == 422
    assert people[0].get("/api/v1/me/evidence?size=999999999").status == 404
    nobody = "01890000-0000-7000-8000-000000000000"
    ran = school.server.run("evidence", "proof", nobody, check=False)
    assert ran.returncode == 1 and "no record of" in ran.stderr, ran


def test_the_newest_checkpoint_is_public(watched):
    school = watched[0]
    school.server.run("evidence", "checkpoint")
    answer = Client(school.server).get("/api/v1/evidence/checkpoint")
    assert answer.status == 200 and answer.field("content-type").startswith("text/plain"), answer
    newest = school.server.json("evidence", "list", "--last", "1")["checkpoints"][0]
    body = answer.body if isinstance(answer.body, str) else answer.body.decode()
    name = school.server.json("evidence", "key", "list")["keys"][0]["key"].split("+")[0]
    assert name.endswith("/evidence") and body.splitlines()[:2] == [name, str(newest["size"])]


def test_a_folder_that_is_not_empty_is_left_alone(watched, tmp_path):
    school, cohort, _, _ = watched
    (tmp_path / "mine").write_text("mine")
    ran = school.server.run("evidence", "export", "--cohort", cohort, tmp_path, check=False)
    assert ran.returncode == 1 and "is not empty" in ran.stderr, ran
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    nobody = "01890000-0000-7000-8000-000000000000"
    ran = school.server.run("evidence", "export", "--cohort", nobody, tmp_path / "new", check=False)
    assert ran.returncode == 1 and f"no cohort '{nobody}'" in ran.stderr, ran
