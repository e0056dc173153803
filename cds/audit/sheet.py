"""The signing sheet: one rule on one page, in the twelve parts that a clinician reads aloud before signing it."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from cds.audit.conditions import FindingNumbers, thresholds_of
from cds.audit.decisions import Influence, influence_of, then_of
from cds.audit.examples import ShownText, cards_of_rule
from cds.audit.pages import environment
from cds.audit.patients import Population
from cds.evaluation import Evaluator
from cds.review.changes import changes
from cds.review.signatures import content_hash
from cds.rulebook.graph import FINDING, graph_of
from cds.rulebook.model import Case, EvidenceStatement, Finding, Rule, RuleBook, Signature, Window

MOST_NUMBERS = 3
MOST_STATEMENTS = 3
MOST_WINDOWS = 2
MOST_CASES = 5
EXPECTED = ("nothing", "ask")


class CitedStatement(NamedTuple):
    """A statement of a source for the rule; None where nobody says what the source prints."""

    source: str
    statement: EvidenceStatement | None


class SigningSheet(NamedTuple):
    """What one page says of a rule.

    ``numbers`` are at most three, those that it states in words first; ``more`` is how many others it reads.
    ``windows`` say how long values count that its condition reads. ``cited`` are at most three statements, those with
    a quote first; ``more_cited`` are the other sources with their grades. ``other_texts`` is how many texts are signed
    with the card and not shown. ``cases`` are the telling ones, ``local`` the findings that a site may set. ``changed``
    is None where no older version was named.
    """

    rule: Rule
    content: str
    signatures_needed: int
    numbers: tuple[FindingNumbers, ...]
    more: int
    windows: tuple[tuple[str, str], ...]
    cited: tuple[CitedStatement, ...]
    more_cited: tuple[tuple[str, str], ...]
    card: ShownText
    other_texts: int
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
    rule = evaluator.book.rules[name]
    return sheet_with(evaluator.book, rule, cards_of_rule(evaluator, rule), population, old)


def sheet_with(
    book: RuleBook,
    rule: Rule,
    shown: tuple[ShownText, ...],
    population: Population | None = None,
    old: RuleBook | None = None,
) -> SigningSheet:
    """The same of a rule whose cards are known."""
    name = rule.id
    found = _numbers(book, rule)
    cited = _cited(book, rule, {source for item in found[:MOST_NUMBERS] for source in item.sources})
    card = _best_card(shown)
    behind = [book.findings[node] for kind, node in graph_of(book).behind_rule(rule) if kind == FINDING]
    return SigningSheet(
        rule=rule,
        content=content_hash(book, name),
        signatures_needed=book.signatures_needed(name),
        numbers=found[:MOST_NUMBERS],
        more=len(found[MOST_NUMBERS:]),
        windows=_windows(book, rule),
        cited=cited[:MOST_STATEMENTS],
        more_cited=_others(book, rule, cited),
        card=card,
        other_texts=len(rule.card.variants),
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


def _numbers(book: RuleBook, rule: Rule) -> tuple[FindingNumbers, ...]:
    """The findings with numbers: those whose number the rule states where it says for whom it is before others.

    Behind them stand those that make its card critical.
    """
    who = rule.reader.patients if rule.reader else ""
    stated = set(re.findall(r"\d+(?:\.\d+)?", f"{rule.title} {rule.says} {who}"))
    critical, found = _critical(book, rule), thresholds_of(book, rule)

    def order(item: FindingNumbers) -> tuple[bool, bool, bool]:
        return (not stated & _own_numbers(item.finding), item.finding.name not in critical, not item.fires)

    return tuple(sorted(found, key=order))


def _critical(book: RuleBook, rule: Rule) -> set[str]:
    """The findings that can make the card of a rule critical, beyond its own condition."""
    clauses = [clause for word, line in rule.card.indicators if word == "critical" for clause in line]
    return set(graph_of(book).made_of(clause.value for clause in clauses if clause.kind == "finding"))


def _windows(book: RuleBook, rule: Rule) -> tuple[tuple[str, str], ...]:
    """How long values count that the condition names: those with one window, and all where the rule asks for data."""
    findings = graph_of(book).made_of(part.finding for part in rule.when.parts)
    names = dict.fromkeys(name for finding in findings for name in book.findings[finding].definition.terms)
    whole = book.no_answer in {item.outcome for item in then_of(book, rule)}
    said = ((name, _window_text(getattr(book.terms[name], "windows", ()), whole)) for name in names)
    return tuple(item for item in said if item[1])[:MOST_WINDOWS]


def _window_text(windows: tuple[Window, ...], whole: bool) -> str:
    days = sorted({window.days for window in windows if window.days is not None}, reverse=True)
    said = [f"{number} days{_conditions(windows, number)}" for number in days]
    return "; ".join(said) if len(days) == 1 or whole else ""


def _conditions(windows: tuple[Window, ...], days: int) -> str:
    named = [window.finding for window in windows if window.days == days and window.finding]
    return f" with {', '.join(named)}" if named else ""


def _own_numbers(finding: Finding) -> set[str]:
    form = finding.definition
    own = {f"{item.bound.number:g}" for item, _ in form.thresholds if not item.bound.term}
    return own | ({f"{form.period}"} if form.time else set())


def _cited(book: RuleBook, rule: Rule, first: set[str]) -> tuple[CitedStatement, ...]:
    """What each source says for the rule: what somebody read before the others, then sources of ``first`` first."""
    found: list[CitedStatement] = []
    for source in rule.evidence:
        own = [item for item in book.sources[source].statements if rule.id in item.rules]
        found += [CitedStatement(source, item) for item in own] or [CitedStatement(source, None)]
    unread = [not (item.statement and item.statement.quote) for item in found]
    order = sorted(zip(unread, [item.source not in first for item in found], range(len(found)), strict=True))
    return tuple(found[place] for _, _, place in order)


def _others(book: RuleBook, rule: Rule, cited: tuple[CitedStatement, ...]) -> tuple[tuple[str, str], ...]:
    """The sources of which the sheet shows no statement, with their grades as printed."""
    shown = {item.source for item in cited[:MOST_STATEMENTS]}
    return tuple((name, book.sources[name].grade_for(rule.id)) for name in rule.evidence if name not in shown)


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
