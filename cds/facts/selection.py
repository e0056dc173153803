"""Formulas that pick one of several terms."""

from __future__ import annotations

import math

from cds.facts.fact import Fact, Facts, of_reading
from cds.intake.record import Course, Reading
from cds.quantity import PRESENT
from cds.rulebook.model import LIST, AnyTerm, Computed, Measurement, ProductTerm

WITHIN, LONGEST = "within days", "longest course"


def same_while_usable(chart: Facts, term: Computed) -> Fact | None:
    """The fact of another term, while it is recent enough for this one."""
    return chart.while_usable(term, chart.value(term.role()))


def newest_of(chart: Facts, term: Computed) -> Fact | None:
    """The newest of several facts, however old; the first of the list at the same moment."""
    facts = [fact for name in term.roles[LIST] if (fact := chart.value(name)) is not None]
    return max(facts, key=lambda fact: fact.when.minute if fact.when else 0, default=None)


def first_usable(chart: Facts, term: Computed) -> Fact | None:
    """The first of several facts that is recent enough; none while an exception says 'nothing'."""
    for exception in term.instead:
        if chart.state(exception.finding) is PRESENT:
            return None
    for name in term.roles[LIST]:
        if (fact := chart.while_usable(term, chart.value(name))) is not None:
            return fact
    return None


def joint_history(chart: Facts, term: Computed) -> list[Reading]:
    """All readings behind all inputs."""
    return [reading for name in term.roles[LIST] for reading in chart.history(name)]


def newest_near(chart: Facts, term: Computed) -> Fact | None:
    """The newest reading of the first input that has one within so many days of another term's value."""
    anchor, days = chart.value(term.role("near")), term.numbers[WITHIN]
    if anchor is None or anchor.when is None:
        return None
    for name in term.roles["newest of"]:
        source = chart.book.terms[name]
        near = [reading for reading in chart.history(name) if abs(reading.when.first - anchor.when.first) <= days]
        if near and isinstance(source, Measurement):
            return of_reading(max(near, key=lambda r: (r.when.minute, r.value)), term.unit, name)
    return None


def total_or_fractions(chart: Facts, term: Computed) -> Fact | None:
    """A total result; else one fraction with the other fraction of the same day added."""
    total, main, added = (chart.value(term.role(role)) for role in ("total", "main fraction", "added fraction"))
    if total is not None or main is None or main.when is None:
        return total or main
    if added is None or added.when is None or added.when.first != main.when.first:
        return main
    return main._replace(value=main.value.plus(added.value), sources=(*main.sources, *added.sources))


def before_a_short_course(chart: Facts, term: Computed) -> Fact | None:
    """The newest result up to the start of a product course with an end, of at most so many days."""
    starts = _starts_of_short_courses(chart, chart.book.terms[term.role("course of")], term.numbers[LONGEST])
    if not starts:
        return None
    names = term.roles["newest of"]
    readings = [r for name in names for r in chart.history(name) if r.when.first <= max(starts)]
    if not readings:
        return None
    return of_reading(max(readings, key=lambda r: (r.when.minute, r.value)), term.unit, term.name)


def _starts_of_short_courses(chart: Facts, product: AnyTerm, longest: float) -> list[int]:
    """The first days of the courses of a product term that have an end and last at most so many days."""
    if not isinstance(product, ProductTerm):
        return []
    courses = [course for course in chart.record.products if set(product.holds).issubset(course.holds)]
    return [course.start.first for course in courses if course.start and _days_of(course) <= longest]


def _days_of(course: Course) -> float:
    """The most days that a course lasts; without an end it goes on."""
    if course.lasts is not None:
        return course.lasts.high
    return course.end.last - course.start.first + 1 if course.start and course.end else math.inf
