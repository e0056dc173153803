"""Rule files as text with line numbers: the only door to the YAML library.

Every scalar stays text (``no`` is a word, ``12:30`` is no number), equal keys are refused, and so are anchors,
aliases, tags and inline ``[...]`` or ``{...}``, which clinical names contain (LOINC, UCUM).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from cds.errors import Problem
from cds.rulebook.yaml_trouble import QUOTE_IT, Trouble, control_character, merge_conflict, needs_quotes, trouble

Data: TypeAlias = "str | list[Data] | dict[str, Data]"
Place: TypeAlias = "tuple[str | int, ...]"

LARGEST_FILE = 256 * 1024
DEEPEST = 20
MOST_REMEMBERED = 256
HALF_A_CHARACTER = re.compile(r"[\ud800-\udfff]")


class Page(NamedTuple):
    """A rule file as plain data, and the line of each place in it.

    ``begins`` has the line on which the text of a place begins where that is a line below its key.
    """

    name: str
    data: Data
    lines: dict[Place, int]
    begins: dict[Place, int] = {}  # noqa: RUF012 - nobody changes that of a page without lines

    def line(self, place: Place) -> int:
        """The line (from 1) on which a place stands, or the nearest place around it."""
        while place not in self.lines:
            place = place[:-1]
        return self.lines[place]

    def problem(self, place: Place, what: str, todo: str, code: str) -> Problem:
        """A problem at a place of this page."""
        return Problem(self.name, self.line(place), spoken(place), what, todo, code)


def spoken(place: Place) -> str:
    """A place as people write it: ``card.summary``, ``cases[2].expect``."""
    words = ""
    for part in place:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if words else part
    return words or "file"


def read_page(path: Path, name: str, problems: list[Problem]) -> Page | None:
    """The page of one file; None when it cannot be read, and then ``problems`` says why."""
    return page_of(path.read_bytes(), name, problems)


def page_of(raw: bytes, name: str, problems: list[Problem]) -> Page | None:
    """The page of what stands in a file, or is to stand there; the rest as ``read_page`` says."""
    page, found = _page(raw, name)
    problems += found
    return page


@lru_cache(maxsize=MOST_REMEMBERED)
def _page(raw: bytes, name: str) -> tuple[Page | None, tuple[Problem, ...]]:
    """The same text gives the same page, which nobody changes: base and overlay read the files of the base once."""
    problems: list[Problem] = []
    return _read(raw, name, problems), tuple(problems)


def _read(raw: bytes, name: str, problems: list[Problem]) -> Page | None:
    if len(raw) > LARGEST_FILE:
        problems.append(Problem(name, 1, "file", f"{len(raw)} bytes.", "Split it: 256 KB at most.", "file-too-large"))
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        todo = "Save the file as UTF-8, without another change."
        problems.append(Problem(name, line, "file", "the text is not saved as UTF-8.", todo, "not-utf8"))
        return None
    if found := merge_conflict(text):
        problems.append(_syntax(name, found))
        return None
    return _parse(text, name, problems)


def _syntax(name: str, found: Trouble) -> Problem:
    return Problem(name, found.line, "file", found.what, found.todo, "yaml-syntax")


def _parse(text: str, name: str, problems: list[Problem]) -> Page | None:
    found = len(problems)
    page = Page(name, {}, {(): 1}, {})
    try:
        data = _Composer(YAML(typ="safe", pure=True).parse(text), page, problems).document()
    except MarkedYAMLError as error:
        if len(problems) == found:  # else it may only follow: what stands behind a bracket is no list to the library
            problems.append(_syntax(name, _trouble(text, error)))
        return None
    except _TooDeepError:
        return None
    except (YAMLError, ValueError, OverflowError):  # the last two: escapes of no character
        problems.append(_syntax(name, control_character(text)))
        return None
    return page._replace(data=data) if len(problems) == found else None


def _trouble(text: str, error: MarkedYAMLError) -> Trouble:
    began, mark = error.context_mark, error.problem_mark or error.context_mark
    noticed = mark.line if mark else 0
    return trouble(text, str(error.problem or error.context), noticed, began.line if began else None)


class _TooDeepError(YAMLError):
    """The reading of a page ends here; the problem is already noted."""


class _Composer:
    """Builds plain data from the events of the YAML library, and collects what a rule file may not use."""

    def __init__(self, events: Iterator[Event], page: Page, problems: list[Problem]) -> None:
        self.events, self.page, self.problems = events, page, problems

    def document(self) -> Data:
        data: Data | None = None
        for event in self.events:
            if isinstance(event, NodeEvent) and data is None:
                data = self.node(event, ())
            elif isinstance(event, DocumentStartEvent) and data is not None:
                self.refuse(
                    (),
                    "a second file begins behind '---'.",
                    "Take '---' out; a rule has a file of its own.",
                    "yaml-syntax",
                    event,
                )
                break
        return {} if data is None else data

    def node(self, event: Event, place: Place) -> Data:
        line = event.start_mark.line + 1
        if self.page.lines.setdefault(place, line) != line and getattr(event, "value", ""):
            self.page.begins[place] = line
        self.refuse_fancy(event, place)
        if isinstance(event, MappingStartEvent):
            return self.mapping(place)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(place)
        return event.value if isinstance(event, ScalarEvent) else ""

    def sequence(self, place: Place) -> list[Data]:
        items: list[Data] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            items.append(self.node(event, (*place, len(items))))
        return items

    def mapping(self, place: Place) -> dict[str, Data]:
        data: dict[str, Data] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = str(self.node(event, (*place, "?")))
            self.page.lines.pop((*place, "?"), None)
            here: Place = (*place, key)
            self.page.lines[here] = event.start_mark.line + 1
            if key in data:
                self.refuse(place, f"'{key}' stands twice.", "Keep one of the two.", "duplicate-key", event)
            data[key] = self.node(next(self.events), here)
        return data

    def refuse_fancy(self, event: Event, place: Place) -> None:
        if isinstance(event, AliasEvent):
            self.refuse(place, needs_quotes("*"), QUOTE_IT, "yaml-anchor", event)
        elif anchor := getattr(event, "anchor", None):
            todo = f"Take '&{anchor}' out; a text that begins with '&' needs quotes."
            self.refuse(place, f"'&{anchor}' gives a part of the file a name.", todo, "yaml-anchor", event)
        if getattr(event, "tag", None):
            self.refuse(place, needs_quotes("!"), QUOTE_IT, "yaml-tag", event)
        if getattr(event, "flow_style", None):
            self.refuse(place, *_in_brackets(event), "yaml-flow", event)
        if isinstance(event, ScalarEvent) and HALF_A_CHARACTER.search(event.value):
            self.refuse(place, "half of a character.", "Write the character itself.", "yaml-syntax", event)
        if len(place) > DEEPEST:
            self.refuse(place[:2], "nested too deep.", f"Use at most {DEEPEST} levels.", "file-too-deep", event)
            raise _TooDeepError

    def refuse(self, place: Place, what: str, todo: str, code: str, event: Event) -> None:
        line = event.start_mark.line + 1
        self.problems.append(Problem(self.page.name, line, spoken(place), what, todo, code))


def _in_brackets(event: Event) -> tuple[str, str]:
    """What is wrong with a text or a list that begins with a bracket, and what to do."""
    if isinstance(event, MappingStartEvent):
        return needs_quotes("{"), "Put the whole text between quotes; keys stand one to a line."
    todo = f"Write one item per line, after '- '; {needs_quotes('[')}"
    return "a list stands here between brackets.", todo
