"""What the page shows, as data: samples, Markdown, why-trees, and the numbers that can be changed."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from generated import people, the_book
from hypothesis import given
from hypothesis import strategies as st
from people import AS_OF, CALCIUM, CARBONATE_500, SOME, condition, observation, patient, statement
from profiles import examples

from cds.cards.markdown import TAGS, blocks
from cds.errors import RecordError
from cds.evaluation import evaluate
from cds.intake.reading import parse_json, read_record
from cds.intake.validation import report_invalid
from cds.result import result_of
from cds.rulebook.model import RuleBook
from cds.service.page import files
from cds.service.page.evaluated import evaluated
from cds.service.page.files import PAGE_HEADERS, page_files

Json = dict[str, Any]
FIRST_SAMPLE = "osteoporosis-and-calcified-arteries"
SAMPLES = Path(__file__).resolve().parent.parent / "fhir_samples"
samples, sample = partial(files.samples, SAMPLES, FIRST_SAMPLE), partial(files.sample, SAMPLES)
DAY = date(2026, 11, 22)
KEYS = (
    "doseAndRate doseQuantity timing repeat frequency period periodUnit value unit code text coding comparator "
    "valueQuantity reference system"
).split()
FEW = examples(60)


def raw(*resources: Json) -> bytes:
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]})


def shown(text: bytes | None, book: RuleBook, day: date = DAY) -> Json:
    """What the page shows, as it arrives there."""
    assert text is not None
    found: Json = orjson.loads(orjson.dumps(evaluated(parse_json(text), book, day)))
    return found


def person(**calcium: Any) -> bytes:
    result = observation(CALCIUM, 11.2, "mg/dL", **calcium)
    return raw(patient(), result, statement(CARBONATE_500), condition("ICD-10-CM M81.0"))


def at(data: Any, path: list[str | int]) -> Any:
    for step in path:
        data = data[step]
    return data


def leaves(parts: list[Json]) -> list[Json]:
    return [leaf for part in parts for leaf in (leaves(part["parts"]) if "parts" in part else [part])]


@pytest.mark.slow
def test_every_sample_is_there_with_its_story_and_its_expected_outcome(book: RuleBook) -> None:
    assert samples()[0]["name"] == FIRST_SAMPLE
    assert len(samples()) == 14
    for known in samples():
        assert known["title"]
        assert not [mark for mark in ("**", "`") if mark in known["story"]]
        assert "This patient is invented." in known["story"]
        day = date.fromisoformat(known["asOf"])
        assert shown(sample(known["name"]), book, day)["outcome"] in known["story"]


@pytest.mark.parametrize("name", ["", "..", "../rules", "high-calcium/../high-calcium", "nobody"])
def test_a_name_that_is_no_sample_leads_nowhere(name: str) -> None:
    assert sample(name) is None


def test_the_answer_is_that_of_the_command_line_and_more(book: RuleBook) -> None:
    text = sample("messy-record")
    record = read_record(parse_json(text or b""), book, DAY)
    report_invalid(record)
    plain = orjson.loads(orjson.dumps(result_of(evaluate(record, book, DAY))))
    found = shown(text, book)
    assert {key: found[key] for key in plain} == plain
    assert len(found["details"]) == len(found["cards"])


def test_a_tree_leads_from_the_rule_to_value_unit_threshold_date_and_resource(book: RuleBook) -> None:
    deciding = shown(sample("high-calcium"), book)["why"][0]
    assert (deciding["rule"], deciding["group"], deciding["verdict"]) == ("CA-01", "says", "fired and decided")
    high = next(leaf for leaf in leaves(deciding["parts"]) if leaf["finding"] == "high serum calcium")
    assert (high["state"], high["carries"]) == ("present", True)
    assert high["thresholds"] == [{"word": "above", "bound": "upper limit of calcium", "value": "10.2 mg/dL"}]
    fact = high["facts"][0]
    assert (fact["term"], fact["text"], fact["date"]) == ("calcium to use", "11.12 mg/dL", "2026-11-10")
    assert any(source.startswith("Observation/") for source in fact["sources"])


def test_every_rule_has_a_tree_and_a_verdict_and_those_that_speak_stand_first(book: RuleBook) -> None:
    answer = shown(sample("no-recent-tests"), book)
    assert sorted(rule["rule"] for rule in answer["why"]) == sorted(book.rules)
    groups = [rule["group"] for rule in answer["why"]]
    assert groups[: len(answer["said"])] == ["says"] * len(answer["said"])
    assert "says" not in groups[len(answer["said"]) :]


def test_a_value_that_is_too_old_is_shown_as_too_old_not_as_a_value(book: RuleBook) -> None:
    answer = shown(sample("no-recent-tests"), book)
    old = {fact["term"]: fact for fact in answer["known"] if "tooOld" in fact}
    assert "calcium to use" in old
    for fact in old.values():
        assert fact["text"] == "not known"
        assert fact["tooOld"]["text"]
        assert fact["tooOld"]["date"].startswith("2025")


def test_a_number_of_a_dosage_knows_where_the_record_says_the_same_in_other_words(book: RuleBook) -> None:
    text = (SAMPLES / FIRST_SAMPLE / "bundle.json").read_bytes()
    data = orjson.loads(text)
    answer = shown(text, book, AS_OF)
    (line,) = (line for line in answer["values"] if line["type"] == "MedicationStatement")
    elsewhere = {number["label"]: number["elsewhere"] for number in line["numbers"]}
    said = [[str(step) for step in path[-2:]] for path in elsewhere["times"] if path[-1] in at(data, path[:-1])]
    assert said == [["0", "text"], ["repeat", "when"]]
    assert set(map(tuple, elsewhere["dose"])) < set(map(tuple, elsewhere["times"]))
    assert all(number["elsewhere"] == [] for other in answer["values"] if other != line for number in other["numbers"])


def test_each_number_stands_at_its_path_and_changing_it_there_changes_the_answer(book: RuleBook) -> None:
    text = person()
    answer, data = shown(text, book, AS_OF), orjson.loads(text)
    numbers = [number for line in answer["values"] for number in line["numbers"]]
    assert [at(data, number["path"]) for number in numbers] == [number["value"] for number in numbers]
    line = next(line for line in answer["values"] if line["label"] == "serum calcium")
    (number,) = line["numbers"]
    assert (number["value"], number["unit"], line["date"], answer["outcome"]) == (11.2, "mg/dL", "2026-01-10", "hold")
    at(data, number["path"][:-1])[number["path"][-1]] = 12.5
    assert shown(orjson.dumps(data), book, AS_OF)["outcome"] == "stop"


def test_taking_away_the_entry_of_a_path_takes_away_that_resource_alone(book: RuleBook) -> None:
    data = orjson.loads(person())
    line = next(line for line in shown(person(), book, AS_OF)["values"] if line["label"] == "serum calcium")
    del at(data, line["path"][:-1])[line["path"][-1]]
    without = shown(orjson.dumps(data), book, AS_OF)
    assert [left["label"] for left in without["values"]] == [
        other["label"] for other in shown(person(), book, AS_OF)["values"] if other["label"] != "serum calcium"
    ]


@pytest.mark.parametrize("shape", ["list", "nested"])
def test_paths_hold_for_a_list_of_resources_and_for_a_bundle_in_a_bundle(book: RuleBook, shape: str) -> None:
    bundle = orjson.loads(person())
    data = [entry["resource"] for entry in bundle["entry"]] if shape == "list" else {
        "resourceType": "Bundle", "type": "collection", "entry": [{"resource": bundle}],
    }  # fmt: skip
    lines = shown(orjson.dumps(data), book, AS_OF)["values"]
    assert {line["type"] for line in lines} == {"MedicationStatement", "Observation", "Condition"}
    for line in lines:
        entry = at(data, line["path"])
        assert entry.get("resource", entry)["resourceType"] == line["type"]
        assert all(at(data, number["path"]) == number["value"] for number in line["numbers"])


@pytest.mark.slow
@FEW
@given(people())
def test_the_page_has_an_answer_for_every_patient_and_its_paths_lead_to_its_numbers(person: list[Json]) -> None:
    data = orjson.loads(raw(*person))
    answer = shown(raw(*person), the_book(), AS_OF)
    lines = answer["values"]
    assert all(at(data, number["path"]) == number["value"] for line in lines for number in line["numbers"])
    assert {line["source"] for line in lines if line["counts"]} <= {
        f"{r['resourceType']}/{r.get('id')}" for r in person
    }
    assert [said["rule"] for said in answer["said"]] == [
        rule["rule"] for rule in answer["why"] if rule["group"] == "says"
    ]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
)


@FEW
@given(ODD, ODD, ODD)
def test_odd_shapes_in_what_was_used_are_shown_or_left_alone(one: Any, two: Any, three: Any) -> None:
    results = [
        {**observation(CALCIUM, 9, "mg/dL"), "valueQuantity": two},
        {**observation(CALCIUM, 9, "mg/dL", identity="o2"), "component": three, "code": {"text": two, "coding": one}},
    ]
    medicines = [{**statement(), "dosage": one}, {**statement(identity="m2"), "medicationReference": one}]
    usual = orjson.loads(raw(patient(), *results, *medicines, {**condition("ICD-10-CM M81.0"), "onsetDateTime": three}))
    for entries in (usual["entry"], [one, {"resource": two}, *usual["entry"]]):
        assert shown(orjson.dumps({"resourceType": "Bundle", "entry": entries}), the_book(), AS_OF)["outcome"]


def test_a_result_that_was_set_aside_is_offered_as_not_counting_and_an_inexact_one_with_its_sign(
    book: RuleBook,
) -> None:
    lines = shown(sample("messy-record"), book)["values"]
    assert {line["label"]: line["counts"] for line in lines}["Calcium, total"] is False
    vitamin = next(line for line in lines if line["label"] == "total 25-OH vitamin D")
    assert [number["comparator"] for number in vitamin["numbers"]] == ["<"]


def test_what_is_no_patient_is_refused_with_a_code(book: RuleBook) -> None:
    for text, code in ((b"{", "not-json"), (b'"x"', "not-fhir"), (raw(observation(CALCIUM, 9)), "no-patient")):
        with pytest.raises(RecordError) as raised:
            shown(text, book, AS_OF)
        assert raised.value.code == code


def test_markdown_becomes_elements_and_html_stays_text() -> None:
    found = blocks(
        "**Based on**\n- a: <img src=x onerror=alert(1)>\n- b\\*c &lt;b>\n\n### T\n\n[x](javascript:alert(1))"
    )
    assert found[0] == {"tag": "p", "children": [{"tag": "strong", "children": ["Based on"]}]}
    items = [item["children"] for item in found[1]["children"]]
    assert ["".join(item) for item in items] == ["a: <img src=x onerror=alert(1)>", "b*c <b>"]
    assert [block["tag"] for block in found[2:]] == ["h4", "p"]


def tags(nodes: list[Any]) -> set[str]:
    inner = [node for node in nodes if isinstance(node, dict)]
    return {node["tag"] for node in inner}.union(*(tags(node["children"]) for node in inner))


@SOME
@given(st.text(alphabet="<>&ab*_`[](){}#-!|\\/\"'=:\n\t 1.~", max_size=60))
def test_whatever_the_text_only_harmless_elements_come_out(text: str) -> None:
    assert tags(blocks(text)) <= set(TAGS.values())


def texts(kind: str) -> list[str]:
    """The page's files of a kind."""
    return [file.content.decode() for name, file in page_files().items() if name.endswith(kind)]


def test_the_page_asks_no_other_host_and_allows_no_script_but_its_own() -> None:
    files = page_files()
    assert {name.rpartition(".")[2] for name in files} == {"html", "css", "js", "svg"}
    html, script, style = ("\n".join(texts(kind)) for kind in (".html", ".js", ".css"))
    assert "//" not in html.replace("</", "").replace("/>", "")
    assert "url(" not in style
    assert "@import" not in style
    for sink in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "DOMParser",
        "import(",
    ):
        assert sink not in script
    imported = re.findall(r'from "(.*?)"', script)
    assert {path.removeprefix("/page/") for path in imported} < set(files)
    assert " on" not in "".join(line.split('"')[0] for line in html.splitlines() if "=" in line and "<" not in line)
    policy = PAGE_HEADERS["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
