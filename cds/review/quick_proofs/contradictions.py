"""Two codes that contradict each other and are both meant for one patient: the safeguard had to leave one out."""

from __future__ import annotations

from collections.abc import Iterator

from cds.errors import Problem
from cds.reasoning.decision import Said, meant_to_be_said
from cds.review.known_cases import KnownCase, KnownCases
from cds.review.quick_proofs.patients import can_be, in_words
from cds.rulebook.model import RuleBook


def contradiction_problems(known: KnownCases) -> Iterator[Problem]:
    """For each two rules and codes that contradict each other the first case that shows it."""
    told: dict[tuple[str, str, str, str], KnownCase] = {}
    items = (item for rule in known.book.rules for item in known.of_rule(rule))
    for item in (item for item in items if item.evaluation.decision.contradictions and can_be(item)):
        for clash in _clashes(known.book, meant_to_be_said(known.book, item.evaluation.inferred)):
            told.setdefault(clash, item)
    yield from (_problem(known.book, clash, item) for clash, item in told.items())


def _clashes(book: RuleBook, said: tuple[Said, ...]) -> Iterator[tuple[str, str, str, str]]:
    """Stronger rule and its code, weaker rule and the code that is left out."""
    spoken: dict[str, str] = {}
    for item in said:
        kept = [code for code in item.codes if book.advice[code].contradicts.isdisjoint(spoken)]
        for code in item.codes:
            for other in sorted(book.advice[code].contradicts & spoken.keys()):
                yield spoken[other], other, item.rule, code
        spoken.update(dict.fromkeys(kept, item.rule))


def _problem(book: RuleBook, clash: tuple[str, str, str, str], item: KnownCase) -> Problem:
    stronger, one, weaker, other = clash
    what = (
        f"it says '{other}' ({_words(book, other)}) where {stronger} says '{one}' ({_words(book, one)}), "
        f"for {in_words(item)}."
    )
    todo = "Put a condition on one of them, or let silencing.yaml take it away there."
    return Problem(*book.rules[weaker].spot, weaker, what, todo, "contradiction-met")


def _words(book: RuleBook, code: str) -> str:
    return book.advice[code].says.strip().rstrip(".")
