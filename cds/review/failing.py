"""Failing cases as problems: of a rule with many of them the first is shown, and where the others stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds.errors import Problem, few
from cds.review.cases import Failure
from cds.rulebook.model import RuleBook

MOST_SHOWN = 3
"""So many failing cases of one rule are shown one by one: one mistake can make hundreds of cases fail."""


def failing_problems(book: RuleBook, failed: Iterable[Failure]) -> list[Problem]:
    """A problem for each failing case, or one for all of a rule; in the order of files and lines."""
    by_rule: dict[str, list[Failure]] = {}
    for item in failed:
        by_rule.setdefault(item.rule, []).append(item)
    return sorted(problem for name, items in by_rule.items() for problem in _of_rule(book, name, items))


def _of_rule(book: RuleBook, name: str, items: list[Failure]) -> Iterator[Problem]:
    if len(items) <= MOST_SHOWN:
        yield from (_problem(item) for item in items)
        return
    first, *others = sorted(items, key=lambda item: item.case.spot)
    places = few([f"{item.case.spot.file}:{item.case.spot.line}" for item in others])
    count = f"{len(others)} more of its {len(book.rules[name].cases)} cases fail too: {places}"
    yield _problem(first, f"; {count}")


def _problem(item: Failure, more: str = "") -> Problem:
    spot = item.case.spot
    what = f"{item.rule}: expected '{item.expected}', seen '{item.seen}'{more}."
    return Problem(spot.file, spot.line, f"case '{item.case.name}'", what, "Mend the rule or the case.", "case-fails")
