"""Lectures to measure with: a constant rate, so that segments are alike."""
import subprocess


def make_long_lecture(folder, seconds, bits_per_second):
    """Picture of a constant rate with sound: one minute encoded, then repeated without encoding."""
    minute = folder / f"minute-{bits_per_second}.mp4"
    lecture = folder / f"lecture-{bits_per_second}-{seconds}.mp4"
    rate = str(bits_per_second)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10",
         "-f", "lavfi", "-i", "sine=frequency=330:sample_rate=48000", "-t", "60",
         "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20", "-keyint_min", "20",
         "-sc_threshold", "0", "-bf", "0", "-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate,
         "-x264-params", "nal-hrd=cbr:force-cfr=1", "-c:a", "aac", "-b:a", "64k", str(minute)], check=True)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-stream_loop", str(-(-seconds // 60) - 1), "-i", str(minute),
         "-t", str(seconds), "-c", "copy", "-movflags", "+faststart", str(lecture)], check=True)
    minute.unlink()
    return lecture
