"""Fills the placeholders of a card's text with what is known of one patient.

A title of which something is not known, or that becomes too long, is replaced by its fallback; of a detail the
sentences with something unknown are left out. Names come from the record: they are cut short and made harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from math import isfinite

from cds.cards.behind import names_behind, values_behind
from cds.cards.called import Calls
from cds.cards.lost_results import lost_results
from cds.cards.units import PrintedUnit, range_of, units_shown
from cds.cards.wording import escaped, inert, number_text, rounded_text, unit_text
from cds.evaluation import Evaluation
from cds.facts.fact import Fact
from cds.quantity import Interval
from cds.rulebook.model import (
    LONGEST_SUMMARY,
    RECORDED,
    SEX_NAMES,
    CardText,
    Wording,
    is_sex,
)
from cds.rulebook.model.placeholder import Placeholder, as_written, paragraphs, pieces, placeholders, without_brackets
from cds.rulebook.placeholders import speaks_of_lost_results

LONGEST_NAME = 40
"""The characters of a name from the record."""
MOST_NAMES = 3
"""How many names stand in one place; the others are counted."""
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Filling:
    """What is known about one patient, as texts of cards print it."""

    def __init__(self, evaluation: Evaluation, calls: Calls) -> None:
        self.evaluation, self.chart, self.book = evaluation, evaluation.chart, evaluation.book
        self.calls = calls
        self.told: dict[tuple[str, str, Callable[[str, int], str], bool], str] = {}

    def summary(self, text: CardText) -> str:
        """The title: filled, where it is too long without second units, then without what it says in brackets.

        What it says in brackets also goes where that is not known; else the fallback stands.
        """
        if not placeholders(text.summary):
            return text.summary
        plain = without_brackets(text.summary)
        for words, shorter in ((text.summary, False), (text.summary, True), (plain, True)):
            filled = self._filled(words, inert, shorter=shorter)
            if filled and len(filled) <= LONGEST_SUMMARY:
                return filled
        return text.fallback

    def detail(self, text: CardText) -> str:
        """The detail as Markdown: the sentences of which everything is known."""
        if not placeholders(text.detail):
            return as_written(text.detail)
        found = (self._sentences(sentences) for sentences in paragraphs(text.detail))
        return "\n\n".join(filter(None, found))

    def _sentences(self, sentences: Iterable[str]) -> str:
        filled = (self._filled(sentence, escaped) for sentence in sentences)
        return "".join(sentence for sentence in filled if sentence).strip()

    def _filled(self, text: str, safe: Callable[[str, int], str], *, shorter: bool = False) -> str | None:
        """A text with what its placeholders stand for; None where one is not known."""
        parts = []
        for part in pieces(text):
            if isinstance(part, str):
                parts.append(part)
            elif found := self.known(part, safe, shorter=shorter):
                parts.append(found if "".join(parts) else _capital(found))
            else:
                return None
        return "".join(parts)

    def known(self, item: Placeholder, safe: Callable[[str, int], str], *, shorter: bool = False) -> str:
        """What is printed for a placeholder; empty where it is not known."""
        key = item.name, item.way, safe, shorter
        if (found := self.told.get(key)) is None:
            found = self.told[key] = self._known(item, safe, shorter=shorter)
        return found

    def _known(self, item: Placeholder, safe: Callable[[str, int], str], *, shorter: bool) -> str:
        term = self.book.terms.get(item.name)
        if speaks_of_lost_results(item.name, self.book.findings):
            return listed(lost_results(self.chart, self.calls, safe, self._dated), self.book.wording)
        if term is None or isinstance(term, RECORDED):
            return self._recorded(item, safe)
        fact = self.chart.value(item.name)
        if fact is None:
            return ""
        if item.way == "name":
            return self.book.wording.name(fact.taken_from or item.name)
        if item.way in ("date", "age"):
            return self._day(item.way, None if fact.when is None else (fact.when.first, fact.when.last))
        return self.value(item.name, fact, both=item.way == "both units" and not shorter)

    def value(self, name: str, fact: Fact, *, both: bool) -> str:
        """``10.9 mg/dL``, ``below 8 ng/mL``; with both units ``10.9 mg/dL (2.72 mmol/L)``."""
        term = self.book.terms[name]
        if is_sex(term):
            return self.book.wording.phrase(SEX_NAMES[fact.value.low])
        first, *more = units_shown(self.book, name, fact.unit)
        whole = range_of(self.book, fact.taken_from if fact.taken_from in self.book.terms else name, fact.unit)
        step = getattr(term, "step", 1) if first.factor == 1 else None
        told = self.book.wording.told
        text = told(measured(fact.value, whole, first, step))
        if not (both and more and text):
            return text
        own = getattr(term, "step", 1) if more[0].factor == 1 else None
        return self.book.wording.filled("{} ({})", text, told(measured(fact.value, whole, more[0], own)))

    def _recorded(self, item: Placeholder, safe: Callable[[str, int], str]) -> str:
        """What the record calls it; where no entry stands behind it the results that do."""
        found = list(names_behind(self.evaluation, self.calls, item.name))
        if item.way not in ("date", "age"):
            names = [safe(name, LONGEST_NAME) for _, name, _ in found] or self._measured(item.name)
            return listed(dict.fromkeys(names), self.book.wording)
        days = [day for _, _, day in found if day is not None]
        return self._day(item.way, max(days, default=None))

    def _measured(self, name: str) -> list[str]:
        """``PTH 100 pg/mL``, one for each value by which a finding is present."""
        wording = self.book.wording
        behind = values_behind(self.chart, name)
        named = ((wording.name(fact.taken_from or term), self.value(term, fact, both=False)) for term, fact in behind)
        return [f"{name} {text}" for name, text in named if text]

    def _day(self, way: str, days: tuple[int, int] | None) -> str:
        """A day, or how long ago it was; empty for none."""
        if days is None:
            return ""
        if way == "age":
            return self.book.wording.told(age_text(self.chart.day, *days))
        return self._dated(*days)

    def _dated(self, first: int, last: int) -> str:
        return day_text(first, last) if self.book.wording.language == "en" else numeric_day(first, last)


def _capital(text: str) -> str:
    """With a capital at the beginning of a text, unless it begins as ``eGFR`` does."""
    return text[:1].upper() + text[1:] if text[1:2].islower() else text


def listed(names: Iterable[str], wording: Wording) -> str:
    """``A``, ``A and B``, ``A, B, C and 2 more``."""
    all_names = list(names)
    shown, more = all_names[:MOST_NAMES], len(all_names) - MOST_NAMES
    last = [] if more > 0 else [shown.pop()] if len(shown) > 1 else []
    text = wording.series("{}, {}", shown) if shown else ""
    if more > 0:
        return wording.filled("{} and {} more", text, str(more))
    return wording.filled("{} and {}", text, *last) if last else text


def measured(value: Interval, whole: Interval, unit: PrintedUnit, step: float | None = None) -> str:
    """A value in a unit; below a bound or above one as it is recorded: ``below 8 ng/mL``.

    ``whole`` is all that it can be: what reaches an end of that has no bound there. Empty for a value without bounds.
    """
    low, high = (_number(end / unit.factor, step) if isfinite(end) else "" for end in value[:2])
    open_below, open_above = value.low <= whole.low, value.high >= whole.high
    if value.is_point:
        text = low
    elif open_below and open_above:
        return ""
    elif open_below:
        text = f"{'below' if value.high_open else 'at most'} {high}"
    elif open_above:
        text = f"{'above' if value.low_open else 'at least'} {low}"
    else:
        text = f"{low} to {'below ' if value.high_open else ''}{high}"
    return f"{text} {unit_text(unit.text)}".strip()


def _number(value: float, step: float | None) -> str:
    if step is not None:
        return number_text(value, step)
    return rounded_text(value)


def day_text(first: int, last: int) -> str:
    """``20 Nov 2026``; ``Nov 2026`` or ``2026`` where no more is known."""
    one, other = date.fromordinal(first), date.fromordinal(last)
    if one == other:
        return f"{one.day} {MONTHS[one.month - 1]} {one.year}"
    if (one.year, one.month) == (other.year, other.month):
        return f"{MONTHS[one.month - 1]} {one.year}"
    return str(one.year) if one.year == other.year else f"{one.year} to {other.year}"


def numeric_day(first: int, last: int) -> str:
    """The same in numbers alone, for every language: ``2026-11-20``, ``2026-11``, ``2026``."""
    one, other = date.fromordinal(first).isoformat(), date.fromordinal(last).isoformat()
    if one == other:
        return one
    return next((one[:size] for size in (7, 4) if one[:size] == other[:size]), f"{one[:4]}-{other[:4]}")


def age_text(today: int, first: int, last: int) -> str:
    """``12 days ago``, ``today``; of a day that is not known for certain ``up to 40 days ago``."""
    days = today - first
    if first == last and days <= 0:
        return "today"
    told = "1 day ago" if days == 1 else f"{days} days ago"
    return told if first == last else f"up to {told}"
