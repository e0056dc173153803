"""The page of message codes is the one that the code makes, and each home that it names holds the list."""

from __future__ import annotations

import re

import pytest
from message_codes import CHAPTERS, PAGE, Chapter, page

ROOT = PAGE.parent.parent


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tests/message_codes.py"


@pytest.mark.parametrize("chapter", CHAPTERS, ids=[chapter.heading for chapter in CHAPTERS])
def test_a_list_stands_where_the_page_says(chapter: Chapter) -> None:
    *names, place = re.findall(r"`(\S+)`", chapter.home)
    files = [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).glob("*.py"))
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    assert all(re.search(rf"^{name}\b", source, flags=re.MULTILINE) for name in names)
    assert chapter.meanings
