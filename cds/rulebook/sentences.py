"""The sentences that turn a number into a name: ``calcium to use is at least 12 mg/dL``.

Each form is one dataclass; a sentence is data, so that it can be evaluated, explained, mutated and proved.
Days are whole days before the evaluation date, bounds included (a result 90 days old is within 90 days).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeAlias


class Bound(NamedTuple):
    """The right side of a comparison: a number in a unit, or another term with a number added."""

    number: float
    unit: str
    term: str = ""

    def __str__(self) -> str:
        """As the rule file says it."""
        amount = f"{abs(self.number):g} {self.unit}".strip()
        if not self.term:
            return f"{self.number:g} {self.unit}".strip()
        return f"{self.term} {'plus' if self.number > 0 else 'minus'} {amount}" if self.number else self.term


class Comparison(NamedTuple):
    """``at least``, ``above``, ``below`` or ``at most`` a bound."""

    word: str
    bound: Bound

    def __str__(self) -> str:
        """As the rule file says it."""
        return f"{self.word} {self.bound}"


class Compared(NamedTuple):
    """A term against one bound or two; ``ionised`` holds the comparisons for a value on the ionised scale."""

    term: str
    comparisons: tuple[Comparison, ...]
    ionised: tuple[Comparison, ...] = ()


class Dated(NamedTuple):
    """A usable value of the term is dated within so many days of the evaluation, or of another term's value."""

    term: str
    days: int
    of: str = ""


class SomeResult(NamedTuple):
    """The value in use, or some other result drawn within a day of it, satisfies the comparison.

    Another result does not count if an ionised one, drawn within a day of it or later, contradicts it.
    """

    term: str
    comparison: Comparison
    ionised: tuple[Comparison, ...] = ()


class Known(NamedTuple):
    """A usable value of the term is on record."""

    term: str


class After(NamedTuple):
    """A condition was recorded later than another one."""

    term: str
    of: str


class Missing(NamedTuple):
    """No usable value of the term is on record."""

    term: str


class Twice(NamedTuple):
    """Two results, so many days apart or more, that both satisfy the comparison."""

    term: str
    comparison: Comparison
    days: int


class Repeated(NamedTuple):
    """Two results less than so many days apart."""

    term: str
    days: int


class Conflicting(NamedTuple):
    """Results drawn within a day of the newest differ by more than the term's percentage."""

    term: str


class TakenFrom(NamedTuple):
    """The value of a term is that of another one (which it chose among several)."""

    term: str
    of: str


class Given(NamedTuple):
    """The last recorded dose of a medicine lies within so many days."""

    term: str
    days: int


class DoseDateUnknown(NamedTuple):
    """A medicine is active and the day of its last dose is not recorded."""

    term: str


class Started(NamedTuple):
    """An active medicine was started within so many days."""

    term: str
    days: int


class Lasted(NamedTuple):
    """An active medicine has been taken for so many days or longer."""

    term: str
    days: int


class OpenEnded(NamedTuple):
    """An active medicine has no end date on record."""

    term: str


class OutsideLimits(NamedTuple):
    """A result of so many days was outside its reference limits."""

    term: str
    days: int


class NoneRecorded(NamedTuple):
    """Each of the findings is absent, or unknown only because nothing at all is recorded about it."""

    findings: tuple[str, ...]


class DependsOn(NamedTuple):
    """The outcome is not the same at both ends of the terms' intervals (all at the low, or all at the high end)."""

    open_terms: tuple[str, ...]


class ChangedBy(NamedTuple):
    """The outcome would be another one if ``term`` had the value of ``by``."""

    term: str
    by: str


class ResultUnused(NamedTuple):
    """A result of a term that rules read was on record and could not be used."""


class Recorded(NamedTuple):
    """A condition or a medicine is on record as active."""

    term: str


Sentence: TypeAlias = (
    Compared | SomeResult | Dated | Known | Missing | After | Twice | Repeated | Conflicting | TakenFrom | Given
    | DoseDateUnknown | Started | Lasted | OpenEnded | OutsideLimits | NoneRecorded | DependsOn | ChangedBy
    | ResultUnused | Recorded
)  # fmt: skip

COMPARISONS = ("at least", "above", "below", "at most")
_COMPARISON = rf"(?:{'|'.join(COMPARISONS)}) .+?"
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?: (\S.*))?")
_SHIFTED = re.compile(r"(.+?) (plus|minus) (\d+(?:\.\d+)?) (\S+)")


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


def _compared(m: re.Match[str]) -> Sentence:
    lower, upper = m["first"], m["second"]
    if upper and _NUMBER.fullmatch(lower.removeprefix("at least ").removeprefix("above ")):
        unit = comparison(upper).bound.unit
        lower = lower if lower.endswith(f" {unit}") or not unit else f"{lower} {unit}"
    both = tuple(comparison(text) for text in (lower, upper) if text)
    return Compared(m["term"], both, (comparison(m["ionised"]),) if m["ionised"] else ())


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Sentence]], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (r"a result could not be used", lambda m: ResultUnused()),
        (r"the outcome depends on (?P<term>.+)", lambda m: DependsOn(tuple(m["term"].split(", ")))),
        (r"the outcome changes when (?P<by>.+) replaces (?P<term>.+)", lambda m: ChangedBy(m["term"], m["by"])),
        (r"a result of (?P<term>.+) within (?P<days>\d+) days was outside its limits",
         lambda m: OutsideLimits(m["term"], int(m["days"]))),
        (r"(?P<term>.+) is missing", lambda m: Missing(m["term"])),
        (r"(?P<term>.+) is known", lambda m: Known(m["term"])),
        (r"(?P<term>.+) is on record", lambda m: Recorded(m["term"])),
        (r"(?P<term>.+) is recorded after (?P<of>.+)", lambda m: After(m["term"], m["of"])),
        (rf"some result of (?P<term>.+?) is (?P<how>{_COMPARISON})(?: \(ionised: (?P<ionised>{_COMPARISON})\))?",
         lambda m: SomeResult(m["term"], comparison(m["how"]), (comparison(m["ionised"]),) if m["ionised"] else ())),
        (r"(?P<term>.+?) is dated within (?P<days>\d+) days(?: of (?P<of>.+))?",
         lambda m: Dated(m["term"], int(m["days"]), m["of"] or "")),
        (r"results of (?P<term>.+) conflict", lambda m: Conflicting(m["term"])),
        (r"(?P<term>.+) is taken from (?P<of>.+)", lambda m: TakenFrom(m["term"], m["of"])),
        (rf"(?P<term>.+?) was (?P<how>{_COMPARISON}) on two days at least (?P<days>\d+) days apart",
         lambda m: Twice(m["term"], comparison(m["how"]), int(m["days"]))),
        (r"(?P<term>.+) was measured twice less than (?P<days>\d+) days apart",
         lambda m: Repeated(m["term"], int(m["days"]))),
        (r"(?P<term>.+) was given within (?P<days>\d+) days", lambda m: Given(m["term"], int(m["days"]))),
        (r"(?P<term>.+) is active with an unknown dose date", lambda m: DoseDateUnknown(m["term"])),
        (r"(?P<term>.+) was started within (?P<days>\d+) days", lambda m: Started(m["term"], int(m["days"]))),
        (r"(?P<term>.+) has lasted at least (?P<days>\d+) days", lambda m: Lasted(m["term"], int(m["days"]))),
        (r"(?P<term>.+) has no end date", lambda m: OpenEnded(m["term"])),
        (rf"(?P<term>.+?) is (?P<first>{_COMPARISON})(?: and (?P<second>{_COMPARISON}))?"
         rf"(?: \(ionised: (?P<ionised>{_COMPARISON})\))?", _compared),
    )
)  # fmt: skip


def parse_sentence(text: str) -> Sentence | None:
    """The sentence a text says; None when it has none of the forms above."""
    for pattern, build in _FORMS:
        if match := pattern.fullmatch(text):
            return build(match)
    return None


def comparisons_of(sentence: Sentence) -> tuple[tuple[Comparison, bool], ...]:
    """The comparisons of a sentence, each with whether it is for the ionised scale."""
    match sentence:
        case Compared():
            plain = sentence.comparisons
        case SomeResult() | Twice():
            plain = (sentence.comparison,)
        case _:
            return ()
    ionised: tuple[Comparison, ...] = getattr(sentence, "ionised", ())
    return (*((item, False) for item in plain), *((item, True) for item in ionised))


def sentence_terms(sentence: Sentence) -> tuple[str, ...]:
    """The terms that a sentence reads, its subject first."""
    names = [getattr(sentence, "term", ""), getattr(sentence, "of", ""), getattr(sentence, "by", "")]
    names += getattr(sentence, "open_terms", ())
    names += [comparison.bound.term for comparison, _ in comparisons_of(sentence)]
    return tuple(dict.fromkeys(name for name in names if name))
