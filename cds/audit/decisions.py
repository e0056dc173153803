"""How rules decide: decision tables, the tiers as a staircase, and what silences and overrules what."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from markupsafe import Markup

from cds.audit import svg
from cds.rulebook.model import Part, Removal, Rule, RuleBook, Tier

STEP_DEPTH, LABEL_WIDTH = 16.0, 158.0
"""How far each tier stands to the right of the one above, and how wide its outcome and name are."""


class Then(NamedTuple):
    """What a rule decides: the tier and its outcome, and the finding under which it does (empty: always)."""

    tier: str
    outcome: str
    finding: str


class DecisionRow(NamedTuple):
    """One combination of findings under which a rule fires (all of them), and what it decides."""

    rule: Rule
    parts: tuple[Part, ...]
    then: tuple[Then, ...]


def rows_of(book: RuleBook, rule: Rule) -> tuple[DecisionRow, ...]:
    """The rows of a rule: one for each finding that is enough by itself, or one for all together."""
    then = then_of(book, rule)
    if rule.when.how == "any":
        return tuple(DecisionRow(rule, (part,), then) for part in rule.when.parts)
    return (DecisionRow(rule, rule.when.parts, then),)


def then_of(book: RuleBook, rule: Rule) -> tuple[Then, ...]:
    """Where a rule decides; nothing for a rule that never does."""
    outcomes = {tier.name: tier.outcome for tier in book.tiers}
    return tuple(Then(vote.tier, outcomes[vote.tier], vote.finding) for vote in rule.votes)


def table(book: RuleBook, rules: Iterable[Rule]) -> tuple[DecisionRow, ...]:
    """The rows of several rules."""
    return tuple(row for rule in rules for row in rows_of(book, rule))


def look_of(book: RuleBook, outcome: str) -> str:
    """The class by which a page colours an outcome: its role, ``other`` without one, ``inform`` for no outcome."""
    role = book.role_of(outcome) or ("other" if outcome else "inform")
    return f"is-{role.replace(' ', '-')}"


class TakenAway(NamedTuple):
    """What an entry of silencing.yaml takes away from some rules; ``what`` is the card, the decision, or a code."""

    what: str
    rules: tuple[str, ...]
    all_but: tuple[str, ...]


class Influence(NamedTuple):
    """What a rule does to others and what others do to it.

    ``stronger`` are, for each tier in which the rule decides, the rules that decide before it.
    """

    silences: tuple[tuple[Removal, tuple[TakenAway, ...]], ...]
    silenced: tuple[tuple[Removal, tuple[str, ...]], ...]
    stronger: tuple[tuple[str, int, int, tuple[str, ...], tuple[str, ...]], ...]


def influence_of(book: RuleBook, rule: Rule) -> Influence:
    """The influence of a rule, from silencing.yaml and precedence.yaml."""
    silences = tuple((entry, taken(book, entry)) for entry in book.removals if rule.id in entry.by)
    losses = ((entry, _lost(entry, rule)) for entry in book.removals)
    return Influence(silences, tuple((entry, what) for entry, what in losses if what), _stronger(book, rule))


def taken(book: RuleBook, entry: Removal) -> tuple[TakenAway, ...]:
    """What an entry takes away, and from whom; codes that are taken from the same rules stand together."""
    found = [_taken(book, what, rules) for what, rules in (("card", entry.cards), ("decision", entry.votes)) if rules]
    grouped: dict[frozenset[str], list[str]] = {}
    for code, rules in entry.codes.items():
        grouped.setdefault(rules, []).append(code)
    return (*found, *(_taken(book, ", ".join(sorted(codes)), rules) for rules, codes in grouped.items()))


def _taken(book: RuleBook, what: str, rules: Collection[str]) -> TakenAway:
    """Named by those who keep it where these are fewer."""
    named = tuple(name for name in book.rules if name in rules)
    kept = tuple(name for name in book.rules if name not in rules)
    return TakenAway(what, (), kept) if len(kept) < len(named) else TakenAway(what, named, ())


def _lost(entry: Removal, rule: Rule) -> tuple[str, ...]:
    codes = {saying.code for saying in rule.advice}
    found = ["its card"] if rule.id in entry.cards else []
    found += ["its decision"] if rule.id in entry.votes else []
    return (*found, *(code for code in sorted(entry.codes) if code in codes and rule.id in entry.codes[code]))


def _stronger(book: RuleBook, rule: Rule) -> tuple[tuple[str, int, int, tuple[str, ...], tuple[str, ...]], ...]:
    """Tier, the rule's place in it and how many it has, the rules before it there, and the tiers above."""
    found = []
    for number, tier in enumerate(book.tiers):
        if rule.id in tier.rules and tier.name in {vote.tier for vote in rule.votes}:
            place = tier.rules.index(rule.id)
            above = tuple(other.name for other in book.tiers[:number])
            found.append((tier.name, place + 1, len(tier.rules), tier.rules[:place], above))
    return tuple(found)


def staircase(book: RuleBook) -> Markup:
    """One step for each tier: the outcome, the name, what it says, and its rules in deciding order."""
    drawn, y = [], 4.0
    for number, tier in enumerate(book.tiers):
        part, height = _tier(book, tier, number, y)
        drawn.append(part)
        y += height + 6
    said = "; ".join(f"{tier.name}: {tier.outcome or 'cards only'}" for tier in book.tiers)
    description = f"From the strongest to the weakest: {said}. The table below says the same in words."
    return svg.picture(y, "The tiers", description, "".join(drawn))


def _tier(book: RuleBook, tier: Tier, number: int, y: float) -> tuple[str, float]:
    x = STEP_DEPTH * number
    width = svg.WIDTH - x - 2
    inner = width - LABEL_WIDTH - 24
    named = ", ".join(tier.rules or _informing(book))
    lines = svg.wrapped(tier.says, int(inner / 7.2))
    rules = svg.wrapped(named, int(inner / 7.6))
    height = 14 + 18.0 * (1 + len(rules)) + 18.0 * (len(lines) - 1) + 6
    parts = [
        svg.rect(x, y, width, height, rx=4, class_="tier"),
        svg.rect(x, y, LABEL_WIDTH, height, rx=4, class_=look_of(book, tier.outcome)),
        svg.text(x + 12, y + 22, f"{number + 1}. {tier.name}", class_="on-colour strong"),
        svg.text(x + 12, y + 41, tier.outcome or "cards only", class_="on-colour"),
    ]
    parts += [svg.text(x + LABEL_WIDTH + 12, y + 22 + 18 * n, words, class_="name") for n, words in enumerate(lines)]
    below = y + 22 + 18 * len(lines)
    parts += [svg.text(x + LABEL_WIDTH + 12, below + 18 * n, words, class_="unit") for n, words in enumerate(rules)]
    return "".join(parts), max(height, 50.0)


def _informing(book: RuleBook) -> tuple[str, ...]:
    """The rules that never decide."""
    return tuple(rule.id for rule in book.rules.values() if not rule.votes)
