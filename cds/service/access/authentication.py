"""Who may call: by a verified token, or anybody; and whether the keys to verify tokens with could be fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from starlette.requests import Request

from cds.errors import CdsError
from cds.hooks.refusal import RefusedError
from cds.records.chain import WrittenBeforeError
from cds.service.access.denials import Denial
from cds.service.access.proxies import client_address
from cds.service.bounds.limits import recorded_or_503
from cds.service.observability.health import HealthReport
from cds.service.state import Service
from cds.trust.caller import Caller, UntrustedError, claimed_issuer
from cds.trust.keys import FORCED_SECONDS, KeySource
from cds.trust.tokens import Verifier

SERVER_ERROR = 500
NOT_TOLD = "Whether this token was used before cannot be told."


async def authenticated(service: Service, request: Request, path: str) -> Caller:
    """The caller of a request to the endpoint at a path.

    Raises:
        RefusedError: 401 or 429.

    """
    if service.authenticator is None:
        caller = Caller(profile=service.profiles[service.settings.profile])
    else:
        with service.span("authenticate"):
            caller = await _verified(service, service.authenticator, request, path)
    if service.rate_limiter is not None:
        try:
            await service.rate_limiter.take(caller.issuer)
        except RefusedError:
            _note(service, request, "rate", claimed_issuer(caller.issuer))
            raise
    return caller


async def _verified(service: Service, authenticator: Verifier, request: Request, path: str) -> Caller:
    """The caller of a verified token; the journal learns why one was not, the caller does not."""
    try:
        return await authenticator.authenticate(request.headers.get("authorization"), path)
    except UntrustedError as error:
        _note(service, request, error.reason, error.claimed)
        raise


async def use_up(service: Service, request: Request, caller: Caller) -> None:
    """Use up the token of a request that nothing is recorded of.

    Raises:
        RefusedError: 401 where it was used before, 503 where that cannot be told.

    """
    if service.use_up is None or caller.token is None:
        return
    try:
        with recorded_or_503(NOT_TOLD, service.settings.limits.answer_seconds):
            await asyncio.wrap_future(service.use_up(caller.token))
    except WrittenBeforeError:
        _note(service, request, "replay", claimed_issuer(caller.issuer))
        raise UntrustedError("replay", claimed_issuer(caller.issuer)) from None


def used_in_vain(service: Service, request: Request, caller: Caller, refusal: RefusedError) -> None:
    """Use up the token of a request that is refused for what it holds; the caller does not wait for that."""
    if isinstance(refusal, UntrustedError):
        _note(service, request, refusal.reason, claimed_issuer(caller.issuer))
    elif refusal.status < SERVER_ERROR and service.use_up is not None and caller.token is not None:
        with suppress(CdsError):
            service.use_up(caller.token)


def _note(service: Service, request: Request, reason: str, claimed: str) -> None:
    service.denials.note(Denial(reason, client_address(request, service.proxies), claimed))


async def refresh_keys(
    sources: Mapping[str, KeySource], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Fetch what is due of every issuer, at the start and then every minute, until cancelled."""
    while True:
        await asyncio.gather(*(source.refresh() for source in sources.values()))
        await sleep(FORCED_SECONDS)


def keys_health(sources: Mapping[str, KeySource]) -> HealthReport:
    """The issuers whose keys cannot be fetched, and why; without the keys of any issuer nobody can call."""
    unknown = tuple(_unknown(name, source) for name, source in sources.items() if source.state == "unknown")
    stale = tuple(_stale(name, source) for name, source in sources.items() if source.state == "stale")
    return HealthReport(unknown, stale) if len(unknown) == len(sources) else HealthReport((), (*unknown, *stale))


def _unknown(name: str, source: KeySource) -> str:
    return f"the keys of issuer '{name}' have not been fetched, or cannot be{_why(source)} Its calls are answered 503."


def _stale(name: str, source: KeySource) -> str:
    return f"the keys of issuer '{name}' cannot be fetched now{_why(source)} Those of before count for a day."


def _why(source: KeySource) -> str:
    """What failed, and since when, as the end of a sentence."""
    return f": {source.trouble}" if source.trouble else "."
