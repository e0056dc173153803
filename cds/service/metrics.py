"""Figures for Prometheus: the only door to its library. No label holds anything of a patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from cds.about import PROGRAM
from cds.evaluation import Answer, Evaluation
from cds.intake.record import LOST_RESULTS
from cds.quantity import UNKNOWN
from cds.rulebook.model import RuleBook
from cds.service.answered_call import AnsweredCall

PREFIX = PROGRAM.replace("-", "_")
HISTOGRAM_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The bounds of the histogram; an EHR waits about half a second."""
TALLIES = {
    "decisions": ("outcome", "Decisions by outcome."),
    "decided_by": ("rule", "Decisions by the rule that decided."),
    "rule_fired": ("rule", "How often the condition of a rule held."),
    "rule_shadowed": ("rule", "How often a rule in shadow would have fired."),
    "rule_missed": ("rule", "How often a rule that is switched off, or put into shadow, would have counted."),
    "finding_unknown": ("finding", "How often a finding could not be settled."),
    "record_issue": ("code", "Issues of records, by code."),
    "result_not_read": ("text", "Results that were not used, by what is said of them: a term and a reason."),
    "resource": ("standing", "Resources that were sent, by what became of them: the account of an answer."),
    "card_left_out": ("topic", "Cards that a cool-down left out."),
    "denied": ("reason", "Calls that were denied, by the reason: who calls could not be verified, or calls too often."),
    "fetch_failed": ("kind", "Requests to key servers and FHIR servers that failed, by the kind of failure."),
    "event": ("name", "Things that an operator should look at, such as a rulebook that was refused."),
}


class _Follows(NamedTuple):
    """What a decision counts, worked out once for each pattern of findings."""

    fired: tuple[str, ...]
    unknown: tuple[str, ...]


class Metrics:
    """Counts requests and decisions; ``books`` gives the rulebooks in use. Any thread may call every method."""

    def __init__(self, books: Callable[[], Sequence[RuleBook]]) -> None:
        self._books, self._lock = books, Lock()
        self._tallies: dict[str, Counter[str]] = {name: Counter() for name in TALLIES}
        self._last_fired: dict[str, int] = {}
        self._registry = CollectorRegistry()
        about = f"{PREFIX}_request_seconds", "Seconds from request to answer.", ["endpoint", "status"]
        self._seconds = Histogram(*about, registry=self._registry, buckets=HISTOGRAM_BOUNDS)
        self._registry.register(self)

    def observe(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one request; ``endpoint`` is the template of its path, never the path."""
        self._seconds.labels(endpoint, str(status)).observe(seconds)

    def decision(self, evaluation: Evaluation, left_out: Iterable[str] = ()) -> None:
        """Count one decision; ``left_out`` are the topics of cards that rest."""
        decision, follows = evaluation.decision, _follows(evaluation.answer)
        issues = evaluation.chart.record.issues
        with self._lock:
            tallies = self._tallies
            tallies["decisions"][decision.outcome] += 1
            tallies["decided_by"][decision.decided_by] += 1
            tallies["rule_fired"].update(follows.fired)
            tallies["rule_shadowed"].update(decision.shadowed)
            tallies["rule_missed"].update(decision.switched.rules if decision.switched else ())
            tallies["finding_unknown"].update(follows.unknown)
            tallies["record_issue"].update(issue.code for issue in issues)
            tallies["result_not_read"].update(issue.text for issue in issues if issue.code in LOST_RESULTS)
            tallies["card_left_out"].update(left_out)
            self._last_fired.update(dict.fromkeys(follows.fired, tallies["decisions"].total()))

    def count_call(self, decided: AnsweredCall) -> None:
        """Count one answered call."""
        self.decision(decided.answered.evaluation, decided.left_out)
        with self._lock:
            self._tallies["resource"].update(decided.answered.account)

    def denied(self, reason: str) -> None:
        """Count one call that was denied."""
        with self._lock:
            self._tallies["denied"][reason] += 1

    def fetches_failed(self, kinds: Iterable[str]) -> None:
        """Count requests to other servers that failed."""
        with self._lock:
            self._tallies["fetch_failed"].update(kinds)

    def event(self, name: str) -> None:
        """Count something that an operator should look at."""
        with self._lock:
            self._tallies["event"][name] += 1

    def exposition(self) -> tuple[bytes, str]:
        """Everything in the text format of Prometheus, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def collect(self) -> Iterator[Metric]:
        """What the library asks for when somebody reads the figures."""
        books = self._books()
        rules = [rule for book in books for rule in book.rules]
        with self._lock:
            tallies = {name: dict(tally) for name, tally in self._tallies.items()}
            last = dict(self._last_fired)
        # Rules that have never fired stand there with 0: a figure that is absent raises no alarm.
        tallies["rule_fired"] = dict.fromkeys(rules, 0) | tallies["rule_fired"]
        for name, (label, says) in TALLIES.items():
            yield _counter(name, says, label, tallies[name])
        decisions = sum(tallies["decisions"].values())
        silent = {rule: decisions - last.get(rule, 0) for rule in rules}
        yield _gauge("rule_silent_decisions", "Decisions since a rule last fired, or since the start.", "rule", silent)
        switched = {"off": sum(len(book.off) for book in books), "shadow": sum(len(book.shadow) for book in books)}
        yield _gauge("rules_switched", "Rules that are switched.", "to", switched)
        yield _gauge("rulebook", "The rulebooks in use.", "sha256", {book.sha256: 1 for book in books})


@lru_cache(maxsize=4096)
def _follows(answer: Answer) -> _Follows:
    findings = answer.book.findings
    unknown = (name for name in findings if answer.inferred.state(name) == UNKNOWN)
    return _Follows(tuple(sorted(answer.inferred.fired)), tuple(unknown))


def _counter(name: str, says: str, label: str, values: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(f"{PREFIX}_{name}", says, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family


def _gauge(name: str, says: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", says, labels=[label])
    for value, count in sorted(values.items()):
        family.add_metric([value], count)
    return family
