"""The sentences that turn a number into a name: ``calcium to use is at least 12 mg/dL``.

Each form is one dataclass; a sentence is data, so that it can be evaluated, explained, mutated and proved.
Days are whole days before the evaluation date, bounds included (a result 90 days old is within 90 days).
"""

from __future__ import annotations

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
