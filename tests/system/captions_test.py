"""Caption files as people have them: cleaned where that is safe, refused in words where it is not."""
import re
import subprocess

import pytest

from client import Viewer

SRT = "1\r\n00:00:01,000 --> 00:00:03,000\r\nFirst line\r\nSecond line\r\n\r\n2\r\n00:00:04,000 --> 00:00:06,000\r\nLater\r\n"


@pytest.fixture(scope="module")
def admin(school_session):
    return school_session.staff()


@pytest.fixture(scope="module")
def lecture(school_session, clips):
    lecture = school_session.server.add_lecture(clips["short"], "With captions")
    school_session.server.run("program", "lectures", school_session.program, "--append", lecture)
    return lecture


def put(admin, lecture, data, language="en", method="PUT", rest=""):
    return admin.request(method, f"/api/v1/lectures/{lecture}/captions/{language}{rest}",
                         data=data if isinstance(data, bytes) else data.encode(),
                         fields={"Content-Type": "application/octet-stream"})


def served(school, lecture, language="en"):
    client = school.participant()
    viewer = Viewer(client, lecture)
    answer = client.get(f"{viewer.base}/captions/{language}.vtt")
    assert answer.status == 200, answer
    assert answer.field("content-type").startswith("text/vtt")
    return answer.body.decode("utf-8")


@pytest.mark.parametrize("story, data, expected", [
    ("SubRip with CRLF", SRT, "First line\nSecond line"),
    ("a byte order mark", b"\xef\xbb\xbf" + SRT.encode(), "First line\nSecond line"),
    ("bare carriage returns", SRT.replace("\r\n", "\r"), "First line\nSecond line"),
    ("WebVTT", "WEBVTT\n\n00:01.000 --> 00:03.000\nFirst line\nSecond line\n", "First line\nSecond line"),
    ("WebVTT with a byte order mark", "\ufeffWEBVTT\r\n\r\n00:01.000 --> 00:03.000\r\nFirst line\r\nSecond line\r\n",
     "First line\nSecond line"),
    ("points instead of commas", SRT.replace(",", "."), "First line\nSecond line"),
    ("UTF-16, as Windows writes it", SRT.encode("utf-16"), "First line\nSecond line"),
    ("no numbers", SRT.replace("1\r\n00", "00").replace("2\r\n00", "00"), "First line\nSecond line"),
])
def test_forms_that_are_read(school_session, admin, lecture, story, data, expected):
    answer = put(admin, lecture, data)
    assert answer.status == 200, f"{story}: {answer}"
    told = answer.json()
    assert told["language"] == "en" and told["cue_count"] >= 1
    text = served(school_session, lecture)
    assert text.startswith("WEBVTT"), text
    assert expected in text and "00:00:01.000 --> 00:00:03.000" in text, f"{story}: {text}"
    assert "\r" not in text and "\ufeff" not in text


@pytest.mark.parametrize("story, line", [
    ("a script", "<script>alert(1)</script>Hello"),
    ("an image", '<img src=x onerror="alert(1)">Hello'),
    ("a font", '<font color="red">Hello</font>'),
    ("a link", '<a href="javascript:alert(1)">Hello</a>'),
    ("a style in a class", '<c.red onclick="x">Hello</c>'),
    ("half a tag", "Hello <script"),
])
def test_nothing_of_a_caption_can_run(school_session, admin, lecture, story, line):
    for data in (f"1\n00:00:01,000 --> 00:00:03,000\n{line}\n", f"WEBVTT\n\n00:01.000 --> 00:03.000\n{line}\n"):
        assert put(admin, lecture, data).status == 200
        text = served(school_session, lecture)
        # Shown as the words that they are, or left out: never as a tag.
        assert not re.search(r"<(?!/?[biu]>|/?v |/?c(?:\.\w+)*>|/?ruby>|/?rt>)", text), f"{story}: {text}"
        assert "Hello" in text


def test_styles_and_notes_of_webvtt_are_left_out(school_session, admin, lecture):
    data = ("WEBVTT\n\nSTYLE\n::cue { background: url(https://evil.example/x) }\n\nNOTE secret\n\n"
            "00:01.000 --> 00:03.000\nHello\n")
    assert put(admin, lecture, data).status == 200
    text = served(school_session, lecture)
    assert "evil.example" not in text and "Hello" in text


@pytest.mark.parametrize("story, data", [
    ("times that go backwards", "1\n00:00:05,000 --> 00:00:03,000\nHello\n\n2\n00:00:06,000 --> 00:00:07,000\nGood\n"),
    ("overlapping and unordered", "1\n00:00:06,000 --> 00:00:08,000\nGood\n\n2\n00:00:01,000 --> 00:00:07,000\nHello\n"),
    ("beyond the lecture", "1\n00:00:01,000 --> 00:00:02,000\nGood\n\n2\n01:00:00,000 --> 01:00:02,000\nHello\n"),
    ("a cue without text", "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:03,000 --> 00:00:04,000\nGood\n"),
])
def test_wrong_times_are_repaired_or_left_out(school_session, admin, lecture, story, data):
    answer = put(admin, lecture, data)
    assert answer.status == 200, f"{story}: {answer}"
    text = served(school_session, lecture)
    assert "Good" in text
    times = [[sum(float(part) * scale for part, scale in zip(time.split(":"), (3600, 60, 1)))
              for time in line.split(" --> ")] for line in text.splitlines() if " --> " in line]
    assert all(start < end for start, end in (pair[:2] for pair in times)), text
    assert times == sorted(times), text


@pytest.mark.parametrize("story, data", [
    ("nothing", b""),
    ("no cue", b"WEBVTT\n\n"),
    ("prose", b"Dear colleagues,\n\nhere are the captions.\n"),
    ("half of a UTF-16 character", SRT.encode("utf-16")[:-1]),
    ("Japanese that is said to be English", "1\n00:00:01,000 --> 00:00:03,000\n皆さん、こんにちは\n".encode("shift_jis")),
    ("a picture", b"\x89PNG\r\n\x1a\n" + bytes(200)),
    ("nulls", SRT.encode().replace(b"First", b"Fi\0rst")),
])
def test_what_cannot_be_captions_is_refused_in_words(admin, lecture, story, data):
    answer = put(admin, lecture, data)
    assert (answer.status, answer.code) == (422, "captions-refused"), f"{story}: {answer}"
    told = answer.json()
    assert len(told.get("detail") or told["title"]) > 20


@pytest.mark.parametrize("language, encoding, text", [
    ("en", "windows-1252", "Café"),
    ("ja", "Shift_JIS", "皆さん、こんにちは"),
    ("ru", "windows-1251", "Сегодня мы поговорим о рисках"),
    ("th", "windows-874", "สวัสดีครับ"),
])
def test_old_encodings_are_found_by_the_language(school_session, admin, lecture, language, encoding, text):
    codec = {"windows-874": "cp874"}.get(encoding, encoding)
    told = put(admin, lecture, f"1\n00:00:01,000 --> 00:00:03,000\n{text}\n".encode(codec), language).json()
    assert told["encoding"] == encoding and told["first"] == [{"start_ms": 1000, "end_ms": 3000, "text": text}]
    assert text in served(school_session, lecture, language)


def test_an_encoding_can_be_named(school_session, admin, lecture):
    data = "1\n00:00:01,000 --> 00:00:03,000\nВе\n".encode("windows-1251")
    refused = put(admin, lecture, data, "ru")
    assert refused.code == "captions-refused" and "Say which" in refused.json()["detail"]
    assert put(admin, lecture, data, "ru", rest="?encoding=klingon").json()["field"] == "encoding"
    assert put(admin, lecture, data, "ru", rest="?encoding=CP1251").json()["encoding"] == "windows-1251"
    assert "Ве" in served(school_session, lecture, "ru")


def test_what_was_mended_is_told_with_its_line(admin, lecture):
    data = "1\n00:00:00.100 --> 00:00:00.500\nA\n\n2\n00:00:01.000 --> 00:00:00.900\nB\n\n3\n09:00:00.000 --> 09:00:01.000\nC\n"
    told = put(admin, lecture, data).json()
    assert told["form"] == "subrip" and told["repaired_count"] == 5
    assert [(one["code"], one["line"], one["count"]) for one in told["repairs"]] == [
        ("point-for-comma", 2, 3), ("end-before-start", 6, 1), ("beyond-end", 10, 1)]
    assert told["repairs"][1]["sentence"].startswith("Line 6: ")


def test_a_preview_stores_nothing(admin, lecture):
    told = put(admin, lecture, SRT, "sv", "POST", "/preview").json()
    assert told["cue_count"] == 2 and told["first"][0]["text"] == "First line\nSecond line"
    assert "sv" not in admin.get(f"/api/v1/lectures/{lecture}").json()["captions"]


def test_a_file_that_is_too_large_is_refused(admin, lecture):
    assert put(admin, lecture, SRT.encode() + b" " * (3 << 20)).status in (413, 422)


@pytest.mark.parametrize("language, status", [("vi", 200), ("zh-Hant", 200), ("english", 422), ("e", 422), ("../x", 400)])
def test_the_language_is_a_tag(admin, lecture, language, status):
    assert put(admin, lecture, SRT, language).status == status


def test_captions_can_be_removed(school_session, admin, lecture):
    assert put(admin, lecture, SRT, "mn").status == 200
    assert "mn" in admin.get(f"/api/v1/lectures/{lecture}").json()["captions"]
    assert admin.request("DELETE", f"/api/v1/lectures/{lecture}/captions/mn").status == 204
    assert "mn" not in admin.get(f"/api/v1/lectures/{lecture}").json()["captions"]
    client = school_session.participant()
    assert client.get(f"{Viewer(client, lecture).base}/captions/mn.vtt").status == 404


def test_the_command_takes_the_same_files(school_session, lecture, tmp_path):
    (tmp_path / "good.srt").write_bytes(b"\xef\xbb\xbf" + SRT.encode())
    (tmp_path / "bad.srt").write_text("Dear colleagues")
    (tmp_path / "old.srt").write_bytes(SRT.replace("Later", "Ве").replace("6,000", "3,000").encode("windows-1251"))
    named = school_session.server.run("lecture", "captions", lecture, tmp_path / "old.srt", "--language", "ru",
                                      "--encoding", "windows-1251")
    assert "in windows-1251; 1 things were mended" in named.stdout and "Line 7: " in named.stdout
    school_session.server.run("lecture", "captions", lecture, tmp_path / "good.srt", "--language", "ja")
    assert "First line" in served(school_session, lecture, "ja")
    refused = school_session.server.run("lecture", "captions", lecture, tmp_path / "bad.srt", "--language", "ja",
                                        check=False)
    assert refused.returncode not in (0, 64) and len(refused.stderr) > 30, refused


@pytest.mark.parametrize("name, language, text", [
    ("h264-ac3-srt.mkv", "en", "This is the first subtitle."),
    ("h264-aac-cea608.ts", "und", "f Japanese"),
])
def test_captions_inside_of_a_file_become_the_lectures(school_session, admin, samples, name, language, text):
    lecture = school_session.server.add_lecture(samples / name, name)
    school_session.server.run("program", "lectures", school_session.program, "--append", lecture)
    assert admin.get(f"/api/v1/lectures/{lecture}").json()["captions"] == [language]
    assert text in served(school_session, lecture, language)
    # Like any others they are replaced and removed.
    assert put(admin, lecture, SRT, language).status == 200
    assert text not in served(school_session, lecture, language)
    assert admin.request("DELETE", f"/api/v1/lectures/{lecture}/captions/{language}").status == 204


def test_each_kind_of_text_track_is_read(school_session, admin, clips, tmp_path):
    (tmp_path / "vi.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n<i>Xin chào</i> & <b>\n\n2\n00:00:03,000 --> 00:00:04,500\nHai\ndòng\n")
    (tmp_path / "ja.srt").write_text("1\n00:00:02,000 --> 00:00:03,000\nこんにちは\n")
    for ending, codec in (("mp4", "mov_text"), ("mkv", "ass"), ("webm", "webvtt")):
        if ending == "webm":
            sound = ["-f", "lavfi", "-i", "sine=duration=6", "-c:a", "libopus", "-map", "2:a"]
        else:
            sound = ["-i", str(clips["sound"]), "-c:a", "copy", "-map", "2:a"]
        out = tmp_path / f"inside.{ending}"
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", tmp_path / "vi.srt", "-i", tmp_path / "ja.srt", *sound,
                        "-map", "0:s", "-map", "1:s", "-c:s", codec, "-metadata:s:s:0", "language=vie",
                        "-metadata:s:s:1", "language=jpn", "-t", "6", out], check=True)
        lecture = school_session.server.add_lecture(out, f"Inside {ending}")
        school_session.server.run("program", "lectures", school_session.program, "--append", lecture)
        assert admin.get(f"/api/v1/lectures/{lecture}").json()["captions"] == ["ja", "vi"], ending
        # The sound begins at 0, and what its encoder put before shifts the rest by so much.
        text = served(school_session, lecture, "ja")
        assert re.search(r"00:00:02\.0[0-3]\d --> 00:00:03\.0[0-3]\d\nこんにちは\n", text), f"{ending}: {text}"
        text = served(school_session, lecture, "vi")
        assert "Xin chào" in text and re.search(r"00:00:03\.0[0-3]\d --> 00:00:04\.5[0-3]\d\nHai\ndòng\n", text), f"{ending}: {text}"
