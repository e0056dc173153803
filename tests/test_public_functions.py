"""What people give to the public functions is read as they mean it, or refused with a sentence that says what is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import cds
from cds import about
from cds.errors import CdsError, RecordError
from cds.evaluation import evaluate
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "fhir_samples" / "high-calcium" / "bundle.json"
TEXT = FILE.read_text(encoding="utf-8")
DAY = date(2026, 11, 22)
NAME = json.loads(TEXT)["entry"][0]["resource"]["id"]


def model() -> Any:
    """The sample as fhir.resources holds it."""
    from fhir.resources.R4B.bundle import Bundle

    return Bundle.model_validate(json.loads(TEXT))


GIVEN = {
    "a dict": lambda: json.loads(TEXT),
    "a list of resources": lambda: [entry["resource"] for entry in json.loads(TEXT)["entry"]],
    "text that was parsed": lambda: cds.parse_json(TEXT),
    "text with a byte order mark that was parsed": lambda: cds.parse_json(f"\ufeff{TEXT}"),
    "a dict with Decimals": lambda: json.loads(TEXT, parse_float=Decimal),
    "a model as a dict of Python": lambda: model().model_dump(),
    "bytes": TEXT.encode,
    "a bytearray": lambda: bytearray(TEXT.encode()),
    "a memoryview": lambda: memoryview(TEXT.encode()),
    "a path": lambda: FILE,
    "the name of a file": lambda: str(FILE),
    "a model of fhir.resources": model,
    "a list of models": lambda: [entry.resource for entry in model().entry],
}


@pytest.mark.parametrize("kind", GIVEN)
def test_fhir_data_are_taken_as_people_have_them(kind: str, book: RuleBook) -> None:
    found = cds.evaluate(GIVEN[kind](), book, "2026-11-22")
    expected = evaluate(read_record(json.loads(TEXT), book, DAY), book, DAY)
    assert result_of(found) == result_of(expected)


def test_a_file_is_answered_as_the_command_line_answers_it(book: RuleBook, tmp_path: Path) -> None:
    odd = tmp_path / "odd.json"
    data = json.loads(TEXT)
    data["entry"][0]["resource"]["photo"] = "no list"
    odd.write_text(json.dumps(data), encoding="utf-8")
    found = cds.result_of(cds.evaluate(odd, book, DAY))
    command = [sys.executable, "-m", "cds", "evaluate", str(odd), "--as-of", "2026-11-22", "--json", "--rules", "rules"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"file": str(odd), **json.loads(json.dumps(found))} == json.loads(printed)
    assert "not-r4-valid" in [issue["code"] for issue in found["issues"]]


DAYS = {
    "text": "2026-11-22",
    "a date": DAY,
    "a datetime without a zone": datetime(2026, 11, 22, 23, 59),  # noqa: DTZ001
    "a datetime, by the day of its own zone": datetime(2026, 11, 22, 0, 30, tzinfo=timezone(timedelta(hours=14))),
}


@pytest.mark.parametrize("kind", DAYS)
def test_a_day_is_taken_as_people_write_it(kind: str, book: RuleBook) -> None:
    day = cds.evaluate(FILE, book, DAYS[kind]).chart.as_of
    assert (type(day), day) == (date, DAY)


@pytest.mark.parametrize(
    "text",
    [
        "22.11.2026", "11/22/2026", "20261122", "2026-W47-7", "2026-11-22T10:00:00Z", "2026-11", "2026-02-30", "today",
        "", " 2026-11-22", "2026-11-22\n",
    ],
)  # fmt: skip
def test_text_that_is_no_day_or_can_be_read_in_two_ways_is_refused_with_a_sentence(text: str, book: RuleBook) -> None:
    with pytest.raises(ValueError, match=r"no day that can be read in one way only\. Write it like '2026-11-22'"):
        cds.evaluate(FILE, book, text)


def test_a_message_about_a_day_does_not_repeat_a_record(book: RuleBook) -> None:
    with pytest.raises(ValueError, match="as_of: this text is no day") as caught:
        cds.evaluate(FILE, book, TEXT)
    assert NAME not in str(caught.value)


def test_without_a_day_it_is_today_and_without_a_rulebook_the_usual_one_opened_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CDS_RULES", str(ROOT / "rules"))
    monkeypatch.delenv("CDS_OVERLAY", raising=False)
    before, found, again, after = date.today(), cds.evaluate(FILE), cds.evaluate(TEXT.encode()), date.today()  # noqa: DTZ011
    assert before <= found.chart.as_of <= after
    assert found.book is again.book
    monkeypatch.setenv("CDS_OVERLAY", "eu")
    assert cds.evaluate(FILE).book.overlay is not None


def _wrong(book: RuleBook) -> dict[str, tuple[Any, str]]:
    """Wrong uses, and what the sentence about each must say."""
    record = cds.read_record(FILE, book, DAY)
    return {
        "no FHIR data": (lambda: cds.evaluate(5, book, DAY), "FHIR data, and this is an int. Give a Bundle"),
        "nothing": (lambda: cds.evaluate(None, book, DAY), "FHIR data, and this is None."),
        "values that are no JSON": (lambda: cds.evaluate({"x": {1j}}, book, DAY), "values that are no JSON. Give "
                                    "the model itself"),
        "JSON as text, where text is the name of a file": (lambda: cds.evaluate(TEXT, book, DAY), "Parse it first: "
                                                           "cds.parse_json(text)"),
        "XML as text": (lambda: cds.read_record("<Bundle/>", book, DAY), "Parse it first: cds.parse_json(text)"),
        "a Record read again": (lambda: cds.read_record(record, book, DAY), "read already: cds.evaluate(record, book"),
        "a Record without its day": (lambda: cds.evaluate(record, book), "Give both: cds.evaluate(record, book, "),
        "a Record without its rulebook": (lambda: cds.evaluate(record, as_of=DAY), "Give both: cds.evaluate(record, "),
        "day and rulebook exchanged": (lambda: cds.evaluate(FILE, DAY, book), "book is a RuleBook, and this is a date. "
                                       "The order is"),
        "a folder as rulebook": (lambda: cds.evaluate(FILE, "rules", DAY), "book = cds.open_rulebook(folder)"),
        "a number as rulebook": (lambda: cds.evaluate(FILE, 5, DAY), "or leave it out"),
        "a number as day": (lambda: cds.evaluate(FILE, book, 20261122), "as_of is the day of the evaluation, and this "
                            "is an int. Write it like '2026-11-22'"),
        "cards of a Record": (lambda: cds.cards_of(record), "cards_of takes an Evaluation, and this is a Record. "
                              "Evaluate it first"),
        "result of a Bundle": (lambda: cds.result_of({}), "result_of takes an Evaluation, and this is a dict."),
        "JSON parsed twice": (lambda: cds.parse_json({}), "parsed already. Give it to cds.read_record"),
        "a rulebook opened twice": (lambda: cds.open_rulebook(book), "It is open already"),
        "a number as folder": (lambda: cds.open_rulebook(5), "takes folders, and this is an int"),
    }  # fmt: skip


def test_wrong_use_is_refused_with_what_was_given_what_is_wanted_and_how_to_get_it(book: RuleBook) -> None:
    for use, (call, said) in _wrong(book).items():
        with pytest.raises(TypeError) as caught:
            call()
        assert said in str(caught.value), use
        assert NAME not in str(caught.value), use


def test_a_day_that_is_none_is_refused(book: RuleBook) -> None:
    class NoTime(datetime):
        def date(self) -> date:
            raise ValueError("no day")

    with pytest.raises(ValueError, match="this datetime has no day"):
        cds.evaluate(FILE, book, NoTime(2026, 1, 1))


@pytest.mark.parametrize(("given", "code"), [("no-such-file.json", "unreadable-file"), (b"<Bundle/>", "other-format"),
                                             (b"{", "not-json"), ("\udcff{", "unreadable-file"), (b"\xff", "not-json"),
                                             ([], "no-patient")])  # fmt: skip
def test_data_that_cannot_be_read_are_an_error_with_its_code(given: Any, code: str, book: RuleBook) -> None:
    with pytest.raises(RecordError) as caught:
        cds.evaluate(given, book, DAY)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["{", "<Bundle/>", "{\udcff", "bundle.json", str(FILE)])
def test_text_to_be_parsed_is_never_taken_for_the_name_of_a_file(text: str) -> None:
    with pytest.raises(RecordError) as caught:
        cds.parse_json(text)
    assert caught.value.code in ("not-json", "other-format")


def test_a_folder_of_rules_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CdsError, match=r"There is no folder of rule files at '.*none'\. Name one, or leave it out"):
        cds.open_rulebook(tmp_path / "none")


def test_every_public_name_is_there_and_listed() -> None:
    assert dir(cds) == sorted(cds.__all__)
    assert all(getattr(cds, name) is not None for name in cds.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'evaluated'"):
        _ = cds.evaluated


def test_the_version_is_that_of_the_installation_else_that_of_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    written = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert written
    assert cds.__version__ in (written[1], f"{written[1]}+checkout")
    monkeypatch.setattr(about, "PROGRAM", "no-such-program")
    assert about.version.__wrapped__() == "0+unknown"


def test_a_checkout_that_is_not_installed_says_so(tmp_path: Path) -> None:
    (tmp_path / "cds").mkdir()
    for name in ("cds/__init__.py", "cds/about.py", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-S", "-c", "import cds; print(cds.__version__)"]
    done = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"{cds.__version__.partition('+')[0]}+checkout\n", "")


def test_importing_the_package_loads_nothing_slow() -> None:
    code = "import sys, cds; print([n for n in sys.modules if n.startswith('cds.') or n == 'importlib.metadata'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_services_own_functions_are_not_those_of_the_public_door() -> None:
    assert (cds.evaluate, cds.read_record) != (evaluate, read_record)
    assert result_of is not cds.result_of
