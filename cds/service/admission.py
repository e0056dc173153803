"""Who may pass: the gate where there is one, and the profile of the configuration where there is none."""

from __future__ import annotations

from starlette.requests import Request

from cds.hooks.profiles import PROFILES
from cds.service.state import Gate, Service
from cds.trust.caller import Caller
from cds.trust.untrusted import UntrustedError


async def admitted(service: Service, request: Request, path: str) -> Caller:
    """The caller of a request to the endpoint at a path.

    Raises:
        RefusedError: 401 or 429.

    """
    if service.gate is None:
        caller = Caller(profile=PROFILES[service.settings.profile])
    else:
        caller = await _verified(service, service.gate, request, path)
    if service.rates is not None:
        service.rates.take(caller.issuer)
    return caller


async def _verified(service: Service, gate: Gate, request: Request, path: str) -> Caller:
    """The caller that the gate lets in; the journal learns why one was not, the caller does not."""
    try:
        return await gate.admit(request.headers.get("authorization"), path)
    except UntrustedError as error:
        if service.journal is not None:
            service.journal.write("not-authorized", kind=error.reason)
        raise
