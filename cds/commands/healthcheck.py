"""``cds healthcheck``: what a container or an init system asks; it loads next to nothing of the program."""

from __future__ import annotations

import json
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import click

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", "8080"
TIMEOUT_SECONDS = 4.0
LONGEST_ANSWER = 64 * 1024
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - what is listened on, not asked
"""Where a service that listens on all addresses is asked."""


class Address(NamedTuple):
    """Where a service is asked; ``own`` says that it is the one of this machine, whose certificate is for others."""

    host: str
    port: int
    tls: bool = False
    own: bool = True


@click.command()
@click.option("--url", metavar="URL", help="The service, as http://HOST:PORT (default: what --config listens on).")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The configuration, for host, port and whether there is a certificate (default: 127.0.0.1:8080).",
)
@click.option("--live", "probe", flag_value="livez", default=True, help="Does the process answer? (The default.)")
@click.option("--ready", "probe", flag_value="readyz", help="May it be asked: records, keys, rules, clock?")
@click.option("--startup", "probe", flag_value="startupz", help="Has it started?")
def healthcheck_command(url: str | None, config: Path | None, probe: str) -> None:
    """Ask the service of this machine how it is: exit status 0 when it is well, 1 when it is not or does not answer.

    Made for containers, which have no curl. What restarts a service asks --live: a database that is away comes back by
    itself, and a restart would only make it worse.
    """
    try:
        status, said = answer_of(_address(url, config), f"/{probe}")
    except (OSError, HTTPException, ValueError) as error:
        status, said = 0, f"no answer: {str(error) or type(error).__name__}"
    click.echo(said, err=status != 200)
    sys.exit(0 if status == 200 else 1)


def answer_of(address: Address, path: str) -> tuple[int, str]:
    """The status of an answer and what it says, in one line.

    Raises:
        OSError: no connection, or no answer within 4 seconds.
        HTTPException: the answer is not HTTP.
        ValueError: it is not that of a service, but something else listens there.

    """
    connection = _connection(address)
    try:
        connection.request("GET", path, headers={"connection": "close"})
        answer = connection.getresponse()
        return answer.status, _said(answer.status, answer.read(LONGEST_ANSWER))
    finally:
        connection.close()


def _connection(address: Address) -> HTTPConnection:
    if not address.tls:
        return HTTPConnection(address.host, address.port, timeout=TIMEOUT_SECONDS)
    import ssl  # noqa: PLC0415 - slow to load, and seldom needed

    context = ssl.create_default_context()
    if address.own:
        # It is asked on the loopback address and told nothing: neither its name nor its issuer can be checked there.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return HTTPSConnection(address.host, address.port, timeout=TIMEOUT_SECONDS, context=context)


def _said(status: int, body: bytes) -> str:
    try:
        told = json.loads(body)
        lines = [told["status"], *told.get("problems", ()), *told.get("warnings", ())]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"status {status}, and not from this service") from None
    return ": ".join((str(lines[0]), " ".join(map(str, lines[1:])))) if lines[1:] else str(lines[0])


def _address(url: str | None, config: Path | None) -> Address:
    """Where to ask.

    Raises:
        ValueError: the URL has another form.
        OSError: the configuration cannot be opened.

    """
    if url is None:
        return _configured(config) if config is not None else Address(DEFAULT_HOST, int(DEFAULT_PORT))
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"'{url}' is no URL of a service. Write it as http://HOST:PORT.")
    tls = parts.scheme == "https"
    return Address(parts.hostname, parts.port or (443 if tls else 80), tls, own=False)


def _configured(config: Path) -> Address:
    """Where a configuration listens; of the rest of it nothing is read, and what is wrong with it `cds serve` says."""
    from cds.rulebook.yaml_text import read_page  # noqa: PLC0415 - slow to load, and not needed with --url

    page = read_page(config, config.name, [])
    told = page.data if page is not None and isinstance(page.data, dict) else {}
    listen = told.get("listen")
    listen = listen if isinstance(listen, dict) else {}
    host = str(listen.get("host", DEFAULT_HOST))
    return Address(EVERYWHERE.get(host, host), int(str(listen.get("port", DEFAULT_PORT))), "tls certificate" in told)
