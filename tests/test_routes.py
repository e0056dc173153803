"""By mouth, by injection or local: what is not by mouth does not count in the gut, and what is not understood may."""

from __future__ import annotations

from typing import Any

import pytest
from people import CARBONATE_500, Json, codes_of, concept, dosage, read, request, resource, statement

from cds.code_systems import SYSTEMS
from cds.intake.record import Record
from cds.rulebook.model import RuleBook

QUINOLONE, PREDNISOLONE, DENOSUMAB = "RxNorm 2551", "RxNorm 8638", "RxNorm 993449"
EDQM = "http://standardterms.edqm.eu"


def snomed(code: str, display: str = "") -> Json:
    return {"coding": [{"system": SYSTEMS["SNOMED"], "code": code, **({"display": display} if display else {})}]}


def edqm(code: str) -> Json:
    return {"coding": [{"system": EDQM, "code": code}]}


def word(text: str) -> Json:
    return {"text": text}


def given(book: RuleBook, code: str, route: Json | None = None, name: str = "", **more: Any) -> Record:
    dose = dosage(1, **({"route": route} if route else {}), **more)
    return read(book, statement(code, dose, text=name))


def states(record: Record, term: str = "") -> str:
    """The state of the first course of a term, or of the product, with a mark where the route is not understood."""
    found = record.courses.get(term, []) if term else record.products
    return (found[0].state.word if found else "absent") + ("?" if "route-unclear" in codes_of(record) else "")


BY_MOUTH = [
    None, {}, word("oral"), word("Oral route"), word("PO"), word("p.o."), word("by mouth"), word("ORAL"),
    word("per os"),
    snomed("26643006"), snomed("37839007"), snomed("127492001"), edqm("20053000"), edqm("20067000"), edqm("20013500"),
    snomed("26643006", "zum Einnehmen"), {"coding": [{"code": "PO"}]}, word("nasogastric tube"), word("Enteral"),
    {**edqm("20053000"), "text": "zum Einnehmen"},
]  # fmt: skip
ELSEWHERE = [
    snomed("37161004"), snomed("37161004", "Rectal route"), word("rectal"), word("Per rectum"), word("PR"),
    word("p.r."), edqm("20061000"), snomed("16857009"), word("vaginal"), edqm("20072000"), word("Inhalation"),
    word("oral inhalation"),
    edqm("20020000"), snomed("6064005"), word("topical"), snomed("54485002"), word("ophthalmic"), edqm("20051000"),
    word("nasal"), snomed("10547007"), word("otic"), {"coding": [{"code": "IH"}]},
]  # fmt: skip
INJECTED = [
    snomed("47625008"), snomed("78421000"), snomed("34206005"), edqm("20045000"), edqm("20035000"), edqm("20066000"),
    word("intravenous"), word("IV"), word("i.m."), word("subcutaneous injection"), word("parenteral"),
]  # fmt: skip
ODD = [
    word("wie besprochen"),
    snomed("447964005"),
    {"coding": [{"code": "X9"}]},
    word("oral or rectal"),
    word("as taught"),
]


@pytest.mark.parametrize("route", BY_MOUTH)
def test_what_is_taken_by_mouth_counts(book: RuleBook, route: Json | None) -> None:
    assert states(given(book, CARBONATE_500, route)) == "present"
    assert states(given(book, QUINOLONE, route), "quinolone") == "present"


@pytest.mark.parametrize("route", ELSEWHERE)
def test_what_goes_to_a_place_is_not_by_mouth_and_not_systemic(book: RuleBook, route: Json) -> None:
    assert states(given(book, CARBONATE_500, route)) == "absent"
    assert states(given(book, QUINOLONE, route), "quinolone") == "absent"
    assert states(given(book, PREDNISOLONE, route)) == "absent"


@pytest.mark.parametrize("route", INJECTED)
def test_what_is_injected_is_systemic_and_not_by_mouth(book: RuleBook, route: Json) -> None:
    assert states(given(book, QUINOLONE, route), "quinolone") == "absent"
    assert states(given(book, PREDNISOLONE, route)) == "present"
    assert states(given(book, DENOSUMAB, route), "denosumab") == "present"


@pytest.mark.parametrize("route", ODD)
def test_a_route_that_is_not_understood_is_neither_by_mouth_nor_not(book: RuleBook, route: Json) -> None:
    assert states(given(book, CARBONATE_500, route)) == "unknown?"
    assert states(given(book, QUINOLONE, route), "quinolone") == "unknown?"
    assert states(given(book, PREDNISOLONE, route)) == "unknown?"
    assert states(given(book, DENOSUMAB, route), "denosumab") == "present"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("1 suppository rectally at night", "absent"), ("insert 1 PR", "absent"), ("1 drop in each eye", "absent"),
        ("inhale 2 puffs by mouth twice a day", "absent"), ("apply to the affected area", "absent"),
        ("infuse over 60 minutes IV", "absent"), ("1 tablet by mouth", "present"), ("take PO", "present"),
        ("1-0-1", "present"), ("1 tablet for the ear infection", "present"), ("insert 1 tablet vaginally", "unknown?"),
    ],
)  # fmt: skip
def test_the_directions_give_the_route_away_where_none_is_stated(book: RuleBook, text: str, state: str) -> None:
    assert states(given(book, QUINOLONE, text=text), "quinolone") == state


def test_a_stated_route_counts_before_the_directions(book: RuleBook) -> None:
    assert states(given(book, QUINOLONE, word("oral"), text="inject after the meal"), "quinolone") == "present"


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("ciprofloxacin 3 MG/ML Ophthalmic Solution", "absent"),
        ("ciprofloxacin 2 MG/ML Injectable Solution", "absent"),
        ("ciprofloxacin 250 MG Oral Tablet", "present"), ("ciprofloxacin 250 MG", "present"), ("ear drops", "absent"),
    ],
)  # fmt: skip
def test_the_name_gives_the_route_away_where_none_is_stated(book: RuleBook, name: str, state: str) -> None:
    assert states(given(book, QUINOLONE, name=name), "quinolone") == state


@pytest.mark.parametrize(
    ("form", "route", "state"),
    [
        ("Suppository", None, "absent"), ("Rectal suspension", None, "absent"), ("Enema", None, "absent"),
        ("Solution for injection", None, "absent"), ("Tablet", None, "present"), ("Oral drops", None, "present"),
        ("Enema", "oral", "unknown?"), ("Tablet", "rectal", "absent"),
    ],
)  # fmt: skip
def test_the_form_of_the_medication_gives_the_route_away(
    book: RuleBook, form: str, route: str | None, state: str
) -> None:
    medication = resource("Medication", "med", code=concept(QUINOLONE), form={"text": form})
    dose = dosage(1, **({"route": word(route)} if route else {}))
    order = request("", dose, medicationCodeableConcept=None, medicationReference={"reference": "#med"},
                    contained=[medication])  # fmt: skip

    assert states(read(book, order), "quinolone") == state


def test_of_several_elements_one_by_mouth_is_enough(book: RuleBook) -> None:
    both = statement(QUINOLONE, dosage(1, route=word("oral")), dosage(1, route=word("IV")))

    assert states(read(book, both), "quinolone") == "present"


def test_gel_capsules_are_taken_by_mouth(book: RuleBook) -> None:
    assert states(read(book, statement("", dosage(1), text="Calcium 600 mg liquid gel caps"))) == "present"
    assert states(read(book, statement("", dosage(1), text="calcium gluconate gel"))) == "absent"


# --- names of what is injected, methods and sites, and routes of odd shape


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("10 ML calcium chloride 100 MG/ML Prefilled Syringe", "absent"),
        ("Calcium gluconate 1 g vial", "absent"),
        ("calcium gluconate 1 g/50 mL IVPB", "absent"),
        ("calcium gluconate 2 g premix", "absent"),
        ("calcium gluconate 1 g ampoule", "unknown?"),
        ("calcium gluconate 1 g ampule", "unknown?"),
        ("calcium carbonate 1250 mg oral syringe", "present"),
        ("Calcium carbonate 500 mg in vials of 30 tablets", "present"),
        ("Calcium 500 mg drinking ampoules", "present"),
        ("Calcium lactate gluconate ampoules buvables", "present"),
        ("calcium gluconate 1 g infusion vial, oral", "unknown?"),
        ("calcium carbonate 1250 mg", "present"),
    ],
)
def test_a_name_of_what_is_injected_is_no_oral_product(book: RuleBook, name: str, state: str) -> None:
    assert states(given(book, "", name=name)) == state


def test_a_stated_route_by_mouth_counts_before_a_container_and_not_before_an_injection(book: RuleBook) -> None:
    for container in ("vial", "ampoule", "premix", "syringe"):
        assert states(given(book, "", word("oral"), f"calcium gluconate 1 g {container}")) == "present"
    assert states(given(book, "", word("oral"), "calcium gluconate 1 g solution for infusion")) == "unknown?"
    assert states(given(book, "", word("IV"), "Calcium 500 mg in vials of 30 tablets")) == "absent"


METHODS: dict[str, tuple[Json, str]] = {
    "inject, by the older code": (snomed("422145002"), "absent"),
    "inject": (snomed("740685003"), "absent"),
    "infuse": (snomed("764794000"), "absent"),
    "inject, in words": (word("Inject slowly"), "absent"),
    "apply": (snomed("738991002"), "absent"),
    "swallow": (snomed("738995006"), "present"),
    "take": (word("Take by mouth"), "present"),
    "administer": (snomed("738990001", "Administer"), "present"),
    "a code that is not known": (snomed("1"), "unknown?"),
    "words that are not understood": (word("as taught"), "unknown?"),
    "nothing": ({}, "present"),
}


@pytest.mark.parametrize("kind", METHODS)
def test_the_method_gives_the_route_away_where_none_is_stated(book: RuleBook, kind: str) -> None:
    method, state = METHODS[kind]
    assert states(given(book, CARBONATE_500, method=method)) == state


def test_a_method_that_contradicts_the_stated_route_makes_it_unclear(book: RuleBook) -> None:
    assert states(given(book, CARBONATE_500, word("oral"), method=snomed("422145002"))) == "unknown?"
    assert states(given(book, CARBONATE_500, word("oral"), method=word("as taught"))) == "present"


ABSENT_REASON = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
SAYS_NOTHING = [
    {"extension": [ABSENT_REASON]}, word("unknown"), word("n/a"), word("-"), {"coding": [{"code": "UNK"}]},
    {"coding": [{"extension": [ABSENT_REASON]}]}, snomed("261665006", "Unknown"),
]  # fmt: skip


@pytest.mark.parametrize("element", ["route", "method", "site"])
@pytest.mark.parametrize("nothing", SAYS_NOTHING)
def test_an_element_that_says_that_nothing_is_known_is_as_if_it_were_not_there(
    book: RuleBook, nothing: Json, element: str
) -> None:
    assert states(given(book, CARBONATE_500, **{element: nothing})) == "present"
    assert states(given(book, "", name="calcium gluconate 1 g injection", **{element: nothing})) == "absent"


UNDERSTOOD = [
    {"method": word(text)}
    for text in ("einnehmen", "Einnehmen mit Wasser", "prendre", "innemen", "tomar", "with meals", "n/a")
] + [{"site": word("stomach")}, {"method": snomed("421521009", "Schlucken")}]


@pytest.mark.parametrize("more", UNDERSTOOD)
def test_taking_is_understood_in_the_languages_of_labels(book: RuleBook, more: Json) -> None:
    assert states(given(book, CARBONATE_500, **more)) == "present"


@pytest.mark.parametrize("more", [{"method": word("met het eten")}, {"site": word("Bauch")}, {"method": snomed("1")}])
def test_a_method_that_is_not_understood_does_not_count_against_a_tablet(book: RuleBook, more: Json) -> None:
    assert states(given(book, "", name="Calcium 600 mg tablet", **more)) == "present"
    assert states(given(book, "", name="Calcium 600 mg oral suspension", **more)) == "present"
    assert states(given(book, "", word("oral"), "Calcium 600 mg", **more)) == "present"
    assert states(given(book, "", name="Calcium 600 mg", **more)) == "unknown?"


def test_a_method_that_is_understood_counts_against_a_tablet(book: RuleBook) -> None:
    assert states(given(book, "", name="Calcium 600 mg tablet", method=word("inject"))) == "absent"
    assert states(given(book, "", word("oral"), "Calcium 600 mg tablet", method=word("inject"))) == "unknown?"


@pytest.mark.parametrize(("site", "state"), [("Left deltoid", "unknown?"), ("Mouth", "present")])
def test_a_site_on_the_body_is_not_by_mouth_for_certain(book: RuleBook, site: str, state: str) -> None:
    assert states(given(book, CARBONATE_500, site=word(site))) == state


@pytest.mark.parametrize(
    "route", ["rectal", [word("rectal")], snomed("37161004")["coding"][0], {"coding": snomed("37161004")["coding"][0]}]
)
def test_a_route_of_odd_shape_is_read(book: RuleBook, route: Any) -> None:
    assert states(given(book, CARBONATE_500, route)) == "absent"


@pytest.mark.parametrize("route", [7, ["unheard of"], {"code": "1"}])
def test_a_route_of_odd_shape_that_says_nothing_known_is_unclear(book: RuleBook, route: Any) -> None:
    assert states(given(book, CARBONATE_500, route)) == "unknown?"


def test_the_route_of_a_dosage_that_is_no_list_is_read(book: RuleBook) -> None:
    one = dosage(1, route=word("rectal"))
    assert states(read(book, statement(CARBONATE_500, dosage=one))) == "absent"


def test_a_product_that_is_not_taken_by_mouth_is_said_to_be_left_out(book: RuleBook) -> None:
    assert "not-by-mouth" in codes_of(given(book, "", name="Calcium gluconate 1 g vial"))
    assert "not-by-mouth" not in codes_of(given(book, CARBONATE_500, word("oral")))
    assert "not-by-mouth" not in codes_of(given(book, DENOSUMAB, word("subcutaneous")))


def test_of_a_glucocorticoid_with_calcium_that_is_injected_only_the_glucocorticoid_counts(book: RuleBook) -> None:
    (product,) = given(book, "", word("IV"), "Prednisolone 5 mg with calcium").products
    assert product.holds == ("glucocorticoid",)


BY_MOUTH_IN_WORDS = (
    "per os|p.o.|oral|zum Einnehmen|voie orale|par la bouche|per bocca|vía oral|via oral|VO|oraal|suun kautta|oralt|"
    "doustnie|perorálně|口服|经口|経口|内服|경구"
).split("|")
INJECTED_IN_WORDS = (
    "i.v.|s.c.|intravenös|subkutan|Injektionslösung|sous-cutanée|endovenosa|subcutánea|subcutaan|intravenøs|dożylnie|"
    "静注|皮下注|注射液|静脉"
).split("|")
PLACED_IN_WORDS = (
    "rektal|rectaal|ZETPIL|Zäpfchen|suppositoire|supposta|supositorio|stikpille|czopek|栓剂|坐剤|直腸|Salbe|crème|"
    "topico|tópica|pomata|软膏|軟膏|外用|点眼|Augentropfen|Nasenspray|吸入|Inhalation|vaginal|Pflaster"
).split("|")


@pytest.mark.parametrize("text", BY_MOUTH_IN_WORDS)
def test_by_mouth_is_understood_in_the_languages_of_the_records(book: RuleBook, text: str) -> None:
    assert states(given(book, CARBONATE_500, word(text))) == "present"


@pytest.mark.parametrize("text", [*INJECTED_IN_WORDS, *PLACED_IN_WORDS])
def test_other_routes_in_the_languages_of_the_records_are_not_by_mouth(book: RuleBook, text: str) -> None:
    assert states(given(book, CARBONATE_500, word(text))) == "absent"


@pytest.mark.parametrize("text", ["Tropfen", "gotas", "nach Plan", "quux", "oral oder rektal", "経口または静注"])
def test_route_words_that_say_nothing_or_two_things_stay_unclear(book: RuleBook, text: str) -> None:
    assert states(given(book, CARBONATE_500, word(text))) == "unknown?"


PLACED_BY_CODE = {"calcitriol for the skin": ("ATC D05AX03", "calcitriol"), "for the eye": ("ATC S01AE01", "ofloxacin")}
TERMS = {"calcitriol": "active vitamin D other than calcifediol", "ofloxacin": "quinolone"}


@pytest.mark.parametrize("said", PLACED_BY_CODE)
def test_a_code_of_what_is_only_put_on_a_place_says_that_it_does_not_reach_the_body(book: RuleBook, said: str) -> None:
    code, name = PLACED_BY_CODE[said]
    assert states(read(book, statement(code, dosage(1), text=name)), TERMS[name]) == "absent"
    assert states(read(book, statement("", dosage(1), text=name)), TERMS[name]) == "present"


def test_a_code_of_the_skin_beside_a_capsule_leaves_it_open(book: RuleBook) -> None:
    found = read(book, statement("ATC D05AX03", dosage(1), text="calcitriol 0.25 mcg capsules"))
    assert states(found, TERMS["calcitriol"]) == "present"


@pytest.mark.parametrize("code", ["ATC D05BB02", "ATC D10BA01", "ATC S01EC01", "ATC A11CC04"])
def test_a_code_of_those_groups_for_the_whole_body_says_nothing_about_the_route(book: RuleBook, code: str) -> None:
    assert states(read(book, statement(code, dosage(1), text="calcitriol")), TERMS["calcitriol"]) == "present"
