"""The fixed phrases of cards in the words of an overlay: headings and the draft notice.

Texts of rules, names from the record and data for machines stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from cds.jsontypes import Json
from cds.rulebook.model import RuleBook


def phrased(cards: Iterable[Json], book: RuleBook) -> list[Json]:
    """The cards with the phrases of the wording; the same cards where it has none."""
    if not book.wording.phrases:
        return list(cards)
    return [_phrased(card, book) for card in cards]


def _phrased(card: Json, book: RuleBook) -> Json:
    phrases = book.wording.phrases
    detail = _headings(book).sub(lambda found: f"{found[1]}{phrases[found[2]]}{found[3]}", card.get("detail", ""))
    return {**card, "detail": detail.replace("：** ", "：**")}


@lru_cache(maxsize=8)
def _headings(book: RuleBook) -> re.Pattern[str]:
    """Phrases in bold, or alone in a paragraph."""
    listed = "|".join(map(re.escape, sorted(book.wording.phrases, key=len, reverse=True)))
    return re.compile(rf"(^\*\*|\n\*\*|\n\n|^)({listed})(\*\*|(?=\n\n|$))")
