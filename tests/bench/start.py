"""From `deploy/demo` to the first answer, for a data folder that is there already: what a second start takes."""
import subprocess
import tempfile
import time
from pathlib import Path

from figures import median, report
from harness import ROOT, free_port

NAME = "start"
ROUNDS, GOAL_S, READY_S, STOP_S = 5, 3, 600, 60


def start(folder, port):
    """Seconds until it says that it is ready; then it is ended."""
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    began = time.monotonic()
    demo = subprocess.Popen(
        [ROOT / "deploy/demo", "--data", folder / "data", "--port", str(port), "--no-install", "--ready-file", ready],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        while not ready.exists():
            if demo.poll() is not None or time.monotonic() - began > READY_S:
                raise RuntimeError("the demo does not start")
            time.sleep(0.01)
        took = time.monotonic() - began
    finally:
        demo.terminate()
        said = demo.communicate(timeout=STOP_S)[0]
    if demo.returncode != 0:
        raise RuntimeError(f"the demo ends with {demo.returncode}\n{said}")
    return took


def run():
    if not (ROOT / "node_modules").is_dir():
        raise RuntimeError("the demo has never been started here: ./deploy/demo installs what its pages are built with")
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        start(folder, port)
        seconds = [start(folder, port) for _ in range(ROUNDS)]
    report(NAME, work="demo, second start", unit="s", least=min(seconds), most=max(seconds), value=median(seconds),
           goal=GOAL_S)
