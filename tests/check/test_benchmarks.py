"""What the benchmarks promise: each that is named can run and is in the manual, and only figures count as figures."""
import importlib
import os
import re
import sys

import pytest

from tree import ROOT

sys.path[:0] = [str(ROOT / "tests/bench"), str(ROOT / "tests/system")]
environment = dict(os.environ)
bench = importlib.import_module("bench")
figures = importlib.import_module("figures")
modules = {name: importlib.import_module(bench.module_of(name)) for name in bench.ALL}
os.environ.update(environment)  # the harness of the system tests takes LECTERN_BUILD away, which other checks read


@pytest.fixture(autouse=True)
def no_figures():
    figures.figures.clear()


@pytest.mark.parametrize("name", bench.ALL)
def test_every_benchmark_can_run_and_is_in_the_manual(name):
    assert callable(modules[name].run)
    assert f"`{name}`" in (ROOT / "docs/benchmarks.md").read_text("utf-8")


def test_every_file_of_the_serving_benchmarks_is_one_of_them():
    files = {f"serve-{path.stem.replace('_', '-')}" for path in (ROOT / "tests/bench/serve").glob("*.py")}
    assert files == {name for name in bench.ALL if name.startswith("serve-")}


@pytest.mark.parametrize("words, expected", [
    ([], bench.ALL),
    (["serve"], tuple(name for name in bench.ALL if name.startswith("serve-"))),
    (["upload", "serve-http2"], ("serve-http2", "upload")),
])
def test_benchmarks_are_chosen_by_name(words, expected):
    assert tuple(bench.chosen(words)) == expected


def test_a_wrong_name_is_told():
    with pytest.raises(SystemExit, match="usage"):
        bench.chosen(["serve", "serving"])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, None, "12"])
def test_what_is_no_figure_is_refused(value):
    with pytest.raises(ValueError):
        figures.report("some", value=value)


def test_a_ratio_is_the_median_of_the_ratios_of_neighbours(capsys):
    figures.report_ratio("some", "work", "CPU s/GB", [1, 6, 3], "nginx", [2, 6, 4], goal=0.7)
    assert re.search(r'"value": 0.75, "goal": 0.7, "holds": "misses"', capsys.readouterr().out)


def test_a_goal_that_is_met_exactly_holds():
    figures.report("some", work="a", value=0.62, goal=0.62)
    figures.report("some", work="b", value=0.63, goal=0.62)
    assert figures.table().splitlines()[-1] == "1 of 2 goals hold"


def test_slices_that_lack_a_neighbour_are_refused():
    with pytest.raises(ValueError):
        figures.report_ratio("some", "work", "CPU s/GB", [1, 2], "nginx", [1], goal=1)
