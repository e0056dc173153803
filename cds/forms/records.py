"""Forms about what is on record: conditions, medicines and products, and when they were taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cds.forms.of_terms import OfDays, OfTerm, lasting
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State, at_most, point
from cds.rulebook.model.form import Asked, AskedChart, AskedPatient, Check, Unread


@dataclass(frozen=True, slots=True)
class Recorded(OfTerm):
    """A condition, a medicine or a product is on record as active."""

    text = "{term} is on record"
    example = "CONDITION is on record"

    def check(self, _: Asked) -> Check:
        """Present, unknown or absent as the record says; what nobody looked at is unknown."""
        name = self.term
        return lambda chart: chart.recorded(name)

    def source(self, _: Asked) -> list[str]:
        """As the record says."""
        return [f"state = sheet.recorded({self.term!r})"]

    def prove(self, patient: AskedPatient, _: str) -> Any:
        """Free, and one statement for all who ask."""
        return patient.recorded(self.term)


@dataclass(frozen=True, slots=True)
class Uncertain(OfTerm):
    """A condition or medicine is on record, and the record itself says or shows that it is not certain.

    What is unknown only because a part of the record was not sent or not read is not meant: nobody said anything of it.
    """

    text = "{term} is recorded as not certain"
    example = "CONDITION is recorded as not certain"

    def check(self, _: Asked) -> Check:
        """Never unknown."""

        def check(chart: AskedChart) -> State:
            entries = chart.record.mentions.get(self.term) or chart.courses(self.term)
            return PRESENT if entries and chart.recorded(self.term) is UNKNOWN else ABSENT

        return check

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Free where it is unknown what the record says, and so in a plain patient, of whom all was sent and read."""
        on_record, logic = patient.recorded(self.term), patient.logic
        unknown = logic.And(on_record.maybe, logic.Not(on_record.sure))
        said = patient.variables.boolean(f"finding {name}")
        patient.laws.append(logic.Implies(said, unknown))
        patient.plain.append(said == unknown)
        return logic.two_valued(said)


@dataclass(frozen=True, slots=True)
class After(OfTerm):
    """A condition was recorded later than another one."""

    of: str

    text = "{term} is recorded after {of}"
    example = "OTHER CONDITION is recorded after CONDITION"
    when_unread = Unread.UNKNOWN

    @property
    def terms(self) -> tuple[str, ...]:
        """Both conditions."""
        return tuple(dict.fromkeys((self.term, self.of)))

    def check(self, _: Asked) -> Check:
        """Later than the other by date; unknown where one of the two has no date; an unclear record is no event."""

        def check(chart: AskedChart) -> State:
            earlier_state = chart.recorded(self.of)
            if chart.recorded(self.term) is not PRESENT or earlier_state is ABSENT:
                return ABSENT
            later, earlier = (
                [found.when.first for found in chart.record.mentions.get(name, ()) if found.when and found.state]
                for name in (self.term, self.of)
            )
            if not later or not earlier:
                return UNKNOWN
            return min(earlier_state, PRESENT if max(later) > max(earlier) else ABSENT)

        return check

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Free within what is on record; in a plain patient both are dated, and one is later."""
        later, earlier, logic = patient.recorded(self.term), patient.recorded(self.of), patient.logic
        state = patient.free_state(f"finding {name}")
        patient.laws += [
            logic.Implies(state.maybe, logic.And(later.sure, earlier.maybe)),
            logic.Implies(state.sure, earlier.sure),
        ]
        sure = logic.And(later.sure, earlier.sure)
        patient.plain.append(logic.Implies(sure, state.sure == state.maybe))
        unsure = logic.And(later.sure, logic.Not(earlier.sure))
        patient.plain.append(logic.Implies(unsure, logic.Not(state.maybe)))
        return state


def _least(course: Any, state: State) -> State:
    """A state, at most as certain as that the medicine is taken."""
    own: State = course.state
    return min(own, state)


def _of_courses(name: str, state: Callable[[Any, int], State]) -> Check:
    """The strongest state among the courses of a medicine or product, each judged with the day of the evaluation."""

    def check(chart: AskedChart) -> State:
        found, day = ABSENT, chart.day
        for course in chart.courses(name):
            found = max(found, state(course, day))
        return found

    return check


@dataclass(frozen=True, slots=True)
class Given(OfDays):
    """The last recorded dose of a medicine lies within so many days."""

    text = "{term} was given within {days} days"
    example = "MEDICINE was given within 183 days"
    measures = "days since the last dose"

    def check(self, _: Asked) -> Check:
        """Present if the last dose lies certainly within the days, unknown if it may."""

        def state(course: Any, day: int) -> State:
            if course.dosed is None:
                return ABSENT
            first, last = course.dosed
            return at_most((day - last, day - first), self.days)

        return _of_courses(self.term, state)

    def prove(self, patient: AskedPatient, _: str) -> Any:
        """By the last dose, where it is dated."""
        (there, most, fewest), logic = patient.last_dose(self.term), patient.logic
        return logic.ThreeValued(logic.And(there, most <= self.days), logic.And(there, fewest <= self.days))


@dataclass(frozen=True, slots=True)
class DoseDateUnknown(OfTerm):
    """A medicine is active and the day of its last dose is not recorded.

    An order or an entry without a dose does not hide the dose that was given since it began, or on whatever day where
    nobody knows when it began: a standing order beside administrations is the usual chart.
    """

    text = "{term} is active with an unknown dose date"
    example = "MEDICINE is active with an unknown dose date"

    def check(self, _: Asked) -> Check:
        """As certain as that it is taken."""

        def check(chart: AskedChart) -> State:
            courses = chart.courses(self.term)
            last = max((c.dosed[1] for c in courses if c.dosed is not None and c.state is PRESENT), default=None)
            undated = (course for course in courses if course.dosed is None)
            return max((c.state for c in undated if last is None or _began_after(c, last)), default=ABSENT)

        return check

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """At most as certain as that the medicine is taken, and only where no dose is dated in a plain patient."""
        state, on_record = patient.free_state(f"finding {name}"), patient.recorded(self.term)
        patient.laws.append(state.at_most(on_record))
        there, logic = patient.last_dose(self.term)[0], patient.logic
        patient.plain.append(logic.If(there, logic.Not(state.maybe), state.equals(on_record)))
        return state


def _began_after(course: Any, day: int) -> bool:
    """Whether a course is known to have begun later than a day."""
    return course.start is not None and course.start.first > day


@dataclass(frozen=True, slots=True)
class Started(OfDays):
    """A course that is, or may be, active was started within so many days."""

    text = "{term} was started within {days} days"
    example = "MEDICINE was started within 30 days"
    measures = "days since it was started"

    def check(self, _: Asked) -> Check:
        """Never unknown."""

        def state(course: Any, day: int) -> State:
            recent = course.start is not None and day - course.start.first <= self.days
            return PRESENT if recent and course.state else ABSENT

        return _of_courses(self.term, state)

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Only where the medicine may be taken; never in a plain patient."""
        started, logic = patient.variables.boolean(f"finding {name}"), patient.logic
        patient.laws.append(logic.Implies(started, patient.recorded(self.term).maybe))
        patient.plain.append(logic.Not(started))
        return logic.two_valued(started)


def _part_of_a_course(patient: AskedPatient, name: str, term: str) -> Any:
    """At most as certain as that the medicine is taken; the length of a course is free."""
    state = patient.free_state(f"finding {name}")
    patient.laws.append(state.at_most(patient.recorded(term)))
    return state


@dataclass(frozen=True, slots=True)
class Lasted(OfDays):
    """An active medicine has been taken for so many days or longer."""

    text = "{term} has lasted at least {days} days"
    example = "MEDICINE has lasted at least 90 days"
    measures = "days that it has been taken"
    span = lasting

    def check(self, _: Asked) -> Check:
        """Present if a course has lasted (or, with an end or a length on record, will last) so long; else absent.

        Unknown where the length is a range on both sides of it, and without a start.
        """

        def state(course: Any, day: int) -> State:
            if course.lasts is not None:
                return _least(course, course.lasts.is_at_least(point(self.days)))
            if course.start is None:
                return _least(course, UNKNOWN)
            end = max(day, course.end.last) if course.end else day
            return _least(course, PRESENT if end - course.start.last + 1 >= self.days else ABSENT)

        return _of_courses(self.term, state)

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """In a plain patient as certain as that the medicine is taken, or absent."""
        state, logic = _part_of_a_course(patient, name, self.term), patient.logic
        patient.plain.append(logic.Or(logic.Not(state.maybe), state.equals(patient.recorded(self.term))))
        return state


@dataclass(frozen=True, slots=True)
class OpenEnded(OfTerm):
    """An active medicine has no end date on record."""

    text = "{term} has no end date"
    example = "MEDICINE has no end date"

    def check(self, _: Asked) -> Check:
        """As certain as that it is taken."""
        return _of_courses(self.term, lambda course, _: course.state if course.end is None else ABSENT)

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """In a plain patient as certain as that the medicine is taken."""
        state = _part_of_a_course(patient, name, self.term)
        patient.plain.append(state.equals(patient.recorded(self.term)))
        return state
