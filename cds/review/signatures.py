"""Signatures of clinicians under rules: what exactly was signed, and whether it is still what the rule says.

The hash of a rule covers everything on which its answers rest: the rule itself, the findings that it reads and the
terms behind them with their units, freshness, numbers and tables, and what its advice codes say. It leaves out cases,
status, review date, and lists of codes and names (they are verified one by one in ``terms/verification.csv``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date

from cds.errors import Problem
from cds.review.aspects import Aspects, aspects_of, aspects_of_finding, aspects_of_rule
from cds.rulebook.graph import FINDING, TERM, graph_of
from cds.rulebook.model import Rule, RuleBook, Signature
from cds.rulebook.printing import definition_text

UNSIGNED = ("status", "review by", "case '", "codes", "names", "asked as", "known as")
"""How the names of aspects begin that a signature does not cover."""


def content_hash(book: RuleBook, rule: str) -> str:
    """The SHA-256 (hex) of a rule and all that it rests on."""
    text = json.dumps(dict(_content(book, rule)), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _content(book: RuleBook, name: str) -> Iterator[tuple[str, Aspects]]:
    rule = book.rules[name]
    yield "rule", _signed(aspects_of_rule(rule, {}))
    for kind, node in graph_of(book).behind_rule(rule):
        if kind == FINDING:
            finding = book.findings[node]
            yield f"finding {node}", {**_signed(aspects_of_finding(finding)), "is": definition_text(finding)}
        elif kind == TERM:
            yield f"term {node}", _signed(aspects_of(book.terms[node]))
    for saying in rule.advice:
        yield f"advice {saying.code}", {"says": book.advice[saying.code].says}


def _signed(aspects: Aspects) -> Aspects:
    return {aspect: words for aspect, words in aspects.items() if words and not aspect.startswith(UNSIGNED)}


def valid_signatures(book: RuleBook, rule: str, today: date | None = None) -> tuple[Signature, ...]:
    """The approvals that still fit the content of a rule, one of each clinician, in the order of the file.

    None after somebody rejected this content; with a day, none that has expired by then.
    """
    content = content_hash(book, rule)
    given = [item for item in book.signatures if item.rule == rule and item.content == content]
    last = {item.reviewer: item for item in given}
    if any(item.verdict == "reject" for item in last.values()):
        return ()
    return tuple(item for item in last.values() if item.verdict == "approve" and not _has_expired(item, today))


def _has_expired(signature: Signature, today: date | None) -> bool:
    return bool(today and signature.valid_to and signature.valid_to < today.isoformat())


def signature_problems(book: RuleBook, today: date | None = None) -> Iterator[Problem]:
    """Rules that say they are signed and are not; an old signature under a draft is history, and no problem."""
    for rule in book.rules.values():
        if rule.status == "signed" and len(valid_signatures(book, rule.id, today)) < book.signatures_needed(rule.id):
            yield _problem(book, rule, today)


def _problem(book: RuleBook, rule: Rule, today: date | None) -> Problem:
    """Why the signatures under a rule do not make it signed."""
    again = f"or have it reviewed and signed with 'cds sign {rule.id}'."
    todo = f"Write 'status: draft' in {rule.spot.file}, {again}"
    own = [item for item in book.signatures if item.rule == rule.id]
    if not own:
        what = "the rule says that it is signed, and nobody signed it."
        return Problem(*rule.spot_of("status"), "status", what, f"Write 'status: draft', {again}", "signature-missing")
    last = max(own, key=lambda item: item.date)
    place, fitting = f"signature of {rule.id}", valid_signatures(book, rule.id)
    if last.verdict == "reject":
        what = f"{last.reviewer} rejected {rule.id} on {last.date}: {last.comment}"
        return Problem(*last.spot, place, what, todo, "signature-missing")
    if expired := [item for item in fitting if _has_expired(item, today)]:
        what = f"the signature of {expired[0].reviewer} was valid to {expired[0].valid_to}."
        return Problem(*expired[0].spot, place, what, todo, "signature-expired")
    if fitting:
        what = f"two clinicians sign a rule that can stop, hold or protect, and only {fitting[0].reviewer} did."
        return Problem(*last.spot, place, what, todo, "signature-missing")
    what = f"{rule.id} has changed since version {last.version} was signed by {last.reviewer} on {last.date}."
    return Problem(*last.spot, place, what, todo, "signature-outdated")
