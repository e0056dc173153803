"""``cds serve``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cds.bookshelf import rules_folder
from cds.commands.options import FILE, chosen_overlays, named_overlays, opened_plainly, rules_options, wrong_use
from cds.errors import CdsError
from cds.service import server
from cds.service.configuration import ConfigurationError, read_settings
from cds.service.rule_folders import NamedRules
from cds.service.settings import RulesSettings, Settings
from cds.service.wiring import add_operations, build_service


@click.command()
@click.option("--config", type=FILE, metavar="FILE", help="The configuration of the service, as YAML.")
@click.option("--host", metavar="ADDRESS", help="The address to listen on (default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on (default: 8080).")
@click.option("--origin", "origins", multiple=True, metavar="URL", help="A browser client that may call (CORS).")
@rules_options
def serve_command(
    config: Path | None, host: str | None, port: int | None, origins: tuple[str, ...], rules: tuple[Path, ...]
) -> None:
    """Serve CDS Hooks 2.0 at http://ADDRESS:PORT/cds-services.

    --rules may be repeated, for several topics; --overlay is laid over the first.
    For the public sandbox: --origin https://sandbox.cds-hooks.org
    """
    settings = _settings(config, NamedRules(rules, named_overlays()), host, port, origins)
    laid_over = _laid_over(settings, rules)
    books = tuple(opened_plainly(folder, overlays) for folder, overlays in laid_over)
    try:
        service = build_service(settings, *books)
        add_operations(service, *(folder for folder, _ in laid_over), overlays=[over for _, over in laid_over])
    except CdsError as error:
        wrong_use(str(error))
    versions = ", ".join(book.version for book in books)
    click.echo(f"CDS Hooks services of rulebook {versions}: {settings.base_url}/cds-services", err=True)
    for line in server.startup_lines(settings):
        click.echo(line, err=True)
    server.serve(service)


def _laid_over(settings: Settings, rules: tuple[Path, ...]) -> list[tuple[Path, tuple[Path, ...]]]:
    """The folder of each rulebook to serve, with the folders that are laid over it."""
    plain = tuple(RulesSettings(folder=folder) for folder in rules or (rules_folder(),))
    first, *more = settings.rules or plain
    further = [(one.folder, tuple(map(Path, one.overlay))) for one in more]
    return [(first.folder, chosen_overlays(first.folder, first.overlay)), *further]


def _settings(
    config: Path | None, named: NamedRules, host: str | None, port: int | None, origins: tuple[str, ...]
) -> Settings:
    """The settings of the file, with what the command line says instead."""
    try:
        settings = read_settings(config, named) if config is not None else Settings()
        settings = _instead(settings, host, port, origins)
        server.check_address(settings)
        server.check_port(settings)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        count = len(error.problems)
        wrong_use(f"the configuration has {count} problem{'s' * (count > 1)}; the service was not started.")
    except CdsError as error:
        wrong_use(str(error))
    return settings


def _instead(settings: Settings, host: str | None, port: int | None, origins: tuple[str, ...]) -> Settings:
    for origin in origins:
        if "*" in origin or not origin.startswith(("http://", "https://")) or "/" in origin.split("://", 1)[1]:
            raise CdsError(
                f"--origin '{origin}' is not an origin. Write it without path: https://sandbox.cds-hooks.org"
            )
    given: dict[str, Any] = {"host": host, "port": port}
    listen = settings.listen.model_copy(update={name: value for name, value in given.items() if value is not None})
    return settings.model_copy(update={"listen": listen, "origins": (*settings.origins, *origins)})
