"""A procedure that is named only in words, which nobody understands, is named on the card; the many others are not."""

from __future__ import annotations

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
from cds.intake.account import account_of
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

CODE = "procedure-not-understood"
USUAL = (
    statement("RxNorm 282465", dosage()), condition("ICD-10-CM M81.0", identity="bone"),
    observation(CALCIUM, 9.4, "mg/dL", identity="ca"), observation(ALBUMIN, 4.2, "g/dL", identity="alb"),
    observation(CREATININE, 0.8, "mg/dL", identity="crea"),
)  # fmt: skip


def done(said: str | Json | None, code: str = "", identity: str = "done", **more: Any) -> Json:
    named = concept(code, said) if isinstance(said, str) else said
    parts: Json = {"status": "completed", "subject": SUBJECT, "code": named, **more}
    return resource("Procedure", identity, **{"performedDateTime": "2025-12-20", **parts})


LOCAL = {
    "coding": [{"system": "urn:oid:2.16.840.1.113883.6.2", "code": "06.89"}],
    "text": "Zabieg na szyi, lewostronny ł",
}
NOT_UNDERSTOOD: dict[str, tuple[Json, str]] = {
    "another alphabet": (done("Άγνωστη επέμβαση"), "Άγνωστη επέμβαση"),
    "a script without letters": (done("原因不明の手術"), "原因不明の手術"),
    "accents": (done("Tüp ameliyatı"), "Tüp ameliyatı"),
    "almost a word of ours": (done("Total thyroidektomya"), "Total thyroidektomya"),
    "a local code": (done(LOCAL), LOCAL["text"]),
    "a status that is not known": (done("Tüp ameliyatı", status="unknown"), "Tüp ameliyatı"),
    "no day": (done("Tüp ameliyatı", performedDateTime=None), "Tüp ameliyatı"),
    "many years ago": (done("Tüp ameliyatı", performedDateTime="1999"), "Tüp ameliyatı"),
}


@pytest.mark.parametrize("case", NOT_UNDERSTOOD)
def test_it_is_named_on_the_card_and_changes_nothing_else(book: RuleBook, case: str) -> None:
    item, words = NOT_UNDERSTOOD[case]
    record = read_record(bundle(patient(), *USUAL, item), book, AS_OF)
    (issue,) = [issue for issue in record.issues if issue.code == CODE]
    assert (issue.text, issue.names) == ("1 of 1 procedures was not understood", (words,))
    found = result_of(evaluate(record, book, AS_OF))
    assert f"1 of 1 procedures was not understood: {words}." in deciding_card(found)["detail"]
    assert found["outcome"] == result_of(evaluate(read(book, *USUAL), book, AS_OF))["outcome"]
    assert [entry.source for entry in account_of(record, book).not_understood] == ["Procedure/done"]


def test_several_are_counted_among_all(book: RuleBook) -> None:
    record = read(book, *USUAL, done("Tüp ameliyatı"), done("Άγνωστη επέμβαση", identity="b"),
                  done("Appendectomy", identity="c"), done("x", identity="d", status="not-done"))  # fmt: skip
    (issue,) = [issue for issue in record.issues if issue.code == CODE]
    assert (issue.text, issue.names) == ("2 of 3 procedures were not understood", ("Tüp ameliyatı", "Άγνωστη επέμβαση"))


SILENT: dict[str, Json] = {
    "a known code": done("Άγνωστη επέμβαση", "SNOMED 80146002"),
    "an operation in English": done("Laparoscopic appendectomy"),
    "a stent": done("Placement of stent in coronary artery"),
    "a thrombectomy": done("Percutaneous mechanical thrombectomy of portal vein"),
    "a shock of the heart": done("Electrical cardioversion"),
    "a known one": done("Totale Thyreoidektomie beidseits"),
    "a known other one": done("Cholécystectomie"),
    "about a procedure of ours, and another": done("Cathéter d'hémodialyse"),
    "an examination": done("Gastroskopia z znieczuleniem – badanie"),
    "an X-ray": done("胸部X線検査"),
    "planned": done("Geplante Operation an der Hüfte"),
    "a code without words": done({"coding": LOCAL["coding"]}),
    "no code at all": done(None),
    "none": done({"text": "No known procedures", "coding": [
        {"system": "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "code": "no-known-procedures"}]}),
    "not done": done("Tüp ameliyatı", status="not-done"),
    "tomorrow": done("Tüp ameliyatı", performedDateTime="2027-01-01"),
    "of somebody else": done("Tüp ameliyatı", subject={"reference": "Patient/q"}),
    "an injection of a known medicine": done("Zoledronsäure-Infusion"),
}  # fmt: skip


@pytest.mark.parametrize("case", SILENT)
def test_what_is_known_or_no_operation_is_silent(book: RuleBook, case: str) -> None:
    assert CODE not in codes_of(read(book, *USUAL, SILENT[case]))


def test_a_code_system_of_odd_shape_is_none_and_ends_nothing(book: RuleBook) -> None:
    odd = {"coding": [{"system": [{"text": "x"}], "code": "1"}], "text": "Άγνωστη επέμβαση"}
    assert CODE in codes_of(read(book, *USUAL, done(odd)))
