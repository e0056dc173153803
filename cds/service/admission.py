"""Who may pass: the gate where there is one, and the profile of the configuration where there is none."""

from __future__ import annotations

from starlette.requests import Request

from cds.hooks.profiles import PROFILES
from cds.service.state import Service
from cds.trust.caller import Caller


async def admitted(service: Service, request: Request, path: str) -> Caller:
    """The caller of a request to the endpoint at a path.

    Raises:
        RefusedError: 401 or 429.

    """
    if service.gate is None:
        caller = Caller(profile=PROFILES[service.settings.profile])
    else:
        caller = await service.gate.admit(request.headers.get("authorization"), path)
    if service.rates is not None:
        service.rates.take(caller.issuer)
    return caller
