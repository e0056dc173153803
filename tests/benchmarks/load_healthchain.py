"""HealthChain 0.16.1 with a one-line rule and no engine, for ``load.py``: PYTHON FILE PORT."""

from __future__ import annotations

import sys

import uvicorn
from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models.responses.cdsresponse import Card, CDSResponse, Source

app, service = HealthChainAPI(), CDSHooksService()


@service.hook("patient-view", id="calcium-review")
def review(request):
    """One card when any value of the prefetch is above 10.2: the whole rule."""
    entries = (request.prefetch or {}).get("observations", {}).get("entry", [])
    high = any(entry["resource"].get("valueQuantity", {}).get("value", 0) > 10.2 for entry in entries)
    source = Source(label="one line")
    return CDSResponse(
        cards=[Card(summary="A value is above 10.2.", indicator="warning", source=source)] if high else []
    )


app.register_service(service)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="critical", access_log=False,
                http="httptools", loop="uvloop")  # fmt: skip
