"""``POST /cds-services/{id}/feedback``."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cds.hooks.feedback import feedback_of
from cds.service.admission import admitted
from cds.service.bodies import json_body
from cds.service.calls import cds_service_of
from cds.service.limits import kept_or_503
from cds.service.state import Service


def routes(service: Service) -> list[BaseRoute]:
    """The routes of this module."""

    async def feedback(request: Request) -> Response:
        name = request.path_params["service"]
        caller = await admitted(service, request, f"/cds-services/{name}/feedback")
        cds_service_of(service, name, caller)
        with service.seats.taken():
            entries = feedback_of(await json_body(request, service.settings.limits))
        if service.feedback is not None:
            with kept_or_503("The feedback could not be kept.", service.settings.limits.answer_seconds):
                await service.feedback.keep(name, entries, caller)
        return Response(status_code=200)

    return [Route("/cds-services/{service}/feedback", feedback, methods=["POST"])]
