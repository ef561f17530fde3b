"""docs/limits.md names every limit of a peer, and no setting that there is none of."""
import re

from tree import ROOT

SECTIONS = ("Limits of connections and requests", "Slow and hostile peers")
# Of the server itself: how it ends, what it maps, what it keeps back.
NOT_OF_PEERS = {"stop-deadline-ms", "drain-idle-ms", "takeover-ready-ms", "http2-farewell-ms", "mapped-bytes-max",
                "memory-reserve-bytes", "congestion-control"}


def settings_by_section():
    found, section = {}, None
    for line in (ROOT / "config/lectern.conf.example").read_text().splitlines():
        if heading := re.fullmatch(r"## (.+)", line):
            section = heading.group(1)
        elif name := re.match(r"#([a-z0-9-]+) = ?", line):
            found[name.group(1)] = section
    return found


def test_every_limit_of_a_peer_is_on_the_page():
    page = (ROOT / "docs/limits.md").read_text()
    missing = [name for name, section in settings_by_section().items()
               if section in SECTIONS and name not in NOT_OF_PEERS and f"`{name}`" not in page]
    assert not missing, f"docs/limits.md does not name {missing}"


def test_the_page_names_settings_that_there_are():
    page = (ROOT / "docs/limits.md").read_text()
    columns = [line.split("|")[2] for line in page.splitlines() if line.startswith("| ")]
    named = {name for column in columns for name in re.findall(r"`([a-z0-9-]+)`", column)}
    assert named and named <= set(settings_by_section()), named - set(settings_by_section())
