"""The report of 2,000 participants and 20 lectures, from the store to JSON."""
import tempfile

from clients import run_measure
from figures import median, report

NAME = "report"
GOAL_MS = 200


def run():
    with tempfile.TemporaryDirectory() as folder:
        told = run_measure("report", folder)
    if told["cells"] != 40000:
        raise RuntimeError(f"the report has {told['cells']} cells")
    times = told["wall_ms"]
    report(NAME, work="2,000 x 20, JSON", unit="ms", least=min(times), most=max(times), value=median(times), goal=GOAL_MS)
