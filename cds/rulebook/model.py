"""The rulebook in memory: immutable, typed, and free of files.

The loader builds it once, after every reference in it was checked; everybody else only reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, NoReturn, TypeAlias, TypeVar

from cds.quantity import Interval
from cds.rulebook.sentences import Sentence

Sense = Literal["is", "not", "without", "unsure about", "possible", "proven", "in doubt if"]
Indicator = Literal["info", "warning", "critical"]

K = TypeVar("K")
V = TypeVar("V")


class Frozen(dict[K, V]):
    """A mapping that is filled once and never changes."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Frozen, (dict(self),)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("the rulebook does not change")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        """By identity: two mappings of one rulebook are the same when they are one object."""
        return id(self)


class Part(NamedTuple):
    """A finding in a list: as it is, negated (``not``), or one of five questions about what is known.

    ``proven`` is present when the finding is, else absent; ``without`` is the opposite; ``possible`` is present
    unless the finding is absent, ``unsure about`` when it is unknown; these four are never unknown themselves.
    ``in doubt if`` is unknown when the finding is present, else present: it makes what stands beside it unknown.
    """

    finding: str
    sense: Sense = "is"

    def __str__(self) -> str:
        """As the rule file says it."""
        return self.finding if self.sense == "is" else f"{self.sense} {self.finding}"


class Joined(NamedTuple):
    """Findings joined by *all* or *any* (Kleene's three-valued logic)."""

    how: Literal["all", "any"]
    parts: tuple[Part, ...]


Definition: TypeAlias = "Sentence | Joined"


class Spot(NamedTuple):
    """Where something stands in the rule files."""

    file: str
    line: int


class Finding(NamedTuple):
    """A named statement about the patient; ``text`` is its sentence as the rule file has it, empty if joined."""

    name: str
    definition: Definition
    says: str
    evidence: tuple[str, ...]
    chapter: str
    spot: Spot
    text: str = ""


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
    choose: str
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
    """A diagnosis or a status; ``questions`` are observation codes whose answer may be one of ``codes``."""

    name: str
    says: str
    spot: Spot
    codes: tuple[Code, ...]
    unit: str = ""
    evidence: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    questions: tuple[Code, ...] = ()
    anywhere: bool = False
    also_inactive: bool = False
    forgotten_after: int | None = None
    unknown_after: int | None = None


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
    """The amount of a nutrient from active products: a day, or in one intake."""

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


class Demographic(NamedTuple):
    """Age or sex."""

    name: str
    says: str
    spot: Spot
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


class Computed(NamedTuple):
    """A value that follows from other terms by a named formula."""

    name: str
    says: str
    spot: Spot
    formula: str
    inputs: tuple[str, ...]
    numbers: Frozen[str, float]
    unit: str = ""
    evidence: tuple[str, ...] = ()
    step: float = 1
    decimals: int | None = None
    windows: tuple[Window, ...] = ()
    rows: tuple[Row, ...] = ()
    instead: tuple[Instead, ...] = ()


AnyTerm: TypeAlias = Measurement | Condition | Medication | ProductTerm | Dose | Demographic | GoalTerm | Computed


RECORDED = (Condition, Medication, ProductTerm)
"""The kinds of terms that a record holds or not; the others have values."""


def finding_names_in(term: AnyTerm) -> tuple[str, ...]:
    """The findings that a term depends on: its windows and its exceptions."""
    windows = getattr(term, "windows", ())
    instead = getattr(term, "instead", ())
    return tuple(dict.fromkeys(item.finding for item in (*windows, *instead) if item.finding))


class Contents(NamedTuple):
    """What one unit of a product holds, or one mass unit of a substance.

    ``amounts`` is per dose form, in the nutrient's unit; ``fractions`` is per mass unit.
    ``strength`` is the labelled mass (mg) of one dose form where that is not the elemental amount.
    """

    name: str
    nutrients: tuple[str, ...]
    salt: str = ""
    intent: str = "supplement"
    amounts: Frozen[str, Interval] = Frozen()
    fractions: Frozen[str, float] = Frozen()
    strength: float | None = None
    measure: str = ""


class Salt(NamedTuple):
    """A calcium salt: its share of calcium by mass, and the strengths (mg of salt) that labels carry."""

    name: str
    fraction: float
    strengths: tuple[float, ...]


class ProductBook(NamedTuple):
    """What products hold, by code and by name."""

    salts: Frozen[str, Salt]
    coded: Frozen[tuple[str, str], Contents]
    excluded: frozenset[tuple[str, str]]
    brands: tuple[tuple[str, Contents], ...]
    words: Frozen[str, tuple[str, ...]]
    element_up_to: float


class Clause(NamedTuple):
    """A condition on the answer itself: a finding, the rule's own vote, the outcome, or another rule's card."""

    kind: Literal["finding", "vote", "outcome", "decider", "fires", "shown"]
    value: str
    negated: bool = False
    sense: Sense = "is"


class Vote(NamedTuple):
    """The tier in which a rule decides, while the finding is present (empty: whenever the rule fires)."""

    tier: str
    finding: str = ""


class Saying(NamedTuple):
    """An advice code and the conditions under which the card says it (all of them)."""

    code: str
    conditions: tuple[Clause, ...] = ()


class CardText(NamedTuple):
    """The text of a card; a variant stands in when any of its lines is true, a line when all its clauses are."""

    summary: str
    detail: str
    when: tuple[tuple[Clause, ...], ...] = ()


class Card(NamedTuple):
    """A card: its texts (variants first, the plain one last) and its indicators (likewise)."""

    texts: tuple[CardText, ...]
    indicators: tuple[tuple[Indicator, tuple[Clause, ...]], ...]


class Case(NamedTuple):
    """An example patient of a rule in its own words; ``summary`` and ``indicator`` of the card where they matter."""

    name: str
    given: tuple[tuple[str, str], ...]
    expect: str
    says: tuple[str, ...]
    not_says: tuple[str, ...]
    spot: Spot
    summary: str = ""
    indicator: str = ""


class Rule(NamedTuple):
    """Findings -> a vote for an outcome, advice and a card; with its evidence and its cases."""

    id: str
    title: str
    says: str
    chapter: str
    version: str
    status: str
    owner: str
    authored: str
    review_by: str
    when: Joined
    if_unknown: Literal["ask", "ignore"]
    because: str
    votes: tuple[Vote, ...]
    advice: tuple[Saying, ...]
    card: Card
    never: tuple[str, ...]
    evidence: tuple[str, ...]
    strength: str
    attributes: Frozen[str, str]
    cases: tuple[Case, ...]
    spot: Spot


class Tier(NamedTuple):
    """A named level of precedence: its outcome (empty: none) and its rules in deciding order."""

    name: str
    outcome: str
    says: str
    rules: tuple[str, ...]


class Removal(NamedTuple):
    """What one entry of silencing.yaml takes away, in the order of the file.

    It acts while any clause of ``when`` holds and all of ``only_if``; ``by`` names the rules that answer for it.
    """

    name: str
    stage: Literal["finding", "rule", "outcome"]
    when: tuple[Clause, ...]
    only_if: tuple[Clause, ...]
    by: tuple[str, ...]
    cards: frozenset[str]
    votes: frozenset[str]
    codes: Frozen[str, frozenset[str]]
    why: str
    spot: Spot


class Advice(NamedTuple):
    """An advice code: what it says, what may never stand beside it, and the order or action it suggests."""

    code: str
    says: str
    contradicts: frozenset[str]
    order: Code | None = None
    refer: str = ""
    action: Literal["", "hold", "stop"] = ""
    nutrient: str = ""


class NeverClaim(NamedTuple):
    """A claim that no card may make, and phrases that would make it."""

    code: str
    says: str
    phrases: tuple[str, ...]


class Source(NamedTuple):
    """A guideline, label, trial or review."""

    id: str
    citation: str
    url: str
    kind: str
    read: str


class Claim(NamedTuple):
    """A claim of an article about calcium: its verdict, the reason, and the rules that carry it."""

    claim: str
    verdict: str
    because: str
    rules: tuple[str, ...]


class Signature(NamedTuple):
    """A clinician's signature under a version of a rule; ``content`` is the hash of the rule as it was reviewed."""

    rule: str
    version: str
    content: str
    reviewer: str
    role: str
    date: str
    spot: Spot


class Switch(NamedTuple):
    """A rule that an overlay switches off or puts into shadow, with the reason; for a guard also the accepted risk."""

    rule: str
    how: Literal["off", "shadow"]
    reason: str
    accepted_risk: str
    spot: Spot


class Overlay(NamedTuple):
    """What a hospital laid over the rules: whose it is, why, the switched rules, and the rulebook without it.

    ``place`` is the folder with which the files of the overlay begin in a ``Spot``; ``replaced`` are the findings of
    ``base`` that have another definition now.
    """

    name: str
    owner: str
    reason: str
    place: str
    switches: tuple[Switch, ...]
    replaced: tuple[str, ...]
    base: RuleBook


@dataclass(frozen=True, slots=True, eq=False)
class RuleBook:
    """Everything that clinicians wrote, checked; two rulebooks are the same when they are one object.

    A rule in ``off`` or ``shadow`` neither decides, nor speaks, nor asks, and silences no other by firing; one in
    ``shadow`` is reported when it would have fired. What the patient's data silence stays silent.
    """

    title: str
    version: str
    canonical: str
    sha256: str
    terms: Frozen[str, AnyTerm]
    findings: Frozen[str, Finding]
    rules: Frozen[str, Rule]
    tiers: tuple[Tier, ...]
    outcomes: Frozen[str, str]
    default: str
    removals: tuple[Removal, ...]
    advice: Frozen[str, Advice]
    never: Frozen[str, NeverClaim]
    sources: Frozen[str, Source]
    products: ProductBook
    attributes: Frozen[str, str]
    background: tuple[tuple[str, str], ...]
    accepted: Frozen[str, str]
    claims: tuple[Claim, ...]
    off: frozenset[str] = frozenset()
    shadow: frozenset[str] = frozenset()
    signatures: tuple[Signature, ...] = ()
    overlay: Overlay | None = None
