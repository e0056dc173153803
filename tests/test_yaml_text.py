"""The YAML that rule files may use: text, lines and mappings, every place with its line, and nothing clever."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from profiles import examples

from cds.errors import Problem
from cds.rulebook.yaml_text import DEEPEST, LARGEST_FILE, Data, Page, read_page, spoken


def read(folder: Path, text: str | bytes) -> tuple[Page | None, list[Problem]]:
    """The page of a file with this content, and the problems."""
    path = folder / "page.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    problems: list[Problem] = []
    return read_page(path, "page.yaml", problems), problems


def data(folder: Path, text: str | bytes) -> Data:
    """What a good file holds."""
    page, problems = read(folder, text)
    assert problems == []
    assert page is not None
    return page.data


def refusals(folder: Path, text: str | bytes) -> list[tuple[int, str, str]]:
    """Line, place and code of each problem of a bad file."""
    page, problems = read(folder, text)
    assert page is None
    return [(problem.line, problem.place, problem.code) for problem in problems]


def test_a_page_knows_the_line_of_each_key_and_of_each_item(tmp_path: Path) -> None:
    text = "# a comment\nwhen:\n  all:\n\n    - adult\n    - thiazide\ncard: |\n  text\nnever:\n  - x\n"
    page, _ = read(tmp_path, text)
    assert page is not None
    assert page.lines == {
        (): 1, ("when",): 2, ("when", "all"): 3, ("when", "all", 0): 5, ("when", "all", 1): 6, ("card",): 7,
        ("never",): 9, ("never", 0): 10,
    }  # fmt: skip


def test_a_place_that_is_not_in_the_file_has_the_line_of_the_nearest_place_around_it(tmp_path: Path) -> None:
    page, _ = read(tmp_path, "a: 1\ncard:\n  summary: x\n")
    assert page is not None
    assert page.line(("card", "variants", 3, "when")) == 2
    assert page.line(("nowhere",)) == 1
    problem = page.problem(("card", "variants", 3), "wrong.", "Mend it.", "some-code")
    assert str(problem) == "page.yaml:2: card.variants[4]: wrong. Mend it. [some-code]"


def test_windows_line_ends_count_as_one_line_each(tmp_path: Path) -> None:
    assert refusals(tmp_path, "a: 1\r\nb: 2\r\nb: 3\r\n") == [(3, "file", "duplicate-key")]


@pytest.mark.parametrize(
    "word", ["no", "yes", "null", "~", "12:30", "1.0", "0x1F", "1e3", "2026-11-24", ".inf", "true", "[iU]/d", "'no'"]
)
def test_every_scalar_stays_the_text_that_was_written(word: str, tmp_path: Path) -> None:
    quoted = f'"{word}"' if word[0] in "['" else word
    assert data(tmp_path, f"value: {quoted}\n") == {"value": word}
    assert data(tmp_path, f"{quoted}: x\n") == {word: "x"}


def test_a_key_without_a_value_has_empty_text(tmp_path: Path) -> None:
    assert data(tmp_path, "says:\nwhen: ''\n") == {"says": "", "when": ""}


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n"])
def test_a_file_without_content_is_an_empty_mapping(text: str, tmp_path: Path) -> None:
    assert data(tmp_path, text) == {}


def test_blocks_of_text_keep_or_fold_their_lines(tmp_path: Path) -> None:
    assert data(tmp_path, "a: |\n  one [x]\n  two: {y}\nb: >-\n  one\n  two\n") == {
        "a": "one [x]\ntwo: {y}\n",
        "b": "one two",
    }


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert data(tmp_path, b"\xef\xbb\xbfrule: X\n") == {"rule": "X"}


def test_a_duplicate_key_is_refused_with_its_line(tmp_path: Path) -> None:
    assert refusals(tmp_path, "card:\n  says: a\n  \"says\": b\n  'says': c\n") == [
        (3, "card", "duplicate-key"),
        (4, "card", "duplicate-key"),
    ]


def test_equal_keys_of_different_mappings_are_fine(tmp_path: Path) -> None:
    assert data(tmp_path, "- says: a\n- says: a\n") == [{"says": "a"}, {"says": "a"}]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: &x 1\nb: *x\n", [(1, "a", "yaml-anchor"), (2, "b", "yaml-anchor")]),
        ("a: !!int 1\n", [(1, "a", "yaml-tag")]),
        ("a: !secret x\n", [(1, "a", "yaml-tag")]),
        ("a: [1]\n", [(1, "a", "yaml-flow")]),
        ("a:\n  - b: {}\n", [(2, "a[1].b", "yaml-flow")]),
        ("a: 1\n---\nb: 2\n", [(2, "file", "yaml-syntax")]),
        ("a: 1\n...\n]\n", [(3, "file", "yaml-syntax")]),
        ("a: 1\n b: 2\n", [(2, "file", "yaml-syntax")]),
        ("a:\n\t- b\n", [(2, "file", "yaml-syntax")]),
        ("a: 'b\n", [(1, "file", "yaml-syntax")]),
        ('a: "\\UFFFFFFFF"\n', [(1, "file", "yaml-syntax")]),
        ('a: "\\uD800"\n', [(1, "a", "yaml-syntax")]),
        ("a: \x07\n", [(1, "file", "yaml-syntax")]),
        (b"a: b\nc: \xff\n", [(2, "file", "not-utf8")]),
    ],
)
def test_what_a_rule_file_may_not_use_is_refused_with_its_line_and_place(
    text: str | bytes, found: list[tuple[int, str, str]], tmp_path: Path
) -> None:
    assert refusals(tmp_path, text) == found


def test_a_file_of_256_kb_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    assert LARGEST_FILE == 256 * 1024
    assert data(tmp_path, "a: 1\n".ljust(LARGEST_FILE, "#")) == {"a": "1"}
    assert refusals(tmp_path, "a: 1\n".ljust(LARGEST_FILE + 1, "#")) == [(1, "file", "file-too-large")]


def nested(levels: int) -> str:
    """Lists inside lists, and a word at that many levels."""
    return "- " * levels + "word\n"


def test_a_file_may_be_nested_20_levels_deep_and_no_deeper(tmp_path: Path) -> None:
    assert data(tmp_path, nested(DEEPEST))
    assert refusals(tmp_path, "top:\n  " + nested(DEEPEST)) == [(2, "top[1]", "file-too-deep")]


def test_depth_without_end_ends_the_reading(tmp_path: Path) -> None:
    assert refusals(tmp_path, nested(100_000))[-1][2] == "file-too-deep"


def test_places_are_written_as_people_count() -> None:
    assert spoken(()) == "file"
    assert spoken(("cases", 1, "expect")) == "cases[2].expect"


@given(st.text(alphabet="ab:-?#|>'\"[]{}&*!%@`\\ \n\t0123\ud7ff\U0001f600", max_size=60))
@example('"\\x41')
@examples(500)
def test_any_text_is_either_read_or_refused_with_a_reason(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    page, problems = read(tmp_path_factory.getbasetemp(), text)
    assert (page is None) == bool(problems)


def test_the_marks_of_a_merge_are_said_at_the_first_and_lines_of_equal_signs_in_a_text_are_none(tmp_path: Path) -> None:
    merged = "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other\n"
    assert refusals(tmp_path, merged) == [(2, "file", "yaml-syntax")]
    assert data(tmp_path, "a: |\n  one\n  =======\n  two\n  =======\n") == {"a": "one\n=======\ntwo\n=======\n"}
