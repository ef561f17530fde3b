"""A strict reader of Prometheus' text format 0.0.4, as a scraper must be able to rely on it."""
import re

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"


def read_labels(text, line):
    labels, at = {}, 0
    while at < len(text):
        found = LABEL.match(text, at)
        assert found, f"labels: {line}"
        assert found.group(1) not in labels, f"a label twice: {line}"
        labels[found.group(1)] = found.group(2)
        at = found.end()
    assert not text.endswith(","), line
    return labels


class Exposition:
    """samples: {(name, ((label, value)...)): number}; types and helps by the metric's name."""

    def __init__(self, text):
        assert text.endswith("\n")
        self.samples, self.types, self.helps = {}, {}, {}
        current, ended = None, set()
        for line in text[:-1].split("\n"):
            if line.startswith("#"):
                found = re.fullmatch(rf"# (HELP|TYPE) ({NAME}) (.+)", line)
                assert found, line
                kind, name, rest = found.groups()
                if name != current:
                    assert name not in ended, f"a metric's lines stand together: {line}"
                    ended.add(current)
                    current = name
                table = self.helps if kind == "HELP" else self.types
                assert name not in table, f"told twice: {line}"
                assert kind == "HELP" or rest in ("counter", "gauge", "histogram"), line
                table[name] = rest
            else:
                self.take_sample(line, current)
        assert set(self.helps) == set(self.types)
        for name, kind in self.types.items():
            assert kind != "histogram" or self.check_histogram(name)

    def take_sample(self, line, metric):
        found = SAMPLE.fullmatch(line)
        assert found and metric in self.types, f"a sample after its TYPE: {line}"
        name, labels, value = found.group(1), read_labels(found.group(2) or "", line), float(found.group(3))
        suffixes = ("_bucket", "_sum", "_count") if self.types[metric] == "histogram" else ("",)
        assert name in {metric + suffix for suffix in suffixes}, line
        counts = self.types[metric] == "counter"
        assert counts == metric.endswith("_total"), f"counters, and only they, end in _total: {line}"
        assert not counts or value >= 0, line
        key = (name, tuple(sorted(labels.items())))
        assert key not in self.samples, f"told twice: {line}"
        self.samples[key] = value

    def check_histogram(self, metric):
        for (name, labels), count in list(self.samples.items()):
            if name != metric + "_count":
                continue
            buckets = sorted((float(dict(other)["le"]), value) for (bucket, other), value in self.samples.items()
                             if bucket == metric + "_bucket" and set(labels) < set(other))
            assert len(buckets) > 2 and buckets[-1] == (float("inf"), count), metric
            assert [value for _, value in buckets] == sorted(value for _, value in buckets), metric
            assert (metric + "_sum", labels) in self.samples, metric
        return any(name == metric + "_count" for name, _ in self.samples)

    def value(self, name, **labels):
        return self.samples[(name, tuple(sorted(labels.items())))]

    def sum(self, name, **labels):
        """Over all samples with these labels."""
        return sum(value for (other, theirs), value in self.samples.items()
                   if other == name and set(labels.items()) <= set(theirs))

    def names(self):
        return set(self.types)
