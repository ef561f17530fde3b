"""Certificates: who gets one, what the paper and the badge say to outsiders' readers, and what becomes of them."""
import base64
import json
import os
import re
import shutil
import subprocess
import urllib.parse

import pytest

from client import Client
from conftest import ORGANIZER, OTHER_ORGANIZER
from harness import ROOT

NUMBER = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


@pytest.fixture(scope="module")
def academy(school_session):
    """A program of one short lecture, whose organizer is ours."""
    school = school_session
    program, cohort = school.add_program("Luật lao động: the law of labour", school.short)
    school.server.run("program", "assign", program, ORGANIZER[0])
    school.academy_program = program
    return school, cohort


@pytest.fixture(scope="module")
def organizer(school_session):
    return school_session.staff(ORGANIZER)


def accept(academy, organizer, person):
    """Through, by the organizer's word."""
    path = f"/api/v1/participants/{person}/lectures/{academy[0].short}/decision"
    decided = organizer.post(path, {"verdict": "accepted", "reason": "Watched in the hall"})
    assert decided.status == 201, decided


def graduate(academy, organizer, **options):
    school, cohort = academy
    client = school.participant(cohort=cohort, **options)
    accept(academy, organizer, client.id)
    return client


@pytest.fixture(scope="module")
def bearer(academy, organizer):
    client = graduate(academy, organizer, name="Ослоо <b>Bold</b> Энхтуяа")
    taken = client.post("/api/v1/me/certificate", {})
    assert taken.status == 200, taken
    client.certificate = taken.json()["certificate"]["id"]
    return client


def text_of(pdf, tmp_path):
    (tmp_path / "paper.pdf").write_bytes(pdf)
    return subprocess.run(["pdftotext", "-raw", "paper.pdf", "-"], cwd=tmp_path, capture_output=True,
                          text=True, check=True).stdout


def need(tool):
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")


# --- who gets one -------------------------------------------------------------------------------

def test_nobody_takes_one_before_it_is_earned(academy):
    school, cohort = academy
    client = school.participant(cohort=cohort)
    own = client.get("/api/v1/me/certificate").json()
    assert own == {"earned": False, "demanded": 1, "completed": 0, "to_come": 0, "may_take": False, "certificate": None}
    refused = client.post("/api/v1/me/certificate", {})
    assert (refused.status, refused.code) == (409, "conflict")
    ran = school.server.run("certificate", "issue", cohort, "--participant", client.id, check=False)
    assert ran.returncode == 1 and "Not everything that the program demands" in ran.stderr, ran


def test_what_is_not_published_yet_is_still_to_come(school):
    own = school.participant().get("/api/v1/me/certificate").json()
    assert own["to_come"] == 1 and not own["earned"], own


def test_a_participant_takes_it_once_and_everybody_may_check_it(academy, bearer):
    school, _cohort = academy
    assert NUMBER.fullmatch(bearer.certificate)
    again = bearer.post("/api/v1/me/certificate", {}).json()["certificate"]
    assert again["id"] == bearer.certificate
    stranger = Client(school.server)
    shown = stranger.get(f"/api/v1/certificates/{bearer.certificate}")
    assert shown.status == 200 and shown.field("x-robots-tag") == "noindex"
    told = shown.json()
    assert told["state"] == "valid" and told["name"] == "Ослоо <b>Bold</b> Энхтуяа" and told["revoked_at_ms"] is None
    assert told["program"] == "Luật lao động: the law of labour" and told["lectures"] == 1
    assert "reason" not in told and "participant" not in json.dumps(told)
    typed = bearer.certificate.lower().replace("0", "o").replace("1", "l")
    assert stranger.get(f"/api/v1/certificates/{typed[:13]}-{typed[13:]}").json()["id"] == bearer.certificate
    for odd in ("0" * 26, "0" * 25, "%27%20OR%201", "U" * 26):
        assert stranger.get(f"/api/v1/certificates/{odd}").status == 404
    page = stranger.get(f"/certificates/{bearer.certificate}", fields={"Accept": "text/html"})
    assert page.status == 200 and b'content="noindex"' in page.body
    assert "script-src 'self'" in page.field("content-security-policy")


def test_the_organizer_issues_for_the_cohort_and_nobody_else_s(academy, organizer):
    school, cohort = academy
    client = graduate(academy, organizer, name="Batch Person")
    other = school.staff(OTHER_ORGANIZER)
    path = f"/api/v1/cohorts/{cohort}/certificates"
    assert other.get(path).status == 404 and other.post(path, {}).status == 404
    assert organizer.post(path, {}).json() == {"issued": 1}
    assert organizer.post(path, {}).json() == {"issued": 0}
    listed = next(one for one in organizer.get(path).json()["participants"] if one["participant"] == client.id)
    [certificate] = listed["certificates"]
    assert listed["earned"] and certificate["state"] == "valid"
    paper = f"/api/v1/certificates/{certificate['id']}/paper"
    assert organizer.get(paper).status == 200
    for who, status in ((other, 404), (school.participant(), 404), (Client(school.server), 401)):
        assert who.get(paper).status == status
    revoking = f"/api/v1/certificates/{certificate['id']}/revocation"
    assert other.post(revoking, {"reason": "Mine now"}).status == 404
    assert client.post(revoking, {"reason": "Mine now"}).status == 403
    assert f"{certificate['id']}" in school.server.run("certificate", "list", cohort).stdout


# --- the paper ----------------------------------------------------------------------------------

NAMES = [("vi", "Nguyễn Thị Minh Khai"), ("mn", "Сүхбаатарын Өлзийсайхан"), ("ja", "渡邉 さくら"), ("ur", "محمد علی"),
         ("km", "ស្រីមុំ"), ("bn", "রবীন্দ্রনাথ"), ("lo", "ສົມພອນ")]


def test_a_reader_finds_every_name_on_its_paper(academy, organizer, tmp_path):
    need("pdftotext")
    school, _cohort = academy
    cohort = school.add_cohort(school.academy_program)
    people = {}
    for language, name in NAMES:
        added = organizer.post(f"/api/v1/cohorts/{cohort}/participants", {"name": name, "language": language})
        accept(academy, organizer, added.json()["id"])
        people[name] = language
    assert organizer.post(f"/api/v1/cohorts/{cohort}/certificates", {}).json() == {"issued": len(NAMES)}
    listed = organizer.get(f"/api/v1/cohorts/{cohort}/certificates").json()["participants"]
    for name, number in ((one["name"], one["certificates"][0]["id"]) for one in listed):
        answer = organizer.get(f"/api/v1/certificates/{number}/paper")
        assert answer.status == 200 and answer.field("content-type") == "application/pdf"
        assert answer.field("content-disposition").startswith('attachment; filename="certificate-')
        text = text_of(answer.body, tmp_path)
        # Poppler turns the text of letters from the right around, which a PDF holds as it is read.
        assert (name[::-1] if people[name] == "ur" else name) in text, text
        assert " ".join(re.findall(".{1,4}", number)) in text
        assert ("修了証" if people[name] == "ja" else "Certificate of Completion") in text
        digest = organizer.get(f"/api/v1/certificates/{number}").json()["digest"]
        assert " ".join(re.findall(".{1,4}", digest[:16])) in text


def test_a_telephone_reads_the_square_code(academy, bearer, tmp_path):
    need("zbarimg")
    need("pdftoppm")
    school, _cohort = academy
    (tmp_path / "paper.pdf").write_bytes(bearer.get(f"/api/v1/certificates/{bearer.certificate}/paper").body)
    subprocess.run(["pdftoppm", "-r", "150", "-png", "paper.pdf", "paper"], cwd=tmp_path, check=True)
    [picture] = tmp_path.glob("paper*.png")
    read = subprocess.run(["zbarimg", "--raw", "-q", picture], capture_output=True, text=True, check=True).stdout.strip()
    address, _, record = read.partition("#")
    assert address == f"{school.server.url}/certificates/{bearer.certificate}"
    digest = Client(school.server).get(f"/api/v1/certificates/{bearer.certificate}").json()["digest"]
    assert len(record) == 16 and digest.startswith(record)


def test_markup_in_a_name_is_letters(bearer, tmp_path):
    need("pdftotext")
    text = text_of(bearer.get(f"/api/v1/certificates/{bearer.certificate}/paper").body, tmp_path)
    assert "<b>Bold</b>" in text


def test_the_same_paper_is_the_same_file_by_command(academy, bearer, tmp_path):
    school, _cohort = academy
    server = school.server
    ran = subprocess.run([server.binary, "certificate", "show", bearer.certificate, "--pdf", "--config", server.config],
                         capture_output=True, env=server.environment(), check=False)
    assert ran.returncode == 0 and ran.stderr == b"", ran.stderr
    assert ran.stdout == bearer.get(f"/api/v1/certificates/{bearer.certificate}/paper").body


# --- the badge ----------------------------------------------------------------------------------

def verified(school, jwt, tmp_path):
    """What npm's jose makes of it, with the keys that the server publishes now."""
    if not (ROOT / "node_modules/jose").is_dir():
        pytest.skip("jose is not installed: deploy/install-modules")
    (tmp_path / "badge.jwt").write_text(jwt)
    ran = subprocess.run(["node", ROOT / "tests/system/verify_badge.mjs", tmp_path / "badge.jwt", school.server.url],
                         capture_output=True, text=True, cwd=ROOT, check=False,
                         env={**os.environ, "NODE_EXTRA_CA_CERTS": str(school.server.authority)})
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def baked(png):
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at:at + 4], "big")
        if png[at + 4:at + 8] == b"iTXt":
            keyword, _, rest = png[at + 8:at + 8 + length].partition(b"\0")
            assert keyword == b"openbadgecredential" and rest.startswith(b"\0\0\0\0")
            return rest[4:].decode()
        at += 12 + length
    raise AssertionError("no credential in the picture")


def test_outsiders_verify_the_badge_with_the_published_key(academy, bearer, tmp_path):
    school, _cohort = academy
    picture = bearer.get(f"/api/v1/certificates/{bearer.certificate}/badge")
    assert picture.status == 200 and picture.field("content-type") == "image/png"
    jwt = bearer.get(f"/api/v1/certificates/{bearer.certificate}/badge?format=jwt")
    assert jwt.field("content-type") == "application/vc+jwt"
    assert baked(picture.body) == jwt.body.decode()
    assert bearer.get(f"/api/v1/certificates/{bearer.certificate}/badge?format=svg").status == 406
    told = verified(school, jwt.body.decode(), tmp_path)
    payload, header = told["payload"], told["header"]
    assert header == {"alg": "RS256", "typ": "JWT", "kid": header["kid"]}
    assert payload["jti"] == payload["id"] and re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", payload["id"])
    assert payload["evidence"][0]["id"] == f"{school.server.url}/certificates/{bearer.certificate}"
    assert "OpenBadgeCredential" in payload["type"] and payload["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert payload["credentialSubject"]["identifier"][0]["identityHash"] == "Ослоо <b>Bold</b> Энхтуяа"
    key = Client(school.server).get(urllib.parse.urlsplit(header["kid"]).path).json()
    assert key["kid"] == header["kid"] and key["kty"] == "RSA" and "d" not in key
    issuer = Client(school.server).get(urllib.parse.urlsplit(payload["iss"]).path).json()
    assert issuer["id"] == payload["iss"] and "Profile" in issuer["type"]
    assert told["tampered"] == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"


def test_old_badges_verify_after_the_key_has_changed(academy, bearer, tmp_path):
    school, _cohort = academy
    path = f"/api/v1/certificates/{bearer.certificate}/badge?format=jwt"
    before = bearer.get(path).body.decode()
    key = school.server.json("badge", "key", "rotate")["key"]
    after = bearer.get(path).body.decode()
    assert before.split(".")[0] != after.split(".")[0]
    for jwt in (before, after):
        verified(school, jwt, tmp_path)
    keys = school.server.json("badge", "key", "list")["keys"]
    assert keys[-1]["id"] == key and keys[-1]["retired_at_ms"] is None and keys[0]["retired_at_ms"]
    pem = school.server.data / f"badge-keys/{key}.pem"
    assert pem.stat().st_mode & 0o777 == 0o600


# --- afterwards ---------------------------------------------------------------------------------

def test_a_revocation_is_seen_by_everybody_and_its_reason_by_its_bearer_alone(academy, organizer):
    school, cohort = academy
    client = graduate(academy, organizer, name="Slip Inname")
    number = client.post("/api/v1/me/certificate", {}).json()["certificate"]["id"]
    stranger = Client(school.server)
    path = f"/api/v1/certificates/{number}"
    credential = credential_of(client.get(f"{path}/badge?format=jwt").body)
    assert credential not in revoked_credentials(stranger)
    assert organizer.post(f"{path}/revocation", {}).status == 422
    assert organizer.post(f"{path}/revocation", {"reason": "The name has a slip"}).status == 204
    assert organizer.post(f"{path}/revocation", {"reason": "Again"}).status == 409
    told = stranger.get(path).json()
    assert told["state"] == "revoked" and told["revoked_at_ms"] > 0 and "slip" not in json.dumps(told)
    assert credential in revoked_credentials(stranger)
    # Everybody may read that list, and finds nobody's page by it.
    assert number not in stranger.get("/badges/revocations").body.decode()
    for what in ("paper", "badge"):
        assert client.get(f"{path}/{what}").status == 409
    own = client.get("/api/v1/me/certificate").json()
    assert own["certificate"]["reason"] == "The name has a slip" and not own["may_take"]
    assert client.post("/api/v1/me/certificate", {}).status == 409
    anew = organizer.post(f"/api/v1/participants/{client.id}/certificate", {})
    assert anew.status == 201 and anew.json()["id"] != number
    kinds = [row["kind"] for row in rows_of(school, client.id, "evidence")]
    assert kinds.count("certificate") == 2 and kinds.count("revocation") == 1
    ran = school.server.run("certificate", "revoke", anew.json()["id"], "--reason", "Once more")
    assert "revoked" in ran.stdout
    assert "revoked" in school.server.run("certificate", "show", number).stdout


def credential_of(jwt):
    payload = jwt.split(b".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))["id"]


def revoked_credentials(client):
    return {one["id"] for one in client.get("/badges/revocations").json()["revokedCredential"] if one["revoked"]}


def rows_of(school, person, table):
    record = school.server.json("privacy", "export", person)
    return next(part["rows"] for part in record["parts"] if part["table"] == table)


def test_an_erasure_leaves_nothing_of_what_it_said(academy, organizer):
    school, _cohort = academy
    client = graduate(academy, organizer, name="Erdenechimeg Forgotten")
    number = client.post("/api/v1/me/certificate", {}).json()["certificate"]["id"]
    [stored] = rows_of(school, client.id, "certificate")
    assert stored["name"] == "Erdenechimeg Forgotten" and len(stored["digest"]) == 64
    credential = credential_of(client.get(f"/api/v1/certificates/{number}/badge?format=jwt").body)
    school.server.run("privacy", "erase", client.id, "--reason", "They asked for it", "--yes")
    assert credential in revoked_credentials(Client(school.server))
    [stored] = rows_of(school, client.id, "certificate")
    assert stored["name"] is None and stored["digest"] is None and stored["id"] == number
    told = Client(school.server).get(f"/api/v1/certificates/{number}").json()
    assert told == {"id": number, "state": "erased", "revoked_at_ms": None}
    assert school.staff().get(f"/api/v1/certificates/{number}/paper").status == 409
    assert not rows_of(school, client.id, "evidence")
    needle = "Erdenechimeg Forgotten".encode()
    assert not [path for path in school.server.data.rglob("*") if path.is_file() and needle in path.read_bytes()]
