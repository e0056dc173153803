"""``cds check``: everything that can be said about a rulebook without a patient, what causes other things first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from cds.errors import Problem
from cds.review.cases import Failure, problems_of_failures
from cds.review.checked import Checked
from cds.review.evidence import evidence_warnings
from cds.review.known_cases import KnownCases
from cds.review.mutation import Mutant, mutants
from cds.review.noticing import Progress, Witnesses, unnoticed
from cds.review.overlay_effects import (
    is_local,
    is_signed_in_base_only,
    outdated_texts,
    overlay_cases_lacking,
    overlay_notes,
    overridden,
    rules_lacking_overlay_cases,
    without_cases,
)
from cds.review.quick_proofs.tried import Tried, quick_proofs
from cds.review.remarks import remarks, rules_lacking_cases
from cds.rulebook.graph import graph_of
from cds.rulebook.model import RuleBook

REVIEW = "review.yaml"


class Logic(NamedTuple):
    """What cases, promises and small changes say; no wording of a text that no case expects has a part in it.

    ``failed`` are cases that fail, and ``local`` those of them that the overlay overrides; ``tried`` are the promises,
    ``missed`` the small changes that no case notices, of so many ``changes``: none are tried while a case fails.
    """

    failed: tuple[Failure, ...]
    local: tuple[Failure, ...]
    tried: Tried
    missed: tuple[Mutant, ...] = ()
    changes: int = 0

    @property
    def a_case_fails(self) -> bool:
        """Whether a case fails that no overlay overrides: it would seem to notice every change."""
        return len(self.local) < len(self.failed)


def check(book: RuleBook, today: date, progress: Progress) -> Checked:
    """Remarks, failing cases, and mutants that survive and are not accepted in review.yaml."""
    return check_with(book, today, logic_of(book, progress))


def logic_of(book: RuleBook, progress: Progress, witnesses: Witnesses | None = None) -> Logic:
    """What the cases of a rulebook say; ``witnesses`` noticed a change before, are tried first, and noted anew."""
    known = KnownCases(book)
    found = _cases_and_promises(known)
    if found.a_case_fails:
        return found
    others = KnownCases(without_cases(book, found.local)) if found.local else known
    missed, changes = unnoticed(others, progress, witnesses)
    return found._replace(missed=tuple(missed), changes=changes)


def _cases_and_promises(known: KnownCases) -> Logic:
    failed = tuple(known.failures())
    return Logic(failed, tuple(overridden(known.book, failed)), quick_proofs(known))


def check_with(book: RuleBook, today: date, logic: Logic) -> Checked:
    """The result of a check: what the cases say, and remarks about everything else."""
    found, local = _remarks_and_cases(book, today, logic), logic.local
    cases = sum(len(rule.cases) for rule in book.rules.values())
    notes = tuple(sorted(overlay_notes(book, local)))
    warnings = tuple(sorted(evidence_warnings(book, today)))
    checked = Checked(tuple(found), len(book.rules), cases, notes=notes, warnings=warnings)
    checked = checked._replace(**{name: count for name, count in logic.tried._asdict().items() if name != "problems"})
    if logic.a_case_fails:
        return checked._replace(held_back=len(mutants(book)))
    return _with_small_changes(checked._replace(mutants=logic.changes), book, local, logic.missed)


def remarks_and_cases(book: RuleBook, today: date) -> tuple[list[Problem], list[Failure]]:
    """What can be said without small changes, in seconds; and the cases of the base that an overlay overrides."""
    logic = _cases_and_promises(KnownCases(book))
    return _remarks_and_cases(book, today, logic), list(logic.local)


def _remarks_and_cases(book: RuleBook, today: date, logic: Logic) -> list[Problem]:
    local = logic.local
    found = [item for item in remarks(book, today) if not _of_the_base(book, item)]
    own = problems_of_failures(book, [item for item in logic.failed if item not in local])
    others = [*found, *logic.tried.problems, *overlay_cases_lacking(book, local), *outdated_texts(book)]
    return [*own, *sorted(others)]


def _of_the_base(book: RuleBook, remark: Problem) -> bool:
    """Whether a remark is about a file of the base and only there because of the overlay."""
    if book.overlay is None or is_local(book, remark.file):
        return False
    signed = remark.code == "signature-outdated" and is_signed_in_base_only(book, remark.place.split()[-1])
    return signed or remark.code.startswith("unused-") or " other numbers" in remark.place


def _with_small_changes(
    checked: Checked, book: RuleBook, local: Collection[Failure], missed: Iterable[Mutant]
) -> Checked:
    """The result with what the small changes say; all cases hold but those that the overlay overrides."""
    missed = [mutant for mutant in missed if not _touches_only(book, mutant, book.off | book.shadow)]
    names = {mutant.what for mutant in missed}
    lacking = {*rules_lacking_cases(book), *rules_lacking_overlay_cases(book, local), *book.off, *book.shadow}
    not_accepted = [mutant for mutant in missed if mutant.what not in book.accepted]
    told = [mutant for mutant in not_accepted if not _touches_only(book, mutant, lacking) and _is_read(book, mutant)]
    found = [*map(_missed, told), *_not_needed(book, names)]
    return checked._replace(
        problems=tuple(sorted([*checked.problems, *found])),
        survived=len(missed),
        accepted=len(names & book.accepted.keys()),
        held_back=len(not_accepted) - len(told),
    )


def _touches_only(book: RuleBook, mutant: Mutant, rules: Collection[str]) -> bool:
    """Whether a change touches only rules of which no case can notice it: silent ones, or those that lack cases."""
    if mutant.rule:
        return mutant.rule in rules
    return bool(rules) and set(rules).issuperset(graph_of(book).readers.get(mutant.node, ["?"]))


def _is_read(book: RuleBook, mutant: Mutant) -> bool:
    """Whether a rule reads what was changed; a finding that none reads is a remark of its own."""
    return bool(mutant.rule) or mutant.node in graph_of(book).readers


def _missed(mutant: Mutant) -> Problem:
    what = f"no case notices this change: {mutant.what}."
    todo = f"Add a case in which it matters, or accept it with a reason in {REVIEW}."
    return Problem(*mutant.spot, mutant.rule or mutant.finding or mutant.term, what, todo, "change-unnoticed")


def _not_needed(book: RuleBook, missed: Collection[str]) -> Iterator[Problem]:
    """What review.yaml accepts and need not; with an overlay, what that of the overlay does."""
    base = book.overlay.base.accepted if book.overlay else {}
    file = f"{book.overlay.place}/{REVIEW}" if book.overlay else REVIEW
    for what in book.accepted:
        if what not in missed and what not in base:
            seen = f"'{what}' is noticed by a case, or is no change."
            yield Problem(file, 1, "accepted", seen, "Remove it.", "not-needed")
