"""The check of a media token: nanoseconds for one that was never seen, and for the same one again."""
import tempfile

from clients import run_measure
from figures import median, report

NAME = "serve-token"
ROUNDS = 11
GOAL_NS = {"first": 400, "again": 50}


def run():
    rounds = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(run_measure("token_check", folder))
    for kind, goal in GOAL_NS.items():
        costs = [told[f"{kind}_ns"] for told in rounds]
        report(NAME, work=kind, unit="CPU ns", least=min(costs), most=max(costs),
               value=median(costs), goal=goal)
