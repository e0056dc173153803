"""``cds check``: everything that can be said about a rulebook without a patient."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from cds.errors import Problem
from cds.evaluation import Evaluator
from cds.review.cases import Failure, failures
from cds.review.mutation import Mutant
from cds.review.remarks import remarks
from cds.review.survivors import Progress, survivors
from cds.rulebook.model import RuleBook


class Checked(NamedTuple):
    """The result: problems in the order of files, and what was looked at."""

    problems: tuple[Problem, ...]
    rules: int
    cases: int
    mutants: int
    survived: int
    accepted: int

    @property
    def caught(self) -> float:
        """The share of mutants (in percent) that a case notices."""
        return 100 * (1 - self.survived / self.mutants) if self.mutants else 100.0


def check(book: RuleBook, today: date, progress: Progress) -> Checked:
    """Remarks, failing cases, and mutants that survive and are not accepted in review.yaml."""
    found = [*remarks(book, today), *(failing(item) for item in failures(book, Evaluator(book)))]
    alive, tried = survivors(book, progress)
    names = {mutant.what for mutant in alive}
    found += [_survived(mutant) for mutant in alive if mutant.what not in book.accepted]
    found += [_not_alive(what) for what in book.accepted if what not in names]
    cases = sum(len(rule.cases) for rule in book.rules.values())
    accepted = len(names & book.accepted.keys())
    return Checked(tuple(sorted(found)), len(book.rules), cases, tried, len(alive), accepted)


def failing(item: Failure) -> Problem:
    """A case that fails as a problem at its place."""
    spot = item.case.spot
    what = f"{item.rule}: expected '{item.expected}', seen '{item.seen}'."
    return Problem(spot.file, spot.line, f"case '{item.case.name}'", what, "Mend the rule or the case.", "case-fails")


def _survived(mutant: Mutant) -> Problem:
    spot = mutant.spot
    what = f"no case notices this change: {mutant.what}."
    todo = "Add a case in which it matters, or accept it with a reason in review.yaml."
    return Problem(spot.file, spot.line, mutant.rule or mutant.finding, what, todo, "change-unnoticed")


def _not_alive(what: str) -> Problem:
    seen = f"'{what}' is noticed by a case, or is no change."
    return Problem("review.yaml", 1, "accepted", seen, "Remove it.", "not-needed")
