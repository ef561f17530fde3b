"""Media tokens: asked for on every playlist, segment and caption, renewed in silence, revoked within a second."""
import base64
import sqlite3
import time

import pytest

from client import Client, Viewer, parse_playlist
from conftest import ORGANIZER
from harness import LECTURES

MEDIA = "__Host-media"


@pytest.fixture(scope="module")
def captioned(school_session):
    school_session.server.run("lecture", "captions", school_session.law, "--language", "vi",
                              LECTURES / "labour-law.vi.vtt")
    return school_session


@pytest.fixture
def files(captioned):
    """One address of each kind of file, and a person who may read them."""
    client = captioned.participant()
    viewer = Viewer(client, captioned.law)
    master = client.get(viewer.hls).body.decode()
    variant = next(line for line in master.splitlines() if line and not line.startswith("#"))
    playlist = f"{viewer.base}/{variant}"
    folder = playlist.rsplit("/", 1)[0]
    segment = parse_playlist(client.get(playlist).body.decode())[0][0]
    found = {
        "master": viewer.hls, "playlist": playlist, "init": f"{folder}/init.mp4", "segment": f"{folder}/{segment}",
        "captions playlist": f"{viewer.base}/captions/vi/playlist.m3u8", "captions": f"{viewer.base}/captions/vi.vtt",
    }
    return client, found


KINDS = ["master", "playlist", "init", "segment", "captions playlist", "captions"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_file_asks_for_the_token(captioned, files, protocol, kind):
    client, found = files
    assert client.get(found[kind]).status == 200
    answer = Client(captioned.server, protocol).get(found[kind])
    assert (answer.status, answer.code) == (401, "media-token-missing"), answer
    assert answer.field("www-authenticate") == "Session"


def changed(token):
    """The same token with each of its parts changed in turn."""
    parts = token.split(".")
    assert len(parts) >= 6 and parts[0] == "v1", token
    for index, part in enumerate(parts):
        other = part[:-1] + ("A" if part[-1] != "A" else "B") if not part[-1].isdigit() else part[:-1] + str((int(part[-1]) + 1) % 10)
        yield ".".join([*parts[:index], other, *parts[index + 1:]])
    later = str(int(parts[2]) + 3600)
    yield ".".join([*parts[:2], later, *parts[3:]])
    yield token + "A"
    yield token[:-1]
    yield token + "="
    yield token.upper()
    yield "v1.1.9999999999.."
    yield "." * 200
    yield base64.b64encode(b"admin").decode()


@pytest.mark.parametrize("kind", ["master", "segment"])
def test_a_forged_token_is_forbidden(captioned, files, kind):
    client, found = files
    for forged in changed(client.cookies[MEDIA]):
        other = Client(captioned.server)
        other.cookies[MEDIA] = forged
        answer = other.get(found[kind])
        assert (answer.status, answer.code) == (403, "media-token-invalid"), f"{forged}: {answer}"


def test_a_token_does_not_open_another_program(captioned, files):
    client, _ = files
    staff = captioned.staff()
    version = staff.get(f"/api/v1/lectures/{captioned.elsewhere}").json()["version"]
    for lecture in (captioned.elsewhere, captioned.hidden):
        answer = client.get(f"/media/{lecture}/{version}/master.m3u8")
        assert (answer.status, answer.code) == (404, "not-found"), answer
    assert client.get(f"/media/{captioned.law}/99/master.m3u8").status == 404
    assert client.get(f"/media/{captioned.law}/1/../../../lectern.db").status in (400, 404)
    assert client.get(f"/media/{captioned.law}/1/report.json").status == 404
    assert client.get(f"/media/{captioned.law}/1/source.cmaf").status == 404


def test_staff_preview_what_is_not_published(captioned):
    staff = captioned.staff()
    played = staff.post(f"/api/v1/lectures/{captioned.hidden}/play", {})
    assert played.status == 200 and played.json()["play_session"] is None, played
    assert staff.get(played.json()["hls"]).status == 200


def test_a_preview_by_staff_is_recorded_to_nobody(captioned):
    viewer = captioned.viewer(captioned.staff(), captioned.short)
    viewer.fetch()
    person = captioned.viewer(captioned.participant(), captioned.short)
    person.fetch()
    person.claim(0, 1000)  # the deliveries before it are in the store
    with sqlite3.connect(f"file:{captioned.server.data}/store.sqlite?mode=ro", uri=True) as store:
        [(rows, of_people)] = store.execute(
            "SELECT COUNT(*), SUM(participant_id IN (SELECT id FROM participant)) FROM delivery")
    assert rows == of_people > 0


def test_the_token_is_ours_alone(files):
    client, found = files
    _, attributes = client.cookies[MEDIA], None
    answer = client.post(f"/api/v1/lectures/{found['master'].split('/')[2]}/play", {})
    [cookie] = [value for value in answer.all_fields("set-cookie") if value.startswith(MEDIA)]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "path=/"} <= attributes


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_kept_by_caches(files, kind):
    client, found = files
    answer = client.get(found[kind])
    assert "private" in answer.field("cache-control") and "no-cache" in answer.field("cache-control")
    etag = answer.field("etag")
    assert etag and not etag.startswith("W/")
    assert client.get(found[kind], fields={"If-None-Match": etag}).status == 304


def test_revoking_ends_an_open_connection_within_a_second(captioned, files):
    client, found = files
    person = client.id
    kept = captioned.connection(client)
    organizer = captioned.staff(ORGANIZER)
    assert kept.get(found["segment"]).status == 200
    assert organizer.request("DELETE", f"/api/v1/participants/{person}/invitation").status == 204
    clicked = time.monotonic()
    for kind in KINDS:
        answer = kept.get(found[kind])
        assert (answer.status, answer.code) == (403, "access-revoked"), f"{kind}: {answer}"
    assert time.monotonic() - clicked < 1
    kept.close()


def test_revoking_from_the_shell_counts_as_much(captioned, files):
    client, found = files
    kept = captioned.connection(client)
    captioned.server.run("invitation", "revoke", client.id)
    assert kept.get(found["segment"]).status == 403
    kept.close()


def test_signing_out_ends_the_token(captioned):
    client = captioned.participant()
    viewer = Viewer(client, captioned.short)
    kept = client.copy()
    assert client.request("DELETE", "/api/v1/session").status == 204
    answer = kept.get(viewer.hls)
    assert answer.status in (401, 403), answer


class TestShortTokens:
    @pytest.fixture(scope="class")
    def short(self, clips):
        from conftest import School
        from harness import Server
        with Server(media_token_seconds=10) as server:
            yield School(server, clips)

    def test_a_token_is_renewed_past_half_of_its_life(self, short):
        client = short.participant()
        viewer = Viewer(client, short.short)
        first = client.cookies[MEDIA]
        assert client.get(viewer.hls).all_fields("set-cookie") == []
        time.sleep(6)
        assert client.get(viewer.hls).status == 200
        assert client.cookies[MEDIA] != first

    def test_heartbeats_renew_it_too(self, short):
        client = short.participant()
        viewer = Viewer(client, short.short)
        time.sleep(6)
        answer = client.post(f"/api/v1/play/{viewer.session}/heartbeats", {"beats": [viewer.beat(0, 0)]})
        assert any(value.startswith(MEDIA) for value in answer.all_fields("set-cookie")), answer

    def test_an_expired_token_is_renewed_by_the_session_and_by_nothing_else(self, short):
        client = short.participant()
        viewer = Viewer(client, short.short)
        time.sleep(11.5)
        alone = Client(short.server)
        alone.cookies[MEDIA] = client.cookies[MEDIA]
        answer = alone.get(viewer.hls)
        assert (answer.status, answer.code) == (401, "media-token-expired"), answer
        answer = client.get(viewer.hls)
        assert answer.status == 200 and any(value.startswith(MEDIA) for value in answer.all_fields("set-cookie"))
