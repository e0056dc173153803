"""A naive reader of its own finds nothing in any record that is neither used nor said by the product."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from naive_reader import hints, kinds, names, resources_in
from people import AS_OF, CALCIUM, bundle, condition, observation, patient, request, resource, statement
from published import TODAY, Case, bundles, generated, labelled, published, samples, specified, with_a_patient
from what_was_said import Lost, lost_in, rules

from cds.errors import CdsError
from cds.intake.reading import read_record
from cds.rulebook.model import RuleBook

Json = dict[str, Any]


def lost(cases: Iterable[Case], book: RuleBook) -> Iterator[tuple[str, Lost]]:
    """What the naive reader misses; what is refused as a whole is said as a whole."""
    for case in cases:
        data = with_a_patient(case.data)
        try:
            record = read_record(data, book, case.day)
        except CdsError:
            continue
        for item in lost_in(data, record, book):
            yield case.name, item


def test_nothing_of_the_labelled_patients_and_samples_is_lost(book: RuleBook) -> None:
    assert list(lost(chain(labelled(), samples()), book)) == []


def test_nothing_of_the_records_of_many_countries_is_lost(book: RuleBook, shared: Path) -> None:
    data = shared / "data"
    assert list(lost(chain(*(bundles(data / name, "*.json", TODAY) for name in ("ips", "odd", "world"))), book)) == []


@pytest.mark.slow
def test_nothing_of_all_published_records_is_lost(book: RuleBook, shared: Path) -> None:
    assert list(lost(chain(published(shared), specified(shared)), book)) == []


@pytest.mark.slow
def test_nothing_of_generated_records_is_lost(book: RuleBook) -> None:
    cases = list(generated())
    if not cases:
        pytest.skip("no generated records; ../shared/data/world/GENERATORS.md says how to make them")
    assert list(lost(cases, book)) == []


PLANTED = {
    "a salt in German": (statement("", text="Calciumcarbonat 500 mg Kautabletten"), "calcium product"),
    "a brand of Switzerland": (statement("", text="CALCIMAGON D3 Kautabl"), "calcium product"),
    "a name in Chinese": (request("", text="碳酸钙D3片 600mg"), "calcium product"),
    "a name in Japanese": (request("", text="ワルファリンK錠1mg"), "vitamin K antagonist"),
    "an ATC code under any system": (
        {**statement(""), "medicationCodeableConcept": {"coding": [{"system": "urn:oid:1.2", "code": "C03AA03"}]}},
        "thiazide",
    ),
    "a result by text in French": (
        {**observation("", 2.9, "mmol/L"), "code": {"text": "Calcémie totale"}}, "serum calcium",
    ),
    "a diagnosis in Italian": (condition("", "Iperparatiroidismo primario"), "calcium disorder"),
    "an ICD-10 code without a dot": (
        {**condition(), "code": {"coding": [{"system": "http://fhir.de/CodeSystem/bfarm/icd-10-gm", "code": "N184"}]}},
        "kidney",
    ),
    "a conclusion": (
        resource("DiagnosticReport", "d", status="final", code={"text": "CT"}, conclusion="Agatston-Score 420."),
        "calcium score",
    ),
    "an ingredient": (
        resource("Medication", "i", ingredient=[{"itemCodeableConcept": {"text": "colecalciferol"}}]), "vitamin D",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_the_naive_reader_sees(name: str) -> None:
    item, about = PLANTED[name]
    assert about in {hint.kind.name for hint in hints(item)}


@pytest.mark.parametrize(
    "text", ["Calcitriol 0.25 mcg", "Amlodipine 5 mg", "Sertralin", "Calcipotriol Salbe", "クラリスロマイシン錠"]
)
def test_the_naive_reader_takes_no_other_medicine_for_a_calcium_product(text: str) -> None:
    assert "calcium product" not in {hint.kind.name for hint in hints(statement("", text=text))}


CODED: dict[str, Json | None] = {
    "without a code": None,
    "beside a code of the house": {"system": "https://hospital.example/codes", "code": "A-7"},
    "beside a code of SNOMED CT that is in no value set": {"system": "http://snomed.info/sct", "code": "999000011000"},
    "beside a LOINC code that is in no value set": {"system": "http://loinc.org", "code": "99999-1"},
}
"""What may stand beside a name."""


UNSPECIFIC = (
    "niereninsuffizienz", "insuffisance rénale", "insufficienza renale", "insuficiencia renal", "腎不全",
    "nierinsufficiëntie", "nyresvikt", "njursvikt", "munuaisten vajaatoiminta",
)  # fmt: skip
"""Failing kidneys, acute or chronic: a code beside such a name says which, and may make it something else."""


def named(group: str, name: str, coding: Json | None) -> Json:
    """A resource of a group that is about something by this name."""
    concept: Json = {"text": name, **({"coding": [coding]} if coding else {})}
    if group == "medicine":
        return {**statement(""), "medicationCodeableConcept": concept}
    if group == "condition":
        return {**condition(), "code": concept}
    return {**observation("", 5, "mmol/L"), "code": concept}


@pytest.mark.parametrize("group", ["medicine", "condition", "result"])
@pytest.mark.parametrize("coding", CODED)
def test_no_name_of_ours_is_passed_over(book: RuleBook, group: str, coding: str) -> None:
    """Each name of the naive reader, in any language: used, or said not to be understood."""
    lost_names = []
    for kind, name in names(group):
        if CODED[coding] and name.lower() in UNSPECIFIC:
            continue
        data = bundle(patient(), named(group, name, CODED[coding]))
        record = read_record(data, book, AS_OF)
        if kind in {item.about for item in lost_in(data, record, book)}:
            lost_names.append(f"{kind}: {name}")
    assert lost_names == []


def test_what_a_product_forgets_is_found(book: RuleBook) -> None:
    """A record that says of its resources that they are about something else is caught."""
    data = bundle(patient(), observation(CALCIUM, 11.6, "mg/dL"), statement(), condition("SNOMED 64859006"))
    record = read_record(data, book, AS_OF)
    assert list(lost_in(data, record, book)) == []
    record.readings, record.products, record.courses, record.mentions, record.used = {}, [], {}, {}, []
    assert {item.about for item in lost_in(data, record, book)} == {"serum calcium", "calcium product", "osteoporosis"}


def test_each_kind_of_the_naive_reader_is_about_a_term_of_the_rulebook(book: RuleBook) -> None:
    known = book.terms.keys() | book.products.nutrients.keys()
    assert [kind.name for kind in kinds() if not known & set(kind.terms)] == []


def test_the_list_of_what_is_rightly_ignored_is_short_and_gives_reasons() -> None:
    assert len(rules()) <= 25
    assert all(len(rule.why.split()) >= 4 for rule in rules())


def test_the_resources_of_bundles_in_bundles_are_looked_at() -> None:
    inner = bundle(patient(), statement("", text="Calcium"))
    found = list(resources_in({"resourceType": "Bundle", "entry": [{"resource": inner}]}))
    assert [item["resourceType"] for item in found] == ["Patient", "MedicationStatement"]
    assert json.dumps(found)
