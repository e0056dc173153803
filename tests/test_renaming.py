"""Everything in the rule files has its name from them alone: another name at every place changes nothing but the name.

At one place alone it is a mistake like any other, which is named with its line.
"""

from __future__ import annotations

import json
import string
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import orjson
import pytest
from generated import the_book
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from profiles import examples
from renamed import REVIEW, Change, Files, Kind, files_of, names_of, renamed, write

from cds.cards.card import cards_of_rules
from cds.errors import RulebookError
from cds.evaluation import evaluate
from cds.explanation import every_rule, why
from cds.facts.formulas import FORMULAS
from cds.intake.reading import read_record
from cds.result import result_of
from cds.rulebook.loading import read_rulebook
from cds.rulebook.model import RuleBook

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "rules"
FOLDERS = {"calcium": RULES, "potassium": ROOT / "tests" / "topics" / "potassium" / "rules"}
ONE_WORD = ("outcome", "advice code")
LETTERS = string.ascii_lowercase
NOT_THE_SAME = ("sha256", "uuid", "rulebook")
"""What follows from the files as they are written, or is made from a code."""


@lru_cache(maxsize=2)
def files(topic: str = "calcium") -> Files:
    return files_of(FOLDERS[topic])


@lru_cache(maxsize=2)
def book_of(topic: str) -> RuleBook:
    return the_book() if topic == "calcium" else read_rulebook(FOLDERS[topic], FORMULAS)


def changed(change: Change, topic: str = "calcium") -> Files:
    change.terms = tuple(book_of(topic).terms)
    return renamed(files(topic), change)


def answers(person: Any, book: RuleBook, names: dict[str, str]) -> Any:
    """What is said of a patient, with the old names; lists that are sorted by name are sorted again."""
    day = date.fromisoformat(person["asOf"])
    found = evaluate(read_record(person["bundle"], book, day), book, day)
    text = json.dumps([result_of(found), cards_of_rules(found), why(found, every_rule(found))])
    for new, old in names.items():
        text = text.replace(new, old).replace(new.capitalize(), old.capitalize())
    return same(json.loads(text))


def same(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: same(value) for key, value in data.items() if key not in NOT_THE_SAME}
    if isinstance(data, list):
        return sorted((same(item) for item in data), key=lambda item: json.dumps(item, sort_keys=True))
    return data


@lru_cache(maxsize=2)
def people(topic: str) -> list[Any]:
    """The patients of the tests, and the samples of the other topic."""
    if topic == "calcium":
        return [orjson.loads(line) for line in (ROOT / "tests" / "patients.jsonl").read_bytes().splitlines()]
    samples = sorted(FOLDERS[topic].parent.glob("fhir_samples/*/bundle.json"))
    return [{"asOf": "2026-01-01", "bundle": orjson.loads(path.read_bytes())} for path in samples]


def check_another_name_everywhere(topic: str, data: st.DataObject, folder: Path) -> None:
    """One name of each kind becomes another one, and some patients are answered as before."""
    found, terms, names = files(topic), list(book_of(topic).terms), dict[str, str]()
    for number, (kind, known) in enumerate(names_of(book_of(topic)).items()):
        old, word = data.draw(st.sampled_from(known)), data.draw(st.text(LETTERS, min_size=4, max_size=9))
        # What stands in the order of the alphabet keeps its place: the new name begins as the old one.
        new = f"{old}-{LETTERS[number]}q{word}" if kind in ONE_WORD else f"{old} {LETTERS[number]}q{word} {word[::-1]}x"
        change = Change(kind, old, new, tuple(terms))
        found, names = renamed(found, change), {**names, new: old}
        assert change.hits > 0
        terms = [new if kind == "term" and name == old else name for name in terms]
    other = read_rulebook(write(found, folder), FORMULAS)
    assert names.keys() <= {name for listed in names_of(other).values() for name in listed}
    few = st.lists(st.sampled_from(range(len(people(topic)))), min_size=3, max_size=3, unique=True)
    for number in data.draw(few):
        person = people(topic)[number]
        assert answers(person, other, names) == answers(person, book_of(topic), {})


def check_another_name_at_one_place(topic: str, data: st.DataObject, folder: Path) -> None:
    """A name becomes another one where it is defined, or at one place where it is used."""
    kind = data.draw(st.sampled_from(sorted(names_of(book_of(topic)))))
    old = data.draw(st.sampled_from(names_of(book_of(topic))[kind]))
    if places := places_of(topic, kind, old):
        refused(topic, kind, old, *data.draw(st.sampled_from(places)), folder)


def places_of(topic: str, kind: Kind, old: str) -> list[tuple[int, str]]:
    """The places of a name, each with its file; none of a name that is used nowhere."""
    everywhere = Change(kind, old, "zqother")
    changed(everywhere, topic)
    places = [(number, file) for number, file in enumerate(everywhere.files) if file != REVIEW]
    return places if len(places) > 1 else []


def refused(topic: str, kind: Kind, old: str, place: int, file: str, folder: Path) -> None:
    """The rules with another name at one place are refused; the line of the place, or of one that uses it, is named."""
    write(changed(Change(kind, old, "zqother", only=place), topic), folder)
    with pytest.raises(RulebookError) as caught:
        read_rulebook(folder, FORMULAS)
    lines = (folder / file).read_text("utf-8").splitlines()
    (line,) = [number for number, text in enumerate(lines, 1) if "zqother" in text]
    problems = caught.value.problems
    uses = [problem for problem in problems if f"'{old}'" in problem.what]
    assert uses or (file, line) in {(problem.file, problem.line) for problem in problems}, caught.value


@given(st.data())
@examples(30, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_name_that_is_another_one_everywhere_changes_nothing_but_the_name(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    check_another_name_everywhere("potassium", data, tmp_path_factory.mktemp("renamed"))


@pytest.mark.slow
@given(st.data())
@examples(6, derandomize=True, suppress_health_check=list(HealthCheck))
def test_so_it_is_in_the_rules_that_are_shipped(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    check_another_name_everywhere("calcium", data, tmp_path_factory.mktemp("renamed"))


@given(st.data())
@examples(30, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_name_that_is_another_one_at_one_place_is_an_error_with_its_line(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    check_another_name_at_one_place("potassium", data, tmp_path_factory.mktemp("once"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_place_of_every_name_counts(kind: Kind, tmp_path: Path) -> None:
    for old in names_of(book_of("potassium"))[kind]:
        for place, file in places_of("potassium", kind, old):
            refused("potassium", kind, old, place, file, tmp_path)


@pytest.mark.slow
@given(st.data())
@examples(12, derandomize=True, suppress_health_check=list(HealthCheck))
def test_so_is_one_of_the_rules_that_are_shipped(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    check_another_name_at_one_place("calcium", data, tmp_path_factory.mktemp("once"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["term", "finding", "tier", "outcome", "nutrient"])
def test_the_proofs_of_a_renamed_rulebook_are_the_same(kind: Kind, tmp_path: Path) -> None:
    pytest.importorskip("z3", reason="the solver z3 is not installed (extra 'prove')")
    from cds.proof.prove import prove

    for old in names_of(book_of("potassium"))[kind][:4]:
        new = "zqother" if kind in ONE_WORD else "zqother name"
        other = read_rulebook(write(changed(Change(kind, old, new), "potassium"), tmp_path / new / old), FORMULAS)
        before, after = ([(p.name, p.holds, p.asked) for p in prove(each)] for each in (book_of("potassium"), other))
        assert before == after


@pytest.mark.parametrize("topic", sorted(FOLDERS))
def test_files_that_are_written_anew_are_the_same_rulebook(topic: str, tmp_path: Path) -> None:
    other = read_rulebook(write(files(topic), tmp_path), FORMULAS)
    assert names_of(other) == names_of(book_of(topic))
