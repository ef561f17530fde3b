"""What leads into a lecture: its poster, and the thumbnails of its seek bar, as those who watch get them."""
import json
import re
import subprocess

import pytest

from client import Viewer

CUE = re.compile(r"(\d+):(\d+):(\d+\.\d+) --> (\d+):(\d+):(\d+\.\d+)\n(thumbnails-\d+\.jpg)#xywh=(\d+),(\d+),(\d+),(\d+)\n")


@pytest.fixture(scope="module")
def viewer(school_session, tmp_path_factory):
    """A lecture whose first second is black, then red for 6 s and blue for 6 s, with a white stripe."""
    clip = tmp_path_factory.mktemp("black") / "black.mp4"
    colours = [f"color=c={colour}:size=320x180:rate=10:duration={seconds},drawbox=x=40:y=60:w=200:h=40:c={stripe}:t=fill"
               for colour, seconds, stripe in (("black", 1, "black"), ("red", 6, "white"), ("blue", 6, "white"))]
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-filter_complex",
                    ";".join(f"{one}[p{index}]" for index, one in enumerate(colours)) + ";[p0][p1][p2]concat=n=3[out]",
                    "-map", "[out]", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20",
                    str(clip)], check=True)
    lecture = school_session.server.add_lecture(clip, "A black beginning")
    _, cohort = school_session.add_program("Beginnings", lecture, school_session.elsewhere)
    return Viewer(school_session.participant(cohort=cohort), lecture)


def fetch(viewer, name):
    answer = viewer.connection.get(f"{viewer.base}/{name}")
    assert answer.status == 200, f"{name}: {answer}"
    return answer.body


def size_of(path):
    said = json.loads(subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)],
                                     capture_output=True, check=True).stdout)["streams"][0]
    assert said["codec_name"] == "mjpeg"
    return said["width"], said["height"]


def mean_colour(path, *area):
    """(red, green, blue) of a part of a picture."""
    crop = f"crop={area[2]}:{area[3]}:{area[0]}:{area[1]}:exact=1," if area else ""
    made = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-vf", crop + "scale=1:1:flags=area", "-f", "rawvideo",
                           "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    return tuple(made)


def test_the_poster_is_not_the_black_beginning(viewer, tmp_path):
    poster = tmp_path / "poster.jpg"
    poster.write_bytes(fetch(viewer, "poster.jpg"))
    width, height = size_of(poster)
    assert (width, height) == (320, 180), "as large as the largest picture of the first pass"
    red, green, blue = mean_colour(poster)
    assert red > 180 and green < 100 and blue < 100, (red, green, blue)


def test_cues_lie_on_real_sheets_and_show_their_time(viewer, tmp_path):
    text = fetch(viewer, "thumbnails.vtt").decode()
    cues = CUE.findall(text)
    assert text.count("-->") == len(cues) == 3, text
    ends = []
    for cue in cues:
        start, end = (int(cue[at]) * 3600 + int(cue[at + 1]) * 60 + float(cue[at + 2]) for at in (0, 3))
        assert start == (ends[-1] if ends else 0)
        ends.append(end)
        sheet = tmp_path / cue[6]
        sheet.write_bytes(fetch(viewer, cue[6]))
        wide, high = size_of(sheet)
        left, top, width, height = map(int, cue[7:])
        assert (width, height) == (160, 90) and left + width <= wide and top + height <= high
        red, _, blue = mean_colour(sheet, left, top, width, height)
        wanted = {0: red < 20 and blue < 20, 5: red > 150 > blue, 10: blue > 150 > red}
        assert wanted[start], (start, red, blue)
    assert ends[-1] == pytest.approx(13, abs=0.2)


def test_sound_alone_has_none(school_session, viewer):
    listener = Viewer(viewer.client, school_session.elsewhere)
    for name in ("poster.jpg", "thumbnails.vtt", "thumbnails-0.jpg"):
        assert listener.connection.get(f"{listener.base}/{name}").status == 404
