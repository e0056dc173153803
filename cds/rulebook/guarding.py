"""What the rules that keep patients from harm read: whoever replaces it in an overlay says that the risk is accepted.

Another threshold can silence such a rule as surely as switching it off, and so can another time for which a value
counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from cds.rulebook.graph import graph_of
from cds.rulebook.model import Clause, Rule, RuleBook
from cds.rulebook.report import Where

TODO = "Say under 'accepted risk' what can happen to whom, and who accepts it."


def check_switch(book: RuleBook, rule: str, accepted_risk: str, where: Where) -> None:
    """Report a rule that cannot be switched, and a guarded one for which nobody accepts the risk."""
    if rule == book.default:
        todo = "Take it out: it gives the answer when no other rule decides."
        where.problem(f"{rule} cannot be switched off or put into shadow.", todo, "rule-needed")
    elif rule in book.rules and book.is_guarded(rule) and not accepted_risk.strip():
        where.problem(f"{rule} keeps patients from harm.", TODO, "risk-not-accepted")


def check_replacement(readers: dict[str, str], name: str, accepted_risk: str, where: Where) -> None:
    """Report what an overlay replaces, a guarded rule reads, and nobody accepts the risk of."""
    if name in readers and not accepted_risk.strip():
        what = f"{readers[name]} keeps patients from harm and rests on '{name}'."
        where.problem(what, TODO, "risk-not-accepted")


def guarded_readers(book: RuleBook) -> dict[str, str]:
    """The findings and terms that decide whether a guarded rule fires, votes or is silenced, each with such a rule."""
    found: dict[str, str] = {}
    guarded = [rule for rule in book.rules.values() if book.is_guarded(rule.id)]
    starts = [(rule.id, _conditions(rule)) for rule in guarded]
    starts += [(rule.id, _silencing(book, rule.id)) for rule in guarded]
    for rule, names in starts:
        for _, name in graph_of(book).behind_findings(names):
            found.setdefault(name, rule)
    return found


def _conditions(rule: Rule) -> Iterator[str]:
    yield from (part.finding for part in rule.when.parts)
    yield from (vote.finding for vote in rule.votes if vote.finding)


def _silencing(book: RuleBook, rule: str) -> Iterator[str]:
    """The findings by which the card or the decision of a rule is silenced, also those of the rules that silence it."""
    for entry in book.removals:
        if rule in entry.cards | entry.votes:
            for clause in (*entry.when, *entry.only_if):
                yield from _of_clause(book, clause)


def _of_clause(book: RuleBook, clause: Clause) -> Iterator[str]:
    if clause.kind == "finding":
        yield clause.value
    elif clause.kind in ("fires", "shown") and clause.value in book.rules:
        yield from _conditions(book.rules[clause.value])
