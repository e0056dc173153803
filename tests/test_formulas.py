"""Formulas: inputs by name, numbers and texts from the terms, and an engine that needs no topic's formulas."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from people import AS_OF, CALCIUM, CREATININE, Json, bundle, observation, patient

from cds.audit.formulas import formulas_of, module_texts
from cds.errors import RulebookError
from cds.evaluation import evaluate
from cds.explanation import explanation_of
from cds.facts.chart import Chart, chart_of
from cds.facts.formulas import FORMULAS, GENERAL
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook
from cds.topics.calcium.kidney import ckd_epi_2021

ROOT = Path(__file__).resolve().parent.parent
IONISED, ALBUMIN, EGFR = "LOINC 1995-0", "LOINC 1751-7", "LOINC 98979-8"
SCORE = "SNOMED 450360000"
EGFR_UNIT = "mL/min/{1.73_m2}"


def changed(tmp_path: Path, *edits: tuple[str, str, str]) -> RuleBook:
    """The rulebook with texts of files replaced by others."""
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    for name, old, new in edits:
        text = (rules / name).read_text("utf-8")
        assert text.count(old) == 1, old
        (rules / name).write_text(text.replace(old, new), "utf-8")
    return read_rulebook(rules, FORMULAS)


def number(old: str, new: str) -> tuple[str, str, str]:
    return "terms/derived.yaml", old, new


def of_days_ago(code: str, value: float, unit: str, days: int, **more: Any) -> Json:
    day = str(AS_OF - timedelta(days=days))
    return observation(code, value, unit, day=day, identity=f"{code.split()[1]}-{days}", **more)


def chart(book: RuleBook, *resources: Json, who: Json | None = None) -> Chart:
    return chart_of(read_record(bundle(who or patient(), *resources), book, AS_OF), book, AS_OF)


@pytest.mark.parametrize(
    ("value", "age", "sex", "egfr"), [(0.7, 40, 0, 112), (0.9, 40, 1, 111), (1.2, 65, 0, 50), (1.2, 65, 1, 67)]
)
def test_ckd_epi_2021_gives_the_published_values(value: float, age: int, sex: int, egfr: int) -> None:
    """The values of the calculator of the National Kidney Foundation, which rounds to whole numbers."""
    assert round(ckd_epi_2021(value, age, sex)) == egfr


def test_below_the_least_age_no_egfr_is_computed(tmp_path: Path, book: RuleBook) -> None:
    creatinine, adult = of_days_ago(CREATININE, 1.0, "mg/dL", 5), patient(birth="1985-01-01")
    older = changed(tmp_path, number("least age in years: 18", "least age in years: 60"))
    assert chart(book, creatinine, who=adult).value("computed eGFR") is not None
    assert chart(older, creatinine, who=adult).value("computed eGFR") is None


def test_calcium_is_corrected_by_the_numbers_of_the_term(tmp_path: Path, book: RuleBook) -> None:
    results = of_days_ago(CALCIUM, 9.0, "mg/dL", 5), of_days_ago(ALBUMIN, 3.0, "g/dL", 9)
    other = changed(tmp_path, number("albumin: 0.8", "albumin: 1.0"), number("albumin: 4.0", "albumin: 4.4"))
    found = [chart(one, *results).value("corrected calcium") for one in (book, other)]
    assert [fact and fact.value.low for fact in found] == [9.8, 10.4]
    assert found[0] is not None
    assert found[0].note == "total 9 mg/dL, albumin 3 g/dL"


def test_the_note_says_within_how_many_days_of_the_term_no_albumin_was_found(tmp_path: Path, book: RuleBook) -> None:
    results = of_days_ago(CALCIUM, 9.0, "mg/dL", 5), of_days_ago(ALBUMIN, 3.0, "g/dL", 9)
    other = changed(tmp_path, number("albumin within days: 7", "albumin within days: 3"))
    fact = chart(other, *results).value("corrected calcium")
    assert fact is not None
    assert (fact.value.low, fact.note) == (9.0, "not corrected: no albumin within 3 days")
    record = read_record(bundle(patient(), *results), other, AS_OF)
    assert "no albumin within 3 days" in str(result_of(evaluate(record, other, AS_OF)))


def test_an_ionised_calcium_wins_within_the_days_of_the_term(tmp_path: Path, book: RuleBook) -> None:
    results = of_days_ago(IONISED, 1.2, "mmol/L", 8), of_days_ago(CALCIUM, 9.0, "mg/dL", 5)
    other = changed(tmp_path, number("numbers:\n      within days: 1\n", "numbers:\n      within days: 3\n"))
    found = [chart(one, *results).value("newest calcium") for one in (book, other)]
    assert [fact and fact.taken_from for fact in found] == ["serum calcium", "ionised calcium"]


def test_an_ionised_value_sets_a_total_calcium_aside_within_the_days_of_the_term(
    tmp_path: Path, book: RuleBook
) -> None:
    results = (
        of_days_ago(IONISED, 1.2, "mmol/L", 5),
        of_days_ago(CALCIUM, 9.0, "mg/dL", 10),
        of_days_ago(ALBUMIN, 3.0, "g/dL", 10),
    )
    other = changed(tmp_path, number("days before: 1\n      days after: 30", "days before: 1\n      days after: 4"))
    found = [chart(one, *results).value("calcium set aside") for one in (book, other)]
    assert [fact and fact.value.low for fact in found] == [9.8, None]


def test_a_reported_egfr_is_compared_with_the_creatinine_of_its_day(book: RuleBook) -> None:
    results = of_days_ago(EGFR, 40, EGFR_UNIT, 5), of_days_ago(CREATININE, 1.0, "mg/dL", 5)
    computed = chart(book, *results).value("computed eGFR")
    fact = chart(book, *results).value("eGFR disagreement")
    assert computed is not None
    assert fact is not None
    assert fact.value.low == pytest.approx(100 * (computed.value.low - 40) / computed.value.high)
    assert fact.sources == ("Observation/98979-8-5", "Observation/2160-0-5")
    assert chart(book, results[0], of_days_ago(CREATININE, 1.0, "mg/dL", 6)).value("eGFR disagreement") is None


def test_the_recent_days_of_a_rise_are_those_of_the_term(tmp_path: Path, book: RuleBook) -> None:
    results = of_days_ago(CREATININE, 1.0, "mg/dL", 100), of_days_ago(CREATININE, 1.5, "mg/dL", 10)
    other = changed(tmp_path, number("recent days: 7\n      baseline", "recent days: 14\n      baseline"))
    found = [chart(one, *results).value("creatinine rise") for one in (book, other)]
    assert [fact and fact.value.low for fact in found] == [None, 1.5]


def test_the_days_of_a_choice_are_those_of_the_term(tmp_path: Path, book: RuleBook) -> None:
    results = of_days_ago(SCORE, 300, "1", 400), of_days_ago(SCORE, 100, "1", 5)
    edit = ("terms/measurements.yaml", "highest of the last 1825 days", "highest of the last 90 days")
    found = [chart(one, *results).value("coronary calcium score") for one in (book, changed(tmp_path, edit))]
    assert [fact and fact.value.low for fact in found] == [300, 100]


def test_what_is_assumed_says_what_the_term_says(tmp_path: Path, book: RuleBook) -> None:
    note = "assumed: nobody recorded the diet"
    other = changed(tmp_path, ("terms/intake.yaml", note, "assumed: not asked"))
    notes = [fact.note for one in (book, other) if (fact := chart(one).value("dietary calcium intake")) is not None]
    assert notes == [note, "assumed: not asked"]


@pytest.mark.parametrize("limit", ["upper", "lower"])
def test_each_scale_of_the_topic_has_its_own_limits_under_its_own_name(tmp_path: Path, limit: str) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    for file in rules.rglob("*.yaml"):
        text = file.read_text("utf-8").replace("(ionised: ", "(free: ")
        if file.name == "topic.yaml":
            text = text.replace("  ionised: ", "  free: ")
        elif file.name == "derived.yaml":
            text = re.sub("^      ionised (default|plausible)", r"      free \1", text, flags=re.MULTILINE)
        file.write_text(text, "utf-8")
    results = (of_days_ago(IONISED, 1.2, "mmol/L", 5),)
    fact = chart(read_rulebook(rules, FORMULAS), *results).value(f"{limit} limit of calcium")
    assert fact is not None
    assert (fact.value.low, fact.unit) == ({"upper": 1.32, "lower": 1.12}[limit], "mmol/L")


def test_of_a_scale_all_numbers_are_given_or_none(tmp_path: Path) -> None:
    with pytest.raises(RulebookError) as caught:
        changed(tmp_path, number("      ionised plausible to: 1.35\n", ""))
    assert str(caught.value).split(": ", 1)[1] == (
        "terms.upper limit of calcium.numbers: 'ionised plausible to' is missing. Add it. [missing-key]"
    )


@pytest.mark.parametrize("name", ["age", "sex"])
def test_an_age_or_sex_that_nobody_defines_is_an_error_where_it_is_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(RulebookError) as caught:
        changed(tmp_path, ("terms/patient.yaml", f"  {name}:\n", f"  {name}x:\n"))
    assert re.search(rf"terms/patient.yaml:\d+: .*'{name}x'.*'{name}'", str(caught.value)), str(caught.value)


RENAMED = {"age": "age as told", "sex": "sex as told"}
"""Names that are sorted among the others as before."""


def renamed(folder: Path) -> RuleBook:
    """The rulebook with other names for age and sex, everywhere."""
    shutil.copytree(ROOT / "rules", folder)
    for path in folder.rglob("*.yaml"):
        text = path.read_text("utf-8")
        for old, new in RENAMED.items():
            for before, after in ((r"^  ", ":$"), (r"^      [a-z]+: ", "$"), (r"^ +when: ", " is ")):
                text = re.sub(f"(?m)({before}){old}({after})", rf"\g<1>{new}\g<2>", text)
            text = re.sub(rf"(?m)^( +){old}: ", rf"\g<1>{new}: ", text) if path.parent.name != "terms" else text
            text = re.sub(rf"(?m)^( +when: the outcome depends on .*)\b{old}\b", rf"\g<1>{new}", text)
            text = re.sub(rf"\{{{old}(?=[,}}])", f"{{{new}", text)
        path.write_text(text, "utf-8")
    return read_rulebook(folder, FORMULAS)


def test_other_names_for_age_and_sex_change_nothing_but_the_names(tmp_path: Path, book: RuleBook) -> None:
    other = renamed(tmp_path / "rules")
    assert set(RENAMED.values()) <= other.terms.keys()
    assert not RENAMED.keys() & other.terms.keys()
    for line in (ROOT / "tests" / "patients.jsonl").read_bytes().splitlines()[:120]:
        data = orjson.loads(line)
        found = []
        for one in (book, other):
            evaluation = evaluate(read_record(data.get("bundle", data), one, AS_OF), one, AS_OF)
            found.append({**result_of(evaluation), "why": explanation_of(evaluation)["why"]})
        assert without_names(found[0]) == without_names(found[1])


def without_names(data: Any) -> Any:
    """The same answer whatever age and sex are called."""
    if isinstance(data, dict):
        return {key: without_names(value) for key, value in data.items() if key != "rulebook"}
    if isinstance(data, list):
        return [without_names(item) for item in data]
    text = str(data)
    for old, new in RENAMED.items():
        text = re.sub(rf"\b{new}\b", old, text)
    return text


def test_the_engine_loads_a_rulebook_without_the_formulas_of_any_topic() -> None:
    assert not {"CKD-EPI 2021", "newest calcium"} & GENERAL.keys()
    assert read_rulebook(ROOT / "tests" / "good_rules", GENERAL).rules
    with pytest.raises(RulebookError) as caught:
        read_rulebook(ROOT / "rules", GENERAL)
    assert "names are no formulas: 'newest calcium'" in str(caught.value)


def test_the_audit_book_prints_every_formula_of_the_topic_with_its_source_and_its_tests(book: RuleBook) -> None:
    used = formulas_of(book)
    own = [item for item in used if item.is_own]
    assert {item.name for item in own} == FORMULAS.keys() - GENERAL.keys()
    assert all(item.says and item.terms for item in used)
    texts = "".join(module.text for module in module_texts(used))
    assert all(f"def {item.place.rsplit('.', 1)[1]}(" in texts for item in own)
    assert "Inker et al." in texts
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    missing = [name for item in own for name in item.tests or ("no test",) if f"\ndef {name}(" not in tests]
    assert missing == []
