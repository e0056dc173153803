"""Signatures of clinicians under rules: what exactly was signed, and whether it is still what the rule says.

The hash of a rule covers everything on which its answers rest: the rule itself, the findings that it reads and the
terms behind them with their units, freshness, numbers and tables, and what its advice codes say. It leaves out cases,
status, review date, and lists of codes and names (they are verified one by one in ``terms/verification.csv``).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from cds.errors import CdsError, Problem, nearest
from cds.review.aspects import Aspects, aspects_of, aspects_of_finding, aspects_of_rule
from cds.rulebook.graph import FINDING, TERM, graph_of
from cds.rulebook.model import Rule, RuleBook, Signature, Spot
from cds.rulebook.printing import definition_text

FILE = "signatures.yaml"
HEAD = "# Who signed which rule, as it was that day. Written by 'cds sign'; a rule that changes loses its signature.\n"
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


def valid_signatures(book: RuleBook, rule: str) -> tuple[Signature, ...]:
    """The signatures that still fit the content of a rule, in the order of the file."""
    content = content_hash(book, rule)
    return tuple(item for item in book.signatures if item.rule == rule and item.content == content)


def signature_problems(book: RuleBook) -> Iterator[Problem]:
    """Rules that say they are signed and are not; an old signature under a draft is history, and no problem."""
    for rule in book.rules.values():
        if rule.status == "signed" and not valid_signatures(book, rule.id):
            yield _problem(book, rule)


def _problem(book: RuleBook, rule: Rule) -> Problem:
    again = f"or have it reviewed and signed with 'cds sign {rule.id}'."
    old = [item for item in book.signatures if item.rule == rule.id]
    if not old:
        what = "the rule says that it is signed, and nobody signed it."
        return Problem(*rule.spot, "status", what, f"Write 'status: draft', {again}", "signature-missing")
    last = max(old, key=lambda item: item.date)
    what = f"{rule.id} has changed since version {last.version} was signed by {last.reviewer} on {last.date}."
    todo = f"Write 'status: draft' in {rule.spot.file}, {again}"
    return Problem(*last.spot, f"signature of {rule.id}", what, todo, "signature-outdated")


def signature_of(book: RuleBook, rule: str, reviewer: str, role: str, day: date) -> Signature:
    """The signature of a reviewer under a rule as it is now.

    Raises:
        CdsError: there is no such rule, or name or role is empty.

    """
    if rule not in book.rules:
        raise CdsError(f"there is no rule '{rule}'. {nearest(rule, book.rules)}")
    if not reviewer.strip() or not role.strip():
        raise CdsError("a signature needs the name and the role of the reviewer.")
    content = content_hash(book, rule)
    spot = Spot(FILE, 1)
    return Signature(rule, book.rules[rule].version, content, reviewer.strip(), role.strip(), day.isoformat(), spot)


def write_signature(folder: Path, signature: Signature, rule_file: str) -> Path:
    """Add the signature to the file of signatures, and 'status: signed' to the file of the rule; the first file's path.

    Nothing that stands in the files is lost.
    """
    path = folder / FILE
    before = path.read_text("utf-8") if path.exists() else f"{HEAD}signatures:\n"
    quoted = {name: json.dumps(getattr(signature, name), ensure_ascii=False) for name in ("reviewer", "role")}
    entry = {name: value for name, value in signature._asdict().items() if name != "spot"} | quoted
    lines = [f"{name}: {value}" for name, value in entry.items()]
    path.write_text(before.rstrip("\n") + "\n\n  - " + "\n    ".join(lines) + "\n", "utf-8")
    own = folder / rule_file
    own.write_text(
        re.sub(r"(?m)^status: *['\"]?draft['\"]?", "status: signed", own.read_text("utf-8"), count=1), "utf-8"
    )
    return path
