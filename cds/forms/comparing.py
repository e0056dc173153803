"""Forms that compare values with bounds: ``calcium to use is at least 12 mg/dL``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple, TypeAlias

from cds.forms.limits import LIMIT_FORMULAS
from cds.forms.of_terms import MINUTES, OfTerm, lasting
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval, State, negated, point, spelled, unit_key
from cds.rulebook.model.form import (
    DAY,
    Amount,
    Asked,
    AskedChart,
    AskedPatient,
    Bound,
    Check,
    Comparison,
    Form,
    Place,
    Threshold,
    Unread,
)
from cds.rulebook.model.term import AnyTerm, Computed

COMPARISONS = ("at least", "above", "below", "at most")
_COMPARISON = rf"(?:{'|'.join(COMPARISONS)}) .+?"
_OTHER_SCALE = rf"(?: \((?P<scale>[^():]+): (?P<others>{_COMPARISON})\))?"
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?: (\S.*))?")
_SHIFTED = re.compile(r"(.+?) (plus|minus) (\d+(?:\.\d+)?) (\S+)")
OTHER_WORD = {"at least": "above", "above": "at least", "below": "at most", "at most": "below"}
STEP_OF_ANOTHER_SCALE = 0.01

Holds: TypeAlias = Callable[[Interval, Interval], State]
Test: TypeAlias = Callable[[AskedChart, Any], State]
"""Whether a fact satisfies comparisons, on a chart that knows the terms they name."""
HOLDS: dict[str, Holds] = {
    "above": Interval.is_above,
    "at least": Interval.is_at_least,
    "at most": lambda value, bound: negated(value.is_above(bound)),
    "below": lambda value, bound: negated(value.is_at_least(bound)),
}

_SOURCES = {
    "above": "PRESENT if low > {n} or (low_open and low == {n}) else ABSENT if high <= {n} else UNKNOWN",
    "at least": "PRESENT if low >= {n} else ABSENT if high < {n} or (high_open and high == {n}) else UNKNOWN",
    "at most": "ABSENT if low > {n} or (low_open and low == {n}) else PRESENT if high <= {n} else UNKNOWN",
    "below": "ABSENT if low >= {n} else PRESENT if high < {n} or (high_open and high == {n}) else UNKNOWN",
}
"""``HOLDS`` for a bound that is one number, over the four parts of the value."""


class OtherScale(NamedTuple):
    """The comparisons for a value on another scale than that of its term, by the name of the scale."""

    name: str
    comparisons: tuple[Comparison, ...]

    def __str__(self) -> str:
        """As the rule file says it."""
        return f" ({self.name}: {' and '.join(map(str, self.comparisons))})"


def comparison(text: str) -> Comparison:
    """The comparison of ``at least 12 mg/dL`` or ``above recommended intake plus 300 mg/d``."""
    word = next(word for word in COMPARISONS if text.startswith(word))
    rest = text[len(word) :].strip()
    if number := _NUMBER.fullmatch(rest):
        return Comparison(word, Bound(float(number[1]), number[2] or ""))
    if shifted := _SHIFTED.fullmatch(rest):
        sign = 1 if shifted[2] == "plus" else -1
        return Comparison(word, Bound(sign * float(shifted[3]), shifted[4], shifted[1]))
    return Comparison(word, Bound(0, "", rest))


def is_empty(one: Comparison, other: Comparison) -> bool:
    """Whether no number satisfies two comparisons, one with a lower and one with an upper bound."""
    if one.bound.term or other.bound.term or one.bound.unit != other.bound.unit:
        return False
    lower = [item for item in (one, other) if item.word in ("at least", "above")]
    upper = [item for item in (one, other) if item.word in ("at most", "below")]
    if not lower or not upper:
        return False
    low, high = lower[0], upper[0]
    touching = low.word == "at least" and high.word == "at most"
    return low.bound.number > high.bound.number or (low.bound.number == high.bound.number and not touching)


def holds(compared: Comparison, value: Interval, bound: Interval) -> State:
    """Whether a value is at least, above, below or at most a bound."""
    return HOLDS[compared.word](value, bound)


class _Comparing(OfTerm):
    """What forms with comparisons have in common."""

    __slots__ = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """The term, and those that it is compared with."""
        bounds = (threshold.comparison.bound.term for threshold in self.thresholds)
        return tuple(dict.fromkeys((self.term, *(name for name in bounds if name))))

    def problems(self, terms: Mapping[str, AnyTerm], scales: Mapping[str, str], where: Place) -> None:
        """Bounds of another unit than the term, bounds that this form does not read, and scales nobody defines."""
        self._check_order(where)
        for (_, bound), scale in self.thresholds:
            if scale and not where.known(scale, scales, "scale"):
                continue
            if bound.term:
                self._check_term(bound, terms, where)
            if bound.number or not bound.term:
                self._check_unit(bound, scales[scale] if scale else terms[self.term].unit, where)

    def _check_order(self, where: Place) -> None:
        """Report two bounds between which no value lies."""

    def _check_unit(self, bound: Bound, unit: str, where: Place) -> None:
        if unit_key(bound.unit or "1") != unit_key(unit or "1"):
            what = f"'{bound.unit}' is not the unit of {self.term}." if bound.unit else "the number has no unit."
            todo = f"Write the number in {spelled(unit)}." if unit else "Write the number alone."
            if " or " in bound.unit:
                what, todo = "one sentence has no 'or'.", "Make a finding of each, and join them under 'any'."
            where.problem(what, todo, "unknown-unit")

    def _check_term(self, bound: Bound, terms: Mapping[str, AnyTerm], where: Place) -> None:
        other, own = terms[bound.term], terms[self.term]
        if unit_key(other.unit or "1") != unit_key(own.unit or "1"):
            what = f"'{bound.term}' has not the unit of {self.term}."
            where.problem(what, "Compare it with a term of the same unit.", "unknown-unit")
        else:
            self._check_bound(bound, other, where)

    def _check_bound(self, bound: Bound, other: AnyTerm, where: Place) -> None:
        """Report a term of the same unit that this form is not compared with."""

    def amounts(self, book: Asked) -> Iterator[Amount]:
        """Its days, and the numbers of its bounds."""
        yield from Form.amounts(self, book)
        for (_, bound), scale in self.thresholds:
            if bound.number or not bound.term:
                value = abs(bound.number) if bound.term else bound.number
                yield Amount(value, book.topic.scales[scale] if scale else "", self.term)

    def mutants(self, book: Asked) -> Iterator[tuple[str, Form]]:
        """Each comparison with another word, and with its number one step lower and higher."""
        for before, scale in self.thresholds:
            step = STEP_OF_ANOTHER_SCALE if scale else getattr(book.terms[self.term], "step", 1)
            for after in _moved(before, step):
                yield f": {after} instead of {before}", self.instead(before, after)

    def instead(self, before: Comparison, after: Comparison) -> Form:
        """The same with another comparison in place of one of its own."""
        raise NotImplementedError


def _moved(before: Comparison, step: float) -> Iterator[Comparison]:
    yield before._replace(word=OTHER_WORD[before.word])
    bound = before.bound
    if not bound.term or bound.number:
        for number in (bound.number - step, bound.number + step):
            yield before._replace(bound=bound._replace(number=round(number, 6)))


def _replaced(items: tuple[Comparison, ...], before: Comparison, after: Comparison) -> tuple[Comparison, ...]:
    return tuple(after if item is before else item for item in items)


def _scale_instead(other: OtherScale | None, before: Comparison, after: Comparison) -> OtherScale | None:
    return other and other._replace(comparisons=_replaced(other.comparisons, before, after))


def _of_scale(match: re.Match[str]) -> OtherScale | None:
    return OtherScale(match["scale"], (comparison(match["others"]),)) if match["scale"] else None


def _on(scale: OtherScale | None) -> tuple[Threshold, ...]:
    return tuple(Threshold(item, scale.name) for item in scale.comparisons) if scale else ()


@dataclass(frozen=True, slots=True)
class Compared(_Comparing):
    """A value against one bound or two; a value on another scale is judged by the bounds in brackets.

    Without such bounds it is unknown, unless the value is only compared with other terms.
    """

    comparisons: tuple[Comparison, ...]
    other_scale: OtherScale | None = None

    example = "RESULT is at least 12 mg/dL"
    more_examples: ClassVar[Mapping[str, str]] = {
        "RESULT is at least 8 and below 9 mg/dL": "Two bounds: both hold.",
        "VALUE is above OTHER VALUE": "Compared with another term of the same unit, such as a reference limit.",
        "VALUE is below OTHER VALUE minus 0.3 mg/dL": "The same with a distance from it; also 'plus'.",
        "VALUE is at least 12 mg/dL (SCALE: above 1.6 mmol/L)": "With a bound of its own for values on another scale.",
    }
    when_unread = Unread.BY_DEFAULTS

    @classmethod
    def pattern(cls) -> str:
        """One comparison, or two, of which the first may leave out the unit."""
        return rf"(?P<term>.+?) is (?P<first>{_COMPARISON})(?: and (?P<second>{_COMPARISON}))?{_OTHER_SCALE}"

    @classmethod
    def read(cls, match: re.Match[str]) -> Compared:
        """The comparisons; the first has the unit of the second where it names none."""
        lower, upper = match["first"], match["second"]
        if upper and _NUMBER.fullmatch(lower.removeprefix("at least ").removeprefix("above ")):
            unit = comparison(upper).bound.unit
            lower = lower if lower.endswith(f" {unit}") or not unit else f"{lower} {unit}"
        return cls(match["term"], tuple(comparison(text) for text in (lower, upper) if text), _of_scale(match))

    def __str__(self) -> str:
        """As the rule file says it: two numbers of one unit name it once."""
        said = [str(item) for item in self.comparisons]
        units = {item.bound.unit for item in self.comparisons if not item.bound.term}
        if len(said) == 2 and len(units) == 1 and all(not item.bound.term for item in self.comparisons):
            said[0] = said[0].removesuffix(f" {units.pop()}")
        return f"{self.term} is {' and '.join(said)}{self.other_scale or ''}"

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """Its comparisons, then those of the other scale."""
        return (*map(Threshold, self.comparisons), *_on(self.other_scale))

    @property
    def _without_numbers(self) -> bool:
        """Whether it compares with other terms alone: those follow the scale of the value, numbers do not."""
        return all(item.bound.term and not item.bound.number for item in self.comparisons)

    def _check_order(self, where: Place) -> None:
        if len(self.comparisons) == 2 and is_empty(*self.comparisons):
            low, high = (item.bound for item in self.comparisons)
            what = f"no value is {self.comparisons[0]} and {self.comparisons[1]}."
            todo = "Write the lower number first." if low.number > high.number else "Mend one of the two."
            where.problem(what, todo, "bad-sentence")

    def check(self, book: Asked) -> Check:
        """By the comparisons of the scale of the value; on one without a word for it unknown."""
        term, test = self.term, _tests(self.comparisons)
        if not isinstance(book.terms[term], Computed):
            return _known(term, test)  # only a computed term takes on values of another scale
        own = book.terms[term].unit
        elsewhere: dict[str, Test | None] = {
            unit: self._on_scale(name, test if self._without_numbers else None)
            for name, unit in book.topic.scales.items()
            if unit != own
        }

        def check(chart: AskedChart) -> State:
            fact = chart.value(term)
            if fact is None:
                return UNKNOWN
            there = elsewhere.get(fact.unit, test)
            return UNKNOWN if there is None else there(chart, fact)

        return check

    def source(self, book: Asked) -> list[str]:
        """The comparisons of each scale that the value may be on; one without a word for it stays unknown."""
        head, tests = [f"fact, state = facts[{self.term!r}], UNKNOWN"], _source(self.comparisons)
        scales = {unit: name for name, unit in book.topic.scales.items() if unit != book.terms[self.term].unit}
        if not isinstance(book.terms[self.term], Computed) or self._without_numbers:
            scales = {unit: name for unit, name in scales.items() if self.other_scale and name == self.other_scale.name}
            scales = scales if isinstance(book.terms[self.term], Computed) else {}
        lines = ["if fact is not None:", "    low, high, low_open, high_open = fact.value"]
        for unit, name in scales.items():
            own = self.other_scale if self.other_scale and self.other_scale.name == name else None
            lines.append(f"    {'if' if len(lines) == 2 else 'elif'} fact.unit == {unit!r}:")
            lines += [f"        {line}" for line in (_source(own.comparisons) if own else ["pass"])]
        if len(lines) > 2:
            lines.append("    else:")
            return [*head, *lines, *(f"        {line}" for line in tests)]
        return [*head, *lines, *(f"    {line}" for line in tests)]

    def _on_scale(self, name: str, otherwise: Test | None) -> Test | None:
        other = self.other_scale
        return _tests(other.comparisons) if other and other.name == name else otherwise

    def prove(self, patient: AskedPatient, _: str) -> Any:
        """The comparisons of the scale of the value; on the other one a sentence without a word for it is unknown."""
        value, logic = patient.value(self.term), patient.logic
        plain = all_hold(patient, value, self.comparisons)
        if patient.book.terms[self.term].unit in patient.book.topic.scales.values():
            return plain
        if self.other_scale:
            other = all_hold(patient, value, self.other_scale.comparisons)
        else:
            other = plain if self._without_numbers else logic.SURE[UNKNOWN]
        return logic.if_else(value.other_scale, other, plain)

    def instead(self, before: Comparison, after: Comparison) -> Compared:
        """The same with another comparison in place of one of its own."""
        other = _scale_instead(self.other_scale, before, after)
        return replace(self, comparisons=_replaced(self.comparisons, before, after), other_scale=other)


@dataclass(frozen=True, slots=True)
class SomeResult(_Comparing):
    """The value in use, or some other result drawn within a day of it, satisfies the comparison.

    Where another scale has a bound of its own (CA-02), a result does not count if one of that scale, drawn within a day
    of it or later, contradicts it.
    """

    comparison: Comparison
    other_scale: OtherScale | None = None

    example = "some result of RESULT is at least 12 mg/dL"
    more_examples: ClassVar[Mapping[str, str]] = {
        "some result of VALUE is at least 12 mg/dL (SCALE: above 1.6 mmol/L)": "With a bound for another scale.",
    }
    when_unread = Unread.BY_DEFAULTS

    @classmethod
    def pattern(cls) -> str:
        """One comparison, and one for another scale."""
        return rf"some result of (?P<term>.+?) is (?P<how>{_COMPARISON}){_OTHER_SCALE}"

    @classmethod
    def read(cls, match: re.Match[str]) -> SomeResult:
        """The comparison, and that of the other scale."""
        return cls(match["term"], comparison(match["how"]), _of_scale(match))

    def __str__(self) -> str:
        """As the rule file says it."""
        return f"some result of {self.term} is {self.comparison}{self.other_scale or ''}"

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """Its comparison, then those of the other scale."""
        return (Threshold(self.comparison), *_on(self.other_scale))

    def _check_bound(self, bound: Bound, other: AnyTerm, where: Place) -> None:
        if bound.number or getattr(other, "formula", "") not in LIMIT_FORMULAS:
            todo = "Compare single results with a number or with a reference limit."
            where.problem(f"'{bound}' is not known for a single result.", todo, "bad-sentence")

    def check(self, book: Asked) -> Check:
        """The strongest of the results that nothing denies."""
        other, own_unit = self.other_scale, book.terms[self.term].unit
        unit = book.topic.scales[other.name] if other else own_unit

        own = _of_result(self.comparison, book)
        elsewhere = _of_result(other.comparisons[0], book) if other else own

        def of_one(chart: AskedChart, result: Any) -> State:
            return elsewhere(chart, result) if result.unit == unit else own(chart, result)

        def check(chart: AskedChart) -> State:
            fact = chart.value(self.term)
            if fact is None or fact.when is None:
                return UNKNOWN
            found, at, denied = of_one(chart, fact), fact.when.minute, -math.inf
            if found is PRESENT:
                return found
            answers = []
            for result in fact.results:
                minute = result.when.minute
                if at - MINUTES <= minute <= at + MINUTES:
                    state = of_one(chart, result)
                    answers.append((minute, state))
                    if other and state is ABSENT and result.unit == unit:
                        denied = max(denied, minute + MINUTES)
            return max([found, *(state for minute, state in answers if minute > denied)])

        return check

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """At least what the value in use says; another result of the day may say more."""
        value, logic = patient.value(self.term), patient.logic
        own = all_hold(patient, value, (self.comparison,))
        if self.other_scale:
            own = logic.if_else(value.other_scale, all_hold(patient, value, self.other_scale.comparisons), own)
        other = patient.free_state(f"finding {name}: another result")
        said = patient.of_others(value, lambda result: all_hold(patient, result, (self.comparison,)))
        patient.plain.append(other.equals(said))
        return logic.if_else(logic.And(value.known, value.dated), logic.either([own, other]), logic.SURE[UNKNOWN])

    def amounts(self, book: Asked) -> Iterator[Amount]:
        """Also the day within which the other results were drawn."""
        yield Amount(1, DAY)
        yield from _Comparing.amounts(self, book)

    def instead(self, before: Comparison, after: Comparison) -> SomeResult:
        """The same with another comparison in place of one of its own."""
        if self.comparison is before:
            return replace(self, comparison=after)
        return replace(self, other_scale=_scale_instead(self.other_scale, before, after))


@dataclass(frozen=True, slots=True)
class Twice(_Comparing):
    """Two results, so many days apart or more, that both satisfy the comparison."""

    comparison: Comparison
    days: int

    example = "RESULT was below 8 mg/dL on two days at least 90 days apart"

    @classmethod
    def pattern(cls) -> str:
        """One comparison, and days."""
        return rf"(?P<term>.+?) was (?P<how>{_COMPARISON}) on two days at least (?P<days>\d+) days apart"

    @classmethod
    def read(cls, match: re.Match[str]) -> Twice:
        """The comparison and the days."""
        return cls(match["term"], comparison(match["how"]), int(match["days"]))

    def __str__(self) -> str:
        """As the rule file says it."""
        return f"{self.term} was {self.comparison} on two days at least {self.days} days apart"

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """Its comparison."""
        return (Threshold(self.comparison),)

    @property
    def time(self) -> tuple[str, Interval]:
        """The days between the results."""
        return f"{self.term}: days between two results", lasting(self.days)

    def _check_bound(self, bound: Bound, _: AnyTerm, where: Place) -> None:
        where.problem(f"'{bound}' is no number.", "Compare past results with a number.", "bad-sentence")

    def check(self, _: Asked) -> Check:
        """By the first days on which the results can have been drawn."""
        is_so, bound = HOLDS[self.comparison.word], point(self.comparison.bound.number)

        def check(chart: AskedChart) -> State:
            history = chart.history(self.term)
            days = [r.when.first for r in history if is_so(r.value, bound) is PRESENT] if len(history) > 1 else ()
            return PRESENT if days and max(days) - min(days) >= self.days else ABSENT

        return check

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Free; in a plain patient the value itself satisfies it and an older equal result is written beside it."""
        twice, logic = patient.variables.boolean(f"finding {name}"), patient.logic
        value = patient.value(self.term)
        own = all_hold(patient, value, (self.comparison,))
        patient.plain.append(logic.Implies(twice, logic.And(own.sure, value.age + self.days <= 300)))
        return logic.two_valued(twice)

    def instead(self, _: Comparison, after: Comparison) -> Twice:
        """The same with another comparison."""
        return replace(self, comparison=after)


def _of_result(compared: Comparison, book: Asked) -> Test:
    """Whether a single result satisfies a comparison with a number, or with the limit that holds for it."""
    is_so, (number, _, name) = HOLDS[compared.word], compared.bound
    if not name:
        fixed = point(number)
        return lambda _, result: is_so(result.value, fixed)
    if not isinstance(book.terms[name], Computed):
        return lambda *_: UNKNOWN
    return lambda chart, result: is_so(result.value, point(chart.limit_for(result, name)))


def _known(term: str, test: Test) -> Check:
    def check(chart: AskedChart) -> State:
        fact = chart.value(term)
        return UNKNOWN if fact is None else test(chart, fact)

    return check


def _test(compared: Comparison) -> Test:
    is_so, bound = HOLDS[compared.word], compared.bound
    if not bound.term:
        fixed = point(bound.number)
        return lambda _, fact: is_so(fact.value, fixed)

    def against_a_term(chart: AskedChart, fact: Any) -> State:
        other = chart.value(bound.term)
        if other is None or other.unit != fact.unit:
            return UNKNOWN
        low, high = other.value.low, other.value.high
        return is_so(fact.value, Interval(low + bound.number, high + bound.number))

    return against_a_term


def _tests(comparisons: tuple[Comparison, ...]) -> Test:
    """All of one or two comparisons."""
    first, *others = map(_test, comparisons)
    if not others:
        return first
    second = others[0]
    return lambda chart, fact: min(first(chart, fact), second(chart, fact))


def _source(comparisons: tuple[Comparison, ...]) -> list[str]:
    """Lines that give ``state`` the value of one or two comparisons of ``fact``."""
    lines = []
    for place, (word, bound) in enumerate(comparisons):
        name = "state" if place == len(comparisons) - 1 else "first"
        if bound.term:
            lines += [f"other = facts[{bound.term!r}]", f"{name} = {_against_a_term(word, bound)}"]
        else:
            said = " ".join(f"{word} {bound}".split())  # on one line, whatever the unit is
            lines += [f"# {said}", f"{name} = {_SOURCES[word].format(n=repr(bound.number))}"]
    return lines if len(comparisons) == 1 else [*lines, "state = min(first, state)"]


def _against_a_term(word: str, bound: Bound) -> str:
    ends = [f"other.value.{end}{f' + {bound.number!r}' if bound.number else ''}" for end in ("low", "high")]
    asks = {"above": "is_above", "at most": "is_above", "at least": "is_at_least", "below": "is_at_least"}[word]
    holds = f"fact.value.{asks}(Interval({', '.join(ends)}))"
    holds = f"negated({holds})" if word in ("at most", "below") else holds
    return f"UNKNOWN if other is None or other.unit != fact.unit else {holds}"


def all_hold(patient: AskedPatient, value: Any, comparisons: tuple[Comparison, ...]) -> Any:
    """Whether a value satisfies comparisons, as a formula."""
    return patient.logic.both([_holds_for(patient, value, compared) for compared in comparisons])


def _holds_for(patient: AskedPatient, value: Any, compared: Comparison) -> Any:
    """Whether a value satisfies one comparison; unknown where the other term's value is on another scale."""
    logic, bound = patient.logic, compared.bound
    if not bound.term:
        return logic.compared(compared, value, logic.point_value(logic.exact(bound.number)))
    other = patient.value(bound.term)
    alike = value.other_scale == other.other_scale
    return logic.if_else(alike, logic.compared(compared, value, other), logic.SURE[UNKNOWN])
