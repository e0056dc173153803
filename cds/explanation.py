"""The why-trees of an evaluation as JSON data: rule, findings, facts with value, date, threshold and resources.

``cds explain`` prints them, as a tree or as they are; the page shows them.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds.cards.basis import recorded_sources
from cds.cards.units import in_first_unit
from cds.cards.wording import fact_text, harmless, rounded_text, unit_text
from cds.evaluation import Evaluation
from cds.facts.fact import Fact
from cds.jsontypes import Json
from cds.quantity import PRESENT, State, point
from cds.result import head_of, silenced_data
from cds.rulebook.model import Part
from cds.rulebook.model.form import Comparison
from cds.why import Ground, ground_of, leaf, tree, verdict


def explanation_of(evaluation: Evaluation, rule: str = "") -> Json:
    """What ``cds explain --json`` prints: the answer, and under ``why`` one rule, or every rule that speaks."""
    return {**head_of(evaluation), "why": why(evaluation, [rule] if rule else speaking(evaluation))}


def speaking(evaluation: Evaluation) -> list[str]:
    """The rules that speak, in the order of their cards; before them those that are switched off and would count."""
    switched = evaluation.decision.switched
    said = [said.rule for said in evaluation.decision.said]
    return [*(switched.rules if switched else ()), *said]


def every_rule(evaluation: Evaluation) -> list[str]:
    """Every rule: those that speak first, in the order of their cards."""
    return list(dict.fromkeys((*speaking(evaluation), *evaluation.book.rules)))


def why(evaluation: Evaluation, rules: Iterable[str]) -> list[Json]:
    """Each of the rules with its verdict, what it does, and the tree of its findings.

    ``group`` is ``says``, ``silenced``, ``off`` (or in shadow), ``asks`` or ``silent``. ``advice`` are the codes
    that it says, ``silences`` the rules whose cards it silenced, ``silenced`` what of its own another rule silenced.
    """
    return [_rule(evaluation, name) for name in rules]


def _rule(evaluation: Evaluation, name: str) -> Json:
    book, decision = evaluation.book, evaluation.decision
    rule, ground = book.rules[name], tree(book, evaluation.inferred, name)
    votes = [vote for vote in rule.votes if vote.finding]
    return {
        "rule": name,
        "title": rule.title,
        "says": rule.says,
        "group": _group(evaluation, name),
        "verdict": verdict(book, decision, name, ground.state),
        **_consequences(evaluation, name),
        "state": ground.state.word,
        "how": ground.how,
        "parts": [_ground(evaluation, part, ground.state) for part in ground.parts],
        "votes": [{"tier": vote.tier, **_vote(evaluation, vote.finding)} for vote in votes],
    }


def _consequences(evaluation: Evaluation, rule: str) -> Json:
    decision = evaluation.decision
    return {
        "advice": [code for said in decision.said if said.rule == rule for code in said.codes],
        "silences": [other for other, by in decision.overruled if by == rule],
        "silenced": [silenced_data(item) for item in decision.silenced if item.rule == rule],
    }


def _group(evaluation: Evaluation, rule: str) -> str:
    if rule in evaluation.book.off | evaluation.book.shadow:
        return "off"
    if rule in speaking(evaluation):
        return "says"
    if rule in dict(evaluation.decision.overruled):
        return "silenced"
    return "asks" if rule in evaluation.answer.asking else "silent"


def _vote(evaluation: Evaluation, finding: str) -> Json:
    return _ground(evaluation, ground_of(evaluation.book, evaluation.inferred, Part(finding)), PRESENT)


def _ground(evaluation: Evaluation, ground: Ground, above: State) -> Json:
    """A finding and what is under it; it ``carries`` when it counts as what stands above it."""
    part = ground.part
    node: Json = {
        "finding": part.finding,
        "sense": part.sense,
        "state": ground.state.word,
        "countsAs": ground.counts_as.word,
        "carries": ground.counts_as == above,
        "says": evaluation.book.findings[part.finding].says,
    }
    if ground.how:
        return node | {"how": ground.how, "parts": [_ground(evaluation, p, ground.state) for p in ground.parts]}
    return node | _leaf(evaluation, part.finding, ground.state)


def _leaf(evaluation: Evaluation, finding: str, state: State) -> Json:
    own = leaf(evaluation.book, finding, state)
    sources = (source for name in own.recorded for source in recorded_sources(evaluation.chart, name))
    return {
        "sentence": own.text,
        "thresholds": _thresholds(evaluation, finding),
        "facts": [fact_shown(evaluation, name) for name in own.terms],
        "sources": [harmless(source) for source in sources],
    }


def _thresholds(evaluation: Evaluation, finding: str) -> list[Json]:
    """The comparisons that apply: those for another scale where the value is on it."""
    definition = evaluation.book.findings[finding].definition
    if not definition.thresholds:
        return []
    fact = evaluation.chart.value(definition.terms[0])
    own = fact and evaluation.book.topic.scale_in(fact.unit)
    chosen = [item for item, scale in definition.thresholds if scale == (own or "")]
    chosen = chosen or [item for item, _ in definition.thresholds]
    return [_threshold(evaluation, definition.terms[0], item) for item in chosen]


def _threshold(evaluation: Evaluation, name: str, comparison: Comparison) -> Json:
    """``above`` and ``12 mg/dL``; with the value of the term that the threshold is, where it is one."""
    bound = comparison.bound
    number, unit, is_other = in_first_unit(evaluation.book, name, point(bound.number), bound.unit)
    printed = rounded_text(number.low) if is_other else f"{bound.number:g}"
    text = f"{printed} {unit_text(unit)}".strip() if not bound.term else str(bound)
    value = {"value": fact_shown(evaluation, bound.term)["text"]} if bound.term else {}
    return {"word": comparison.word, "bound": text, **value}


def fact_shown(evaluation: Evaluation, name: str) -> Json:
    """The value of a term as text, with date, note and ``sources`` (the resources).

    A value that is not known has none of these; the last one stands under ``tooOld`` where that is why.
    """
    chart = evaluation.chart
    term, fact = chart.book.terms[name], chart.value(name)
    if fact is not None:
        return {"term": name, "text": fact_text(chart.book, term, fact), **_about(fact)}
    old = chart.stale.get(name)
    return {"term": name, "text": "not known"} | (
        {"tooOld": {"text": fact_text(chart.book, term, old), **_about(old)}} if old is not None else {}
    )


def _about(fact: Fact) -> Json:
    date = {"date": fact.when.text} if fact.when is not None else {}
    note = {"note": fact.note} if fact.note else {}
    return {**date, **note, "sources": [harmless(source) for source in fact.sources]}
