"""The laboratory's own limits of a result: from its normal ranges that hold for a person of the patient's age.

FHIR R4, Observation.referenceRange: a laboratory may state several, of several kinds (normal, critical, therapeutic)
and for several groups of people.
"""

from __future__ import annotations

from datetime import date
from math import isfinite
from typing import Any, TypeAlias

from cds.intake.elements import codings, listed, modified, objects, plain, texts
from cds.intake.record import Record
from cds.intake.results.units import Scale, can_be, factor_in_words, limit_of
from cds.intake.results.values import number_of
from cds.intake.results.written import written_range
from cds.intake.times import Moment
from cds.jsontypes import Json
from cds.quantity import tidy

Limits: TypeAlias = "tuple[float | None, float | None]"
NONE: Limits = (None, None)
NOT_READ = "range-not-read"
NORMAL = frozenset(
    (
        "normal, normal range, normal limits, normal reference range, reference range, reference interval, "
        "recommended, 260394003, 17621005, normalbereich, normwert, normwerte, referenzbereich, referenzintervall, "
        "referenzwerte, normaalwaarden, referentiewaarde, referentiewaarden, referentie interval, referentieinterval, "
        "valeurs normales, valeurs de référence, valeurs de reference, intervalle de référence, valores normales, "
        "valores de referencia, rango normal, rango de referencia, intervalo de referencia, valori normali, "
        "valori di riferimento, intervallo di riferimento"
    ).split(", ")
)
"""The kinds of a normal range: of FHIR, of SNOMED CT, and in the words of laboratories."""
GENDERS = {
    "female": ("f", "female", "females", "woman", "women", "248152002", "w", "weiblich", "frauen", "femme", "femmes",
               "mujer", "mujeres", "femenino", "donna", "donne", "vrouw", "vrouwen", "女", "女性"),
    "male": ("m", "male", "males", "man", "men", "248153007", "männlich", "männer", "homme", "hommes", "hombre",
             "hombres", "masculino", "uomo", "uomini", "mannen", "男", "男性"),
}  # fmt: skip
"""How a laboratory names everybody of a gender to whom a range applies: HL7, SNOMED CT, and words."""
YEARS = frozenset(
    """
    a y yr yrs year years jahr jahre jaar ans année années año años ano anos anno anni
    """.split()
)
DAYS_IN = {
    "mo": 30.4375,
    "month": 30.4375,
    "months": 30.4375,
    "wk": 7.0,
    "week": 7.0,
    "weeks": 7.0,
    "d": 1.0,
    "day": 1.0,
    "days": 1.0,
}
"""The days in a unit of age; years are counted by birthdays."""


def limits_of(part: Json, scale: Scale, when: Moment, record: Record, source: str, adults_from: int | None) -> Limits:
    """The laboratory's own limits in the term's unit; none, with an issue, where no range that it states can be used.

    Of several ranges the highest lower and the lowest upper limit count: a result that one of them calls too high or
    too low is never called normal because another one is wider. ``adults_from`` is the age from which a
    range for adults holds for whom no birth date is known; a limit without a unit has that of the value.
    """
    stated = part.get("referenceRange")
    if not stated:
        return NONE
    ours = [item for item in objects(stated) if _is_ours(item, record, when, adults_from)]
    read = [ends for item in ours if (ends := _ends(item, scale, record, source)) != NONE]
    limits = _strictest(read)
    if limits == NONE:
        text = f"No reference range of a result of {scale.term.name} can be used; the usual limits stand."
        record.note(NOT_READ, source, text, term=scale.term.name)
    return limits


def _strictest(read: list[Limits]) -> Limits:
    low = max((low for low, _ in read if low is not None), default=None)
    high = min((high for _, high in read if high is not None), default=None)
    return NONE if low is not None and high is not None and low > high else (low, high)


def _is_ours(item: Json, record: Record, when: Moment, adults_from: int | None) -> bool:
    """Whether a range is a normal one for people like the patient; of one for a special group that is not known."""
    return (
        all(_is_of_her(group, record.sex) for group in listed(item.get("appliesTo")))
        and not modified(item)
        and _is_normal(item.get("type"))
        and _fits(item.get("age"), record.birth, when, adults_from)
    )


def _is_of_her(group: Any, sex: str) -> bool:
    """Whether a group is that of everybody of the patient's gender, by every code and word for it."""
    said = [*(str(coding.get("code")).lower() for coding in codings(group)), *map(plain, texts(group))]
    return bool(said) and all(word in GENDERS.get(sex, ()) for word in said)


def _is_normal(kind: Any) -> bool:
    """Whether a kind of range is the normal one; a range without a kind is (FHIR R4, referenceRange.type)."""
    said = {*map(plain, texts(kind)), *(str(coding.get("code")) for coding in codings(kind))}
    return kind is None or bool(said & NORMAL)


def _fits(ages: Any, birth: Moment | None, when: Moment, adults_from: int | None) -> bool:
    """Whether the patient was certainly of an age for which a range holds; each end belongs to it."""
    if ages is None:
        return True
    if not isinstance(ages, dict):
        return False
    if birth is None:
        return adults_from is not None and _is_for_adults(ages, adults_from)
    return all(_is_within(ages.get(end), end, birth, when) for end in ("low", "high"))


def _is_for_adults(ages: Json, adults_from: int) -> bool:
    """Whether a range is for everybody from an age that an adult has: it is used for whom no birth date is known."""
    low, high = ages.get("low"), ages.get("high")
    if high is not None or not isinstance(low, dict) or not isinstance(low.get("value"), (int, float)):
        return False
    return str(low.get("code") or low.get("unit")).strip().lower() in YEARS and low["value"] <= adults_from


def _is_within(end: Any, side: str, birth: Moment, when: Moment) -> bool:
    """Whether the patient was certainly old enough, or young enough, for one end of an age range."""
    if end is None:
        return True
    unit, number = (end.get("code") or end.get("unit"), end.get("value")) if isinstance(end, dict) else (None, None)
    if not isinstance(unit, str) or isinstance(number, bool) or not isinstance(number, (int, float)):
        return False
    unit = unit.strip().lower()
    youngest, oldest = _age(unit, birth.last, when.first), _age(unit, birth.first, when.last)
    if youngest is None or oldest is None:
        return False
    return youngest >= number if side == "low" else oldest <= number


def _age(unit: str, born: int, day: int) -> int | None:
    """The completed years, months, weeks or days of age; None in an unknown unit."""
    if unit in YEARS:
        first, then = date.fromordinal(born), date.fromordinal(day)
        return then.year - first.year - ((then.month, then.day) < (first.month, first.day))
    return int((day - born) // DAYS_IN[unit]) if unit in DAYS_IN else None


def _ends(item: Json, scale: Scale, record: Record, source: str) -> Limits:
    """Both ends of a range; none where it has no numbers, one that cannot be read, or a lower end above the upper."""
    stated = [end for end in (item.get("low"), item.get("high")) if _is_stated(end)]
    if not stated:
        return _ends_in_words(item.get("text"), scale)
    low, high = (_limit(item.get(end), scale, record, source) for end in ("low", "high"))
    read = [limit for limit in (low, high) if limit is not None]
    return _strictest([(low, high)]) if len(read) == len(stated) else NONE


def _ends_in_words(text: Any, scale: Scale) -> Limits:
    """Both ends of a range that is a text alone (``8.5 - 10.5 mg/dL``, ``<40``), where it has one meaning."""
    found = written_range(text) if isinstance(text, str) else None
    own = factor_in_words(found.unit, scale.term) if found is not None and found.unit else scale.factor
    able = [number for number in found.numbers if own and can_be(number, own, scale.term)] if found is not None else []
    if len(able) != 1 or own is None:
        return NONE
    low, high = (tidy(end * own) if isfinite(end) else None for end in able[0][:2])
    return low, high


def _is_stated(end: Any) -> bool:
    return end is not None and not (isinstance(end, dict) and end.get("value") is None)


def _limit(end: Any, scale: Scale, record: Record, source: str) -> float | None:
    """One end of a range in the term's unit; a number without a unit has that of the value."""
    if not isinstance(end, dict) or not _is_stated(end):
        return None
    number = number_of(end.get("value"), record, source)
    if number is None:
        return None
    units = _units(end)
    if not units:
        return tidy(number * scale.factor)
    limits = (limit_of({"value": number, "unit": unit}, scale.term) for unit in units)
    return next((limit for limit in limits if limit is not None), None)


def _units(quantity: Json) -> list[str]:
    return [unit for key in ("code", "unit") if isinstance(unit := quantity.get(key), str) and unit]
