"""Collects every problem of the rule files, so that all are said at once, what causes others first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from cds.errors import Problem, RulebookError, nearest
from cds.rulebook.meant import respelled_name
from cds.rulebook.model import Spot
from cds.rulebook.names import Defined, Unknown, held_back, settled, with_records
from cds.rulebook.yaml_text import Page, Place


@dataclass
class Report:
    """The problems found so far, and what is known of the names.

    ``unreadable`` are the problems of files that could not be read, ``broken`` the names that such files define, and
    ``lost`` the files of which not even the names are known; both by what they are names of. ``defined`` are the
    names of the other files, ``used`` those that somebody uses, ``offered`` what was found instead of unknown ones.
    """

    problems: list[Problem] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    broken: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    lost: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    defined: defaultdict[str, list[Defined]] = field(default_factory=lambda: defaultdict(list))
    used: set[str] = field(default_factory=set)
    offered: dict[tuple[str, tuple[str, ...], int], str] = field(default_factory=dict)

    def add(self, page: Page, place: Place, what: str, todo: str, code: str) -> None:
        """Note a problem at a place of a page."""
        self.problems.append(page.problem(place, what, todo, code))

    def known(self, name: str, names: Collection[str], page: Page, place: Place, *nouns: str) -> bool:
        """Whether what a name stands for is known; a name that nobody defines is noted, with the nearest known one.

        Of a name in a file that could not be read nothing is known, and nothing is noted.
        """
        if name in names:
            self.used.add(name)
            return True
        article = "an" if nouns[0][0] in "aeiou" else "a"
        what = f"'{name}' is not {article} {nouns[0]}." if name else "no name stands here."
        code = f"unknown-{nouns[0].split(maxsplit=1)[0]}"
        self.undefined(name, page.problem(place, what, self._nearest(name, names, nouns), code), *nouns)
        return False

    def _nearest(self, name: str, names: Collection[str], nouns: tuple[str, ...]) -> str:
        """What to do about a name; looked for once, as hundreds of places may name what one mistake has taken away."""
        asked = (name, nouns, len(names))
        if asked not in self.offered:
            known = {*names, *self._broken(nouns)}
            self.offered[asked] = respelled_name(name, known) or nearest(name, known)
        return self.offered[asked]

    def undefined(self, name: str, problem: Problem, *nouns: str) -> None:
        """Note a name that is not among those that can be used, unless a file that could not be read defines it."""
        if name not in self._broken(nouns):
            self.unknown.append(Unknown(nouns, name, problem))

    def _broken(self, nouns: Collection[str]) -> set[str]:
        return set().union(*(self.broken[noun] for noun in with_records(nouns)))

    def names_nothing(self, file: str, noun: str) -> bool:
        """Whether a file uses a name of a kind that nobody defines: what follows from that is no problem of its own."""
        return any(item.problem.file == file and noun in item.nouns for item in self.unknown)

    def error(self) -> RulebookError | None:
        """Everything that is wrong, as one error; None when nothing is."""
        lost = [self._lost(item) for item in self.unknown]
        follow = [item for item, files in zip(self.unknown, lost, strict=True) if files]
        plain = [item for item, files in zip(self.unknown, lost, strict=True) if not files]
        causes, others = settled(plain, {noun: list(self._unused(noun)) for noun in self.defined})
        first, then = [*self.unreadable, *causes], [*self.problems, *others]
        if not first and not then:
            return None
        return RulebookError(first, then, held_back(follow, set().union(*lost)))

    def _lost(self, item: Unknown) -> set[str]:
        """The files that could not be read and may define a name."""
        return set().union(*(self.lost[noun] for noun in with_records(item.nouns)))

    def _unused(self, noun: str) -> Iterator[Defined]:
        return (item for item in self.defined[noun] if item.definition.name not in self.used)


@dataclass(frozen=True)
class Where:
    """A place of a page, with the report that takes its problems."""

    report: Report
    page: Page
    place: Place = ()

    def at(self, *more: str | int) -> Where:
        """A place further inside."""
        return Where(self.report, self.page, (*self.place, *more))

    def item(self, number: int) -> Where:
        """The place of one item of a list; this place itself where the file has a single text instead of a list."""
        inner = (*self.place, number)
        return Where(self.report, self.page, inner) if inner in self.page.lines else self

    @property
    def spot(self) -> Spot:
        """File and line."""
        return Spot(self.page.name, self.page.line(self.place))

    def problem(self, what: str, todo: str, code: str) -> None:
        """Note a problem here."""
        self.report.add(self.page, self.place, what, todo, code)

    def known(self, name: str, names: Collection[str], *nouns: str) -> bool:
        """Whether what a name stands for is known; a name that nobody defines is noted (see ``Report.known``)."""
        return self.report.known(name, names, self.page, self.place, *nouns)

    def undefined(self, name: str, what: str, todo: str, code: str, noun: str) -> None:
        """Note, in words of its own, a name that nobody defines."""
        self.report.undefined(name, self.page.problem(self.place, what, todo, code), noun)
