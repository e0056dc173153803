"""Every odd shape that published data show is read as its INDEX asks, and no file of the shared data breaks anything.

Most of the odd files are about other matters than calcium. ``dress`` gives them a code that matters, and leaves the
shape as it was published.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from people import CALCIUM, CARBONATE_500, Json, codes_of, concept, observation, patient, quantity, statement

from cds.errors import RecordError
from cds.evaluation import evaluate
from cds.intake.reading import parse_json, read_record
from cds.intake.record import Record
from cds.intake.validation import report_invalid
from cds.rulebook.model import RuleBook

DAY = date(2026, 3, 15)
TAKES: Json = {"medicationReference": None, "medicationCodeableConcept": concept(CARBONATE_500)}
CALCIUM_CODE, DXA, CREATININE = (concept(code) for code in (CALCIUM, "LOINC 38264-8", "LOINC 14682-9"))
TUMS: Json = {"medicationReference": {"reference": "Medication/eumfh-39-07-1", "display": "Tums"}}


def contained(**more: Any) -> Json:
    """A contained Medication that is calcium carbonate, under the id that the file refers to."""
    return {"contained": [{"resourceType": "Medication", "code": concept(CARBONATE_500), **more}]}


OF_CARBONATE = {"code": {}, "ingredient": [{"itemCodeableConcept": concept("RxNorm 1897"), "strength": {
    "numerator": quantity(1250, "mg"), "denominator": {"value": 1, "code": "Tab"}}}]}  # fmt: skip


class Reads(NamedTuple):
    """What is to come of a file: issues (all of them), readings and calcium a day of each product (exactly these)."""

    issues: str = ""
    dress: Json = {}  # noqa: RUF012
    readings: dict[str, tuple[float, float]] = {}  # noqa: RUF012
    products: tuple[tuple[float, float], ...] = ()
    mentions: tuple[str, ...] = ()


SHAPES: dict[str, Reads] = {
    "ms-dosage-text-only": Reads(
        "dosage-in-words", {**contained(id="mni-medication-example2"), "effectivePeriod": None},
        products=((1000, 1000),),
    ),
    "ms-dose-no-unit-meal-times": Reads("dosage-unclear", TAKES, products=((1000, 1000),)),
    "ms-entered-in-error": Reads("entered-in-error", TAKES),
    "ms-medication-contained": Reads("dosage-unclear", contained(id="med0315"), products=((500, 2000),)),
    "ms-medication-text-only": Reads(
        "matched-by-name dosage-in-words", {"medicationCodeableConcept": {"text": "Caltrate, a pink pill"}},
        products=((600, 600),),
    ),
    "ms-dose-range-as-needed": Reads("", contained(id="med0309"), products=((0, 1000),)),
    "ms-active-with-status-reason": Reads(
        "status-reason dosage-unclear", contained(id="med0309", **OF_CARBONATE), products=((500.5, 2002),)
    ),
    "ms-medication-not-in-file": Reads("unresolved-reference"),
    "ms-no-medication": Reads("no-medication"),
    "mr-dosage-text-only": Reads("dosage-in-words", TAKES, products=((500, 500),)),
    "mr-dose-no-unit": Reads("dosage-unclear", TAKES, products=((500, 500),)),
    "mr-timing-code-only": Reads("", contained(id="med0316"), products=((500, 500),)),
    "mr-do-not-perform": Reads("not-taken", {**TAKES, "status": "active"}),
    "mr-reported": Reads("dosage-in-words", TAKES, products=((0, 1000),)),
    "mr-medication-text-only": Reads(
        "matched-by-name", {"status": "active", "doNotPerform": None,
                            "medicationCodeableConcept": {"text": "Caltrate"}}, products=((600, 2400),),
    ),
    "mr-naive-datetime-no-medication": Reads("not-r4-valid", TAKES, products=((500, 2000),)),
    "mr-on-hold": Reads("not-taken", TAKES),
    "obs-comparator-no-value-no-code": Reads("no-value", {"code": CALCIUM_CODE, "effectiveDateTime": "2026-01-01"}),
    "obs-lab-value-boolean": Reads("not-a-number", {"code": CALCIUM_CODE}),
    "obs-lab-no-value": Reads("no-value"),
    "obs-data-absent-reason": Reads("no-value", {"code": CALCIUM_CODE, "issued": "2026-01-01T08:00:00Z"}),
    "obs-entered-in-error": Reads("withdrawn-result", {"code": CALCIUM_CODE}),
    "obs-corrected": Reads("", {"effectivePeriod": {"start": "2026-03-08"}}, {"INR": (3, 3)}),
    "obs-effective-period": Reads("", {"code": concept("LOINC 6301-6")}, {"INR": (6, 6)}),
    "obs-unit-code-snomed": Reads("unit-by-text issued-as-date", {"code": CREATININE}, {"creatinine": (1.38, 1.381)}),
    "obs-unit-system-odd": Reads(
        "odd-unit-system", {"code": CALCIUM_CODE, "valueQuantity": {"value": 9.4, "unit": "mg/dL",
                            "system": "https://ucum.org", "code": "mg/dL"}}, {"serum calcium": (9.4, 9.4)},
    ),
    "obs-no-unit": Reads(
        "unusable-unit", {"code": CALCIUM_CODE, "valueQuantity": {"value": 2.4}}
    ),
    "obs-value-as-json-string": Reads(
        "number-as-text subject-unclear not-r4-valid", {"code": concept("SNOMED 450360000"),
        "effectiveDateTime": "2026-01-01"}, {"coronary calcium score": (0, 0)},
    ),
    "obs-two-values": Reads(
        "two-values not-r4-valid", {"code": CALCIUM_CODE, "status": "final", "effectiveDateTime": "2026-01-01"}
    ),
    "obs-subject-identifier-only": Reads(
        "subject-unclear", {"code": CALCIUM_CODE, "valueQuantity": quantity(9.4, "mg/dL")},
        {"serum calcium": (9.4, 9.4)},
    ),
    "obs-code-text-only-absolute-subject": Reads("other-patient", {"code": CALCIUM_CODE}),
    "obs-invalid-status-bom": Reads("status-not-final", {"code": CALCIUM_CODE}),
    "obs-negative-t-score": Reads("", {"code": DXA}, {"DXA T-score": (-1.62, -1.62)}),
    "cond-no-code-string-dates": Reads("no-code"),
    "cond-text-only": Reads("matched-by-name", {"code": {"text": "Osteoporosis"}}, mentions=("osteoporosis",)),
    "cond-refuted": Reads("refuted", {"code": concept("ICD-10-CM M81.0")}),
    "own-obs-calcium-value-string": Reads("number-as-text", {}, {"serum calcium": (9.4, 9.4)}),
    "own-obs-egfr-comparator": Reads("", {}, {"reported eGFR": (60, 200), "creatinine-based eGFR": (60, 200)}),
    "own-obs-calcium-mmol-unit-text": Reads("unit-by-text", {}, {"serum calcium": (9.54, 9.54)}),
    # The index wants this one left unused. Its whole name and a unit that no other test of that name has say what it
    # is, and in a hospital whose laboratory has codes of its own nothing else ever will: read, and said (CHANGELOG).
    "own-obs-vitd-text-code-nmol": Reads("matched-by-name", {}, {"total 25-OH vitamin D": (24.84, 24.84)}),
    "own-obs-status-absent": Reads("status-not-final"),
    "own-ms-naive-datetime-unit-text": Reads("not-r4-valid"),
    "own-mr-medication-display-only": Reads("matched-by-name dosage-unclear", products=((500, 2000),)),
}  # fmt: skip
WHOLE = {
    "ms-status-missing", "ms-code-without-display", "bundle-absolute-references", "medication-ingredient-strength",
    "obs-component-panel", "patient-birth-year-only", "patient-unknown-element", "patient-bad-id",
    "bundle-several-patients", "bundle-urn-references", "bundle-stu3", "bundle-search-with-outcome",
    "bundle-search-next-page", "bundle-entry-without-resource", "bundle-no-type-no-fullurl", "broken-json",
    "own-bundle-unknown-type",
}  # fmt: skip
"""The files that have a test of their own below."""


def data_of(shared: Path, name: str) -> Any:
    return parse_json((shared / "data" / "odd" / f"{name}.json").read_bytes())


def record_of(data: object, book: RuleBook) -> Record:
    record = read_record(data, book, DAY)
    report_invalid(record)
    return record


def with_patient(item: Json, *others: Json) -> list[Json]:
    """The resource with the patient that its subject names."""
    reference = str((item.get("subject") or {}).get("reference", "Patient/p"))
    identity = reference.rsplit("/", maxsplit=1)[-1].removeprefix("urn:uuid:")
    who = {"fullUrl": reference, "resource": patient(re.sub("[^A-Za-z0-9.-]", "-", identity))}
    own = {"resourceType": "Bundle", "entry": [who if reference.startswith("urn:") else {"resource": who["resource"]}]}
    return [own, item, *others]


@pytest.mark.parametrize("name", SHAPES)
def test_an_odd_resource_is_read_as_its_index_asks(book: RuleBook, shared: Path, name: str) -> None:
    expected = SHAPES[name]
    dressed = {key: value for key, value in (data_of(shared, name) | expected.dress).items() if value is not None}
    record = record_of(with_patient(dressed), book)
    assert codes_of(record) >= set(expected.issues.split()), codes_of(record)
    values = {term: [(r.value.low, r.value.high) for r in readings] for term, readings in record.readings.items()}
    assert values == {term: [pytest.approx(ends, rel=0.001)] for term, ends in expected.readings.items()}
    amounts = [product.amounts["calcium"][0] for product in record.products]
    assert [(amount.low, amount.high) for amount in amounts] == [pytest.approx(ends) for ends in expected.products]
    assert tuple(record.mentions) == expected.mentions


def test_every_file_of_the_index_has_its_test(shared: Path) -> None:
    listed = re.findall(r"^\| (\S+)\.json \|", (shared / "data/odd/INDEX.md").read_text(encoding="utf-8"), re.M)
    assert set(listed) == {path.stem for path in (shared / "data/odd").glob("*.json")} == SHAPES.keys() | WHOLE
    assert not SHAPES.keys() & WHOLE


def test_json_with_a_missing_comma_is_one_error_with_its_place(shared: Path) -> None:
    with pytest.raises(RecordError, match=r"line \d+, column \d+") as caught:
        data_of(shared, "broken-json")
    assert caught.value.code == "not-json"


@pytest.mark.parametrize(
    ("name", "code"),
    [("bundle-several-patients", "several-patients"), ("bundle-stu3", "wrong-release"),
     ("ms-status-missing", "several-patients")],
)  # fmt: skip
def test_two_patients_and_other_releases_are_refused(book: RuleBook, shared: Path, name: str, code: str) -> None:
    with pytest.raises(RecordError) as caught:
        record_of(data_of(shared, name), book)
    assert caught.value.code == code


def test_a_statement_without_a_status_may_be_taken_or_not(book: RuleBook, shared: Path) -> None:
    entries = [entry["resource"] for entry in data_of(shared, "ms-status-missing")["entry"]]
    mine = [item | {"code": concept(CARBONATE_500)} if item["resourceType"] == "Medication" else item
            for item in entries if (item["resourceType"], item["id"]) != ("Patient", "1")]  # fmt: skip
    record = record_of(mine, book)
    assert [product.state.word for product in record.products] == ["unknown"]
    assert codes_of(record) >= {"medication-status", "not-r4-valid"}


def test_components_are_read_by_their_own_codes(book: RuleBook, shared: Path) -> None:
    panel = data_of(shared, "obs-component-panel") | {"status": "final"}
    for part, (code, value, unit) in zip(
        panel["component"], [(CALCIUM, 9.4, "mg/dL"), ("LOINC 1751-7", 40, "g/L")], strict=True
    ):
        part.update(code=concept(code), valueQuantity=quantity(value, unit))
    record = record_of(with_patient(panel), book)
    assert {name: r[0].value.low for name, r in record.readings.items()} == {"serum calcium": 9.4, "albumin": 4.0}


def test_a_result_of_the_future_does_not_exist_yet(book: RuleBook, shared: Path) -> None:
    record = record_of(with_patient(data_of(shared, "obs-corrected")), book)
    assert record.readings == {}
    assert "future-date" in codes_of(record)


def test_a_result_without_a_value_does_not_hide_an_older_one(book: RuleBook, shared: Path) -> None:
    empty = data_of(shared, "obs-data-absent-reason") | {"code": CALCIUM_CODE, "issued": "2026-01-01T08:00:00Z"}
    older = observation(CALCIUM, 9.4, "mg/dL", day="2025-12-01", subject=empty["subject"])
    record = record_of(with_patient(empty, older), book)
    assert [reading.when.text for reading in record.readings["serum calcium"]] == ["2025-12-01"]


def test_a_strength_is_read_by_its_unit_code_and_per_tablet(book: RuleBook, shared: Path) -> None:
    medication = data_of(shared, "medication-ingredient-strength")
    medication["ingredient"][0]["itemCodeableConcept"] = concept("RxNorm 1897")
    medication["code"] = {}
    dose = {"timing": {"code": {"text": "QD"}}, "doseAndRate": [{"doseQuantity": quantity(1, "{tablet}")}]}
    taken = statement("", dose, medicationCodeableConcept=None,
                      medicationReference={"reference": f"Medication/{medication['id']}"})  # fmt: skip
    (product,) = record_of([patient(), medication, taken], book).products
    assert product.amounts["calcium"][0] == pytest.approx((40 * 0.4004, 40, False, False))


def test_a_year_of_birth_makes_the_age_an_interval(book: RuleBook, shared: Path) -> None:
    record = record_of(data_of(shared, "patient-birth-year-only"), book)
    age = evaluate(record, book, DAY).chart.value("age")
    assert age is not None
    assert (age.value.low, age.value.high) == (92, 93)


@pytest.mark.parametrize(("name", "sex"), [("patient-unknown-element", "male"), ("patient-bad-id", "")])
def test_an_invalid_patient_is_kept_and_reported(book: RuleBook, shared: Path, name: str, sex: str) -> None:
    record = record_of(data_of(shared, name), book)
    assert record.sex == sex
    assert codes_of(record) == {"not-r4-valid"}


@pytest.mark.parametrize(
    ("name", "code"),
    [("bundle-search-with-outcome", "server-message"), ("bundle-search-next-page", "incomplete-data")],
)
def test_messages_and_further_pages_are_reported(book: RuleBook, shared: Path, name: str, code: str) -> None:
    assert code in codes_of(record_of([patient(), data_of(shared, name)], book))


def test_requests_without_a_resource_are_skipped(book: RuleBook, shared: Path) -> None:
    assert record_of([patient(), data_of(shared, "bundle-entry-without-resource")], book).used == [patient()]


CLEAN = ["bundle-no-type-no-fullurl", "bundle-absolute-references", "ms-code-without-display"]


@pytest.mark.parametrize("name", CLEAN)
def test_references_of_whole_bundles_lead_to_their_patient(book: RuleBook, shared: Path, name: str) -> None:
    record = record_of(data_of(shared, name), book)
    assert not codes_of(record) & {"other-patient", "subject-unclear", "unresolved-reference"}
    assert record.products == []


def test_urn_references_lead_to_the_patient_and_others_do_not(book: RuleBook, shared: Path) -> None:
    data = data_of(shared, "bundle-urn-references")
    for entry in data["entry"]:
        entry["resource"]["code"] = concept("ICD-10-CM M81.0")
    record = record_of(data, book)
    assert [mention.source[-12:] for mention in record.mentions["osteoporosis"]] == ["3f6748ca634b"]
    assert [issue.source[-12:] for issue in record.issues if issue.code == "other-patient"] == ["000000000000"]


def test_unknown_types_are_reported_beside_a_good_result(book: RuleBook, shared: Path) -> None:
    record = record_of(data_of(shared, "own-bundle-unknown-type"), book)
    assert [reading.value.low for reading in record.readings["serum calcium"]] == [9.4]
    assert [i.source for i in record.issues if i.code == "unknown-resource"] == [
        "EffectEvidenceSynthesis/x", "MadeUpThing/y",
    ]  # fmt: skip


def outcome_of(path: Path, book: RuleBook) -> str:
    """The outcome, or the code of the error."""
    try:
        data = parse_json(path.read_bytes())
        if isinstance(data, dict) and data["resourceType"] not in ("Bundle", "Patient"):
            return evaluate(record_of(with_patient(data), book), book, DAY).outcome
        return evaluate(record_of(data, book), book, DAY).outcome
    except RecordError as error:
        return error.code


@pytest.mark.slow
def test_no_file_of_the_shared_data_raises_anything_but_a_record_error(book: RuleBook, shared: Path) -> None:
    paths = [path for folder in ("odd", "ips", "synthea") for path in (shared / "data" / folder).glob("*.json")]
    assert len(paths) > 70
    outcomes = {path.stem: outcome_of(path, book) for path in paths}
    assert {name: outcome for name, outcome in outcomes.items() if outcome not in book.outcomes} == {
        "broken-json": "not-json", "bundle-several-patients": "several-patients", "bundle-stu3": "wrong-release",
        "ms-status-missing": "several-patients", "bundle-entry-without-resource": "no-patient",
        "bundle-search-with-outcome": "no-patient", "bundle-search-next-page": "no-patient",
    }  # fmt: skip
