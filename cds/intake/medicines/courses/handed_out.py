"""What was handed out, beside what else is on record: one product once, and the latest hand-over of each medicine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cds.intake.medicines.courses.links import Link
from cds.intake.record import Course, Record
from cds.quantity import PRESENT, UNKNOWN


def settle_dispenses(record: Record, links: Iterable[Link] = ()) -> None:
    """Leave out what was handed out and is on record anyhow; note the rest that is not certain to be taken."""
    lists = [record.products, *record.courses.values()]
    if not any(course.handed_out for listed in lists for course in listed):
        return
    partners: dict[str, set[str]] = {}
    for link in links:
        partners.setdefault(link.one, set()).add(link.other)
        partners.setdefault(link.other, set()).add(link.one)
    for listed in lists:
        listed[:] = _settled(listed, partners)
    for listed in lists[1:]:
        listed[:] = _without_doubt(listed)
    unsure = [c.source for listed in lists for c in listed if c.handed_out and c.state is UNKNOWN]
    for source in dict.fromkeys(unsure):
        record.note("handed-out", source)
    for product in record.products:
        if product.handed_out and not all(a_day.is_point for a_day, _ in product.amounts.values()):
            record.note("dosage-unclear", product.source)


def _without_doubt(courses: Sequence[Course]) -> list[Course]:
    """The courses of a medicine, without what may be taken of it beside what is."""
    taken = any(course.state is PRESENT for course in courses)
    return [course for course in courses if not (taken and course.handed_out and course.state is UNKNOWN)]


def _settled(courses: Sequence[Course], partners: dict[str, set[str]]) -> list[Course]:
    """The courses, each medicine that was handed out with its surest and latest hand-over, if nothing else tells it."""
    found = [course for course in courses if not course.handed_out]
    place = {mark: number for number, course in enumerate(found) for mark in _marks(course)}
    place |= {course.source: number for number, course in enumerate(found)}
    latest: list[Course] = []
    known: set[str] = set()
    for course in sorted((c for c in courses if c.handed_out), key=_order, reverse=True):
        told = {place[mark] for mark in (*_marks(course), *partners.get(course.source, ())) if mark in place}
        for number in told:
            told_by = found[number]
            sure, ordered = max(told_by.state, course.state), told_by.ordered or course.ordered
            meals = max(told_by.with_meals, course.with_meals)
            found[number] = told_by._replace(state=sure, ordered=ordered, with_meals=meals)
        if not told and known.isdisjoint(_marks(course)):
            latest.append(course)
        known.update(_marks(course))
    return [*found, *latest]


def _marks(course: Course) -> list[str]:
    """What two records of one product have in common: the product with its salt and intent, or a code of its own."""
    named = course.name.strip().lower()
    return [repr((named, course.intent, course.salt)) if named else course.source, *course.codes]


def _order(course: Course) -> tuple[bool, int, str]:
    return course.state is PRESENT, course.start.last if course.start else 0, course.source
