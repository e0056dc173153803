"""``cds population plan``: the smallest export that the rulebook needs, as a kick-off request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import orjson

from cds.bulk.plan import Asked, Plan, coded_plan, wide_plan
from cds.bulk.planned_request import KickOff, fitting, parameters_of, posted
from cds.commands.options import as_of_option, day_of, json_option, opened, rules_option
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook

SHOWN = 60
"""So many characters of a search are shown where a type is explained."""
HEADERS = ("Accept: application/fhir+json", "Prefer: respond-async")
JSON_BODY = "Content-Type: application/fhir+json"


@click.command()
@rules_option
@as_of_option
@click.option("--base", default="[base]", metavar="URL", help="The FHIR server, or a Group of it (.../Group/7).")
@click.option("--wide", "is_wide", is_flag=True, help="Filter by type alone: for a server without _typeFilter.")
@click.option("--apart", "is_apart", is_flag=True, help="One code a search, for a server that splits at every comma.")
@click.option("--post", "is_posted", is_flag=True, help="Post the parameters (a URL over 4,000 characters: always).")
@json_option
def plan_command(
    rules: Path | None, as_of: date | None, base: str, *, is_wide: bool, is_apart: bool, is_posted: bool, as_json: bool
) -> None:
    """Print the smallest export that the rulebook needs, as a Bulk Data kick-off request, and what it gives up.

    The plan serves answers as of the day (default: today) or later.
    """
    book, day = opened(rules), day_of(as_of)
    plan = wide_plan() if is_wide else coded_plan(book, day)
    plan = plan.apart() if is_apart else plan
    request = (posted if is_posted else fitting)(plan, base)
    if as_json:
        click.echo(orjson.dumps(_data(plan, request, book, day), option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo("\n".join(_lines(plan, request, day)))


def _data(plan: Plan, request: KickOff, book: RuleBook, day: date) -> Json:
    overlay = {"overlay": book.overlay.name} if book.overlay else {}
    return {
        "asOf": day.isoformat(),
        "rulebook": {"version": book.version, "sha256": book.sha256, **overlay},
        "method": request.method,
        "url": request.url,
        "parameters": [parameter._asdict() for parameter in parameters_of(plan)],
        "body": request.body or None,
        "givesUp": list(plan.gives_up),
    }


def _lines(plan: Plan, request: KickOff, day: date) -> Iterator[str]:
    yield f"{request.method} {request.url}"
    yield from HEADERS
    if request.body:
        yield from (JSON_BODY, "", orjson.dumps(request.body, option=orjson.OPT_INDENT_2).decode())
    yield f"\nAsked for, for answers as of {day} or later:"
    for asked in plan.asked:
        yield from _explained(asked)
    yield "\nGiven up:"
    yield from (f"- {sentence}" for sentence in plan.gives_up)


def _explained(asked: Asked) -> Iterator[str]:
    yield f"- {asked.type}{'' if asked.searches else ', all of it'}: {asked.why}"
    yield from (f"    {_short(str(search))}" for search in asked.searches)


def _short(search: str) -> str:
    return search if len(search) <= SHOWN else f"{search[:SHOWN]}... ({search.count(',') + 1} values)"
