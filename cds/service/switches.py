"""Rules switched off, or into shadow, by a small file; what is written there acts within seconds, without a restart.

    off:
      CA-01: wrong reference range since the laboratory changed its device, ticket 12
    shadow:
      BONE-03: too many overrides; we look at the cases before it speaks again

A rule that is off, or in shadow, neither decides nor speaks; one in shadow is recorded where it would have fired. Every
rule of the rulebook is in force until then: where one of these would have decided or held something back, no answer is
given, and a card says why (``cds.reasoning.switched_off``). A new rule is tried in the ``shadow`` of an overlay.
The file must be there, empty where nothing is switched: in a place with a typing error nobody could switch anything
off. Whatever is wrong with it later, the switches that were in force stay, and journal and ``/readyz`` say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from cds.errors import CdsError, Problem, nearest
from cds.rulebook.model import Frozen, RuleBook
from cds.rulebook.yaml_text import Page, read_page
from cds.service.observability.health import HealthReport
from cds.service.observability.journal import Journal

SWITCHES_SECONDS = 2.0
"""Seconds from one look at the file to the next."""
SWITCH_KINDS = ("off", "shadow")


class SwitchSet(NamedTuple):
    """The rules that are switched, each with the reason that the file gives."""

    off: Frozen[str, str]
    shadow: Frozen[str, str]


NO_SWITCHES = SwitchSet(Frozen(), Frozen())
NOT_THERE = (
    "the file of switches '{path}' is not there, or cannot be read: nobody could switch a rule off. "
    "Mend its path in the configuration, or make an empty file there."
)


class Switches:
    """The switches of one file; ``poll`` is called every few seconds, ``applied`` by every call.

    ``books`` gives the rulebooks in use, which say which rules there are: one file is for all of them, as no two have a
    rule of the same id.

    Raises:
        CdsError: the file is wrong at the start, or not there: a rule that somebody switched off would speak.

    """

    def __init__(self, path: Path, books: Callable[[], Sequence[RuleBook]], journal: Journal) -> None:
        self._path, self._books, self._journal = path, books, journal
        self._looked: tuple[bytes | None, str] = (None, "")
        self._was_empty = False
        self.set = NO_SWITCHES
        self.problems: tuple[str, ...] = ()
        if self._content() is None:
            raise CdsError(NOT_THERE.format(path=path))
        self.poll()
        if self.problems:
            raise CdsError("\n".join(self.problems))

    def poll(self) -> None:
        """Look at the file once; what changed acts from the next call on."""
        looked = (self._content(), " ".join(book.sha256 for book in self._books()))
        was_empty, self._was_empty = self._was_empty, looked[0] == b""
        # An editor that writes the file anew leaves it empty for a moment: that lifts nothing.
        if looked == self._looked or (self._was_empty and not was_empty):
            return
        self._looked = looked
        if looked[0] is None:
            self._gone()
        else:
            self._read()

    def applied(self, book: RuleBook) -> RuleBook:
        """A rulebook with the switches in force; the same object as long as nothing changes."""
        return _switched(book, self.set)

    def report(self) -> HealthReport:
        """What is wrong with the file: the switches that were in force stay, and a new one does not act."""
        return HealthReport((), tuple(f"the switches file was refused: {problem}" for problem in self.problems))

    def _content(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except OSError:
            return None

    def _gone(self) -> None:
        """A file that was there and is not any more lifts nothing by itself, and could switch nothing."""
        todo = "The switches in force stay; write an empty one to lift them."
        self._refuse([f"{self._path.name}: the file is gone, or cannot be read. {todo}"])

    def _read(self) -> None:
        found: list[Problem] = []
        try:
            page = read_page(self._path, self._path.name, found)
        except OSError:  # it went away just now; the next look reads it, whatever it then holds
            self._looked = (None, "")
            return
        found += list(_wrong(page, self._books())) if page is not None else []
        if page is None or found:
            self._refuse([str(problem) for problem in found])
        else:
            self._set(page)

    def _set(self, page: Page) -> None:
        self.problems, self.set = (), SwitchSet(*(Frozen(_reasons(page, kind)) for kind in SWITCH_KINDS))
        self._journal.write("switches", off=" ".join(self.set.off), shadow=" ".join(self.set.shadow))

    def _refuse(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        for problem in problems:
            self._journal.write("switches-refused", problem=problem)


@lru_cache(maxsize=16)
def _switched(book: RuleBook, known: SwitchSet) -> RuleBook:
    off, shadow = (frozenset(rules) & book.rules.keys() for rules in known)
    if not (off or shadow):
        return book
    reasons = Frozen({**known.off, **known.shadow, **book.reasons})
    return replace(book, off=book.off | off, shadow=(book.shadow | shadow) - off, reasons=reasons)


def _reasons(page: Page, kind: str) -> dict[str, str]:
    part = page.data.get(kind) if isinstance(page.data, dict) else None
    return {rule: str(reason) for rule, reason in part.items()} if isinstance(part, dict) else {}


def _wrong(page: Page, books: Sequence[RuleBook]) -> Iterator[Problem]:
    """Everything that is wrong with the file, by line."""
    if not isinstance(page.data, dict):
        yield page.problem((), "the file is no mapping.", "Write 'off:' and 'shadow:'.", "wrong-value")
        return
    for kind, part in page.data.items():
        if kind not in SWITCH_KINDS:
            yield page.problem((kind,), f"'{kind}' has no meaning here.", nearest(kind, SWITCH_KINDS), "unknown-key")
        elif isinstance(part, dict):
            yield from _wrong_rules(page, kind, part, books)
        elif part != "":
            yield page.problem((kind,), "not rules with reasons.", "Write 'RULE: reason' lines.", "wrong-value")


def _wrong_rules(page: Page, kind: str, part: Mapping[str, object], books: Sequence[RuleBook]) -> Iterator[Problem]:
    rules, defaults = {rule for book in books for rule in book.rules}, {book.default for book in books}
    for rule, reason in _reasons(page, kind).items():
        place = (kind, rule)
        if rule not in rules:
            yield page.problem(place, f"there is no rule '{rule}'.", nearest(rule, rules), "unknown-rule")
        elif rule in defaults:
            todo = "Remove it: it answers when no other rule does."
            yield page.problem(place, f"{rule} cannot be switched.", todo, "wrong-value")
        elif not isinstance(part[rule], str):
            yield page.problem(place, "the reason is no text.", f"Write '{rule}: reason' in one line.", "wrong-value")
        elif not reason.strip():
            yield page.problem(place, "no reason.", "Say why, for those who find it switched.", "missing-key")
        elif kind == "shadow" and rule in _reasons(page, "off"):
            yield page.problem(place, "it is also off.", "Keep one of the two.", "duplicate-name")
