"""Everything in a rulebook that needs a person's decision, gathered in groups for the first page of the book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

from cds.audit.addresses import finding_link, rule_page, slug, source_link, term_link
from cds.audit.audit_data import AuditData
from cds.audit.figures import figure, size_of
from cds.audit.to_do import Group, ToDo, about_rule, of_problem
from cds.audit.to_sign import signature_groups
from cds.review.evidence import evidence_warnings
from cds.review.mutation import Mutant, mutants
from cds.review.remarks import remarks
from cds.rulebook.model import RuleBook

SOON = timedelta(days=60)
"""How long before the day of a review a rule is shown."""
SILENT = ("nothing", "ask")
"""What a case expects of a rule that does not fire."""


def decision_groups(audit: AuditData) -> tuple[Group, ...]:
    """The groups, in the order of the first page; one without lines is empty, and not left out."""
    book = audit.book
    return (
        *signature_groups(book, audit.day),
        Group("overdue", "Review overdue", tuple(_reviews(audit, overdue=True))),
        Group("due", f"Review due within {SOON.days} days", tuple(_reviews(audit, overdue=False))),
        Group("unread", "Sources that nobody has read again", tuple(_unread(book))),
        Group("proofs", "Proofs not run, or not holding", tuple(_proofs(audit)), unknown=_no_solver(audit)),
        _never_fired(audit),
        Group("amendments", "Amendments not done", tuple(_amendments(book))),
        Group("tests", "Cases that fail, and small changes that no case notices", *_tests(audit)),
        Group("warnings", "Warnings of cds check", tuple(_warnings(audit))),
    )


def _reviews(audit: AuditData, *, overdue: bool) -> Iterator[ToDo]:
    last = (audit.day + SOON).isoformat()
    for rule in audit.book.rules.values():
        if rule.review_by <= last and audit.overdue(rule) is overdue:
            todo = f"Review the rule, then move 'review by' in {rule.spot.file}."
            yield about_rule(
                audit.book, rule.id, f"its review {'was' if overdue else 'is'} due on {rule.review_by}", todo
            )


def _unread(book: RuleBook) -> Iterator[ToDo]:
    for source in book.sources.values():
        unread = [item for item in source.statements if not item.read_in]
        if unread or not source.statements:
            count = f"{len(unread)} of {len(source.statements)} statements not read again"
            why = count if source.statements else "nobody has written down what it states"
            todo = "Read the original, and write what is printed and where under 'read in' in evidence.yaml."
            yield ToDo(source.id, source_link(source.id), why, todo)


def _proofs(audit: AuditData) -> Iterator[ToDo]:
    for item in audit.properties:
        if not item.proofs:
            yield ToDo(item.name, "proofs.html", f"not run in this build: {item.says}", "To see it", item.command)
        for proof in item.proofs:
            if proof.holds is not True:
                why = f"{'not settled' if proof.holds is None else 'does not hold'}: {proof.says}"
                yield ToDo(
                    item.name, f"proofs.html#property-{slug(item.name)}", why, "Look at its patient, then", item.command
                )


def _no_solver(audit: AuditData) -> str:
    return "" if audit.properties else "No proof was run in this build: 'cds audit --prove' runs them all."


def _never_fired(audit: AuditData) -> Group:
    people, book = audit.population, audit.book
    if people is not None:
        silent = [name for name in book.rules if figure(people, "fired", name) == "0"]
        note = f"Counted over the {size_of(people)} patients of --population, as of {people.day}."
        todo = "Ask whether such patients are there, and whether the records hold what the rule reads."
    else:
        silent = [name for name in book.rules if not audit.fires_in(name)] if audit.samples else []
        note = f"Counted over the {len(audit.samples)} sample patients, who are invented; no --population was given."
        todo = "Count it among your own patients:"
    lines = (_silent(audit, name, todo, "" if people else "cds audit --population FILES") for name in silent)
    unknown = (
        "" if people or audit.samples else "The book was built with no patients, neither samples nor a population."
    )
    return Group("never-fired", "Rules that never fired", tuple(lines), "" if unknown else note, unknown)


def _silent(audit: AuditData, name: str, todo: str, command: str) -> ToDo:
    own = [item for item in audit.results[name] if item.case.expect not in SILENT and not item.fails]
    here = " (switched off, or in shadow, here)" if name in audit.book.off | audit.book.shadow else ""
    why = f"fired for none of them{here}; it fires in {len(own)} of its {len(audit.results[name])} cases"
    return about_rule(audit.book, name, why, todo, command)


def _amendments(book: RuleBook) -> Iterator[ToDo]:
    for item in book.amendments:
        if item.state != "done":
            why = f"{item.state}: {item.title}. {item.note}"
            todo = "Decide whether it is done or given up, and write that in amendments.yaml."
            yield ToDo(item.id, f"amendments.html#{slug(item.id)}", why, todo)


def _tests(audit: AuditData) -> tuple[tuple[ToDo, ...], str, str]:
    """The lines, a note, and why nobody knows them all: half of the group is not known without the small changes."""
    lines = tuple(chain(_failing(audit), _unnoticed(audit)))
    if audit.alive is not None:
        return lines, "", ""
    untried = "no small change was tried in this build: run cds check."
    return (lines, f"Cases were run; {untried}", "") if lines else ((), "", f"No case fails; {untried}")


def _failing(audit: AuditData) -> Iterator[ToDo]:
    for name, results in audit.results.items():
        for item in results:
            if item.fails and item.failure is not None:
                why = f"the case '{item.case.name}' fails: {item.failure.seen}"
                yield about_rule(audit.book, name, why, "Decide whether the rule or its case is right.", "cds check")


def _unnoticed(audit: AuditData) -> Iterator[ToDo]:
    book, todo = audit.book, "Add a case that notices it, or accept it with a reason in review.yaml."
    alive = (audit.alive or frozenset()) - set(book.accepted)
    for mutant in mutants(book) if alive else ():
        if mutant.what in alive:
            name = mutant.finding or mutant.rule or mutant.term
            yield ToDo(name, _place_of(book, mutant), f"no case notices this change: {mutant.what}", todo)


def _place_of(book: RuleBook, mutant: Mutant) -> str:
    if mutant.finding:
        return finding_link(book, mutant.finding)
    return f"{rule_page(mutant.rule)}#changes" if mutant.rule else term_link(book, mutant.term)


def _warnings(audit: AuditData) -> Iterator[ToDo]:
    found = (*remarks(audit.book, audit.day), *evidence_warnings(audit.book, audit.day))
    yield from (of_problem(audit.book, item) for item in found)
