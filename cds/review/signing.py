"""``cds sign``: what a clinician says of a rule as it is now, written to signatures.yaml; nothing there is lost."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from cds.errors import CdsError, nearest
from cds.review.signatures import content_hash, valid_signatures
from cds.rulebook.model import RuleBook, Signature, Spot, Verdict

FILE = "signatures.yaml"
HEAD = "# Who signed which rule, as it was that day. Written by 'cds sign'; a rule that changes loses its signature.\n"
STATUS = re.compile(r"(?m)^status: *['\"]?(?:draft|signed)['\"]?")


def signature_of(  # one clinician fills in one form
    book: RuleBook,
    rule: str,
    reviewer: str,
    role: str,
    day: date,
    *,
    verdict: Verdict = "approve",
    interests: str = "",
    comment: str = "",
    valid_to: str = "",
) -> Signature:
    """What a reviewer says of a rule as it is now; without another day an approval is valid to the rule's next review.

    Raises:
        CdsError: there is no such rule, name or role is empty, or nothing says what is to be changed.

    """
    if rule not in book.rules:
        raise CdsError(f"there is no rule '{rule}'. {nearest(rule, book.rules)}")
    if not reviewer.strip() or not role.strip():
        raise CdsError("a signature needs the name and the role of the reviewer: --reviewer NAME --role ROLE.")
    if verdict != "approve" and not comment.strip():
        raise CdsError(f"'{verdict}' needs the reason. Say with --comment what is to be changed, or what is wrong.")
    known, content = book.rules[rule], content_hash(book, rule)
    until = (valid_to or known.review_by) if verdict == "approve" else ""
    said = (reviewer.strip(), role.strip(), day.isoformat(), Spot(FILE, 1))
    return Signature(rule, known.version, content, *said, verdict, interests.strip(), comment.strip(), until)


def write_signature(book: RuleBook, folder: Path, signature: Signature, rule_file: str) -> tuple[Path, str]:
    """Add the signature to the file of signatures, and the status that follows to that of the rule: path and status.

    A rule is signed with as many approvals as its tier asks for, and a draft again once somebody rejects it.
    """
    path = folder / FILE
    before = path.read_text("utf-8") if path.exists() else f"{HEAD}signatures:\n"
    lines = [f"{name.replace('_', ' ')}: {text}" for name, text in _entries(signature)]
    path.write_text(before.rstrip("\n") + "\n\n  - " + "\n    ".join(lines) + "\n", "utf-8")
    status = status_with(book, signature)
    own = folder / rule_file
    own.write_text(STATUS.sub(f"status: {status}", own.read_text("utf-8"), count=1), "utf-8")
    return path, status


def status_with(book: RuleBook, signature: Signature) -> str:
    """The status of a rule once this signature stands under it, on the day of the signature."""
    signed = replace(book, signatures=(*book.signatures, signature))
    given = valid_signatures(signed, signature.rule, date.fromisoformat(signature.date))
    return "signed" if len(given) >= book.signatures_needed(signature.rule) else "draft"


def _entries(signature: Signature) -> list[tuple[str, str]]:
    """The lines of a signature, those without a text left out; what people wrote stands in quotes."""
    written = {"reviewer", "role", "interests", "comment"}
    said = [(name, text) for name, text in signature._asdict().items() if name != "spot" and text]
    return [(name, json.dumps(text, ensure_ascii=False) if name in written else text) for name, text in said]
