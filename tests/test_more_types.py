"""What was given, done or handed out, from the resource to the answer; whose it is, and how it is declared."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from calls import TODAY, call, searchset
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    CREATININE,
    SUBJECT,
    Json,
    bundle,
    cds_services,
    codes_of,
    concept,
    condition,
    dosage,
    observation,
    patient,
    read,
    request,
    resource,
    statement,
)

from cds.cards.frames import data_of
from cds.cards.resources_not_used import TYPES_IN_WORDS
from cds.errors import RulebookError
from cds.evaluation import Evaluation, evaluate
from cds.facts.formulas import FORMULAS
from cds.hooks.answering import answer as answer_to
from cds.intake.bundles.bundle import READ
from cds.intake.reading import read_record
from cds.intake.validation import r4_problem
from cds.quantity import PRESENT, UNKNOWN, State
from cds.result import result_of
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import Condition, Medication, RuleBook
from cds.rulebook.overlaying import read_overlaid

DENOSUMAB = "RxNorm 993449"
LAST_WEEK = "2026-01-08"


def given(code: str = DENOSUMAB, day: str | None = LAST_WEEK, **more: Any) -> Json:
    parts: Json = {"status": "completed", "subject": SUBJECT, "medicationCodeableConcept": concept(code)}
    return resource("MedicationAdministration", "given", **{**parts, "effectiveDateTime": day, **more})


def handed_out(code: str = CARBONATE_500, day: str | None = LAST_WEEK, identity: str = "out", **more: Any) -> Json:
    parts: Json = {"status": "completed", "subject": SUBJECT, "medicationCodeableConcept": concept(code)}
    return resource("MedicationDispense", identity, **{**parts, "whenHandedOver": day, **more})


def done(code: str = "", text: str = "", day: str | None = LAST_WEEK, **more: Any) -> Json:
    parts: Json = {"status": "completed", "subject": SUBJECT, "code": concept(code, text), "performedDateTime": day}
    return resource("Procedure", "done", **{**parts, **more})


def answer(book: RuleBook, *resources: Json) -> Evaluation:
    return evaluate(read(book, *resources), book, AS_OF)


ON_CALCIUM = (
    statement(CARBONATE_500, dosage()),
    observation(CALCIUM, 9.4, "mg/dL", identity="ca"), observation(ALBUMIN, 4.2, "g/dL", identity="alb"),
    observation(CREATININE, 0.8, "mg/dL", identity="crea"), condition("ICD-10-CM M81.0", identity="bone"),
)  # fmt: skip


def test_an_injection_that_a_clinic_gave_protects_as_one_on_the_medication_list(book: RuleBook) -> None:
    by_list = answer(book, *ON_CALCIUM, statement(DENOSUMAB, identity="d", effectiveDateTime=LAST_WEEK))
    by_clinic = answer(book, *ON_CALCIUM, given())
    assert by_clinic.decision.decided_by == by_list.decision.decided_by
    assert by_clinic.chart.state("denosumab in the last 183 days").word == "present"
    assert answer(book, *ON_CALCIUM).chart.state("denosumab in the last 183 days").word == "absent"


def test_a_status_that_is_not_known_leaves_the_dose_unknown(book: RuleBook) -> None:
    chart = answer(book, *ON_CALCIUM, given(status="unknown")).chart
    assert chart.state("denosumab in the last 183 days").word == "unknown"


def test_how_long_an_administration_counts_is_said_by_the_term(book: RuleBook) -> None:
    for days, known in ((7, True), (6, False), (None, False)):
        term = book.terms["denosumab"]
        assert isinstance(term, Medication)
        terms = type(book.terms)({**book.terms, "denosumab": term._replace(given_for=days)})
        record = read(replace(book, terms=terms), given(day="2026-01-08"))
        assert ("denosumab" in record.courses) is known, days


@pytest.mark.parametrize(("code", "state"), [("HCPCS J0636", PRESENT), ("RxNorm 1894", UNKNOWN)])
def test_a_billing_code_of_an_injection_says_the_route_that_nobody_recorded(
    book: RuleBook, code: str, state: State
) -> None:
    dose = given(code)
    assert [each.state for each in read(book, dose).courses["active vitamin D other than calcifediol"]] == [state]


def test_a_code_of_odd_shape_beside_the_known_one_ends_no_reading(book: RuleBook) -> None:
    odd = concept("HCPCS J0636")
    odd["coding"].append({"system": ["x"], "code": {"y": 1}})
    assert "active vitamin D other than calcifediol" in read(book, given(medicationCodeableConcept=odd)).courses


def test_thousands_of_administrations_of_other_medicines_leave_the_record_as_it_is(book: RuleBook) -> None:
    many = [given("RxNorm 313002", id=f"saline{number}") for number in range(2000)]
    for item in many:
        item["medicationCodeableConcept"]["coding"][0]["display"] = "Sodium Chloride 9 MG/ML Injectable Solution"
    record = read(book, *many)
    assert (record.courses, record.products, record.issues, record.passed_over) == ({}, [], [], [])


def test_dialysis_that_was_done_last_week_is_dialysis(book: RuleBook) -> None:
    high_dose = statement(CARBONATE_500, dosage(frequency=3))
    by_code, by_diagnosis = (answer(book, high_dose, it) for it in (done("CPT 90935"), condition("ICD-10-CM Z99.2")))
    assert by_code.outcome == by_diagnosis.outcome
    assert answer(book, done("CPT 90935")).chart.state("dialysis on record").word == "present"


def test_an_operation_and_its_diagnosis_say_the_same(book: RuleBook) -> None:
    by_code = answer(book, *ON_CALCIUM, done("SNOMED 427074001", day="2012-01-01"))
    by_diagnosis = answer(book, *ON_CALCIUM, condition("ICD-10-CM Z98.84", identity="status"))
    assert by_code.decision.said == by_diagnosis.decision.said


def test_what_is_no_longer_certain_is_named_on_the_card(book: RuleBook) -> None:
    found = result_of(answer(book, *ON_CALCIUM, done("CPT 90935", day="2025-11-20")))
    told = {"line": "dialysis on record: on record, but not certain", "sources": ["Procedure/done"]}
    assert told in data_of(found["cards"][0])["basis"]


def test_a_supply_that_lasts_is_taken_and_one_without_a_length_may_be(book: RuleBook) -> None:
    lasting = answer(book, handed_out(daysSupply={"value": 90, "unit": "days"}, dosageInstruction=[dosage()]))
    maybe = answer(book, handed_out())
    assert lasting.chart.state("calcium products").word == "present"
    assert maybe.chart.state("calcium products").word == "unknown"
    assert "On record, and not certain that it is taken" in str(result_of(maybe)["cards"])


def test_a_product_is_never_doubled_by_its_hand_overs(book: RuleBook) -> None:
    monthly = [
        handed_out(
            day=f"2025-{month:02}-08", identity=f"m{month}", daysSupply={"value": 31}, dosageInstruction=[dosage()]
        )
        for month in range(1, 13)
    ]
    alone, beside = answer(book, *monthly, handed_out()), answer(book, *monthly, request(CARBONATE_500, dosage()))
    for found in (alone, beside):
        (product,) = found.chart.record.products
        assert not product.doubled
    assert beside.chart.value("calcium supplement dose") == answer(book, request(CARBONATE_500, dosage())).chart.value(
        "calcium supplement dose"
    )


def test_another_medicine_that_was_handed_out_shows_no_card_to_who_takes_no_calcium(book: RuleBook) -> None:
    statin = handed_out("RxNorm 83367")
    body = call(statements=searchset(), conditions=searchset(statin))
    assert answer_to(body, cds_services()["patient-view"], book, TODAY).cards == []
    calcium = call(statements=searchset(), conditions=searchset(handed_out()))
    assert len(answer_to(calcium, cds_services()["patient-view"], book, TODAY).cards) == 1


ALLERGY = resource("AllergyIntolerance", "al", patient=SUBJECT, code=concept(text="Oyster shell"))


def test_an_allergy_is_said_and_changes_no_answer(book: RuleBook) -> None:
    without, with_it = answer(book, *ON_CALCIUM), answer(book, *ON_CALCIUM, ALLERGY)
    assert codes_of(with_it.chart.record) - codes_of(without.chart.record) == {"allergy"}
    assert with_it.decision == without.decision
    assert with_it.chart.record.products == without.chart.record.products


@pytest.mark.parametrize("element", ["subject", "patient", "for", "beneficiary"])
def test_a_resource_is_about_whom_its_element_names(book: RuleBook, element: str) -> None:
    named = {key: value for key, value in ALLERGY.items() if key != "patient"}
    assert "other-patient" in codes_of(read(book, {**named, element: {"reference": "Patient/other"}}))
    assert "allergy" in codes_of(read(book, {**named, element: SUBJECT}))


@pytest.mark.parametrize("item", [given(), handed_out(), done(text="Gastric bypass"), ALLERGY])
def test_what_belongs_to_somebody_else_is_said_and_leaves_the_lists_whole(book: RuleBook, item: Json) -> None:
    key = "patient" if "patient" in item else "subject"
    record = read(book, {**item, key: {"reference": "Patient/other"}})
    assert (codes_of(record), record.unread, record.used[1:]) == ({"other-patient"}, frozenset(), [])


@pytest.mark.parametrize("item", [given(), handed_out(), done(text="Gastric bypass"), ALLERGY])
def test_what_is_read_can_be_checked_and_has_a_name_in_words(item: Json) -> None:
    assert item["resourceType"] in TYPES_IN_WORDS
    assert r4_problem(item) is None
    assert r4_problem({**item, "nonsense": 1}) == "nonsense"


def test_every_type_that_is_read_has_a_name_in_words() -> None:
    assert set(READ) <= TYPES_IN_WORDS.keys()


def test_every_list_of_procedures_has_words(book: RuleBook) -> None:
    read_there = {term.name for term in book.terms.values() if isinstance(term, Condition) and term.procedures}
    operations = {"parathyroid surgery", "bilateral thyroid surgery", "malabsorption or bariatric surgery"}
    assert read_there == {"dialysis on record", "kidney transplant", *operations}


def test_a_record_that_is_inactive_is_advised_and_said(book: RuleBook) -> None:
    record = read_record(bundle(patient(active=False), *ON_CALCIUM), book, AS_OF)
    assert "inactive-record" in codes_of(record)
    assert evaluate(record, book, AS_OF).outcome == answer(book, *ON_CALCIUM).outcome


HERE = Path(__file__).resolve().parent


@pytest.mark.slow
def test_a_hospital_adds_words_for_what_it_does(book: RuleBook, tmp_path: Path) -> None:
    overlay = Path(shutil.copytree(HERE / "hospital", tmp_path / "hospital"))
    added = "terms:\n  dialysis on record:\n    add names in procedures:\n      - washing of the house\n"
    (overlay / "terms" / "conditions.yaml").write_text(added, encoding="utf-8")
    record = read(read_overlaid(HERE.parent / "rules", [overlay], FORMULAS), done(text="Washing of the House, 4 h"))
    assert [mention.state.word for mention in record.mentions["dialysis on record"]] == ["present"]
    assert read(book, done(text="Washing of the House, 4 h")).mentions == {}


@pytest.mark.slow
def test_how_long_a_procedure_counts_needs_words_for_it(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(HERE.parent / "rules", tmp_path / "rules"))
    place = rules / "terms" / "conditions.yaml"
    term = "  osteoporosis:\n    kind: condition\n"
    more = f"{term}    a procedure is unknown after: 30 days\n"
    place.write_text(place.read_text(encoding="utf-8").replace(term, more), encoding="utf-8")
    with pytest.raises(RulebookError, match="'osteoporosis' says how procedures count and names none"):
        read_rulebook(rules, FORMULAS)
