"""The rulebook as FHIR R4: valid, complete, resolvable, deterministic, and honest about what it is."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from test_cli import cds

from cds.bookshelf import open_rulebook
from cds.exchange.export import as_bytes, files_of, resources_of, transaction_of
from cds.exchange.publication import advice_ids, term_ids
from cds.exchange.value_set import codes_of
from cds.intake.validation import r4_problem
from cds.rulebook.lines import conditions
from cds.rulebook.model import ASKED, Frozen, Medication, ProductTerm, RuleBook, Spot
from cds.rulebook.model.outcome import verb_of
from cds.rulebook.printing import conditions_text

Json = dict[str, Any]
RULES = Path(__file__).resolve().parent.parent / "rules"
GOOD = Path(__file__).resolve().parent / "good_rules"
OWN = "https://calcium-cds.example/"


@pytest.fixture(scope="module")
def resources(book: RuleBook) -> list[Json]:
    """Everything that is exported, without a day of publication."""
    return resources_of(book, files_of(RULES, book), None)


@pytest.fixture(scope="module")
def by_url(resources: list[Json]) -> dict[str, Json]:
    return {resource["url"]: resource for resource in resources}


def of_kind(resources: list[Json], kind: str) -> dict[str, Json]:
    return {resource["id"]: resource for resource in resources if resource["resourceType"] == kind}


def texts_in(value: object) -> Iterator[str]:
    """Every text in a resource, at any depth."""
    if isinstance(value, dict):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, str):
        yield value


def values_of(value: object, key: str) -> Iterator[Any]:
    """Every value of a key in a resource, at any depth."""
    if isinstance(value, dict):
        yield from (item for name, item in value.items() if name == key)
        for item in value.values():
            yield from values_of(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from values_of(item, key)


def test_everything_is_valid_r4_also_as_one_bundle(resources: list[Json]) -> None:
    assert [r4_problem(resource) for resource in resources] == [None] * len(resources)
    assert r4_problem(transaction_of(resources)) is None


def test_an_invalid_resource_is_noticed() -> None:
    without_a_code = {"include": [{"system": "http://loinc.org", "concept": [{"display": "Calcium"}]}]}
    assert r4_problem({"resourceType": "ValueSet", "status": "draft", "compose": without_a_code}) is not None
    assert r4_problem({"resourceType": "PlanDefinition", "status": "draft", "action": [{"trigger": "x"}]}) is not None


def test_every_code_of_a_closed_list_of_fhir_is_in_the_list(resources: list[Json]) -> None:
    """The models of fhir.resources know these lists and do not enforce them."""
    found = [item for resource in resources for item in closed_codes(model_of(resource))]
    assert len(found) > 500
    assert [(code, known) for code, known in found if code not in known] == []


def model_of(resource: Json) -> Any:
    kind = resource["resourceType"]
    return getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind).model_validate(resource)


def closed_codes(model: Any) -> Iterator[tuple[str, list[str]]]:
    """Each code of a resource that has a closed list, and the list."""
    for name, field in type(model).model_fields.items():
        value, extra = getattr(model, name, None), field.json_schema_extra or {}
        for item in value if isinstance(value, list) else [value]:
            if hasattr(item, "model_fields_set"):
                yield from closed_codes(item)
            elif item is not None and "etc." not in extra.get("enum_values", ["etc."]):  # "etc.": an open list
                yield item, extra["enum_values"]


def test_every_rule_term_with_codes_and_advice_that_asks_for_something_has_its_resource(
    book: RuleBook, resources: list[Json]
) -> None:
    asking = [code for code, advice in book.advice.items() if advice.order or advice.refer or advice.action]
    coded = [name for name, term in book.terms.items() if codes_of(book, term)]
    assert len(asking) > 20 < len(coded)
    assert set(book.rules) == set(of_kind(resources, "PlanDefinition")) - {"order-of-decision"}
    assert {advice_ids(book)[code] for code in asking} == set(of_kind(resources, "ActivityDefinition"))
    assert {term_ids(book)[name] for name in coded} == set(of_kind(resources, "ValueSet"))


def test_every_reference_inside_the_rulebook_leads_to_the_resource_of_that_version(by_url: dict[str, Json]) -> None:
    wanted = {text for resource in by_url.values() for text in texts_in(resource) if text.startswith(OWN)}
    wanted = {text for text in wanted if not text.startswith(f"{OWN}rulebook-sha256")}
    places = {text.partition("|")[0] for text in wanted}
    assert len(wanted) > 150
    assert places <= by_url.keys()
    versioned = [text.split("|") for text in wanted if "|" in text]
    assert versioned
    assert [url for url, version in versioned if by_url[url]["version"] != version] == []


def test_every_code_that_the_rulebook_defines_is_in_its_code_system(by_url: dict[str, Json]) -> None:
    own = [
        coding
        for resource in by_url.values()
        for coding in (item for listed in values_of(resource, "coding") for item in listed)
        if coding["system"].startswith(OWN)
    ]
    known = {url: {c["code"] for c in r["concept"]} for url, r in by_url.items() if r["resourceType"] == "CodeSystem"}
    assert len(own) > 100
    assert [coding for coding in own if coding["code"] not in known[coding["system"]]] == []


def test_the_same_rules_give_the_same_bytes_and_only_the_date_can_differ(book: RuleBook) -> None:
    again = open_rulebook(RULES)
    first, second = (as_bytes(transaction_of(resources_of(b, files_of(RULES, b), None))) for b in (book, again))
    dated = as_bytes(transaction_of(resources_of(book, files_of(RULES, book), date(2026, 11, 22))))
    assert first == second
    assert b'"date": ' not in first
    assert b"".join(line for line in dated.splitlines(True) if b'"date": "2026-11-22"' not in line) == first


def test_the_library_holds_the_rule_files_and_their_hash(book: RuleBook, by_url: dict[str, Json]) -> None:
    library = by_url[f"{OWN}Library/rule-files"]
    files = {item["title"]: b64decode(item["data"]) for item in library["content"]}
    digest = sha256()
    for name, content in files.items():
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    own = [path for path in RULES.rglob("*.yaml") if RULES / "regions" not in path.parents]
    assert files == {path.relative_to(RULES).as_posix(): path.read_bytes() for path in own}
    assert library["identifier"][0]["value"] == book.sha256 == digest.hexdigest()


def test_rule_files_that_changed_meanwhile_are_not_exported(tmp_path: Path) -> None:
    rules = Path(shutil.copytree(GOOD, tmp_path / "rules"))
    old = open_rulebook(rules)
    (rules / "evidence.yaml").write_text((rules / "evidence.yaml").read_text("utf-8") + "\n# later\n", "utf-8")
    with pytest.raises(Exception, match="changed while they were read"):
        files_of(rules, old)


def test_a_rule_says_its_events_condition_numbers_advice_and_evidence(by_url: dict[str, Json]) -> None:
    plan = by_url[f"{OWN}PlanDefinition/CA-01"]
    action = plan["action"][0]
    condition = action["condition"][0]["expression"]
    assert [trigger["name"] for trigger in action["trigger"]] == ["patient-view", "order-select", "order-sign"]
    assert condition["expression"] == "any of: high calcium below 12; unresolved high calcium"
    assert "newest calcium high: newest calcium is above upper limit of calcium" in condition["description"]
    assert "https://calcium-cds.example/ActivityDefinition/order-pth|0.2.0" in texts_in(action["action"])
    assert "Outcome: hold" in [item["title"] for item in action["action"]]
    assert [item["label"] for item in plan["relatedArtifact"]] == ["HYPERCA2022", "PHPT2022", "LABEL", "KDIGOMBD2017"]
    assert "unless PTH with a high calcium in the last 90 days" in texts_in(action["action"])


def test_no_expression_pretends_to_be_executable(resources: list[Json]) -> None:
    expressions = [item for resource in resources for item in values_of(resource, "expression") if "language" in item]
    assert len(expressions) > 100
    assert {item["language"] for item in expressions} == {"text/plain"}
    assert all("not CQL" in item["extension"][0]["valueString"] for item in expressions)


def test_every_word_before_a_finding_is_explained_in_the_export(by_url: dict[str, Json]) -> None:
    says = by_url[f"{OWN}StructureDefinition/words-only"]["description"]
    assert [word for word in ASKED if f"'{word}':" not in says] == []


def test_a_draft_claims_no_approval_no_review_and_no_use(book: RuleBook, resources: list[Json]) -> None:
    drafts = [plan for name, plan in of_kind(resources, "PlanDefinition").items() if name in book.rules]
    assert {plan["status"] for plan in drafts} == {"draft"}
    assert all(plan["experimental"] and "no clinician has signed" in plan["usage"] for plan in drafts)
    assert not [plan for plan in drafts if plan.keys() & {"approvalDate", "lastReviewDate", "effectivePeriod", "date"}]
    review = [item["valueDate"] for item in drafts[0]["extension"] if item["url"].endswith("/review-by")]
    assert review == [book.rules[drafts[0]["id"]].review_by]


def test_each_rule_has_its_thirteen_source_attributes(book: RuleBook, by_url: dict[str, Json]) -> None:
    for rule in book.rules.values():
        listed = by_url[f"{OWN}PlanDefinition/{rule.id}"]["extension"]
        parts = [item["extension"] for item in listed if item["url"].endswith("/source-attribute")]
        assert {a["valueString"]: t["valueString"] for a, t in parts} == dict(rule.attributes)
        assert len(parts) == 13


def test_a_signed_rule_is_active_one_that_is_off_is_retired_and_one_in_shadow_is_a_draft(book: RuleBook) -> None:
    signed = {name: rule._replace(status="signed") for name, rule in book.rules.items()}
    changed = replace(book, rules=Frozen(signed), off=frozenset({"CA-01"}), shadow=frozenset({"CA-02"}))
    plans = of_kind(resources_of(changed, {}, None), "PlanDefinition")
    assert [plans[name]["status"] for name in ("CA-01", "CA-02", "CA-03")] == ["retired", "draft", "active"]
    assert plans["CA-03"]["experimental"] is False
    assert "Switched off" in plans["CA-01"]["usage"]
    assert "In shadow" in plans["CA-02"]["usage"]


def test_the_order_of_decision_names_the_rules_of_each_tier_in_their_order(
    book: RuleBook, by_url: dict[str, Json]
) -> None:
    tiers = by_url[f"{OWN}PlanDefinition/order-of-decision"]["action"]
    found = {t["title"]: [a["definitionCanonical"].split("/")[-1].split("|")[0] for a in t["action"]] for t in tiers}
    assert list(found) == [tier.name for tier in book.tiers]
    assert [found[tier.name] for tier in book.tiers if tier.rules] == [list(t.rules) for t in book.tiers if t.rules]
    assert {rule for rules in found.values() for rule in rules} == set(book.rules)


def test_codes_that_stand_for_what_begins_with_them_have_a_filter(by_url: dict[str, Json]) -> None:
    includes = by_url[f"{OWN}ValueSet/vitamin-k-antagonist"]["compose"]["include"]
    assert {"property": "concept", "op": "is-a", "value": "B01AA"} in [f for i in includes for f in i.get("filter", [])]
    assert not [include for include in includes if "filter" in include and "concept" in include]
    calcitriol = by_url[f"{OWN}ValueSet/active-vitamin-d-other-than-calcifediol"]["compose"]["include"]
    assert not [include for include in calcitriol if "filter" in include]  # ATC codes of substances have none below


def test_codes_that_are_refused_or_asked_for_are_named(by_url: dict[str, Json]) -> None:
    assert "Never read: LOINC" in by_url[f"{OWN}ValueSet/reported-egfr"]["description"]
    assert "Also read as the answer to: LOINC 72166-2" in by_url[f"{OWN}ValueSet/smoker"]["description"]


def test_a_rule_names_what_it_reads_by_value_sets_and_by_the_questions_that_are_asked(by_url: dict[str, Json]) -> None:
    [action] = by_url[f"{OWN}PlanDefinition/LIFE-01"]["action"]
    read = [(item["type"], json.dumps(item["codeFilter"])) for item in action["input"]]
    assert [kind for kind, codes in read if "ValueSet/smoker|" in codes] == ["Condition"]
    assert [kind for kind, codes in read if "72166-2" in codes] == ["Observation"]
    [action] = by_url[f"{OWN}PlanDefinition/CA-01"]["action"]
    read = [(item["type"], json.dumps(item["codeFilter"])) for item in action["input"]]
    assert [kind for kind, codes in read if "ValueSet/serum-calcium|" in codes] == ["Observation"]
    assert [kind for kind, codes in read if "ValueSet/thiazide|" in codes] == [
        "MedicationStatement",
        "MedicationRequest",
    ]


def test_products_are_listed_by_what_they_hold(book: RuleBook, by_url: dict[str, Json]) -> None:
    product = book.terms["calcium carbonate salt"]
    assert isinstance(product, ProductTerm)
    codes = {c["code"] for i in by_url[f"{OWN}ValueSet/calcium-carbonate-salt"]["compose"]["include"]
             for c in i["concept"]}  # fmt: skip
    assert "282465" in codes  # calcium carbonate 1250 MG tablet
    assert not codes & {code for (_, code), held in book.products.coded.items() if held.salt == "citrate"}


def test_conditions_in_words_read_back_as_what_they_were(book: RuleBook) -> None:
    sayings = [saying for rule in book.rules.values() for saying in rule.advice if saying.conditions]
    assert len(sayings) > 20
    for saying in sayings:
        read = conditions(f"x, {conditions_text(saying.conditions)}")[1]
        assert read == tuple(c._replace(value=verb_of(c.value)) if c.kind == "vote" else c for c in saying.conditions)


@pytest.mark.parametrize(
    "words",
    ["if this rule does not hold", "if this rule stops", "if the outcome is not stop", "if the decider is CA-01",
     "unless RENAL-01 fires", "if CON-06 is shown", "unless osteoporosis",
     "if unsure about osteoporosis, unless statin"],
)  # fmt: skip
def test_each_kind_of_condition_is_said_as_rule_files_say_it(words: str) -> None:
    assert conditions_text(conditions(f"x, {words}")[1]) == words


def test_names_that_look_alike_or_are_long_get_different_ids(book: RuleBook) -> None:
    names = ["a b", "a-b", "A B", "é", "ü", "x" * 100, "x" * 101]
    spot = Spot("x", 1)
    terms = {name: Medication(name, "says", spot, ()) for name in names}
    ids = term_ids(replace(book, terms=Frozen(terms)))
    assert len(set(ids.values())) == len(names)
    assert all(0 < len(identity) <= 64 and identity[0] != "-" for identity in ids.values())


def test_the_command_writes_files_or_a_bundle_and_leaves_other_files_alone(tmp_path: Path) -> None:
    folder, bundle = tmp_path / "out", tmp_path / "bundle.json"
    folder.mkdir()
    (folder / "PlanDefinition-OLD-01.json").write_text("{}", "utf-8")
    done = cds("export", "--rules", GOOD, "--out", folder, "--date", "2026-11-22")
    assert (done.returncode, (folder / "PlanDefinition-OLD-01.json").read_text("utf-8")) == (0, "{}")
    assert "left alone: PlanDefinition-OLD-01.json" in done.stderr
    plan = json.loads((folder / "PlanDefinition-CA-01.json").read_text("utf-8"))
    assert (plan["url"], plan["date"]) == ("https://rules.example/PlanDefinition/CA-01", "2026-11-22")
    assert cds("export", "--rules", GOOD, "--bundle", bundle).returncode == 0
    entries = json.loads(bundle.read_text("utf-8"))["entry"]
    assert len(entries) == len(list(folder.iterdir())) - 1
    assert all(entry["request"]["url"] in entry["fullUrl"] for entry in entries)
    assert cds("export", "--rules", GOOD).stdout == bundle.read_text("utf-8")


def test_out_and_bundle_together_are_wrong_use(tmp_path: Path) -> None:
    done = cds("export", "--rules", GOOD, "--out", tmp_path, "--bundle", tmp_path / "x.json")
    assert done.returncode == 2
    assert "exclude each other" in done.stderr


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    done = cds("export", "--rules", GOOD, "--out", tmp_path / "file" / "out")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_files_of_an_overlay_are_part_of_the_library(tmp_path: Path) -> None:
    hospital = Path(__file__).resolve().parent / "hospital"
    done = cds("export", "--rules", RULES, "--overlay", hospital, "--bundle", tmp_path / "export.json")
    exported = json.loads((tmp_path / "export.json").read_bytes())
    (library,) = [e["resource"] for e in exported["entry"] if e["resource"]["resourceType"] == "Library"]

    assert done.returncode == 0
    assert "hospital/overlay.yaml" in {item["title"] for item in library["content"]}
