"""The chart: every fact and every finding about one patient on one day, worked out once, then only read.

Facts may need findings (how long a calcium is usable depends on the kidneys) and findings need facts; the rulebook
has no cycle in this, so everything is worked out in the order of what needs what. What a record cannot change is as in
an empty record, and what is supposed otherwise changes only what rests on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from cds.facts.compiled import compiled_of
from cds.facts.doses import Taken, courses_among, doses_sent, products_taken
from cds.facts.fact import Fact
from cds.facts.order import steps_of
from cds.facts.results_not_used import limits_not_read, results_not_used
from cds.facts.roots import roots_in
from cds.facts.worksheet import Worksheet
from cds.intake.record import Course, Issue, Reading, Record
from cds.quantity import State
from cds.rulebook.model import Frozen, RuleBook


class Supposed(NamedTuple):
    """Facts of terms (None: not on record), states of findings, and past readings, in place of what a record says."""

    facts: Mapping[str, Fact | None]
    states: Mapping[str, State]
    past: Mapping[str, list[Reading]]


NOTHING = Supposed({}, {}, {})
NONE_GIVEN: frozenset[str] = frozenset()


class Chart(NamedTuple):
    """Facts and findings of a record, as of a day; what is supposed took the place of what the record says.

    ``stale`` are the facts that are too old for this patient, by term; ``taken`` the products of each product term.
    While not all medicines were read, ``sent`` are the doses of those that were. ``unused`` are the issues of results
    that rules read and could not use, ``limits_unread`` those of results whose own reference range was not usable.
    """

    record: Record
    book: RuleBook
    as_of: date
    supposed: Supposed
    facts: Frozen[str, Fact | None]
    states: Frozen[str, State]
    stale: Frozen[str, Fact]
    taken: Taken
    sent: Mapping[str, Fact | None]
    unused: tuple[Issue, ...] = ()
    limits_unread: tuple[Issue, ...] = ()

    def __repr__(self) -> str:
        """How much is known on which day; no patient data."""
        known = sum(fact is not None for fact in self.facts.values())
        return f"<Chart: {known} facts, {len(self.states)} findings; as of {self.as_of.isoformat()}>"

    @property
    def day(self) -> int:
        """The day of the evaluation, as an ordinal."""
        return self.as_of.toordinal()

    def value(self, name: str) -> Fact | None:
        """The usable fact of a term; None when the record holds none, or only a stale one (kept in ``stale``)."""
        return self.facts.get(name)

    def courses(self, name: str) -> list[Course]:
        """The courses of a medicine or product."""
        return courses_among(self.taken, self.record, name)

    def state(self, name: str) -> State:
        """Whether a finding is present, absent or unknown; one that only rules read follows from the others."""
        found = self.states.get(name)
        return self.book.findings[name].definition.check(self.book)(self) if found is None else found

    def sheet(self) -> Worksheet:
        """A worksheet on which all stands that the chart says, for a sentence that is asked about it."""
        known = {**self.facts}, {**self.states}, {**self.stale}
        return Worksheet(self.record, self.book, self.day, self.supposed.past, self.taken, known)

    def supposing(self, facts: Mapping[str, Fact | None], states: Mapping[str, State]) -> Chart:
        """The chart with some facts and states otherwise; only what rests on them is worked out anew."""
        known = self.supposed
        more = known._replace(facts={**known.facts, **facts}, states={**known.states, **states})
        changed = {*facts, *(name for name, state in states.items() if self.states.get(name) is not state)}
        return self.supposed_otherwise(more, changed)

    def supposed_otherwise(self, supposed: Supposed, changed: Iterable[str]) -> Chart:
        """The chart for which something else is supposed; ``changed`` names all of which that is another thing."""
        return _worked_out(self._replace(supposed=supposed), changed)


def chart_of(record: Record, book: RuleBook, as_of: date, supposed: Supposed = NOTHING) -> Chart:
    """The chart of a record, as of a day; cases of rules and what-if questions suppose something."""
    taken, sent = products_taken(record, book), doses_sent(record, book)
    if record.unread:
        return _worked_out(Chart(record, book, as_of, supposed, Frozen(), Frozen(), Frozen(), taken, sent), None)
    empty = empty_chart(book, record.not_understood)
    changed = roots_in(record)
    if supposed is not NOTHING:
        changed = changed.union(supposed.facts, supposed.states, supposed.past)
    chart = Chart(record, book, as_of, supposed, empty.facts, empty.states, empty.stale, taken, sent)
    return _worked_out(chart, changed)


@lru_cache(maxsize=32)
def empty_chart(book: RuleBook, not_understood: frozenset[str]) -> Chart:
    """The chart of a record that holds nothing, or only entries of some kinds that were not understood, on any day."""
    nothing = Record("", not_understood=not_understood)
    return _worked_out(Chart(nothing, book, date.min, NOTHING, Frozen(), Frozen(), Frozen(), {}, {}), None)


def _worked_out(chart: Chart, changed: Iterable[str] | None) -> Chart:
    """The chart in which everything that rests on what changed is worked out; everything at all for None."""
    record, book, supposed = chart.record, chart.book, chart.supposed
    facts, states, stale = {**chart.facts}, {**chart.states}, {**chart.stale}
    sheet = Worksheet(record, book, chart.day, supposed.past, chart.taken, (facts, states, stale))
    if supposed is not NOTHING:
        facts.update(supposed.facts)
        states.update(supposed.states)
    compiled = None if changed is None or record.unread or supposed.past else compiled_of(book)
    if compiled is None:
        _step_by_step(chart, sheet, None if changed is None else frozenset(changed))
    else:
        given = NONE_GIVEN if supposed is NOTHING else frozenset((*supposed.facts, *supposed.states))
        runs, todo = compiled.plan(frozenset(changed or ()), given)
        for run in runs:
            run(sheet, todo, facts, states)
    done = Frozen(facts), Frozen(states), Frozen(stale)
    notes = (tuple(results_not_used(sheet)), tuple(limits_not_read(sheet))) if record.issues else ((), ())
    return Chart(record, book, chart.as_of, supposed, *done, chart.taken, chart.sent, *notes)


def _step_by_step(chart: Chart, sheet: Worksheet, changed: frozenset[str] | None) -> None:
    """Work out one thing after the other: the oracle of what is compiled."""
    supposed, facts, states = chart.supposed, sheet.facts, sheet.states
    for name, is_fact, work_out, _ in steps_of(chart.book, changed, cautious=bool(chart.record.unread)):
        if is_fact:
            if name not in supposed.facts:
                facts[name] = work_out(sheet)
        elif name not in supposed.states:
            states[name] = work_out(sheet)
