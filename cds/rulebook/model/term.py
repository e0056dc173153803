"""Terms: the clinical words that sentences read, with their codes, units and windows."""

from __future__ import annotations

import math
from itertools import chain
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from cds.quantity import Interval, unit_key
from cds.rulebook import lines
from cds.rulebook.declared import (
    MAY_BE_EMPTY,
    NEEDED,
    NOT_WRITTEN,
    ORDERED,
    SOME,
    Called,
    Key,
    Known,
    Line,
    Made,
    Name,
    Place,
    Text,
    Words,
    read_lines,
)
from cds.rulebook.model.frozen import Frozen, Spot
from cds.rulebook.model.value import FIRST_CODE, Choice, Code, Instead, Row, Window, WordsNear

WAYS_TO_CHOOSE = (
    "^(newest|newest day, first code of the list|lowest of the newest day"
    "|highest of the last [0-9]+ days, else newest)$"
)
UNIT_LINE = Line(lines.unit_line, "Write it like 'mmol/L x 4.008'.")
WINDOW_LINE = Line(lines.window_line, "Write it like '180 days, if NAME OF A FINDING'.")
CODE_LINE = Line(
    lines.code_line,
    "Write it like 'LOINC 1234-5 name of the test'.",
    what="'{}' is not a code.",
    code="bad-code-line",
    hint=lines.near_code_line,
)


def _units(entry: Any, where: Place) -> Frozen[str, float]:
    """The factors of all units to the first."""
    place = where.at("also accepted")
    pairs = ((unit_key(entry.unit), 1.0), *read_lines(UNIT_LINE, entry.units, place))
    units = dict(pairs)
    if len(units) < len(pairs):
        todo = "Keep one of the two; upper and lower case do not matter."
        place.problem("a unit stands twice.", todo, "duplicate-name")
    return Frozen(units)


WORDS_NEAR = Line(lines.words_near_line, "Write it like 'WORD, WORD within 6 words of WORD, WORD'.")


Codes: TypeAlias = Annotated[tuple[Code, ...], CODE_LINE]
Windows: TypeAlias = Annotated[tuple[Window, ...], Key("usable for"), WINDOW_LINE]
Rows: TypeAlias = Annotated[
    tuple[Row, ...], Key("table"), Line(lines.row_line, "Write it like '1000 for women from 19 to 50 years'.")
]
InsteadList: TypeAlias = Annotated[
    tuple[Instead, ...], ORDERED, Line(lines.instead_line, "Write it like '2500, if NAME OF A FINDING'.")
]
Days: TypeAlias = Annotated[
    int | None, Line(lines.days_line, "Write it like '90 days'.", what="'{}' is no number of days.")
]
RANGE_LINE = Line(
    lines.range_line, "Write it like '4 to 20'.", what="'{}' is no range.", otherwise=Interval(-math.inf, math.inf)
)
Range: TypeAlias = Annotated[Interval, RANGE_LINE]
Percent: TypeAlias = Annotated[
    float | None, Line(lines.percent, "Write it like '15 %'.", what="'{}' is no percentage.")
]
OwnUnit: TypeAlias = Annotated[str, MAY_BE_EMPTY]
Sources: TypeAlias = Annotated[tuple[str, ...], Known(("evidence source",))]


class Measurement(NamedTuple):
    """A reported result: codes, units with their factors to ``unit``, plausible range, how to choose.

    Two results within a day that differ by more than ``conflict`` percent (of the smaller) contradict each other.
    Results by a ``refused`` code are never read; ``known_as`` are words by which a result without a known code may be
    the same, so that it is reported; it is read where the laboratory's own limits lie in ``limits_in``, and in units
    that no other test of that name has (``own_units``). By one of its ``own_names``, which no other test has, it is
    read in any unit and range. Where it is ``in_reports`` it is looked for in the words of reports as well.
    """

    name: Name
    says: str
    spot: Spot
    codes: Annotated[Codes, SOME]
    unit: OwnUnit
    plausible: Range
    usual: Annotated[float, Called("usual value")]
    step: float
    choose: Annotated[Choice, Called("choice among results"), Text(pattern=WAYS_TO_CHOOSE), Line(lines.choice_line, "")]
    units: Annotated[Frozen[str, float], Key("also accepted"), Called("unit"), Made(_units, list[str])] = Frozen()
    kind: Annotated[Literal["measurement"], NEEDED] = "measurement"
    evidence: Sources = ()
    decimals: int | None = None
    windows: Windows = ()
    conflict: Annotated[Percent, Key("conflict above")] = None
    refused: Annotated[Codes, Key("never read")] = ()
    known_as: tuple[str, ...] = ()
    limits_in: Annotated[Interval | None, RANGE_LINE, Key("by its name with limits in")] = None
    own_units: Annotated[tuple[str, ...], Key("by its name in")] = ()
    own_names: Annotated[tuple[str, ...], Key("by one of these names alone")] = ()
    in_reports: Annotated[bool, Key("also named in reports")] = False
    without_a_unit: Literal["accepted", "refused", "accepted when an integer"] = "refused"

    @property
    def unitless(self) -> bool:
        """Whether a number without a unit is read."""
        return self.without_a_unit == "accepted"

    @property
    def integer(self) -> bool:
        """Whether an integer without a unit is read."""
        return self.without_a_unit != "refused"

    def checked(self, where: Place) -> Measurement:
        """With the rank of each code, where the first is preferred; what no name could ever be read by is reported."""
        for unit in self.own_units:
            if unit_key(unit) not in self.units:
                todo = "Write its own unit, or one that is 'also accepted'."
                where.problem(f"'{unit}', of 'by its name in', is not a unit of it.", todo, "unknown-unit")
        if self.limits_in is not None and not self.limits_in.inside(*self.plausible[:2]):
            what = "the range of 'by its name with limits in' is not inside 'plausible'."
            where.problem(what, "Write the limits that laboratories state, in its own unit.", "wrong-value")
        if self.choose.how != FIRST_CODE:
            return self
        return self._replace(codes=tuple(code._replace(rank=rank) for rank, code in enumerate(self.codes)))


class Condition(NamedTuple):
    """A diagnosis or a status.

    ``wider`` are codes of which it is one meaning among several, ``wider_names`` such names: it may be there.
    ``questions`` are the codes of observations that ask for it, ``question_words`` texts that do. ``codes``,
    ``names``, ``yes`` and ``yes_words`` answer with yes, and so does a number above 0 in one of ``yes_units``; ``no``
    and ``no_words`` answer with no; what any other answer means is not known. ``ends_on`` are the codes of
    observations of the day on which it is expected to end, ``lasts_since`` of those of how long it lasts already, of
    the days in ``lasts``; ``overdue`` are the days by which it may last longer. ``patient_element`` is the element of
    Patient that says it too ('' for none).
    One with ``allergies`` is read in AllergyIntolerances too: by its codes, its names, or one of these substances.
    ``anywhere_names`` are names that say it wherever they stand in a text, as do two ``near`` words; where it is found
    ``anywhere``, all its names do.
    One whose own text says one of ``other_words`` is another one, ``then_it_is`` ('' for none of the rulebook), unless
    the text says one of ``own_words`` as well.
    One with ``procedures`` is read in Procedures too: by its codes, or by one of these words anywhere in the text,
    unless one of ``other_procedures`` stands there as well. What was done counts for ever, or until it is unknown or
    forgotten after so many days.
    """

    name: Name
    says: str
    spot: Spot
    codes: Codes = ()
    kind: Annotated[Literal["condition"], NEEDED] = "condition"
    unit: Annotated[str, NOT_WRITTEN] = ""
    evidence: Sources = ()
    wider: Annotated[Codes, Key("codes that may mean it")] = ()
    names: Annotated[tuple[str, ...], Key("named")] = ()
    wider_names: Annotated[tuple[str, ...], Key("names that may mean it")] = ()
    questions: Annotated[Codes, Key("asked as")] = ()
    question_words: Annotated[tuple[str, ...], Key("asked in words")] = ()
    ends_on: Annotated[Codes, Key("expected to end on")] = ()
    lasts_since: Annotated[Codes, Key("has lasted for")] = ()
    lasts: Days = None
    overdue: Annotated[Days, Key("may last longer by")] = None
    patient_element: Literal["", "deceased"] = ""
    anywhere: Annotated[bool, Key("named anywhere in the text")] = False
    anywhere_names: Annotated[tuple[str, ...], Key("also named anywhere in the text")] = ()
    near: Annotated[tuple[WordsNear, ...], Key("words near each other"), WORDS_NEAR] = ()
    also_inactive: Annotated[bool, Key("also when inactive")] = False
    forgotten_after: Days = None
    unknown_after: Days = None
    allergies: Annotated[tuple[str, ...], Key("allergies to")] = ()
    procedures: Annotated[tuple[str, ...], Key("named in procedures")] = ()
    other_procedures: Annotated[tuple[str, ...], Key("other procedures are named")] = ()
    procedure_unknown_after: Annotated[Days, Key("a procedure is unknown after")] = None
    procedure_forgotten_after: Annotated[Days, Key("a procedure is forgotten after")] = None
    yes: Annotated[Codes, Key("codes for yes")] = ()
    yes_words: Annotated[tuple[str, ...], Key("words for yes")] = ()
    yes_units: Annotated[tuple[str, ...], Key("units for yes")] = ()
    no: Annotated[Codes, Key("codes for no")] = ()
    no_words: Annotated[tuple[str, ...], Key("words for no")] = ()
    other_words: Annotated[tuple[str, ...], Key("another where its text says")] = ()
    own_words: Annotated[tuple[str, ...], Key("unless it also says")] = ()
    then_it_is: Annotated[str, Key("it is then"), Known(("term",))] = ""

    @property
    def observations(self) -> Codes:
        """The codes of the observations that speak of it."""
        return (*self.questions, *self.ends_on, *self.lasts_since)

    def checked(self, where: Place) -> Condition:
        """Report answers to a question that is not asked, and answers that mean yes and no."""
        if (self.yes or self.yes_words or self.yes_units or self.no or self.no_words) and not self.questions:
            todo = "Name the observation that asks under 'asked as', or take the answers out."
            where.problem(f"'{self.name}' has answers and no question.", todo, "missing-key")
        of_procedures = (self.other_procedures, self.procedure_unknown_after, self.procedure_forgotten_after)
        if any(of_procedures) and not self.procedures:
            todo = "Name the procedures under 'named in procedures', or take the rest out."
            where.problem(f"'{self.name}' says how procedures count and names none.", todo, "missing-key")
        if (self.own_words or self.then_it_is) and not self.other_words:
            todo = "Name the words under 'another where its text says', or take the rest out."
            where.problem(f"'{self.name}' says what else it may be and not by which words.", todo, "missing-key")
        codes = {code[:2] for code in (*self.codes, *self.yes)}
        words = {word.lower() for word in (*self.names, *self.yes_words)}
        both = [code.code for code in self.no if code[:2] in codes]
        both += [word for word in self.no_words if word.lower() in words]
        if (self.ends_on or self.lasts_since) and (self.lasts is None or self.unknown_after is None):
            todo = "Say under 'lasts' and 'unknown after' how long it lasts and how long it may last at most."
            where.problem(f"'{self.name}' has an expected end and no length.", todo, "missing-key")
        for answer in both:
            where.problem(f"'{answer}' means yes and no.", "Keep it in one of the lists.", "duplicate-name")
        return self


class Medication(NamedTuple):
    """A medicine by its codes, or by its names where no code matches.

    ``also_named`` are its names in other languages and its brands, by the groups of the file. One that is ``systemic``
    counts unless it goes only to a place on or in the body (an ointment). An injected one counts
    for ``acts_for`` days after a recorded dose; ``only_injected`` are those of its names that have no other form, so
    that an administration need not say its route. Only one with ``given_for`` is read in MedicationAdministrations, and
    by its codes in Procedures: an injection that was given counts for so many days. What else was given in a hospital
    or a practice is not taken at home.
    """

    name: Name
    says: str
    spot: Spot
    codes: Codes = ()
    kind: Annotated[Literal["medication"], NEEDED] = "medication"
    unit: Annotated[str, NOT_WRITTEN] = ""
    evidence: Sources = ()
    names: Annotated[tuple[str, ...], Key("named")] = ()
    also_named: Annotated[Frozen[str, Words], Key("also named")] = Frozen()
    route: Literal["oral", "systemic", "any"] = "any"
    only_injected: Annotated[Words, Key("given only by injection")] = ()
    acts_for: Annotated[Days, Key("an injection counts for")] = None
    given_for: Annotated[Days, Key("an administration counts for")] = None


Only: TypeAlias = Literal["all", "not prescribed", "ordered", "not ordered"]
"""Which products count: all, those that nobody prescribed, those that a clinician ordered, or the others."""


def counts_only(only: Only, *, prescribed: bool, ordered: bool) -> bool:
    """Whether a product counts: ``prescribed``, by any request that is not reported; ``ordered``, by an order.

    A plan is prescribed and not ordered yet; a statement alone is neither.
    """
    match only:
        case "not prescribed":
            return not prescribed
        case "ordered":
            return ordered
        case "not ordered":
            return not ordered
        case _:
            return True


TakenAt: TypeAlias = Literal["any time", "with meals", "not with meals"]
"""Which products count by the time at which they are taken: with meals is with two of them a day at least."""


class ProductTerm(NamedTuple):
    """An active product that holds all of ``holds``, of these salts and intents (empty: any).

    One with ``words`` says one of them in its name or its form, anywhere.
    """

    name: Name
    says: str
    spot: Spot
    holds: Annotated[Words, Known(("nutrient name",))]
    kind: Annotated[Literal["product"], NEEDED] = "product"
    unit: Annotated[str, NOT_WRITTEN] = ""
    evidence: Sources = ()
    salts: Annotated[Words, Key("salt"), Known(("salt name",))] = ()
    intents: Annotated[Words, Key("intent"), Known(("intent name",))] = ()
    words: Annotated[tuple[str, ...], Key("its text says")] = ()
    only: Only = "all"
    taken: TakenAt = "any time"


class Dose(NamedTuple):
    """The amount of a nutrient from active products: a day, or in one intake; ``factors`` are those of its units."""

    name: Name
    says: str
    spot: Spot
    nutrient: Annotated[str, Known(("nutrient name",))]
    plausible: Range
    step: float
    unit: OwnUnit
    kind: Annotated[Literal["dose"], NEEDED] = "dose"
    evidence: Sources = ()
    intents: Annotated[Words, Key("intent"), Known(("intent name",))] = ()
    per: Literal["day", "intake"] = "day"
    only: Only = "all"
    factors: Annotated[Frozen[str, float], NOT_WRITTEN] = Frozen()

    @property
    def single(self) -> bool:
        """Whether it is that of one intake."""
        return self.per == "intake"


BIRTH_DATE, GENDER = "birthDate", "gender"
"""The elements of Patient that demographic terms read."""


class Demographic(NamedTuple):
    """What an element of Patient says: the age by ``birthDate``, the administrative gender by ``gender``."""

    name: Name
    says: str
    spot: Spot
    element: Literal["birthDate", "gender"]
    kind: Annotated[Literal["demographic"], NEEDED] = "demographic"
    unit: str = ""
    evidence: Annotated[tuple[str, ...], NOT_WRITTEN] = ()
    step: Annotated[float, NOT_WRITTEN] = 1


SEXES = {"female": 0.0, "male": 1.0}
"""The numbers that stand for the administrative gender in a fact."""
SEX_NAMES = {number: name for name, number in SEXES.items()}


class GoalTerm(NamedTuple):
    """The target range that a Goal records for a measurement."""

    name: Name
    says: str
    spot: Spot
    of: Annotated[str, Known(("term",))]
    kind: Annotated[Literal["goal"], NEEDED] = "goal"
    unit: Annotated[str, NOT_WRITTEN] = ""
    evidence: Annotated[tuple[str, ...], NOT_WRITTEN] = ()


LIST = ""
"""The role of terms that stand in a plain list."""


def _roles(entry: Any, _: Place) -> Frozen[str, tuple[str, ...]]:
    """The terms by their roles, as the file has them: a list, or names with one term or several."""
    written = entry.roles if isinstance(entry.roles, dict) else {LIST: entry.roles}
    return Frozen({role: (names,) if isinstance(names, str) else tuple(names) for role, names in written.items()})


class Computed(NamedTuple):
    """A value that follows from other terms by a named formula.

    ``roles`` are the terms that it follows from, by what they are to the formula and in the order of its declaration;
    terms in a plain list stand under ``LIST``. ``note`` is said beside a value that was assumed.
    """

    name: Name
    says: str
    spot: Spot
    formula: str
    unit: OwnUnit
    roles: Annotated[
        Frozen[str, tuple[str, ...]], Key("from"), Made(_roles, list[str] | dict[str, str | list[str]])
    ] = Frozen()
    numbers: Annotated[Frozen[str, float], Called("number")] = Frozen()
    kind: Annotated[Literal["computed"], NEEDED] = "computed"
    evidence: Sources = ()
    step: float = 1
    decimals: int | None = None
    windows: Windows = ()
    rows: Rows = ()
    instead: InsteadList = ()
    note: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The terms of all roles."""
        return tuple(chain(*self.roles.values()))

    def role(self, name: str = LIST) -> str:
        """The one term in a role."""
        return self.roles[name][0]


AnyTerm: TypeAlias = Measurement | Condition | Medication | ProductTerm | Dose | Demographic | GoalTerm | Computed


class TermsFile(NamedTuple):
    """rules/terms/*.yaml: terms, and the names of conditions that no term is, by language."""

    terms: Frozen[str, AnyTerm] = Frozen()
    other_conditions: Annotated[Frozen[str, tuple[str, ...]], Key("other conditions are named")] = Frozen()


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
