"""Counts requests and decisions, for whoever reads the figures. No label holds anything of a patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from threading import Lock
from typing import Any, NamedTuple, Protocol

import orjson

from cds.evaluation import Answer, Evaluation
from cds.intake.record import LOST_RESULTS
from cds.quantity import UNKNOWN
from cds.rulebook.model import RuleBook
from cds.service.answered_call import AnsweredCall
from cds.service.observability.counted import DURATIONS, figures_of
from cds.service.observability.exposition import Exposition


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
        self._figures = figures_of()
        self._tallies = self._figures.tallies
        self._requests, self._advice = (self._figures.durations[name] for name in DURATIONS)
        self._exposition = Exposition(books, self._states)

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
        return self._exposition.text()

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


def _follows(answer: Answer) -> _Follows:
    inferred, first = answer.inferred, answer.inferred.program.rules
    unknown = compress(inferred.program.names, inferred.states[:first].translate(_IS_UNKNOWN))
    return _Follows(tuple(sorted(inferred.fired)), tuple(unknown))


_IS_UNKNOWN = bytes(state == UNKNOWN for state in range(256))
"""Of the states of a pattern, which are unknown: most patients have one of their own, and some hundred unknown."""
