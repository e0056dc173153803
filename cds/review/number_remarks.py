"""Numbers in prose that are no numbers of the rules: what a changed threshold leaves behind in sentences and cards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cds.errors import Problem
from cds.review.number_words import DAYS_OF
from cds.review.numbers import RuleNumber
from cds.review.reader import Reader
from cds.review.texts import RuleText, texts_of
from cds.review.written_numbers import YEAR_OF_A_SOURCE, WrittenNumber, written_numbers
from cds.rulebook.model import OtherNumber, RuleBook
from cds.rulebook.model.form import DAY

_DIGITS = re.compile(r"^-?[\d,.]+")

_DECIMAL_COMMA = re.compile(r"(-?\d+),(\d{1,2}(?!\d).*|\d{4,}.*)", re.DOTALL)


class Stranger(NamedTuple):
    """A number of a text that is none of what the text speaks of."""

    text: RuleText
    mention: WrittenNumber


def number_remarks(book: RuleBook) -> list[Problem]:
    """Numbers of sentences that nothing behind them holds; declared numbers that are wrong, or that no text needs."""
    reader, used = Reader(book), set[OtherNumber]()
    texts = (text for text in texts_of(book) if not _is_a_name_of_the_base(book, text))
    found = [_remark(reader, item) for item in strangers(reader, texts, used)]
    return [*found, *_commas(reader), *_declared(reader, used)]


def name_notes(book: RuleBook) -> Iterator[Problem]:
    """Names of the base with a number that an overlay changes; they stay, as everything refers to them."""
    reader = Reader(book)
    names = (text for text in texts_of(book) if _is_a_name_of_the_base(book, text))
    for text, mention in strangers(reader, names, set()):
        what = f"'{mention.words}' is no longer its number."
        todo = f"{nearest_number(mention, reader.near(mention, text))} Nothing to do here: the name stays."
        yield Problem(*text.spot, text.place, what, todo.strip(), "name-overridden")


def strangers(reader: Reader, texts: Iterable[RuleText], used: set[OtherNumber]) -> Iterator[Stranger]:
    """The numbers of texts that are not known; the declarations that the others need are added to ``used``."""
    for text in texts:
        for mention in written_numbers(text.text, reader.words):
            known = reader.known(mention, text)
            used.update(known.needs)
            if not known.is_known:
                yield Stranger(text, mention)


def _remark(reader: Reader, item: Stranger) -> Problem:
    text, mention = item
    line = text.spot.line + text.text.count("\n", 0, mention.at)
    if mention.unit == YEAR_OF_A_SOURCE:
        what = f"'{mention.words}' is the year of no source."
        return Problem(text.spot.file, line, text.place, what, "Mend it, or add the source.", "number-in-prose")
    per = f" per {mention.per}" if mention.per else ""
    what = f"'{mention.words}'{per} is no number of {text.of}."
    return Problem(text.spot.file, line, text.place, what, _todo(reader, item), "number-in-prose")


def _commas(reader: Reader) -> Iterator[Problem]:
    """Numbers with a decimal comma, which is read as a point and which readers take for thousands.

    In the texts of an overlay it may be how its language writes numbers.
    """
    overlay = reader.book.overlay
    for text in texts_of(reader.book):
        if overlay is None or not overlay.layer_of(text.spot.file):
            for mention in written_numbers(text.text, reader.words):
                if match := _DECIMAL_COMMA.match(mention.words):
                    line = text.spot.line + text.text.count("\n", 0, mention.at)
                    what, todo = f"'{mention.words}' has a decimal comma.", f"Write '{match[1]}.{match[2]}'."
                    yield Problem(text.spot.file, line, text.place, what, todo, "number-in-prose")


def _is_a_name_of_the_base(book: RuleBook, text: RuleText) -> bool:
    """Whether it is the name of a finding or an entry of silencing of the base, and an overlay is laid over that."""
    if book.overlay is None or not text.is_name:
        return False
    return text.place.startswith("silencing ") or any(text.of == f"'{name}'" for name in book.overlay.base.findings)


def _todo(reader: Reader, item: Stranger) -> str:
    text, mention = item
    near = nearest_number(mention, reader.near(mention, text))
    overlay = reader.book.overlay
    if overlay is None or overlay.layer_of(text.spot.file):
        mend = _mend(reader, item) if text.rules else "Mend the text."
    elif text.can_be_reworded:
        mend = f"Say in {overlay.place}/texts.yaml what stands there here."
    elif text.place.startswith("finding "):
        mend = "Replace the finding with another 'says'."
    else:
        mend = "An overlay cannot change this text: tell those who own the base."
    return f"{near} {mend}".strip()


def _mend(reader: Reader, item: Stranger) -> str:
    holder = reader.holder(item.mention, item.text)
    own = f" (it is one of '{holder}')" if holder else ""
    return f"Mend the text, or name the number under 'other numbers' of the rule{own}."


def nearest_number(mention: WrittenNumber, numbers: Iterable[RuleNumber]) -> str:
    """``Did you mean 13 ng/mL?`` with the nearest number in the unit of the text; nothing where none is near."""
    values = [(value, number.per) for number in numbers for value in _in_its_unit(mention, number)]
    near = [item for item in values if mention.written / 2 <= item[0] <= mention.written * 2]
    if not near:
        return ""
    nearest, per = min(near, key=lambda item: (abs(item[0] - mention.written), item))
    stated = f" per {per}" if mention.per and per else ""
    return f"Did you mean {round(nearest, 3):.12g}{_DIGITS.sub('', mention.words)}{stated}?"


def _in_its_unit(mention: WrittenNumber, number: RuleNumber) -> Iterator[float]:
    if mention.unit in ("", number.unit):
        yield number.value / DAYS_OF.get(mention.time, 1) if number.unit == DAY else number.value
    elif factor := dict(number.factors).get(mention.unit):
        yield round(number.value / factor, mention.decimals)


def _declared(reader: Reader, used: set[OtherNumber]) -> Iterator[Problem]:
    for rule in reader.book.rules.values():
        for item in rule.other_numbers:
            if item.of and (wrong := reader.stranger_in(item)):
                yield _not_of(reader, rule.id, item, wrong)
            elif item not in used:
                what = f"no text of {rule.id} needs '{item.amount}'."
                todo = "Take it out: a finding of the rule holds it, or no text has it."
                yield Problem(*item.spot, f"{rule.id} other numbers", what, todo, "number-not-used")


def _not_of(reader: Reader, rule: str, item: OtherNumber, wrong: WrittenNumber) -> Problem:
    near = nearest_number(wrong, reader.near(wrong, reader.declaration(item)))
    what = f"'{wrong.words}' is no number of '{item.of}'."
    todo = near or "Name another finding or term."
    return Problem(*item.spot, f"{rule} other numbers", what, todo, "number-in-prose")
