"""The rulebooks of a configuration, and what is laid over each: names of regions and of folders -> folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cds.bookshelf import rules_folder
from cds.errors import CdsError, Problem
from cds.rulebook.regions import layers_of, regions_of
from cds.rulebook.yaml_text import Page, Place
from cds.service.configuration.settings import RulesSettings, Settings


class NamedRules(NamedTuple):
    """What a command line names: it comes before what the configuration says."""

    rules: tuple[Path, ...] = ()
    overlays: tuple[str, ...] = ()


class RuleFolders:
    """Settles which rulebooks a configuration asks for; ``problems`` are what is wrong with them.

    ``beside`` is the folder of the file, from which its paths are taken.
    """

    def __init__(self, settings: Settings, named: NamedRules, page: Page, beside: Path) -> None:
        self._written, self._named, self._page, self._beside = settings, named, page, beside
        self.problems: list[Problem] = []

    def settled(self) -> Settings:
        """The settings with the rulebooks to serve, whose overlays are folders; none where nobody names any.

        ``overlay`` is then one of the first. What a command line names for that is not in them.
        """
        written = self._written
        if self._named.rules:
            self.problems += self._lost()
            entries = tuple(RulesSettings(folder=folder) for folder in self._named.rules)
        else:
            entries = written.rules or ((RulesSettings(folder=rules_folder()),) if written.overlay else ())
        settled = tuple(self._entry(number, entry) for number, entry in enumerate(entries))
        return written.model_copy(update={"rules": settled, "overlay": ()})

    def _lost(self) -> Iterator[Problem]:
        """Overlays that would not be laid over anything."""
        for number, entry in enumerate(self._written.rules):
            if entry.overlay and not self._named.overlays:
                what = "this is laid over rules that --rules replaces."
                todo = "Name with --overlay what is to be laid over the rules of --rules, or leave --rules away."
                yield self._page.problem(("rules", number, "overlay"), what, todo, "wrong-value")

    def _entry(self, number: int, entry: RulesSettings) -> RulesSettings:
        place: Place = ("rules", number)
        if not self._named.rules and self._written.rules and not entry.folder.is_dir():
            what, todo = f"there is no folder of rule files at '{entry.folder}'.", "Mend the path."
            self.problems.append(self._page.problem(place, what, todo, "wrong-value"))
            return entry
        names, place = entry.overlay, (*place, "overlay")
        if number == 0 and self._named.overlays:
            return entry.model_copy(update={"overlay": ()})
        if number == 0 and self._written.overlay:
            if names:
                what, todo = "the first rulebook has an overlay of its own.", "Keep one of the two."
                self.problems.append(self._page.problem(("overlay",), what, todo, "wrong-value"))
            names, place = self._written.overlay, ("overlay",)
        return entry.model_copy(update={"overlay": self._layers(entry.folder, names, place)})

    def _layers(self, folder: Path, names: tuple[str, ...], place: Place) -> tuple[str, ...]:
        known = regions_of(folder)
        try:
            found = layers_of(folder, (name if name in known else self._beside / name for name in names))
        except CdsError as error:
            todo = "Name a region of these rules, or a folder beside this file."
            self.problems.append(self._page.problem(place, str(error), todo, "wrong-value"))
            return ()
        return tuple(map(str, found))
