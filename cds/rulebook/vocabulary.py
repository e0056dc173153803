"""The names of a rulebook, each with a sentence that says what it is; for editors that complete and explain them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from cds.quantity import spelled
from cds.rulebook.model import RECORDED, AnyTerm, Finding, Joined, RuleBook
from cds.rulebook.printing import definition_text

Explained: TypeAlias = Mapping[str, str]
"""Names, each with what it is."""


class Vocabulary(NamedTuple):
    """The names of a rulebook by what they are the names of (``cds.rulebook.names.NOUNS``), and what a case can state.

    ``values`` are terms with a value, ``states`` findings of which a case says yes, no or unknown.
    """

    names: Mapping[str, Explained]
    values: Explained
    states: Explained


def vocabulary_of(book: RuleBook, formulas: Iterable[str]) -> Vocabulary:
    """The names of a rulebook, in the order of the files."""
    terms = {name: _of_term(term) for name, term in book.terms.items()}
    findings = {name: _of_finding(finding) for name, finding in book.findings.items()}
    entries = {removal.name: removal.why for removal in book.removals}
    names = {
        "term": terms,
        "finding": findings,
        "advice code": {code: item.says for code, item in book.advice.items()},
        "claim": {code: item.says for code, item in book.never.items()},
        "evidence source": {name: source.citation for name, source in book.sources.items()},
        "outcome": dict(book.outcomes),
        "tier": {tier.name: f"{tier.says} (outcome: {tier.outcome or 'none'})" for tier in book.tiers},
        "rule": {rule.id: f"{rule.title}: {rule.says}" for rule in book.rules.values()},
        "nutrient name": dict.fromkeys(book.products.nutrients, ""),
        "salt name": dict.fromkeys(book.products.salts, ""),
        "intent name": dict.fromkeys(book.products.intents, ""),
        "entry of silencing.yaml": entries,
        "formula": dict.fromkeys(formulas, ""),
    }
    values = {name: terms[name] for name, term in book.terms.items() if not isinstance(term, RECORDED)}
    return Vocabulary(names, values, {name: findings[name] for name in _sentences(book)})


def _sentences(book: RuleBook) -> Iterator[str]:
    return (name for name, finding in book.findings.items() if not isinstance(finding.definition, Joined))


def _of_term(term: AnyTerm) -> str:
    unit = f" Unit: {spelled(term.unit)}." if term.unit else ""
    return f"{term.says}{unit} ({term.kind}, {term.spot.file})"


def _of_finding(finding: Finding) -> str:
    return f"{finding.says} [{definition_text(finding)}] ({finding.spot.file})".strip()
