"""Runs the benchmarks that are named, or all of them, and tells the figures as a table at the end."""
import importlib
import sys

import common

ALL = ("delivery", "packaging", "upload")


def table():
    rows = []
    for name, values in common.figures:
        rows.append([name, ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in values.items())])
    width = max(len(row[0]) for row in rows)
    return "\n".join(f"{name:<{width}}  {told}" for name, told in rows)


def main():
    names = sys.argv[1:] or ALL
    if set(names) - set(ALL):
        sys.exit(f"usage: tests/bench/run [{'] ['.join(ALL)}]")
    for name in names:
        importlib.import_module(name).run()
    print("\n" + table())


main()
