"""Runs the benchmarks that are named, or all of them, and tells the figures as tables at the end."""
import importlib
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "system"))
import figures  # noqa: E402
from stage import Stage  # noqa: E402

SERVE = ("segments", "workers", "http2", "playlists", "handshakes", "idle", "slow-readers", "crowd", "token",
         "deliveries")
ALL = (*(f"serve-{name}" for name in SERVE), "packaging", "upload")


def chosen(words):
    """Names in the order of ALL; "serve" stands for all of its rows."""
    names = {name for word in words for name in ALL if name == word or (word == "serve" and name.startswith("serve-"))}
    if any(word != "serve" and word not in ALL for word in words):
        sys.exit("usage: tests/bench/run [serve] [" + "] [".join(ALL) + "]")
    return [name for name in ALL if name in names or not words]


class Runner:
    def __init__(self):
        self.stage, self.without_figure = None, []

    def run(self, name):
        """A benchmark that gives no figure says so, and the others go on."""
        try:
            if not name.startswith("serve-"):
                importlib.import_module(name).run()
                return
            self.stage = self.stage or Stage()
            importlib.import_module(name.replace("-", ".", 1).replace("-", "_")).run(self.stage)
        except Exception:
            traceback.print_exc()
            self.without_figure.append(name)

    def close(self):
        if self.stage:
            self.stage.close()


def main():
    runner = Runner()
    try:
        for name in chosen(sys.argv[1:]):
            runner.run(name)
    finally:
        runner.close()
        print("\n" + figures.table())
    if runner.without_figure:
        sys.exit("No figure: " + ", ".join(runner.without_figure))


main()
