"""The tiers as a picture: a staircase from the strongest to the weakest, as SVG."""

from __future__ import annotations

from cds.audit import svg
from cds.audit.decisions import look_of
from cds.rulebook.model import RuleBook, Tier

WIDTH, STEP, LEFT = 880.0, 16.0, 158.0


def staircase(book: RuleBook) -> str:
    """One step for each tier: the outcome, the name, what it says, and its rules in deciding order."""
    drawn, y = [], 4.0
    for number, tier in enumerate(book.tiers):
        part, height = _tier(book, tier, number, y)
        drawn.append(part)
        y += height + 6
    said = "; ".join(f"{tier.name}: {tier.outcome or 'cards only'}" for tier in book.tiers)
    description = f"From the strongest to the weakest: {said}. The table below says the same in words."
    return svg.picture(WIDTH, y, "The tiers", description, "".join(drawn))


def _tier(book: RuleBook, tier: Tier, number: int, y: float) -> tuple[str, float]:
    x = STEP * number
    width = WIDTH - x - 2
    inner = width - LEFT - 24
    named = ", ".join(tier.rules or _informing(book))
    lines = svg.wrapped(tier.says, int(inner / 7.2))
    rules = svg.wrapped(named, int(inner / 7.6))
    height = 14 + 18.0 * (1 + len(rules)) + 18.0 * (len(lines) - 1) + 6
    parts = [
        svg.rect(x, y, width, height, rx=4, class_="tier"),
        svg.rect(x, y, LEFT, height, rx=4, class_=look_of(book, tier.outcome)),
        svg.text(x + 12, y + 22, f"{number + 1}. {tier.name}", class_="on-colour strong"),
        svg.text(x + 12, y + 41, tier.outcome or "cards only", class_="on-colour"),
    ]
    parts += [svg.text(x + LEFT + 12, y + 22 + 18 * n, words, class_="name") for n, words in enumerate(lines)]
    below = y + 22 + 18 * len(lines)
    parts += [svg.text(x + LEFT + 12, below + 18 * n, words, class_="unit") for n, words in enumerate(rules)]
    return "".join(parts), max(height, 50.0)


def _informing(book: RuleBook) -> tuple[str, ...]:
    """The rules that never decide."""
    return tuple(rule.id for rule in book.rules.values() if not rule.votes)
