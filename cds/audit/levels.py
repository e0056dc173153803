"""The numbers behind a bound: a plain number, or the limits that a term gives, which differ between patients."""

from __future__ import annotations

from typing import NamedTuple

from cds.audit.amounts import both, shown
from cds.quantity import Interval, tidy
from cds.rulebook.model import Computed, RuleBook
from cds.rulebook.model.form import Bound, Comparison

ENDLESS = Interval(float("-inf"), float("inf"), low_open=True, high_open=True)


class Level(NamedTuple):
    """A bound as numbers: the usual ones, and the lowest and highest that a patient can have."""

    lowest: float
    usual: tuple[float, ...]
    highest: float


def level_of(book: RuleBook, bound: Bound, scale: str = "") -> Level:
    """The numbers that a bound stands for; empty where the term names none."""
    if not bound.term:
        return Level(bound.number, (bound.number,), bound.number)
    numbers = _numbers(book, bound.term, f"{scale} ".lstrip())
    usual = tuple(sorted({tidy(value + bound.number) for value in numbers[0]}))
    every = [tidy(value + bound.number) for value in (*numbers[0], *numbers[1])] or [bound.number]
    return Level(min(every), usual, max(every))


def _numbers(book: RuleBook, name: str, scale: str) -> tuple[list[float], list[float]]:
    """The usual numbers of a limit, and the ends of what a laboratory may say instead."""
    term = book.terms.get(name)
    if not isinstance(term, Computed):
        return [], []
    usual = [term.numbers[f"{scale}default"]] if f"{scale}default" in term.numbers else []
    usual += [row.amount for row in term.rows]
    usual += [entry.amount for entry in term.instead if entry.amount is not None]
    named = [entry.term for entry in term.instead if entry.term] + ([] if usual else list(term.inputs))
    for other in named:
        usual += _numbers(book, other, scale)[0]
    ends = [term.numbers[key] for key in (f"{scale}plausible from", f"{scale}plausible to") if key in term.numbers]
    return usual, ends


def bound_text(book: RuleBook, term: str, comparison: Comparison, scale: str = "") -> str:
    """The comparison with its number in both systems; for a limit its usual numbers, and how far others may lie."""
    bound, unit = comparison.bound, comparison.bound.unit or book.topic.scales.get(scale, book.terms[term].unit)
    if not bound.term:
        return f"{comparison.word} {both(book, term, bound.number, unit)}"
    level = level_of(book, bound, scale)
    usual = " or ".join(both(book, term, value, unit) for value in level.usual)
    if not usual:
        return f"{comparison.word} {bound}"
    if (level.lowest, level.highest) != (level.usual[0], level.usual[-1]):
        own = f"{level.lowest:g} to {shown(level.highest, unit)}"
        return f"usually {comparison.word} {usual}; by the laboratory's own limit {own}"
    return f"{'usually ' if len(level.usual) == 1 else ''}{comparison.word} {usual}"


def held(word: str, level: Level) -> tuple[Interval, Interval]:
    """Where a comparison surely holds, and where it may, depending on the patient's own limit."""
    sure, may = {
        "above": (level.highest, level.lowest), "at least": (level.highest, level.lowest),
        "below": (level.lowest, level.highest), "at most": (level.lowest, level.highest),
    }[word]  # fmt: skip
    is_open = word in ("above", "below")
    if word in ("above", "at least"):
        return ENDLESS._replace(low=sure, low_open=is_open), ENDLESS._replace(low=may, low_open=is_open)
    return ENDLESS._replace(high=sure, high_open=is_open), ENDLESS._replace(high=may, high_open=is_open)


def common(one: Interval, other: Interval) -> Interval:
    """The numbers that both hold; ``low`` is above ``high`` where there are none."""
    low, low_open = max((one.low, one.low_open), (other.low, other.low_open))
    high, high_closed = min((one.high, not one.high_open), (other.high, not other.high_open))
    return Interval(low, high, low_open, not high_closed)
