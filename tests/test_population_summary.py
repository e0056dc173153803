"""The summary of a run says what was counted otherwise; no patient and no small count is in it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

from made_run import DAY, cards, issues, made_run, orphan, row, row_of, value

from cds.evaluation import evaluate
from cds.files.people import Found, people_of
from cds.intake.reading import parse_json, read_record
from cds.population.books.finished_run import NotARunError
from cds.population.report.small_cells import LEAST, SHOW_ALL, SUPPRESSED
from cds.population.report.summary import summary_of
from cds.rulebook.model import RuleBook

Json = dict[str, Any]
SAMPLES = Path(__file__).resolve().parent.parent / "fhir_samples"
LAB = "phosphate"
"""A measurement with one threshold, at 4.5 mg/dL, of which 4.5 itself is below."""


def invented(number: int) -> Json:
    """An invented answer; the same for the same number."""
    chance = random.Random(number)
    if chance.random() < 0.05:
        return row(number, error={"code": chance.choice(["wrong-release", "wrong-release", "no-patient"]), "text": "t"})
    outcome, rule = chance.choice([("hold", "CA-01"), ("hold", "RENAL-03"), ("continue", "BONE-01"), ("", "DATA-02")])
    undecided = not outcome
    values = [value(LAB, round(chance.gauss(4, 1), 1))] if chance.random() < 0.8 else []
    return row(
        number,
        outcome=outcome or "insufficient-data",
        decidedBy=rule,
        fired=sorted({rule, *chance.sample(["CON-06", "VD-08", "CON-04"], 2)}),
        asks=chance.sample(["CA-01", "PTH-01"], chance.randrange(3)),
        advice=chance.sample(["hold-calcium", "order-pth"], chance.randrange(3)),
        settledBy=chance.sample(["serum calcium", "age"], chance.randrange(3)) if undecided else [],
        cards=cards(*chance.choices(["info", "warning", "critical"], k=chance.randrange(5))),
        issues=issues(*chance.choices(["unusable-unit", "no-value"], k=chance.randrange(4))),
        orphans=[orphan("Calcium korr.", like="serum calcium")] if chance.random() < 0.3 else [],
        values=values,
        nextChange=date(2027, 1 + chance.randrange(3), 5) if chance.random() < 0.5 else None,
    )


@pytest.fixture(scope="module")
def rows() -> list[Json]:
    return [invented(number) for number in range(900)]


@pytest.fixture(scope="module")
def answered(rows: list[Json]) -> list[Json]:
    return [item for item in rows if item["outcome"] is not None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, book: RuleBook, rows: list[Json]) -> Path:
    return made_run(tmp_path_factory.mktemp("run"), book, rows)


@pytest.fixture(scope="module")
def everything(folder: Path, book: RuleBook) -> Json:
    """The summary with all its counts."""
    return summary_of(folder, book, SHOW_ALL)


@pytest.fixture(scope="module")
def summary(folder: Path, book: RuleBook) -> Json:
    return summary_of(folder, book)


def by(entries: list[Json], name: str, count: str = "patients") -> dict[str, Any]:
    return {entry[name]: entry[count] for entry in entries if entry[count]}


def spread(rows: list[Json], column: str) -> dict[str, int]:
    return dict(Counter(name for item in rows for name in set(item[column])))


def test_patients_outcomes_and_rules_are_those_of_the_rows(
    everything: Json, rows: list[Json], answered: list[Json]
) -> None:
    assert everything["status"] == "complete"
    assert everything["patients"]["in"] == len(rows)
    assert everything["patients"]["answered"] == len(answered)
    refused = Counter(json.loads(item["error"])["code"] for item in rows if item["outcome"] is None)
    assert by(everything["patients"]["refusedBy"], "reason") == refused
    assert by(everything["outcomes"], "outcome") == Counter(item["outcome"] for item in answered)
    for entry in everything["outcomes"]:
        own = Counter(item["decidedBy"] for item in answered if item["outcome"] == entry["outcome"])
        assert by(entry["decidedBy"], "rule") == own
    assert by(everything["rules"], "rule", "fired") == spread(answered, "fired")
    assert by(everything["rules"], "rule", "decided") == Counter(item["decidedBy"] for item in answered)


def test_every_rule_of_the_rulebook_is_told_also_one_that_never_fired(everything: Json, book: RuleBook) -> None:
    told = {entry["rule"]: entry["fired"] for entry in everything["rules"]}
    assert told.keys() == book.rules.keys()
    assert told["CA-02"] == 0


def test_asking_rules_advice_issues_and_orphans_are_those_of_the_rows(everything: Json, answered: list[Json]) -> None:
    assert by(everything["rulesThatAsk"], "rule") == spread(answered, "asks")
    assert by(everything["advice"], "code") == spread(answered, "advice")
    codes = [[issue["code"] for issue in json.loads(item["issues"])] for item in answered]
    assert by(everything["issues"], "code") == Counter(code for own in codes for code in set(own))
    assert by(everything["issues"], "code", "times") == Counter(code for own in codes for code in own)
    korr = sum(bool(item["orphans"]) for item in answered)
    told = {
        "kind": "code",
        "system": "",
        "code": "",
        "text": "Calcium korr.",
        "like": "serum calcium",
        "patients": korr,
    }
    assert everything["orphans"] == {"mostFrequent": [told], "others": 0}


def test_what_would_settle_the_undecided_is_counted_among_them(
    everything: Json, answered: list[Json], book: RuleBook
) -> None:
    undecided = [item for item in answered if item["outcome"] == book.no_answer]
    told = everything["undecided"]
    assert told["patients"] == len(undecided)
    assert by(told["settledBy"], "term") == spread(undecided, "settledBy")
    assert told["nothingAlone"] == sum(not item["settledBy"] for item in undecided) > 0


def test_the_burden_of_alerts_is_that_of_the_cards(everything: Json, answered: list[Json]) -> None:
    shown = [[card["indicator"] for card in json.loads(item["cards"])] for item in answered]
    counts = sorted(map(len, shown))
    alerts = everything["alerts"]
    assert by(alerts["patientsByCards"], "cards") == {str(n): c for n, c in Counter(counts).items()}
    assert alerts["cardsPer100"] == round(100 * sum(counts) / len(answered), 1)
    assert alerts["median"] == str(counts[(len(counts) - 1) // 2])
    assert alerts["p95"] == str(counts[-(-len(counts) * 95 // 100) - 1])
    indicators = Counter(name for own in shown for name in own)
    told = {entry["indicator"]: entry["cardsPer100"] for entry in alerts["byIndicator"]}
    assert told == {name: round(100 * n / len(answered), 1) for name, n in indicators.items()}


def test_the_months_of_the_next_changes_are_those_of_the_rows(everything: Json, answered: list[Json]) -> None:
    days = [item["nextChange"] for item in answered]
    assert by(everything["nextChanges"]["months"], "months") == Counter(f"{day:%Y-%m}" for day in days if day)
    assert everything["nextChanges"]["never"] == days.count(None)


def scale(summary: Json, title: str) -> Json:
    return next(entry for entry in summary["distributions"] if entry["title"] == title)


def test_the_values_of_a_measurement_stand_on_the_right_side_of_its_threshold(
    everything: Json, answered: list[Json]
) -> None:
    values = [held["low"] for item in answered for held in item["values"]]
    found = scale(everything, LAB)
    assert [mark["at"] for mark in found["thresholds"]] == [4.5]
    assert by(found["steps"], "range") == {
        "4.5 mg/dL or less": sum(held <= 4.5 for held in values),
        "above 4.5 mg/dL": sum(held > 4.5 for held in values),
    }
    assert (found["withValue"], found["withoutValue"]) == (len(values), len(answered) - len(values))
    assert sum(held["patients"] for held in found["bins"]) == len(values)
    for held in found["bins"]:
        low, high = held["from"] or 0, held["to"] or 99
        inside = sum(number == high if number == 4.5 else low <= number < high for number in values)
        assert held["patients"] == inside


def test_a_value_on_the_upper_end_of_a_step_stands_in_the_bin_below_it(tmp_path: Path, book: RuleBook) -> None:
    held = [[value("calcium to use", number)] for number in (9.9, 10.1, 10.2, 10.2, 10.3)]
    people = [row(n, outcome="hold", decidedBy="CA-01", values=own) for n, own in enumerate(held)]
    found = scale(summary_of(made_run(tmp_path, book, people), book, SHOW_ALL), "calcium to use")
    bins = [(held["from"], held["to"], held["patients"]) for held in found["bins"]]
    assert bins == [(9.8, 10.0, 1), (10.0, 10.2, 3), (10.2, 10.4, 1)]


def test_the_scale_with_the_most_values_comes_first(everything: Json) -> None:
    assert everything["distributions"][0]["title"] == LAB


@pytest.mark.parametrize(
    ("low", "high", "where"),
    [(4.0, 4.5, "4.5 mg/dL or less"), (4.0, 4.6, "across"), (5.0, float("inf"), "above 4.5 mg/dL")],
)
def test_an_interval_stands_on_a_step_or_across_a_threshold(
    tmp_path: Path, book: RuleBook, low: float, high: float, where: str
) -> None:
    people = [row(n, outcome="hold", decidedBy="CA-01", values=[value(LAB, low, high)]) for n in range(3)]
    found = scale(summary_of(made_run(tmp_path, book, people), book, SHOW_ALL), LAB)
    assert by([*found["steps"], {"range": "across", "patients": found["acrossAThreshold"]}], "range") == {where: 3}


def test_a_value_in_another_unit_than_that_of_the_scale_is_none_on_it(tmp_path: Path, book: RuleBook) -> None:
    people = [row(n, outcome="hold", decidedBy="CA-01", values=[value(LAB, 1.2, unit="mmol/L")]) for n in range(3)]
    found = scale(summary_of(made_run(tmp_path, book, people), book, SHOW_ALL), LAB)
    assert (found["withValue"], found["withoutValue"]) == (0, 3)


def test_of_a_dose_nothing_is_a_step_of_its_own(tmp_path: Path, book: RuleBook) -> None:
    doses = [0, 0, 0, 500, 1000, 1000, 2600]
    held = [[value("total calcium intake", dose, unit="mg/d")] for dose in doses]
    people = [row(n, outcome="hold", decidedBy="CA-01", values=own) for n, own in enumerate(held)]
    steps = scale(summary_of(made_run(tmp_path, book, people), book, SHOW_ALL), "total calcium intake")["steps"]
    told = {"0 mg/day": 3, "above 0 to below 800 mg/day": 1, "1000 mg/day": 2, "above 2500 mg/day": 1}
    assert by(steps, "range") == told


def counts_in(data: Any) -> Iterator[int]:
    """Every whole number of data."""
    if isinstance(data, dict):
        yield from (
            n
            for key, inner in data.items()
            if key not in ("run", "format", "at", "from", "to")
            for n in counts_in(inner)
        )
    elif isinstance(data, list):
        yield from (n for inner in data for n in counts_in(inner))
    elif isinstance(data, int) and not isinstance(data, bool):
        yield data


def test_no_small_count_and_no_patient_is_in_the_summary(summary: Json, everything: Json, folder: Path) -> None:
    assert not [n for n in counts_in(summary) if 0 < n < LEAST]
    assert [n for n in counts_in(everything) if 0 < n < LEAST], "there is something to be hidden"
    assert "secret" not in json.dumps(summary) + json.dumps(everything)


def test_what_is_shown_is_what_was_counted(summary: Json, everything: Json) -> None:
    def agree(shown: Any, counted: Any) -> bool:
        return shown == counted or isinstance(shown, str)

    assert summary["patients"]["answered"] == everything["patients"]["answered"]
    for key, name, count in (
        ("outcomes", "outcome", "patients"),
        ("rules", "rule", "fired"),
        ("advice", "code", "patients"),
    ):
        counted = {entry[name]: entry[count] for entry in everything[key]}
        assert all(agree(entry[count], counted[entry[name]]) for entry in summary[key])
        assert [entry for entry in summary[key] if isinstance(entry[count], int)], key


def small(book: RuleBook, folder: Path, *counts: tuple[str, str, int], **ledger: Any) -> Json:
    """The summary of so many patients with each outcome and deciding rule."""
    told = [(outcome, rule) for outcome, rule, n in counts for _ in range(n)]
    people = [row(n, outcome=outcome, decidedBy=rule, fired=[rule]) for n, (outcome, rule) in enumerate(told)]
    return summary_of(made_run(folder, book, people, **ledger), book)


@pytest.mark.parametrize(("few", "shown", "beside"), [(10, "<11", SUPPRESSED), (11, 11, 40)])
def test_an_outcome_of_ten_is_suppressed_with_the_next_smallest_and_one_of_eleven_is_told(
    tmp_path: Path, book: RuleBook, few: int, shown: Any, beside: Any
) -> None:
    summary = small(book, tmp_path, ("hold", "CA-01", 300), ("stop", "CA-02", few), ("continue", "BONE-01", 40))
    assert by(summary["outcomes"], "outcome") == {"hold": 300, "stop": shown, "continue": beside}
    rules = {entry["rule"]: (entry["fired"], entry["decided"]) for entry in summary["rules"]}
    assert rules["CA-02"] == (shown, shown)
    assert rules["BONE-01"][1] == beside  # its outcome would follow from it


def test_rules_in_an_outcome_hide_each_other(tmp_path: Path, book: RuleBook) -> None:
    summary = small(book, tmp_path, ("hold", "CA-01", 300), ("hold", "RENAL-03", 9), ("hold", "RENAL-06", 60))
    hold = next(entry for entry in summary["outcomes"] if entry["outcome"] == "hold")
    assert hold["patients"] == 369
    assert by(hold["decidedBy"], "rule") == {"CA-01": 300, "RENAL-03": "<11", "RENAL-06": SUPPRESSED}


def test_a_rule_that_fires_in_all_but_a_few_is_not_told(tmp_path: Path, book: RuleBook) -> None:
    people = [
        row(n, outcome="hold", decidedBy="CA-01", fired=["CA-01", *(["CON-06"] if n >= 5 else [])]) for n in range(100)
    ]
    rules = {entry["rule"]: entry for entry in summary_of(made_run(tmp_path, book, people), book)["rules"]}
    assert (rules["CON-06"]["fired"], rules["CON-06"]["per100"]) == (SUPPRESSED, None)
    assert rules["CA-01"]["fired"] == 100


def test_a_few_who_were_refused_do_not_follow_from_those_in_and_those_answered(tmp_path: Path, book: RuleBook) -> None:
    people = [row(n, outcome="hold", decidedBy="CA-01") for n in range(50)]
    people += [row(50 + n, error={"code": "no-patient", "text": "t"}) for n in range(3)]
    export = {"Patient": {"listed": 53, "found": 53}, "Observation": {"listed": 4000, "found": 3999}}
    summary = summary_of(made_run(tmp_path, book, people, export=export), book)
    assert summary["patients"] == {
        "in": SUPPRESSED,
        "answered": 50,
        "refused": "<11",
        "refusedBy": [{"reason": "no-patient", "patients": "<11"}],
    }
    patient = next(entry for entry in summary["ledger"]["rows"] if entry["type"] == "Patient")
    assert (patient["lines"], patient["used"]) == (SUPPRESSED, SUPPRESSED)
    assert summary["ledger"]["export"]["Patient"] == {"listed": SUPPRESSED, "found": SUPPRESSED}
    assert summary["ledger"]["export"]["Observation"]["listed"] == SUPPRESSED  # less what was used: 3 dead letters


def test_words_that_few_patients_have_are_not_repeated(tmp_path: Path, book: RuleBook) -> None:
    people = [
        row(n, outcome="hold", decidedBy="CA-01", orphans=[orphan("Ca by Dr Rare" if n < 10 else "Ca often")])
        for n in range(40)
    ]
    summary = summary_of(made_run(tmp_path, book, people), book)
    assert [entry["text"] for entry in summary["orphans"]["mostFrequent"]] == ["Ca often"]
    assert summary["orphans"]["others"] == 1
    assert "Rare" not in json.dumps(summary)


def test_two_hundred_orphans_are_told_and_the_others_counted(tmp_path: Path, book: RuleBook) -> None:
    people = [
        row(n, outcome="hold", decidedBy="CA-01", orphans=[orphan(f"word {number:03}") for number in range(203)])
        for n in range(12)
    ]
    found = summary_of(made_run(tmp_path, book, people), book)["orphans"]
    assert [entry["text"] for entry in found["mostFrequent"]] == [f"word {number:03}" for number in range(200)]
    assert found["others"] == 3


def test_the_highest_number_of_cards_and_the_highest_value_are_nobodys(tmp_path: Path, book: RuleBook) -> None:
    people = [
        row(n, outcome="hold", decidedBy="CA-01", values=[value(LAB, 5.0 if n else 17.3)], cards=cards("info"))
        for n in range(60)
    ]
    people[0]["cards"] = json.dumps(cards(*["info"] * 9))
    summary = summary_of(made_run(tmp_path, book, people), book)
    assert [entry["cards"] for entry in summary["alerts"]["patientsByCards"]] == ["0", "1 or more"]
    assert summary["alerts"]["p95"] == "1 or more"
    assert scale(summary, LAB)["bins"][-1]["to"] is None
    assert "17" not in json.dumps(scale(summary, LAB)["bins"])


def test_what_the_run_wrote_down_and_books_that_differ_make_it_incomplete(tmp_path: Path, book: RuleBook) -> None:
    problem = "Two files are named by the manifest and are not there. Fetch them. [file-missing]"
    summary = small(book, tmp_path, ("hold", "CA-01", 20), problems=[problem])
    assert (summary["status"], summary["problems"]) == ("incomplete", [problem])
    counts = {"in": 21, "answered": 21, "refused": {"no-patient": 1}}
    summary = small(book, tmp_path, ("hold", "CA-01", 20), patients=counts)
    assert summary["status"] == "incomplete"
    assert len(summary["problems"]) == 3
    assert all(text.endswith("[books-differ]") for text in summary["problems"])


def test_another_rulebook_than_that_of_the_run_makes_the_summary_incomplete(tmp_path: Path, book: RuleBook) -> None:
    folder = made_run(tmp_path, book, [])
    run = json.loads((folder / "run.json").read_text())
    run["rulebook"]["sha256"] = "0" * 64
    (folder / "run.json").write_text(json.dumps(run))
    assert [text.partition("[")[2] for text in summary_of(folder, book)["problems"]] == ["other-rulebook]"]


def test_files_that_no_run_wrote_are_said_to_be_that(tmp_path: Path, book: RuleBook) -> None:
    with pytest.raises(NotARunError, match=r"'run.json' cannot be read"):
        summary_of(tmp_path, book)
    folder = made_run(tmp_path, book, [])
    (folder / "results" / "part-00001.parquet").write_bytes(b"no parquet")
    with pytest.raises(NotARunError, match="cannot be counted"):
        summary_of(folder, book)


def test_a_run_of_nobody_has_a_summary(tmp_path: Path, book: RuleBook) -> None:
    summary = summary_of(made_run(tmp_path, book, []), book)
    assert summary["patients"]["answered"] == 0
    assert summary["alerts"]["median"] is None


def test_the_ledger_is_told_by_type_and_file_and_of_many_files_by_type(tmp_path: Path, book: RuleBook) -> None:
    summary = small(book, tmp_path / "few", ("hold", "CA-01", 20))
    observations = summary["ledger"]["rows"][0]
    assert observations["file"] == "export/Observation.ndjson"
    assert (observations["deadLetter"], observations["lines"], observations["refused"]) == (
        "<11",
        SUPPRESSED,
        {"no-subject": 47},
    )
    line = {"type": "Observation", "lines": 20, "used": 20, "notAboutTheQuestion": 0, "refused": {}, "deadLetter": 0}
    many = [{"file": number, **line} for number in range(70)]
    summary = small(book, tmp_path / "many", ("hold", "CA-01", 20), rows=many)
    assert [(entry["type"], entry["lines"]) for entry in summary["ledger"]["rows"]] == [("Observation", 1400)]


def test_the_summary_does_not_depend_on_how_the_rows_are_dealt_out(
    tmp_path: Path, book: RuleBook, rows: list[Json], summary: Json
) -> None:
    assert json.dumps(summary_of(made_run(tmp_path, book, rows[::-1]), book)) == json.dumps(summary)


def test_the_samples_are_summed_up_as_they_were_answered(tmp_path: Path, book: RuleBook) -> None:
    records = [read_record(parse_json(path.read_bytes()), book, DAY) for path in sorted(SAMPLES.glob("*/bundle.json"))]
    found = [evaluate(record, book, DAY) for record in records]
    summary = summary_of(made_run(tmp_path, book, [row_of(n, one) for n, one in enumerate(found)]), book, SHOW_ALL)
    assert by(summary["outcomes"], "outcome") == Counter(one.outcome for one in found)
    intake = scale(summary, "total calcium intake")
    assert intake["withValue"] == sum(one.chart.value("total calcium intake") is not None for one in found)


def test_the_published_export_is_summed_up(tmp_path: Path, book: RuleBook, shared: Path) -> None:
    day = date(2021, 6, 1)
    people = [one for one in people_of(shared / "data" / "bulk", lambda *_: None) if isinstance(one, Found)]
    rows = [row_of(n, one.evaluation(book, day)) for n, one in enumerate(people)]
    summary = summary_of(made_run(tmp_path, book, rows), book)
    assert summary["patients"]["in"] == 60
    assert by(summary["outcomes"], "outcome") == {"not-applicable": 60}
