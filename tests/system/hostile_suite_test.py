"""How many named cases the abuse suite has, by family; and that the gate runs every one of them.

`python3 hostile_suite_test.py` prints the table of docs/strictness.md.
"""
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import differential_test
import hostile_h2_test as h2
import hostile_http_test as http1
import hostile_requests_test as requests
import hostile_slow_test as slow
import hostile_tls_test as tls
from harness import ROOT

CASES_LEAST = 150
# (least, cases): fewer than that is a loss, and somebody must say so here.
FAMILIES = {
    "headers": (55, [*http1.FIELDS, *requests.FIELDS]),
    "framing": (80, [*http1.FRAMING, *http1.CHUNKED]),
    "request lines": (35, http1.LINE),
    "targets": (30, requests.TARGETS),
    "ranges and conditions": (30, requests.RANGED),
    "methods": (15, requests.METHODS),
    "connections": (15, http1.CONNECTIONS),
    "TLS": (40, [*tls.REFUSED_OFFERS, *tls.SPOILT, *tls.STALLS]),
    "HTTP/2": (120, [*h2.REQUESTS, *h2.CONNECTIONS, *h2.STREAM_ERRORS, *h2.FLOODS]),
    "slow clients": (35, slow.CASES),
}
FILES = [Path(module.__file__) for module in (h2, http1, requests, slow, tls, differential_test)]
# They wait for the same deadline, all in one test.
IN_ONE_TEST = set(tls.STALLS)


def names_of(cases):
    return [getattr(case, "__name__", str(case)) for case in cases]


def test_the_suite_is_as_large_as_it_says():
    counts = {family: len(set(names_of(cases))) for family, (_, cases) in FAMILIES.items()}
    assert sum(counts.values()) >= CASES_LEAST, counts
    small = {family: count for family, count in counts.items() if count < FAMILIES[family][0]}
    assert not small, f"fewer than there were: {small}"
    assert len(differential_test.CASES) >= 200, "docs/strictness.md says over two hundred"


def test_every_case_has_its_own_name_within_its_list():
    lists = [http1.FIELDS, requests.FIELDS, *(cases for family, (_, cases) in FAMILIES.items() if family != "headers")]
    for cases in lists:
        double = [name for name, count in Counter(names_of(cases)).items() if count > 1]
        assert not double, double


def test_the_gate_runs_every_case():
    """As pytest collects them with the gate's own words."""
    said = subprocess.run([sys.executable, "-B", "-m", "pytest", "--collect-only", "-q", "-m", "not soak",
                           *(str(path) for path in FILES)],
                          capture_output=True, text=True, cwd=ROOT / "tests/system", check=False)
    collected = set(re.findall(r"\[(.+)\]$", said.stdout, re.M))
    assert said.returncode == 0 and collected, said.stdout + said.stderr
    for family, (_, cases) in FAMILIES.items():
        missing = [name for name in names_of(cases) if name not in collected and name not in IN_ONE_TEST]
        assert not missing, f"{family}: {missing}"


def table():
    rows = [f"| {family} | {least} |" for family, (least, _) in FAMILIES.items()]
    return "\n".join(["| family | named cases, at least |", "| --- | --- |", *rows])


def test_the_page_shows_the_table():
    assert table() in (ROOT / "docs/strictness.md").read_text(), \
        "docs/strictness.md: paste what `python3 hostile_suite_test.py` prints"


if __name__ == "__main__":
    print(table())
