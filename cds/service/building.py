"""Settings -> the Service with everything that they turn on."""

from __future__ import annotations

import time
from functools import partial

from cds.hooks.profiles import PROFILES
from cds.intake.reading import parse_json
from cds.rulebook.model import RuleBook
from cds.service.issuer_keys import keep_fresh, report_on
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
        issuers = {entry.issuer: _issuer(entry, _keys(entry, fetcher, service)) for entry in settings.issuers}
        keys = {name: issuer.keys for name, issuer in issuers.items()}
        service.tasks.append(partial(keep_fresh, keys))
        service.parts.append(partial(report_on, keys))
        service.gate = Verifier(issuers, settings.base_url, time.time, settings.leeway_seconds)
        servers = {entry.issuer: entry.fhir_servers for entry in settings.issuers}
    else:
        servers = {"": settings.fhir_servers}
    if any(servers.values()):
        service.completion = Completion(fetcher, servers, settings.limits.fetch_seconds)
    return service


def _issuer(entry: IssuerSettings, keys: KeySource) -> Issuer:
    jku = (*entry.jku, *((entry.keys_url,) if entry.keys_url else ()))
    return Issuer(
        entry.issuer, keys, entry.algorithms, jku, entry.longest_token_seconds, entry.tenants,
        PROFILES[entry.profile],
    )  # fmt: skip


def _keys(entry: IssuerSettings, fetcher: Fetcher, service: Service) -> KeySource:
    if entry.keys_file is not None:
        return KeyFile(public_keys(parse_json(entry.keys_file.read_bytes())))
    url = str(entry.keys_url)

    async def load() -> object:
        return await fetcher.json(url, KEY_SECONDS)

    def failed(kind: str) -> None:
        if service.journal is not None:
            service.journal.write("keys-not-fetched", client=entry.issuer, kind=kind)

    return KeyServer(load, time.time, failed)
