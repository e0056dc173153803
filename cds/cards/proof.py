"""The proof of a card: which facts and findings carry it, as data and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cds.cards.wording import escaped, fact_text, harmless
from cds.evaluation import Evaluation
from cds.facts.chart import Chart
from cds.facts.doses import courses_of
from cds.facts.fact import Fact
from cds.intake.record import REFUSED_RESULTS
from cds.quantity import ABSENT, UNKNOWN
from cds.rulebook.model import SEX_NAMES, RuleBook
from cds.rulebook.sentences import ResultUnused
from cds.why import Leaf

Trail = list[dict[str, Any]]
TOO_OLD = "too old to be used"
MOST_SOURCES = 3


def trail(evaluation: Evaluation, leaves: Iterable[Leaf]) -> Trail:
    """The findings that carry a rule, each with its sentence and its facts (value, unit, date, resources)."""
    chart = evaluation.chart
    return [
        {"finding": leaf.finding, "state": leaf.state.word, "sentence": leaf.text} | _grounds(chart, leaf)
        for leaf in leaves
    ]  # fmt: skip


def _grounds(chart: Chart, leaf: Leaf) -> dict[str, Any]:
    facts = [fact_data(name, fact) for name in leaf.terms if (fact := chart.value(name)) is not None]
    sources = [harmless(source) for name in leaf.recorded for source in recorded_sources(chart, name)]
    return ({"facts": facts} if facts else {}) | ({"sources": sources} if sources else {})


def fact_data(name: str, fact: Fact) -> dict[str, Any]:
    """A fact as the JSON result has it: low and high in the unit of the term; the sex as a word."""
    data: dict[str, Any] = {"term": name}
    if name == "sex":
        data["value"] = SEX_NAMES[fact.value.low]
    else:
        data |= {"low": fact.value.low, "high": fact.value.high, "unit": fact.unit}
    if fact.value.low_open or fact.value.high_open:
        data["open"] = [side for side, is_open in zip(("low", "high"), fact.value[2:], strict=True) if is_open]
    if fact.when is not None:
        data["date"] = fact.when.text
    if fact.taken_from and fact.taken_from != name:
        data["takenFrom"] = fact.taken_from
    if fact.note:
        data["note"] = fact.note
    if fact.sources:
        data["source"] = [harmless(source) for source in fact.sources]
    return data


def recorded_sources(chart: Chart, name: str) -> list[str]:
    """The resources that put a condition, a medicine or a product on record."""
    mentions = [m.source for m in chart.record.mentions.get(name, ()) if m.state is not ABSENT]
    courses = [c.source for c in courses_of(chart.record, chart.book.terms[name], name) if c.state is not ABSENT]
    return list(dict.fromkeys((*mentions, *courses)))


def based_on(evaluation: Evaluation, leaves: Iterable[Leaf]) -> list[str]:
    """The facts behind a card as lines of a Markdown list; what is absent and never measured is left out."""
    chart = evaluation.chart
    lines: dict[str, None] = {}
    for leaf in leaves:
        for name in leaf.terms:
            if (fact := chart.value(name)) is not None and (line := _fact_line(chart, name, fact)):
                lines[line] = None
        for name in leaf.recorded:
            if line := _recorded_line(chart, name):
                lines[line] = None
        if leaf.finding in _refusal_findings(chart.book):
            lines.update(dict.fromkeys(_refused_lines(chart)))
    return list(lines)


@lru_cache(maxsize=8)
def _refusal_findings(book: RuleBook) -> frozenset[str]:
    """The findings that speak of results which could not be used."""
    return frozenset(name for name, f in book.findings.items() if isinstance(f.definition, ResultUnused))


def _refused_lines(chart: Chart) -> Iterable[str]:
    refused = [issue for issue in chart.record.issues if issue.code in REFUSED_RESULTS]
    return [f"- {escaped(issue.source)}: {issue.text}" for issue in refused]


def _fact_line(chart: Chart, name: str, fact: Fact) -> str:
    own = fact.taken_from or name
    shown = own if own in chart.book.terms else name
    where = ", ".join(part for part in (fact.when.text if fact.when else "", fact.note, _sources(fact.sources)) if part)
    text = fact_text(chart.book.terms[shown], fact)
    return f"- {shown}: {text}" + (f" ({where})" if where else "")


def _recorded_line(chart: Chart, name: str) -> str:
    """Nothing where it is not on record."""
    state = chart.state(name)
    if state is ABSENT:
        return ""
    unclear = ", but not certain" if state is UNKNOWN else ""
    sources = _sources(recorded_sources(chart, name))
    return f"- {name}: on record{unclear}" + (f" ({sources})" if sources else "")


def _sources(sources: Iterable[str]) -> str:
    named = [escaped(source) for source in sources]
    more = len(named) - MOST_SOURCES
    return ", ".join(named[:MOST_SOURCES]) + (f" and {more} more" if more > 0 else "")


def missing(evaluation: Evaluation) -> list[str]:
    """What rules asked for and the record does not hold, in words, each once."""
    chart, found = evaluation.chart, {}
    for leaves in evaluation.answer.asking.values():
        for leaf in leaves:
            for name in leaf.terms:
                if chart.value(name) is None:
                    found[name] = _missing_text(chart, name)
    return sorted(found.values())


def _missing_text(chart: Chart, name: str) -> str:
    old = chart.stale.get(name)
    if old is None or old.when is None:
        return name
    return f"{name} ({fact_text(chart.book.terms[name], old)} of {old.when.text} is {TOO_OLD})"
