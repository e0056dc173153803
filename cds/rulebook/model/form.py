"""A form of finding with all its meanings: what it reads, how it is checked, evaluated, proved, changed and printed.

A form knows the chart and the solver's patient by what it asks of them (``AskedChart``, ``AskedPatient``), so that it
needs neither of them to be read from a rule file. Days are whole days before the evaluation, bounds included.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto
from typing import Any, ClassVar, NamedTuple, Protocol, TypeAlias

from cds.quantity import Interval, State
from cds.rulebook.model.term import AnyTerm


class AskedChart(Protocol):
    """What forms ask a chart (see ``cds.facts.chart.Chart``)."""

    record: Any
    day: int

    def value(self, name: str) -> Any:
        """The usable fact of a term, or None."""

    def state(self, name: str) -> State:
        """The state of a finding."""

    def history(self, name: str) -> list[Any]:
        """All readings behind a term."""

    def recorded(self, name: str) -> State:
        """Whether a condition, medicine or product is on record."""

    def courses(self, name: str) -> list[Any]:
        """The courses of a medicine or product."""

    def limit_for(self, result: Any, name: str) -> float:
        """The reference limit, by the name of its term, that holds for one result."""

    def unused(self) -> list[Any]:
        """The issues of results that rules read and that could not be used."""

    def unused_after(self, fact: Any) -> list[Any]:
        """Those of them that may be newer than a fact; all of them for None."""

    def has_unrecognised(self) -> bool:
        """Whether nobody can say what some medicine or condition on record is."""


class AskedPatient(Protocol):
    """What forms ask a patient of the solver (see ``cds.proof.patient.Patient``); ``logic`` makes formulas."""

    book: Any
    variables: Any
    laws: list[Any]
    plain: list[Any]
    logic: Any

    def value(self, name: str) -> Any:
        """The usable fact of a term."""

    def state(self, name: str) -> Any:
        """The state of a finding."""

    def free_state(self, name: str) -> Any:
        """A three-valued statement about which nothing is known."""

    def recorded(self, name: str) -> Any:
        """Whether a condition, medicine or product is on record."""

    def last_dose(self, name: str) -> Any:
        """Whether a dose is dated, and the most and the fewest days since the last one."""

    def last_event(self, name: str) -> Any:
        """Whether a condition is dated, and the most and the fewest days since it happened."""

    def demographic(self, element: str) -> Any:
        """The age or the sex, by their element of Patient."""

    def of_others(self, value: Any, says: Callable[[Any], Any]) -> Any:
        """What a second result of the day says."""

    def outside_by_others(self, sentence: Any) -> Iterator[Any]:
        """Whether results beside the value in use are outside their limits."""


class Asked(Protocol):
    """What forms ask of a rulebook."""

    @property
    def terms(self) -> Mapping[str, AnyTerm]:
        """The terms by their names."""

    @property
    def findings(self) -> Mapping[str, Any]:
        """The findings by their names."""

    @property
    def topic(self) -> Any:
        """What the rulebook is about."""


class Place(Protocol):
    """Where a form stands in a rule file (see ``cds.rulebook.report.Where``)."""

    def problem(self, what: str, todo: str, code: str) -> None:
        """Note a problem here."""

    def known(self, name: str, names: Any, *nouns: str) -> bool:
        """Whether what a name stands for is known."""


Check: TypeAlias = Callable[[Any], State]
"""Tells the state of a finding on a chart."""


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


class Threshold(NamedTuple):
    """A comparison of a sentence, and the scale on which it compares ('' for that of the term)."""

    comparison: Comparison
    scale: str = ""


class Amount(NamedTuple):
    """A number that a sentence states; ``term`` is the term in whose units it can be written ('' for days, percent)."""

    value: float
    unit: str
    term: str = ""


DAY, PERCENT = "day", "%"


class Unread(Enum):
    """What becomes of a finding while a part of the record that it rests on was not read."""

    AS_IT_IS = auto()
    """It says itself what is known."""
    NEVER_ABSENT = auto()
    """What stands there could make it present."""
    UNKNOWN = auto()
    """What stands there could make it present or absent."""
    BY_DEFAULTS = auto()
    """Without a value it is unknown already; only a default or another source may stand in for one."""
    NOTHING_MISSING = auto()
    """Nothing can be said to be missing; one finding that is present settles it."""


class Form:
    """A form of finding.

    ``text`` is how the rule files write it: names in braces stand for its fields. ``example`` is a whole sentence, with
    names in capitals, ``more_examples`` are others. The first line of its docstring tells authors what it says.
    ``compares_outcomes`` says that reasoning settles it, by answers to other patients.
    """

    __slots__ = ()
    text: ClassVar[str] = ""
    example: ClassVar[str] = ""
    more_examples: ClassVar[Mapping[str, str]] = {}
    when_unread: ClassVar[Unread] = Unread.NEVER_ABSENT
    compares_outcomes: ClassVar[bool] = False

    @classmethod
    def pattern(cls) -> str:
        """The regular expression of its text; empty where it is written as a list."""
        fields = {"days": r"(?P<days>\d+)", "percent": r"(?P<percent>\d+)"}
        return re.sub(r"{(\w+)}", lambda found: fields.get(found[1], f"(?P<{found[1]}>.+)"), cls.text)

    @classmethod
    def read(cls, match: re.Match[str]) -> Form:
        """The form of a text that has its pattern."""
        fields = {key: int(value) if key == "days" else value for key, value in match.groupdict().items()}
        return cls(**fields)

    def __str__(self) -> str:
        """As the rule file says it."""
        return re.sub(r"{(\w+)}", lambda found: str(getattr(self, found[1])), self.text)

    @property
    def terms(self) -> tuple[str, ...]:
        """The terms that it reads, its subject first."""
        return ()

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings that it is made of."""
        return ()

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """Its comparisons."""
        return ()

    @property
    def period(self) -> int:
        """Its number of days; 0 for none."""
        return int(getattr(self, "days", 0))

    @property
    def time(self) -> tuple[str, Interval] | None:
        """What its days measure, and for which numbers of days it holds; None without days."""
        return None

    def more_terms(self, findings: Mapping[str, Any], terms: Mapping[str, AnyTerm]) -> Iterator[str]:
        """Further terms that can change its state, though it does not name them."""
        del findings, terms
        yield from ()

    @property
    def reads_issues(self) -> bool:
        """Whether what could not be used changes its state."""
        return False

    def problems(self, terms: Mapping[str, AnyTerm], scales: Mapping[str, str], where: Place) -> None:
        """Report what is wrong with it at its place; all its terms are known."""

    def check(self, book: Asked) -> Check:
        """How a chart tells its state: built once per rulebook, with all that does not depend on the patient."""
        raise NotImplementedError

    def source(self, book: Asked) -> list[str]:
        """The same in lines of Python that give ``state`` a value; none where the check is called instead.

        They may use ``facts``, ``states``, ``sheet`` (which is asked as a chart is) and ``day``, and hold in a record
        of which every part was read.
        """
        del book
        return []

    def prove(self, patient: AskedPatient, name: str) -> Any:
        """Its state as a formula; ``name`` is that of the finding."""
        raise NotImplementedError

    def amounts(self, _: Asked) -> Iterator[Amount]:
        """The numbers that it states, with units."""
        if self.period:
            yield Amount(self.period, DAY)

    def mutants(self, _: Asked) -> Iterator[tuple[str, Form]]:
        """Small changes, each with what it does in words that follow the name of the finding."""
        yield from ()

    @property
    def holds_a_number(self) -> bool:
        """Whether it rests on a number of its own, which needs a source."""
        bounds = [threshold.comparison.bound for threshold in self.thresholds]
        return bool(self.period) or any(bound.number or not bound.term for bound in bounds)
