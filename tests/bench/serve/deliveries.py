"""What recording deliveries costs: on the loop and behind it for each record; how many a second become durable; and
what it adds to serving, beside a preview by staff, which is recorded to nobody."""
import tempfile

from client import Viewer
from clients import run_measure
from enrolment import signed_in_admin
from figures import median, report, report_ratio
from loads import wrk
from machine import cost_of
from slices import interleaved
from stage import the_stage

NAME = "serve-deliveries"
MEASURES, ROUNDS = 5, 11
ALONE = (("loop_ns", "on the loop", "CPU ns a record"), ("behind_us", "behind it", "CPU us a record"),
         ("records_per_second", "durable", "records a second"))


class Asker:
    """Who asks Lectern for segments."""

    def __init__(self, name, cookie):
        self.name, self.cookie = name, cookie


def staff_cookie(stage):
    staff = signed_in_admin(stage.lectern.server)
    Viewer(staff, stage.material["100 KB"].lecture).close()
    return "__Host-media=" + staff.cookies["__Host-media"]


def run():
    stage = the_stage()
    lectern = stage.lectern.start()
    targets = stage.targets(lectern, stage.material["100 KB"].segments)
    askers = [Asker("recorded", stage.cookie()), Asker("preview", staff_cookie(stage))]
    before, recorded = lectern.deliveries(), 0

    def cost(asker):
        nonlocal recorded
        load, cpu_s = cost_of(lectern.pid, lambda: wrk(lectern.url, targets, asker.cookie))
        recorded += load.requests if asker.name == "recorded" else 0
        return cpu_s / load.requests * 1e6
    costs = interleaved(askers, ROUNDS, cost)
    stage.check_logged(before, recorded)
    report_ratio(NAME, "100 KB segment", "CPU us", costs["recorded"], "not recorded", costs["preview"], goal=None)

    rounds = []
    for _ in range(MEASURES):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(run_measure("delivery_records", folder))
    for key, work, unit in ALONE:
        values = [told[key] for told in rounds]
        report(f"{NAME}-alone", work=work, unit=unit, least=min(values), most=max(values), value=median(values))
