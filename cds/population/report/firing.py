"""How often rules fire, by the answers of a run: what the audit book says of a population, with nobody read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, repeat

from cds.audit.patients import Cell, OfRun, Population, UnreadPatient
from cds.errors import RecordError
from cds.population.books.finished_run import FinishedRun
from cds.population.report.small_cells import hidden_in, is_small
from cds.population.tables.run_tables import RunCounts, counts_of
from cds.rulebook.model import RuleBook


def population_of(run: FinishedRun, book: RuleBook) -> Population:
    """The counts of a run, for the book of a rulebook, which may be another one than that of the run.

    What silenced a card is not in the answers of a run, so ``silenced`` is None.

    Raises:
        NotARunError: the answers of the run cannot be read.

    """
    counts = counts_of(run)
    unread = {code: UnreadPatient("", RecordError(code, "")) for code in counts.refused}
    decided: Counter[str] = Counter()
    for (_, rule), count in counts.decided.items():
        decided[rule] += count
    patients = sum(counts.outcomes.values())
    hidden = _hidden(counts, {one.why: counts.refused[code] for code, one in unread.items()})
    return Population(
        day=run.as_of,
        patients=patients,
        unread=tuple(chain.from_iterable(repeat(unread[code], count) for code, count in counts.refused.items())),
        outcomes=counts.outcomes,
        fired=counts.fired,
        decided=decided,
        silenced=None,
        asked=counts.asked,
        cards=counts.cards,
        run=OfRun(run.rulebook, run.sha256 == book.sha256, len(run.problems), frozenset(hidden)),
    )


def _hidden(counts: RunCounts, unread: Mapping[str, int]) -> Iterator[Cell]:
    """The cells that a published table does not show; rules share out the patients of each outcome that they decide."""
    for kind, told in (("fired", counts.fired), ("asked", counts.asked)):
        yield from _named(kind, (rule for rule, count in told.items() if is_small(count)))
    outcomes = hidden_in(counts.outcomes)
    yield from _named("outcomes", outcomes)
    for outcome in counts.outcomes:
        own = {rule: count for (name, rule), count in counts.decided.items() if name == outcome}
        yield from _named("decided", own if outcome in outcomes else hidden_in(own))
    yield from _named("unread", hidden_in(unread))
    for kind, total in (("patients", sum(counts.outcomes.values())), ("unread", sum(unread.values()))):
        yield from _named(kind, [""] if is_small(total) else [])


def _named(kind: str, names: Iterable[str]) -> Iterator[Cell]:
    return ((kind, name) for name in names)
