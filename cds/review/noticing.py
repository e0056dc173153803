"""Which small changes no case notices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeAlias

from cds.review.known_cases import KnownCase, KnownCases
from cds.review.mutation import Mutant, mutants
from cds.review.trials import trial_of
from cds.rulebook.graph import graph_of

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many are done, and of how many."""
Witnesses: TypeAlias = dict[str, tuple[str, str]]
"""By the words of a change, the rule and the name of a case that noticed it: it is the first to be tried again."""


def unnoticed(
    known: KnownCases, progress: Progress = lambda done, total: None, witnesses: Witnesses | None = None
) -> tuple[list[Mutant], int]:
    """The small changes that no case notices, and how many were tried; ``witnesses`` are used, and noted anew."""
    missed, tried, told = list[Mutant](), mutants(known.book), {} if witnesses is None else witnesses
    for number, mutant in enumerate(tried):
        case = noticing(mutant, known, told.get(mutant.what))
        if case is None:
            missed.append(mutant)
        else:
            told[mutant.what] = (case.rule, case.case.name)
        progress(number + 1, len(tried))
    return missed, len(tried)


def noticing(mutant: Mutant, known: KnownCases, witness: tuple[str, str] | None = None) -> KnownCase | None:
    """A case that fails by the changed rulebook, the witness if it still does; None when no case fails."""
    trial = trial_of(known, mutant.change(known.book), finding=mutant.finding, rule=mutant.rule)
    again = known.named(*witness) if witness else ()
    tried = chain(again, _quick_first(_readers(known, mutant)))
    return next((case for case in tried if trial.fails(case)), None)


def _quick_first(cases: Iterable[KnownCase]) -> Iterator[KnownCase]:
    """The cases without an open what-if question, then those with one: they ask for the whole changed rulebook."""
    opened = []
    for case in cases:
        if case.compared:
            opened.append(case)
        else:
            yield case
    yield from opened


def _readers(known: KnownCases, mutant: Mutant) -> Iterator[KnownCase]:
    """The cases of the rules that read what was changed; of a changed rule also all others that expect an outcome."""
    book = known.book
    for name in [mutant.rule] if mutant.rule else graph_of(book).readers.get(mutant.node, []):
        yield from known.of_rule(name)
    if mutant.rule:
        others = (rule.id for rule in book.rules.values() if rule.id != mutant.rule)
        yield from (item for name in others for item in known.of_rule(name) if item.case.expect in book.outcomes)
