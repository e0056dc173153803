"""What a card is based on: the facts and findings that carry it, as data and as lines."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeAlias

from cds.cards.called import Calls
from cds.cards.lines import Line, each_once, fact_line, line_of, named_in_a_row
from cds.cards.wording import escaped, harmless
from cds.evaluation import Evaluation
from cds.facts.chart import Chart
from cds.facts.fact import Fact
from cds.forms.unused import ResultUnused
from cds.jsontypes import Json
from cds.quantity import ABSENT, UNKNOWN
from cds.rulebook.model import SEX_NAMES, AnyTerm, RuleBook, is_sex
from cds.why import Leaf

Told: TypeAlias = tuple[Json, list[Line]]
"""A finding as a step of the trail, and the lines about its facts and records."""


class Basis:
    """The facts and records behind the cards of one evaluation; each is put into words once.

    The data it gives are shared by the cards: they are to be read, not changed.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.chart = evaluation.chart
        self.facts: dict[str, tuple[Json, Line] | None] = {}
        self.records: dict[str, tuple[list[str], Line | None]] = {}
        self.leaves: dict[str, Told] = {}
        self.refusals = _refusal_findings(self.chart.book)
        self.calls = Calls(self.chart.record)
        self.remarks = _remarks(self.chart)

    def trail(self, leaves: Iterable[Leaf]) -> list[Json]:
        """The findings that carry a rule, each with its sentence and its facts (value, unit, date, resources)."""
        return [step for step, _ in self.told(leaves)]

    def based_on(self, leaves: Iterable[Leaf]) -> list[Line]:
        """The facts behind a card; what is absent and never measured is left out."""
        return each_once(line for _, lines in self.told(leaves) for line in lines)

    def told(self, leaves: Iterable[Leaf]) -> list[Told]:
        """What is told of each finding."""
        known, found = self.leaves, []
        for leaf in leaves:
            if (told := known.get(leaf.finding)) is None:
                told = known[leaf.finding] = self._told(leaf)
            found.append(told)
        return found

    def _told(self, leaf: Leaf) -> Told:
        facts = [fact for name in leaf.terms if (fact := self.fact(name)) is not None]
        records = [self.record(name) for name in leaf.recorded]
        step: Json = {"finding": leaf.finding, "state": leaf.state.word}
        lines: list[Line] = []
        if leaf.text:
            step["sentence"] = leaf.text
        if facts:
            # That no product holds anything is no line: there is none to look at.
            step["facts"] = [data for data, _ in facts]
            lines = [line for data, line in facts if "source" in data or data.get("high") != 0]
        if records:
            if sources := [source for own, _ in records for source in own]:
                step["sources"] = sources
            lines += [line for _, line in records if line]
        if leaf.finding in self.refusals:
            lines += self.not_used()
        return step, lines

    def not_used(self) -> list[Line]:
        """The results on record that could not be used: for each reason the results, each once."""
        found: dict[str, dict[str, None]] = {}
        for issue in self.chart.unused:
            found.setdefault(issue.text, {})[issue.source] = None
        wording = self.chart.book.wording
        named = ((named_in_a_row(wording, map(self.called, own)), text, own) for text, own in found.items())
        return [line_of(wording.filled("{}: {}", told, wording.remark(text)), tuple(own)) for told, text, own in named]

    def called(self, source: str) -> str:
        """``Calcium 12.6 mg/dL (2026-11-12)``, as Markdown: what the record calls an entry, and the day of a result."""
        wording, told, day = self.chart.book.wording, self.calls.called(source), self.calls.dated(source)[:10]
        told = wording.remark(told)
        return wording.filled("{} ({})", told, escaped(day)) if day else told

    def fact(self, name: str) -> tuple[Json, Line] | None:
        """The fact of a term as data and as a line; None where there is none."""
        if name not in self.facts:
            fact, book = self.chart.facts.get(name), self.chart.book
            self.facts[name] = None if fact is None else self._fact(book, name, fact)
        return self.facts[name]

    def _fact(self, book: RuleBook, name: str, fact: Fact) -> tuple[Json, Line]:
        data = fact_data(book.terms[name], fact)
        return data, fact_line(book, name, fact, self.remarks, data.get("source"))

    def record(self, name: str) -> tuple[list[str], Line | None]:
        """The resources that put something on record, and the line that says so; nothing where it is not on record."""
        if (found := self.records.get(name)) is None:
            sources = recorded_sources(self.chart, name)
            told = [harmless(source) for source in sources] if sources else []
            found = self.records[name] = told, self._record_line(name, sources, told)
        return found

    def _record_line(self, name: str, sources: list[str], shown: list[str]) -> Line | None:
        """``acid suppression: on record (Pantoprazole 20 mg tablet)``."""
        state = self.chart.state(name)
        if state is ABSENT:
            return None
        wording = self.chart.book.wording
        if state is UNKNOWN and not sources:
            return line_of(wording.filled("{}: {}", wording.name(name), wording.phrase("not known")))
        unclear = [wording.phrase("but not certain")] if state is UNKNOWN else []
        held = wording.phrase(", ").join([wording.phrase("on record"), *unclear])
        told, named = wording.filled("{}: {}", wording.name(name), held), self.names(name, sources)
        return line_of(wording.filled("{} ({})", told, named) if named else told, sources, shown=shown)

    def names(self, term: str, sources: Iterable[str]) -> str:
        """What the record calls these entries of a term, as Markdown, where it is something else than the term."""
        wording = self.chart.book.wording
        known = {"", term.casefold(), wording.name(term).casefold()}
        named = map(self.calls.name, sources)
        return named_in_a_row(wording, [escaped(one) for one in named if one.casefold() not in known])


def fact_data(term: AnyTerm, fact: Fact) -> dict[str, Any]:
    """A fact as the JSON result has it: low and high in the unit of the term; the sex as a word."""
    data: dict[str, Any] = {"term": term.name}
    low, high, low_open, high_open = fact.value
    if is_sex(term):
        data["value"] = SEX_NAMES[low]
    else:
        data["low"], data["high"], data["unit"] = low, high, fact.unit
    if low_open or high_open:
        data["open"] = [side for side, is_open in (("low", low_open), ("high", high_open)) if is_open]
    if fact.when is not None and fact.when.text:
        data["date"] = fact.when.text
    if fact.taken_from and fact.taken_from != term.name:
        data["takenFrom"] = fact.taken_from
    if fact.note:
        data["note"] = fact.note
    if fact.sources:
        data["source"] = [harmless(source) for source in fact.sources]
    return data


def recorded_sources(chart: Chart, name: str) -> list[str]:
    """The resources that put a condition, a medicine or a product on record."""
    found = [*chart.record.mentions.get(name, ()), *chart.courses(name)]
    return list(dict.fromkeys([item.source for item in found if item.state is not ABSENT])) if found else []


@lru_cache(maxsize=8)
def _refusal_findings(book: RuleBook) -> frozenset[str]:
    """The findings that speak of results which could not be used."""
    return frozenset(name for name, f in book.findings.items() if isinstance(f.definition, ResultUnused))


REMARKS = {"preliminary-result": "preliminary", "unit-settled": "no unit is stated"}
"""What a reader must know of a result that was used, by the code of its issue."""


def _remarks(chart: Chart) -> dict[str, str]:
    """The remark about each result that has one."""
    return {issue.source: REMARKS[issue.code] for issue in chart.record.issues if issue.code in REMARKS}
