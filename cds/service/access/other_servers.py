"""What the service asks of other servers, key sets and FHIR data; and how it tells operators that one cannot be had."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from cds.intake.reading import parse_json
from cds.service.configuration.settings import IssuerSettings, Settings
from cds.service.observability.health import HealthReport
from cds.service.state import Service
from cds.trust.completion import Completion
from cds.trust.failures import FETCH_KINDS, Seen
from cds.trust.fetching import Fetcher
from cds.trust.fhir_servers import FhirServer
from cds.trust.keys import KeyFile, KeyServer, KeySource, public_keys
from cds.trust.targets import host_of

KEY_SECONDS = 3
PROBE_SECONDS = 3
SAID_EVERY = 60.0
"""Seconds after which the journal says again that a FHIR server fails, if it still does so in the same way."""
SEEN: dict[Seen, str] = {
    "in all": "gave nothing that calls asked it for",
    "in part": "did not give all that a call asked it for",
    "in a probe": "did not answer when it was asked whether it can be reached",
}


def fetcher_of(settings: Settings) -> Fetcher:
    """What gets everything that the service fetches."""
    return Fetcher(settings.address_rules, certificates=settings.trusted_certificates)


def key_source(entry: IssuerSettings, fetcher: Fetcher, service: Service) -> KeySource:
    """Where the public keys of an issuer come from; a failure to fetch them is told."""
    if entry.keys_file is not None:
        return KeyFile(public_keys(parse_json(entry.keys_file.read_bytes())))
    url = str(entry.keys_url)

    async def load() -> object:
        return await fetcher.json(url, KEY_SECONDS)

    def failed(kind: str) -> None:
        if service.metrics is not None:
            service.metrics.fetches_failed([kind])
        if service.journal is not None:
            said = {"problem": FETCH_KINDS[kind]} if kind in FETCH_KINDS else {}
            service.journal.write("keys-not-fetched", client=entry.issuer, kind=kind, host=host_of(url), **said)

    return KeyServer(load, time.time, failed)


def completion_of(servers: Mapping[str, Sequence[str]], fetcher: Fetcher, service: Service) -> Completion:
    """What completes a prefetch from the servers of each issuer; their failures are told."""
    return Completion(fetcher, servers, service.settings.limits.fetch_seconds, FhirNews(service).tell)


def fhir_health(servers: Iterable[FhirServer]) -> HealthReport:
    """The FHIR servers that fail, and why: warnings, for calls are answered all the same."""
    failing = ((server.name, server.standing.trouble) for server in servers)
    return HealthReport((), tuple(f"{name} {SEEN[trouble.seen]}: {trouble}" for name, trouble in failing if trouble))


class _Told(NamedTuple):
    """What the journal said last of a server, and when."""

    kind: str
    seen: Seen
    at: float


class FhirNews:
    """Tells the journal and the metrics that a FHIR server fails; every failure counts, not each has its line."""

    def __init__(self, service: Service, clock: Callable[[], float] = time.monotonic) -> None:
        self._service, self._clock = service, clock
        self._told: dict[FhirServer, _Told] = {}

    def tell(self, server: FhirServer, kinds: Sequence[str]) -> None:
        """A call or a probe failed by failures of these kinds; by none: it is over with them."""
        if self._service.metrics is not None:
            self._service.metrics.fetches_failed(kinds)
        trouble = server.standing.trouble
        if trouble is None:
            self._told.pop(server, None)
            self._write("fhir-fetched-again", server)
        elif self._is_news(server, _Told(trouble.kind, trouble.seen, self._clock())):
            problem = f"{server.name} {SEEN[trouble.seen]}: {trouble}"
            self._write("fhir-not-fetched", server, kind=trouble.kind, count=len(kinds), problem=problem)

    def _is_news(self, server: FhirServer, now: _Told) -> bool:
        last = self._told.get(server)
        if last and (last.kind, last.seen) == (now.kind, now.seen) and now.at - last.at < SAID_EVERY:
            return False
        self._told[server] = now
        return True

    def _write(self, event: str, server: FhirServer, **more: str | float) -> None:
        if self._service.journal is not None:
            self._service.journal.write(
                event, client=server.issuer, number=server.number, host=host_of(server.base), **more
            )
