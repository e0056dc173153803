"""A decision of the log as FHIR R4: an AuditEvent (who asked what, when) and a Provenance (where the cards came from).

Sources: http://hl7.org/fhir/R4/auditevent.html, http://hl7.org/fhir/R4/provenance.html. Patient and user appear by
their pseudonyms.
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from cds.about import PROGRAM
from cds.code_systems import DCM, TERMINOLOGY
from cds.errors import CdsError
from cds.exchange.publication import coding, concept
from cds.intake.validation import r4_problem
from cds.jsontypes import Json
from cds.records.entry import LogEntry


def audit_bundle(entry: LogEntry, number: int, digest: str, canonical: str) -> Json:
    """A Bundle of the AuditEvent and the Provenance of a record; ``digest`` is the hash of the record.

    Args:
        entry: what the log holds.
        number: its number in the log.
        digest: its hash: the identifiers of both resources follow from it.
        canonical: the canonical URL of the rulebook, the system of what is identified here.

    Raises:
        CdsError: a resource is not valid FHIR R4; it is never handed out.

    """
    event, provenance = _audit_event(entry, number, digest, canonical), _provenance(entry, number, digest, canonical)
    for resource in (event, provenance):
        if problem := r4_problem(resource):
            raise CdsError(f"record {number}: the {resource['resourceType']} is not valid FHIR R4 at: {problem}.")
    parts = [
        {"fullUrl": _urn(digest, resource["resourceType"]), "resource": resource} for resource in (event, provenance)
    ]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": entry.time, "entry": parts}


def _urn(digest: str, kind: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{digest}/{kind}')}"


def _audit_event(entry: LogEntry, number: int, digest: str, canonical: str) -> Json:
    return {
        "resourceType": "AuditEvent",
        "type": coding(f"{TERMINOLOGY}/audit-event-type", "rest", "RESTful Operation"),
        "subtype": [{"display": f"CDS Hooks {entry.hook}"}],
        "action": "E",
        "recorded": entry.time,
        "outcome": "0",
        "agent": _agents(entry, canonical),
        "source": {
            "observer": {"display": f"{PROGRAM} {entry.program}"},
            "type": [coding(f"{TERMINOLOGY}/security-source-type", "4", "Application Server")],
        },
        "entity": [
            *([_patient(entry, canonical)] if entry.patient else []),
            {
                "what": {"identifier": {"system": f"{canonical}/rulebook", "value": entry.rulebook_sha256}},
                "type": coding(f"{TERMINOLOGY}/audit-entity-type", "2", "System Object"),
                "name": f"rulebook {entry.rulebook_version}",
            },
            {
                "what": {"identifier": {"system": f"{canonical}/decision-log", "value": str(number)}},
                "type": coding(f"{TERMINOLOGY}/audit-entity-type", "2", "System Object"),
                "name": "decision",
                "detail": [{"type": name, "valueString": value} for name, value in _details(entry, digest) if value],
            },
        ],
    }


def _details(entry: LogEntry, digest: str) -> list[tuple[str, str]]:
    return [
        ("record sha256", digest),
        ("service", entry.service),
        ("hookInstance", entry.instance),
        ("tenant", entry.tenant),
        ("as of", entry.as_of),
        ("outcome", entry.outcome),
        ("decided by", entry.decided_by),
        ("cards", " ".join(shown.rule for shown in entry.shown)),
        ("left out", " ".join(entry.left_out)),
        ("off", " ".join(entry.off)),
        ("shadow", " ".join(entry.shadow)),
        ("shadowed", " ".join(entry.shadowed)),
    ]


def _agents(entry: LogEntry, canonical: str) -> list[Json]:
    """The application that asked, and the user for whom."""
    application: Json = {
        "type": concept(DCM, "110153", "Source Role ID"),
        "who": {"display": entry.client or "client without authentication"},
        "requestor": not entry.user,
    }
    user: Json = {
        "type": concept(f"{TERMINOLOGY}/extra-security-role-type", "humanuser"),
        "who": {"identifier": {"system": f"{canonical}/user-pseudonym", "value": entry.user}},
        "requestor": True,
    }
    return [application, *([user] if entry.user else [])]


def _patient(entry: LogEntry, canonical: str) -> Json:
    return {
        "what": {"identifier": {"system": f"{canonical}/patient-pseudonym", "value": entry.patient}},
        "type": coding(f"{TERMINOLOGY}/audit-entity-type", "1", "Person"),
        "role": coding(f"{TERMINOLOGY}/object-role", "1", "Patient"),
    }


def _provenance(entry: LogEntry, number: int, digest: str, canonical: str) -> Json:
    """The cards are the targets; an answer without cards is one itself."""
    cards = [
        {
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{shown.uuid}"},
            "display": f"card {shown.rule}",
        }
        for shown in entry.shown
    ]
    return {
        "resourceType": "Provenance",
        "target": cards or [{"reference": _urn(digest, "AuditEvent"), "display": "decision without cards"}],
        "occurredDateTime": entry.time,
        "recorded": entry.time,
        "activity": {"text": f"evaluation of record {number} as of {entry.as_of}"},
        "agent": [
            {
                "type": concept(f"{TERMINOLOGY}/provenance-participant-type", "assembler"),
                "who": {"display": f"{PROGRAM} {entry.program}"},
            }
        ],
        "entity": [
            {
                "role": "source",
                "what": {
                    "identifier": {"system": f"{canonical}/rulebook", "value": entry.rulebook_sha256},
                    "display": f"rulebook {entry.rulebook_version}",
                },
            },
            {"role": "source", "what": {"reference": _urn(digest, "AuditEvent"), "display": "the request"}},
        ],
    }
