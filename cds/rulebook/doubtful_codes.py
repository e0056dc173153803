"""The codes of rule files that cannot be codes of their system, each with its line, and what was probably meant."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from cds.code_systems import SYSTEM_NAMES
from cds.rulebook.check_digits import fault_of
from cds.rulebook.lines import code_line
from cds.rulebook.model.book import DoubtfulCode
from cds.rulebook.model.frozen import Spot
from cds.rulebook.model.value import Code
from cds.rulebook.yaml_text import Data, Page, Place, spoken

VERIFIED = "terms/verification.csv"
"""The table of codes that were looked up one by one; it is no rule file, and only serves to suggest."""


def doubtful_codes(pages: Iterable[Page], folder: Path) -> Iterator[DoubtfulCode]:
    """Every such code of pages of terms and products; a code without any digit is taken for words."""
    pages = list(pages)
    written = [(page, place, code.system, code.code) for page in pages for place, code in _codes(page)]
    wrong = [item for item in written if fault_of(*item[2:])]
    known = {(system, code) for _, _, system, code in written} | _verified(folder) if wrong else set()
    right = {pair for pair in known if not fault_of(*pair)}
    for page, place, system, code in wrong:
        near = tuple(sorted(other for own, other in right if own == system and _one_slip(code, other)))
        name, spot = SYSTEM_NAMES[system], Spot(page.name, page.line(place))
        yield DoubtfulCode(spot, spoken(place), name, code, fault_of(system, code), near)


def _codes(page: Page) -> Iterator[tuple[Place, Code]]:
    for place, text in _texts(page.data, ()):
        code = code_line(text)
        if code and any(char.isdigit() for char in code.code):
            yield place, code


def _texts(data: Data, place: Place) -> Iterator[tuple[Place, str]]:
    """Every key and every text of a list, with its place; a text beside a key is prose."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield (*place, key), key
            yield from _texts(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*place, index))
    elif place and isinstance(place[-1], int):
        yield place, data


def _verified(folder: Path) -> set[tuple[str, str]]:
    """The codes of the table; none where it is not there."""
    names = {name: url for url, name in SYSTEM_NAMES.items()}
    try:
        with (folder / VERIFIED).open(encoding="utf-8", newline="") as file:
            return {(names[row[1]], row[2]) for row in csv.reader(file) if len(row) > 2 and row[1] in names}
    except (OSError, UnicodeDecodeError):
        return set()


def _one_slip(one: str, other: str) -> bool:
    """Whether two codes differ by one character that is another, too many or lacking, or by two that are swapped."""
    if len(one) == len(other):
        places = [place for place, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
        first, last = places[0], places[-1]
        swapped = last - first == 1 and one[first] + one[last] == other[last] + other[first]
        return len(places) == 1 or (len(places) == 2 and swapped)
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) == 1 and any(long[:place] + long[place + 1 :] == short for place in range(len(long)))
