"""Results by a laboratory's own code or by none: read where name, unit and the laboratory's own range agree."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from people import AS_OF, CALCIUM, CARBONATE_500, CREATININE, Json, bundle, dosage, observation, patient, statement

from cds import cards_of, evaluate, read_record
from cds.errors import RulebookError
from cds.evaluation import Evaluation
from cds.facts.formulas import FORMULAS
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook

RULES = Path(__file__).resolve().parent.parent / "rules"

LOCAL = {"system": "urn:oid:1.2.276.0.76.3.1", "code": "CA"}


def named(text: str, value: float, unit: str, low: float | None, high: float | None, **more: object) -> Json:
    ends = {"low": low, "high": high}
    limits = {end: {"value": limit, "unit": unit} for end, limit in ends.items() if limit is not None}
    return {
        "resourceType": "Observation",
        "id": "x",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": {"text": text},
        "effectiveDateTime": "2026-01-10",
        "valueQuantity": {"value": value, "unit": unit},
        **({"referenceRange": [limits]} if limits else {}),
        **more,
    }


def evaluated(book: RuleBook, *items: Json) -> Evaluation:
    kidneys = observation(CREATININE, 0.8, "mg/dL", identity="k")
    data = bundle(patient(), statement(CARBONATE_500, dosage()), kidneys, *items)
    return evaluate(read_record(data, book, AS_OF), book, AS_OF)


@pytest.mark.parametrize(
    ("item", "term"),
    [
        (named("Calcium", 14.1, "mg/dL", 8.6, 10.3), "serum calcium"),
        (named("Calcium (gesamt)", 3.12, "mmol/L", 2.2, 2.6), "serum calcium"),
        (named("Calcémie", 1.94, "mmol/L", 2.2, 2.6), "serum calcium"),
        (named("血清钙", 3.42, "mmol/L", 2.11, 2.52), "serum calcium"),
        (named("カルシウム", 9.3, "mg/dL", 8.8, 10.1), "serum calcium"),
        (named("S-Ca", 2.3, "mmol/L", 2.15, 2.51), "serum calcium"),
        (named("Serum adjusted calcium", 2.71, "mmol/L", 2.2, 2.6), "albumin-corrected calcium"),
        (named("Ca korr.", 2.6, "mmol/L", 2.2, 2.6), "albumin-corrected calcium"),
        (named("Calcium ionisiert", 1.2, "mmol/L", 1.15, 1.3), "ionised calcium"),
        (named("Kreatinin i.S.", 1.1, "mg/dl", 0.5, 0.9), "creatinine"),
        (named("Albumin", 38, "g/L", 35, 52), "albumin"),
        (named("25-OH-Vitamin D", 38, "nmol/L", 50, None), "total 25-OH vitamin D"),
        (named("PTH intakt", 98, "pg/ml", 15, 65), "intact PTH"),
        (named("Phosphat", 1.2, "mmol/L", 0.8, 1.5), "phosphate"),
        (named("eGFR (CKD-EPI)", 45, "ml/min/1,73 m²", None, None), "reported eGFR"),
        (named("DFG estimé (CKD-EPI)", 45, "ml/min/1,73 m²", None, None), "reported eGFR"),
        (named("GFR", 45, "mL/min", 60, None), "reported eGFR"),
        (named("25-OH Vitamin D", 18, "ng/mL", None, None), "total 25-OH vitamin D"),
        (named("PTH", 80, "pg/mL", None, None), "intact PTH"),
        (named("Magnesium", 0.6, "mmol/L", 0.7, 1.1), "magnesium"),
        (named("סידן", 13.4, "mg/dL", 8.6, 10.2), "serum calcium"),
        (named("كالسيوم", 13.4, "mg/dL", 8.6, 10.2), "serum calcium"),
        (named("Калций", 3.4, "mmol/L", 2.15, 2.55), "serum calcium"),
        (named("Общий кальций", 3.1, "mmol/L", 2.15, 2.55), "serum calcium"),
        (named("혈청 칼슘", 13.4, "mg/dL", 8.6, 10.2), "serum calcium"),
        (named("Ασβέστιο ορού", 9.6, "mg/dL", 8.6, 10.2), "serum calcium"),
        (named("Wapń całkowity w surowicy", 3.1, "mmol/L", 2.15, 2.55), "serum calcium"),
        (named("Calcium;P", 3.1, "mmol/L", 2.15, 2.55), "serum calcium"),
        (named("Kalsium albuminkorrigert", 3.4, "mmol/L", 2.15, 2.51), "albumin-corrected calcium"),
        (named("Calcium (albuminkorrigiert)", 3.4, "mmol/L", 2.15, 2.55), "albumin-corrected calcium"),
        (named("Düzeltilmiş kalsiyum", 11.4, "mg/dL", 8.6, 10.2), "albumin-corrected calcium"),
        (named("Cálcio iônico", 1.6, "mmol/L", 1.15, 1.3), "ionised calcium"),
        (named("Calcium-ion frit (pH=7,4);P", 1.6, "mmol/L", 1.18, 1.32), "ionised calcium"),
        (named("Кальций ионизированный", 1.6, "mmol/L", 1.15, 1.3), "ionised calcium"),
        (named("קריאטינין", 2.8, "mg/dL", 0.5, 0.9), "creatinine"),
        (named("Kreatinin;P", 250, "umol/L", 45, 90), "creatinine"),
        (named("추정사구체여과율", 25, "mL/min/1.73m2", None, None), "reported eGFR"),
        (named("eGFR(krea)", 25, "mL/min/1.73m2", None, None), "reported eGFR"),
        (named("eGFR / 1,73m² (CKD-EPI)", 25, "mL/min/1.73m2", None, None), "reported eGFR"),
        (named("FG estimado CKD-EPI", 25, "mL/min/1.73m2", None, None), "reported eGFR"),
        (named("25-OH ויטמין D", 18, "ng/mL", None, None), "total 25-OH vitamin D"),
        (named("Паратгормон", 9, "pmol/L", None, None), "intact PTH"),
        (named("אלבומין", 4, "g/dL", 3.5, 5.0), "albumin"),
        (named("الفوسفور", 4, "mg/dL", 2.5, 4.5), "phosphate"),
        (named("Hořčík celkový", 0.8, "mmol/L", 0.7, 1.1), "magnesium"),
        (named("Apporto alimentare di calcio stimato", 1400, "mg/die", None, None), "recorded dietary calcium"),
        (named("Πρόσληψη ασβεστίου από τη διατροφή", 350, "mg/d", None, None), "recorded dietary calcium"),
        (named("カルシウム摂取量", 600, "mg/日", None, None), "recorded dietary calcium"),
        (named("Dietary calcium intake", 900, "mg/d", None, None), "recorded dietary calcium"),
    ],
)
def test_a_result_is_read_by_its_name_where_the_range_of_the_laboratory_is_that_of_the_test(
    book: RuleBook, item: Json, term: str
) -> None:
    record = read_record(bundle(patient(), item), book, AS_OF)
    assert set(record.readings) == {term}
    assert "matched-by-name" in {issue.code for issue in record.issues}


@pytest.mark.parametrize(
    "item",
    [
        named("Calcium", 2.3, "mmol/L", None, None),
        named("Calcium", 2.3, "mmol/L", 1.7, 5.3),
        named("Calcium", 1.2, "mmol/L", 1.15, 1.3),
        named("Calcium", 9.4, "mg/dL", 7.5, 10.3),
        named("Calcium", 9.4, "mg/dL", 8.6, 11.7),
        named("Calcium something else", 9.4, "mg/dL", 8.6, 10.3),
        named("Creatinine", 88, "mg/dL", 20, 320),
        named("eGFR", 45, "mL/min", None, None),
        named("eGFR if African American", 70, "mL/min/1.73m2", None, None),
        named("25-OH Vitamin D", 1000, "[iU]", None, None),
        named("Calcium", 9.4, "mg/dL", 8.6, 10.3, code={"coding": [{"system": "http://loinc.org", "code": "99999-9"}],
                                                        "text": "Calcium"}),
    ],
)  # fmt: skip
def test_it_is_said_and_not_read_where_the_range_is_not_or_may_be_that_of_another_test(
    book: RuleBook, item: Json
) -> None:
    record = read_record(bundle(patient(), item), book, AS_OF)
    assert record.readings == {}
    assert "possible-result" in {issue.code for issue in record.issues}


@pytest.mark.parametrize(("low", "high", "is_read"), [(7.6, 11.6, True), (7.5, 11.6, False), (7.6, 11.7, False)])
def test_the_limits_of_the_laboratory_lie_where_the_rulebook_says(
    book: RuleBook, low: float, high: float, is_read: bool
) -> None:
    record = read_record(bundle(patient(), named("Calcium", 9.4, "mg/dL", low, high)), book, AS_OF)
    assert ("serum calcium" in record.readings) is is_read


def test_a_local_code_beside_the_name_does_not_matter(book: RuleBook) -> None:
    item = named("", 14.1, "mg/dL", 8.6, 10.3, code={"coding": [LOCAL], "text": "Calcium"})
    assert evaluated(book, item).outcome == "stop"


def test_a_calcium_that_could_not_be_read_is_the_first_title_and_no_reason_to_go_on(book: RuleBook) -> None:
    found = evaluated(book, named("Calcium", 14.1, "mg/dL", None, None))
    first = cards_of(found)[0]
    assert found.outcome == "insufficient-data"
    shown = "Serum calcium 14.1 mg/dL of 10 Jan 2026 not used: no known code."
    assert first["summary"] == f"{shown} Look at it now; else calcium with albumin is needed."
    assert first["indicator"] == "warning"
    assert "no-stop-for-missing-data" not in {code for said in found.decision.said for code in said.codes}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("      - pg/mL\n      - ng/L\n", "      - pg/ml per day\n      - ng/L\n",
         "terms.intact PTH: 'pg/ml per day', of 'by its name in', is not a unit of it. Write its own unit"),
        ("limits in: 7.6 to 11.6", "limits in: 1.9 to 2.9",
         "terms.serum calcium: the range of 'by its name with limits in' is not inside 'plausible'."),
    ],
)  # fmt: skip
def test_a_unit_or_a_range_by_which_nothing_could_be_read_is_said_with_its_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    folder = Path(shutil.copytree(RULES, tmp_path / "rules"))
    file = folder / "terms" / "measurements.yaml"
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
    with pytest.raises(RulebookError) as caught:
        read_rulebook(folder, FORMULAS)
    (problem,) = caught.value.problems
    assert str(problem).startswith("terms/measurements.yaml:")
    assert said in str(problem)


def test_an_unlisted_code_of_loinc_is_one_also_in_another_spelling_of_its_system(book: RuleBook) -> None:
    code = {"coding": [{"system": "urn:oid:2.16.840.1.113883.6.1", "code": "99999-9"}], "text": "Calcium"}
    record = read_record(bundle(patient(), named("", 9.4, "mg/dL", 8.6, 10.3, code=code)), book, AS_OF)
    assert record.readings == {}


def test_kidney_values_by_their_name_are_compared_like_all_others(book: RuleBook) -> None:
    earlier = {**named("eGFR (CKD-EPI)", 90, "mL/min/1.73m2", None, None), "id": "e", "effectiveDateTime": "2025-12-01"}
    now = named("eGFR (CKD-EPI)", 40, "mL/min/1.73m2", None, None)
    calcium = observation("LOINC 17861-6", 9.4, "mg/dL", identity="c")
    data = bundle(patient(), statement(CARBONATE_500, dosage()), calcium, earlier, now)
    found = evaluate(read_record(data, book, AS_OF), book, AS_OF)
    assert found.state("eGFR fall of 35 %") == 2


OF_SOMETHING_ELSE = ["Кальций в моче", "סידן בשתן", "الكالسيوم في البول", "Ασβέστιο ούρων", "소변 칼슘"]


@pytest.mark.parametrize("text", OF_SOMETHING_ELSE)
def test_calcium_in_urine_is_none_in_blood_in_other_scripts(book: RuleBook, text: str) -> None:
    record = read_record(bundle(patient(), named(text, 2.5, "mmol/L", 2.1, 2.6)), book, AS_OF)
    assert not record.readings
    assert "possible-result" not in {issue.code for issue in record.issues}


@pytest.mark.parametrize("text", ["Apporto alimentare di calcio in gravidanza", "Apport en calcium et vitamine D"])
def test_what_is_eaten_is_never_taken_for_calcium_in_blood(book: RuleBook, text: str) -> None:
    record = read_record(bundle(patient(), named(text, 900, "mg/d", None, None)), book, AS_OF)
    assert not record.readings
    assert not any("serum" in issue.text for issue in record.issues)


def test_food_by_its_name_counts_to_the_total(book: RuleBook) -> None:
    found = evaluated(
        book, observation(CALCIUM, 9.4, "mg/dL"), named("Apporto alimentare di calcio", 1600, "mg/die", None, None)
    )
    total = found.chart.value("total calcium intake")
    assert total is not None
    assert total.value.low == 2100


NORTHERN = {
    "NPU DNK35302": (25, "mL/min/{1.73_m2}", "reported eGFR"),
    "NPU NPU26810": (50, "nmol/L", "total 25-OH vitamin D"),
    "NPU NPU04169": (2.6, "mmol/L", "albumin-corrected calcium"),
}
SYSTEMS_OF_THE_NORTH = ["urn:oid:1.2.752.108.1", "urn:oid:2.16.578.1.12.4.1.1.7280"]


@pytest.mark.parametrize("system", SYSTEMS_OF_THE_NORTH)
def test_sweden_and_norway_have_names_of_their_own_for_the_same_codes(book: RuleBook, system: str) -> None:
    item = {**observation(CALCIUM, 2.3, "mmol/L"), "code": {"coding": [{"system": system, "code": "NPU01443"}]}}
    assert set(read_record(bundle(patient(), item), book, AS_OF).readings) == {"serum calcium"}


@pytest.mark.parametrize("code", NORTHERN)
def test_codes_of_the_north_are_read(book: RuleBook, code: str) -> None:
    value, unit, term = NORTHERN[code]
    assert set(read_record(bundle(patient(), observation(code, value, unit)), book, AS_OF).readings) == {term}


def scored(text: str, **value: object) -> Json:
    item = {key: part for key, part in named(text, 0, "", None, None).items() if key != "valueQuantity"}
    return {**item, **value}


@pytest.mark.parametrize(
    "value", [{"valueString": "410"}, {"valueInteger": 410}, {"valueQuantity": {"value": 410}}], ids=str
)
@pytest.mark.parametrize("text", ["Koronarkalk (Agatston-Score)", "Coronary calcium score", "冠動脈石灰化スコア"])
def test_a_score_is_read_by_a_name_that_nothing_else_has(book: RuleBook, text: str, value: Json) -> None:
    found = read_record(bundle(patient(), scored(text, **value)), book, AS_OF).readings
    assert [reading.value.low for reading in found["coronary calcium score"]] == [410]


@pytest.mark.parametrize("text", ["Koronarkalk", "Coronary calcification", "Agatston score LAD"])
def test_a_grade_and_the_score_of_one_artery_are_not_the_score(book: RuleBook, text: str) -> None:
    assert not read_record(bundle(patient(), scored(text, valueInteger=3)), book, AS_OF).readings
