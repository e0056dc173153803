"""What needs a decision, as lines of the first page: about what, why, and what to do next."""

from __future__ import annotations

from typing import NamedTuple

from cds.audit.addresses import rule_page, source_link
from cds.errors import Problem
from cds.rulebook.model import RuleBook


class ToDo(NamedTuple):
    """One line: what it is about and where that stands (empty: nowhere), why it is here, and what to do next.

    ``command`` is what to type, word by word; empty where no command helps.
    """

    name: str
    link: str
    why: str
    todo: str
    command: str = ""


class Group(NamedTuple):
    """Lines that ask for the same kind of decision; ``note`` says over what they were counted, or is empty.

    ``unknown`` says why nobody knows whether there are any; then there are no lines, and that is not "none".
    """

    id: str
    title: str
    lines: tuple[ToDo, ...]
    note: str = ""
    unknown: str = ""


def about_rule(book: RuleBook, name: str, why: str, todo: str, command: str = "") -> ToDo:
    """A line about a rule."""
    return ToDo(f"{name} {book.rules[name].title}", rule_page(name), why, todo, command)


def of_problem(book: RuleBook, found: Problem) -> ToDo:
    """A line for something that ``cds check`` says, at the rule or the source of which it is said."""
    why = f"{found.what} ({found.file}, line {found.line}; {found.code})"
    name = found.place.partition(" ")[0]
    links = {**{rule: rule_page(rule) for rule in book.rules}, **{item: source_link(item) for item in book.sources}}
    return ToDo(found.place, links.get(name, ""), why, found.todo)
