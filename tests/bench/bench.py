"""Runs the benchmarks that are named, or all of them, and tells the figures as tables at the end."""
import importlib
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
import figures  # noqa: E402
import machine  # noqa: E402

SERVE = ("segments", "workers", "http2", "playlists", "handshakes", "idle", "slow-readers", "crowd", "cold", "token",
         "deliveries")
ALL = (*(f"serve-{name}" for name in SERVE), "packaging", "packaging-memory", "ladder",
       "first-rung", "upload", "start", "crediting", "report", "heartbeats", "evidence")


def chosen(words):
    """Names in the order of ALL; "serve" stands for all of its rows."""
    names = {name for word in words for name in ALL if name == word or (word == "serve" and name.startswith("serve-"))}
    if any(word != "serve" and word not in ALL for word in words):
        sys.exit("usage: tests/bench/run [serve] [" + "] [".join(ALL) + "]")
    return [name for name in ALL if name in names or not words]


def module_of(name):
    return (name.replace("-", ".", 1) if name.startswith("serve-") else name).replace("-", "_")


def run(name):
    """Whether it gave its figures; one that did not says why, and the others go on."""
    began = time.monotonic()
    try:
        importlib.import_module(module_of(name)).run()
    except Exception:
        traceback.print_exc()
        return False
    finally:
        print(f"{name} took {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return True


def main():
    machine.allow_descriptors()
    without_figure = [name for name in chosen(sys.argv[1:]) if not run(name)]
    print("\n" + figures.table())
    if without_figure:
        sys.exit("No figure: " + ", ".join(without_figure))


if __name__ == "__main__":
    main()
