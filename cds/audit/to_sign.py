"""What signatures ask for: rules that nobody signed, that changed since, or that somebody rejected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds.audit.to_do import Group, ToDo, about_rule
from cds.review.signatures import content_hash, valid_signatures
from cds.rulebook.model import RuleBook, Signature


def signature_groups(book: RuleBook, day: date) -> tuple[Group, ...]:
    """The groups about signatures; a rule stands in each to which it belongs."""
    return (
        Group("unsigned", "Unsigned", tuple(_unsigned(book, day))),
        Group("changed", "Changed since it was signed", tuple(_changed(book))),
        Group("rejected", "Rejected", tuple(_rejected(book))),
    )


def _unsigned(book: RuleBook, day: date) -> Iterator[ToDo]:
    for name in book.rules:
        needed, valid = book.signatures_needed(name), len(valid_signatures(book, name, day))
        if valid < needed:
            yield about_rule(book, name, _lacking(book, name, valid, needed, day), "Read its page, then", _sign(name))


def _lacking(book: RuleBook, name: str, valid: int, needed: int, day: date) -> str:
    said = [f"{item.reviewer}: {item.verdict}, {item.comment}" for item in _of_now(book, name) if item.comment]
    ended = [item for item in valid_signatures(book, name) if item not in valid_signatures(book, name, day)]
    said += [f"the signature of {item.reviewer} was valid to {item.valid_to}" for item in ended]
    count = f"{valid} of {needed} signatures" if valid or needed > 1 else "not signed"
    return "; ".join((count, *said))


def _changed(book: RuleBook) -> Iterator[ToDo]:
    for name in book.rules:
        own = [item for item in book.signatures if item.rule == name]
        if own and not _of_now(book, name):
            last = max(own, key=lambda item: item.date)
            why = f"changed since version {last.version}, on which {last.reviewer} said '{last.verdict}' on {last.date}"
            yield about_rule(
                book, name, why, "Look at what changed ('cds check --against REVISION'), then", _sign(name)
            )


def _rejected(book: RuleBook) -> Iterator[ToDo]:
    for name in book.rules:
        last = {item.reviewer: item for item in _of_now(book, name)}
        for item in (item for item in last.values() if item.verdict == "reject"):
            why = f"{item.reviewer} rejected it on {item.date}: {item.comment}"
            yield about_rule(
                book, name, why, "Change the rule as the comment says, and have it signed again:", _sign(name)
            )


def _of_now(book: RuleBook, name: str) -> list[Signature]:
    """What was said about a rule as it is now, in the order of the file."""
    content = content_hash(book, name)
    return [item for item in book.signatures if item.rule == name and item.content == content]


def _sign(name: str) -> str:
    return f"cds sign {name} --reviewer NAME --role ROLE"
