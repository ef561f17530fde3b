"""What counts as watched: only what was delivered, no faster than life, once, and never less than was acknowledged."""
import threading
import time

import pytest

from client import Client, Viewer, covered_ms
from conftest import School
from harness import FAKETIME, Server

SHORT_MS = 12000


def lecture_of(client, lecture):
    me = client.get("/api/v1/me").json()
    return next(item for item in me["lectures"] if item["id"] == lecture)


@pytest.fixture
def viewer(school):
    client = school.participant()
    viewer = Viewer(client, school.short)
    yield viewer
    viewer.close()


def test_the_answer_has_the_shape_of_the_contract(viewer):
    viewer.fetch()
    answer = viewer.claim(0, 1000, rate=1.0, visible=True, muted=False, rendition="video", language="vi",
                          client_ts=1700000000000, unknown={"ignored": True})
    assert answer["acknowledged_seq"] == 0
    assert answer["credited"] == [[0, 1000]]
    assert answer["flags"] == [] and answer["lease"] == {"held": True}
    assert answer["completed_at_ms"] is None and 0 < answer["coverage"] < 0.2


def test_only_three_members_are_required(viewer):
    viewer.fetch()
    assert viewer.send({"seq": 0, "from_ms": 0, "to_ms": 500})["credited"] == [[0, 500]]


def test_a_lecture_watched_at_double_speed_completes(school, viewer):
    assert abs(viewer.fetch() - SHORT_MS) < 200
    answer = viewer.watch(SHORT_MS, speed=2.0)
    # The budget runs a moment behind the claim: say the end again.
    deadline = time.monotonic() + 10
    while answer["completed_at_ms"] is None:
        assert time.monotonic() < deadline, answer
        time.sleep(0.5)
        answer = viewer.claim(0, SHORT_MS)
    assert answer["coverage"] >= 0.9
    mine = lecture_of(viewer.client, school.short)
    assert mine["completed_at_ms"] == answer["completed_at_ms"] and mine["coverage"] == answer["coverage"]
    # Sticky: nothing that comes later takes it away.
    assert viewer.claim(5000, 4000)["completed_at_ms"] == answer["completed_at_ms"]


def test_the_same_beat_twice_counts_once(viewer):
    viewer.fetch()
    beat = viewer.beat(0, 1000)
    first = viewer.send(beat)
    again = viewer.send(beat)
    assert again["credited"] == first["credited"] and again["acknowledged_seq"] == first["acknowledged_seq"]
    assert again["flags"] in ([], [{"seq": 0, "reason": "duplicate"}])
    # Nor may it say something else the second time.
    other = viewer.send({**beat, "from_ms": 1000, "to_ms": 2000})
    assert other["credited"] == first["credited"]


def test_a_gap_in_the_numbers_holds_the_acknowledgement(viewer):
    viewer.fetch()
    assert viewer.send({"seq": 0, "from_ms": 0, "to_ms": 100})["acknowledged_seq"] == 0
    assert viewer.send({"seq": 2, "from_ms": 200, "to_ms": 300})["acknowledged_seq"] == 0
    assert viewer.send({"seq": 3, "from_ms": 300, "to_ms": 400})["acknowledged_seq"] == 0
    assert viewer.send({"seq": 1, "from_ms": 100, "to_ms": 200})["acknowledged_seq"] == 3


def test_beats_may_come_in_any_order_of_a_batch(viewer):
    viewer.fetch()
    answer = viewer.send(*({"seq": seq, "from_ms": seq * 100, "to_ms": seq * 100 + 100} for seq in (3, 1, 0, 2)))
    assert answer["acknowledged_seq"] == 3 and answer["credited"] == [[0, 400]]


def test_nothing_counts_that_was_not_delivered(school, viewer):
    answer = viewer.claim(0, 1000)
    assert answer["credited"] == [] and {"seq": 0, "reason": "undelivered"} in answer["flags"]
    assert answer["acknowledged_seq"] == 0
    viewer.fetch(0, 1)
    assert covered_ms(viewer.claim(0, 12000)["credited"]) <= 4000


def test_what_others_were_sent_does_not_count(school):
    first, second = Viewer(school.participant(), school.short), Viewer(school.participant(), school.short)
    first.fetch()
    assert second.claim(0, 1000)["credited"] == []


def test_half_a_segment_is_no_delivery(viewer):
    path, _start, end = viewer.segments()[0]
    part = viewer.connection.get(path, fields={"Range": "bytes=0-99"})
    assert part.status == 206
    assert viewer.connection.get(path, method="HEAD").status == 200
    assert viewer.claim(0, 1000)["credited"] == []
    whole = viewer.connection.get(path, fields={"Range": "bytes=0-"})
    assert whole.status == 206 and end > 0
    assert viewer.claim(0, 1000)["credited"] == [[0, 1000]]


def test_a_segment_that_the_browser_still_has_counts_after_a_304(school, viewer):
    path = viewer.segments()[0][0]
    etag = viewer.connection.get(path).field("etag")
    # Another person on the same PC, the same cache.
    other = Viewer(school.participant(), school.short)
    assert other.connection.get(path, fields={"If-None-Match": etag}).status == 304
    assert other.claim(0, 1000)["credited"] == [[0, 1000]]


def test_stills_count_as_moving_pictures_do(viewer):
    stills = viewer.segments("stills/")
    assert abs(stills[-1][2] - SHORT_MS) < 200
    for path, *_ in stills:
        assert viewer.connection.get(path).status == 200
    assert viewer.claim(0, 1500, rendition="stills")["credited"] == [[0, 1500]]


def test_captions_are_no_delivery(school, viewer):
    viewer.connection.get(f"{viewer.base}/captions/en.vtt")
    viewer.connection.get(viewer.hls)
    assert viewer.claim(0, 1000)["credited"] == []


def test_one_forged_beat_does_not_complete(viewer):
    viewer.fetch()
    answer = viewer.claim(0, SHORT_MS)
    assert answer["completed_at_ms"] is None
    assert {"seq": 0, "reason": "too-fast"} in answer["flags"]
    # Two seconds to start with, and twice the time since.
    assert 2000 <= covered_ms(answer["credited"]) <= 6000, answer


def test_a_thousand_forged_beats_are_no_faster(viewer):
    viewer.fetch()
    began = time.monotonic()
    for _ in range(4):
        answer = viewer.send(*(viewer.beat(at, at + 500) for _ in range(20) for at in range(0, SHORT_MS, 500)))
    allowed = 2000 + 2000 * (time.monotonic() - began + 2)
    assert covered_ms(answer["credited"]) <= allowed and answer["completed_at_ms"] is None, answer


def test_seeking_to_the_end_does_not_complete(viewer):
    viewer.fetch()
    answer = viewer.claim(SHORT_MS - 1000, SHORT_MS)
    assert answer["completed_at_ms"] is None and covered_ms(answer["credited"]) <= 1200


def test_watching_a_part_again_adds_nothing(viewer):
    viewer.fetch()
    for _ in range(3):
        time.sleep(0.6)
        answer = viewer.claim(0, 2000)
    assert answer["credited"] == [[0, 2000]]


def test_two_tabs_are_not_twice_as_fast(school):
    client = school.participant()
    tabs = [Viewer(client, school.short), Viewer(client, school.short)]
    tabs[0].fetch()
    began = time.monotonic()
    for step in range(3):
        time.sleep(0.5)
        tabs[0].claim(step * 1000, step * 1000 + 1000)
        answer = tabs[1].claim(6000 + step * 1000, 7000 + step * 1000)
    tabs[0].claim(3000, 6000)
    answer = tabs[1].claim(9000, SHORT_MS)
    assert covered_ms(answer["credited"]) <= 2000 + 2000 * (time.monotonic() - began + 1.5), answer
    assert answer["completed_at_ms"] is None
    assert answer["lease"] == {"held": True}, "tabs of one session take over in silence"


def test_the_newest_device_plays_and_the_older_is_told(school):
    person = school.add_person()
    link = school.link(person)
    phone, desk = Client(school.server), Client(school.server, "http2")
    assert phone.open_link(link).status == desk.open_link(link).status == 200
    first = Viewer(phone, school.short)
    first.fetch()
    assert first.claim(0, 500)["lease"]["held"] is True
    second = Viewer(desk, school.short)
    told = first.claim(500, 1000)
    assert told["lease"] == {"held": False} and told["acknowledged_seq"] == 1
    refused = phone.post(f"/api/v1/lectures/{school.short}/play", {"renew": first.session})
    assert (refused.status, refused.code) == (409, "lease-taken"), refused
    # Pressing play takes it back.
    again = Viewer(phone, school.short)
    assert again.claim(0, 0)["lease"]["held"] is True
    assert second.claim(0, 0)["lease"]["held"] is False


def test_what_was_credited_follows_a_person_to_another_device(school):
    link = school.link(school.add_person())
    phone, desk = Client(school.server), Client(school.server)
    assert phone.open_link(link).status == desk.open_link(link).status == 200
    first = Viewer(phone, school.short)
    first.fetch()
    first.claim(0, 1500)
    assert lecture_of(desk, school.short)["position_ms"] == 1500
    second = Viewer(desk, school.short)
    assert second.claim(0, 0)["credited"] == [[0, 1500]]


def test_five_hundred_beats_are_taken_and_no_more(viewer):
    viewer.fetch()
    answer = viewer.send(*(viewer.beat(seq * 2, seq * 2 + 2) for seq in range(500)))
    assert answer["acknowledged_seq"] == 499 and answer["credited"] == [[0, 1000]]
    refused = viewer.connection.get(f"/api/v1/play/{viewer.session}/heartbeats", "POST", {
        "beats": [viewer.beat(0, 1) for _ in range(501)]})
    assert refused.status in (400, 413, 422), refused


@pytest.mark.parametrize("story, beat, reason", [
    ("backwards", {"from_ms": 5000, "to_ms": 1000}, "out-of-range"),
    ("before the beginning", {"from_ms": -5000, "to_ms": 1000}, "out-of-range"),
    ("behind the end", {"from_ms": 50000, "to_ms": 60000}, "out-of-range"),
    ("huge", {"from_ms": 0, "to_ms": 2**62}, "out-of-range"),
])
def test_a_senseless_beat_is_kept_and_flagged(viewer, story, beat, reason):
    viewer.fetch()
    answer = viewer.send({"seq": 0, **beat})
    assert answer["acknowledged_seq"] == 0, f"{story}: {answer}"
    assert {"seq": 0, "reason": reason} in answer["flags"], f"{story}: {answer}"


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"{}", b'{"beats":1}', b'{"beats":[{"seq":1e999,"from_ms":0,"to_ms":1}]}',
    b'{"beats":[{"seq":0,"seq":1,"from_ms":0,"to_ms":1}]}',
    b"[" * 100000, b'{"beats":' + b"[" * 5000, b"\xff\xfe", b'{"beats":[{"seq":0,"from_ms":0,"to_ms":1}]}\0',
])
def test_junk_is_refused_and_harms_nobody(viewer, body):
    answer = viewer.client.request("POST", f"/api/v1/play/{viewer.session}/heartbeats", data=body,
                                   fields={"Content-Type": "application/json"})
    assert answer.status in (400, 413, 422), answer
    assert viewer.send({"seq": 0, "from_ms": 0, "to_ms": 0})["acknowledged_seq"] == 0


@pytest.mark.parametrize("line", [
    1, None, [], {}, {"from_ms": 0, "to_ms": 500}, {"seq": "1", "from_ms": 0, "to_ms": 500},
    {"seq": -1, "from_ms": 0, "to_ms": 1}, {"seq": 10**30, "from_ms": 0, "to_ms": 1}])
def test_a_line_without_a_number_is_flagged_by_its_place_and_never_acknowledged(viewer, line):
    viewer.fetch()
    first, last = viewer.beat(0, 500), {"seq": 2, "from_ms": 1000, "to_ms": 1500}
    answer = viewer.send(first, line, last)
    assert answer["credited"] == [[0, 500], [1000, 1500]] and answer["acknowledged_seq"] == 0, answer
    assert answer["flags"] == [{"seq": None, "place": 1, "reason": "malformed"}], answer


@pytest.mark.parametrize("line", [
    {"seq": 1}, {"seq": 1, "from_ms": 500}, {"seq": 1, "from_ms": 500.5, "to_ms": 1000},
    {"seq": 1, "from_ms": "500", "to_ms": 1000}])
def test_a_line_that_claims_nothing_readable_holds_up_nobody(viewer, line):
    viewer.fetch()
    answer = viewer.send(viewer.beat(0, 500), line, {"seq": 2, "from_ms": 1000, "to_ms": 1500})
    assert answer["credited"] == [[0, 500], [1000, 1500]] and answer["acknowledged_seq"] == 2, answer
    assert answer["flags"] == [{"seq": 1, "reason": "malformed"}], answer


def test_a_time_beyond_all_numbers_is_out_of_range(viewer):
    viewer.fetch()
    answer = viewer.send(viewer.beat(0, 500), viewer.beat(500, 10**30, client_ts=10**25), viewer.beat(-10**30, -5))
    assert answer["acknowledged_seq"] == 2, answer
    assert {flag["seq"] for flag in answer["flags"] if flag["reason"] == "out-of-range"} == {1, 2}, answer


def test_an_empty_batch_is_a_sign_of_life(viewer):
    assert viewer.send()["acknowledged_seq"] == -1


def test_a_beacon_comes_as_plain_text(viewer):
    viewer.fetch()
    answer = viewer.client.request(
        "POST", f"/api/v1/play/{viewer.session}/heartbeats", data=b'{"beats":[{"seq":0,"from_ms":0,"to_ms":500}]}',
        fields={"Content-Type": "text/plain;charset=UTF-8", "Origin": viewer.client.server.url})
    assert answer.status == 200 and answer.json()["credited"] == [[0, 500]], answer


def test_many_people_at_once_each_get_their_own(school):
    viewers = [Viewer(school.participant(), school.short) for _ in range(6)]
    answers = {}

    def watch(index):
        viewers[index].fetch()
        for step in range(8):
            answers[index] = viewers[index].claim(step * 200, step * 200 + 200)
            time.sleep(0.05)

    threads = [threading.Thread(target=watch, args=(index,)) for index in range(len(viewers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers[index]["credited"] == [[0, 1600]] for index in range(len(viewers))), answers


@pytest.mark.skipif(not FAKETIME, reason="faketime is not installed")
class TestAWholeLecture:
    """Three minutes of labour law, with a clock that runs twenty times as fast."""

    @pytest.fixture(scope="class")
    def fast(self, clips):
        with Server(faster=20) as server:
            yield School(server, clips)

    def test_watched_at_double_speed_it_completes_with_the_right_intervals(self, fast):
        client = fast.participant()
        viewer = Viewer(client, fast.law)
        length = viewer.fetch()
        answer = viewer.watch(length, speed=2.0, step_ms=10000, clock=19.0)
        assert answer["completed_at_ms"] is not None, answer
        assert covered_ms(answer["credited"]) >= length * 0.95, answer

    def test_a_missing_stretch_of_half_a_minute_and_more_keeps_it_open(self, fast):
        client = fast.participant()
        viewer = Viewer(client, fast.law)
        length = viewer.fetch()
        # The default rule: 90 %, and no gap over 30 s.
        viewer.watch(60000, speed=2.0, step_ms=10000, clock=19.0)
        answer = viewer.watch(length, from_ms=100000, speed=2.0, step_ms=10000, clock=19.0)
        assert answer["completed_at_ms"] is None
        missing = lecture_of(client, fast.law)["missing"]
        assert any(abs(start - 60000) < 600 and abs(end - 100000) < 600 for start, end in missing), missing
        answer = viewer.watch(100000, from_ms=60000, speed=2.0, step_ms=10000, clock=19.0)
        assert answer["completed_at_ms"] is not None

    def test_at_four_times_the_speed_it_does_not(self, fast):
        client = fast.participant()
        viewer = Viewer(client, fast.law)
        length = viewer.fetch()
        answer = viewer.watch(length, speed=4.0, step_ms=10000, clock=20.0)
        assert answer["completed_at_ms"] is None and answer["coverage"] < 0.75, answer


@pytest.mark.skipif(not FAKETIME, reason="faketime is not installed")
class TestAnHourWithoutALine:
    """A line that is gone, by a clock that runs 360 times as fast."""

    @pytest.fixture(scope="class")
    def fast(self, clips):
        with Server(faster=360, play_session_idle_ms=10000) as server:
            yield School(server, clips)

    @staticmethod
    def ride(school):
        """What was fetched before the tunnel, and is played within it."""
        viewer = Viewer(school.participant(), school.law)
        length = viewer.fetch()
        time.sleep(10)
        return viewer, length, [viewer.beat(at, min(at + 10000, length)) for at in range(0, length, 10000)]

    def test_it_counts_with_the_grant_and_is_marked(self, fast):
        viewer, length, beats = self.ride(fast)
        answer = viewer.send(*beats, grant=viewer.grant)
        assert answer["acknowledged_seq"] == len(beats) - 1 and covered_ms(answer["credited"]) >= length - 500, answer
        assert {flag["reason"] for flag in answer["flags"]} == {"offline"} and answer["completed_at_ms"], answer
        record = fast.staff().get(f"/api/v1/participants/{viewer.client.id}/lectures/{fast.law}").json()
        assert {interval["reason"] for interval in record["intervals"]} == {"delivered", "offline"}, record
        again = viewer.send(*beats, grant=viewer.grant)
        assert again["credited"] == answer["credited"]

    def test_no_other_grant_serves(self, fast):
        viewer, length, beats = self.ride(fast)
        stranger = Viewer(fast.participant(), fast.law)
        for senseless in ("", "g1", stranger.grant, viewer.grant[:-1] + "!", viewer.grant.replace("g1.", "g1.0", 1), 7):
            answer = viewer.send(*beats[:10], grant=senseless)
            assert covered_ms(answer["credited"]) < length / 2, answer
        assert {"seq": 9, "reason": "duplicate"} in answer["flags"], answer
