"""The direction between the layers of src/ (design: includes go down only)."""
import re

from tree import ROOT, short, sources

BELOW_API = {"privacy", "certificate", "mail", "catalog", "viewing", "access", "store", "media", "http", "base"}
MAY_INCLUDE = {
    "base": set(),
    "http": {"base"},
    "store": {"base"},
    "media": {"base"},
    "access": {"store", "base"},
    "catalog": {"access", "store", "media", "base"},
    "viewing": {"access", "store", "base"},
    "mail": {"store", "base"},
    "certificate": {"catalog", "viewing", "access", "store", "base"},
    "privacy": {"mail", "catalog", "viewing", "access", "store", "base"},
    "api": BELOW_API,
    "cli": BELOW_API | {"api"},
    "main.c": {"cli", "media"},
    # The child that looks at a file needs nothing of the rest.
    "media_main.c": {"media"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
PRIVATE = re.compile(r"Private\s+(?:\*\s+)?to\s+(?:\*\s+)?([a-z]+)/")


def layer_of(path):
    parts = path.relative_to(ROOT / "src").parts
    return parts[0]


def c_sources():
    return [path for path in sources(".c", ".h", below=("src",)) if layer_of(path) != "web"]


def includes(path):
    return INCLUDE.findall(path.read_text("utf-8"))


def test_includes_go_down_only():
    wrong = []
    for path in c_sources():
        layer = layer_of(path)
        for name in includes(path):
            target = name.split("/")[0]
            if target != layer and target not in MAY_INCLUDE[layer]:
                wrong.append(f"{short(path)} includes {name}")
    assert not wrong, "\n".join(wrong)


def test_every_include_names_its_layer_and_exists():
    wrong = [f"{short(path)} includes {name}" for path in c_sources() for name in includes(path)
             if not (ROOT / "src" / name).is_file() and "/" in name]
    beside = [f"{short(path)} includes {name}" for path in c_sources() for name in includes(path)
              if "/" not in name]
    assert not wrong + beside, "\n".join(wrong + beside)


def test_private_headers_stay_in_their_layer():
    owner = {}
    for path in c_sources():
        if path.suffix == ".h":
            said = PRIVATE.search(path.read_text("utf-8"))
            if said:
                owner[f"{layer_of(path)}/{path.name}"] = said.group(1)
    wrong = [f"{short(path)} includes {name}" for path in c_sources() for name in includes(path)
             if name in owner and layer_of(path) != owner[name]]
    assert not wrong, "\n".join(wrong)


def test_every_layer_is_known():
    assert {layer_of(path) for path in c_sources()} <= set(MAY_INCLUDE)


def test_every_header_is_guarded_by_its_own_name():
    wrong = []
    for path in c_sources():
        if path.suffix == ".h":
            name = "LECTERN_" + re.sub(r"[/.]", "_", str(path.relative_to(ROOT / "src"))).upper()
            text = path.read_text("utf-8")
            if f"#ifndef {name}\n#define {name}\n" not in text:
                wrong.append(f"{short(path)}: expected {name}")
    assert not wrong, "\n".join(wrong)


def test_every_source_is_listed_by_name():
    wrong = []
    for path in c_sources():
        if path.suffix != ".c" or layer_of(path) in ("main.c", "media_main.c"):
            continue
        lists = "".join(listing.read_text("utf-8")
                        for listing in (ROOT / "src" / layer_of(path)).rglob("CMakeLists.txt"))
        if path.name not in lists:
            wrong.append(f"{short(path)} is in no CMakeLists.txt")
        if re.search(r"file\s*\(\s*GLOB", lists):
            wrong.append(f"src/{layer_of(path)} globs its sources")
    assert not wrong, "\n".join(wrong)
