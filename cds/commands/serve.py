"""``cds serve``."""

from __future__ import annotations

from pathlib import Path

import click

from cds.commands.common import FILE, opened, rules_option, wrong_use
from cds.errors import CdsError
from cds.hooks import server


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--origin", "origins", multiple=True, metavar="URL", help="A browser client that may call (CORS).")
@click.option("--feedback", type=FILE, metavar="FILE", help="Append feedback entries to this file, as JSON lines.")
@click.option("--without-authentication", is_flag=True, help="Listen beyond the loopback address all the same.")
@rules_option
def command(
    host: str,
    port: int,
    origins: tuple[str, ...],
    feedback: Path | None,
    rules: Path | None,
    *,
    without_authentication: bool,
) -> None:
    """Serve CDS Hooks 2.0 at http://ADDRESS:PORT/cds-services (patient-view, order-select, order-sign)."""
    book = opened(rules)
    try:
        server.check_address(host, open_to_all=without_authentication)
    except CdsError as error:
        wrong_use(str(error))
    click.echo(f"CDS Hooks services of rulebook {book.version}: http://{host}:{port}/cds-services", err=True)
    click.echo(server.WARNING, err=True)
    server.serve(book, host, port, origins, feedback)
