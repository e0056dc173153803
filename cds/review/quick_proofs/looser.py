"""Never more permissive with less, tried on the telling cases: a result is lost on which the decision did not rest.

What is promised, and what excuses it, says safety.yaml; the solver asks the same about every possible patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cds.cards.wording import fact_text
from cds.errors import Problem
from cds.review.known_cases import KnownCase, KnownCases
from cds.review.quick_proofs.losing import Loss, losses
from cds.review.quick_proofs.patients import Whole, can_be, in_words, tellings
from cds.review.quick_proofs.statements import excused_by
from cds.rulebook.model import RuleBook, Way

WAYS: tuple[Way, ...] = ("result lost", "normal result lost")


class Looser(NamedTuple):
    """What was found, and on how many patients and lost results it was tried."""

    problems: tuple[Problem, ...] = ()
    patients: int = 0
    losses: int = 0


class Found(NamedTuple):
    """A patient whose answer becomes more permissive: his case, what was lost, the answers before and after."""

    item: KnownCase
    loss: Loss
    before: Whole
    after: Whole

    @property
    def is_own_case(self) -> bool:
        """Whether the case is one of the deciding rule."""
        return self.item.rule == self.before.decided_by


def looser_with_less(known: KnownCases) -> Looser:
    """The answers that become more permissive; nothing is tried where safety.yaml does not promise it."""
    promised = promises_of(known.book)
    patients = list(tellings(known)) if promised else []
    tried = [(item, loss) for item in patients for loss in _losses(item) if loss.way in promised]
    told: dict[tuple[str, str], Found] = {}
    for found in _looser(known, tried):
        key = found.before.decided_by, found.loss.name
        if key not in told or (found.is_own_case and not told[key].is_own_case):
            told[key] = found
    problems = tuple(_problem(found, promised[found.loss.way]) for found in told.values())
    return Looser(problems, len(patients), len(tried))


def _losses(item: KnownCase) -> Iterator[Loss]:
    return losses(item.evaluation.chart, Whole(item.evaluation).decided_by)


def _looser(known: KnownCases, tried: Iterable[tuple[KnownCase, Loss]]) -> Iterator[Found]:
    evaluate = known.evaluator.evaluate
    for item, loss in tried:
        found = Found(item, loss, Whole(evaluate(loss.held)), Whole(evaluate(loss.left)))
        if _is_looser(found.before, found.after) and can_be(item):
            yield found


def promises_of(book: RuleBook) -> dict[Way, str]:
    """The properties that a rulebook promises where a result is lost, by their way."""
    known = book.safety.properties.values() if book.safety else ()
    return {item.way: item.name for item in known if item.way in WAYS}


def _is_looser(before: Whole, after: Whole) -> bool:
    """Whether the outcome after stands below the one before, and no exception says that it may."""
    book, order = before.book, before.book.compared
    if not {before.outcome, after.outcome} <= {*order} or order.index(after.outcome) <= order.index(before.outcome):
        return False
    of_a_loss = [item for item in book.safety.exceptions if "a lost result" in item.of] if book.safety else []
    return excused_by(of_a_loss, before, after) is None


def _problem(found: Found, promised: str) -> Problem:
    item, lost, before, after = found
    book, rule = before.book, before.decided_by
    what = (
        f"without {_lost(book, lost)} the answer becomes '{after.outcome}' "
        f"({_rule_in_words(book, after.decided_by)}) instead of '{before.outcome}' ({_rule_in_words(book, rule)}), "
        f"for {in_words(item)}."
    )
    todo = (
        "Let a lost result not silence it, or write in safety.yaml why it may; "
        f"'cds prove --only {promised}' looks at every possible patient."
    )
    return Problem(*book.rules[rule].spot, rule, what, todo, "looser-with-less")


def _lost(book: RuleBook, lost: Loss) -> str:
    """``serum chloride of 100 mmol/L``; ``a normal eGFR of 90 mL/min/1.73 m2``."""
    kind = "a normal " if lost.way == "normal result lost" else ""
    return f"{kind}{lost.name} of {fact_text(book, book.terms[lost.name], lost.fact)}"


def _rule_in_words(book: RuleBook, rule: str) -> str:
    return f"{rule}, '{book.rules[rule].title}'"
