"""Terms: the clinical words that sentences read, with their codes, units and windows."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple, TypeAlias

from cds.quantity import Interval
from cds.rulebook.model.frozen import Frozen, Spot


class Code(NamedTuple):
    """A code of a code system; ``rank`` is its place in the preference of its term (0 first)."""

    system: str
    code: str
    display: str
    rank: int = 0


class Window(NamedTuple):
    """How long a value stays usable: so many days (None: for ever), if the finding is present or the value low."""

    days: int | None
    finding: str = ""
    at_most: float | None = None
    below: float | None = None


class Choice(NamedTuple):
    """Which of several results counts: how, and of how many last days where the way to choose has such a number."""

    how: str
    days: int | None = None

    def __str__(self) -> str:
        """As it is written in the rule files."""
        return self.how if self.days is None else self.how.replace(SO_MANY_DAYS, f"{self.days} days")


SO_MANY_DAYS = "N days"
"""Stands for the days in the way to choose that has some."""
FIRST_CODE = "newest day, first code of the list"
LOWEST = "lowest of the newest day"
HIGHEST = f"highest of the last {SO_MANY_DAYS}, else newest"


class Measurement(NamedTuple):
    """A reported result: codes, units with their factors to ``unit``, plausible range, how to choose.

    Two results within a day that differ by more than ``conflict`` percent (of the smaller) contradict each other.
    Results by a ``refused`` code are never read; ``known_as`` are words by which a result without a known code may be
    the same, so that it is reported.
    """

    name: str
    says: str
    spot: Spot
    codes: tuple[Code, ...]
    units: Frozen[str, float]
    plausible: Interval
    usual: float
    step: float
    choose: Choice
    unit: str = ""
    evidence: tuple[str, ...] = ()
    decimals: int | None = None
    windows: tuple[Window, ...] = ()
    conflict: float | None = None
    refused: tuple[Code, ...] = ()
    known_as: tuple[str, ...] = ()
    unitless: bool = False
    integer: bool = False


class Condition(NamedTuple):
    """A diagnosis or a status.

    ``questions`` are the codes of observations that ask for it. ``codes``, ``names``, ``yes`` and ``yes_words`` answer
    with yes, ``no`` and ``no_words`` with no; what any other answer means is not known.
    ``patient_element`` is the element of Patient that says it too ('' for none).
    """

    name: str
    says: str
    spot: Spot
    codes: tuple[Code, ...]
    unit: str = ""
    evidence: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    questions: tuple[Code, ...] = ()
    patient_element: str = ""
    anywhere: bool = False
    also_inactive: bool = False
    forgotten_after: int | None = None
    unknown_after: int | None = None
    yes: tuple[Code, ...] = ()
    yes_words: tuple[str, ...] = ()
    no: tuple[Code, ...] = ()
    no_words: tuple[str, ...] = ()


class Medication(NamedTuple):
    """A medicine by its codes, or by its names where no code matches.

    An injected one counts for ``acts_for`` days after a recorded dose.
    """

    name: str
    says: str
    spot: Spot
    codes: tuple[Code, ...]
    unit: str = ""
    evidence: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    oral: bool = False
    acts_for: int | None = None


class ProductTerm(NamedTuple):
    """An active product that holds all of ``holds``, of these salts and intents (empty: any)."""

    name: str
    says: str
    spot: Spot
    holds: tuple[str, ...]
    unit: str = ""
    evidence: tuple[str, ...] = ()
    salts: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()


class Dose(NamedTuple):
    """The amount of a nutrient from active products: a day, or in one intake; ``factors`` are those of its units."""

    name: str
    says: str
    spot: Spot
    nutrient: str
    plausible: Interval
    step: float
    unit: str = ""
    evidence: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    single: bool = False
    unprescribed: bool = False
    factors: Frozen[str, float] = Frozen()


BIRTH_DATE, GENDER = "birthDate", "gender"
"""The elements of Patient that demographic terms read."""


class Demographic(NamedTuple):
    """What an element of Patient says: the age by ``birthDate``, the administrative gender by ``gender``."""

    name: str
    says: str
    spot: Spot
    element: str
    unit: str = ""
    evidence: tuple[str, ...] = ()
    step: float = 1


SEXES = {"female": 0.0, "male": 1.0}
"""The numbers that stand for the administrative gender in a fact."""
SEX_NAMES = {number: name for name, number in SEXES.items()}


class GoalTerm(NamedTuple):
    """The target range that a Goal records for a measurement."""

    name: str
    says: str
    spot: Spot
    of: str
    unit: str = ""
    evidence: tuple[str, ...] = ()


class Row(NamedTuple):
    """One row of a table by age (completed years, both ends included) and sex."""

    sexes: tuple[str, ...]
    first: int
    last: int
    amount: float


class Instead(NamedTuple):
    """An amount, or a term's value, that replaces the table's while a finding is present."""

    amount: float | None
    term: str
    finding: str


LIST = ""
"""The role of terms that stand in a plain list."""


class Computed(NamedTuple):
    """A value that follows from other terms by a named formula.

    ``roles`` are the terms that it follows from, by what they are to the formula and in the order of its declaration;
    terms in a plain list stand under ``LIST``. ``note`` is said beside a value that was assumed.
    """

    name: str
    says: str
    spot: Spot
    formula: str
    roles: Frozen[str, tuple[str, ...]]
    numbers: Frozen[str, float]
    unit: str = ""
    evidence: tuple[str, ...] = ()
    step: float = 1
    decimals: int | None = None
    windows: tuple[Window, ...] = ()
    rows: tuple[Row, ...] = ()
    instead: tuple[Instead, ...] = ()
    note: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The terms of all roles."""
        return tuple(chain(*self.roles.values()))

    def role(self, name: str = LIST) -> str:
        """The one term in a role."""
        return self.roles[name][0]


AnyTerm: TypeAlias = Measurement | Condition | Medication | ProductTerm | Dose | Demographic | GoalTerm | Computed


RECORDED = (Condition, Medication, ProductTerm)
"""The kinds of terms that a record holds or not; the others have values."""


def is_sex(term: AnyTerm) -> bool:
    """Whether the values of a term are administrative genders (see ``SEXES``)."""
    return isinstance(term, Demographic) and term.element == GENDER


def finding_names_in(term: AnyTerm) -> tuple[str, ...]:
    """The findings that a term depends on: its windows and its exceptions."""
    windows = getattr(term, "windows", ())
    instead = getattr(term, "instead", ())
    return tuple(dict.fromkeys(item.finding for item in (*windows, *instead) if item.finding))
