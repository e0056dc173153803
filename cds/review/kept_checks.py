"""What `cds check` keeps of its work: its result by the content of the rules, and which case noticed each small change.

The first is used while nothing changed: rules, day and program; part of it outlives a change of words (``kept_logic``).
The second is a hint that is never believed: the case is tried again, before all others.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from cds.cache import DECIDING, cache_folder, keep, key_of, read_own
from cds.errors import Problem
from cds.review.checked import Checked
from cds.rulebook.kept import cache_file_of
from cds.rulebook.model import RuleBook

if TYPE_CHECKING:
    from cds.review.check import Logic
    from cds.review.noticing import Progress, Witnesses

CHECKING = (*DECIDING, "cards", "proof", "review")
"""The code that the result of a check rests on."""
LISTS = ("problems", "notes", "warnings")


def kept_result(book: RuleBook, today: date) -> Checked | None:
    """The result of a check of these rules on this day by this program; None where there was none."""
    place = _place_of_result(book, today)
    return None if place is None else _kept_result(place)


def checked(book: RuleBook, today: date, progress: Progress) -> Checked:
    """The result of a check, which is kept; small changes are tried on the cases that noticed them before first."""
    from cds.review.check import check_with  # noqa: PLC0415 - a kept result needs none of it

    found = check_with(book, today, logic_now(book, progress))
    place = _place_of_result(book, today)
    if place is not None:
        keep(place, orjson.dumps({name: _plain(value) for name, value in found._asdict().items()}))
    return found


def logic_now(book: RuleBook, progress: Progress) -> Logic:
    """What the cases of a rulebook say: what is kept of it, else tried, on the cases that noticed changes before first.

    It is kept for a rulebook without an overlay that a folder holds.
    """
    from cds.review.check import logic_of  # noqa: PLC0415 - as above
    from cds.review.kept_logic import keep_logic, kept_logic, place_of_logic  # noqa: PLC0415

    place = place_of_logic(book, CHECKING)
    if place is not None and (kept := kept_logic(book, place)) is not None:
        return kept
    hints = _place_of_witnesses(book)
    witnesses = _kept_witnesses(hints)
    logic = logic_of(book, progress, witnesses)
    keep(hints, orjson.dumps(witnesses))
    if place is not None:
        keep_logic(logic, place)
    return logic


def _place_of_result(book: RuleBook, today: date) -> Path | None:
    """None for a rulebook that was not opened from a folder: nothing names its content."""
    opened = cache_file_of(book)
    return opened and cache_folder() / f"{key_of((opened.stem, today), CHECKING)}.checked"


def _place_of_witnesses(book: RuleBook) -> Path:
    return cache_folder() / f"{key_of((book.canonical, book.overlay and book.overlay.name), ())}.witnesses"


def _kept_result(place: Path) -> Checked | None:
    try:
        kept: dict[str, Any] = orjson.loads(read_own(place))
        return Checked(**{**kept, **{name: _told(kept[name]) for name in LISTS}})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _kept_witnesses(place: Path) -> Witnesses:
    try:
        return {what: (rule, case) for what, (rule, case) in orjson.loads(read_own(place)).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _plain(value: Any) -> Any:
    return [problem._asdict() for problem in value] if isinstance(value, tuple) else value


def _told(problems: list[dict[str, Any]]) -> tuple[Problem, ...]:
    return tuple(Problem(**problem) for problem in problems)
