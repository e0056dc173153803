"""Odd shapes that real exports have. Each changes the resources of a person, and gives what goes into another file.

Most of them touch a result of serum calcium where the person has one, else another result with a number. None of them
says something else about another person.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from invented.products import UNKNOWN
from invented.templates import Json, coded

CALCIUM = ("17861-6", "2000-8")
Resources = list[Json]
SHAPES: dict[str, Callable[[Resources, Random], Resources]] = {}


def shape(change: Callable[[Resources, Random], Resources | None]) -> Callable[[Resources, Random], Resources | None]:
    """Register a shape by the name of its function."""
    SHAPES[change.__name__.replace("_", " ")] = lambda resources, chance: change(resources, chance) or []
    return change


def result_of(resources: Resources) -> Json:
    """The result that is changed: of serum calcium, else any with a number; else any resource but the Patient."""
    results = [one for one in resources if "valueQuantity" in one]
    calcium = [one for one in results if one["code"]["coding"][0]["code"] in CALCIUM]
    return [*calcium, *results, *resources[1:], resources[0]][0]


def with_number(resources: Resources) -> Json:
    """The quantity of the result that is changed; one of nothing where there is no result."""
    quantity: Json = result_of(resources).get("valueQuantity", {})
    return quantity


@shape
def code_as_text(resources: Resources, _: Random) -> None:
    if "code" in (one := result_of(resources)):
        one["code"].pop("coding", None)


@shape
def comparator(resources: Resources, chance: Random) -> None:
    with_number(resources)["comparator"] = chance.choice(("<", ">", "<=", ">="))


@shape
def value_as_text(resources: Resources, chance: Random) -> None:
    one = result_of(resources)
    if quantity := one.pop("valueQuantity", None):
        texts = (f"{quantity['value']} {quantity['unit']}", f"<{quantity['value']}", "see comment")
        one["valueString"] = chance.choice(texts)


@shape
def number_in_quotes(resources: Resources, _: Random) -> None:
    if quantity := with_number(resources):
        quantity["value"] = str(quantity["value"])


@shape
def unit_unknown(resources: Resources, chance: Random) -> None:
    quantity = with_number(resources)
    quantity.pop("code", None)
    quantity.pop("system", None)
    quantity["unit"] = chance.choice(("mg%", "Units", "mval", "mg/100"))


@shape
def contained(resources: Resources, _: Random) -> None:
    """A DiagnosticReport with a result, and medicines with a Medication, inside them."""
    for one in resources:
        if concept := one.pop("medicationCodeableConcept", None):
            one["contained"] = [{"resourceType": "Medication", "id": "med", "code": concept}]
            one["medicationReference"] = {"reference": "#med"}
    result = result_of(resources)
    if "valueQuantity" in result:
        inside = {key: value for key, value in result.items() if key not in ("meta", "identifier", "encounter")}
        resources.append({
            "resourceType": "DiagnosticReport", "id": f"{result['id'][:30]}-report", "status": "final",
            "code": coded("http://loinc.org", "24323-8", "Comprehensive metabolic panel"), "subject": result["subject"],
            "contained": [inside | {"id": "one"}], "result": [{"reference": "#one"}],
        })  # fmt: skip
        resources.remove(result)


@shape
def refuted(resources: Resources, _: Random) -> None:
    for one in resources:
        if one["resourceType"] == "Condition":
            one["verificationStatus"] = {"coding": [{"code": "refuted"}]}


@shape
def entered_in_error(resources: Resources, _: Random) -> None:
    result_of(resources)["status"] = "entered-in-error"


@shape
def local_code(resources: Resources, chance: Random) -> None:
    one = result_of(resources)
    name = chance.choice(("Calcium, Serum (AU480)", "S-Calcium korr.", "Calcium gesamt", "CA TOTAL"))
    if "code" in one:
        host = one["identifier"][0]["system"].rpartition("/")[0] if "identifier" in one else "https://lab.example.org"
        one["code"] = coded(f"{host}/lab-codes", f"CA{chance.randint(100, 999)}", name)


@shape
def product_nobody_knows(resources: Resources, chance: Random) -> None:
    for one in resources:
        if "medicationCodeableConcept" in one or "medicationReference" in one:
            one.pop("medicationReference", None)
            one["medicationCodeableConcept"] = {"text": chance.choice(UNKNOWN)}
            return
