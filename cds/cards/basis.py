"""What a card is based on: the facts and findings that carry it, as data and as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from cds.cards.called import Calls
from cds.cards.wording import escaped, fact_text, harmless
from cds.evaluation import Evaluation
from cds.facts.chart import Chart
from cds.facts.fact import Fact
from cds.forms.unused import ResultUnused
from cds.jsontypes import Json
from cds.quantity import ABSENT, UNKNOWN
from cds.rulebook.model import SEX_NAMES, AnyTerm, RuleBook, Wording, is_sex
from cds.why import Leaf

TOO_OLD = "too old to be used"
UNCLEAR = "on record, but not certain or too old"
MOST_SOURCES = 3


Told: TypeAlias = tuple[Json, list[str]]
"""A finding as a step of the trail, and the lines about its facts and records."""


def each_once(told: Iterable[Told]) -> list[str]:
    """All the lines, each once."""
    return list(dict.fromkeys([line for _, lines in told for line in lines]))


class Basis:
    """The facts and records behind the cards of one evaluation; each is put into words once.

    The data it gives are shared by the cards: they are to be read, not changed.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.chart = evaluation.chart
        self.facts: dict[str, tuple[Json, str] | None] = {}
        self.records: dict[str, tuple[list[str], str]] = {}
        self.leaves: dict[str, Told] = {}
        self.refusals = _refusal_findings(self.chart.book)
        self.calls = Calls(self.chart.record)
        self.remarks = _remarks(self.chart)

    def trail(self, leaves: Iterable[Leaf]) -> list[Json]:
        """The findings that carry a rule, each with its sentence and its facts (value, unit, date, resources)."""
        return [step for step, _ in self.told(leaves)]

    def based_on(self, leaves: Iterable[Leaf]) -> list[str]:
        """The facts behind a card as lines of a Markdown list; what is absent and never measured is left out."""
        return each_once(self.told(leaves))

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
        lines: list[str] = []
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

    def not_used(self) -> list[str]:
        """The results on record that could not be used, as lines: for each reason the resources, each once."""
        sources: dict[str, list[str]] = {}
        for issue in self.chart.unused:
            sources.setdefault(issue.text, []).append(issue.source)
        told = self.chart.book.wording
        pairs = ((self._sources(dict.fromkeys(found), self.calls.source), text) for text, found in sources.items())
        return ["- " + told.filled("{}: {}", named, told.remark(text)) for named, text in pairs]

    def _sources(self, sources: Iterable[str], shown: Callable[[str], str] = escaped) -> str:
        return _sources(self.chart.book.wording, sources, shown)

    def fact(self, name: str) -> tuple[Json, str] | None:
        """The fact of a term as data and as a line; None where there is none."""
        if name not in self.facts:
            fact, terms = self.chart.facts.get(name), self.chart.book.terms
            line = "" if fact is None else _fact_line(self.chart.book, name, fact, self.remarks)
            self.facts[name] = None if fact is None else (fact_data(terms[name], fact), line)
        return self.facts[name]

    def record(self, name: str) -> tuple[list[str], str]:
        """The resources that put something on record, and the line that says so; nothing where it is not on record."""
        if (found := self.records.get(name)) is None:
            sources = recorded_sources(self.chart, name)
            told = [harmless(source) for source in sources] if sources else []
            found = self.records[name] = told, self._record_line(name, sources)
        return found

    def _record_line(self, name: str, sources: list[str]) -> str:
        state = self.chart.state(name)
        if state is ABSENT:
            return ""
        wording = self.chart.book.wording
        if state is UNKNOWN and not sources:
            return "- " + wording.filled("{}: {}", wording.name(name), wording.phrase("not known"))
        unclear = [wording.phrase("but not certain")] if state is UNKNOWN else []
        held = wording.phrase(", ").join([wording.phrase("on record"), *unclear])
        told = "- " + wording.filled("{}: {}", wording.name(name), held)
        return wording.filled("{} ({})", told, self._sources(sources)) if sources else told


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


def _fact_line(book: RuleBook, name: str, fact: Fact, remarks: Mapping[str, str]) -> str:
    terms = book.terms
    shown = fact.taken_from if fact.taken_from in terms else name
    wording = book.wording
    told = "- " + wording.filled("{}: {}", wording.name(shown), fact_text(book, terms[shown], fact))
    said = dict.fromkeys(remarks[source] for source in fact.sources if source in remarks) if remarks else ()
    notes = map(wording.remark, (fact.note, *said))
    parts = (fact.when.text if fact.when else "", *notes, _sources(wording, fact.sources))
    where = wording.phrase(", ").join([part for part in parts if part])
    return wording.filled("{} ({})", told, where) if where else told


def _sources(wording: Wording, sources: Iterable[str], shown: Callable[[str], str] = escaped) -> str:
    named = [shown(source) for source in sources]
    listed, more = wording.phrase(", ").join(named[:MOST_SOURCES]), len(named) - MOST_SOURCES
    return wording.filled("{} and {} more", listed, str(more)) if more > 0 else listed


def missing(evaluation: Evaluation) -> list[str]:
    """What rules asked for and the record does not hold, or not for certain, in words, each once."""
    chart = evaluation.chart
    found: dict[str, str] = {}
    for leaves in evaluation.answer.asking.values():
        for leaf in leaves:
            found |= {name: _missing_text(chart, name) for name in leaf.terms if chart.value(name) is None}
            found |= {name: text for name in leaf.recorded if (text := _unclear_text(chart, name))}
    return sorted(found.values())


def _unclear_text(chart: Chart, name: str) -> str:
    """That a condition or medicine is on record and nobody knows whether it holds; empty where it is not on record."""
    sources = recorded_sources(chart, name) if chart.state(name) is UNKNOWN else []
    wording = chart.book.wording
    told = wording.remark(f"{UNCLEAR}: {_sources(wording, sources)}") if sources else ""
    return wording.filled("{} ({})", wording.name(name), told) if sources else ""


def _missing_text(chart: Chart, name: str) -> str:
    old = chart.stale.get(name)
    shown = chart.book.wording.name(name)
    if old is None or old.when is None:
        return shown
    wording, value = chart.book.wording, fact_text(chart.book, chart.book.terms[name], old)
    return wording.filled("{} ({})", shown, wording.remark(f"{value} of {old.when.text} is {TOO_OLD}"))
