"""Results by a laboratory's own code, or by none: what their name, their unit and the laboratory's range say together.

A name alone does not say which of several tests a result is (``Calcium`` may be one in urine). Beside it the
laboratory's own limits do: those of a test in blood lie where the rulebook says. So does a unit that no other test of
that name has, and a name that no other test has. Without them, or with a code of an international system that the
rulebook does not know, such a result is not read, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from cds.code_systems import LOINC, SNOMED
from cds.intake.elements import codings, plain
from cds.intake.lookup import ResultMeaning
from cds.intake.record import Reading, Record
from cds.intake.results.result_names import names_of
from cds.intake.terminology.codes import Match
from cds.intake.vocabulary import Vocabulary
from cds.jsontypes import Json
from cds.quantity import unit_key
from cds.rulebook.model import Measurement

Measure: TypeAlias = Callable[[Json, Match, Record], object]


def meaning_by_name(
    part: Json, meaning: ResultMeaning, record: Record, words: Vocabulary, measure: Measure
) -> ResultMeaning:
    """What a result means, with the measurement that it is by its name and its laboratory's range, if it is one.

    ``measure`` reads a result into a record; it is tried with an empty one first.
    """
    term = words.book.terms.get(meaning.maybe)
    names = _names(part.get("code"), term, words) if isinstance(term, Measurement) else set()
    if not isinstance(term, Measurement) or not names:
        return meaning
    trial, match = Record(record.patient, record.birth, record.sex), (term.name, len(term.codes))
    measure(part, match, trial)
    readings = trial.readings.get(term.name, ())
    is_sure = _has_own_name(names, term) or _has_own_unit(part, term)
    if not readings or not (is_sure or any(_is_in_range(reading, term) for reading in readings)):
        return meaning
    return meaning._replace(measurements=(match,), maybe="", by_name=True)


def _names(concept: Any, term: Measurement, words: Vocabulary) -> set[str]:
    """The names that are nothing else and say the term, where no international code may say something else."""
    systems = {coding.get("system") for coding in codings(concept)}
    return set() if systems & {LOINC, SNOMED} else names_of(concept, term, words)


def _has_own_name(names: set[str], term: Measurement) -> bool:
    """Whether a name is one that no other test has, in whatever unit and range."""
    return not names.isdisjoint(map(plain, term.own_names))


def _has_own_unit(part: Json, term: Measurement) -> bool:
    """Whether the unit of a number says that it is the term."""
    quantity = part.get("valueQuantity")
    stated = [quantity.get(key) for key in ("code", "unit")] if isinstance(quantity, dict) else []
    own = {unit_key(unit) for unit in term.own_units}
    return any(isinstance(unit, str) and unit_key(unit) in own for unit in stated)


def _is_in_range(reading: Reading, term: Measurement) -> bool:
    """Whether the laboratory states limits, and each of them lies where those of the term lie."""
    stated = [limit for limit in reading.limits if limit is not None]
    where = term.limits_in
    return where is not None and bool(stated) and all(where.low <= limit <= where.high for limit in stated)
