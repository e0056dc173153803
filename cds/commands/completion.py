"""What a shell completes beyond options and files: rules, outcomes and regions, as the rules here have them.

While somebody types, nothing is said: rules that cannot be read complete nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from cds.bookshelf import open_exactly, rules_folder
from cds.boundary import error_boundary
from cds.errors import CdsError
from cds.rulebook.model import RuleBook
from cds.rulebook.regions import regions_of


def rule_ids(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """The rules whose id begins so, each with its title where the shell shows it."""
    book = _book(context)
    rules = book.rules.values() if book else ()
    return [CompletionItem(rule.id, help=rule.title) for rule in rules if rule.id.startswith(begun.upper())]


def outcomes(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """The outcomes; after a comma one that is not named yet."""
    book = _book(context)
    *named, last = begun.split(",")
    before = "".join(f"{name}," for name in named)
    free = [name for name in book.outcomes if name not in named] if book else []
    return [CompletionItem(f"{before}{name}") for name in free if name.startswith(last)]


def overlays(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """The regions of the rules, and folders."""
    regions = (CompletionItem(name) for name in regions_of(_folder(context)) if name.startswith(begun))
    return [*regions, CompletionItem(begun, type="dir")]


def _folder(context: click.Context) -> Path:
    """The folder of rules that is named before, else the one that is read here."""
    given: object = context.params.get("rules")
    first = next(iter(given), None) if isinstance(given, Iterable) and not isinstance(given, str) else given
    return rules_folder(first if isinstance(first, Path) else None)


def _book(context: click.Context) -> RuleBook | None:
    try:
        with error_boundary():
            return open_exactly(_folder(context))
    except CdsError:
        return None
