"""findings.yaml -> findings: sentences parsed, names and units checked, every number with a source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cds.forms.nothing import NoneRecorded
from cds.forms.records import Recorded
from cds.forms.registry import parse_sentence
from cds.forms.unused import ResultUnused
from cds.rulebook.lines import part_line
from cds.rulebook.meant import respelled
from cds.rulebook.model import RECORDED, AnyTerm, Finding, Form, Joined
from cds.rulebook.model.finding import TOO_LONG
from cds.rulebook.model.sense import ASKED, Sense, asked_of
from cds.rulebook.reading import read_as
from cds.rulebook.report import Where

FORM = "Write it like 'NAME OF A RESULT is at least 12 mg/dL', or join findings under 'all' or 'any'."


def recorded_findings(terms: Mapping[str, AnyTerm]) -> dict[str, Finding]:
    """A finding of the same name for each condition, medicine and product: that it is on record."""
    return {
        term.name: Finding(
            term.name, Recorded(term.name), term.says, term.evidence, "", term.spot, text=f"{term.name} is on record"
        )
        for term in terms.values()
        if isinstance(term, RECORDED)
    }


def link_finding(
    name: str, shape: Any, chapter: str, where: Where, terms: Mapping[str, AnyTerm], scales: Mapping[str, str]
) -> Finding:
    """The finding of one entry; names of other findings are checked later, when all are known."""
    check_name(name, where)
    definition = _definition(shape, where, terms, scales)
    said = {"text": shape.when, "sentence": where.at("when").spot}
    said["says_at"] = where.at("says").spot if shape.says else None
    finding: Finding = read_as(Finding, shape, where, definition=definition, chapter=chapter, **said)
    if definition.holds_a_number and not finding.evidence:
        todo = "Name the guideline or policy under 'evidence'."
        where.problem(f"'{name}' rests on a number without a source.", todo, "threshold-without-source")
    return finding


def check_name(name: str, where: Where) -> None:
    """Report a name that could not be told from a question about another finding."""
    if asked_of(name)[0] is not Sense.IS:
        todo = f"Begin it with another word; these have a meaning of their own: {', '.join(ASKED)}."
        where.problem(f"'{name}' begins with a word that asks a question about a finding.", todo, "bad-name")


def _definition(shape: Any, where: Where, terms: Mapping[str, AnyTerm], scales: Mapping[str, str]) -> Form:
    if sum(map(bool, (shape.when, shape.all, shape.any, shape.no_record_of_any))) != 1:
        where.problem("a finding has one of 'when', 'all', 'any' or 'no record of any'.", FORM, "bad-sentence")
        return ResultUnused()
    if shape.when:
        return _sentence(shape.when, where.at("when"), terms, scales)
    if shape.no_record_of_any:
        return NoneRecorded(tuple(shape.no_record_of_any))
    return Joined("all" if shape.all else "any", tuple(part_line(text) for text in shape.all or shape.any))


def _sentence(text: str, where: Where, terms: Mapping[str, AnyTerm], scales: Mapping[str, str]) -> Form:
    sentence = parse_sentence(text)
    if not _names_terms(sentence, terms) and (
        said := respelled(text, lambda t: _names_terms(parse_sentence(t), terms))
    ):
        where.problem(*said, "bad-sentence")
        return ResultUnused()
    if sentence is None:
        where.problem(f"'{text}' has none of the forms of a finding.", FORM, "bad-sentence")
        return ResultUnused()
    known = [where.known(name, terms, "term") for name in sentence.terms]
    if all(known):
        sentence.problems(terms, scales, where)
    return sentence


def _names_terms(sentence: Form | None, terms: Mapping[str, AnyTerm]) -> bool:
    return sentence is not None and all(name in terms for name in sentence.terms)


def check_references(findings: Mapping[str, Finding], wheres: Mapping[str, Where]) -> None:
    """Report parts of findings that name no finding."""
    for name, where in wheres.items():
        definition = findings[name].definition
        key = definition.how if isinstance(definition, Joined) else "no record of any"
        if isinstance(definition, Joined) and definition.is_too_long:
            where.at(key).problem(f"{len(definition.parts)} parts are too many.", TOO_LONG, "too-many-parts")
        for index, named in enumerate(definition.findings):
            if where.at(key, index).known(named, findings, "finding") and not isinstance(definition, Joined):
                _check_base(named, findings, where.at(key, index))


def _check_base(name: str, findings: Mapping[str, Finding], where: Where) -> None:
    if isinstance(findings[name].definition, Joined):
        todo = "Name the findings it is made of."
        where.problem(f"'{name}' is made of other findings.", todo, "bad-sentence")
