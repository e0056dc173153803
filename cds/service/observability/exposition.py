"""Figures -> what Prometheus reads: the only door to its library. No label holds anything of a patient."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from cds.about import PROGRAM
from cds.rulebook.model import RuleBook
from cds.service.observability.counted import ALARMING, DURATIONS, TALLIES, figures_of
from cds.service.observability.figures import HISTOGRAM_BOUNDS, Durations, silent_decisions

PREFIX = PROGRAM.replace("-", "_")
_BOUNDS = [*map(str, HISTOGRAM_BOUNDS), "+Inf"]


class Exposition:
    """What Prometheus is told: of the rulebooks in use, and of what ``states`` gives, the figures of each process."""

    def __init__(self, books: Callable[[], Sequence[RuleBook]], states: Callable[[], list[dict[str, Any]]]) -> None:
        self._books, self._states = books, states
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def text(self) -> tuple[bytes, str]:
        """Everything in the text format of Prometheus, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def collect(self) -> Iterator[Metric]:
        """What the library asks for when somebody reads the figures."""
        books, states = self._books(), self._states()
        rules, found = [rule for book in books for rule in book.rules], figures_of(states)
        for name, (labels, says) in DURATIONS.items():
            yield _histogram(name, says, labels, found.durations[name])
        tallies = {name: dict(tally) for name, tally in found.tallies.items()}
        # Rules that have never fired stand there with 0: a figure that is absent raises no alarm.
        tallies["rule_fired"] = dict.fromkeys(rules, 0) | tallies["rule_fired"]
        tallies["event"] = dict.fromkeys(ALARMING, 0) | tallies["event"]
        for name, (label, says) in TALLIES.items():
            yield _counter(name, says, label, tallies[name])
        silent = {rule: silent_decisions(rule, states) for rule in rules}
        yield _gauge("rule_silent_decisions", "Decisions since a rule last fired, or since the start.", "rule", silent)
        switched = {"off": sum(len(book.off) for book in books), "shadow": sum(len(book.shadow) for book in books)}
        yield _gauge("rules_switched", "Rules that are switched.", "to", switched)
        yield _gauge("rulebook", "How many processes use a rulebook.", "sha256", dict(found.books))


def _counter(name: str, says: str, label: str, values: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(f"{PREFIX}_{name}", says, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family


def _histogram(name: str, says: str, labels: Sequence[str], durations: Durations) -> HistogramMetricFamily:
    family = HistogramMetricFamily(f"{PREFIX}_{name}", says, labels=labels)
    for values, row in sorted(durations.rows.items()):
        buckets = list(zip(_BOUNDS, accumulate(row[:-1]), strict=True))
        family.add_metric(list(values), buckets, row[-1])
    return family


def _gauge(name: str, says: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", says, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family
