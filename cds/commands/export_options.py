"""What the options of ``cds population export`` ask for."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cds.bulk.access import Client
from cds.bulk.addresses import Reach, check_origin, is_inner, parts_of
from cds.bulk.kick_off import GROUP_ID, ExportRequest, export_request, is_operation
from cds.bulk.parameters import planned, written
from cds.bulk.problems import ExportError
from cds.commands.options import wrong_use
from cds.errors import CdsError, with_code
from cds.trust.signing import private_key

FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")


class Wishes(NamedTuple):
    """The options, each as it was given."""

    group: str
    system: bool
    types: tuple[str, ...]
    type_filters: tuple[str, ...]
    since: str
    output_format: str | None
    plan: Path | None
    post: bool
    client_id: str
    key: Path | None
    scope: str
    token_url: str
    trusted: tuple[str, ...]
    insecure_http: bool
    anew: bool
    cancel: bool
    longest_wait: float


def request_of(url: str, wishes: Wishes) -> ExportRequest:
    """What is asked for; wrong use where it makes no request."""
    try:
        if is_operation(url) and (wishes.system or wishes.group):
            wrong_use("--group and --system are for the base URL of a server; URL is that of an export already.")
        planned_too = planned(wishes.plan.read_bytes()) if wishes.plan else ()
        options = written(wishes.types, wishes.type_filters, wishes.since, wishes.output_format or "")
        return export_request(url, _level(wishes), (*planned_too, *options))
    except OSError as error:
        wrong_use(f"--plan: '{wishes.plan}' cannot be read: {error.strerror}.")
    except CdsError as error:
        wrong_use(with_code(error))


def _level(wishes: Wishes) -> str:
    if wishes.system and wishes.group:
        wrong_use("--group and --system exclude each other.")
    if wishes.group and not GROUP_ID.fullmatch(wishes.group):
        wrong_use(f"--group: '{wishes.group}' is no id of FHIR.")
    return f"/Group/{wishes.group}" if wishes.group else "" if wishes.system else "/Patient"


def client_of(wishes: Wishes) -> Client | None:
    """Who asks, None for nobody; wrong use where that is not said whole."""
    if not wishes.client_id and wishes.key is None:
        if wishes.scope or wishes.token_url or wishes.trusted:
            wrong_use("--scope, --token-url and --trust-origin are about a token: they need --client-id and --key.")
        return None
    if not wishes.client_id or wishes.key is None:
        wrong_use("--client-id and --key belong together: the server must know whose key it is.")
    try:
        return Client(wishes.client_id, private_key(wishes.key.read_bytes()), wishes.token_url, wishes.scope)
    except OSError as error:
        wrong_use(f"--key: '{wishes.key}' cannot be read: {error.strerror}.")
    except CdsError as error:
        wrong_use(f"--key: {error}")


def reach_of(url: str, wishes: Wishes, client: Client | None) -> Reach:
    """Which addresses are called, and which get the token; wrong use where URL is none of the first."""
    if wishes.insecure_http and client and not is_inner(str(parts_of(url).hostname)):
        wrong_use("--insecure-http: no token is sent by http. Leave --client-id and --key away, or use https.")
    try:
        reach = Reach(url, frozenset(check_origin(trusted) for trusted in wishes.trusted), wishes.insecure_http)
        reach.check(url)
    except ExportError as error:
        wrong_use(with_code(error))
    return reach
