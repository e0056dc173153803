"""The placeholders in the texts of cards: whether they name something, and whether a filled title is short enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cds.errors import nearest
from cds.quantity import spelled
from cds.rulebook.model import (
    LONGEST_SUMMARY,
    RECORDED,
    AnyTerm,
    Card,
    CardText,
    Computed,
    Finding,
    Joined,
    Measurement,
    Sense,
)
from cds.rulebook.model.placeholder import WAYS, Placeholder, pieces, placeholders
from cds.rulebook.reading import Names
from cds.rulebook.report import Where

HERE = (Sense.IS, Sense.PROVEN, Sense.POSSIBLE)
"""The words before a part of a finding under which that part may be on record."""
USUAL_LENGTHS = {"date": 11, "age": 12, "name": 24}
"""The characters of what is printed, where they do not follow from the term."""
NO_VALUE = 500.0
"""Stands for the value of a term that has no usual one, such as a dose."""


def check_placeholders(card: Card, where: Where, names: Names) -> None:
    """Report placeholders that name nothing or cannot be printed, and titles that are too long with usual values.

    And hours of what nobody defines.
    """
    _check(CardText(card.summary, card.fallback, card.detail, ()), where, names)
    for index, text in enumerate(card.variants):
        _check(text, where.at("variants", index), names)
    for name, _ in card.hours:
        where.at("hours", name).known(name, names.terms, "term")


def _check(text: CardText, where: Where, names: Names) -> None:
    found = {key: placeholders(part) for key, part in (("summary", text.summary), ("detail", text.detail))}
    for key, listed in found.items():
        for item in listed:
            _check_one(item, where.at(key), names)
    for key, part in (("summary", text.summary), ("fallback", text.fallback), ("detail", text.detail)):
        if brace := lone_brace(part):
            todo = "Write a placeholder between { and }, each once."
            where.at(key).problem(f"a '{brace}' stands alone in '{shown_around(part, brace)}'.", todo, "wrong-value")
    usual = sum(_length(part, names.terms) for part in pieces(text.summary))
    defined = all(item.name in names.terms or item.name in names.findings for item in found["summary"])
    if found["summary"] and defined and usual > LONGEST_SUMMARY:
        what = f"with usual values the summary has about {usual} characters."
        where.at("summary").problem(what, f"Shorten it to {LONGEST_SUMMARY} (CDS Hooks 2.0).", "summary-too-long")


def lone_brace(text: str) -> str:
    """The first brace of a text that belongs to no placeholder; empty where there is none."""
    return next((sign for part in pieces(text) if isinstance(part, str) for sign in part if sign in "{}"), "")


def shown_around(text: str, brace: str) -> str:
    """The words beside a brace that stands alone."""
    part = next(part for part in pieces(text) if isinstance(part, str) and brace in part)
    at = part.index(brace)
    return " ".join(part[max(0, at - 20) : at + 30].split())


def _check_one(item: Placeholder, where: Where, names: Names) -> None:
    if item.way not in WAYS:
        what = f"'{item.way}' in '{item.words}' says nothing."
        where.problem(what, nearest(item.way, filter(None, WAYS)), "wrong-value")
    if item.name in names.terms or not where.known(item.name, {*names.terms, *names.findings}, "term", "finding"):
        return
    if speaks_of_lost_results(item.name, names.findings) or not _is_defined(item.name, names):
        return
    if not recorded_in(item.name, names.findings, names.terms):
        what = f"'{item.name}' is a finding of values, and a text can show values of terms only."
        where.problem(what, "Name the term itself.", "wrong-value")


def _is_defined(name: str, names: Names) -> bool:
    """Whether all is defined that a finding is made of; else nobody can say what a text can show of it."""
    leaves = list(_leaves(name, names.findings))
    return all(leaf in names.findings for leaf in leaves) and all(
        term in names.terms for leaf in leaves for term in names.findings[leaf].definition.terms
    )


def speaks_of_lost_results(name: str, findings: Mapping[str, Finding]) -> bool:
    """Whether a finding says that a result could not be used; for it stand these results, each with the reason."""
    definition = findings[name].definition if name in findings else None
    return definition is not None and definition.reads_issues and not definition.findings


def recorded_in(name: str, findings: Mapping[str, Finding], terms: Mapping[str, AnyTerm]) -> dict[str, list[str]]:
    """The conditions, medicines and products that can make a finding present, each with the findings that read it.

    A term that a record holds is a finding of its own name.
    """
    found: dict[str, list[str]] = {}
    for finding in filter(findings.__contains__, _leaves(name, findings)):
        for term in findings[finding].definition.terms:
            if isinstance(terms.get(term), RECORDED):
                found.setdefault(term, []).append(finding)
    return found


def compared_in(name: str, findings: Mapping[str, Finding], terms: Mapping[str, AnyTerm]) -> dict[str, list[str]]:
    """The results and computed values whose comparison can make a finding present, each with those comparisons."""
    found: dict[str, list[str]] = {}
    for finding in filter(findings.__contains__, _leaves(name, findings)):
        definition = findings[finding].definition
        if definition.thresholds and isinstance(terms.get(term := definition.terms[0]), (Measurement, Computed)):
            found.setdefault(term, []).append(finding)
    return found


def _leaves(name: str, findings: Mapping[str, Finding]) -> Iterator[str]:
    """The sentences of which a finding is made, which may be true where it is present; also such as nobody defines."""
    todo, seen = [name], set[str]()
    while todo:
        one = todo.pop(0)
        if one in seen:
            continue
        seen.add(one)
        definition = findings[one].definition if one in findings else None
        if isinstance(definition, Joined):
            todo = [*(part.finding for part in definition.parts if part.sense in HERE), *todo]
        else:
            yield one


def _length(part: str | Placeholder, terms: Mapping[str, AnyTerm]) -> int:
    """The characters of a part of a title: of its words, or of a usual value."""
    if isinstance(part, str):
        return len(part)
    if part.way in USUAL_LENGTHS:
        return USUAL_LENGTHS[part.way]
    term = terms.get(part.name)
    if term is None or isinstance(term, RECORDED):
        return USUAL_LENGTHS["name"]
    value = f"{getattr(term, 'usual', NO_VALUE):g} {spelled(term.unit)}".strip()
    return 2 * len(value) + 3 if part.way == "both units" else len(value)


def named_in(card: Card) -> Iterable[str]:
    """The names in the placeholders of a card, and of the medicines whose hours it says."""
    yield from (name for name, _ in card.hours)
    yield from (item.name for text in card.texts for part in text.words for item in placeholders(part))
