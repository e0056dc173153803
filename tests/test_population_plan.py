"""What the plan of an export asks for, how it asks, and what it says that it gives up."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from click.testing import CliRunner
from export_filter import RefusedError, satisfies, sent
from exported import END_OF_DATA, changed, exported
from people import AS_OF, SUBJECT, bundle, concept, observation, patient, resource

from cds.bookshelf import open_rulebook
from cds.bulk.plan import Plan, coded_plan, wide_plan
from cds.bulk.planned_request import LONGEST_URL, Parameter, fetched, fitting, parameters_of, posted
from cds.bulk.searches import Search
from cds.cli import app
from cds.intake.bundles.bundle import READ
from cds.intake.elsewhere import LOOKED_AT
from cds.intake.passed_over import TYPES_NOT_READ
from cds.rulebook.model import Condition, Measurement, RuleBook

HERE = Path(__file__).resolve().parent
Json = dict[str, Any]


@pytest.fixture(scope="module")
def plans(book: RuleBook) -> dict[str, Plan]:
    return {"default": coded_plan(book, END_OF_DATA), "wide": wide_plan()}


def test_every_code_of_the_rulebook_by_which_a_result_is_known_is_asked_for(book: RuleBook) -> None:
    plan = coded_plan(book, END_OF_DATA)
    terms = [term for term in book.terms.values() if isinstance(term, (Measurement, Condition))]
    listed = [
        code
        for term in terms
        for code in ((*term.codes, *term.refused) if isinstance(term, Measurement) else term.observations)
    ]
    coded = [{"coding": [{"system": code.system, "code": code.code}]} for code in listed]
    alone = [resource("Observation", "o", code=code) for code in coded]
    inside = [resource("Observation", "o", code=concept(text="panel"), component=[{"code": code}]) for code in coded]
    assert len(list(sent([*alone, *inside], parameters_of(plan)))) == 2 * len(listed) > 300


def test_what_stands_as_a_value_is_asked_for_by_the_codes_of_conditions(book: RuleBook) -> None:
    plan = coded_plan(book, END_OF_DATA)
    conditions = [term for term in book.terms.values() if isinstance(term, Condition)]
    codes = [code for term in conditions for code in (*term.codes, *term.wider)]
    found = [
        resource("Observation", "o", code=concept(text="risk"), valueCodeableConcept={"coding": [{"code": code.code}]})
        for code in codes
    ]
    assert list(sent(found, parameters_of(plan))) == found


def test_a_code_that_an_overlay_adds_is_asked_for(book: RuleBook) -> None:
    with_overlay = open_rulebook(HERE.parent / "rules", HERE / "hospital")
    local = resource("Observation", "o", code={"coding": [{"system": "https://hospital.example/lab", "code": "CA"}]})
    assert list(sent([local], parameters_of(coded_plan(with_overlay, END_OF_DATA)))) == [local]
    assert list(sent([local], parameters_of(coded_plan(book, END_OF_DATA)))) == []


def test_every_type_that_can_change_an_answer_is_asked_for(plans: dict[str, Plan]) -> None:
    wanted = {*READ, *LOOKED_AT, "DiagnosticReport", *TYPES_NOT_READ} - {"Parameters"}
    assert [{asked.type for asked in plan.asked} for plan in plans.values()] == [wanted, wanted]


@pytest.mark.parametrize("kind", ["Condition", "MedicationStatement", "MedicationRequest", "Procedure"])
def test_what_nobody_understands_is_sent_of_the_types_of_which_it_is_not_absent(
    kind: str, plans: dict[str, Plan]
) -> None:
    unknown = [resource(kind, "x"), resource(kind, "y", status="stopped", code=concept(text="Unheard of"))]
    assert [list(sent(unknown, parameters_of(plan))) for plan in plans.values()] == [unknown, unknown]


@pytest.mark.parametrize(
    ("found", "is_sent"),
    [
        (resource("Encounter", "e", status="finished", period={"end": "2020-06-01"}), True),
        (resource("Encounter", "e", status="finished", period={"start": "2012-06-01"}), True),
        (resource("Encounter", "e", status="finished", period={"end": "2020-05-28"}), False),
        (resource("Encounter", "e", status="in-progress"), True),
        (resource("CarePlan", "c", status="active"), True),
        (resource("CarePlan", "c", status="completed"), False),
        (resource("Immunization", "i", occurrenceDateTime="2021"), True),
        (resource("Immunization", "i", occurrenceDateTime="2019"), False),
    ],
)
def test_what_speaks_of_its_own_time_is_asked_for_by_its_time(
    found: Json, is_sent: bool, plans: dict[str, Plan]
) -> None:
    assert list(sent([found], parameters_of(plans["default"]))) == [found] * is_sent


def test_an_old_result_is_asked_for_because_a_card_speaks_of_it(book: RuleBook) -> None:
    data = bundle(patient(), observation("LOINC 2731-8", 40, "pg/mL", "2003-01-10"))
    assert exported(data, coded_plan(book, END_OF_DATA)) == data


def concerning(kind: str, **parts: Any) -> Json:
    return resource(kind, "x", subject=SUBJECT, **parts)


CALCIUM_HIGH = {"value": 12.4, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"}
INSIDE = {"resourceType": "Observation", "id": "in", "status": "final", "code": concept("LOINC 17861-6")}
PANEL = {
    "code": concept("LOINC 24323-8"),
    "contained": [{**INSIDE, "valueQuantity": CALCIUM_HIGH}],
    "hasMember": [{"reference": "#in"}],
}
PAST = {"status": "finished", "reasonCode": [concept("SNOMED 64859006", "Osteoporosis")]}
GIVEN = {"medicationCodeableConcept": concept(text="Prolia 60 mg"), "effectiveDateTime": "2015-01-10"}


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        (0, concerning("Observation", status="final", code=concept(text="Calcium"), valueQuantity=CALCIUM_HIGH)),
        (1, concerning("Observation", code=concept(text="ASSERTION"), valueCodeableConcept=concept("ICD-10 E11.9"))),
        (2, concerning("Observation", status="final", effectiveDateTime="2026-01-10", **PANEL)),
        (3, concerning("Encounter", **PAST)),
        (4, concerning("MedicationAdministration", status="completed", **GIVEN)),
    ],
)
def test_each_sentence_about_what_is_given_up_is_about_something_that_the_wide_plan_keeps(
    sentence: int, found: Json, book: RuleBook
) -> None:
    data, default = bundle(patient(), found), coded_plan(book, AS_OF)
    assert changed(data, default, book, AS_OF)
    assert changed(data, wide_plan(), book, AS_OF) == set()
    assert len(default.gives_up) == 6
    assert default.gives_up[sentence] not in wide_plan().gives_up


def test_every_search_stands_whole_in_a_parameter_of_its_own(plans: dict[str, Plan]) -> None:
    listed = parameters_of(plans["default"])
    request = fetched(plans["default"], "https://fhir.example.org/r4")
    assert [name for name, _ in listed] == ["_type", *["_typeFilter"] * (len(listed) - 1)]
    assert parse_qsl(urlsplit(request.url).query) == [tuple(parameter) for parameter in listed]
    raw = [pair.partition("=")[2] for pair in urlsplit(request.url).query.split("&")[1:]]
    assert not [value for value in raw if set(value) & set(",?=&|$")]


def test_a_long_url_is_posted_and_a_short_one_is_not(plans: dict[str, Plan]) -> None:
    long, short = (fitting(plans[name], "https://fhir.example.org/r4/") for name in ("default", "wide"))
    assert (long.method, long.url) == ("POST", "https://fhir.example.org/r4/Patient/$export")
    assert (short.method, len(short.url) < LONGEST_URL, short.body) == ("GET", True, {})
    listed = [Parameter(each["name"], each["valueString"]) for each in long.body["parameter"]]
    assert (long.body["resourceType"], tuple(listed)) == ("Parameters", parameters_of(plans["default"]))
    assert posted(plans["wide"], "https://fhir.example.org/r4").method == "POST"


def test_a_group_is_exported_where_the_base_names_one(plans: dict[str, Plan]) -> None:
    request = posted(plans["wide"], "https://fhir.example.org/r4/Group/7")
    assert request.url == "https://fhir.example.org/r4/Group/7/$export"


def test_for_a_server_that_splits_at_every_comma_no_search_holds_one(plans: dict[str, Plan]) -> None:
    apart = parameters_of(plans["default"].apart())
    assert not [value for name, value in apart if name == "_typeFilter" and "," in value]
    assert len(apart) > len(parameters_of(plans["default"]))


def test_what_a_search_value_holds_is_no_separator() -> None:
    search = str(Search("Observation", "combo-code", ("a,b", "c|d", "e")))
    found = resource("Observation", "o", code={"coding": [{"code": "a,b"}]})
    assert search == "Observation?combo-code=a\\,b,c\\|d,e"
    assert satisfies(found, search)
    assert not satisfies(resource("Observation", "o", code={"coding": [{"code": "b"}]}), search)


def test_the_server_of_these_tests_refuses_what_it_does_not_know() -> None:
    with pytest.raises(RefusedError):
        list(sent([patient()], [("_type", "Patient"), ("_typeFilter", "Patient?name:missing=true")]))


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., str]:
    def ask(*words: str) -> str:
        rules = ["--rules", str(HERE.parent / "rules"), "--as-of", "2021-06-01"]
        done = CliRunner().invoke(app, ["population", "plan", *rules, *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    return ask


def test_the_command_prints_the_request_and_what_is_given_up(run: Callable[..., str], plans: dict[str, Plan]) -> None:
    printed = json.loads(run("--json", "--base", "https://fhir.example.org/r4"))
    assert [tuple(each.values()) for each in printed["parameters"]] == list(parameters_of(plans["default"]))
    assert printed["givesUp"] == list(plans["default"].gives_up)
    assert (printed["method"], printed["url"]) == ("POST", "https://fhir.example.org/r4/Patient/$export")
    assert printed["body"]["resourceType"] == "Parameters"
    said = run()
    assert all(sentence in said for sentence in plans["default"].gives_up)
    assert "Condition, all of it: " in said


def test_the_wide_plan_asks_for_types_alone(run: Callable[..., str]) -> None:
    printed = json.loads(run("--json", "--wide"))
    assert ([each["name"] for each in printed["parameters"]], printed["body"]) == (["_type"], None)
    assert len(printed["givesUp"]) == 1
    assert run("--wide").startswith("GET [base]/Patient/$export?_type=Patient,Observation,")
    assert run("--wide", "--post").startswith("POST [base]/Patient/$export\n")
