"""How figures are told: a JSON line at once, a table at the end, and whether each holds its goal.

A figure may have a goal, the most that it may be; `holds` then says "holds" or "misses".
"""
import json
import statistics

figures = []


def report(name, *, value, goal=None, **more):
    """One figure of a benchmark.  `more` are further columns; all rows of one benchmark have the same."""
    if not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise ValueError(f"{name}: {value!r} is no figure")
    holds = None if goal is None else "holds" if value <= goal else "misses"
    row = {key: rounded(cell) for key, cell in {**more, "value": value, "goal": goal}.items()} | {"holds": holds}
    figures.append((name, row))
    print(json.dumps({"benchmark": name, **row}), flush=True)


def report_ratio(name, work, unit, ours, beside, theirs, goal):
    """Ours over theirs: the median of the ratios of neighbouring slices, and how far these go."""
    if len(ours) != len(theirs) or not ours:
        raise ValueError(f"{name}, {work}: {len(ours)} slices beside {len(theirs)}")
    ratios = [mine / other for mine, other in zip(ours, theirs)]
    report(name, work=work, unit=unit, lectern=median(ours), beside=beside, other=median(theirs),
           least=min(ratios), most=max(ratios), value=median(ratios), goal=goal)


def report_ratios(name, work, unit, costs, goals):
    """Ours over that of each other side; `goals` has those of the sides that have one."""
    for side in costs:
        if side != "lectern":
            report_ratio(name, work, unit, costs["lectern"], side, costs[side], goals.get(side))


def median(values):
    return statistics.median(values)


def percentile(values, percent):
    """The least value that so many of a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def rounded(value):
    """Three digits that count, of what is not whole."""
    if not isinstance(value, float):
        return value
    return float(f"{value:.3g}") if value < 1000 else round(value)


def table():
    """A table a benchmark: a row a figure, a column a value; then how many goals hold."""
    text = []
    for name in dict.fromkeys(name for name, _ in figures):
        rows = [row for found, row in figures if found == name]
        heads = [head for head in rows[0] if any(row[head] is not None for row in rows)]
        cells = [["" if row[head] is None else str(row[head]) for head in heads] for row in rows]
        titles = ["" if head == "holds" else head.replace("_", " ") for head in heads]
        widths = [max(map(len, column)) for column in zip(titles, *cells)]
        text.append(name)
        text += ["  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                 for line in [titles, *cells]]
        text.append("")
    goals = [row["holds"] for _, row in figures if row["goal"] is not None]
    if goals:
        text.append(f"{goals.count('holds')} of {len(goals)} goals hold")
    return "\n".join(text)
