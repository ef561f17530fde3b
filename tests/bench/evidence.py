"""A bundle of ten million records verified, a tenth of them with their documents."""
import shutil
import tempfile

from clients import run_measure
from figures import median, report

NAME = "evidence"
ROUNDS, GOAL_S = 3, 60


def verified():
    folder = tempfile.mkdtemp(prefix="lectern-bench-evidence-")
    try:
        return run_measure("evidence", folder)["seconds"]
    finally:
        shutil.rmtree(folder)


def run():
    seconds = [verified() for _ in range(ROUNDS)]
    report(NAME, work="10 million records verified", unit="s", least=min(seconds), most=max(seconds),
           value=median(seconds), goal=GOAL_S)
