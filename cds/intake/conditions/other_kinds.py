"""Conditions whose own text says that they are of another kind than their code or their name.

A code often does not name the kind. The text of the condition itself does, where it names it without a number behind
it (that would be a result) and neither denies nor questions it; what stands beside it in the record never does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cds.intake.conditions.contexts import Context
from cds.intake.terminology.denials import CLAUSE_END, DENIED, DOUBTED
from cds.intake.terminology.word_patterns import words_of_any_script
from cds.rulebook.model import Condition

_RESULT = re.compile(r"\W{0,3}(?!(?:19|20)\d\d\b)\d")
"""A number that is no year."""


class OtherKind(NamedTuple):
    """By which words a text says that a condition is another one, unless one of these stands in it too; which one."""

    words: re.Pattern[str]
    unless: tuple[str, ...]
    instead: str

    def is_told_by(self, texts: Iterable[str]) -> bool:
        """Whether the texts of a condition say it."""
        said = [" ".join(text.casefold().split()) for text in texts]
        if any(word in text for text in said for word in self.unless):
            return False
        return any(_names(text, match) for text in said for match in self.words.finditer(text))


def _names(text: str, match: re.Match[str]) -> bool:
    clause = CLAUSE_END.split(text[: match.start()])[-1] + CLAUSE_END.split(text[match.start() :])[0]
    return not (DENIED.search(clause) or DOUBTED.search(clause) or _RESULT.match(text, match.end()))


def other_kinds(conditions: Iterable[Condition]) -> dict[str, OtherKind]:
    """The other kinds that texts may say, by the term whose codes and names they stand beside."""
    return {
        term.name: OtherKind(
            words_of_any_script(term.other_words), tuple(map(str.casefold, term.own_words)), term.then_it_is
        )
        for term in conditions
        if term.other_words
    }


def by_their_kind(
    found: Mapping[str, Context], texts: Iterable[str], kinds: Mapping[str, OtherKind]
) -> dict[str, Context]:
    """The terms of a condition, each as the kind that its text says; one that is then no term is left out."""
    if found.keys().isdisjoint(kinds):
        return dict(found)
    said, own = list(texts), dict(found)
    for name in found.keys() & kinds.keys():
        if kinds[name].is_told_by(said):
            context = own.pop(name)
            if kinds[name].instead:
                own.setdefault(kinds[name].instead, context)
    return own
