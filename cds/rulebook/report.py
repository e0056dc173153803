"""Collects every problem of the rule files, so that all are said at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from cds.errors import Problem, nearest
from cds.rulebook.model import Spot
from cds.rulebook.yaml_text import Page, Place


@dataclass
class Report:
    """The problems found so far."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, page: Page, place: Place, what: str, todo: str, code: str) -> None:
        """Note a problem at a place of a page."""
        self.problems.append(page.problem(place, what, todo, code))

    def known(self, name: str, names: Collection[str], page: Page, place: Place, noun: str) -> bool:
        """Whether the name is one of ``names``; if not, that is a problem with the nearest known name in it."""
        if name in names:
            return True
        article = "an" if noun[0] in "aeiou" else "a"
        what = f"'{name}' is not {article} {noun}."
        self.add(page, place, what, nearest(name, names), f"unknown-{noun.split(maxsplit=1)[0]}")
        return False


@dataclass(frozen=True)
class Where:
    """A place of a page, with the report that takes its problems."""

    report: Report
    page: Page
    place: Place = ()

    def at(self, *more: str | int) -> Where:
        """A place further inside."""
        return Where(self.report, self.page, (*self.place, *more))

    @property
    def spot(self) -> Spot:
        """File and line."""
        return Spot(self.page.name, self.page.line(self.place))

    def problem(self, what: str, todo: str, code: str) -> None:
        """Note a problem here."""
        self.report.add(self.page, self.place, what, todo, code)

    def known(self, name: str, names: Collection[str], noun: str) -> bool:
        """Whether a name is known; if not, that is noted."""
        return self.report.known(name, names, self.page, self.place, noun)
