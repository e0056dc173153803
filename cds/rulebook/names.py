"""Names: which a rule file defines, and what is said of those that nobody defines.

The definitions are read from the text of a file alone, also of one that has not its shape: while it cannot be used its
names are still known, so that nobody who uses them is told that they are not. Of names that nobody defines one mistake
makes one message, at its cause, in however many places it shows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple, TypeAlias

from cds.errors import ANOTHER_NUMBER, Problem, few
from cds.rulebook.model import Spot
from cds.rulebook.yaml_text import Data, Page, Place, spoken

NOUNS: Mapping[str, str] = {
    "terms": "term",
    "findings": "finding",
    "adds": "finding",
    "advice": "advice code",
    "never": "advice code",
    "sources": "evidence source",
    "outcomes": "outcome",
    "salts": "salt name",
    "nutrients": "nutrient name",
    "intents": "intent name",
    "tiers": "tier",
    "rule": "rule",
    "by the patient": "entry of silencing.yaml",
    "by a rule": "entry of silencing.yaml",
    "by the outcome": "entry of silencing.yaml",
    "scales": "scale",
}
"""What the parts of rule files define."""
PARTS: Mapping[str, tuple[str, ...]] = {
    "terms": ("terms",),
    "findings": ("findings",),
    "rule": ("rule",),
    "advice": ("advice", "never"),
    "evidence": ("sources",),
    "precedence": ("outcomes", "tiers"),
    "products": ("salts", "nutrients", "intents"),
    "silencing": ("by the patient", "by a rule", "by the outcome"),
    "topic": ("scales",),
}
"""The parts with definitions of each kind of file."""
LISTED = {"tiers": "tier", "by the patient": "name", "by a rule": "name", "by the outcome": "name"}
"""The parts that are lists, and the key of the name in each entry."""
MOST_PLACES = 3
"""In so many places an unknown name is said one by one; in more it is one mistake, said once."""
MOST_NAMES = 10
"""So many unknown names of a kind are said one by one; with more a whole file is missing."""
ALIKE = 0.75
_ID = re.compile(r"[A-Z]+-\d\d")
_FILE = re.compile(r"([a-z]+-\d\d)(?:-.*)?")


class Definition(NamedTuple):
    """A name, what it is the name of, and where it stands."""

    noun: str
    name: str
    place: Place


def definitions(page: Page) -> Iterator[Definition]:
    """The names that a page defines; each place begins with the part in which it stands."""
    data = page.data if isinstance(page.data, dict) else {}
    for part, noun in NOUNS.items():
        entries = data.get(part)
        for name in entries if isinstance(entries, dict) else ():
            yield Definition(noun, name, (part, name))
    for part, key in LISTED.items():
        yield from _listed(part, key, data.get(part))
    rule = data.get("rule")
    if isinstance(rule, str) and _ID.fullmatch(rule):
        yield Definition("rule", rule, ("rule",))


def _listed(part: str, key: str, entries: Data | None) -> Iterator[Definition]:
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and isinstance(name := entry.get(key), str):
            yield Definition(NOUNS[part], name, (part, index, key))


def id_in_name(file: str) -> str:
    """The rule that the name of a file speaks of (``ca-01-high-calcium.yaml``: CA-01); empty where it names none."""
    match = _FILE.fullmatch(Path(file).stem)
    return match[1].upper() if match else ""


class Unknown(NamedTuple):
    """A name that nobody defines: of what it should be the name, and the problem at the place where it stands."""

    nouns: tuple[str, ...]
    name: str
    problem: Problem

    @property
    def kind(self) -> str:
        """What it should be the name of; a condition is a term and a finding, and both are one name."""
        return "term" if "finding" in self.nouns else self.nouns[0]


class Defined(NamedTuple):
    """A definition and where it stands."""

    definition: Definition
    spot: Spot


Group: TypeAlias = "list[Unknown]"
Definitions: TypeAlias = Mapping[str, Collection[Defined]]
"""The definitions by what they are the names of."""


def with_records(nouns: Collection[str]) -> set[str]:
    """What else may define a name: that a condition, a medicine or a product is on record is a finding of its name."""
    return {*nouns, "term"} if "finding" in nouns else set(nouns)


def settled(unknown: Iterable[Unknown], unused: Definitions) -> tuple[list[Problem], list[Problem]]:
    """The problems at definitions that are spelled otherwise than everybody writes them, and all the others.

    ``unused`` are the definitions that nobody names.
    """
    kinds = list(_by_kind(unknown))
    groups = [group for names in kinds if len(names) <= MOST_NAMES for group in names]
    causes = [(group, _misspelt(group, unused)) for group in groups]
    plain = (_offered(group, unused) for group, cause in causes if cause is None)
    others = [problem for group in plain for problem in _of_name(group)]
    others += [_whole(names) for names in kinds if len(names) > MOST_NAMES]
    return [cause for _, cause in causes if cause is not None], others


def _by_kind(unknown: Iterable[Unknown]) -> Iterable[list[Group]]:
    kinds: dict[str, list[Group]] = {}
    for group in _groups(unknown):
        kinds.setdefault(group[0].kind, []).append(group)
    return kinds.values()


def _groups(unknown: Iterable[Unknown]) -> Iterator[Group]:
    """The places of each name, in the order of files and lines."""
    groups: dict[tuple[str, str], Group] = {}
    for item in sorted(unknown, key=lambda item: item.problem):
        groups.setdefault((item.kind, item.name), []).append(item)
    yield from groups.values()


def _misspelt(group: Group, unused: Definitions) -> Problem | None:
    """The problem at a definition that nobody names, if many name something that is spelled nearly as it."""
    if len(group) < MOST_PLACES:
        return None
    first = group[0]
    nouns = with_records({noun for item in group for noun in item.nouns})
    near = [item for noun in nouns for item in unused.get(noun, ()) if _is_meant(first.name, item)]
    if not near:
        return None
    (_, name, place), spot = near[0]
    what = f"nobody names '{name}', and {len(group)} places name '{first.name}', {_lacking(first)}."
    todo = f"Write '{first.name}' here, or mend those places: {_places(group)}."
    return Problem(*spot, spoken(place), what, todo, first.problem.code)


def _offered(group: Group, unused: Definitions) -> Group:
    """The places of a name; where only names with another number are near, the one that nobody names yet is offered.

    Whoever gives a finding another threshold renames it, and the places that still have its old name are left.
    """
    nouns = with_records({noun for item in group for noun in item.nouns})
    free = [item.definition.name for noun in nouns for item in unused.get(noun, ()) if item.definition.noun != "rule"]
    near = get_close_matches(group[0].name, free, n=1, cutoff=ALIKE)
    return [_with_offer(item, near[0]) if near else item for item in group]


def _with_offer(item: Unknown, name: str) -> Unknown:
    todo = f"Did you mean '{name}'? Nobody names that yet."
    is_open = item.problem.todo.startswith(ANOTHER_NUMBER)
    return item._replace(problem=item.problem._replace(todo=todo)) if is_open else item


def _is_meant(name: str, item: Defined) -> bool:
    """Whether a definition may be that of a name: by its spelling; ids of rules are all alike, but for their files."""
    if item.definition.noun == "rule":
        return id_in_name(item.spot.file) == name
    return bool(get_close_matches(name, [item.definition.name], cutoff=ALIKE))


def _of_name(group: Group) -> list[Problem]:
    """The problems of one name; of many the first, with where the others are."""
    problems = [item.problem for item in group]
    if len(group) <= MOST_PLACES:
        return problems
    what = f"{problems[0].what.removesuffix('.')}, and {len(group) - 1} more places name it: {_places(group[1:])}."
    return [problems[0]._replace(what=what, todo=_of_many(group[0]))]


def _of_many(item: Unknown) -> str:
    """What to do where many places name it: nobody misspells a name so often in one way."""
    return f"Define the {item.nouns[0]} '{item.name}' again, or take it out of these places."


def _whole(groups: list[Group]) -> Problem:
    """So many names at once: the file that defines them is not there."""
    groups = sorted(groups, key=len, reverse=True)
    first = groups[0][0]
    names = few([f"'{group[0].name}' ({_places(group[:1])})" for group in groups], MOST_NAMES)
    what = f"{len(groups)} names are no {first.nouns[0]}s: {names}."
    return first.problem._replace(what=what, todo="Bring the file back that defines them, or name what is defined.")


def _lacking(item: Unknown) -> str:
    noun = item.nouns[0]
    return f"which is not {'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _places(group: Group) -> str:
    return few([f"{item.problem.file}:{item.problem.line}" for item in group])


def held_back(follow: Collection[Unknown], files: Collection[str]) -> str:
    """A line about the problems that may follow from files that could not be read; empty where there are none."""
    if not follow:
        return ""
    places = {item.problem.file for item in follow}
    count = "one problem" if len(follow) == 1 else f"{len(follow)} problems"
    where = "one file" if len(places) == 1 else f"{len(places)} files"
    return (
        f"Not shown: {count} in {where} that may follow from {few(sorted(files))}, as they name what should be defined "
        "there. What is left of them is said when that can be read."
    )
