"""One call of a service: the envelope checked, prefetch and draft orders gathered, the cards worked out."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import date
from typing import Any

from cds.cards.folding import shown_cards
from cds.errors import CdsError, RecordError
from cds.evaluation import evaluate
from cds.intake.bundle import each_resource
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.intake.validation import report_invalid
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
NEEDS = {"conditions": ("conditions",), "medicines": ("statements", "requests")}
"""What is not known while one of these keys of the prefetch is missing."""
TYPES = {"conditions": "Condition", "statements": "MedicationStatement", "requests": "MedicationRequest"}


class RefusedError(CdsError):
    """A call that is answered with an HTTP status of its own and an OperationOutcome."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


def answer(body: object, hook: str, book: RuleBook, today: date) -> Json:
    """The cards for a call of a service.

    Raises:
        RefusedError: 400 for a wrong envelope, 412 when neither prefetch nor draft orders hold anything.
        DisagreementError, EngineError: no answer may be given.

    """
    call = _checked(body, hook)
    resources = [*_prefetched(call), *_drafts(call["context"])]
    kinds = {resource["resourceType"] for _, resource in each_resource(resources, [])}
    if "Patient" not in kinds:
        if not resources:
            raise RefusedError(412, "Nothing can be said without data: send the key 'patient' of the prefetch.")
        resources.append({"resourceType": "Patient", "id": call["context"]["patientId"]})
    try:
        record = read_record(resources, book, today)
    except RecordError as error:
        raise RefusedError(400, str(error)) from None
    _refuse_another_patient(record, call["context"]["patientId"])
    record.unread = _unread(call, kinds)
    report_invalid(record)
    evaluation = evaluate(record, book, today)
    quiet = evaluation.decision.decided_by == "SCOPE-03" and len(evaluation.decision.said) == 1
    return {"cards": [] if quiet else shown_cards(evaluation)}


def _checked(body: object, hook: str) -> Json:
    """The envelope; unknown members and extensions are accepted."""
    if not isinstance(body, dict):
        raise RefusedError(400, "The body is not a JSON object.")
    if body.get("hook") != hook:
        raise RefusedError(400, f"This service answers the hook '{hook}'; 'hook' names another one or none.")
    if not isinstance(body.get("hookInstance"), str) or not body["hookInstance"]:
        raise RefusedError(400, "'hookInstance' is missing.")
    context = body.get("context")
    if not isinstance(context, dict) or not isinstance(context.get("patientId"), str) or not context["patientId"]:
        raise RefusedError(400, "'context.patientId' is missing.")
    if not isinstance(body.get("prefetch", {}), (dict, type(None))):
        raise RefusedError(400, "'prefetch' is not a JSON object.")
    return body


def _prefetched(call: Json) -> Iterator[Json]:
    """Every resource of the prefetch, in the shapes that clients send: null, a resource, a Bundle, an error."""
    for value in (call.get("prefetch") or {}).values():
        if isinstance(value, dict) and isinstance(value.get("resourceType"), str):
            yield value


def _drafts(context: Json) -> Iterator[Json]:
    """The draft orders as what they will be when signed: active orders (the sandbox leaves intent out)."""
    bundle = context.get("draftOrders")
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "MedicationRequest":
            yield {"intent": "order", **resource, "status": "active"}
        elif isinstance(resource, dict) and resource.get("resourceType") == "MedicationStatement":
            yield resource


def _refuse_another_patient(record: Record, patient: str) -> None:
    if record.patient not in (f"Patient/{patient}", patient, "Patient"):
        raise RefusedError(400, "The Patient of the prefetch is not the patient of the context.")


def _unread(call: Json, held: Set[str]) -> frozenset[str]:
    """The kinds of data that the client did not send."""
    sent = {key for key, value in (call.get("prefetch") or {}).items() if not _failed(value)}
    return frozenset(
        kind for kind, keys in NEEDS.items() if any(key not in sent and TYPES[key] not in held for key in keys)
    )


def _failed(value: Any) -> bool:
    """Whether a prefetch value is an error instead of data; null is an answer without data."""
    return isinstance(value, dict) and value.get("resourceType") == "OperationOutcome"
