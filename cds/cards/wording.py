"""Values, units and names as people read them; text from the record made harmless."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from math import floor, log10

from cds.cards.units import in_first_unit
from cds.facts.fact import Fact
from cds.intake.record import Issue
from cds.quantity import Interval
from cds.rulebook.model import SEX_NAMES, AnyTerm, RuleBook, is_sex

LONGEST = 64
MOST_NAMES = 8
DIGITS = 3
"""The digits of a value in another unit: as many as results have."""
# Parts of UCUM units that people write otherwise.
_SPOKEN = {
    "{1.73_m2}": "1.73 m2",
    "[IU]": "IU",
    "[iU]": "IU",
    "(24.h)": "24 h",
    "{INR}": "",
    "{score}": "",
    "{T-score}": "",
}
_PLAIN = {"1": "", "a": "years"}
_ORDINARY = re.compile(r"[A-Za-z0-9/.:, -]*")
_NAMED = re.compile(r"[A-Za-z0-9/-]*").fullmatch
"""A reference such as ``Observation/1``: no link, no mark of Markdown."""
# What renderers turn into a link without any mark of Markdown.
_LINK = re.compile(r"://|www\.|@|(?:mailto|xmpp):", re.IGNORECASE)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#!|~>])")
# What a title loses: titles are plain text, and no escape would be read as one. Without them "(" and "!" mean nothing.
# A "<" or ">" before a number compares it: no tag begins so, and "< 4" must never become "4".
_MARKS = re.compile(r"(?:[\\`*_{}\[\]#|~\s]|[<>](?!\s?=?\s?\d))+|&(?=#?\w+;)")


def spoken(text: str) -> str:
    """A sentence of a rule file, or a unit, with the annotations of UCUM as people write them."""
    for code, word in _SPOKEN.items():
        text = text.replace(f" {code}" if not word else code, word).replace(code, word)
    return text


@lru_cache(maxsize=256)
def unit_text(unit: str) -> str:
    """A UCUM unit as people write it: ``mL/min/1.73 m2``, ``mg/day``; nothing for a plain number."""
    unit = spoken(unit)
    return _PLAIN.get(unit, f"{unit}ay" if unit.endswith("/d") else unit)


def number_text(value: float, step: float) -> str:
    """A number with one decimal more than the step of its term, without trailing zeros."""
    return _number_text(value, step) if value else f"{value:g}"


@lru_cache(maxsize=4096)
def _number_text(value: float, step: float) -> str:
    """The same for any number but zero: of that there are two, which are equal and are not written alike."""
    return f"{round(value, _decimals(step)):g}" if abs(value) < 1e5 else f"{value:.0f}"


@lru_cache(maxsize=256)
def _decimals(step: float) -> int:
    return max(0, -floor(log10(step))) + 1


def rounded_text(value: float) -> str:
    """A number in another unit than that of its term: with as many digits as results have."""
    return f"{value:.{DIGITS}g}" if abs(value) < 10**DIGITS else f"{value:.0f}"


def interval_text(value: Interval, unit: str, step: float | None) -> str:
    """``9.4 mg/dL``; ``400 to 1000 mg/day``; ``0 to below 8 ng/mL``. Without a step numbers have three digits."""
    words = unit_text(unit)
    low, high = (rounded_text(end) if step is None else number_text(end, step) for end in value[:2])
    if value.low == value.high:
        return f"{low} {words}".strip()
    return f"{'above ' if value.low_open else ''}{low} to {'below ' if value.high_open else ''}{high} {words}".strip()


def fact_text(book: RuleBook, term: AnyTerm, fact: Fact) -> str:
    """The value of a fact in words, in the unit that is printed first."""
    if is_sex(term):
        return book.wording.phrase(SEX_NAMES[fact.value.low])
    return value_text(book, term, fact.value, fact.unit)


def value_text(book: RuleBook, term: AnyTerm, held: Interval, unit: str) -> str:
    """A value or a range of values of a term, held in a unit, in the unit that is printed first."""
    value, shown, is_other = in_first_unit(book, term.name, held, unit)
    return book.wording.told(interval_text(value, shown, None if is_other else getattr(term, "step", 1)))


def harmless(text: str, longest: int = LONGEST) -> str:
    """Text from elsewhere as plain text: not too long, without control, format and direction characters."""
    kept = text if text.isascii() and text.isprintable() else plain(text)
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def plain(text: str, keep: str = "") -> str:
    """Text from elsewhere without control, format and direction characters, but with those to keep."""
    return "".join(char for char in text if char in keep or unicodedata.category(char)[0] != "C")


def escaped(text: str, longest: int = LONGEST) -> str:
    """Text inside Markdown: harmless, and nothing in it means anything to Markdown or HTML, links included."""
    if _NAMED(text) and len(text) <= longest:
        return text
    text = _unlinked(harmless(text, longest))
    if _ORDINARY.fullmatch(text):
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return _MARKDOWN.sub(r"\\\1", text)


def inert(text: str, longest: int = LONGEST) -> str:
    """Text inside a title: harmless, without what Markdown or HTML would act upon, should a client render titles."""
    return harmless(_unlinked(_MARKS.sub(" ", plain(text))).strip(), longest)


def _unlinked(text: str) -> str:
    return _LINK.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)


def issue_text(issue: Issue) -> str:
    """The text of an issue, with the names that the record gives to what was not understood, for a terminal or JSON."""
    return _with_names(issue, harmless)


def issue_markdown(issue: Issue) -> str:
    """The same inside Markdown."""
    return _with_names(issue, escaped)


def _with_names(issue: Issue, safe: Callable[[str], str]) -> str:
    if not issue.names:
        return issue.text
    more = len(issue.names) - MOST_NAMES
    listed = "; ".join(map(safe, issue.names[:MOST_NAMES]))
    return f"{issue.text.rstrip('.。')}: {listed}{f' and {more} more' if more > 0 else ''}."
