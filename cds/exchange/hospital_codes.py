"""A hospital's FHIR R4 ValueSet -> its codes, or everything that keeps it from being read, all of it at once.

The expansion counts where there is one (FHIR R4, ValueSet: it is what the definition came to); else the definition,
as far as it can be expanded without a terminology server. No code of a patient is ever in a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from cds.cards.wording import harmless
from cds.code_systems import PREFIX_SYSTEMS
from cds.errors import CdsError
from cds.jsontypes import Json
from cds.rulebook.model import Code

ASK_A_SERVER = "Let a terminology server expand the ValueSet ($expand), and import the expansion."
LONGEST_NAME = 200
UNFINISHED = ("valueset-toocostly", "valueset-unclosed")
"""Extensions by which a server says that an expansion is not the whole set."""


class Trouble(NamedTuple):
    """One thing that is wrong, where in the ValueSet (empty: as a whole), and what to do."""

    place: str
    what: str
    todo: str
    code: str

    def __str__(self) -> str:
        """The one-line message."""
        return f"{self.place + ': ' if self.place else ''}{self.what} {self.todo} [{self.code}]"


class ValueSetError(CdsError):
    """The ValueSet cannot become codes of a term: everything that is wrong with it, in the order of its text."""

    code = "value-set"

    def __init__(self, troubles: Iterable[Trouble]) -> None:
        self.troubles = tuple(dict.fromkeys(troubles))
        super().__init__("\n".join(map(str, self.troubles)))


class HospitalCodes(NamedTuple):
    """The codes of a ValueSet in its order, each once, the name of the ValueSet, and what could not be read."""

    name: str
    codes: tuple[Code, ...]
    troubles: tuple[Trouble, ...]


def hospital_codes(data: object) -> HospitalCodes:
    """The codes of a ValueSet, or of the one ValueSet in a Bundle."""
    reader = _Reader()
    resource = reader.value_set(data)
    reader.read(resource)
    return HospitalCodes(_name(resource), tuple(reader.codes.values()), tuple(reader.troubles))


def _name(resource: Json) -> str:
    """URL and version, or title, name or id: whatever comes first."""
    version = one_line(_text(resource.get("version")), 30)
    named = (one_line(_text(resource.get(key)), LONGEST_NAME) for key in ("url", "title", "name", "id"))
    return f"{next(filter(None, named), 'without a name')} {version}".strip()


def one_line(text: str, longest: int) -> str:
    """Text from outside that can stand in a comment or a code line: printable, one line, single spaces."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:longest].strip()


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


class _Reader:
    """Collects codes and troubles on the way through a ValueSet."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], Code] = {}
        self.troubles: list[Trouble] = []

    def trouble(self, place: str, what: str, todo: str, code: str) -> None:
        self.troubles.append(Trouble(place, what, todo, code))

    def malformed(self, place: str, what: str) -> None:
        self.trouble(place, what, "Mend the ValueSet.", "bad-code")

    def needs_server(self, place: str, what: str) -> None:
        self.trouble(place, what, ASK_A_SERVER, "cannot-expand")

    def value_set(self, data: object) -> Json:
        """The one ValueSet of the file; nothing, with the trouble, when there is none or more than one."""
        found = [item for item in _resources(data) if item.get("resourceType") == "ValueSet"]
        if len(found) == 1:
            return found[0]
        what = f"the file holds {len(found)} ValueSets." if found else "the file holds no FHIR ValueSet."
        self.trouble("", what, "Give a file with one ValueSet.", "not-a-value-set")
        return {}

    def read(self, resource: Json) -> None:
        if resource.get("status") == "retired":
            self.trouble("status", "the ValueSet is retired.", "Import the one that replaces it.", "retired-value-set")
        expansion, compose = resource.get("expansion"), resource.get("compose")
        if isinstance(expansion, dict) and (expansion.get("contains") or expansion.get("total") == 0):
            self.expansion(expansion)
        elif isinstance(compose, dict):
            self.compose(compose)
        if not self.codes and not self.troubles:
            self.trouble("", "the ValueSet holds no code.", "Import one with an expansion or a list.", "no-codes")

    def expansion(self, expansion: Json) -> None:
        seen = 0
        for place, item in _contained(expansion.get("contains")):
            if not isinstance(item, dict):
                self.malformed(place, "this is no concept.")
                continue
            seen += "code" in item
            if "code" in item and item.get("abstract") is not True:
                self.add(place, item.get("system"), item)
        if reason := _unfinished(expansion, seen):
            todo = "Ask the terminology server for all of it."
            self.trouble("expansion", f"{reason}.", todo, "incomplete-expansion")

    def compose(self, compose: Json) -> None:
        for index, part in enumerate(_list(compose.get("include"))):
            for place, system, item in self.part(part, f"compose.include[{index + 1}]"):
                self.add(place, system, item)
        for index, part in enumerate(_list(compose.get("exclude"))):
            self.exclude(part, f"compose.exclude[{index + 1}]")

    def exclude(self, part: object, place: str) -> None:
        if isinstance(part, dict) and part.get("filter"):
            self.needs_server(f"{place}.filter", "this filter cannot be expanded here.")
            return
        for where, system, item in self.part(part, place):
            self.remove(where, _text(system), _text(item.get("code")))

    def part(self, part: object, place: str) -> Iterator[tuple[str, object, Json]]:
        """The codes of an include or exclude with their places; what cannot be expanded is a trouble."""
        if not isinstance(part, dict):
            self.malformed(place, "this is no list of codes.")
            return
        system, concepts, filters = part.get("system"), _list(part.get("concept")), _list(part.get("filter"))
        if part.get("valueSet"):
            self.needs_server(place, "it refers to another ValueSet.")
        elif filters:
            yield from self.filtered(system, filters, place)
        elif not concepts:
            self.needs_server(place, "it means a whole code system.")
        for index, item in enumerate(concepts if not part.get("valueSet") else ()):
            where = f"{place}.concept[{index + 1}]"
            if isinstance(item, dict):
                yield where, system, item
            else:
                self.malformed(where, "this is no concept.")

    def filtered(self, system: object, filters: list[Any], place: str) -> Iterator[tuple[str, object, Json]]:
        """``concept is-a`` of ICD-10-CM or ATC is what a code of a rule file means; every other filter is too much."""
        only = filters[0] if len(filters) == 1 and isinstance(filters[0], dict) else {}
        if _text(system) in PREFIX_SYSTEMS and (only.get("property"), only.get("op")) == ("concept", "is-a"):
            yield f"{place}.filter", system, {"code": only.get("value")}
        else:
            self.needs_server(f"{place}.filter", "this filter cannot be expanded here.")

    def add(self, place: str, system: object, item: Json) -> None:
        """Keep a code; a display that comes later counts when there was none."""
        code, display = _text(item.get("code")), _text(item.get("display"))
        if not code:
            self.malformed(place, "the code is missing or no text.")
        elif not _text(system):
            self.trouble(place, "the code has no system.", "Name the code system.", "bad-code")
        else:
            key = (_text(system), code)
            if key not in self.codes or (display and not self.codes[key].display):
                self.codes[key] = Code(*key, display)

    def remove(self, place: str, system: str, code: str) -> None:
        """Take an excluded code out; below a code that stands for all that begins with it, nothing can be taken out."""
        if not (system and code):
            self.malformed(place, "the code or its system is missing.")
        self.codes.pop((system, code), None)
        above = [own for named, own in self.codes if named == system and code.startswith(own)]
        if system in PREFIX_SYSTEMS and above:
            what = f"{harmless(code)} is excluded, and {harmless(above[0])} stands for everything that begins with it."
            self.needs_server(place, what)


def _resources(data: object) -> Iterator[Json]:
    """The resource of the file, or those of the entries of a Bundle."""
    if not isinstance(data, dict):
        return
    yield data
    for entry in _list(data.get("entry")) if data.get("resourceType") == "Bundle" else ():
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
            yield entry["resource"]


def _contained(contains: object) -> Iterator[tuple[str, Any]]:
    """Every item of a nested list, in its order, with its place."""
    todo = [(f"expansion.contains[{index + 1}]", item) for index, item in enumerate(_list(contains))][::-1]
    while todo:
        place, item = todo.pop()
        yield place, item
        inner = _list(item.get("contains")) if isinstance(item, dict) else []
        todo += [(f"{place}.contains[{index + 1}]", below) for index, below in enumerate(inner)][::-1]


def _unfinished(expansion: Json, seen: int) -> str:
    """Why an expansion is not the whole set; empty when nothing says so."""
    total, offset = expansion.get("total"), expansion.get("offset")
    urls = [_text(item.get("url")) for item in _list(expansion.get("extension")) if isinstance(item, dict)]
    if isinstance(total, int) and total > seen:
        return f"the expansion holds {seen} of {total} codes"
    if isinstance(offset, int) and offset > 0:
        return f"the expansion begins after {offset} codes"
    if any(url.endswith(UNFINISHED) for url in urls):
        return "the server says that the expansion is not the whole set"
    return ""
