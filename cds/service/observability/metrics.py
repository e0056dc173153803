"""Figures for Prometheus: the only door to its library. No label holds anything of a patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, compress
from threading import Lock
from typing import Any, NamedTuple, Protocol

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from cds.about import PROGRAM
from cds.evaluation import Answer, Evaluation
from cds.intake.record import LOST_RESULTS
from cds.quantity import UNKNOWN
from cds.rulebook.model import RuleBook
from cds.service.answered_call import AnsweredCall
from cds.service.observability.figures import HISTOGRAM_BOUNDS, Durations, Figures, LastFired, silent_decisions

PREFIX = PROGRAM.replace("-", "_")
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

DURATIONS = {
    "request_seconds": (("endpoint", "status"), "Seconds from request to answer."),
    "advice_seconds": (("service", "hook"), "Seconds from a call to its advice, of calls that were answered."),
}
_BOUNDS = [*map(str, HISTOGRAM_BOUNDS), "+Inf"]
ALARMING = (
    "answered-not-recorded",
    "clock-jumped",
    "connection-closed-for-another",
    "connection-refused",
    "connection-too-slow",
    "not-recorded",
    "records-beside-gone",
    "records-deleted",
    "records-moved",
    "self-test-failed",
)
"""Events that SERVICE.md names for alarms."""


class _Follows(NamedTuple):
    """The rules that fired, and the findings that could not be settled."""

    fired: tuple[str, ...]
    unknown: tuple[str, ...]


class OtherFigures(Protocol):
    """The figures of the other processes of this host."""

    def write(self, state: dict[str, Any]) -> None:
        """Leave those of this process to them."""

    def others(self) -> list[dict[str, Any]]:
        """Theirs."""


class Metrics:
    """Counts requests and decisions; ``books`` gives the rulebooks in use. Any thread may call every method.

    With ``shared`` it tells the figures of all processes that share them.
    """

    def __init__(self, books: Callable[[], Sequence[RuleBook]], shared: OtherFigures | None = None) -> None:
        self._books, self._shared, self._lock = books, shared, Lock()
        self._figures = figures()
        self._tallies = self._figures.tallies
        self._requests, self._advice = (self._figures.durations[name] for name in DURATIONS)
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def observe(self, endpoint: str, status: int, seconds: float) -> None:
        """Count one request; ``endpoint`` is the template of its path, never the path."""
        with self._lock:
            self._requests.observe((endpoint, str(status)), seconds)

    def advice(self, service: str, hook: str, seconds: float) -> None:
        """Count how long a call took until its advice was there."""
        with self._lock:
            self._advice.observe((service, hook), seconds)

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
            self._figures.note_fired(follows.fired, tallies["decisions"].total())

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
        books, states = self._books(), self._states()
        rules, found = [rule for book in books for rule in book.rules], figures()
        for state in states:
            found.add(state)
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

    def publish(self) -> None:
        """Leave the figures to the other processes."""
        if self._shared is not None:
            self._shared.write(self._state())

    def _state(self) -> dict[str, Any]:
        with self._lock:
            self._figures.books = Counter(book.sha256 for book in self._books())
            state: dict[str, Any] = orjson.loads(orjson.dumps(self._figures.state()))
        return state

    def _states(self) -> list[dict[str, Any]]:
        """The figures of all processes; those of this one are left to the others before anybody is told them."""
        own = self._state()
        if self._shared is None:
            return [own]
        self._shared.write(own)
        return [own, *self._shared.others()]


def figures() -> Figures:
    """Figures of nothing yet."""
    return Figures(TALLIES, DURATIONS)


def added(states: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The figures of several processes as those of one."""
    found = figures()
    for state in states:
        found.add(state)
        found.begun = min(found.begun, state["begun"])
        for rule, (at, _) in state["fired"].items():
            found.fired[rule] = max(found.fired.get(rule, LastFired(0.0, 0)), LastFired(at, 0))
    total = found.state()
    silent = {rule: silent_decisions(rule, list(states)) for rule in found.fired}
    decisions = found.tallies["decisions"].total()
    fired = {rule: [last.at, decisions - silent[rule]] for rule, last in found.fired.items()}
    written = max((state["written"] for state in states), default=found.begun)
    parsed: dict[str, Any] = orjson.loads(orjson.dumps({**total, "fired": fired, "written": written}))
    return parsed


def _follows(answer: Answer) -> _Follows:
    inferred, first = answer.inferred, answer.inferred.program.rules
    unknown = compress(inferred.program.names, inferred.states[:first].translate(_IS_UNKNOWN))
    return _Follows(tuple(sorted(inferred.fired)), tuple(unknown))


_IS_UNKNOWN = bytes(state == UNKNOWN for state in range(256))
"""Of the states of a pattern, which are unknown: most patients have one of their own, and some hundred unknown."""


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
