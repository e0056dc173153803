"""The signing sheet: one rule on one page, in the twelve parts that a clinician reads aloud before signing it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from cds.audit.conditions import FindingNumbers, thresholds_of
from cds.audit.decisions import Influence, influence_of
from cds.audit.examples import ShownText, cards_of_rule
from cds.audit.pages import environment
from cds.audit.patients import Population
from cds.evaluation import Evaluator
from cds.review.changes import changes
from cds.review.signatures import content_hash
from cds.rulebook.graph import FINDING, graph_of
from cds.rulebook.model import Case, EvidenceStatement, Finding, Rule, RuleBook, Signature

MOST_NUMBERS = 3
MOST_CASES = 5
EXPECTED = ("nothing", "ask")


class CitedStatement(NamedTuple):
    """A statement of a source for the rule; None where nobody says what the source prints."""

    source: str
    statement: EvidenceStatement | None


class SigningSheet(NamedTuple):
    """What one page says of a rule.

    ``numbers`` are at most three, those that make it fire first; ``more`` is how many others it reads. ``cases`` are
    the telling ones, ``local`` the findings that a site may set. ``changed`` is None where no older version was named.
    """

    rule: Rule
    content: str
    signatures_needed: int
    numbers: tuple[FindingNumbers, ...]
    more: int
    cited: tuple[CitedStatement, ...]
    card: ShownText
    influence: Influence
    cases: tuple[Case, ...]
    local: tuple[Finding, ...]
    population: Population | None
    changed: tuple[str, ...] | None
    last: Signature | None


def sheet_of(
    evaluator: Evaluator, name: str, population: Population | None = None, old: RuleBook | None = None
) -> SigningSheet:
    """The sheet of a rule; of a population only counts are shown, and of an older version what changed for the rule."""
    book = evaluator.book
    rule = book.rules[name]
    found = thresholds_of(book, rule)
    behind = [book.findings[node] for kind, node in graph_of(book).behind_rule(rule) if kind == FINDING]
    return SigningSheet(
        rule=rule,
        content=content_hash(book, name),
        signatures_needed=book.signatures_needed(name),
        numbers=found[:MOST_NUMBERS],
        more=len(found[MOST_NUMBERS:]),
        cited=tuple(_cited(book, rule)),
        card=_best_card(cards_of_rule(evaluator, rule)),
        influence=influence_of(book, rule),
        cases=telling_cases(rule),
        local=tuple(finding for finding in behind if finding.local),
        population=population,
        changed=None if old is None else _changed(old, book, name),
        last=max((item for item in book.signatures if item.rule == name), key=lambda item: item.date, default=None),
    )


def _best_card(shown: tuple[ShownText, ...]) -> ShownText:
    """The plain text for an invented patient, else another text for one, else the plain text without a patient."""
    return next((item for item in shown if item.case), shown[0])


def _cited(book: RuleBook, rule: Rule) -> list[CitedStatement]:
    found: list[CitedStatement] = []
    for source in rule.evidence:
        own = [item for item in book.sources[source].statements if rule.id in item.rules]
        found += [CitedStatement(source, item) for item in own] or [CitedStatement(source, None)]
    return found


def telling_cases(rule: Rule) -> tuple[Case, ...]:
    """The cases that are marked as telling; else the first that fires, is silent and asks, and others up to five."""
    marked = [case for case in rule.cases if case.telling]
    kinds = {case.expect if case.expect in EXPECTED else "fires": case for case in reversed(rule.cases)}
    chosen = marked or [*kinds.values(), *(case for case in rule.cases if case not in kinds.values())]
    return tuple(chosen[:MOST_CASES])


def _changed(old: RuleBook, book: RuleBook, rule: str) -> tuple[str, ...]:
    return tuple(change.what for change in changes(old, book) if rule in change.rules or change.name == rule)


def sheet_page(book: RuleBook, sheet: SigningSheet, day: date) -> str:
    """The sheet as HTML that needs no network and prints on one A4 page."""
    return environment(book).get_template("sheet.html").render(sheet=sheet, rule=sheet.rule, day=day.isoformat())
