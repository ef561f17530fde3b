"""
How far picture and sound of a prepared lecture moved against its source: what ffmpeg makes of either is laid over the other.

    picture = picture_shift_s(source, made, start, times)  seconds that the made one is later, None where nothing moves
    sound = sound_shift_s(source, made, start)             None where nothing is heard
    sound - picture                                        what lips and voice are apart that were not before

start: of the seconds that are compared, on the lecture's clock.

Times of pictures in CMAF are told by the caller, from the boxes: ffmpeg shows all of a track later where composition offsets are
negative (ISO 14496-12 section 8.6.1.3), which browsers do not.
"""
import bisect
import itertools
import math
import operator
import re
import statistics
import subprocess
from array import array

SECONDS = 12        # are compared
REACH_MS = 350      # in each direction; the corpus repeats itself every second
SIDE = 4            # cells of a picture's brightness in each direction
SOUND_HERTZ = 8000


def ffmpeg(path, *options, before=()):
    ran = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", *before, "-i", str(path), *map(str, options)],
                         capture_output=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr.decode("utf-8", "replace")[-500:]
    return ran.stdout, ran.stderr.decode("utf-8", "replace")


def origin_s(path, made):
    """A source's time begins with its first track, as ffmpeg counts only where it takes all; a made one's at 0."""
    if made:
        return 0
    ran = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=start_time", "-of", "csv=p=0", str(path)],
                         capture_output=True, check=True, text=True)
    return float(ran.stdout)


def pictures(path, made, start=0, times=None):
    """[(time, brightness of each cell)], in the order of time."""
    origin, end = origin_s(path, made), start + SECONDS
    cells, told = ffmpeg(path, "-map", "0:v:0", "-vf",
                         f"trim=end={origin + end + 1},scale={SIDE}:{SIDE}:flags=area,format=gray,showinfo",
                         "-fps_mode", "passthrough", "-f", "rawvideo", "-", before=["-copyts"])
    times = times or [float(time) - origin for time in re.findall(r"\bn: *\d+ .*?pts_time:(-?[\d.]+)", told)]
    frames = [cells[at:at + SIDE * SIDE] for at in range(0, len(cells), SIDE * SIDE)]
    return [(time, frame) for time, frame in zip(times, frames) if start <= time < end]


def shown_at(frames, starts, time):
    """Brightness between the pictures before and after a time, None outside."""
    right = bisect.bisect_left(starts, time)
    if right in (0, len(starts)):
        return None
    share = (time - starts[right - 1]) / (starts[right] - starts[right - 1])
    return [one + share * (other - one) for one, other in zip(frames[right - 1][1], frames[right][1])]


def likeness(pairs):
    """Correlation of all cells, as tones may have been mapped.  Cells that hardly change say nothing."""
    found = []
    for one, other in zip(zip(*(pair[0] for pair in pairs)), zip(*(pair[1] for pair in pairs))):
        if statistics.pstdev(one) > 2 and statistics.pstdev(other) > 2:
            found.append(statistics.correlation(one, other))
    return statistics.fmean(found) if found else None


def picture_shift_s(source, made, start=0, times=None):
    """Pictures may have been left out, so only those that were made are looked for in the source."""
    before, after = pictures(source, False, start), pictures(made, True, start, times)
    starts, best = [time for time, _ in before], None
    for shift_ms in sorted(range(-REACH_MS, REACH_MS + 1, 5), key=abs):
        pairs = [(wanted, cells) for time, cells in after if (wanted := shown_at(before, starts, time - shift_ms / 1000))]
        like = likeness(pairs) if len(pairs) > 2 else None
        if like is not None and (best is None or like > best[0]):
            best = like, shift_ms / 1000
    return best[1] if best else None


def loudness_by_ms(path, made, start):
    """Sound's level in each millisecond since `start` on the clock, around its average."""
    first = round(origin_s(path, made) * SOUND_HERTZ)
    data, _ = ffmpeg(path, "-map", "0:a:0", "-af",
                     f"aresample={SOUND_HERTZ},aresample=async=1:min_hard_comp=0.01:first_pts={first},atrim=duration={start + SECONDS}",
                     "-ac", 1, "-f", "s16le", "-", before=["-copyts"])
    samples = array("h", data[:len(data) // 2 * 2])[round(start * SOUND_HERTZ):]
    step = SOUND_HERTZ // 1000
    levels = [sum(map(abs, samples[at:at + step])) for at in range(0, len(samples), step)]
    middle = statistics.fmean(levels) if levels else 0
    return [level - middle for level in levels]


def sound_shift_s(source, made, start=0):
    before, after = loudness_by_ms(source, False, start), loudness_by_ms(made, True, start)
    length = min(len(before), len(after))
    if length <= 2 * REACH_MS or max(before) < 100 or max(after) < 100:
        return None
    middle = after[REACH_MS:length - REACH_MS]
    sums = [0, *itertools.accumulate(before)]
    squares = [0, *itertools.accumulate(level * level for level in before)]

    def alike(shift_ms):
        """Correlation, but for what is the same at each shift: sound that grows louder must not draw it to its end."""
        first, end = REACH_MS - shift_ms, length - REACH_MS - shift_ms
        total, count = sums[end] - sums[first], end - first
        spread = squares[end] - squares[first] - total * total / count
        product = sum(map(operator.mul, middle, before[first:end])) - sum(middle) * total / count
        return product / math.sqrt(spread) if spread > 0 else 0

    return max(range(-REACH_MS, REACH_MS + 1), key=lambda ms: (alike(ms), -abs(ms))) / 1000
