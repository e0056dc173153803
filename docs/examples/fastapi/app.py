"""A web application of a clinic around calcium-cds: a Bundle is posted, outcome and cards come back.

Start it with ``uvicorn app:app`` in this folder.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

import cds


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the rulebook once, before the first request: a broken one stops the start, and not a patient."""
    app.state.book = cds.open_rulebook()
    yield


app = FastAPI(title="Calcium clinic", version=cds.__version__, lifespan=lifespan)


# No "async": an evaluation computes for some milliseconds, and FastAPI runs such a function in a thread of its pool, so
# that other requests go on. The rulebook is immutable, and all threads may share it.
@app.post("/evaluate")
def evaluate(request: Request, bundle: dict[str, Any], as_of: date | None = None) -> dict[str, Any]:
    """Outcome, deciding rule and CDS Hooks cards of the patient in a FHIR R4 Bundle.

    The body is declared as a dict. To ``cds.evaluate`` text is the name of a file, and no client may name files here.
    """
    evaluation = cds.evaluate(bundle, request.app.state.book, as_of)
    return {
        "outcome": evaluation.outcome,
        "decidedBy": evaluation.decision.decided_by,
        "asOf": evaluation.chart.as_of,
        "rulebook": {"version": evaluation.book.version, "sha256": evaluation.book.sha256},
        "cards": cds.cards_of(evaluation),
    }


@app.exception_handler(cds.RecordError)
def not_readable(_: Request, error: cds.RecordError) -> JSONResponse:
    """What was sent is no record of one patient: the text says why, and holds no patient data."""
    return JSONResponse({"detail": str(error)}, status_code=422)


@app.exception_handler(cds.CdsError)
def no_answer(_: Request, error: cds.CdsError) -> JSONResponse:
    """No answer may be given, as the engine failed or two evaluators differ: never take this for "all is well"."""
    return JSONResponse({"detail": str(error)}, status_code=500)
