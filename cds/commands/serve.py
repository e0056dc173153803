"""``cds serve``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click

from cds.bookshelf import rules_folder
from cds.commands.options import FILE, chosen_overlays, named_overlays, opened_plainly, rules_options, wrong_use
from cds.errors import CdsError
from cds.service import server
from cds.service.configuration.plan import Plan
from cds.service.configuration.reading import ConfigurationError, read_settings
from cds.service.configuration.rule_folders import NamedRules
from cds.service.configuration.settings import RulesSettings, Settings
from cds.service.wiring import add_operations, add_telemetry, build_service
from cds.service.workers.several import Prepared, serve_with_workers


@click.command()
@click.option("--config", type=FILE, metavar="FILE", help="The configuration of the service, as YAML.")
@click.option("--host", metavar="ADDRESS", help="The address to listen on (default: 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on (default: 8080).")
@click.option("--origin", "origins", multiple=True, metavar="URL", help="A browser client that may call (CORS).")
@click.option("--workers", type=click.IntRange(1, 64), help="How many processes answer calls (default: 1).")
@rules_options
def serve_command(
    config: Path | None,
    host: str | None,
    port: int | None,
    origins: tuple[str, ...],
    workers: int | None,
    rules: tuple[Path, ...],
) -> None:
    """Serve CDS Hooks 2.0 at http://ADDRESS:PORT/cds-services.

    --rules may be repeated, for several topics; --overlay is laid over the first.
    For the public sandbox: --origin https://sandbox.cds-hooks.org
    """
    given = Given(config, host, port, origins, workers, rules)
    settings = _settings(given)
    _checked(server.check_port, settings)
    prepared = _prepared(given, settings)
    plan, service = prepared
    versions = ", ".join(one.book.version for one in service.rulebooks)
    click.echo(f"CDS Hooks services of rulebook {versions}: {plan.settings.base_url}/cds-services", err=True)
    for line in server.startup_lines(plan.settings):
        click.echo(line, err=True)
    if plan.settings.workers == 1:
        add_telemetry(service)
        server.serve(service)
    else:
        serve_with_workers(prepared, partial(_again, given, plan.settings))


class Given(NamedTuple):
    """What the command was told."""

    config: Path | None
    host: str | None
    port: int | None
    origins: tuple[str, ...]
    workers: int | None
    rules: tuple[Path, ...]


def _prepared(given: Given, settings: Settings) -> Prepared:
    """The service of these settings, with everything that it needs opened and checked."""
    laid_over = _laid_over(settings, given.rules)
    books = tuple(opened_plainly(folder, overlays) for folder, overlays in laid_over)
    plan = Plan(settings, tuple(laid_over))
    try:
        service = build_service(settings, *books)
        add_operations(service, *plan.folders, overlays=plan.overlays)
    except CdsError as error:
        wrong_use(str(error))
    return Prepared(plan, service)


def _again(given: Given, before: Settings) -> Prepared | None:
    """The same after the files have changed; None where they are wrong, once that was said."""
    try:
        settings = _settings(given)
        if (settings.listen, settings.workers) != (before.listen, before.workers):
            wrong_use("'listen' and 'workers' need a new start of the service; nothing was changed.")
        return _prepared(given, settings)
    except SystemExit:
        return None


def _checked(check: Callable[[Settings], None], settings: Settings) -> None:
    try:
        check(settings)
    except CdsError as error:
        wrong_use(str(error))


def _laid_over(settings: Settings, rules: tuple[Path, ...]) -> list[tuple[Path, tuple[Path, ...]]]:
    """The folder of each rulebook to serve, with the folders that are laid over it."""
    plain = tuple(RulesSettings(folder=folder) for folder in rules or (rules_folder(),))
    first, *more = settings.rules or plain
    further = [(one.folder, tuple(map(Path, one.overlay))) for one in more]
    return [(first.folder, chosen_overlays(first.folder, first.overlay)), *further]


def _settings(given: Given) -> Settings:
    """The settings of the file, with what the command line says instead."""
    named = NamedRules(given.rules, named_overlays())
    try:
        settings = read_settings(given.config, named) if given.config is not None else Settings()
        settings = _instead(settings, given)
        server.check_address(settings)
        server.check_workers(settings)
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        count = len(error.problems)
        wrong_use(f"the configuration has {count} problem{'s' * (count > 1)}; the service was not started.")
    except CdsError as error:
        wrong_use(str(error))
    return settings


def _instead(settings: Settings, told: Given) -> Settings:
    for origin in told.origins:
        if "*" in origin or not origin.startswith(("http://", "https://")) or "/" in origin.split("://", 1)[1]:
            raise CdsError(
                f"--origin '{origin}' is not an origin. Write it without path: https://sandbox.cds-hooks.org"
            )
    given: dict[str, Any] = {"host": told.host, "port": told.port}
    listen = settings.listen.model_copy(update={name: value for name, value in given.items() if value is not None})
    workers = settings.workers if told.workers is None else told.workers
    more = {"listen": listen, "origins": (*settings.origins, *told.origins), "workers": workers}
    return settings.model_copy(update=more)
