"""Each planted mistake (``planted_mistakes``): the first line printed names the cause, at its line, in plain words.

What is printed for each is a golden file; ``python tests/planted.py`` writes all of them anew (with ``PYTHONPATH=.``),
and whoever did so reads the difference. In the shipped rules lines may move, so that only the line of the first message
counts there: it is that of the mistake.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from planted import NO_MISTAKE, Planted, names, plant, planted, printed, rulebook

MISTAKES = [planted(name) for name in names()]
MESSAGE = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): .+[.)] \S.*\S \[[a-z0-9-]+\]")
HELD_BACK = "Not shown: "
PROGRAMMERS_WORDS = re.compile(
    r"\bNone\b|NoneType|Traceback|\bstr\b|\bdict|\bmapping|\btuple|\bint\b|\bfloat|\bbool|\bscalar|\btoken|\bstream"
    r"|\bregex|\bpattern|\bblock end|\bblock mapping|\bparse|\binstance\b|\bvalid\b|\binput\b|\bnull\b|\\[dws]|\[A-Z\]"
    r"|pydantic|ruamel|\banchors?\b|\baliases\b|\btags?\b|cds schema"
)
"""Words of Python, of its libraries and of YAML's own description; no clinician should need them."""


def _marked(mistake: Planted) -> object:
    return pytest.param(mistake, id=mistake.name, marks=[pytest.mark.slow] if mistake.shipped else [])


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("mistake", [_marked(mistake) for mistake in MISTAKES])
def test_the_first_line_names_the_cause_at_its_line_and_all_lines_are_those_that_were_read(
    mistake: Planted, tmp_path: Path
) -> None:
    rules = rulebook(tmp_path, mistake)
    file, line = plant(rules, mistake)
    said = printed(rules)

    assert said == [NO_MISTAKE] or said[0].startswith(f"{file}:{line}: "), said
    assert _compared(said, mistake) == _compared(mistake.printed, mistake)


def _compared(lines: list[str] | tuple[str, ...], mistake: Planted) -> list[str]:
    return [re.sub(r":\d+", ":N", line) if mistake.shipped else line for line in lines]


def test_more_than_a_hundred_mistakes_are_planted_and_four_harmless_ways_to_write() -> None:
    harmless = [mistake.name for mistake in MISTAKES if mistake.printed == (NO_MISTAKE,)]

    assert harmless == ["byte-order-mark", "fullwidth-number", "spaces-in-a-unit", "windows-line-ends"]
    assert len(MISTAKES) - len(harmless) > 100


@pytest.mark.parametrize("mistake", MISTAKES, ids=names())
def test_every_message_says_what_is_wrong_and_what_to_do_in_words_that_need_no_programming(mistake: Planted) -> None:
    for line in mistake.printed:
        assert line == NO_MISTAKE or line.startswith(HELD_BACK) or MESSAGE.fullmatch(line), line
        assert not PROGRAMMERS_WORDS.search(line.rpartition(" [")[0]), line


@pytest.mark.parametrize("mistake", MISTAKES, ids=names())
def test_a_mistake_is_one_message_not_several(mistake: Planted) -> None:
    messages = [line for line in mistake.printed if not line.startswith(HELD_BACK)]

    assert len(messages) <= MOST_MESSAGES.get(mistake.name, 1), messages


MOST_MESSAGES = {"finding-removed": 2, "rule-without-cases": 2}
"""Where one mistake shows in two places that both have to be mended, or lacks two things."""
