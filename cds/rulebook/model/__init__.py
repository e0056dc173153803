"""The rulebook in memory: immutable, typed, and free of files.

The loader builds it once, after every reference in it was checked; everybody else only reads it.
"""

from cds.rulebook.model.book import Overlay, RuleBook
from cds.rulebook.model.finding import Finding, Joined, Part
from cds.rulebook.model.form import Form
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
from cds.rulebook.model.rule import (
    Card,
    CardText,
    Case,
    Clause,
    Indicator,
    OtherNumber,
    Removal,
    Rule,
    Saying,
    Tier,
    Vote,
)
from cds.rulebook.model.saying import Advice, Claim, NeverClaim, Signature, Source, Switch
from cds.rulebook.model.sense import ASKED, Sense
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
from cds.rulebook.model.topic import ServiceText, Topic

__all__ = [
    "ADJUST_DOSE",
    "ASKED",
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
    "Demographic",
    "Dose",
    "Finding",
    "Form",
    "Frozen",
    "GoalTerm",
    "Indicator",
    "Instead",
    "Joined",
    "Measurement",
    "Medication",
    "NeverClaim",
    "OtherNumber",
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
    "ServiceText",
    "Signature",
    "Source",
    "Spot",
    "Switch",
    "Tier",
    "Topic",
    "Vote",
    "Window",
    "finding_names_in",
]
