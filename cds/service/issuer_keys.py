"""The public keys of all issuers: fetched before somebody waits for them, and what is said when they cannot be."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from cds.service.state import Report
from cds.trust.keys import FORCED_SECONDS, KeySource


async def keep_fresh(
    sources: Mapping[str, KeySource], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Fetch what is due of every issuer, at the start and then every minute, until cancelled."""
    while True:
        await asyncio.gather(*(source.refresh() for source in sources.values()))
        await sleep(FORCED_SECONDS)


def report_on(sources: Mapping[str, KeySource]) -> Report:
    """The issuers whose keys cannot be fetched; without the keys of any issuer nobody can call."""
    unknown = tuple(_unknown(name) for name, source in sources.items() if source.state == "unknown")
    stale = tuple(_stale(name) for name, source in sources.items() if source.state == "stale")
    return Report(unknown, stale) if len(unknown) == len(sources) else Report((), (*unknown, *stale))


def _unknown(name: str) -> str:
    return f"the keys of issuer '{name}' have not been fetched, or cannot be; its calls are answered 503."


def _stale(name: str) -> str:
    return f"the keys of issuer '{name}' cannot be fetched now; those of before count for a day."
