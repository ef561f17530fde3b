"""Runs the benchmarks that are named, or all of them, and tells the figures as a table at the end."""
import importlib
import sys

import common

ALL = ("delivery", "packaging", "upload")


def table():
    """A table a benchmark: a row a figure, a column a value."""
    text = []
    for name in dict.fromkeys(name for name, _ in common.figures):
        rows = [values for found, values in common.figures if found == name]
        heads = [key.replace("_", " ") for key in rows[0]]
        cells = [[str(value) for value in row.values()] for row in rows]
        widths = [max(map(len, column)) for column in zip(heads, *cells)]
        text.append(name)
        text += ["  " + "  ".join(cell.rjust(width) for cell, width in zip(line, widths)) for line in [heads, *cells]]
        text.append("")
    return "\n".join(text)


def main():
    names = sys.argv[1:] or ALL
    if set(names) - set(ALL):
        sys.exit(f"usage: tests/bench/run [{'] ['.join(ALL)}]")
    for name in names:
        importlib.import_module(name).run()
    print("\n" + table(), end="")


main()
