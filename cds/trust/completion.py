"""Completes a partial prefetch over FHIR with the access that the call itself grants (CDS Hooks 2.0, "FHIR access").

Only servers that the configuration names for the caller are asked. What cannot be had in time stays missing: then what
can be decided is decided, and the cards say what was missing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from cds.hooks.calls import Call
from cds.hooks.prefetch import PATIENT, medications_to_read, prefetch_of, unanswered
from cds.intake.bundles.entries import next_page
from cds.jsontypes import Json
from cds.rulebook.model import RuleBook
from cds.trust.caller import Caller
from cds.trust.failures import FetchError, kind_of
from cds.trust.fetching import Fetcher
from cds.trust.fhir_servers import FhirServer, Heard, fhir_servers, hear_nothing

MOST_PAGES = 20
MOST_MEDICATIONS = 50
MEDICATIONS = "medicationsRead"
"""The key under which what the lists point to is added to the prefetch; no key of the discovery answer."""
LONGEST_TOKEN = 8 * 1024


class Completion:
    """Fetches the keys that got no whole answer; ``servers`` are the base URLs that each issuer may name."""

    def __init__(
        self, fetcher: Fetcher, servers: Mapping[str, Sequence[str]], seconds: float, heard: Heard = hear_nothing
    ) -> None:
        """``heard`` is told when requests to one of the servers fail, and when that is over."""
        self.fetcher, self.seconds = fetcher, seconds
        self.servers = fhir_servers(servers, heard)

    @property
    def all_servers(self) -> list[FhirServer]:
        """Those of every issuer."""
        return [server for servers in self.servers.values() for server in servers.values()]

    async def complete(self, call: Call, caller: Caller, book: RuleBook) -> Call:
        """The call with what could be fetched in its prefetch; the call itself where nothing may be or could be.

        Fetched are the keys without a whole answer, and then the Medications that the lists only point to.
        """
        server = self._server(call, caller)
        if server is None:
            return call
        base, headers, ends = server.base, _bearer(call), time.monotonic() + self.seconds
        missing = unanswered(call.prefetch, prefetch_of(book))
        asked = {name: self._answer(base, _query(book, name, call.patient), name, headers) for name in missing}
        found = await _in_time(asked, ends)
        call = call.with_prefetch(found.answers) if found.answers else call
        named = medications_to_read(call.prefetch)[:MOST_MEDICATIONS]
        read = await _in_time({name: self._page(f"{base}/{name}", "Medication", headers) for name in named}, ends)
        server.note((*found.failed, *read.failed), len(found.answers) + len(read.answers))
        return call.with_prefetch({MEDICATIONS: _collected(read.answers)}) if read.answers else call

    def _server(self, call: Call, caller: Caller) -> FhirServer | None:
        """The FHIR server of the call, if the configuration names it for this caller."""
        base = call.body.get("fhirServer")
        return self.servers.get(caller.issuer, {}).get(base.rstrip("/")) if isinstance(base, str) else None

    async def _answer(self, base: str, query: str, name: str, headers: Mapping[str, str]) -> Json:
        """The whole answer to a query: a resource, or a Bundle with the entries of all its pages."""
        answer = await self._page(f"{base}/{query}", "Patient" if name == "patient" else "Bundle", headers)
        entries, pages = _listed(answer), 1
        further = next_page(answer)
        while further and pages < MOST_PAGES:
            page = await self._page(within(base, further), "Bundle", headers)
            entries, pages, further = [*entries, *_listed(page)], pages + 1, next_page(page)
        if answer["resourceType"] != "Bundle":
            return answer
        link = {"link": [{"relation": "next", "url": further}]} if further else {}
        total = {"total": answer["total"]} if "total" in answer else {}
        return {"resourceType": "Bundle", "type": "searchset", **total, "entry": entries, **link}

    async def _page(self, url: str, expected: str, headers: Mapping[str, str]) -> Json:
        page = await self.fetcher.json(url, self.seconds, headers)
        if not isinstance(page, dict) or page.get("resourceType") != expected:
            raise FetchError("not-fhir")
        return page


class _InTime(NamedTuple):
    """The answers by name, and the kinds of failures of the others."""

    answers: dict[str, Json]
    failed: tuple[str, ...]


async def _in_time(asked: Mapping[str, Coroutine[Any, Any, Json]], ends: float) -> _InTime:
    """The answers that came before the end of the time; the others are given up."""
    tasks = {name: asyncio.ensure_future(answer) for name, answer in asked.items()}
    if tasks:
        await asyncio.wait(tasks.values(), timeout=max(0.0, ends - time.monotonic()))
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    answers = {name: task.result() for name, task in tasks.items() if not _failure(task)}
    return _InTime(answers, tuple(filter(None, map(_failure, tasks.values()))))


def _collected(resources: Mapping[str, Json]) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources.values()]}


def within(base: str, url: str) -> str:
    """The URL of a further page, which must stay below the base URL: the token of the call goes nowhere else.

    Raises:
        FetchError: it points elsewhere.

    """
    whole = urljoin(f"{base}/", url)
    try:
        own, other = urlsplit(base), urlsplit(whole)
    except ValueError:
        raise FetchError("outside") from None
    steps = other.path.replace("%2e", ".").replace("%2E", ".").split("/")
    below = other.path == own.path or other.path.startswith(f"{own.path}/")
    if (own.scheme, own.netloc) != (other.scheme, other.netloc) or not below or ".." in steps or "\\" in whole:
        raise FetchError("outside")
    return whole


def _query(book: RuleBook, name: str, patient: str) -> str:
    """The query of a key for a patient, its values encoded."""
    place, _, search = prefetch_of(book)[name].replace(PATIENT, quote(patient, safe="")).partition("?")
    return f"{place}?{quote(search, safe='=&,:/%')}" if search else place


def _bearer(call: Call) -> dict[str, str]:
    """The header for the requests that this call allows; none without a usable token."""
    access = call.access.value
    token = access.get("access_token") if isinstance(access, dict) else None
    kind = access.get("token_type", "Bearer") if isinstance(access, dict) else ""
    fine = isinstance(token, str) and 0 < len(token) <= LONGEST_TOKEN and token.isascii() and token.isprintable()
    if not fine or " " in str(token) or str(kind).lower() != "bearer":
        return {}
    return {"Authorization": f"Bearer {token}"}


def _listed(bundle: Json) -> list[Any]:
    entries = bundle.get("entry")
    return entries if isinstance(entries, list) else []


def _failure(task: asyncio.Task[Json]) -> str:
    """The kind of what a task failed by; empty when it did not."""
    if task.cancelled():
        return "timeout"
    error = task.exception()
    return kind_of(error) if isinstance(error, Exception) else ""
