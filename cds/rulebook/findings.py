"""findings.yaml -> findings: sentences parsed, names and units checked, every number with a source."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from cds.errors import Problem
from cds.rulebook.lines import SENSES, part_line
from cds.rulebook.model import (
    RECORDED,
    AnyTerm,
    Computed,
    Definition,
    Finding,
    Joined,
    finding_names_in,
)
from cds.rulebook.report import Report, Where
from cds.rulebook.sentence_text import parse_sentence
from cds.rulebook.sentences import (
    ChangedBy,
    Compared,
    DependsOn,
    NoneRecorded,
    Recorded,
    ResultUnused,
    Sentence,
    SomeResult,
    Twice,
    sentence_terms,
)
from cds.rulebook.shapes.rule import FindingShape
from cds.rulebook.thresholds import check_bounds, holds_a_number

FORM = "Write it like 'serum calcium is at least 12 mg/dL', or join findings under 'all' or 'any'."


def recorded_findings(terms: Mapping[str, AnyTerm]) -> dict[str, Finding]:
    """A finding of the same name for each condition, medicine and product: that it is on record."""
    return {
        term.name: Finding(
            term.name, Recorded(term.name), term.says, term.evidence, "", term.spot, f"{term.name} is on record"
        )
        for term in terms.values()
        if isinstance(term, RECORDED)
    }


def link_finding(name: str, shape: FindingShape, chapter: str, where: Where, terms: Mapping[str, AnyTerm]) -> Finding:
    """The finding of one entry; names of other findings are checked later, when all are known."""
    check_name(name, where)
    definition = _definition(shape, where, terms)
    finding = Finding(name, definition, shape.says, tuple(shape.evidence), chapter, where.spot, shape.when)
    if holds_a_number(definition) and not finding.evidence:
        todo = "Name the guideline or policy under 'evidence'."
        where.problem(f"'{name}' rests on a number without a source.", todo, "threshold-without-source")
    return finding


def check_name(name: str, where: Where) -> None:
    """Report a name that could not be told from a question about another finding."""
    if any(name.startswith(f"{sense} ") for sense in SENSES):
        todo = f"Begin it with another word; these have a meaning of their own: {', '.join(SENSES)}."
        where.problem(f"'{name}' begins with a word that asks a question about a finding.", todo, "bad-name")


def _definition(shape: FindingShape, where: Where, terms: Mapping[str, AnyTerm]) -> Definition:
    if sum(map(bool, (shape.when, shape.all, shape.any, shape.no_record_of_any))) != 1:
        where.problem("a finding has one of 'when', 'all', 'any' or 'no record of any'.", FORM, "bad-sentence")
        return ResultUnused()
    if shape.when:
        return _sentence(shape.when, where.at("when"), terms)
    if shape.no_record_of_any:
        return NoneRecorded(tuple(shape.no_record_of_any))
    return Joined("all" if shape.all else "any", tuple(part_line(text) for text in shape.all or shape.any))


def _sentence(text: str, where: Where, terms: Mapping[str, AnyTerm]) -> Sentence:
    sentence = parse_sentence(text)
    if sentence is None:
        where.problem(f"'{text}' has none of the forms of a finding.", FORM, "bad-sentence")
        return ResultUnused()
    known = [where.known(name, terms, "term") for name in sentence_terms(sentence)]
    if all(known) and isinstance(sentence, (Compared, SomeResult, Twice)):
        check_bounds(sentence, where, terms)
    return sentence


def check_references(findings: Mapping[str, Finding], wheres: Mapping[str, Where]) -> None:
    """Report parts of findings that name no finding."""
    for name, where in wheres.items():
        definition = findings[name].definition
        if isinstance(definition, NoneRecorded):
            for index, named in enumerate(definition.findings):
                if where.at("no record of any", index).known(named, findings, "finding"):
                    _check_base(named, findings, where.at("no record of any", index))
        if isinstance(definition, Joined):
            for index, part in enumerate(definition.parts):
                where.at(definition.how, index).known(part.finding, findings, "finding")


def _check_base(name: str, findings: Mapping[str, Finding], where: Where) -> None:
    if isinstance(findings[name].definition, Joined):
        todo = "Name the findings it is made of."
        where.problem(f"'{name}' is made of other findings.", todo, "bad-sentence")


def depends_on(finding: Finding) -> tuple[str, ...]:
    """The findings that a finding is made of."""
    definition = finding.definition
    if isinstance(definition, Joined):
        return tuple(part.finding for part in definition.parts)
    return definition.findings if isinstance(definition, NoneRecorded) else ()


def terms_of(finding: Finding) -> tuple[str, ...]:
    """The terms that a finding itself reads (not those of its parts, not those that could change the outcome)."""
    definition = finding.definition
    return () if isinstance(definition, (Joined, DependsOn, ChangedBy)) else sentence_terms(definition)


def order_of_evaluation(findings: Mapping[str, Finding], terms: Mapping[str, AnyTerm], report: Report) -> list[str]:
    """Findings and terms (``term: x``) so that each stands after what it needs; a cycle is reported."""
    graph: dict[str, list[str]] = {}
    for name, finding in findings.items():
        needs = {f"term: {t}" for t in terms_of(finding) if t in terms} | set(depends_on(finding))
        graph[name] = sorted(need for need in needs if need in findings or need.startswith("term: "))
    for name, term in terms.items():
        inputs = (*term.inputs, *(item.term for item in term.instead)) if isinstance(term, Computed) else ()
        needs = {f"term: {i}" for i in inputs if i in terms} | set(finding_names_in(term)) & set(findings)
        graph[f"term: {name}"] = sorted(needs)
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = [name.removeprefix("term: ") for name in reversed(error.args[1])]
        chain = " needs ".join(f"'{name}'" for name in circle)
        spot = (findings.get(circle[0]) or terms[circle[0]]).spot
        report.problems.append(Problem(*spot, circle[0], f"{chain}.", "Take one of these links out.", "cycle"))
        return []
