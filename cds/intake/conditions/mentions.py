"""Names of conditions that stand among other words of a text, and that nobody denies there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from cds.intake.conditions.chinese import denied_before, is_chinese
from cds.intake.conditions.condition_names import BEFORE_NAMES, CLAUSES, LONGEST_CUE, name_key
from cds.intake.conditions.contexts import Context
from cds.intake.terminology.spelling import is_of_ideographs

_DENYING = frozenset(cue for cue, context in BEFORE_NAMES.items() if context in (Context.NEGATED, Context.NOT_HERS))
_WORDS = re.compile(r"[\w'/.+-]*[\w'/+]")


def mentioned_in(text: str, names: Mapping[str, object], others: frozenset[str], longest: int) -> list[str]:
    """The names that stand somewhere in a text, the longest at each place; those that their clause denies left out.

    A name that is part of that of another condition is none.
    """
    found: list[str] = []
    for clause in CLAUSES.split(name_key(text)):
        is_unspaced = is_of_ideographs(clause)
        found += _of_ideographs(clause, names) if is_unspaced else _of_words(clause, names, others, longest)
    return found


def _of_words(clause: str, names: Mapping[str, object], others: frozenset[str], longest: int) -> Iterator[str]:
    words, place, denied = _WORDS.findall(clause), 0, False
    while place < len(words):
        spans = ((n, " ".join(words[place : place + n])) for n in range(longest, 0, -1))
        size = next((n for n, span in spans if span in names or span in others), 0)
        name = " ".join(words[place : place + size])
        if name in names and not denied and not _is_denied_by(words[place + size :]):
            yield name
        denied = denied or any(" ".join(words[place : place + n]) in _DENYING for n in range(1, LONGEST_CUE))
        place += size or 1


_NOT_FOUND = re.compile(
    r"(?:is |are |was |were |has been |have been )?"
    r"(?:not (?:seen|identified|present|found|demonstrated|detected|visible|visualized|visualised|evident|noted|shown)|"
    r"absent|excluded|ruled out|nicht nachweisbar|ausgeschlossen|nicht vorhanden|absente?|exclue?|assente|esclus[ao]|"
    r"ausente|descartad[ao]|afwezig|uitgesloten)"
)
"""What denies a name, where nothing else follows in the clause."""


def _is_denied_by(words: list[str]) -> bool:
    return bool(words) and bool(_NOT_FOUND.fullmatch(" ".join(words)))


_DENIED_BEHIND = ("なし", "否定", "除外", "已排除", "家族史", "家族歴", "家族歷")


def _of_ideographs(clause: str, names: Mapping[str, object]) -> Iterator[str]:
    rest = clause
    for name in sorted((name for name in names if name in clause and is_of_ideographs(name)), key=len, reverse=True):
        before, found, after = rest.partition(name)
        if not found:
            continue
        rest = f"{before}\n{after}"
        denied = any(before.endswith(cue) for cue in _DENYING if cue) or (is_chinese(clause) and denied_before(before))
        if not denied and not after.startswith(_DENIED_BEHIND):
            yield name


def longest_of(names: Iterable[str]) -> int:
    """The number of words of the longest name."""
    return max((len(name.split()) for name in names), default=0)
