"""The account: every resource was used, is about something else, was not understood, or was refused; none is lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    EXTENSION,
    Json,
    bundle,
    concept,
    condition,
    observation,
    patient,
    request,
    resource,
    statement,
)

from cds.errors import RecordError
from cds.evaluation import evaluate
from cds.intake.account import NOT_UNDERSTOOD, REFUSED, Entry, Standing, account_of, counted, entries_of
from cds.intake.reading import parse_json, read_record
from cds.intake.record import ISSUE_CODES
from cds.result import result_of
from cds.rulebook.model import RuleBook
from cds.screen.patients import MOST_ENTRIES, evaluation_text

LOCAL = "http://hospital.example/codes"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


def entries(book: RuleBook, *resources: Json) -> list[Entry]:
    return entries_of(read_record(bundle(patient(), *resources), book, AS_OF), book)


def entry_of(book: RuleBook, one: Json) -> Entry:
    (entry,) = [entry for entry in entries(book, one) if entry.kind != "Patient"]
    return entry


def coded(system: str, code: str, display: str = "") -> Json:
    return {"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}


BECAME: dict[str, tuple[Json, str, tuple[str, ...], tuple[str, ...]]] = {
    "a result": (observation(CALCIUM, 9.4, "mg/dL"), "used", (), ("serum calcium",)),
    "a result in a unit of nothing": (observation(CALCIUM, 9.4, "furlong"), "notUnderstood", ("unusable-unit",), ()),
    "a result that cannot be": (observation(CALCIUM, 94, "mg/dL"), "refused", ("implausible-value",), ()),
    "a result of tomorrow": (observation(CALCIUM, 9.4, "mg/dL", day="2026-01-16"), "refused", ("future-date",), ()),
    "a result of another test": (
        {**observation(CALCIUM, 5.1, "%"), "code": coded("http://loinc.org", "4548-4", "HbA1c")},
        "aboutSomethingElse",
        (),
        (),
    ),
    "a result of a local code": (
        {**observation(CALCIUM, 5, "1"), "code": coded(LOCAL, "X1", "Braden score")}, "notUnderstood", (), ()
    ),
    "a condition": (condition("ICD-10-CM M81.0"), "used", (), ("osteoporosis",)),
    "another condition": (
        {**condition(""), "code": coded("http://hl7.org/fhir/sid/icd-10-cm", "J30.1", "Allergic rhinitis")},
        "aboutSomethingElse", (), (),
    ),
    "a condition by a local code": ({**condition(""), "code": coded(LOCAL, "4711")}, "notUnderstood", (), ()),
    "a refuted condition": (condition("ICD-10-CM M81.0", verification="refuted"), "refused", ("refuted",), ()),
    "a product": (statement(CARBONATE_500), "used", (), ("calcium",)),
    "another medicine": (
        {**statement(""), "medicationCodeableConcept": coded(RXNORM, "308182", "Amoxicillin 250 MG")},
        "aboutSomethingElse", (), (),
    ),
    "a medicine that nobody knows": (request("", text="Kalziumbrause"), "notUnderstood", (), ()),
    "a medicine without a name": (
        statement("", medicationCodeableConcept=None), "notUnderstood", ("no-medication", "unnamed-medicine"), ()
    ),
    "a type that says nothing": (resource("Encounter", "e", status="finished"), "aboutSomethingElse", (), ()),
    "a type that nobody knows": (resource("Holiday", "h"), "notUnderstood", ("unknown-resource",), ()),
    "of somebody else": (
        condition("ICD-10-CM M81.0", subject={"reference": "Patient/other"}), "refused", ("other-patient",), ()
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BECAME)
def test_what_became_of_a_resource_is_said_once_and_with_the_reason(book: RuleBook, kind: str) -> None:
    one, standing, why, terms = BECAME[kind]
    entry = entry_of(book, one)
    assert (entry.standing.value, entry.why) == (standing, why)
    assert set(terms) <= set(entry.terms)


def test_every_issue_is_a_reason_or_a_remark_and_never_two_reasons() -> None:
    assert not NOT_UNDERSTOOD & REFUSED
    assert ISSUE_CODES.keys() >= NOT_UNDERSTOOD | REFUSED


def test_an_older_version_is_refused_and_the_same_resource_twice_is_used_twice(book: RuleBook) -> None:
    newer = {**condition("ICD-10-CM M81.0"), "meta": {"versionId": "2"}}
    older = {**condition("ICD-10-CM M81.0", clinical="inactive"), "meta": {"versionId": "1"}}
    found = entries(book, older, newer, json.loads(json.dumps(newer)))
    assert [entry.why for entry in found if entry.standing is Standing.REFUSED] == [("same-id-twice",)]
    used = [entry for entry in found if entry.standing is Standing.USED]
    assert len(used) == 3, "the patient, and the newer version as often as it was sent"


def test_the_account_stands_in_the_result_and_names_what_was_not_understood(book: RuleBook) -> None:
    record = read_record(bundle(patient(), request("", text="<b>Kalzium\u202ebrause</b>")), book, AS_OF)
    found = result_of(evaluate(record, book, AS_OF))["account"]
    assert found["resources"] == {"used": 1, "aboutSomethingElse": 0, "notUnderstood": 1, "refused": 0}
    assert found["codingsAndTexts"]["notUnderstood"] == 1
    (lost,) = found["notUnderstood"]
    assert (lost["why"], lost["words"]) == (["unknown-code"], ["<b>Kalziumbrause</b>"])


def test_a_local_code_beside_a_known_one_says_the_same_in_other_words(book: RuleBook) -> None:
    both = {"coding": [*concept(CALCIUM)["coding"], {"system": LOCAL, "code": "CA"}], "text": "Calcium"}
    entry = entry_of(book, {**observation(CALCIUM, 9.4, "mg/dL"), "code": both})
    assert (entry.standing, entry.carried) == (Standing.USED, 3)


def resources_in(data: object) -> Iterator[Json]:
    """Every resource of some JSON, bundles inside bundles too, by a walk of its own."""
    if isinstance(data, list):
        for item in data:
            yield from resources_in(item)
    elif isinstance(data, dict) and data.get("resourceType") == "Bundle":
        for item in data.get("entry") or ():
            yield from resources_in(item.get("resource") if isinstance(item, dict) and "resource" in item else item)
    elif isinstance(data, dict) and isinstance(data.get("resourceType"), str):
        yield data


def holds(book: RuleBook, data: object, day: date) -> None:
    record = read_record(data, book, day)
    found, entries = account_of(record, book), entries_of(record, book)
    sent = Counter(one["resourceType"] for one in resources_in(data))
    gone = [entry for entry in entries if entry.why == ("deleted-resource",)]
    assert Counter(entry.kind for entry in entries if entry not in gone) == sent - Counter(entry.kind for entry in gone)
    assert +Counter(found.resources) == Counter(entry.standing.value for entry in entries)
    assert counted(record, book) == found.resources
    assert sum(found.codings_and_texts.values()) == sum(entry.carried for entry in entries)
    assert found.not_understood == [entry for entry in entries if entry.standing is Standing.NOT_UNDERSTOOD]


def test_the_account_of_every_published_record_holds_every_resource(book: RuleBook, shared: Path) -> None:
    files = 0
    for file in sorted((shared / "data").rglob("*.json")):
        try:
            data = parse_json(file.read_bytes())
            holds(book, data, date(2026, 11, 22))
        except RecordError:
            continue
        files += 1
    assert files > 100


def test_the_service_counts_what_became_of_what_it_was_sent(book: RuleBook) -> None:
    from calls import REVIEW, call, client_of, searchset, service_for

    body = call(statements=searchset(request("", text="Kalziumbrause")))
    told = client_of(service_for(book)).post(REVIEW, json=body).json()["extension"][EXTENSION]["account"]
    assert told["notUnderstood"] == 1
    assert sum(told.values()) == 3


def pointing(name: str, kind: str = "MedicationRequest") -> tuple[Json, Json]:
    """A record of a medicine that is named by a Medication alone."""
    pointer: Json = {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/med"}}
    record = request("", **pointer) if kind == "MedicationRequest" else statement("", **pointer)
    return record, resource("Medication", "med", code=concept(text=name))


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement"])
@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("Calcium 500 mg tablets", Standing.USED),
        ("Kal500X blorb", Standing.NOT_UNDERSTOOD),
        ("metformin", Standing.SOMETHING_ELSE),
    ],
)
def test_what_names_the_medicine_of_a_record_that_was_used_was_used(
    book: RuleBook, kind: str, name: str, standing: Standing
) -> None:
    found = {entry.kind: entry.standing for entry in entries(book, *pointing(name, kind))}
    assert found == {"Patient": Standing.USED, kind: standing, "Medication": standing}


def test_a_medication_to_which_no_record_points_was_not_used(book: RuleBook) -> None:
    _, medication = pointing("Calcium 500 mg tablets")
    assert entry_of(book, medication).standing is Standing.NOT_UNDERSTOOD


def test_what_was_not_understood_is_named_for_people_the_first_few_and_harmless(book: RuleBook) -> None:
    found = [
        condition(text=f"zzz{number}\u202e\x1b[2J", identity=f"c{number:02}") for number in range(MOST_ENTRIES + 3)
    ]
    one = read_record(bundle(patient(), found[0]), book, AS_OF)
    many = read_record(bundle(patient(), *found), book, AS_OF)
    told = [evaluation_text(evaluate(record, book, AS_OF), "a.json") for record in (one, many)]
    assert "Not understood: Condition/c00 (zzz0[2J).\n" in told[0]
    assert "Condition/c07 (zzz7[2J); and 3 more.\n" in told[1]
    none = evaluation_text(evaluate(read_record(bundle(patient()), book, AS_OF), book, AS_OF), "a.json")
    assert "Not understood: " not in none
