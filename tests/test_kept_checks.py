"""What `cds check` keeps: its result while nothing changed, and pages and witnesses that are only a shorter way."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from cds.bookshelf import open_exactly
from cds.review.check import check
from cds.review.checked import Checked
from cds.review.kept_checks import checked, kept_result
from cds.review.kept_logic import place_of_logic
from cds.review.known_cases import KnownCases
from cds.review.mutation import mutants
from cds.review.noticing import Witnesses, noticing, unnoticed

SMALL = Path(__file__).resolve().parent / "good_rules"
TODAY = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "calcium-cds"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "rules"))


def asked(folder: Path, day: date = TODAY) -> tuple[Checked, int]:
    """The result of a check, and how many small changes were tried for it."""
    steps = list[int]()
    book = open_exactly(folder)
    found = kept_result(book, day) or checked(book, day, lambda done, _: steps.append(done))
    return found, len(steps)


def changed(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))


def test_nothing_is_tried_again_while_nothing_changed(folder: Path) -> None:
    first, tried = asked(folder)
    assert tried > 5
    assert asked(folder) == (first, 0)


def test_the_kept_result_is_what_a_check_without_it_says(folder: Path) -> None:
    asked(folder)
    assert asked(folder)[0] == check(open_exactly(folder), TODAY, lambda done, total: None)


def test_another_day_is_looked_at_anew(folder: Path) -> None:
    asked(folder)
    late, _ = asked(folder, date(2099, 1, 1))
    assert {problem.code for problem in late.problems} >= {"review-overdue"}


def test_a_changed_file_is_looked_at_anew(folder: Path) -> None:
    first, _ = asked(folder)
    path = next(folder.rglob("findings.yaml"))
    path.write_text(path.read_text() + "\n# a remark\n")
    again, tried = asked(folder)
    assert (again, tried) == (first, first.mutants)


def test_a_damaged_file_of_the_cache_is_no_answer(folder: Path, own_cache: Path) -> None:
    first, _ = asked(folder)
    for path in own_cache.iterdir():
        path.write_bytes(b"[1]" if path.suffix != ".checked" else b'{"problems": [{"file": 1}]}')
    again, tried = asked(folder)
    assert (again, tried) == (first, first.mutants)


def test_a_witness_is_tried_first_and_never_believed(folder: Path) -> None:
    book = open_exactly(folder)
    known = KnownCases(book)
    told: Witnesses = {}
    missed, _ = unnoticed(known, witnesses=told)
    assert len(told) == len(mutants(book)) - len(missed)
    wrong: Witnesses = {mutant.what: ("NO-99", "nobody") for mutant in mutants(book)}
    assert [mutant.what for mutant in unnoticed(known, witnesses=wrong)[0]] == [mutant.what for mutant in missed]
    mutant = next(mutant for mutant in mutants(book) if mutant.what in told)
    found = noticing(mutant, known, told[mutant.what])
    assert found is not None
    assert (found.rule, found.case.name) == told[mutant.what]


def rule_file(folder: Path) -> Path:
    return next(path for path in sorted(folder.rglob("*.yaml")) if "\ncases:" in path.read_text())


def test_other_words_of_a_rule_are_read_and_no_case_is_tried_again(folder: Path) -> None:
    first, _ = asked(folder)
    path = rule_file(folder)
    path.write_text(re.sub(r"^owner: .*", "owner: somebody else", path.read_text(), flags=re.M))
    assert asked(folder) == (first, 0)
    path.write_text(re.sub(r"^says: ", "says: At 777 mg/dL ", path.read_text(), flags=re.M))
    said, tried = asked(folder)
    assert tried == 0
    assert {problem.code for problem in {*said.problems} - {*first.problems}} == {"number-in-prose"}


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"^(  - case: .*)", r"\1 and more"),
        (r"^(tier: .*)", r"\1\nguarded: yes"),
        (r"^if unknown: ask", "if unknown: ignore"),
    ],
)
def test_another_condition_case_or_vote_has_its_cases_tried_again(folder: Path, pattern: str, instead: str) -> None:
    asked(folder)
    for path in sorted(folder.rglob("*.yaml")):
        if re.search(pattern, text := path.read_text(), flags=re.M) and "\ncases:" in text:
            path.write_text(re.sub(pattern, instead, text, count=1, flags=re.M))
            break
    else:
        pytest.fail("no rule has it")
    assert kept_result(open_exactly(folder), TODAY) is None
    assert place_of_logic(open_exactly(folder), ("review",)) != place_of_logic(open_exactly(SMALL), ("review",))


def test_what_cases_say_is_not_kept_while_one_fails(folder: Path) -> None:
    path = rule_file(folder)
    text = path.read_text()
    path.write_text(re.sub(r"expect: \S+", "expect: nothing", text))
    first, _ = asked(folder)
    again, _ = asked(folder, date(2026, 11, 2))
    assert [problem.code for problem in first.problems].count("case-fails")
    assert again.problems == first.problems


def test_the_logic_of_a_rule_has_one_name_in_every_process(folder: Path) -> None:
    code = (
        "from pathlib import Path\nfrom cds.bookshelf import open_exactly\n"
        "from cds.review.kept_logic import place_of_logic\n"
        f"print(place_of_logic(open_exactly(Path({str(folder)!r})), ('review',)))"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout != "None\n"
