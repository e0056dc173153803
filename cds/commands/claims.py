"""``cds claims``."""

from __future__ import annotations

from pathlib import Path

import click

from cds.commands.common import opened, rules_option
from cds.review.claims import claim_table


@click.command()
@rules_option
def command(rules: Path | None) -> None:
    """Print what became of the claims of the articles behind this project, as a Markdown table."""
    click.echo(claim_table(opened(rules)))
