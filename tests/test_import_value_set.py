"""A hospital's ValueSet becomes additional codes of a term, or says everything that is wrong with it."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profiles import examples
from test_cli import cds

from cds.bookshelf import open_rulebook
from cds.code_systems import SYSTEMS
from cds.exchange.adoption import adopt
from cds.exchange.export import files_of, resources_of
from cds.exchange.hospital_codes import ValueSetError, hospital_codes
from cds.exchange.publication import term_ids
from cds.rulebook.lines import code_line
from cds.rulebook.model import RuleBook
from cds.rulebook.yaml_text import read_page

Json = dict[str, Any]
HERE = Path(__file__).resolve().parent
RULES = HERE.parent / "rules"
LOINC, SNOMED, ICD = SYSTEMS["LOINC"], SYSTEMS["SNOMED"], SYSTEMS["ICD-10-CM"]
LAB = "https://lab.hospital.example/tests"


def listed(*codes: tuple[str, str, str], **more: Any) -> Json:
    """A ValueSet that lists codes (system, code, display)."""
    includes = [{"system": s, "concept": [{"code": c, "display": d}]} for s, c, d in codes]
    return {"resourceType": "ValueSet", "status": "active", "compose": {"include": includes}, **more}


def expanded(*contains: Json, **more: Any) -> Json:
    return {"resourceType": "ValueSet", "status": "active", "expansion": {"contains": list(contains), **more}}


def item(code: str, system: str = LOINC, **more: Any) -> Json:
    return {"system": system, "code": code, "display": f"Display of {code}", **more}


def codes_in(data: object) -> list[str]:
    """The codes that are read, when nothing is wrong."""
    found = hospital_codes(data)
    assert found.troubles == ()
    return [code.code for code in found.codes]


def troubles(book: RuleBook, data: object, term: str = "serum calcium", *own: str) -> list[str]:
    """The codes of all messages."""
    with pytest.raises(ValueSetError) as caught:
        adopt(book, term, hospital_codes(data), own)
    return [trouble.code for trouble in caught.value.troubles]


def added(text: str, folder: Path) -> dict[str, list[str]]:
    """The lines under ``add codes`` of each term of an overlay, read by the door through which rule files come."""
    path = folder / "overlay.yaml"
    path.write_text(text, "utf-8", newline="\n")
    problems: list[Any] = []
    page: Any = read_page(path, path.name, problems)
    assert problems == []
    assert set(page.data) == {"terms"}
    assert [set(entry) for entry in page.data["terms"].values()] == [{"add codes"}]
    return {name: entry["add codes"] for name, entry in page.data["terms"].items()}


def test_a_list_and_an_expansion_give_the_same_codes() -> None:
    list_of_two = listed((LOINC, "11111-1", "One"), (LAB, "CA", "Two"))
    assert codes_in(list_of_two) == ["11111-1", "CA"]
    assert codes_in(expanded(item("11111-1"), item("CA", LAB))) == ["11111-1", "CA"]


def test_an_expansion_is_read_at_every_depth_without_its_headings() -> None:
    inner = {"display": "a group without a code", "contains": [item("3-3"), item("4-4", contains=[item("5-5")])]}
    heading = item("2-2", abstract=True, contains=[inner])
    assert codes_in(expanded(item("1-1"), heading, item("6-6"))) == ["1-1", "3-3", "4-4", "5-5", "6-6"]


def test_the_expansion_counts_where_the_definition_cannot_be_expanded() -> None:
    compose = {"include": [{"system": SNOMED, "filter": [{"property": "concept", "op": "is-a", "value": "64859006"}]}]}
    assert codes_in({**expanded(item("1-1", SNOMED)), "compose": compose}) == ["1-1"]


def test_a_bundle_with_one_value_set_is_read() -> None:
    assert codes_in({"resourceType": "Bundle", "entry": [{"resource": listed((LOINC, "1-1", ""))}]}) == ["1-1"]


def test_excluded_codes_are_left_out() -> None:
    data = listed((LOINC, "1-1", ""), (LOINC, "2-2", ""))
    data["compose"]["exclude"] = [{"system": LOINC, "concept": [{"code": "1-1"}]}]
    assert codes_in(data) == ["2-2"]


def test_a_code_that_stands_twice_is_read_once_with_its_display() -> None:
    found = hospital_codes(listed((LOINC, "1-1", ""), (LOINC, "1-1", "Calcium"), (LOINC, "1-1", "Other")))
    assert [(code.code, code.display) for code in found.codes] == [("1-1", "Calcium")]


def test_is_a_of_a_hierarchy_by_beginnings_is_what_a_code_of_a_rule_file_means() -> None:
    data = {"resourceType": "ValueSet", "compose": {"include": [
        {"system": ICD, "filter": [{"property": "concept", "op": "is-a", "value": "E83.5"}]}]}}  # fmt: skip
    assert codes_in(data) == ["E83.5"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ([], "not-a-value-set"),
        ("ValueSet", "not-a-value-set"),
        ({"resourceType": "CodeSystem"}, "not-a-value-set"),
        ({"resourceType": "Bundle", "entry": [{"resource": listed()}, {"resource": listed()}]}, "not-a-value-set"),
        (listed(), "no-codes"),
        ({"resourceType": "ValueSet"}, "no-codes"),
        (expanded(total=0), "no-codes"),
        (listed((LOINC, "1-1", ""), status="retired"), "retired-value-set"),
        (expanded(item("1-1"), total=2), "incomplete-expansion"),
        (expanded(item("1-1"), offset=100), "incomplete-expansion"),
        (expanded(item("1-1"), extension=[{"url": "http://hl7.org/fhir/StructureDefinition/valueset-toocostly"}]),
         "incomplete-expansion"),
        ({"resourceType": "ValueSet", "compose": {"include": [{"system": LOINC}]}}, "cannot-expand"),
        ({"resourceType": "ValueSet", "compose": {"include": [{"valueSet": ["http://x.example/other"]}]}},
         "cannot-expand"),
        ({"resourceType": "ValueSet", "compose": {"include": [
            {"system": SNOMED, "filter": [{"property": "concept", "op": "is-a", "value": "1"}]}]}}, "cannot-expand"),
        ({"resourceType": "ValueSet", "compose": {"include": [
            {"system": ICD, "filter": [{"property": "code", "op": "regex", "value": "E83.*"}]}]}}, "cannot-expand"),
        ({"resourceType": "ValueSet", "compose": {"include": [{"system": [ICD], "filter": [{}]}]}}, "cannot-expand"),
        (expanded({"code": "1-1"}), "bad-code"),
        (expanded({"system": LOINC, "code": 17861}), "bad-code"),
        (expanded("1-1"), "bad-code"),
        ({"resourceType": "ValueSet", "compose": {"include": ["1-1"]}}, "bad-code"),
        ({"resourceType": "ValueSet", "compose": {"include": [{"system": LOINC, "concept": ["1-1"]}]}}, "bad-code"),
        (listed((LOINC, "1 1", "")), "bad-code"),
        (listed((LOINC, "1\u200b1", "")), "bad-code"),
        (listed(("urn:oid:1.2.3", "1", "")), "unknown-system"),
        (listed(("http://loinc.org/", "1-1", "")), "unknown-system"),
        (listed((LAB, "1-1", "")), "unknown-system"),
        (listed((ICD, "Z99.9", "")), "system-of-another-kind"),
        (listed((LOINC, "1995-0", "Ionised calcium")), "code-of-another-term"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(book: RuleBook, data: object, code: str) -> None:
    assert code in troubles(book, data)


def test_an_excluded_code_below_a_heading_cannot_be_taken_out(book: RuleBook) -> None:
    data = listed((ICD, "Q80", ""))
    data["compose"]["exclude"] = [{"system": ICD, "concept": [{"code": "Q80.1"}]}]
    assert troubles(book, data, "osteoporosis") == ["cannot-expand"]


def test_an_excluded_filter_and_an_excluded_code_without_text_are_said(book: RuleBook) -> None:
    data = listed((ICD, "Q80", ""))
    data["compose"]["exclude"] = [{"system": ICD, "filter": [{}]}, {"system": ICD, "concept": [{}]}]
    assert troubles(book, data, "osteoporosis") == ["cannot-expand", "bad-code"]


@pytest.mark.parametrize(
    ("term", "system", "code", "owner"),
    [
        ("osteoporosis", "ICD-10-CM", "N18.51", "chronic kidney disease"),  # below a code of the other term
        ("osteoporosis", "ICD-10-CM", "N18", "kidney failure diagnosis"),  # above one: it would stand for it as well
        ("thiazide", "ATC", "A11CC04", "active vitamin D other than calcifediol"),
        ("thiazide", "RxNorm", "282465", "products.yaml"),
    ],
)
def test_a_code_of_another_term_is_refused_and_the_term_is_named(
    book: RuleBook, term: str, system: str, code: str, owner: str
) -> None:
    with pytest.raises(ValueSetError, match=f"'{owner}'") as caught:
        adopt(book, term, hospital_codes(listed((SYSTEMS[system], code, ""))), ())
    assert [trouble.code for trouble in caught.value.troubles] == ["code-of-another-term"]


def test_a_code_that_is_never_read_is_refused(book: RuleBook) -> None:
    refused = book.terms["reported eGFR"].refused[0]  # type: ignore[union-attr]
    assert troubles(book, listed((refused.system, refused.code, "")), "reported eGFR") == ["code-never-read"]


def test_a_near_miss_of_a_code_system_is_offered(book: RuleBook) -> None:
    with pytest.raises(ValueSetError, match=r"Did you mean 'http://loinc\.org'"):
        adopt(book, "serum calcium", hospital_codes(listed(("http://loinc.org/", "1-1", ""))), ())


@pytest.mark.parametrize(("term", "code"), [("serum calcum", "unknown-term"), ("age", "term-without-codes"),
                                            ("calcium products", "term-without-codes")])  # fmt: skip
def test_a_term_that_cannot_have_codes_is_refused(book: RuleBook, term: str, code: str) -> None:
    assert troubles(book, listed((LOINC, "1-1", "")), term) == [code]


def test_all_problems_are_said_at_once(book: RuleBook) -> None:
    data = listed((LAB, "1", ""), (ICD, "Z99.9", ""), (LOINC, "1995-0", ""), (LOINC, "1 1", ""), status="retired")
    data["compose"]["include"] += [{"system": SNOMED}]
    assert sorted(troubles(book, data)) == [
        "bad-code", "cannot-expand", "code-of-another-term", "retired-value-set", "system-of-another-kind",
        "unknown-system",
    ]  # fmt: skip


@pytest.mark.slow
def test_more_codes_than_a_rule_file_holds_are_refused(book: RuleBook) -> None:
    many = expanded(*(item(f"{number}-X") for number in range(10_000)))
    assert troubles(book, many) == ["too-many-codes"]


def test_a_code_that_the_term_has_already_is_not_written_again(book: RuleBook) -> None:
    data = listed((LOINC, "17861-6", ""), (LOINC, "99999-9", "Calcium by our analyser"))
    done = adopt(book, "serum calcium", hospital_codes(data), ())
    assert (done.new, done.known) == (1, 1)
    assert "17861-6" not in done.text


def test_the_file_says_when_a_code_counts_with_what_begins_with_it(book: RuleBook) -> None:
    below = "counts with everything that begins with it"
    assert below in adopt(book, "osteoporosis", hospital_codes(listed((ICD, "Q80", ""))), ()).text
    assert below not in adopt(book, "osteoporosis", hospital_codes(listed((SNOMED, "1", ""))), ()).text


def test_codes_of_the_hospitals_own_system_are_written_with_its_address(book: RuleBook, tmp_path: Path) -> None:
    done = adopt(book, "serum calcium", hospital_codes(listed((LAB, "CA-1", "Kalzium: gesamt #1"))), [LAB])
    assert added(done.text, tmp_path) == {"serum calcium": [f"{LAB} CA-1 Kalzium: gesamt #1"]}


@examples(150)
@given(display=st.text(max_size=60), name=st.text(max_size=60), code=st.text(min_size=1, max_size=12))
def test_no_text_of_a_value_set_can_write_anything_but_its_code_line(
    book: RuleBook, tmp_path_factory: pytest.TempPathFactory, display: str, name: str, code: str
) -> None:
    found = hospital_codes(listed((LAB, code, display), title=name))
    try:
        done = adopt(book, "serum calcium", found, [LAB])
    except ValueSetError as error:
        refused = {trouble.code for trouble in error.troubles}
    else:
        refused = set()
    if refused:
        assert refused == {"bad-code"}
        return
    [line] = added(done.text, tmp_path_factory.mktemp("overlay"))["serum calcium"]
    written = code_line(line)
    assert written is not None
    assert (written.system, written.code) == (LAB, code.strip())
    assert "\n" not in line


@pytest.mark.parametrize("line_end", ["\n", "\r", "\u0085", "\u2028", "\u2029"])
def test_a_name_or_display_with_a_line_end_stays_on_its_line(book: RuleBook, tmp_path: Path, line_end: str) -> None:
    evil = f"x{line_end}terms:{line_end}  age:{line_end}    add codes: y"
    data = listed((LOINC, "99999-9", evil), url=evil, version=evil)
    done = adopt(book, "serum calcium", hospital_codes(data), ())
    assert added(done.text, tmp_path) == {"serum calcium": ["LOINC 99999-9 x terms: age: add codes: y"]}


def test_quotes_in_a_display_stay_quotes(book: RuleBook, tmp_path: Path) -> None:
    data = listed((LOINC, "99999-9", """Calcium 'total' "by us": it's"""))
    done = adopt(book, "serum calcium", hospital_codes(data), ())
    assert added(done.text, tmp_path) == {"serum calcium": ["""LOINC 99999-9 Calcium 'total' "by us": it's"""]}


@pytest.mark.parametrize(
    ("display", "kept"),
    [
        ("Calcium (not verified) (not verified)", " Calcium"),
        ("(not verified)", ""),
        ("Calcium (not verified) in serum", " Calcium (not verified) in serum"),
    ],
)
def test_a_display_cannot_make_a_code_look_verified(book: RuleBook, tmp_path: Path, display: str, kept: str) -> None:
    done = adopt(book, "serum calcium", hospital_codes(listed((LOINC, "99999-9", display))), ())
    assert added(done.text, tmp_path) == {"serum calcium": [f"LOINC 99999-9{kept}"]}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["system", "concept", "code", "filter", "valueSet", "contains", "abstract", "total", "offset",
                         "include", "exclude", "extension", "url", "property", "op", "value", "display"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.slow
@examples(300)
@given(compose=json_values, expansion=json_values, more=json_values)
def test_a_value_set_of_any_shape_is_read_or_refused(
    book: RuleBook, compose: object, expansion: object, more: object
) -> None:
    data = {"resourceType": "ValueSet", "compose": compose, "expansion": expansion, "url": more, "status": more}
    found = hospital_codes(data)
    assert found.codes or found.troubles
    with suppress(ValueSetError):
        assert adopt(book, "serum calcium", found, []).new


@pytest.mark.slow
def test_what_is_exported_comes_back_as_the_codes_of_the_term(book: RuleBook) -> None:
    sets = {r["id"]: r for r in resources_of(book, files_of(RULES, book), None) if r["resourceType"] == "ValueSet"}
    terms = {name: term for name, term in book.terms.items() if getattr(term, "codes", ())}
    assert len(terms) > 60
    for name, term in terms.items():
        found = hospital_codes(sets[term_ids(book)[name]])
        wanted = {(code.system, code.code, code.display) for code in term.codes}  # type: ignore[union-attr]
        assert {(code.system, code.code, code.display) for code in found.codes} == wanted
        assert found.troubles == ()


@pytest.mark.slow
def test_codes_taken_out_of_a_term_come_back_through_export_and_import(book: RuleBook, tmp_path: Path) -> None:
    sets = {r["title"]: r for r in resources_of(book, files_of(RULES, book), None) if r["resourceType"] == "ValueSet"}
    short = Path(shutil.copytree(RULES, tmp_path / "rules"))
    for file, line in (
        ("measurements", "LOINC 2000-8 Calcium SerPl-sCnc"),
        ("medications", "ATC B01AA Vitamin K antagonists"),
        ("conditions", "SNOMED 64859006 Osteoporosis"),
    ):
        path = short / "terms" / f"{file}.yaml"
        text = path.read_text("utf-8")
        assert line in text
        path.write_text(re.sub(rf"\n +- {re.escape(line)}.*", "", text, count=1), "utf-8")
    shorter = open_rulebook(short)
    for name, line in (("serum calcium", "LOINC 2000-8 Calcium SerPl-sCnc"),
                       ("vitamin K antagonist", "ATC B01AA Vitamin K antagonists"),
                       ("osteoporosis", "SNOMED 64859006 Osteoporosis")):  # fmt: skip
        done = adopt(shorter, name, hospital_codes(sets[name]), ())
        assert added(done.text, tmp_path) == {name: [line]}


@pytest.mark.slow
def test_the_command_writes_a_new_file_and_never_over_one(tmp_path: Path) -> None:
    given_file, out = tmp_path / "set.json", tmp_path / "overlay" / "terms" / "local.yaml"
    given_file.write_text(
        json.dumps(listed((LAB, "CA", "Kalzium"), url="https://hospital.example/ValueSet/ca")), "utf-8"
    )
    words = ("import-value-set", given_file, "--term", "serum calcium", "--own-system", LAB)
    assert f"      - '{LAB} CA Kalzium'\n" in cds(*words).stdout
    first = cds(*words, "--out", out)
    assert (first.returncode, "1 code for 'serum calcium'" in first.stderr) == (0, True)
    assert out.read_text("utf-8").startswith("# Codes of the ValueSet https://hospital.example/ValueSet/ca,\n")
    again = cds(*words, "--out", out)
    assert (again.returncode, "left as it is" in again.stderr) == (2, True)


@pytest.mark.slow
def test_the_command_says_every_problem_and_writes_nothing(tmp_path: Path) -> None:
    given_file, out = tmp_path / "set.json", tmp_path / "local.yaml"
    given_file.write_text(json.dumps(listed((LAB, "CA", ""), (LOINC, "1995-0", ""))), "utf-8")
    done = cds("import-value-set", given_file, "--term", "serum calcum", "--out", out)
    assert (done.returncode, out.exists()) == (1, False)
    assert "Did you mean 'serum calcium'?" in done.stderr
    done = cds("import-value-set", given_file, "--term", "serum calcium", "--out", out)
    assert re.findall(r"\[(.+?)\]", done.stderr) == ["unknown-system", "code-of-another-term"]
    assert "2 problems; nothing was written." in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("content", "code"), [(b"{", "not-json"), (None, "cannot be read"), (b"[]", "not-a-value")])
def test_a_file_that_is_no_value_set_is_an_error_without_a_traceback(
    tmp_path: Path, content: bytes | None, code: str
) -> None:
    path = tmp_path / "set.json"
    if content is not None:
        path.write_bytes(content)
    done = cds("import-value-set", path, "--term", "serum calcium")
    assert done.returncode == 1
    assert code in done.stderr
    assert "Traceback" not in done.stderr
