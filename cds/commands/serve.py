"""``cds serve``."""

from __future__ import annotations

from pathlib import Path

import click

from cds.commands.common import opened, rules_option, wrong_use
from cds.errors import CdsError
from cds.service import running
from cds.service.settings import Listen, Settings
from cds.service.state import Service, Shelf


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--origin", "origins", multiple=True, metavar="URL", help="A browser client that may call (CORS).")
@rules_option
def command(host: str, port: int, origins: tuple[str, ...], rules: Path | None) -> None:
    """Serve CDS Hooks 2.0 at http://ADDRESS:PORT/cds-services (patient-view, order-select, order-sign)."""
    settings = Settings(listen=Listen(host=host, port=port), origins=origins)
    book = opened(rules)
    try:
        running.check_address(settings)
    except CdsError as error:
        wrong_use(str(error))
    click.echo(f"CDS Hooks services of rulebook {book.version}: http://{host}:{port}/cds-services", err=True)
    click.echo(running.WARNING, err=True)
    running.serve(Service(Shelf(book), settings))
