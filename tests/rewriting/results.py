"""Results in other forms: times, texts, panels, reports."""

from __future__ import annotations

from typing import Any

from rewriting.register import UCUM, Json, each, resources, whole

OBSERVED = "effectiveDateTime"


def day_of(resource: Json) -> str:
    """The date of a result that has one without a time; else nothing."""
    text = resource.get(OBSERVED)
    return text if isinstance(text, str) and len(text) == 10 else ""


def _dated(name: str, doc: str, clock: str) -> None:
    def apply(resource: Json) -> bool:
        day = day_of(resource)
        if day:
            resource[OBSERVED] = day + clock
        return bool(day)

    apply.__name__, apply.__doc__ = name, doc
    each("Observation")(apply)


_dated("time_at_noon_in_utc", "A result with time and zone.", "T12:00:00Z")
_dated("time_with_a_zone", "A result with time and another zone.", "T12:00:00+02:00")
_dated("time_with_fractions", "A result with fractions of a second.", "T12:00:00.000+00:00")
_dated("time_without_a_zone", "A result with a time that lacks its zone.", "T12:00:00")


@each("Observation")
def period_of_one_day(resource: Json) -> bool:
    """A result with a period that begins and ends on its day."""
    day = day_of(resource)
    if day:
        del resource[OBSERVED]
        resource["effectivePeriod"] = {"start": day, "end": day}
    return bool(day)


@each("Observation")
def instant_for_a_time(resource: Json) -> bool:
    """A result with an instant."""
    day = day_of(resource)
    if day:
        del resource[OBSERVED]
        resource["effectiveInstant"] = f"{day}T12:00:00Z"
    return bool(day)


@each("Observation")
def issued_beside_the_time(resource: Json) -> bool:
    """A result says when it was issued."""
    day = day_of(resource)
    if day and "issued" not in resource:
        resource["issued"] = f"{day}T15:00:00Z"
        return True
    return False


@each("Observation")
def status_amended(resource: Json) -> bool:
    """A final result was amended."""
    return _status(resource, "amended")


@each("Observation")
def status_corrected(resource: Json) -> bool:
    """A final result was corrected."""
    return _status(resource, "corrected")


def _status(resource: Json, status: str) -> bool:
    if resource.get("status") != "final":
        return False
    resource["status"] = status
    return True


@each("Observation")
def laboratory_category(resource: Json) -> bool:
    """A result says that it is of a laboratory."""
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    resource.setdefault("category", [{"coding": [{"system": system, "code": "laboratory"}], "text": "Lab"}])
    return True


@each("Observation")
def laboratory_details(resource: Json) -> bool:
    """A result names its specimen, method, performer and device, and has an interpretation without news."""
    resource.setdefault("specimen", {"reference": "Specimen/s1", "display": "Serum"})
    resource.setdefault("performer", [{"display": "Central laboratory"}])
    resource.setdefault("device", {"display": "Analyser 7"})
    resource.setdefault("note", [{"text": "Sample received in good state."}])
    return True


def _amount(resource: Json) -> Json | None:
    amount = resource.get("valueQuantity")
    if not isinstance(amount, dict) or amount.get("system") != UCUM or not amount.get("code"):
        return None
    number = amount.get("value")
    return amount if isinstance(number, (int, float)) and not isinstance(number, bool) else None


PRINTED = {
    "1": "", "{INR}": "", "{T-score}": "", "mL/min/{1.73_m2}": "mL/min/1.73m2", "mg/(24.h)": "mg/24h", "mg/d": "mg/day",
}  # fmt: skip
"""Units as they are printed beside a number, where UCUM writes them in another way."""


def printed(amount: Json) -> str:
    """The unit of an amount as it is printed."""
    return PRINTED.get(amount["code"], str(amount["code"]))


def _in_words(resource: Json, text: str) -> bool:
    del resource["valueQuantity"]
    resource["valueString"] = text
    return True


@each("Observation")
def result_in_words(resource: Json) -> bool:
    """Number, comparator and unit as one text."""
    amount = _amount(resource)
    if amount is None:
        return False
    return _in_words(resource, f"{amount.get('comparator', '')}{amount['value']} {printed(amount)}".strip())


@each("Observation")
def result_in_words_with_a_comma(resource: Json) -> bool:
    """Number and unit as one text, with a decimal comma."""
    amount = _amount(resource)
    text = str(amount["value"]) if amount else ""
    if amount is None or "." not in text or len(text.partition(".")[2]) == 3:
        return False
    return _in_words(resource, f"{amount.get('comparator', '')}{text.replace('.', ',')} {printed(amount)}".strip())


@each("Observation")
def number_as_a_text(resource: Json) -> bool:
    """The number of an amount as a JSON string, as some converters write it."""
    amount = _amount(resource)
    if amount is None:
        return False
    amount["value"] = str(amount["value"])
    return True


@each("Observation")
def comparator_after_the_value(resource: Json) -> bool:
    """The keys of an amount in another order."""
    amount = _amount(resource)
    if amount is None:
        return False
    resource["valueQuantity"] = dict(sorted(amount.items(), reverse=True))
    return True


def _simple(resource: Json) -> bool:
    allowed = {"resourceType", "id", "status", "code", "subject", OBSERVED, "valueQuantity", "category", "meta"}
    return resource.keys() <= allowed and "valueQuantity" in resource and resource.get("status") == "final"


@whole
def results_as_parts_of_a_panel(bundle: Json) -> Any:
    """The results of one day as parts of one panel."""
    days: dict[str, list[Json]] = {}
    for item in resources(bundle):
        if item["resourceType"] == "Observation" and _simple(item) and day_of(item):
            days.setdefault(day_of(item), []).append(item)
    panels = {day: found for day, found in days.items() if len(found) > 1 and _distinct(found)}
    if not panels:
        return None
    gone = {id(item) for found in panels.values() for item in found}
    bundle["entry"] = [item for item in bundle["entry"] if id(item["resource"]) not in gone]
    for number, (day, found) in enumerate(panels.items()):
        parts = [{"code": item["code"], "valueQuantity": item["valueQuantity"]} for item in found]
        panel = {"resourceType": "Observation", "id": f"panel-{number}", "status": "final", OBSERVED: day,
                 "code": {"text": "Chemistry"}, "subject": found[0].get("subject"), "component": parts}  # fmt: skip
        bundle["entry"].append({"resource": {key: value for key, value in panel.items() if value}})
    return bundle


def _distinct(found: list[Json]) -> bool:
    codes = [str(item["code"].get("coding", item["code"])) for item in found]
    return len(set(codes)) == len(codes) and len({str(item.get("subject")) for item in found}) == 1


@whole
def results_as_members_of_a_panel(bundle: Json) -> Any:
    """An Observation lists the others as its members."""
    found = [item for item in resources(bundle) if item["resourceType"] == "Observation" and "id" in item]
    if not found:
        return None
    members = [{"reference": f"Observation/{item['id']}"} for item in found]
    panel = {"resourceType": "Observation", "id": "heading", "status": "final", "code": {"text": "Chemistry"},
             "subject": found[0].get("subject"), "hasMember": members}  # fmt: skip
    bundle["entry"].append({"resource": {key: value for key, value in panel.items() if value}})
    return bundle


@whole
def results_in_a_report(bundle: Json) -> Any:
    """A final report lists the final results."""
    found = [item for item in resources(bundle) if item["resourceType"] == "Observation" and "id" in item]
    found = [item for item in found if item.get("status") == "final" and day_of(item)]
    if not found:
        return None
    results = [{"reference": f"Observation/{item['id']}"} for item in found]
    report = {"resourceType": "DiagnosticReport", "id": "report-of-all", "status": "final", "result": results,
              "code": {"text": "Laboratory report"}, "subject": found[0].get("subject")}  # fmt: skip
    bundle["entry"].append({"resource": {key: value for key, value in report.items() if value}})
    return bundle
