"""``cds invoke``."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal, NamedTuple

import click
import orjson

from cds.boundary import error_boundary
from cds.client.calling import call_json
from cds.client.ehr import EhrRecord, ehr_record
from cds.client.request import ehr_request
from cds.client.responses import cards_in, complaints, discovery_url, feedback_entries, service_at
from cds.commands.options import FILE, RECORD, made_from, wrong_use
from cds.errors import CdsError, nearest, with_code
from cds.intake.reading import parse_json
from cds.jsontypes import Json
from cds.one_file import bytes_of
from cds.screen.patients import card_text
from cds.trust.signing import private_key, signed_token


@click.command()
@click.argument("url")
@click.argument("bundle", type=RECORD)
@click.option("--hook", default="patient-view", show_default=True, metavar="HOOK", help="The hook that is fired.")
@click.option("--drop-prefetch", "dropped", multiple=True, metavar="KEY", help="Leave this key of the prefetch out.")
@click.option("--key", type=FILE, metavar="JWK", help="Sign a token with this private JSON Web Key; needs --issuer.")
@click.option("--issuer", default="", metavar="URL", help="Who calls: the issuer of the token.")
@click.option("--feedback", type=click.Choice(["accepted", "overridden"]), help="Then say this about every card.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer of the service as JSON.")
def invoke_command(
    url: str,
    bundle: Path,
    *,
    hook: str,
    dropped: tuple[str, ...],
    key: Path | None,
    issuer: str,
    feedback: Literal["accepted", "overridden"] | None,
    as_json: bool,
) -> None:
    """Call the CDS Hooks server at URL as an EHR would, with the patient in BUNDLE, and print the cards.

    Discovery, prefetch and context follow the standard; draft orders are the MedicationRequests with the status
    'draft'. URL is that of the server, or of one of its services.
    """
    caller = _caller(key, issuer)
    record = _record(bundle)
    try:
        with error_boundary():
            service = service_at(url, hook, caller.call("GET", discovery_url(url)))
            _check_keys(dropped, service)
            address = f"{discovery_url(url)}/{service['id']}"
            cards = _cards(caller, address, service, record, dropped, as_json=as_json)
            if feedback is not None:
                _send_feedback(caller, address, cards, feedback)
    except CdsError as error:
        click.echo(with_code(error), err=True)
        sys.exit(1)
    wrong = list(complaints(cards))
    for text in wrong:
        click.echo(f"Not as CDS Hooks asks: {text}", err=True)
    sys.exit(1 if wrong else 0)


class _Caller(NamedTuple):
    """Who calls: with a token for each address, or without."""

    key: Any
    issuer: str

    def call(self, method: str, url: str, body: object = None) -> object:
        token = signed_token(self.key, self.issuer, url, int(time.time())) if self.key is not None else ""
        return call_json(method, url, body, token)


def _caller(key: Path | None, issuer: str) -> _Caller:
    if (key is None) != (not issuer):
        wrong_use("--key and --issuer belong together: the service must know whose key it is.")
    if key is None:
        return _Caller(None, "")
    try:
        return _Caller(private_key(key.read_bytes()), issuer)
    except OSError as error:
        wrong_use(f"--key: '{key}' cannot be read: {error.strerror}.")
    except CdsError as error:
        wrong_use(f"--key: {error}")


def _record(path: Path) -> EhrRecord:
    found = made_from(path, lambda: ehr_record(parse_json(bytes_of(path))))
    if isinstance(found, CdsError):
        sys.exit(1)
    return found


def _check_keys(dropped: tuple[str, ...], service: Json) -> None:
    known = list(service.get("prefetch") or {})
    for name in dropped:
        if name not in known:
            wrong_use(f"--drop-prefetch: the service asks for no '{name}'. {nearest(name, known)}")


def _cards(
    caller: _Caller, address: str, service: Json, record: EhrRecord, dropped: tuple[str, ...], *, as_json: bool
) -> list[Json]:
    request = ehr_request(service, record, dropped)
    sent = ", ".join(request.body["prefetch"]) or "nothing"
    click.echo(f"POST {address}: {service['hook']}; prefetch: {sent}", err=True)
    for name, why in request.left_out.items():
        click.echo(f"Left out of the prefetch: {name}, {why}.", err=True)
    answer = caller.call("POST", address, request.body)
    cards = cards_in(answer)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE))
        return cards
    for card in cards:
        click.echo(card_text(card), nl=False)
    if not cards:
        click.echo("No card: the service has nothing to say.")
    return cards


def _send_feedback(
    caller: _Caller, address: str, cards: list[Json], outcome: Literal["accepted", "overridden"]
) -> None:
    entries = feedback_entries(cards, outcome, datetime.now(timezone.utc))
    if entries:
        caller.call("POST", f"{address}/feedback", {"feedback": entries})
    click.echo(f"Feedback: {outcome} for {len(entries)} of {len(cards)} cards.", err=True)
