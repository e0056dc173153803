"""Observations -> readings of measurements, and answers to status questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cds.intake.bundles.bundle import Resources
from cds.intake.conditions.condition_meaning import ConditionMeaning
from cds.intake.elements import codings
from cds.intake.lookup import ResultMeaning, meanings
from cds.intake.record import UNCERTAIN, UNREADABLE, Mention, Reading, Record
from cds.intake.results.answers import expected, is_of_an_end, note_not_understood, said
from cds.intake.results.flags import flags_of, note_contradiction
from cds.intake.results.named_results import meaning_by_name
from cds.intake.results.ranges import limits_of
from cds.intake.results.units import Scale
from cds.intake.results.usable import doubt_of, has_other_focus, is_misshapen, is_withdrawn, status_allows, takes_back
from cds.intake.results.values import Value, is_a_share, value_of, values_in
from cds.intake.results.written import NORMAL
from cds.intake.terminology.codes import Match
from cds.intake.times import Moment, moment
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.quantity import UNKNOWN, Interval
from cds.rulebook.model import Condition, Measurement

WHY_NO_VALUE = frozenset(
    """
    unknown asked-unknown temp-unknown not-asked asked-declined masked not-applicable unsupported as-text error
    not-a-number negative-infinity positive-infinity not-performed not-permitted
    """.split()
)
"""The codes of ``dataAbsentReason`` in FHIR R4; only these are repeated in a text."""


def read_observation(resource: Json, record: Record, words: Vocabulary, resources: Resources, day: int) -> None:
    """Add what an Observation says about terms of the rulebook; its components are read by their own codes."""
    found = list(_meant(resource, record, words, day))
    if is_misshapen(resource) and not is_withdrawn(resource):
        record.lose_resource("unreadable-resource", record.name_of(resource), "Observation")
    if has_other_focus(resource, resources):
        if any(map(_matters, (meaning for _, meaning in found))):
            record.note("other-focus", record.name_of(resource), not_used="Observation")
        return
    for part, meaning in found:
        _read_part(part, resource, meaning, record, words, day)
    if any(meaning.measurements or meaning.questions for _, meaning in found):
        record.used.append(resource)


def _meant(resource: Json, record: Record, words: Vocabulary, day: int) -> Iterator[tuple[Json, ResultMeaning]]:
    """The parts of an Observation, each with what it means."""

    def measure(part: Json, match: Match, trial: Record) -> None:
        _guarded(part, resource, match, trial, words, day)

    for part in _parts(resource):
        yield part, meaning_by_name(part, meanings(words.book).result(part.get("code")), record, words, measure)


def _matters(meaning: ResultMeaning) -> bool:
    return any((meaning.measurements, meaning.questions, meaning.refused, meaning.maybe))


def _read_part(part: Json, resource: Json, meaning: ResultMeaning, record: Record, words: Vocabulary, day: int) -> None:
    for match in meaning.measurements:
        _guarded(part, resource, match, record, words, day)
    if meaning.by_name and not is_withdrawn(resource):
        record.note("matched-by-name", record.name_of(resource))
    for question in meaning.questions:
        _answer(part, resource, question, record, words, day)
    _not_read(part, resource, meaning, record, words)
    if not _matters(meaning) and "valueCodeableConcept" in part:
        _named_in_value(part["valueCodeableConcept"], resource, record, words, day)


IN_A_VALUE = "Whether the patient has a condition is not certain: an observation names it as its value."


def is_coded_condition(meaning: ConditionMeaning) -> bool:
    """Whether the value of an observation is a term by its code: what its words name may be anything."""
    return bool(meaning.terms) and not meaning.by_name


def _named_in_value(value: Any, resource: Json, record: Record, words: Vocabulary, day: int) -> None:
    """A condition in the answer to a question that is none of ours (``ASSERTION``, ``Risk factor``): a question."""
    meaning, when = meanings(words.book).condition(value), plain_time_of(resource)
    if not is_coded_condition(meaning) or is_withdrawn(resource) or (when and when.first > day):
        return
    source = record.name_of(resource)
    record.note(UNCERTAIN, source, IN_A_VALUE)
    record.used.append(resource)
    for name in meaning.terms:
        record.mentions.setdefault(name, []).append(Mention(UNKNOWN, when, source))


def _parts(resource: Json) -> Iterable[Json]:
    """The Observation itself and its components."""
    listed = resource.get("component")
    if not isinstance(listed, list):
        return (resource,)
    return [resource, *(part for part in listed if isinstance(part, dict))]


def _not_read(part: Json, resource: Json, meaning: ResultMeaning, record: Record, words: Vocabulary) -> None:
    """Note a result by a code that is never read, or without a known code; a withdrawn one is no loss."""
    if not (meaning.refused or meaning.maybe):
        return
    source, withdrawn = record.name_of(resource), is_withdrawn(resource)
    when = plain_time_of(resource) if meaning.refused else None
    for name in meaning.refused:
        lost = "" if withdrawn else name
        text = _refused(lost, words.book.topic.codes_never_read)
        record.lose_result("refused-code", source, lost, when.first if when else None, text)
    if meaning.maybe and values_in(part) and not is_a_share(part):
        why = f"A result without a known code may be {meaning.maybe}; it was not used."
        lost = "" if withdrawn else meaning.maybe
        may_be = _as_if_of(part, words.book.terms.get(meaning.maybe))
        record.lose_result("possible-result", source, lost, text=why, may_be=may_be)


def _as_if_of(part: Json, term: object) -> Interval | None:
    """The value of a result if it were one of a measurement; None where it could not be one."""
    value = value_of(part, term, Record(""), "") if isinstance(term, Measurement) else None
    return None if value is None else value.interval


def _refused(term: str, codes: str) -> str:
    """What is said about a result by a code that is never read; ``codes`` says what such codes are."""
    return f"A result{f' of {term}' if term else ''} has a code that is never read{f' ({codes})' if codes else ''}."


def _guarded(part: Json, resource: Json, match: Match, record: Record, words: Vocabulary, day: int) -> None:
    """Read a result; one of an unexpected shape is lost, and that is said with its term."""
    try:
        _measure(part, resource, match, record, words, day)
    except UNREADABLE:
        text = f"A result of {match[0]} could not be read."
        record.lose_result("unreadable-resource", record.name_of(resource), match[0], text=text)


def _measure(part: Json, resource: Json, match: Match, record: Record, words: Vocabulary, day: int) -> None:
    name, rank = match
    term = words.book.terms[name]
    _keep_withdrawal(resource, name, record)
    has_value = bool(values_in(part))
    lost = name if has_value else ""
    if not isinstance(term, Measurement) or not status_allows(resource, record, lost):
        return
    source = record.name_of(resource)
    when = time_of(resource, record)
    if when is None:
        record.lose_result("undated-result", source, lost)
    elif when.first > day:
        record.lose_result("future-date", source, name)
    elif doubt := doubt_of(part, resource):
        record.lose_result(doubt, source, name)
    elif not has_value:
        _no_value(part, resource, name, record, words, when)
    elif (value := value_of(part, term, record, source)) is not None:
        part = _with_its_range(part, value)
        limits = limits_of(part, Scale(term, value.factor), when, record, source, words.book.topic.adults_from)
        reading = Reading(value.interval, when, source, limits, rank)
        note_contradiction(part, value.flag, reading, record, name)
        record.readings.setdefault(name, []).append(reading)


def _with_its_range(part: Json, value: Value) -> Json:
    """The result with the reference range that stands in its text, where it states no other."""
    return {**part, "referenceRange": [{"text": value.range}]} if value.range and "referenceRange" not in part else part


def _keep_withdrawal(resource: Json, key: str | tuple[str, str], record: Record) -> None:
    """Keep that a result was withdrawn: a server may hold the result itself as another resource."""
    if takes_back(resource):
        record.withdrawn.setdefault(key, []).append(record.name_of(resource))


def _no_value(part: Json, resource: Json, term: str, record: Record, words: Vocabulary, when: Moment) -> None:
    """Note a result without a value, with its reason; one that only groups others is no loss."""
    reasons = [c["code"] for c in codings(part.get("dataAbsentReason")) if c.get("code") in WHY_NO_VALUE]
    why = f" (reason: {reasons[0]})" if reasons else ""
    flags = " and ".join(sorted(flags_of(part)))
    why += f"; it is flagged {flags}" if flags else ""
    text = f"A result of {term} is on record without a value{why}."
    lost = "" if part is resource and _groups_others(resource, words) else term
    code = "flagged-without-value" if lost and flags_of(part) - {NORMAL} else "no-value"
    record.lose_result(code, record.name_of(resource), lost, when.first, text)


def _groups_others(resource: Json, words: Vocabulary) -> bool:
    """Whether an Observation has members, or components that are read by their own codes."""
    look_up = meanings(words.book).result
    read = (look_up(part.get("code")) for part in _parts(resource) if part is not resource)
    return bool(resource.get("hasMember")) or any(meaning.measurements or meaning.questions for meaning in read)


def _answer(part: Json, resource: Json, question: tuple[str, str], record: Record, words: Vocabulary, day: int) -> None:
    """The answer to a status question (pregnant, breastfeeding, smoker); without a known status it may not hold."""
    term = words.book.terms[question[0]]
    _keep_withdrawal(resource, question, record)
    allowed = status_allows(resource, record)
    if not isinstance(term, Condition) or (not allowed and is_withdrawn(resource)):
        return
    when = time_of(resource, record)
    if when is not None and when.first > day:
        record.note("future-date", record.name_of(resource))
        return
    if doubt := doubt_of(part, resource):
        record.note(doubt, record.name_of(resource))
    if not doubt and is_of_an_end(question, words.book):
        state = expected(part, question, when, words.book, day)
        if state is UNKNOWN:
            note_not_understood(resource, question, record)
    else:
        state = UNKNOWN if doubt else said(part, resource, question, record, words.book)
    if state is None:
        return
    answer = Mention(state if allowed else UNKNOWN, when, record.name_of(resource))
    record.answers.setdefault(question, []).append(answer)


def time_of(resource: Json, record: Record) -> Moment | None:
    """The time of a result; a date of issue in its place, and a time without a zone, are noted."""
    when, is_issued = _moment_of(resource)
    if is_issued:
        record.note("issued-as-date", record.name_of(resource))
    if when is not None and not when.zoned:
        record.note("date-without-zone", record.name_of(resource))
    return when


def plain_time_of(resource: Json) -> Moment | None:
    """The time of a result that is not used, without a note."""
    return _moment_of(resource)[0]


def _moment_of(resource: Json) -> tuple[Moment | None, bool]:
    """The time of the specimen: effective time, end of the period else its start, else (and True) the date of issue."""
    text = resource.get("effectiveDateTime") or resource.get("effectiveInstant")
    period = resource.get("effectivePeriod")
    if text is None and isinstance(period, dict):
        text = period.get("end") or period.get("start")
    is_issued = text is None and resource.get("issued") is not None
    text = resource["issued"] if is_issued else text
    return moment(text) if isinstance(text, str) else None, is_issued
