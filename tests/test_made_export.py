"""The synthetic exports that other tests rest on: the same for a seed, complete, of a plausible kind, and readable."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from invented.odd_people import SHAPES
from invented.products import BINDERS, SHARES, product
from invented.records import Line, line_of, odd_records, records_of
from invented.templates import Json
from made_export import Plan, Written, main, records_in, write_export

from cds.cards.card import cards_of
from cds.evaluation import Evaluation
from cds.files.people import Found, people_of
from cds.rulebook.model import RuleBook

DAY = date(2026, 6, 1)
SMALL = Plan(120, odd=0)
USUAL = {"matched-by-name", "dosage-in-words", "dosage-unclear", "flag-not-borne-out"}
"""The issues of people in no odd shape: names without a known code, dosages in words or missing, flags alone."""
THE_SAME = ("subject absolute", "subject of a version", "subject by identifier", "same line twice", "two versions",
            "linked patients", "visit without a subject", "date without a zone")  # fmt: skip
"""The shapes in which nothing else is said."""


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def lines_in(folder: Path) -> Iterator[tuple[str, Json]]:
    for path in sorted(folder.glob("*.ndjson")):
        yield from ((path.name, orjson.loads(line)) for line in path.read_bytes().splitlines())


def found_in(folder: Path) -> tuple[list[Found], list[str]]:
    """The people in a folder, and what was said of files other than the manifest."""
    said: list[str] = []
    items = list(people_of(folder, lambda path, text: said.append(f"{path.name}: {text}")))
    return [item for item in items if isinstance(item, Found)], [text for text in said if "manifest" not in text]


def takes_calcium(evaluation: Evaluation) -> bool:
    return any("calcium" in product.amounts for product in evaluation.chart.record.products)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Written]:
    folder = tmp_path_factory.mktemp("made") / "export"
    return folder, write_export(Plan(400, odd=0.2), folder, lines_per_file=700)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_people(tmp_path: Path) -> None:
    for name, plan in (("a", SMALL), ("b", SMALL), ("c", SMALL._replace(seed=1))):
        write_export(plan, tmp_path / name)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    ids = [{one["id"] for name, one in lines_in(tmp_path / which) if ".Patient." in name} for which in "ac"]
    assert ids[0].isdisjoint(ids[1])


def test_a_person_is_the_same_in_a_larger_export() -> None:
    few, many = (list(records_in(SMALL._replace(patients=number))) for number in (5, 9))
    assert [records.lines for records in few] == [records.lines for records in many[:5]]


def test_the_manifest_counts_the_lines_of_each_file(made: tuple[Path, Written]) -> None:
    folder, written = made
    manifest = json.loads((folder / "manifest.json").read_bytes())
    counts = Counter(name for name, _ in lines_in(folder))
    assert {item["url"].rpartition("/")[2]: item["count"] for item in manifest["output"]} == counts == written.files
    assert manifest["transactionTime"].startswith("2026-06-01")
    assert manifest["deleted"] == manifest["error"] == []
    assert max(counts.values()) == 700
    assert {name.split(".")[1] for name in counts} == {item["type"] for item in manifest["output"]}
    assert all(one["resourceType"] == name.split(".")[1] for name, one in lines_in(folder))


def test_lines_of_one_person_do_not_stand_together(made: tuple[Path, Written]) -> None:
    results = [one for name, one in lines_in(made[0]) if ".Observation." in name]
    whose = [one.get("subject", {}).get("reference") for one in results]
    assert sum(one == other for one, other in pairwise(whose)) < len(whose) / 50


def test_packed_files_hold_the_same_lines(tmp_path: Path) -> None:
    arguments = ["--patients", "20", "--seed", "3", "--out"]
    assert main([*arguments, str(tmp_path / "plain")]) == main([*arguments, str(tmp_path / "packed"), "--gzip"]) == 0
    plain, packed = content(tmp_path / "plain"), content(tmp_path / "packed")
    del plain["manifest.json"], packed["manifest.json"]
    assert {name.removesuffix(".gz"): gzip.decompress(text) for name, text in packed.items()} == plain


def test_there_are_about_twelve_resources_a_person_and_a_tenth_take_calcium() -> None:
    people = list(records_in(Plan(2000)))
    assert 11 < sum(len(records.lines) for records in people) / 2000 < 13
    assert 0.08 < sum(records.person.on_calcium for records in people) / 2000 < 0.12
    assert 0.01 < sum(records.shape != "" for records in people) / 2000 < 0.03
    assert all(records.person.on_calcium for records in records_in(Plan(20, "all")))


def test_results_are_of_the_size_that_servers_write() -> None:
    sizes = [
        len(line.text) for records in records_in(Plan(300)) for line in records.lines if line.kind == "Observation"
    ]
    assert 700 < sum(sizes) / len(sizes) < 900
    assert min(sizes) > 450


def test_products_are_those_of_the_rule_files() -> None:
    assert all("calcium" in product(code)["text"] for code in (*SHARES, *BINDERS))


def test_people_in_usual_shapes_are_read_without_a_remark(book: RuleBook, tmp_path: Path) -> None:
    write_export(Plan(150, odd=0), tmp_path / "export")
    people, said = found_in(tmp_path / "export")
    assert (len(people), said) == (150, [])
    known = {records.person.id: records.person for records in records_in(Plan(150, odd=0))}
    for found in people:
        evaluation = found.evaluation(book, DAY)
        assert cards_of(evaluation) is not None
        assert takes_calcium(evaluation) == known[found.patient.partition("/")[2]].on_calcium
        assert not {issue.code for issue in evaluation.chart.record.issues} - USUAL


def test_everybody_in_an_export_with_odd_shapes_has_an_answer(book: RuleBook, made: tuple[Path, Written]) -> None:
    people, said = found_in(made[0])
    assert (len(people), said) == (400, [])
    assert set(made[1].odd.values()) == set(SHAPES)
    assert all(found.evaluation(book, DAY).decision.outcome for found in people)


def evaluation_of(lines: list[Line], folder: Path, book: RuleBook) -> Evaluation:
    """The evaluation of the first of two people in a file."""
    others = records_of(5, 12, "all", odd=0).lines
    (folder / "lines.ndjson").write_text("\n".join(line.text for line in (*lines, *others)))
    people, _ = found_in(folder)
    assert len(people) == 2
    return people[0].evaluation(book, DAY)


@pytest.mark.parametrize("name", THE_SAME)
def test_shapes_that_say_the_same_have_the_same_answer(name: str, tmp_path: Path, book: RuleBook) -> None:
    usual = records_of(5, 11, "all", odd=0)
    odd = odd_records(usual.person, usual.lines, name)
    answers = [evaluation_of(lines, tmp_path, book) for lines in (usual.lines, odd.lines)]
    one, other = ((made.decision.outcome, made.decision.decided_by) for made in answers)
    assert one == other
    one, other = ({reading.value for reading in made.chart.record.readings["creatinine"]} for made in answers)
    assert one == other != set()


def test_a_product_nobody_knows_is_said_and_is_no_calcium(tmp_path: Path, book: RuleBook) -> None:
    usual = records_of(5, 11, "all", odd=0)
    medicines = [line for line in usual.lines if line.kind == "MedicationRequest"]
    odd = odd_records(usual.person, [usual.lines[0], *medicines], "product nobody knows")
    evaluation = evaluation_of(odd.lines, tmp_path, book)
    assert "medicine-not-understood" in {issue.code for issue in evaluation.chart.record.issues}
    assert not takes_calcium(evaluation)


def test_results_that_name_nobody_are_written_if_asked_and_are_said_to_everybody(
    tmp_path: Path, book: RuleBook
) -> None:
    write_export(Plan(3, "all", odd=0, nobodys=4), tmp_path / "export")
    results = [one for name, one in lines_in(tmp_path / "export") if ".Observation." in name]
    assert sum("subject" not in one for one in results) == 4
    for found in found_in(tmp_path / "export")[0]:
        assert "not-attributed" in {issue.code for issue in found.record(book, DAY).issues}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_changes_the_records_of_its_person(name: str) -> None:
    usual = records_of(5, 11, "all", odd=0)
    assert odd_records(usual.person, usual.lines, name).lines != [
        line_of(orjson.loads(line.text)) for line in usual.lines
    ]
