"""The FHIR servers that the configuration names for the issuers, and how each of them answered lately."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from cds.trust.failures import UNREACHED, Seen, Standing, kind_of
from cds.trust.fetching import Fetcher

PROBE_SECONDS = 600.0
"""Seconds from one probe of a server that fails to the next."""
Heard: TypeAlias = "Callable[[FhirServer, Sequence[str]], None]"
"""Is told of the server and of the kinds of failures of a call or probe; of none when it is over with them."""


def hear_nothing(_: FhirServer, __: Sequence[str]) -> None:
    """For whom nobody listens."""


class FhirServer:
    """A FHIR server by its base URL; ``number`` counts those of its issuer from 1.

    Calls tell what became of their requests (``note``). A probe asks for ``metadata``, which FHIR servers give without
    credentials, so that an address, name or certificate that cannot work is known before the first patient.
    """

    def __init__(
        self, issuer: str, number: int, base: str, heard: Heard = hear_nothing, now: Callable[[], float] = time.time
    ) -> None:
        self.issuer, self.number, self.base, self.heard = issuer, number, base, heard
        self.standing = Standing(now)

    @property
    def name(self) -> str:
        """What it is called where no URL may stand."""
        return f"FHIR server {self.number}" + (f" of issuer '{self.issuer}'" if self.issuer else "")

    def note(self, failed: Sequence[str], answered: int) -> None:
        """The requests of a call are over: the kinds of those that failed, in order, and how many were answered."""
        if failed:
            self._failed(failed, "in part" if answered else "in all")
        elif answered:
            self._answered()

    async def probe(self, fetcher: Fetcher, seconds: float) -> None:
        """Find out whether the server can be reached; what failed in calls that reached it, only a call can undo."""
        try:
            await fetcher.reach(f"{self.base}/metadata", seconds)
        except Exception as error:
            # Whatever broke: the next probe, and the other servers, must have theirs.
            self._failed([kind_of(error)], "in a probe")
            return
        known = self.standing.trouble
        if known and (known.kind in UNREACHED or known.seen == "in a probe"):
            self._answered()

    def _failed(self, kinds: Sequence[str], seen: Seen) -> None:
        self.standing.failed(kinds[0], seen)
        self.heard(self, kinds)

    def _answered(self) -> None:
        failed_before = self.standing.trouble is not None
        self.standing.answered()
        if failed_before:
            self.heard(self, ())


def fhir_servers(servers: Mapping[str, Sequence[str]], heard: Heard = hear_nothing) -> dict[str, dict[str, FhirServer]]:
    """The servers of each issuer by their base URLs without closing slash."""
    return {
        issuer: {base: FhirServer(issuer, number, base, heard) for number, base in enumerate(_bases(urls), 1)}
        for issuer, urls in servers.items()
    }


def _bases(urls: Sequence[str]) -> list[str]:
    return [url.rstrip("/") for url in urls]


async def probe_all(
    servers: Sequence[FhirServer],
    fetcher: Fetcher,
    seconds: float,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Probe every server at the start, and those that fail every ten minutes, until cancelled."""
    asked: Sequence[FhirServer] = servers
    while True:
        await asyncio.gather(*(server.probe(fetcher, seconds) for server in asked))
        await sleep(PROBE_SECONDS)
        asked = [server for server in servers if server.standing.trouble]
