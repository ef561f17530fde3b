"""Lectures to measure with."""
import subprocess

SLIDE_S = 12
NO_RUNGS = "/dev/null"  # as a ladder file: nothing is made beside what is copied


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


def repeat(piece, seconds, lecture):
    """Without encoding."""
    index_first = ["-movflags", "+faststart"] if lecture.suffix == ".mp4" else []
    ffmpeg("-stream_loop", -1, "-i", piece, "-t", seconds, "-c", "copy", *index_first, lecture)
    return lecture


def make_long_lecture(folder, seconds, bits_per_second, suffix="mp4"):
    """Picture of a constant rate with sound, so that segments are alike: one minute encoded, then repeated."""
    minute = folder / f"minute-{bits_per_second}.mp4"
    rate = str(bits_per_second)
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10", "-f", "lavfi", "-i",
           "sine=frequency=330:sample_rate=48000", "-t", 60, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt",
           "yuv420p", "-g", 20, "-keyint_min", 20, "-sc_threshold", 0, "-bf", 0, "-b:v", rate, "-minrate", rate,
           "-maxrate", rate, "-bufsize", rate, "-x264-params", "nal-hrd=cbr:force-cfr=1", "-c:a", "aac", "-b:a", "64k",
           minute)
    lecture = repeat(minute, seconds, folder / f"lecture-{bits_per_second}-{seconds}.{suffix}")
    minute.unlink()
    return lecture


def make_slides_and_speaker(file, seconds, key_s, sound):
    """720 lines, 30 pictures a second: a slide that changes now and then, and somebody small who moves all the time."""
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=1/{SLIDE_S},fps=30", "-f", "lavfi", "-i",
           "mandelbrot=size=320x180:rate=30,noise=alls=6:allf=t", "-f", "lavfi", "-i",
           "anoisesrc=color=pink:amplitude=0.3:sample_rate=48000", "-filter_complex",
           "[0][1]overlay=x=920:y=500,format=yuv420p[picture]", "-map", "[picture]", *(["-map", "2"] if sound else []),
           "-t", seconds, "-c:v", "libx264", "-preset", "veryfast", "-g", key_s * 30, "-keyint_min", key_s * 30,
           "-sc_threshold", 0, "-crf", 23, "-c:a", "aac", "-b:a", "128k", file)
    return file


def make_quiet_long_lecture(folder, seconds):
    """Little of everything, so that ten hours are read in minutes: two small pictures and 16,000 samples a second."""
    minute = folder / "minute.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=2", "-f", "lavfi", "-i",
           "anoisesrc=color=pink:amplitude=0.3:sample_rate=16000", "-t", 60, "-c:v", "libx264", "-preset", "ultrafast",
           "-pix_fmt", "yuv420p", "-g", 8, "-keyint_min", 8, "-sc_threshold", 0, "-bf", 0, "-c:a", "aac", "-b:a", "24k",
           minute)
    return repeat(minute, seconds, folder / f"lecture-{seconds}.mp4")
