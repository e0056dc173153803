"""Everything that the audit book tells, gathered before a page is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from cds.audit.conditions import readers, term_readers
from cds.audit.examples import CaseResult, Score, results_of, scores_of
from cds.audit.history import Histories, Signed, histories, signed_by
from cds.audit.patients import Population, Sample
from cds.audit.properties import PropertyState, states_of
from cds.evaluation import Evaluator
from cds.proof.report import Proof
from cds.review.difference import Difference
from cds.review.mutation import mutants
from cds.review.overlay_effects import is_local
from cds.rulebook.model import Finding, Frozen, Rule, RuleBook


class Since(NamedTuple):
    """What changed since the version that ``reference`` names; whether the patients are those of the cases."""

    reference: str
    found: Difference
    invented: bool


@dataclass(frozen=True)
class AuditData:
    """The rulebook on a day, and what is known about it.

    ``alive`` are the small changes that no case notices; None when they were not tried. ``since`` is what changed
    since another version of the rules, ``adapted`` what the overlay changes; ``proofs`` are None when they were not
    made for this content of the rules. ``known`` are the properties that can be proved, by name, in words; empty where
    the solver is not installed.
    """

    book: RuleBook
    day: date
    histories: Histories
    samples: tuple[Sample, ...]
    population: Population | None = None
    alive: frozenset[str] | None = None
    since: Since | None = None
    adapted: Since | None = None
    proofs: tuple[Proof, ...] | None = None
    known: Frozen[str, str] = Frozen()  # noqa: RUF009 - it cannot change

    @cached_property
    def evaluator(self) -> Evaluator:
        """The evaluator of the rulebook."""
        return Evaluator(self.book)

    @cached_property
    def scores(self) -> dict[str, Score]:
        """How many small changes the cases of each rule notice; empty when they were not tried."""
        return {} if self.alive is None else scores_of(self.book, self.alive)

    @property
    def noticed(self) -> float | None:
        """The share of all small changes that a case notices, in percent; None when they were not tried."""
        return None if self.alive is None else 100 * (1 - len(self.alive) / len(mutants(self.book)))

    @property
    def properties(self) -> tuple[PropertyState, ...]:
        """The properties that can be proved, each with its proofs, if it was run for this content of the rules."""
        return states_of(self.known, self.proofs)

    @cached_property
    def results(self) -> dict[str, tuple[CaseResult, ...]]:
        """The cases of every rule with their results."""
        return results_of(self.evaluator)

    @property
    def all_results(self) -> list[CaseResult]:
        """The results of all cases."""
        return [result for results in self.results.values() for result in results]

    @cached_property
    def signatures(self) -> dict[str, Signed]:
        """The last signature of each rule that has one."""
        return signed_by(self.book)

    @cached_property
    def readers(self) -> dict[str, tuple[str, ...]]:
        """For each finding, the rules that read it."""
        return readers(self.book)

    @cached_property
    def term_readers(self) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
        """For each term, the findings and the terms that read it."""
        return term_readers(self.book)

    @cached_property
    def chapters(self) -> dict[str, tuple[Rule, ...]]:
        """The rules of each chapter, in the order of their ids."""
        names = dict.fromkeys(sorted({*(r.chapter for r in self.book.rules.values()), *self.chapter_findings}))
        rules = sorted(self.book.rules.values(), key=lambda rule: rule.id)
        return {name: tuple(rule for rule in rules if rule.chapter == name) for name in names}

    @cached_property
    def chapter_findings(self) -> dict[str, tuple[Finding, ...]]:
        """The findings of each chapter, in the order of its file."""
        found: dict[str, list[Finding]] = {}
        for finding in self.book.findings.values():
            if finding.chapter:
                found.setdefault(finding.chapter, []).append(finding)
        return {name: tuple(items) for name, items in found.items()}

    def overdue(self, rule: Rule) -> bool:
        """Whether the review of a rule was due before the day of the book."""
        return rule.review_by < self.day.isoformat()

    @property
    def overdue_rules(self) -> list[str]:
        """The rules whose review was due before the day of the book."""
        return [rule.id for rule in self.book.rules.values() if self.overdue(rule)]

    def fires_in(self, rule: str) -> tuple[Sample, ...]:
        """The sample patients for whom a rule fires."""
        return tuple(sample for sample in self.samples if rule in sample.fired)


def history_of(folder: Path, overlays: Iterable[Path], book: RuleBook) -> Histories:
    """The history of each rule file, those of an overlay under the place with which their names begin."""
    files = [rule.spot.file for rule in book.rules.values()]
    found = histories(folder, [file for file in files if not is_local(book, file)])
    layers = book.overlay.layers if book.overlay else ()
    for layer, overlay in zip(layers, overlays, strict=True):
        start = f"{layer.place}/"
        local = histories(overlay, [file.removeprefix(start) for file in files if file.startswith(start)])
        found |= {start + file: history for file, history in local.items()}
    return found
