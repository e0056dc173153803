"""Settings -> the Service with everything that they turn on."""

from __future__ import annotations

import time

from cds.hooks.profiles import PROFILES
from cds.intake.reading import parse_json
from cds.rulebook.model import RuleBook
from cds.service.settings import IssuerSettings, Settings
from cds.service.state import Service, Shelf
from cds.trust.completion import Completion
from cds.trust.fetching import Fetcher
from cds.trust.keys import KeyFile, KeyServer, KeySource, public_keys
from cds.trust.tokens import Issuer, Verifier

KEY_SECONDS = 3


def service_of(settings: Settings, book: RuleBook) -> Service:
    """The service; authentication is on as soon as issuers are named, fetching as soon as FHIR servers are."""
    fetcher = Fetcher(loopback=settings.fetch_from_loopback)
    service = Service(Shelf(book), settings)
    service.closers.append(fetcher.close)
    if settings.issuers:
        issuers = {entry.issuer: _issuer(entry, fetcher) for entry in settings.issuers}
        service.gate = Verifier(issuers, settings.base_url, time.time, settings.leeway_seconds)
        servers = {entry.issuer: entry.fhir_servers for entry in settings.issuers}
    else:
        servers = {"": settings.fhir_servers}
    if any(servers.values()):
        service.completion = Completion(fetcher, servers, settings.limits.fetch_seconds)
    return service


def _issuer(entry: IssuerSettings, fetcher: Fetcher) -> Issuer:
    jku = (*entry.jku, *((entry.keys_url,) if entry.keys_url else ()))
    return Issuer(
        entry.issuer, _keys(entry, fetcher), entry.algorithms, jku, entry.longest_token_seconds, entry.tenants,
        PROFILES[entry.profile],
    )  # fmt: skip


def _keys(entry: IssuerSettings, fetcher: Fetcher) -> KeySource:
    if entry.keys_file is not None:
        return KeyFile(public_keys(parse_json(entry.keys_file.read_bytes())))
    url = str(entry.keys_url)

    async def load() -> object:
        return await fetcher.json(url, KEY_SECONDS)

    return KeyServer(load, time.time)
