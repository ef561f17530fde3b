"""Ten million heartbeats credited again, on one core."""
from clients import run_measure
from figures import median, report

NAME = "crediting"
ROUNDS, GOAL_S = 5, 10


def run():
    seconds = [run_measure("crediting")["cpu_s"] for _ in range(ROUNDS)]
    report(NAME, work="10 million beats", unit="CPU s", least=min(seconds), most=max(seconds), value=median(seconds),
           goal=GOAL_S)
