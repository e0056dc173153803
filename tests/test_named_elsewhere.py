"""What a flag, the reason of an encounter, a document and the like name, and nothing else on record says, is said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    CREATININE,
    SUBJECT,
    Json,
    bundle,
    codes_of,
    concept,
    condition,
    deciding_card,
    dosage,
    observation,
    patient,
    read,
    resource,
    statement,
)

from cds.evaluation import evaluate
from cds.facts.chart import chart_of
from cds.intake.account import account_of
from cds.intake.reading import read_record
from cds.quantity import UNKNOWN
from cds.result import result_of
from cds.rulebook.model import RuleBook

NAMED = "named-elsewhere"
USUAL = (
    statement("RxNorm 282465", dosage()), condition("ICD-10-CM M81.0", identity="bone"),
    observation(CALCIUM, 9.4, "mg/dL", identity="ca"), observation(ALBUMIN, 4.2, "g/dL", identity="alb"),
    observation(CREATININE, 0.8, "mg/dL", identity="crea"),
)  # fmt: skip
HIGH, SKIN, WASHED = "hypercalcaemia diagnosis", "calciphylaxis", "dialysis on record"


def day(before: int) -> str:
    return str(AS_OF - timedelta(days=before))


def one(kind: str, status: str = "active", **parts: Any) -> Json:
    return resource(kind, "x", status=status, subject=SUBJECT, **parts)


def met(status: str = "finished", end: str | None = None, text: str = "Hypercalcémie sévère", **more: Any) -> Json:
    period = {"start": day(3), **({"end": end} if end else {})}
    return one("Encounter", status, period=period, reasonCode=[concept(text=text)], **more)


def section(text: str, **more: Any) -> Json:
    return {"title": "Diagnosi", "text": {"status": "generated", "div": f"<div>{text}</div>"}, **more}


def document(*sections: Json) -> Json:
    return one("Composition", "final", date=day(5), title="Dimissione", section=list(sections))


def activity(status: str = "in-progress") -> Json:
    return {"detail": {"status": status, "code": concept("SNOMED 302497006", "Hemodiálisis")}}


HIGH_IN_WORDS = "Ipercalcemia 13,2 mg/dl, sospendere calcio"
SAYS: dict[str, tuple[Json, str, str]] = {
    "a flag by its code": (one("Flag", code=concept("ICD-10-CM E83.59", "Calciphylaxis")), "A flag", SKIN),
    "a flag by a code alone": (one("Flag", code=concept("ICD-10-CM E83.52")), "A flag", HIGH),
    "a flag in words": (one("Flag", code=concept(text="ALERT: calciphylaxis 2025 - avoid calcium")), "A flag", SKIN),
    "an encounter that goes on": (met("in-progress", text="Hypercalcémie sévère symptomatique"), "An encounter", HIGH),
    "an encounter of last month": (met(end=day(30)), "An encounter", HIGH),
    "an encounter of R5": (
        one("Encounter", "in-progress", reason=[{"value": [{"concept": concept(text="Hypercalcaemia")}]}]),
        "An encounter", HIGH),
    "a section of a document": (document(section(HIGH_IN_WORDS)), "A document", HIGH),
    "a section below a section": (
        document({"title": "x", "section": [section("Severe hypercalcaemia")]}), "A document", HIGH),
    "the summary of an impression": (
        one("ClinicalImpression", "completed", date=day(3), summary="Milk-alkali syndrome, stop Tums"),
        "A clinical impression", HIGH),
    "a finding of an impression": (
        one("ClinicalImpression", "completed", finding=[{"itemCodeableConcept": concept("ICD-10-CM E83.52")}]),
        "A clinical impression", HIGH),
    "an order of a treatment": (
        one("ServiceRequest", intent="order", code=concept(text="Hémodialyse conventionnelle 3 fois par semaine"),
            occurrencePeriod={"start": "2024-05-01"}), "A request", WASHED),
    "an episode of care": (
        one("EpisodeOfCare", type=[concept(text="Hémodialyse chronique")]), "An episode of care", WASHED),
    "the title of a plan": (one("CarePlan", intent="plan", title="Hemodiálisis L-X-V"), "A care plan", WASHED),
    "an activity of a plan": (one("CarePlan", intent="plan", activity=[activity()]), "A care plan", WASHED),
    "what an allergy says beside its substance": (
        resource("AllergyIntolerance", "x", patient=SUBJECT,
                 code=concept(text="Calcium-Präparate: schwere Hyperkalzämie 2024")),
        "An allergy or intolerance", HIGH),
    "the reaction of an allergy": (
        resource("AllergyIntolerance", "x", patient=SUBJECT, code=concept(text="Dekristol"),
                 reaction=[{"manifestation": [concept(text="Hypercalcaemia")]}]), "An allergy or intolerance", HIGH),
    "an immunization that is none": (
        resource("Immunization", "x", status="completed", patient=SUBJECT, vaccineCode=concept(text="Prolia 60 mg SC"),
                 occurrenceDateTime=day(12)), "An immunization", "denosumab"),
}  # fmt: skip


@pytest.mark.parametrize("case", SAYS)
def test_what_is_named_is_said_with_its_words_on_the_deciding_card(book: RuleBook, case: str) -> None:
    item, called, term = SAYS[case]
    record = read_record(bundle(patient(), *USUAL, item), book, AS_OF)
    evaluation = evaluate(record, book, AS_OF)
    issues = {issue.text: issue for issue in record.issues if issue.code == NAMED}
    issue = issues[f"{called} names {term}. Its words are no record of a diagnosis or a medicine"]
    assert issue.source == f"{item['resourceType']}/x"
    assert issue.names
    detail = deciding_card(result_of(evaluation))["detail"]
    assert f"{called} names {term}" in detail
    assert account_of(record, book).not_understood[-1].source == issue.source


@pytest.mark.parametrize("case", SAYS)
def test_what_is_named_is_no_fact_and_not_absent(book: RuleBook, case: str) -> None:
    item, _, term = SAYS[case]
    record = read(book, *USUAL, item)
    found = [*record.mentions.get(term, ()), *record.courses.get(term, ())]
    assert [each.state for each in found] == [UNKNOWN]
    assert chart_of(record, book, AS_OF).state(term) is UNKNOWN


SILENT: dict[str, Json] = {
    "a flag that is off": one("Flag", "inactive", code=concept(text="Calciphylaxis")),
    "a flag that is over": one("Flag", code=concept(text="Calciphylaxis"), period={"end": day(20)}),
    "a flag about something else": one("Flag", code=concept(text="Risk of falls")),
    "a flag about somebody else": resource(
        "Flag", "x", status="active", subject={"reference": "Patient/q"}, code=concept(text="Calciphylaxis")),
    "an encounter about something else": met("in-progress", text="Acute bronchitis"),
    "a screening": met("in-progress", text="Encounter for screening for hypercalcaemia"),
    "an encounter that denies it": met("in-progress", text="No hypercalcaemia"),
    "a planned encounter": met("planned"),
    "an encounter of long ago": met(end=day(800)),
    "an encounter in error": met("entered-in-error"),
    "a section whose entries say it": document(section(HIGH_IN_WORDS, entry=[{"reference": "Condition/bone"}])),
    "a section about the family": document(section("Hypercalcaemia", code=concept("LOINC 10157-6"))),
    "a section called after the family": document(section("Hypercalcaemia", title="Family history")),
    "an impression in error": one("ClinicalImpression", "entered-in-error", summary="Milk-alkali syndrome"),
    "an impression of long ago": one("ClinicalImpression", "completed", date=day(800), summary="Milk-alkali syndrome"),
    "a proposal": one("ServiceRequest", intent="proposal", code=concept(text="Hemodialysis")),
    "a request that is done": one("ServiceRequest", "completed", intent="order", code=concept(text="Hemodialysis")),
    "a request for next month": one(
        "ServiceRequest", intent="order", code=concept(text="Hemodialysis"), occurrenceDateTime=day(-30)),
    "a request for an operation": one("ServiceRequest", intent="order", code=concept(text="Parathyroidectomy")),
    "a request for a catheter": one(
        "ServiceRequest", intent="order", code=concept(text="Insertion of hemodialysis catheter")),
    "a request not to do it": one(
        "ServiceRequest", intent="order", doNotPerform=True, code=concept(text="Hemodialysis")),
    "an activity that is over": one("CarePlan", intent="plan", activity=[activity("completed")]),
    "a plan about a disease": one("CarePlan", intent="plan", title="Diabetes self management plan"),
    "an episode that ended": one("EpisodeOfCare", "finished", type=[concept(text="Hemodialysis")]),
    "an allergy that was refuted": resource(
        "AllergyIntolerance", "x", patient=SUBJECT, code=concept(text="Dekristol: hypercalcaemia"),
        verificationStatus=concept(text="refuted")),
    "a vaccine": resource("Immunization", "x", status="completed", patient=SUBJECT, occurrenceDateTime=day(12),
                          vaccineCode=concept(text="Influenza, seasonal")),
    "an injection that was not given": resource(
        "Immunization", "x", status="not-done", patient=SUBJECT, vaccineCode=concept(text="Prolia 60 mg SC")),
}  # fmt: skip


@pytest.mark.parametrize("case", SILENT)
def test_what_says_nothing_of_her_today_is_silent(book: RuleBook, case: str) -> None:
    assert NAMED not in codes_of(read(book, *USUAL, SILENT[case]))


def test_what_a_diagnosis_on_record_says_is_no_news(book: RuleBook) -> None:
    known = condition("ICD-10-CM E83.52", onsetDateTime=day(30))
    assert NAMED not in codes_of(read(book, *USUAL, known, met("in-progress")))


def test_a_diagnosis_that_is_over_is_news_only_in_what_goes_on(book: RuleBook) -> None:
    over = condition("ICD-10-CM E83.52", clinical="resolved", onsetDateTime=day(60))
    assert NAMED not in codes_of(read(book, *USUAL, over, met(end=day(40))))
    assert NAMED in codes_of(read(book, *USUAL, over, met("in-progress")))


def test_why_an_injection_is_not_certain_is_said_beside_it(book: RuleBook) -> None:
    item = SAYS["an immunization that is none"][0]
    found = result_of(evaluate(read(book, *USUAL, item), book, AS_OF))
    told = "denosumab: It is no record of a medicine, and names one; whether that was given is not certain."
    assert f"**On record, and not certain that it is taken**\n- {told}" in deciding_card(found)["detail"]


def test_an_injection_that_is_on_record_is_no_news(book: RuleBook) -> None:
    given = resource("MedicationAdministration", "g", status="completed", subject=SUBJECT,
                     medicationCodeableConcept=concept(text="Prolia 60 mg"), effectiveDateTime=day(12))  # fmt: skip
    assert NAMED not in codes_of(read(book, *USUAL, given, SAYS["an immunization that is none"][0]))


def test_a_term_is_named_once_with_the_words_of_all(book: RuleBook) -> None:
    record = read(book, *USUAL, met("in-progress"), {**SAYS["a flag by a code alone"][0], "id": "y"})
    (issue,) = [issue for issue in record.issues if issue.code == NAMED]
    assert issue.names[0] == "Hypercalcémie sévère"


@pytest.mark.parametrize("odd", [5, ["x"], {"coding": 3}, {"coding": [None]}, None])
def test_an_odd_shape_breaks_nothing(book: RuleBook, odd: Any) -> None:
    for item in (one("Flag", code=odd), one("Encounter", "in-progress", reasonCode=odd, period=odd),
                 one("Composition", "final", section=odd), one("CarePlan", intent=odd, activity=odd, title=odd),
                 resource("Immunization", "x", status="completed", vaccineCode=odd)):  # fmt: skip
        assert NAMED not in codes_of(read(book, *USUAL, item))
