"""Bone metastases, operations and the like in the words of problem lists: named anywhere, or by two words together."""

from __future__ import annotations

import pytest
from people import AS_OF, condition, read

from cds.facts.chart import chart_of
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.lines import words_near_line
from cds.rulebook.model import RuleBook, WordsNear

CANCER, BYPASS = "malignancy with calcium risk", "malabsorption or bariatric surgery"


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")]


def state(book: RuleBook, term: str, text: str, code: str = "") -> State:
    """The strongest mention of a term; absent where there is none."""
    return max((each.state for each in read(book, condition(code, text)).mentions.get(term, ())), default=ABSENT)


SAID = """
    Metastatic breast cancer to bone
    Prostate cancer with metastases to spine
    Bones, multiple sites, metastatic
    Lung cancer with bone and brain metastases
    Carcinoma of breast, osseous metastases since 2024
    Breast cancer, metastatic (bone, liver)
    Prostate cancer with bone mets
"""


@pytest.mark.parametrize("text", lines(SAID))
def test_metastases_of_bone_are_read_in_words_near_each_other(book: RuleBook, text: str) -> None:
    assert state(book, CANCER, text) is PRESENT


NOT_SAID = """
    bone scan negative for metastases
    No evidence of metastatic disease in bone
    Metastatic lung cancer, no bone involvement
    Bone metastases, ruled out
    Metastatic melanoma; bone pain of the knee
    Metastatic cancer of the colon, seen by the very same clinic that treats her brittle bones
    Family history of metastatic cancer of bone
    Mother with multiple myeloma
    Metastatic lung cancer (no bone involvement)
"""


@pytest.mark.parametrize("text", lines(NOT_SAID))
def test_a_clause_that_denies_it_or_sets_the_words_far_apart_does_not_say_it(book: RuleBook, text: str) -> None:
    assert state(book, CANCER, text) is ABSENT


@pytest.mark.parametrize("text", ["Suspicious for bone metastases", "Rule out multiple myeloma",
                                  "Possible metastases of the spine", "History of multiple myeloma"])  # fmt: skip
def test_what_is_only_suspected_is_a_question(book: RuleBook, text: str) -> None:
    assert state(book, CANCER, text) is UNKNOWN


@pytest.mark.parametrize(("code", "expected"), [
    ("ICD-10-CM C79.52", PRESENT), ("ICD-10-CM C90.10", PRESENT), ("SNOMED 866087009", PRESENT),
    ("ICD-10-CM C88.4", ABSENT), ("SNOMED 314990009", ABSENT), ("SNOMED 94600009", ABSENT),
])  # fmt: skip
def test_the_codes_of_plasma_cells_and_of_bone_count_and_their_neighbours_do_not(
    book: RuleBook, code: str, expected: State
) -> None:
    assert state(book, CANCER, "", code) is expected


@pytest.mark.parametrize(("text", "expected"), [
    ("Status post gastric bypass", PRESENT), ("history of sleeve gastrectomy", PRESENT),
    ("Obesity, status post Roux-en-Y gastric bypass 2015", PRESENT),
    ("Vitamin B12 deficiency after gastric bypass", PRESENT), ("Hx of bariatric surgery elsewhere", PRESENT),
    ("Contemplating a gastric bypass", ABSENT), ("no gastric bypass", ABSENT),
    ("Candidate for gastric bypass", ABSENT), ("Reversal of gastric bypass", ABSENT),
    ("history of celiac disease in infancy, disproven", UNKNOWN),
])  # fmt: skip
def test_an_operation_stays_done_and_one_that_is_planned_is_none(book: RuleBook, text: str, expected: State) -> None:
    assert state(book, BYPASS, text) is expected


def test_a_code_that_leaves_it_open_is_not_settled_by_words(book: RuleBook) -> None:
    assert state(book, "hip fracture", "Pathological fracture of neck of femur", "SNOMED 409666003") is UNKNOWN


@pytest.mark.parametrize(("code", "term"), [
    ("ICD-10-CM E84.9", "fat malabsorption, liver disease or transplant"),
    ("ICD-10-CM S72.001D", "hip fracture"), ("ICD-10-CM M48.54XA", "collapsed vertebra"),
    ("ICD-10-CM S22.080A", "spine fracture of unknown force"), ("ICD-10-CM Z87.310", "fragility fracture"),
    ("ICD-10-CM I21.4", "infarction or stroke"),
])  # fmt: skip
def test_flags_are_read_by_their_codes_also_when_they_are_over(book: RuleBook, code: str, term: str) -> None:
    assert state(book, term, "", code) is PRESENT
    over = read(book, condition(code, clinical="resolved")).mentions.get(term, [])
    lasts = term != "fat malabsorption, liver disease or transplant"
    assert bool(over) is lasts


@pytest.mark.parametrize("code", ["ICD-10-CM K83.09", "ICD-10-CM K90.41"])
def test_neighbours_of_fat_malabsorption_flag_nothing(book: RuleBook, code: str) -> None:
    assert read(book, condition(code)).mentions == {}


AGES = [("1975-03-01", "2025-02-28", ABSENT), ("1975-03-01", "2025-03-01", PRESENT), ("1975", "2025-03-01", UNKNOWN),
        ("1975-03-01", "2025", UNKNOWN), ("1970", "2025", PRESENT), ("1980", "2025", ABSENT)]  # fmt: skip


@pytest.mark.parametrize(("born", "broken", "expected"), AGES)
def test_the_age_at_a_fracture_is_that_of_its_onset(book: RuleBook, born: str, broken: str, expected: State) -> None:
    people = {"resourceType": "Patient", "id": "p", "birthDate": born}
    hip = condition("ICD-10-CM S72.001A", onsetDateTime=broken, clinical="resolved")
    record = read(book, people, hip, with_patient=False)
    assert chart_of(record, book, AS_OF).state("hip fracture from 50 years of age") is expected


def test_a_fracture_without_a_day_or_a_birth_is_unknown(book: RuleBook) -> None:
    name = "hip fracture from 50 years of age"
    assert chart_of(read(book, condition("ICD-10-CM S72.001A")), book, AS_OF).state(name) is UNKNOWN
    unborn = {"resourceType": "Patient", "id": "p"}
    dated = read(book, unborn, condition("ICD-10-CM S72.001A", onsetDateTime="2020-01-01"), with_patient=False)
    assert chart_of(dated, book, AS_OF).state(name) is UNKNOWN


def test_a_line_of_words_near_each_other_is_read_and_another_is_none() -> None:
    assert words_near_line("one, two within 6 words of three") == WordsNear(("one", "two"), 6, ("three",))
    assert words_near_line("one near two") is None
