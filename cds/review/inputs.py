"""What can be otherwise in one patient: results, doses, age and sex, each with its range and how to suppose a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cds.cards.wording import fact_text, value_text
from cds.facts.chart import Chart
from cds.facts.fact import Fact
from cds.quantity import Interval
from cds.review.supposed import (
    Suppose,
    SupposedPatient,
    amount_instead,
    is_same,
    reading_of,
    result_instead,
    result_today,
    sharing,
)
from cds.rulebook.graph import PRODUCTS, Root
from cds.rulebook.model import SEXES, AnyTerm, Demographic, Dose, Measurement, RuleBook, is_sex

_OLDEST = 120


class Input(NamedTuple):
    """Something with a value: ``fact`` is its value now (None: none that is recent enough).

    ``names`` are the terms that change with it: one result can stand under several.
    """

    book: RuleBook
    term: AnyTerm
    fact: Fact | None
    low: float
    high: float
    step: float
    names: tuple[Root, ...]
    suppose: Suppose

    @property
    def is_open(self) -> bool:
        """Whether its value is not known, or known only as a range."""
        return self.fact is None or not self.fact.value.is_point

    @property
    def possible(self) -> Interval:
        """The values it can have, as far as is known."""
        return self.fact.value if self.fact else Interval(self.low, self.high)

    @property
    def now(self) -> str:
        """Its value now, in words."""
        return fact_text(self.book, self.term, self.fact) if self.fact else "not known"

    def text(self, low: float, high: float) -> str:
        """A value or a range of values in words."""
        if is_sex(self.term):
            return " or ".join(name for name, number in SEXES.items() if low <= number <= high)
        return value_text(self.book, self.term, Interval(low, high), self.term.unit)


def inputs_of_patient(patient: SupposedPatient, chart: Chart) -> Iterator[Input]:
    """Every result, dose, age and sex, in the order of the terms.

    A result that something finds too old is also there as a new one, of the day of the evaluation.
    """
    seen: set[object] = set()
    for term in patient.book.terms.values():
        match term:
            case Measurement():
                found = [*_in_use(patient, chart, term), *_today(patient, chart, term)]
            case Dose():
                found = list(_dose(chart, term))
            case Demographic():
                found = list(_demographic(chart, term))
            case _:
                continue
        for item in found:
            key = (item.names, item.fact and (item.fact.sources, item.fact.when))
            if key not in seen or not isinstance(term, Measurement):
                seen.add(key)
                yield item


def _in_use(patient: SupposedPatient, chart: Chart, term: Measurement) -> Iterator[Input]:
    fact = chart.value(term.name)
    chosen = fact and reading_of(patient.record, term, fact)
    if fact is None or chosen is None:
        return
    readings = patient.record.readings
    alike = sharing(patient.book, {code[:2] for code in term.codes})
    names = tuple(name for name in alike if any(is_same(own, chosen) for own in readings.get(name, ())))
    yield Input(patient.book, term, fact, *term.plausible[:2], term.step, names, result_instead(names, chosen))


def _today(patient: SupposedPatient, chart: Chart, term: Measurement) -> Iterator[Input]:
    """A result of today, where none is on record or something that reads it found it too old."""
    fact = chart.value(term.name)
    stale = {source for old in chart.stale.values() for source in old.sources}
    if fact is None or stale.intersection(fact.sources):
        names = sharing(patient.book, {term.codes[0][:2]})
        yield Input(patient.book, term, None, *term.plausible[:2], term.step, names, result_today(names))


def _dose(chart: Chart, term: Dose) -> Iterator[Input]:
    """A dose that a product gives; a dose of nothing is changed by taking a product, not by a number."""
    fact = chart.value(term.name)
    if fact is not None and fact.sources:
        yield _amount(chart, term, *term.plausible[:2], term.step, PRODUCTS)


def _demographic(chart: Chart, term: Demographic) -> Iterator[Input]:
    if not is_sex(term):
        yield _amount(chart, term, 0, _OLDEST, 1, term.element)
    elif chart.value(term.name) is None:
        yield _amount(chart, term, min(SEXES.values()), max(SEXES.values()), 1, term.element)


def _amount(chart: Chart, term: Dose | Demographic, low: float, high: float, step: float, root: Root) -> Input:
    return Input(chart.book, term, chart.value(term.name), low, high, step, (root,), amount_instead(term, term.unit))
