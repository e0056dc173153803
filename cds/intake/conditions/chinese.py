"""Names of conditions in Chinese texts: no space stands between words, and a denial reaches over a whole list.

``无高血压、糖尿病`` denies both; a comma or a full stop ends it, and so does *but* (``但``). Where one part of a
text is not understood nothing else in it is a fact; what its own clause denies is denied all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from cds.intake.conditions.contexts import BEFORE, Context, by_cue
from cds.intake.terminology.spelling import is_of_ideographs


class Named(NamedTuple):
    """A known name, how the text speaks of it, and what more the text says."""

    name: str
    context: Context
    rest: str = ""


_KANA = re.compile("[\u3040-\u30ff\uac00-\ud7af]")
_CLAUSES = re.compile(r"\s*(?:[,;。\n]|但有?)\s*")
_ITEMS = re.compile(r"\s*[、/]\s*|以及|及|和|与|或")
_MOST_ITEMS = 24
_DENYING = sorted(
    (cue for cue, said in by_cue(BEFORE).items() if said is Context.NEGATED and is_of_ideographs(cue)),
    key=len,
    reverse=True,
)
_DENIAL = re.compile(
    rf"(?<![有不未待需能])(?<!建议)(?<!进一步)(?:{'|'.join(map(re.escape, _DENYING))})"
    r"(?!症状|痛|明显诱因|诱因|创|法|力|效|论|关)"
)
"""What denies the names behind it; not in words such as *whether* (``有无``), *not ruled out*, *symptomless*."""
SEEN_BY = re.compile(r"(?!.*(?:待|疑|可能|未|无|不|建议|\?))[\w .-]{1,16}(?:提示|证实|显示|检出|确诊|诊断)")
"""A test by which something was found, in brackets behind its name: ``(冠脉CT提示)``."""
LASTED = re.compile(r"\s*\d+\s*(?:多|余|\+)?\s*(?:年|个月|月|周)(?:余|多)?$")
"""For how long it has been there, behind a name: ``10余年``."""


def is_chinese(text: str) -> bool:
    """Whether a text is written in Chinese characters alone: kana and Hangul have cues of their own."""
    return is_of_ideographs(text) and not _KANA.search(text)


def denied_before(before: str) -> bool:
    """Whether what stands before a name in the same clause denies it."""
    return _DENIAL.search(_CLAUSES.split(before)[-1]) is not None


def named_in_chinese(text: str, whole: Callable[[str], Named | None]) -> list[Named]:
    """The known names of which a text is made, each with its context; none where something is left over.

    ``whole`` gives the one name of which a part is made.
    """
    found: list[Named] = []
    for clause in filter(None, _CLAUSES.split(text)):
        own = _in_clause(clause, whole)
        if own is None:
            return []
        found += own
    return found


def _in_clause(clause: str, whole: Callable[[str], Named | None]) -> list[Named] | None:
    """The names of a clause; None where a part that is not denied is none."""
    if single := whole(clause):
        return [single]
    items = [item for item in _ITEMS.split(clause) if item][:_MOST_ITEMS]
    denied = _DENIAL.match(clause) is not None
    found = [whole(item) for item in items]
    if not denied and (len(items) < 2 or None in found):
        return None
    named = [item for item in found if item is not None]
    return [item._replace(context=Context.NEGATED) for item in named] if denied else list(_questioned(named))


def _questioned(named: Iterable[Named]) -> Iterator[Named]:
    """What stands behind a question in a list may be part of it."""
    doubted = False
    for item in named:
        yield item._replace(context=Context.POSSIBLE) if doubted and item.context is Context.STATED else item
        doubted = doubted or item.context is not Context.STATED
