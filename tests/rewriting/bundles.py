"""The data as a whole: how they are sent, in which order, under which names, with what beside them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

import orjson

from rewriting.register import Json, each, resources, whole, without

BASE = "https://server.example/fhir"
UUID = "urn:uuid:11111111-2222-4333-8444-{:012d}"


@whole
def entries_in_reverse(bundle: Json) -> Any:
    """The last resource first."""
    bundle["entry"].reverse()
    return bundle


@whole
def entries_shuffled(bundle: Json) -> Any:
    """The resources in another order."""
    random.Random(7).shuffle(bundle["entry"])
    return bundle


@whole
def entries_by_type(bundle: Json) -> Any:
    """The resources sorted by type and id."""
    bundle["entry"].sort(key=lambda item: (item["resource"]["resourceType"], str(item["resource"].get("id"))))
    return bundle


@whole
def list_of_resources(bundle: Json) -> Any:
    """A JSON list of the resources, without a Bundle, where no reference needs the address of an entry."""
    if re.search(r'"reference": ?"(?:urn:|https?:)', json.dumps(bundle)):
        return None
    return list(resources(bundle))


@whole
def bundle_in_a_bundle(bundle: Json) -> Any:
    """The Bundle as the only entry of another one."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": bundle}]}


@whole
def several_bundles_in_one(bundle: Json) -> Any:
    """One Bundle for each type, together in one, as a client collects its searches."""
    kinds: dict[str, list[Json]] = {}
    for item in bundle["entry"]:
        kinds.setdefault(item["resource"]["resourceType"], []).append(item)
    found = [
        {"resourceType": "Bundle", "type": "searchset", "total": len(items), "entry": items} for items in kinds.values()
    ]
    return {"resourceType": "Bundle", "type": "batch-response",
            "entry": [{"resource": item, "response": {"status": "200 OK"}} for item in found]}  # fmt: skip


@whole
def list_of_bundles(bundle: Json) -> Any:
    """Two Bundles in a list, the entries split between them."""
    half = len(bundle["entry"]) // 2
    parts = (bundle["entry"][:half], bundle["entry"][half:])
    return [{"resourceType": "Bundle", "type": "collection", "entry": part} for part in parts if part]


@whole
def searchset(bundle: Json) -> Any:
    """The answer to a search, the patient included."""
    bundle.update(type="searchset", total=sum(item["resourceType"] != "Patient" for item in resources(bundle)))
    for item in bundle["entry"]:
        item["search"] = {"mode": "include" if item["resource"]["resourceType"] == "Patient" else "match"}
    return bundle


@whole
def transaction(bundle: Json) -> Any:
    """A transaction that stores each resource."""
    bundle["type"] = "transaction"
    for item in bundle["entry"]:
        item["request"] = {"method": "POST", "url": item["resource"]["resourceType"]}
    return bundle


@whole
def transaction_of_updates(bundle: Json) -> Any:
    """A transaction that updates each resource."""
    bundle["type"] = "transaction"
    for item in bundle["entry"]:
        kind, identity = item["resource"]["resourceType"], item["resource"].get("id")
        item["request"] = {"method": "PUT", "url": f"{kind}/{identity}"}
    return bundle


@whole
def document(bundle: Json) -> Any:
    """A document with a Composition that lists the entries."""
    found = [f"{item['resourceType']}/{item.get('id')}" for item in resources(bundle)]
    patient = next((name for name in found if name.startswith("Patient/")), "")
    composition = {"resourceType": "Composition", "id": "summary", "status": "final", "title": "Summary",
                   "date": "2024-01-01", "type": {"text": "Patient summary"}, "author": [{"display": "X"}],
                   "subject": {"reference": patient},
                   "section": [{"title": "All", "entry": [{"reference": name} for name in found]}]}  # fmt: skip
    bundle.update(type="document", timestamp="2024-01-01T00:00:00Z", identifier={"value": "1"})
    bundle["entry"].insert(0, {"resource": composition})
    return bundle


@whole
def without_full_urls(bundle: Json) -> Any:
    """Entries without their addresses, where the references are relative."""
    if re.search(r'"reference": ?"(?:urn:|https?:)', json.dumps(bundle)):
        return None
    return bundle if [item for item in bundle["entry"] if without(item, "fullUrl")] else None


@whole
def empty_parts(bundle: Json) -> Any:
    """A Bundle with links and metadata."""
    bundle.update(meta={"lastUpdated": "2024-01-01T00:00:00Z"}, link=[{"relation": "self", "url": BASE}])
    return bundle


def _renamed(name: Callable[[str, str, int], str]) -> Callable[[Json], Any]:
    """Other references and addresses: what is said is the new name of type, id and number."""

    def apply(bundle: Json) -> Any:
        names: dict[str, str] = {}
        for number, item in enumerate(bundle["entry"]):
            kind, identity = item["resource"]["resourceType"], item["resource"].get("id")
            if not isinstance(identity, str):
                return None
            new = name(kind, identity, number)
            names[f"{kind}/{identity}"] = new
            names[str(item.get("fullUrl"))] = new
            item["fullUrl"] = new if "://" in new or new.startswith("urn:") else f"{BASE}/{new}"
        if set(re.findall(r'"reference": "(https?:[^"]*/Patient/[^"]*)"', json.dumps(bundle))) - names.keys():
            return None
        _point(bundle["entry"], names)
        return bundle

    return apply


def _point(value: Any, names: dict[str, str]) -> None:
    if isinstance(value, list):
        for item in value:
            _point(item, names)
    elif isinstance(value, dict):
        reference = value.get("reference")
        if isinstance(reference, str) and reference in names:
            value["reference"] = names[reference]
        for item in value.values():
            _point(item, names)


for _name, _new in {
    "references_relative": lambda kind, identity, _: f"{kind}/{identity}",
    "references_absolute": lambda kind, identity, _: f"{BASE}/{kind}/{identity}",
    "references_by_urn": lambda _, __, number: UUID.format(number),
}.items():
    _function = _renamed(_new)
    _function.__name__ = _name
    whole(_function)


@whole
def references_with_a_version(bundle: Json) -> Any:
    """References to a version of a resource."""
    return _references(bundle, lambda value: f"{value}/_history/3", r"[A-Z][A-Za-z]+/[^/]+")


@whole
def references_with_a_display(bundle: Json) -> Any:
    """References with a display, a type and an identifier beside them."""
    if _references(bundle, lambda value: value, r"Patient/[^/]+") is None:
        return None
    for item in resources(bundle):
        for key in ("subject", "patient"):
            if isinstance(item.get(key), dict):
                item[key].update(display="Muster, A.", type="Patient", identifier={"value": "4711"})
    return bundle


def _references(bundle: Json, change: Callable[[str], str], form: str) -> Any:
    found = False
    for item in resources(bundle):
        for key in ("subject", "patient"):
            about = item.get(key)
            if isinstance(about, dict) and re.fullmatch(form, str(about.get("reference"))):
                about["reference"], found = change(about["reference"]), True
    return bundle if found else None


@whole
def other_ids(bundle: Json) -> Any:
    """Every resource and every reference under another id."""
    text = json.dumps(bundle, ensure_ascii=False)
    names: dict[str, str] = {}
    for number, item in enumerate(resources(bundle)):
        identity = item.get("id")
        if not isinstance(identity, str) or not re.fullmatch(r"[A-Za-z0-9.-]{1,64}", identity) or len(identity) < 4:
            return None
        names.setdefault(identity, f"x{number}.{number * 7919 % 10007}")
    pattern = re.compile(
        "|".join(
            rf'(?:(?<="id": ")|(?<=[/:#])){re.escape(name)}(?=["/])' for name in sorted(names, key=len, reverse=True)
        )
    )
    return json.loads(pattern.sub(lambda match: names[match[0]], text))


@whole
def everything_twice(bundle: Json) -> Any:
    """Each resource stands there twice, as two searches find it."""
    bundle["entry"] += [dict(item) for item in bundle["entry"]]
    return bundle


@whole
def results_twice_under_other_ids(bundle: Json) -> Any:
    """Each result once more, as a copy with an id of its own."""
    found = [item for item in resources(bundle) if item["resourceType"] == "Observation"]
    bundle["entry"] += [{"resource": {**item, "id": f"copy-{number}"}} for number, item in enumerate(found)]
    return bundle if found else None


@whole
def conditions_twice_under_other_ids(bundle: Json) -> Any:
    """Each condition once more, as a copy with an id of its own."""
    found = [item for item in resources(bundle) if item["resourceType"] == "Condition"]
    bundle["entry"] += [{"resource": {**item, "id": f"copy-{number}"}} for number, item in enumerate(found)]
    return bundle if found else None


EXTENSION = {"url": "https://hospital.example/fhir/StructureDefinition/source", "valueString": "calcium carbonate list"}


def _extended(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _extended(item)
    elif isinstance(value, dict):
        for item in list(value.values()):
            _extended(item)
        if "entry" not in value and "resource" not in value and "reference" not in value and "url" not in value:
            value.setdefault("extension", [EXTENSION])


@each()
def extensions_everywhere(resource: Json) -> bool:
    """An extension in each element."""
    _extended(resource)
    return True


@each()
def extensions_of_simple_values(resource: Json) -> bool:
    """An extension beside each simple element."""
    for key in ("status", "birthDate", "gender", "effectiveDateTime", "authoredOn", "onsetDateTime", "intent"):
        if key in resource:
            resource.setdefault(f"_{key}", {"extension": [EXTENSION]})
    return True


@each()
def metadata(resource: Json) -> bool:
    """Versions, profiles, tags and sources."""
    meta = {
        "versionId": "4",
        "lastUpdated": "2024-02-03T04:05:06Z",
        "source": "urn:ehr",
        "profile": [f"{BASE}/Profile"],
    }
    resource["meta"] = {**meta, **resource.get("meta", {})}
    return True


@each()
def narrative(resource: Json) -> bool:
    """A narrative that names other things."""
    shown = "<p>Patient has no osteoporosis; calcium 99 mg/dL; takes warfarin.</p>"
    resource["text"] = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{shown}</div>'}
    return True


@each()
def language(resource: Json) -> bool:
    """The language of each resource."""
    resource["language"] = "de-CH"
    return True


@each()
def identifiers(resource: Json) -> bool:
    """Business identifiers of the house."""
    resource.setdefault("identifier", [{"system": "urn:oid:2.16.756.5.30", "value": f"nr {resource.get('id')}"}])
    return True


@each()
def unknown_elements(resource: Json) -> bool:
    """Elements that no release knows."""
    resource["zzTop"] = {"calcium": 3}
    return True


@each()
def keys_in_reverse(resource: Json) -> bool:
    """The elements of each resource in reverse."""
    items = list(resource.items())
    resource.clear()
    resource.update(reversed(items))
    return True


@whole
def keys_sorted(bundle: Json) -> Any:
    """All elements sorted by name, as some databases keep them."""
    return orjson.dumps(bundle, option=orjson.OPT_SORT_KEYS)


@whole
def printed_with_indents(bundle: Json) -> Any:
    """JSON with indents and a byte order mark."""
    return b"\xef\xbb\xbf" + orjson.dumps(bundle, option=orjson.OPT_INDENT_2)


@whole
def printed_in_ascii(bundle: Json) -> Any:
    """JSON in which every letter beyond ASCII is escaped."""
    return json.dumps(bundle, ensure_ascii=True).encode()


@whole
def numbers_with_more_zeros(bundle: Json) -> Any:
    """9.40 for 9.4, 7.0 for 7 in amounts."""
    text = orjson.dumps(bundle)
    text = re.sub(rb'("value":-?\d+\.\d+)(?=[,}])', rb"\g<1>0", text)
    return re.sub(rb'("value":-?\d+)(?=[,}])', rb"\g<1>.0", text)


@whole
def numbers_with_exponents(bundle: Json) -> Any:
    """9.4e0 for 9.4 in amounts."""
    return re.sub(rb'("value":-?\d+(?:\.\d+)?)(?=[,}])', rb"\g<1>e0", orjson.dumps(bundle))


BESIDE: dict[str, Json] = {
    "encounter_beside": {"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"},
                         "reasonCode": [{"text": "Check of calcium"}]},
    "claim_beside": {"resourceType": "Claim", "status": "active", "use": "claim", "type": {"text": "pharmacy"},
                     "item": [{"sequence": 1, "productOrService": {"text": "warfarin 5 mg"}}]},
    "other_result_beside": {"resourceType": "Observation", "status": "final",
                            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}],
                                     "text": "Heart rate"},
                            "effectiveDateTime": "2024-01-01",
                            "valueQuantity": {"value": 72, "unit": "/min"}},
    "other_condition_beside": {"resourceType": "Condition",
                               "code": {"coding": [{"system": "http://snomed.info/sct", "code": "38341003",
                                                    "display": "Hypertensive disorder"}], "text": "Hypertension"}},
    "immunization_beside": {"resourceType": "Immunization", "status": "completed", "vaccineCode": {"text": "Influenza"},
                            "occurrenceDateTime": "2024-10-01"},
    "family_history_beside": {"resourceType": "FamilyMemberHistory", "status": "completed",
                              "relationship": {"text": "mother"}, "condition": [{"code": {"text": "Osteoporosis"}}]},
    "practitioner_beside": {"resourceType": "Practitioner", "name": [{"family": "Thyroid"}]},
    "document_reference_beside": {"resourceType": "DocumentReference", "status": "current",
                                  "content": [{"attachment": {"data": "Y2FsY2l1bQ=="}}]},
}  # fmt: skip
"""What stands beside the records in most systems and says nothing new."""


def _with(resource: Json) -> Callable[[Json], Any]:
    def apply(bundle: Json) -> Any:
        patient = next((item for item in resources(bundle) if item["resourceType"] == "Patient"), None)
        entry = next((item for item in bundle["entry"] if item["resource"] is patient), {})
        if patient is None:
            return None
        url = str(entry.get("fullUrl", ""))
        about = {"reference": url if url.startswith("urn:") else f"Patient/{patient.get('id')}"}
        key = "patient" if resource["resourceType"] in ("Claim", "Immunization", "FamilyMemberHistory") else "subject"
        who = {} if resource["resourceType"] == "Practitioner" else {key: about}
        bundle["entry"].append({"resource": {**resource, "id": "beside-1", **who}})
        return bundle

    return apply


for _name, _resource in BESIDE.items():
    _function = _with(_resource)
    _function.__name__ = _name
    whole(_function)
