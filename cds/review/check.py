"""``cds check``: everything that can be said about a rulebook without a patient."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from cds.errors import Problem
from cds.evaluation import Evaluator
from cds.review import overlaid
from cds.review.cases import Failure, failures
from cds.review.mutation import Mutant
from cds.review.remarks import remarks
from cds.review.survivors import Progress, readers, survivors
from cds.rulebook.model import RuleBook


class Checked(NamedTuple):
    """The result: problems in the order of files, and what was looked at; ``notes`` say what an overlay overrides."""

    problems: tuple[Problem, ...]
    rules: int
    cases: int
    mutants: int
    survived: int
    accepted: int
    notes: tuple[Problem, ...] = ()

    @property
    def caught(self) -> float | None:
        """The share of mutants (in percent, one decimal) that a case notices; None where none was tried."""
        return round(100 * (1 - self.survived / self.mutants), 1) if self.mutants else None


def check(book: RuleBook, today: date, progress: Progress) -> Checked:
    """Remarks, failing cases, and mutants that survive and are not accepted in review.yaml."""
    found, local = remarks_and_cases(book, today)
    alive, tried = survivors(overlaid.without(book, local), progress)
    alive = [mutant for mutant in alive if not _is_silent(book, mutant)]
    names = {mutant.what for mutant in alive}
    found += [_survived(mutant) for mutant in alive if mutant.what not in book.accepted]
    of_the_base = book.overlay.base.accepted if book.overlay else {}
    found += [_not_alive(what) for what in book.accepted if what not in names and what not in of_the_base]
    cases = sum(len(rule.cases) for rule in book.rules.values())
    accepted = len(names & book.accepted.keys())
    notes = tuple(sorted(overlaid.notes_of(book, local)))
    return Checked(tuple(sorted(found)), len(book.rules), cases, tried, len(alive), accepted, notes)


def remarks_and_cases(book: RuleBook, today: date) -> tuple[list[Problem], list[Failure]]:
    """What can be said without small changes, in seconds; and the cases of the base that an overlay overrides."""
    failed = failures(book, Evaluator(book))
    local = overlaid.overridden(book, failed)
    found = [item for item in remarks(book, today) if not _of_the_base(book, item)]
    found += [_failing(item) for item in failed if item not in local]
    return [*found, *overlaid.lacking(book, local)], local


def _of_the_base(book: RuleBook, remark: Problem) -> bool:
    """Whether a remark is about a file of the base and only there because of the overlay."""
    if book.overlay is None or overlaid.is_local(book, remark.file):
        return False
    signed = remark.code == "signature-outdated" and overlaid.is_signed_in_base_only(book, remark.place.split()[-1])
    return signed or remark.code.startswith("unused-")


def _is_silent(book: RuleBook, mutant: Mutant) -> bool:
    """Whether a change touches only rules that are switched off or in shadow, whose cases cannot notice it."""
    silent = book.off | book.shadow
    if not silent:
        return False
    return mutant.rule in silent if mutant.rule else silent.issuperset(readers(book).get(mutant.finding, ["?"]))


def _failing(item: Failure) -> Problem:
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
