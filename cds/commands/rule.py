"""The command that prints a rule as people read it: ``cds rule``."""

from __future__ import annotations

from pathlib import Path

import click

from cds.audit.in_words import rule_in_words, rule_table
from cds.audit.rule_lines import LONG, SHORT
from cds.commands.options import day_of, opened, rules_option, wrong_use
from cds.errors import nearest
from cds.rulebook.model import Rule, RuleBook


@click.command()
@click.argument("names", metavar="[RULE]...", nargs=-1)
@click.option("--long", "is_long", is_flag=True, help="Everything: the whole condition, every text, number and case.")
@rules_option
def rule_command(names: tuple[str, ...], rules: Path | None, *, is_long: bool) -> None:
    """Print each RULE as people read it: when, what it decides and says, its numbers and sources, cases, signatures.

    Without a RULE, a line for each rule.
    """
    book = opened(rules)
    if not names:
        click.echo(rule_table(book))
        return
    day, most = day_of(None), LONG if is_long else SHORT
    asked = [_named(book, name) for name in names]
    click.echo("\n\n\n".join(rule_in_words(book, rule, day, most) for rule in asked))


def _named(book: RuleBook, name: str) -> Rule:
    """The rule of a name, in capital or small letters; wrong use where there is none."""
    found = book.rules.get(name.upper())
    if found is None:
        wrong_use(f"there is no rule '{name}'. {nearest(name.upper(), book.rules)} 'cds rule' lists all of them.")
    return found
