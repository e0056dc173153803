"""``cds population export``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import click

from cds.boundary import error_boundary
from cds.bulk.access import Access
from cds.bulk.export import Exporting
from cds.bulk.folder import ExportFolder, export_folder
from cds.bulk.pace import LONGEST, Pace, StoppedError
from cds.bulk.polling import ANEW
from cds.bulk.problems import ExportError
from cds.bulk.requests import Requests
from cds.bulk.server import BulkServer
from cds.bulk.state import ExportState
from cds.bulk.table import table
from cds.bulk.verdict import Verdict
from cds.commands.export_options import FORMATS, Wishes, client_of, reach_of, request_of
from cds.commands.options import FILE, wrong_use
from cds.commands.progress import Screen
from cds.errors import CdsError, with_code

WRONG_USE = frozenset({"other-export"})


@click.command()
@click.argument("url")
@click.option(
    "--out", required=True, type=FILE, metavar="DIR", help="The folder for the export, new or of this export."
)
@click.option("--group", default="", metavar="ID", help="Export the patients of this Group (default: all patients).")
@click.option("--system", is_flag=True, help="Export the whole server.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this resource type. May be repeated.")
@click.option("--type-filter", "type_filters", multiple=True, metavar="QUERY", help="Only what a search finds.")
@click.option("--since", default="", metavar="INSTANT", help="Only what changed since, like 2026-11-22T00:00:00Z.")
@click.option("--output-format", metavar="FORMAT", type=click.Choice(FORMATS), help="Ask for this format.")
@click.option("--plan", type=FILE, metavar="FILE", help="What 'cds population plan --json' printed.")
@click.option("--post", is_flag=True, help="Ask by POST (default: only where the URL would be too long).")
@click.option("--client-id", default="", metavar="ID", help="Who asks, as registered with the authorization server.")
@click.option("--key", type=FILE, metavar="JWK", help="The private JSON Web Key of this client.")
@click.option("--scope", default="", help="Scopes to ask for (default: system/TYPE.read for each type, or for all).")
@click.option("--token-url", default="", metavar="URL", help="Where tokens are given (default: as the server says).")
@click.option("--trust-origin", "trusted", multiple=True, metavar="URL", help="Send the token to this server, too.")
@click.option("--insecure-http", is_flag=True, help="Allow http to the host of URL; never with a token.")
@click.option("--anew", is_flag=True, help="Begin anew; what the folder holds of an export is removed.")
@click.option("--cancel", is_flag=True, help="Cancel the export of the folder; what is there is kept.")
@click.option(
    "--longest-wait",
    default=LONGEST,
    show_default=True,
    metavar="SECONDS",
    type=click.FloatRange(0.01, 86_400),
    help="Wait no longer than this at once, whatever the server asks for.",
)
def export_command(url: str, out: Path, **options: Any) -> None:
    """Fetch an export from the FHIR Bulk Data server at URL, its base or a whole $export URL.

    After any end, the same command goes on.
    """
    wishes = Wishes(**options)
    try:
        with error_boundary():
            status = _export(url, out, wishes)
    except CdsError as error:
        click.echo(with_code(error), err=True)
        sys.exit(2 if error.code in WRONG_USE else 1)
    except (KeyboardInterrupt, StoppedError):
        click.echo("Stopped. The same command goes on.", err=True)
        sys.exit(1)
    sys.exit(status)


def _export(url: str, out: Path, wishes: Wishes) -> int:
    request, client = request_of(url, wishes), client_of(wishes)
    reach = reach_of(url, wishes, client)
    with closing(Requests()) as requests, export_folder(out) as folder:
        server = BulkServer(requests, reach, Access(requests, reach, client, request.base, request.types))
        exporting = Exporting(server, folder, Pace(wishes.longest_wait), Screen())
        state = folder.state()
        if wishes.cancel:
            return _cancel(exporting, state)
        if state is None or wishes.anew:
            state = exporting.begun(request, state, post=wishes.post)
        elif state.request != request:
            _other(folder)
        return _say(exporting.fetched(state))


def _other(folder: ExportFolder) -> NoReturn:
    raise ExportError(
        "other-export", f"'{folder.path}' holds an export that was asked for in another way. Name a new folder. {ANEW}"
    )


def _cancel(exporting: Exporting, state: ExportState | None) -> int:
    if state is None:
        wrong_use("--cancel: no export was begun in the folder.")
    remark = exporting.cancelled(state)
    click.echo(remark or "The server need not keep the export any more.", err=True)
    return 1 if remark else 0


def _say(verdict: Verdict) -> int:
    click.echo(table(verdict.rows))
    for text in (*verdict.problems, *verdict.remarks):
        click.echo(text, err=True)
    if verdict.problems:
        click.echo(f"The export is incomplete (problems: {len(verdict.problems)}).", err=True)
    return 1 if verdict.problems else 0
