"""A result that the laboratory replaced is not used; a preliminary one that nothing replaced is, and that is said."""

from __future__ import annotations

from typing import Any

import pytest
from people import (
    AS_OF,
    CALCIUM,
    CARBONATE_500,
    Json,
    bundle,
    codes_of,
    concept,
    dosage,
    observation,
    patient,
    quantity,
    resource,
)
from people import statement as taken

from cds.evaluation import Evaluation, evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

MORNING, NOON = "2026-01-10T08:00:00Z", "2026-01-10T12:00:00Z"
REPLACES = "http://hl7.org/fhir/StructureDefinition/observation-replaces"
LABORATORY = {"identifier": [{"system": "http://lab.example/accession", "value": "A-77"}]}
TUBE = {"specimen": {"reference": "Specimen/7"}}


def calcium(value: float, status: str, identity: str, day: str = MORNING, **more: Any) -> Json:
    return observation(CALCIUM, value, "mg/dL", day, identity, status=status, **more)


def answer(book: RuleBook, *results: Json) -> Evaluation:
    who = bundle(patient(), taken(CARBONATE_500, dosage()), *results)
    return evaluate(read_record(who, book, AS_OF), book, AS_OF)


def used(book: RuleBook, *results: Json) -> list[float]:
    """The values of calcium that count, and the issue codes beside them are those of the record."""
    return sorted(r.value.low for r in answer(book, *results).chart.record.readings.get("serum calcium", ()))


def issues(book: RuleBook, *results: Json) -> set[str]:
    return codes_of(answer(book, *results).chart.record) & {"preliminary-result", "replaced-result", "same-id-twice"}


@pytest.mark.parametrize("status", ["final", "amended", "corrected"])
@pytest.mark.parametrize("first", [True, False])
def test_a_preliminary_result_of_the_same_specimen_is_replaced(book: RuleBook, status: str, *, first: bool) -> None:
    old, new = calcium(13.4, "preliminary", "old"), calcium(9.4, status, "new")
    found = answer(book, *((old, new) if first else (new, old)))

    assert found.outcome != "stop"
    assert used(book, old, new) == [9.4]
    assert [i["source"] for i in result_of(found)["issues"] if i["code"] == "replaced-result"] == ["Observation/old"]
    assert issues(book, old, new) == {"replaced-result"}


def test_a_preliminary_result_alone_counts_and_that_is_said(book: RuleBook) -> None:
    alone = calcium(13.4, "preliminary", "old")

    assert answer(book, alone).outcome == "stop"
    assert issues(book, alone) == {"preliminary-result"}


def test_a_preliminary_result_of_another_time_stays(book: RuleBook) -> None:
    results = calcium(13.4, "preliminary", "old", NOON), calcium(9.4, "final", "new")

    assert used(book, *results) == [9.4, 13.4]
    assert issues(book, *results) == {"preliminary-result"}


@pytest.mark.parametrize(
    ("old", "new", "replaced"),
    [
        ("2026-01-10", "2026-01-10", True), (MORNING, "2026-01-10T09:00:00+01:00", True),
        (MORNING, "2026-01-10T08:00:00+01:00", False), ("2026-01-10", MORNING, False), (MORNING, "2026-01-10", False),
        ("2026-01-09", "2026-01-10", False), ("2026-01-10T08:01:00Z", MORNING, False),
    ],
)  # fmt: skip
def test_the_same_time_is_the_same_specimen(book: RuleBook, old: str, new: str, *, replaced: bool) -> None:
    results = calcium(13.4, "preliminary", "old", old), calcium(9.4, "final", "new", new)

    assert used(book, *results) == ([9.4] if replaced else [9.4, 13.4])


@pytest.mark.parametrize("mark", [LABORATORY, TUBE])
@pytest.mark.parametrize(("old", "new", "replaced"), [(MORNING, NOON, True), (NOON, MORNING, False)])
def test_a_common_specimen_or_identifier_tells_the_same_specimen_unless_it_was_drawn_later(
    book: RuleBook, mark: Json, old: str, new: str, *, replaced: bool
) -> None:
    results = calcium(13.4, "preliminary", "old", old, **mark), calcium(9.4, "final", "new", new, **mark)

    assert used(book, *results) == ([9.4] if replaced else [9.4, 13.4])


def test_two_tubes_of_one_time_are_two_specimens(book: RuleBook) -> None:
    other = {"specimen": {"reference": "Specimen/8"}}

    assert used(book, calcium(13.4, "preliminary", "old", **TUBE), calcium(9.4, "final", "new", **other)) == [9.4, 13.4]


def test_another_test_of_the_same_time_replaces_nothing(book: RuleBook) -> None:
    albumin = observation("LOINC 1751-7", 4, "g/dL", MORNING, "albumin")

    assert used(book, calcium(13.4, "preliminary", "old"), albumin) == [13.4]


def test_a_final_result_that_cannot_be_read_leaves_the_preliminary_one(book: RuleBook) -> None:
    unreadable = calcium(2.35, "final", "new", valueQuantity={"value": 2.35})

    assert used(book, calcium(13.4, "preliminary", "old"), unreadable) == [13.4]


def test_a_panel_replaces_the_preliminary_results_that_it_holds_again(book: RuleBook) -> None:
    panel = resource("Observation", "panel", status="final", code=concept(text="panel"), effectiveDateTime=MORNING,
                     subject={"reference": "Patient/p"},
                     component=[{"code": concept(CALCIUM), "valueQuantity": quantity(9.4, "mg/dL")}])  # fmt: skip

    assert used(book, calcium(13.4, "preliminary", "old"), panel) == [9.4]


@pytest.mark.parametrize("status", ["amended", "corrected"])
def test_a_corrected_result_replaces_the_final_one_of_its_specimen(book: RuleBook, status: str) -> None:
    results = calcium(13.4, "final", "old"), calcium(9.4, status, "new")

    assert used(book, *results) == [9.4]
    assert answer(book, *results).outcome != "stop"
    assert issues(book, *results) == {"replaced-result"}


def test_where_only_the_day_is_known_a_corrected_result_does_not_hide_a_final_one(book: RuleBook) -> None:
    day = "2026-01-10"
    results = calcium(13.4, "final", "old", day), calcium(9.4, "corrected", "new", day)

    assert used(book, *results) == [9.4, 13.4]
    assert answer(book, *results).outcome == "stop"
    assert used(book, *(result | TUBE for result in results)) == [9.4]


def test_two_final_results_of_one_time_both_stay(book: RuleBook) -> None:
    assert used(book, calcium(13.4, "final", "old"), calcium(9.4, "final", "new")) == [9.4, 13.4]


def test_a_result_that_says_what_it_replaces_is_believed(book: RuleBook) -> None:
    says = {"extension": [{"url": REPLACES, "valueReference": {"reference": "Observation/old"}}]}

    assert used(book, calcium(13.4, "final", "old", NOON), calcium(9.4, "final", "new", **says)) == [9.4]


@pytest.mark.parametrize("first", [True, False])
def test_of_two_versions_of_one_result_the_newer_counts(book: RuleBook, *, first: bool) -> None:
    old = calcium(13.4, "preliminary", "ca", meta={"versionId": "1", "lastUpdated": "2026-01-10T09:00:00Z"})
    new = calcium(9.4, "final", "ca", meta={"versionId": "2", "lastUpdated": "2026-01-10T10:30:00+01:00"})
    results = (old, new) if first else (new, old)

    assert used(book, *results) == [9.4]
    assert issues(book, *results) == {"same-id-twice"}


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("statuses", [("preliminary", "final"), ("final", "corrected"), ("registered", "preliminary")])
def test_of_two_versions_without_a_version_the_one_with_the_later_status_counts(
    book: RuleBook, statuses: tuple[str, str], *, first: bool
) -> None:
    old, new = (calcium(v, s, "ca") for v, s in zip((13.4, 9.4), statuses, strict=True))

    assert used(book, *((old, new) if first else (new, old))) == [9.4]


def test_a_preliminary_answer_is_replaced_by_the_final_one(book: RuleBook) -> None:
    def asked(code: str, status: str, identity: str) -> Json:
        question = observation("LOINC 82810-3", 0, "", MORNING, identity, status=status, valueQuantity=None)
        return {**question, "valueCodeableConcept": concept(code)}

    pregnant, not_pregnant = asked("SNOMED 77386006", "preliminary", "old"), asked("SNOMED 60001007", "final", "new")

    assert answer(book, pregnant).decision.decided_by == "SCOPE-02"
    assert answer(book, pregnant, not_pregnant).decision.decided_by != "SCOPE-02"
