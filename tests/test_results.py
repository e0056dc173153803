"""Many patients from Python: a result for each, also for what cannot be read; rows and a frame with stable columns."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import cds
from cds.api.rows import COLUMNS
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "fhir_samples"
DAY = date(2026, 11, 22)
FILES = sorted(SAMPLES.glob("*/bundle.json"))


def bundle(name: str) -> Any:
    return json.loads((SAMPLES / name / "bundle.json").read_text(encoding="utf-8"))


def test_a_folder_gives_a_result_for_each_patient_as_each_is_answered_alone(book: RuleBook) -> None:
    results = cds.evaluate_all(SAMPLES, book, "2026-11-22")
    assert [Path(one.file) for one in results] == FILES
    assert [one.evaluation and cds.cards_of(one.evaluation) for one in results] == [
        cds.cards_of(cds.evaluate(file, book, DAY)) for file in FILES
    ]
    assert any("holds no FHIR resource" in note for note in results.notes)


def test_the_rows_are_those_of_the_command_line(book: RuleBook) -> None:
    for file, row in zip(FILES, cds.evaluate_all(FILES, book, DAY).rows(), strict=True):
        found = cds.result_of(cds.evaluate(file, book, DAY))
        assert tuple(row) == COLUMNS
        assert (row["file"], row["patient"], row["outcome"]) == (str(file), found["patient"], found["outcome"])
        assert (row["decided_by"], sorted(row["rules"])) == (found["decidedBy"], found["fired"])
        assert (row["advice"], row["error"]) == (found["advice"], None)
        assert len(row["not_understood"]) == len(found["account"]["notUnderstood"])
        assert bool(row["missing"]) >= (found["outcome"] == "insufficient-data")
        assert json.loads(json.dumps(row)) == row


def test_missing_names_what_the_cards_call_not_known(book: RuleBook) -> None:
    (row,) = cds.evaluate_all([SAMPLES / "no-recent-tests" / "bundle.json"], book, DAY).rows()
    detail = cds.cards_of(cds.evaluate(bundle("no-recent-tests"), book, DAY))[0]["detail"]
    told = detail.partition("**Not known, so not judged:**")[2].partition("\n")[0]
    assert row["missing"]
    assert [name for name in row["missing"] if name not in told] == []


BROKEN: dict[str, tuple[Any, str]] = {
    "a file that is not there": ("no-such.json", "[unreadable-file]"),
    "bytes that are not JSON": (b"{", "[not-json]"),
    "JSON as text": ("{}", "Parse it first: cds.parse_json(text). [not-fhir]"),
    "bytes of XML": (b"<Bundle/>", "[other-format]"),
    "a number": (5, "this is an int"),
    "nothing": (None, "this is None"),
    "an empty list": ([], "[no-patient]"),
    "a single resource": ({"resourceType": "Patient", "id": "p"}, "single resource, and no record of a patient"),
    "what is no resource": ({"a": 1}, "[not-fhir]"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_cannot_be_read_is_a_row_with_an_error_and_the_others_go_on(kind: str, book: RuleBook) -> None:
    given, said = BROKEN[kind]
    before, broken, after = cds.evaluate_all([FILES[0], given, bundle("high-calcium")], book, DAY)
    assert (before.error, after.error, after.file) == (None, None, "item 3")
    row = broken.row()
    assert said in row["error"]
    assert {value for name, value in row.items() if name not in ("file", "error")} == {None}


class BrokenModel:
    """A model of a library that breaks, with a message that holds a name."""

    def model_dump_json(self) -> str:
        raise ZeroDivisionError("Bruno")


def test_what_breaks_in_a_library_is_an_error_of_one_row_without_patient_data(book: RuleBook) -> None:
    broken, after = cds.evaluate_all([BrokenModel(), FILES[0]], book, DAY).rows()
    assert "[program-error]" in broken["error"]
    assert "Bruno" not in broken["error"]
    assert after["error"] is None


def test_several_patients_in_one_place_have_a_result_each(book: RuleBook, tmp_path: Path) -> None:
    several = [entry["resource"] for name in ("high-calcium", "no-recent-tests") for entry in bundle(name)["entry"]]
    lines = tmp_path / "export.ndjson"
    lines.write_text("".join(json.dumps(one) + "\n" for one in several), encoding="utf-8")
    whole = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in several]}
    for given in (lines, whole, [whole], json.dumps(whole).encode()):
        results = cds.evaluate_all(given, book, DAY)
        assert results.outcomes == {"hold": 1, "insufficient-data": 1}
        assert len({one.patient for one in results}) == 2


def test_results_are_a_sequence_and_count_what_was_answered(book: RuleBook) -> None:
    results = cds.evaluate_all([*FILES, "no-such.json"], book, DAY)
    assert (len(results), len(results[:3]), results[-1].error) == (len(FILES) + 1, 3, results.errors[0].error)
    assert sum(results.outcomes.values()) == len(FILES)
    assert repr(results[:0]) == "<Results: 0 in all: no outcome; 0 errors>"
    assert repr(results.errors) == "<Results: 1 in all: no outcome; 1 errors>"
    assert repr(results.errors[0]) == "<Result: unreadable-file>"


def test_wrong_rulebook_and_day_are_no_rows_but_refused(book: RuleBook) -> None:
    with pytest.raises(TypeError, match="book is a RuleBook"):
        cds.evaluate_all(FILES, "rules", DAY)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no day"):
        cds.evaluate_all(FILES, book, "yesterday")


def test_a_frame_has_the_columns_of_the_rows(book: RuleBook) -> None:
    pytest.importorskip("pandas")
    results = cds.evaluate_all([*FILES, "no-such.json"], book, DAY)
    frame = results.to_frame()
    assert (tuple(frame.columns), len(frame)) == (COLUMNS, len(results))
    assert frame.groupby("outcome").size().to_dict() == results.outcomes
    assert list(frame[frame.error.notna()].file) == ["no-such.json"]
    assert list(results[:0].to_frame().columns) == [*COLUMNS]


def test_without_pandas_a_frame_is_refused_with_what_to_install(
    book: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"needs pandas, which is not installed\. Install it .*, or use rows\(\)"):
        cds.evaluate_all([], book, DAY).to_frame()
