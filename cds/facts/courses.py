"""Sentences about what is on record: conditions, medicines and products, and when they were taken."""

from __future__ import annotations

from collections.abc import Callable

from cds.facts.doses import courses_of, product_state
from cds.facts.fact import Check, Facts
from cds.intake.record import Course
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State, point
from cds.rulebook import sentences as say
from cds.rulebook.model import Medication, ProductTerm, RuleBook


def recorded(sentence: say.Recorded, book: RuleBook) -> Check:
    """Present, unknown or absent as the record says; what nobody looked at is unknown."""
    name, term = sentence.term, book.terms[sentence.term]
    if isinstance(term, ProductTerm):
        return lambda chart: product_state(chart.record, term)
    kind = "medicines" if isinstance(term, Medication) else "conditions"

    def check(chart: Facts) -> State:
        record = chart.record
        found = record.mentions.get(name) or record.courses.get(name)
        if found:
            return max(item.state for item in found)
        return UNKNOWN if kind in record.unread else ABSENT

    return check


def after(sentence: say.After, book: RuleBook) -> Check:
    """Later than the other by date; unknown where one of the two has no date; an unclear record is no event."""
    later_on_record, earlier_on_record = (
        recorded(say.Recorded(name), book) for name in (sentence.term, sentence.of)
    )  # fmt: skip

    def check(chart: Facts) -> State:
        earlier_state = earlier_on_record(chart)
        if later_on_record(chart) is not PRESENT or earlier_state is ABSENT:
            return ABSENT
        later, earlier = (
            [mention.when.first for mention in chart.record.mentions.get(name, ()) if mention.when and mention.state]
            for name in (sentence.term, sentence.of)
        )
        if not later or not earlier:
            return UNKNOWN
        return min(earlier_state, PRESENT if max(later) > max(earlier) else ABSENT)

    return check


def _of_courses(name: str, book: RuleBook, state: Callable[[Course, int], State]) -> Check:
    """The strongest state among the courses of a medicine or product, each judged with the day of the evaluation."""
    term = book.terms[name]

    def check(chart: Facts) -> State:
        return max((state(course, chart.day) for course in courses_of(chart.record, term, name)), default=ABSENT)

    return check


def given(sentence: say.Given, book: RuleBook) -> Check:
    """Present if the last dose lies certainly within the days, unknown if it may."""

    def state(course: Course, day: int) -> State:
        if course.dosed is None:
            return ABSENT
        earliest, latest = (day - dosed for dosed in course.dosed)
        return PRESENT if earliest <= sentence.days else ABSENT if latest > sentence.days else UNKNOWN

    return _of_courses(sentence.term, book, state)


def dose_date_unknown(sentence: say.DoseDateUnknown, book: RuleBook) -> Check:
    """A medicine is active and the day of its last dose is not recorded."""
    return _of_courses(sentence.term, book, lambda course, _: course.state if course.dosed is None else ABSENT)


def started(sentence: say.Started, book: RuleBook) -> Check:
    """A course that is, or may be, active was started within so many days."""

    def state(course: Course, day: int) -> State:
        recent = course.start is not None and day - course.start.first <= sentence.days
        return PRESENT if recent and course.state else ABSENT

    return _of_courses(sentence.term, book, state)


def lasted(sentence: say.Lasted, book: RuleBook) -> Check:
    """Present if a course has lasted (or, with an end or a length on record, will last) so long; else absent.

    Unknown where the length is a range on both sides of it, and without a start.
    """

    def state(course: Course, day: int) -> State:
        if course.lasts is not None:
            return min(course.state, course.lasts.is_at_least(point(sentence.days)))
        if course.start is None:
            return min(course.state, UNKNOWN)
        end = max(day, course.end.last) if course.end else day
        return min(course.state, PRESENT if end - course.start.last + 1 >= sentence.days else ABSENT)

    return _of_courses(sentence.term, book, state)


def open_ended(sentence: say.OpenEnded, book: RuleBook) -> Check:
    """A course has no end date on record."""
    return _of_courses(sentence.term, book, lambda course, _: course.state if course.end is None else ABSENT)
