"""Names in a text, whole, where scripts without spaces stand beside those with spaces."""

from __future__ import annotations

import pytest

from cds.intake.terminology.spelling import SIGNS
from cds.intake.terminology.word_patterns import names_beside_signs

NAMES = ("ca", "血清カルシウム", "vitamin d", "칼슘")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ca", ["Ca"]),
        ("血清Ca", ["Ca"]),
        ("Ca濃度", ["Ca"]),
        ("血清Ca濃度", ["Ca"]),
        ("Cardiac", []),
        ("VCa", []),
        ("Ca-x", []),
        ("x-Ca", []),
        ("血清カルシウム", ["血清カルシウム"]),
        ("(血清カルシウム)", ["血清カルシウム"]),
        ("補正血清カルシウム", []),
        ("血清カルシウムa", []),
        ("Vitamin-D", ["Vitamin-D"]),
        ("25칼슘", []),
        ("칼슘 (Ca)", ["칼슘", "Ca"]),
    ],
)
def test_a_name_of_letters_ends_beside_signs_and_one_of_signs_beside_neither(text: str, found: list[str]) -> None:
    assert [match[0] for match in names_beside_signs(NAMES).finditer(text)] == found


def test_no_names_are_found_nowhere() -> None:
    assert names_beside_signs(()).search("Ca") is None


def test_the_set_of_signs_stands_in_the_pattern_as_often_for_many_names_as_for_one() -> None:
    """Each set takes milliseconds to compile, and every command compiles the names of all results."""
    one, many = names_beside_signs(NAMES[:1]), names_beside_signs([f"name {number}" for number in range(500)])
    assert one.pattern.count(SIGNS) == many.pattern.count(SIGNS)
