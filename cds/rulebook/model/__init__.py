"""The rulebook in memory: immutable, typed, and free of files.

The loader builds it once, after every reference in it was checked; everybody else only reads it.
"""

from cds.rulebook.model.book import Overlay, RuleBook
from cds.rulebook.model.finding import Definition, Finding, Joined, Part, Sense
from cds.rulebook.model.frozen import Frozen, Spot
from cds.rulebook.model.outcome import (
    ADJUST_DOSE,
    CONTINUE,
    HOLD,
    NOT_APPLICABLE,
    OUTCOMES,
    STOP,
    UNDECIDED,
)
from cds.rulebook.model.product import Contents, ProductBook, Salt
from cds.rulebook.model.rule import Card, CardText, Case, Clause, Indicator, Removal, Rule, Saying, Tier, Vote
from cds.rulebook.model.saying import Advice, Claim, NeverClaim, Signature, Source, Switch
from cds.rulebook.model.term import (
    RECORDED,
    SEX_NAMES,
    SEXES,
    AnyTerm,
    Code,
    Computed,
    Condition,
    Demographic,
    Dose,
    GoalTerm,
    Instead,
    Measurement,
    Medication,
    ProductTerm,
    Row,
    Window,
    finding_names_in,
)

__all__ = [
    "ADJUST_DOSE",
    "CONTINUE",
    "HOLD",
    "NOT_APPLICABLE",
    "OUTCOMES",
    "RECORDED",
    "SEXES",
    "SEX_NAMES",
    "STOP",
    "UNDECIDED",
    "Advice",
    "AnyTerm",
    "Card",
    "CardText",
    "Case",
    "Claim",
    "Clause",
    "Code",
    "Computed",
    "Condition",
    "Contents",
    "Definition",
    "Demographic",
    "Dose",
    "Finding",
    "Frozen",
    "GoalTerm",
    "Indicator",
    "Instead",
    "Joined",
    "Measurement",
    "Medication",
    "NeverClaim",
    "Overlay",
    "Part",
    "ProductBook",
    "ProductTerm",
    "Removal",
    "Row",
    "Rule",
    "RuleBook",
    "Salt",
    "Saying",
    "Sense",
    "Signature",
    "Source",
    "Spot",
    "Switch",
    "Tier",
    "Vote",
    "Window",
    "finding_names_in",
]
