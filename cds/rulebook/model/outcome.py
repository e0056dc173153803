"""precedence.yaml: the outcomes, what each is to the engine, and the tiers in which rules decide.

The rule files name the outcomes, and say which of them has which role. An outcome may have no role (go on, with another
dose); it is stricter or more permissive than another by its place.
"""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple, TypeAlias

from cds.rulebook.declared import NOT_COMPARED, Called, Key, Known
from cds.rulebook.declared import ORDERED as ORDER_COUNTS
from cds.rulebook.model.frozen import Frozen, Spot

Role: TypeAlias = Literal["stop now", "pause", "no answer", "go on", "outside the scope"]
"""The roles, but for the last from the strictest to the most permissive; each is that of one outcome at most.

``stop now``: what is asked for is needed today. ``pause``: a vote for it says something only where it becomes the
outcome. ``no answer``: needed data are missing, and asked for; every rulebook has it, as it is also given while a rule
that counts is switched off. ``go on``: nobody looks further. ``outside the scope``: no advice, and no data are asked
for; neither stricter nor more permissive than another.
"""
ORDERED: tuple[Role, ...] = ("stop now", "pause", "no answer", "go on")
"""The roles that are stricter or more permissive than each other, in their order."""


def verb_of(outcome: str) -> str:
    """The verb of an outcome, its first word: a rule that votes for ``adjust-dose`` adjusts."""
    return outcome.replace(" ", "-").partition("-")[0]


class Outcome(NamedTuple):
    """An outcome: what it says, and what it means to the engine, where it means something of its own."""

    says: str
    means: Role | None = None


class Tier(NamedTuple):
    """A named level of precedence: its outcome (empty: none) and its rules in deciding order.

    ``guarded``: its rules keep patients from harm, as a rule does that is guarded by itself; whoever switches one off
    says that the risk is accepted. ``two_signatures``: a rule that decides here is signed by two clinicians.
    """

    name: Annotated[str, Key("tier"), NOT_COMPARED]
    says: str
    spot: Spot
    outcome: Annotated[str, Known(("outcome",))] = ""
    guarded: bool = False
    two_signatures: bool = False
    rules: Annotated[tuple[str, ...], Called("deciding order"), ORDER_COUNTS, Known(("rule",))] = ()


Rules: TypeAlias = Annotated[tuple[str, ...], Known(("rule",))]


class JoinedCard(NamedTuple):
    """One card in place of those of several rules, with a line for each that speaks; it is never folded.

    ``title`` is followed by what the record calls the things that the rules are about.
    """

    name: Annotated[str, Key("card")]
    title: str
    rules: Rules


class CardOrder(NamedTuple):
    """How the cards of an answer stand, beyond what they say of themselves.

    A rule that ``stands_last`` does so even where it decides; those ``folded_first`` go first where there are too many.
    """

    stands_last: Rules = ()
    folded_first: Rules = ()
    joined: tuple[JoinedCard, ...] = ()


NO_ORDER = CardOrder()
"""Where the rule files say nothing of it."""


class PrecedenceFile(NamedTuple):
    """rules/precedence.yaml: the outcomes stand from the strictest to the most permissive."""

    outcomes: Frozen[str, Outcome]
    tiers: tuple[Tier, ...]
    default: str
    cards: CardOrder = NO_ORDER
