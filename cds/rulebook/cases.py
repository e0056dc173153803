"""What a case says about its patient and expects of the answer, every name and every value in it checked.

``10.6 mg/dL, 30 days ago``, ``400 to 1000 mg/d``, ``missing``, ``yes``. Several results of one term stand in one line:
``59 mL/min, 100 days ago; 58 mL/min, 5 days ago``. Any unit that the term accepts may be written; the value is
converted. A unit that can be read on two scales needs the name of the measurement: ``1.30 mmol/L (ionised calcium)``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cds.errors import close
from cds.quantity import Interval, State, point, spelled, unit_key
from cds.rulebook.meant import respelled
from cds.rulebook.model import RECORDED, SEXES, AnyTerm, Case, Frozen, Joined
from cds.rulebook.model.rule import CASE_WORDS
from cds.rulebook.reading import Names, check_names
from cds.rulebook.report import Where
from cds.rulebook.scales import Scale, is_whole, scales_of

DAYS_AGO = 30
"""How old a value is when a case does not say."""
STATES = {"yes": State.PRESENT, "no": State.ABSENT, "unknown": State.UNKNOWN}
FORM = "Write it like '10.6 mg/dL, 30 days ago' or 'missing'."
_NUMBER = r"-?\d+(?:\.\d+)?"
_WORD = r"[^\s,(][^\s,]*"
_MEASURE = r"(?:[^()]|\([^()]*\))+"
_REMARK = re.compile(r"\{[^{}]*\}")
_VALUE = re.compile(
    rf"(?:(?P<side>below|above) )?(?P<low>{_NUMBER})(?: to (?P<high>{_NUMBER}))?"
    rf"(?: (?!to )(?P<unit>{_WORD}(?: {_WORD})*))?(?: \((?P<measure>{_MEASURE})\))?(?:, (?P<days>\d+) days ago)?"
)


class Given(NamedTuple):
    """A value on a scale of its term, so many days before the case; or no value at all (``missing``).

    ``measure`` is the measurement that the case names behind the value, if it names one.
    """

    value: Interval | None
    unit: str = ""
    days_ago: int = DAYS_AGO
    measure: str = ""


class NoValueError(ValueError):
    """A text that states no value of its term: what is wrong, what to do, and the code of the message."""

    def __init__(self, what: str, todo: str, code: str = "bad-case") -> None:
        self.what, self.todo, self.code = what, todo, code
        super().__init__(what)


@lru_cache(maxsize=8192)
def given_values(text: str, name: str, terms: Frozen[str, AnyTerm]) -> tuple[Given, ...]:
    """The values that a text states of a term, one or several with ``; `` between them, all on one scale.

    Raises:
        NoValueError: the text states none, in no unit of the term, or one that cannot be.

    """
    scales = scales_of(terms[name], terms)
    values = tuple(_value(part, name, scales) for part in text.split("; "))
    if len({value.unit for value in values if value.value is not None}) > 1:
        raise NoValueError(f"'{text}' mixes two scales.", f"Write all results in {spelled(scales[0].unit)}.")
    return values


def given_state(text: str) -> State | None:
    """The state that ``yes``, ``no`` or ``unknown`` stands for; None for anything else."""
    return STATES.get(text)


def _value(text: str, name: str, scales: tuple[Scale, ...]) -> Given:
    if text == "missing":
        return Given(None)
    if not scales:
        return _sex(text)
    match = _VALUE.fullmatch(text)
    if match is None:
        raise NoValueError(*(respelled(text, _VALUE.fullmatch) or (f"'{text}' is no value.", FORM)))
    low, high = float(match["low"]), float(match["high"] or match["low"])
    if low > high:
        raise NoValueError(f"'{text}' runs backwards.", "Write the lower number first.")
    scale = _scale(match, name, scales)
    value = Interval(low, high).times(scale.factors[_key(match["unit"], scale)])
    if scale.decimals is not None:
        value = value.rounded(scale.decimals)
    _check_plausible(text, value, scale)
    days = int(match["days"] or DAYS_AGO)
    return Given(_open(match["side"], value.low, scale) or value, scale.unit, days, match["measure"] or "")


def _sex(text: str) -> Given:
    if text not in SEXES:
        raise NoValueError(f"'{text}' is no sex.", f"Write {', '.join(SEXES)} or missing.")
    return Given(point(SEXES[text]))


def _open(side: str | None, number: float, scale: Scale) -> Interval | None:
    """Below or above a number, to the end of what can be, as a result with a comparator is read; None for a value."""
    if side == "below":
        return Interval(scale.plausible.low, number, high_open=True)
    return Interval(number, scale.plausible.high, low_open=True) if side == "above" else None


def _scale(match: re.Match[str], name: str, scales: tuple[Scale, ...]) -> Scale:
    """The scale on which a value is written: that of its measurement, of the term's own unit, or the only possible."""
    unit, measure = match["unit"] or "", match["measure"] or ""
    if measure and not any(measure in scale.measures for scale in scales):
        listed = [measure for scale in scales for measure in scale.measures]
        raise NoValueError(f"no value of {name} is one of {measure}.", _one_of("Name in brackets", listed, measure))
    named = [scale for scale in scales if not measure or measure in scale.measures]
    possible = [scale for scale in named if _key(unit, scale) in scale.factors]
    if not possible:
        what = f"'{unit}' is not a unit of {name}." if unit else f"'{match[0]}' has no unit."
        known = dict.fromkeys(spelled(key) for scale in named for key in (unit_key(scale.unit), *scale.factors))
        raise NoValueError(what, _one_of("Write the number in", known, unit), "unknown-unit")
    if len(possible) > 1 and _key(unit, scales[0]) != unit_key(scales[0].unit):
        _refuse_ambiguous(match, possible)
    return possible[0]


def _key(unit: str | None, scale: Scale) -> str:
    """The key of a unit; a number alone is in that of a scale whose unit is no more than a remark: ``{INR}``."""
    if unit:
        return unit_key(unit)
    return unit_key(scale.unit) if _REMARK.fullmatch(scale.unit) else "1"


def _refuse_ambiguous(match: re.Match[str], possible: list[Scale]) -> None:
    number = match[0].split(",", 1)[0]
    what = f"'{number}' can be {' or '.join(scale.measures[0] for scale in possible)}."
    forms = " or ".join(f"'{number} ({scale.measures[0]})'" for scale in possible)
    raise NoValueError(what, f"Write {forms}.")


def _one_of(request: str, known: Iterable[str], word: str) -> str:
    listed = list(known)
    return f"{close(word, listed)} {request} {' or '.join(filter(None, (', '.join(listed[:-1]), listed[-1])))}.".strip()


def _check_plausible(text: str, value: Interval, scale: Scale) -> None:
    low, high, *_ = scale.plausible
    if not value.inside(low, high):
        unit = f" {spelled(scale.unit)}" if scale.unit else ""
        possible = f"from {low:g} to {high:g}{unit}" if math.isfinite(high) else f"{low:g}{unit} or more"
        raise NoValueError(f"'{text}' cannot be: values run {possible}.", "Mend the number or its unit.")


def check_case(case: Case, where: Where, names: Names) -> None:
    """Report what an example patient names and nobody defines, and what nobody can be given or expect."""
    check_names(case, where, {"advice code": names.advice})
    allowed = {*names.outcomes, *CASE_WORDS}
    if case.expect not in allowed:
        what = f"'{case.expect}' cannot be expected."
        todo = f"Expect one of: {', '.join(sorted(allowed))}."
        where.at("expect").undefined(case.expect, what, todo, "bad-case", "outcome")
    check_given(case.given, where.at("given"), names)


def check_given(given: tuple[tuple[str, str], ...], where: Where, names: Names) -> None:
    """Report what a case says and cannot be said: unknown names, joined findings, values of no form or unit."""
    for name, text in given:
        place = where.at(name)
        place.report.used.add(name)
        if name in names.terms and not isinstance(names.terms[name], RECORDED):
            if is_whole(name, names.terms):
                _check_value(name, text, place, names)
        elif name not in names.findings:
            place.known(name, {**names.terms, **names.findings}, "term", "finding")
        elif isinstance(names.findings[name].definition, Joined):
            place.problem(f"'{name}' follows from other findings.", "State those instead.", "bad-case")
        elif given_state(text) is None:
            place.problem(f"'{text}' is no state of a finding.", "Write yes, no or unknown.", "bad-case")


def _check_value(name: str, text: str, where: Where, names: Names) -> None:
    try:
        given_values(text, name, names.terms)
    except NoValueError as error:
        where.problem(error.what, error.todo, error.code)
