"""MedicationAdministrations -> the doses of injections that go on acting.

What a ward or a practice gave is not what is taken at home: never a product, and of medicines only those whose term
says for how many days an administration counts, where they were injected. All others cost one remembered lookup.

FHIR R4, medication-admin-status: completed, in-progress and stopped are a dose; not-done, on-hold and entered-in-error
are none. Any other status leaves open whether there was one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from cds.intake.bundles.bundle import Resources
from cds.intake.elements import codings, modified, texts
from cds.intake.medicines.dosages.dosage import is_true
from cds.intake.medicines.medications import meaning_of
from cds.intake.medicines.medicine_of import Medicine, medicine_of
from cds.intake.medicines.routes.route_codes import Route
from cds.intake.medicines.routes.routes import route_told
from cds.intake.record import Course, Record
from cds.intake.terminology.word_patterns import names_pattern
from cds.intake.times import Moment, moment
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import Medication, RuleBook

GIVEN = frozenset({"completed", "in-progress", "stopped"})
"""The statuses of a medicine that was given, at least in part."""
NOT_GIVEN = frozenset({"not-done", "on-hold", "entered-in-error", "preparation", "cancelled", "declined"})
"""The statuses of one that was not; the last three belong to neighbouring types, and can only mean that."""
NOTHING_GIVEN = ("wasNotGiven", "notGiven")
"""What says so in DSTU2 and STU3."""
WHEN_GIVEN = ("effective", "effectiveTime", "occurence", "occurrence")
"""The time of an administration: in R4, in DSTU2, and twice in R5, which changed its spelling."""
GIVEN_LATER = "A medicine that was given is dated after the evaluation; it does not count."


class DoseGiven(NamedTuple):
    """One dose on record: of what, by which resource, on which day, and whether it was given."""

    name: str
    source: str
    when: Moment | None
    state: State = PRESENT


def read_administration(resource: Json, record: Record, words: Vocabulary, resources: Resources, day: int) -> None:
    """Add the dose of an injection that acts beyond its day; nothing of any other medicine."""
    medicine = medicine_of(resource, record, resources)
    if medicine is None:
        return
    meaning = meaning_of(resource, medicine, words)
    terms = read_when_given(meaning.terms, words.book)
    if terms:
        source, state = record.name_of(resource), was_given(resource)
        reached = _injected(resource, medicine, terms)
        if ABSENT in (state, reached):
            record.note("not-given" if state is ABSENT else "given-once", source)
            return
        if meaning.by_name:
            record.note("matched-by-name", source)
        _note_doubts(record, source, state, reached)
        dose = DoseGiven(meaning.name, source, when_done(resource, WHEN_GIVEN), min(state, reached))
        if add_dose(dose, terms, record, day):
            record.used.append(resource)
    elif meaning.product is not None and was_given(resource):
        record.note("given-once", record.name_of(resource))


def _note_doubts(record: Record, source: str, state: State, reached: State) -> None:
    if state is UNKNOWN:
        record.note("medication-status", source)
    if reached is UNKNOWN:
        record.note("route-unclear", source)


def read_when_given(names: Iterable[str], book: RuleBook) -> list[Medication]:
    """Those of the terms that are read in administrations."""
    found = (book.terms[name] for name in names)
    return [term for term in found if isinstance(term, Medication) and term.given_for is not None]


def was_given(resource: Json) -> State:
    """Whether there was a dose, by the status, an older negation and a dose of zero."""
    status = resource.get("status")
    if modified(resource):
        return UNKNOWN
    if status in NOT_GIVEN or any(is_true(resource.get(key)) for key in NOTHING_GIVEN) or _is_zero(resource):
        return ABSENT
    return PRESENT if status in GIVEN else UNKNOWN


def _is_zero(resource: Json) -> bool:
    """Whether the dose that was given is zero; a rate of zero may be the end of an infusion."""
    stated = resource.get("dosage")
    dosages = stated if isinstance(stated, list) else [stated]
    amounts = [item.get("dose") or item.get("quantity") for item in dosages if isinstance(item, dict)]
    values = [_number(amount.get("value")) for amount in amounts if isinstance(amount, dict)]
    return bool(values) and all(value == 0 for value in values)


def _number(value: Any) -> float | None:
    """A number, also where it was written as text; None for anything else."""
    try:
        return None if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return None


def _injected(resource: Json, medicine: Medicine, terms: list[Medication]) -> State:
    """Whether it was injected; what has no other form was, unless its route is said to be another one.

    A billing code names the form in its title, which a record need not repeat: ``Injection, calcitriol, 0.1 mcg``.
    """
    named = [*texts(medicine.concept), *_titles(medicine.concept, terms)]
    route = route_told(resource, medicine, named)
    only_injected = any(term.acts_for is not None or _names_an_injection(named, term) for term in terms)
    match route:
        case Route.INJECTION:
            return PRESENT
        case Route.LOCAL:
            return ABSENT
        case Route.MOUTH:
            return UNKNOWN if only_injected else ABSENT
        case _:
            return PRESENT if only_injected else UNKNOWN


def _names_an_injection(named: Iterable[str], term: Medication) -> bool:
    """Whether a name is one of a medicine that has no other form than one for injection."""
    return any(map(names_pattern(term.only_injected).search, named))


def _titles(concept: Any, terms: Iterable[Medication]) -> Iterable[str]:
    """What the rule files call the codes of a medicine."""
    coded = [(coding.get("system"), coding.get("code")) for coding in codings(concept)]
    return [code.display for term in terms for code in term.codes if (code.system, code.code) in coded]


def when_done(resource: Json, elements: Iterable[str]) -> Moment | None:
    """The day of a date, else of the end, else of the start of a period; None where none can be read."""
    for element in elements:
        period = resource.get(f"{element}Period")
        ends: Json = period if isinstance(period, dict) else {}
        for text in (resource.get(f"{element}DateTime"), ends.get("end"), ends.get("start")):
            if isinstance(text, str) and (when := moment(text)) is not None:
                return when
    return None


def add_dose(dose: DoseGiven, terms: Sequence[Medication], record: Record, day: int) -> bool:
    """Add a dose to the courses of terms that are read in administrations; whether it still says something.

    One without a day may lie as far back as any: only what acts so long that its day is asked for counts as given.
    """
    if dose.when is not None and dose.when.first > day:
        record.note("future-date", dose.source, GIVEN_LATER)
        return False
    if dose.when is None and all(term.acts_for is None for term in terms):
        dose = dose._replace(state=UNKNOWN)
    counted = [(term.name, course) for term in terms if (course := _counted(dose, term, day)) is not None]
    for name, course in counted:
        record.courses.setdefault(name, []).append(course)
    return bool(counted)


def _counted(dose: DoseGiven, term: Medication, day: int) -> Course | None:
    """A dose as a course; None where it lies too far back.

    One that is not certain leaves open when the last certain one was.
    """
    when, longest = dose.when, term.given_for or 0
    if when is None:
        return Course(dose.state, dose.name, dose.source)
    least, most = when.days_before(day)
    if least > longest:
        return None
    state = dose.state if most <= longest else UNKNOWN
    dosed = (when.first if dose.state is PRESENT else 1, min(when.last, day))
    return Course(state, dose.name, dose.source, when, dosed=dosed)
