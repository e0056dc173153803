"""How users took the cards: acceptance and overrides of each rule and reason, with confidence intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import sqrt
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Engine, func, select

from cds.cards.override_reasons import NOT_MAPPED, category_of
from cds.jsontypes import Json
from cds.records.tables import CARDS_TABLE, FEEDBACK_TABLE

Z = 1.959964
"""The 97.5th percentile of the normal distribution: both sides leave 95 % between them."""
NO_REASON = "no reason given"
NO_CODES: Mapping[str, str] = MappingProxyType({})


class Proportion(NamedTuple):
    """A part of a total, with the 95 % confidence interval of the proportion (all of 0..1 where total is 0)."""

    part: int
    total: int
    low: float
    high: float


class RuleFeedback(NamedTuple):
    """What became of the cards of one version of a rule: shown, and of those that users answered, their answers."""

    rule: str
    version: str
    shown: int
    accepted: Proportion
    overridden: Proportion
    reasons: dict[str, Proportion]
    categories: dict[str, Proportion]
    """The same by the categories of HL7 (``cds.cards.override_reasons``)."""


class FeedbackReport(NamedTuple):
    """All rules, and the number of feedback entries whose card is not on record."""

    rules: list[RuleFeedback]
    unknown_cards: int


def share(part: int, total: int) -> Proportion:
    """A proportion with its Wilson score interval (Wilson 1927, J Am Stat Assoc 22:209), without continuity correction.

    It holds for small counts and for proportions near 0 and 1, where the usual interval does not.
    """
    if total == 0:
        return Proportion(part, total, 0.0, 1.0)
    p, z2 = part / total, Z * Z / total
    middle, half = p + z2 / 2, Z * sqrt(p * (1 - p) / total + z2 / (4 * total))
    return Proportion(part, total, max(0.0, (middle - half) / (1 + z2)), min(1.0, (middle + half) / (1 + z2)))


class _Answer(NamedTuple):
    """The last thing that a user did with a card of a decision."""

    outcome: str
    reason: str


def feedback_report(engine: Engine, own: Mapping[str, str] = NO_CODES) -> FeedbackReport:
    """The report on everything on record; ``own`` are the categories of a hospital's own codes.

    A card that was reported several times counts once, with its last outcome; shown in several decisions, it counts in
    each. Folded cards are counted under their topic.
    """
    shown, unknown = _shown(engine), _unknown(engine)
    answers = _answers(engine)
    rules = sorted(shown.keys() | answers.keys())
    return FeedbackReport([_of_rule(*rule, shown[rule], answers.get(rule, []), own) for rule in rules], unknown)


def _shown(engine: Engine) -> Counter[tuple[str, str]]:
    """How many cards of each version of each rule were shown."""
    query = select(CARDS_TABLE.c.rule, CARDS_TABLE.c.version, func.count().label("shown")).group_by(
        CARDS_TABLE.c.rule, CARDS_TABLE.c.version
    )
    with engine.connect() as connection:
        return Counter({(one.rule, one.version): one.shown for one in connection.execute(query)})


def _unknown(engine: Engine) -> int:
    query = select(func.count()).where(FEEDBACK_TABLE.c.number.is_(None))
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def _answers(engine: Engine) -> dict[tuple[str, str], list[_Answer]]:
    """The last answer to each card of each decision, by rule and version."""
    row, last = FEEDBACK_TABLE.c, {}
    with engine.connect() as connection:
        for one in connection.execute(select(FEEDBACK_TABLE).where(row.number.is_not(None)).order_by(row.at, row.id)):
            last[one.card, one.number] = (one.rule, one.version), _Answer(one.outcome, one.reason)
    found: dict[tuple[str, str], list[_Answer]] = {}
    for rule, answer in last.values():
        found.setdefault(rule, []).append(answer)
    return found


def _of_rule(rule: str, version: str, shown: int, answers: list[_Answer], own: Mapping[str, str]) -> RuleFeedback:
    accepted = sum(answer.outcome == "accepted" for answer in answers)
    overrides = [answer.reason or NO_REASON for answer in answers if answer.outcome == "overridden"]
    why, groups = _shares(overrides), _shares([category(reason, own) for reason in overrides])
    told = share(accepted, len(answers)), share(len(overrides), len(answers))
    return RuleFeedback(rule, version, shown, *told, why, groups)


def _shares(named: list[str]) -> dict[str, Proportion]:
    return {name: share(count, len(named)) for name, count in Counter(named).most_common()}


def category(reason: str, own: Mapping[str, str]) -> str:
    """The category of HL7 in which a reason is, by HL7's codes or by a hospital's own."""
    return reason if reason == NO_REASON else category_of(reason) or own.get(reason) or NOT_MAPPED


def as_json(found: FeedbackReport) -> Json:
    """The report as JSON data."""
    rules = [
        {
            **one._asdict(),
            "accepted": one.accepted._asdict(),
            "overridden": one.overridden._asdict(),
            "reasons": {reason: part._asdict() for reason, part in one.reasons.items()},
            "categories": {name: part._asdict() for name, part in one.categories.items()},
        }
        for one in found.rules
    ]
    return {"rules": rules, "unknownCards": found.unknown_cards}
