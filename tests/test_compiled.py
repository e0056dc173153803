"""The compiled rulebook: it says what the steps say, a person can read it, and nobody else can have written it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from generated import crowds, people, the_book
from hypothesis import given
from hypothesis import strategies as st
from people import AS_OF, Json, bundle
from profiles import examples

from cds.bookshelf import open_rulebook
from cds.facts.chart import Chart, Supposed, chart_of
from cds.facts.compiled import Compiled, compiled_of, kept_source
from cds.facts.fact import Fact
from cds.facts.sheets import source_of
from cds.forms.comparing import Compared
from cds.intake.reading import read_record
from cds.intake.record import Reading, Record
from cds.quantity import ABSENT, PRESENT, UNKNOWN, Interval
from cds.rulebook.kept import cache_file_of, note_cache_file
from cds.rulebook.model import Frozen, Measurement, RuleBook

RULES = Path(__file__).resolve().parent.parent / "rules"
RECORDS, VARIATIONS = 1000, 50
"""So many records in the full tier, each with so many changes: 50,000 charts are compared."""


@pytest.fixture(autouse=True, scope="module")
def opened_lately() -> None:
    """The book of all tests is among those that this process knows: tests before may have opened many others."""
    place = cache_file_of(open_rulebook(RULES))
    assert place is not None
    note_cache_file(the_book(), place)
    compiled_of.cache_clear()


@lru_cache(maxsize=1)
def step_wise() -> RuleBook:
    """The same rulebook, not opened from a folder: its charts are worked out step by step."""
    return replace(the_book())


@lru_cache(maxsize=1)
def thresholds() -> dict[str, list[float]]:
    """For each measurement all numbers with which something computed from it is compared, and a number beside each."""
    numbers = [
        item.comparison.bound.number
        for finding in the_book().findings.values()
        if isinstance(finding.definition, Compared)
        for item in finding.definition.thresholds
    ]
    near = sorted({number + step for number in numbers for step in (-0.1, 0.0, 0.1)})
    terms = (term for term in the_book().terms.values() if isinstance(term, Measurement))
    return {t.name: [n for n in near if t.plausible.low <= n <= t.plausible.high] for t in terms}


def content(chart: Chart) -> tuple[object, object, object]:
    return chart.facts, chart.states, chart.stale


def assert_same(record: Record, supposed: Supposed) -> tuple[Chart, Chart]:
    compiled = chart_of(record, the_book(), AS_OF, supposed)
    plain = chart_of(record, step_wise(), AS_OF, supposed)
    assert content(compiled) == content(plain)
    return compiled, plain


def varied(record: Record, picks: random.Random) -> Record:
    """The record with each result moved to a threshold or beside it, opened at an end, or to another day, at random."""

    def moved(name: str, reading: Reading) -> Reading:
        low = picks.choice(thresholds()[name] or [reading.value.low])
        high = picks.choice([low, low, low + 0.1, low * 2])
        return reading._replace(value=Interval(low, high, picks.random() < 0.2 and low < high, picks.random() < 0.2))

    readings = {
        name: [moved(name, one) if picks.random() < 0.7 else one for one in listed]
        for name, listed in record.readings.items()
        if picks.random() < 0.9
    }
    products = [p._replace(state=picks.choice([p.state, PRESENT, UNKNOWN])) for p in record.products]
    return replace(record, readings=readings, products=products)


def suppositions(chart: Chart, picks: random.Random) -> Supposed:
    """Nothing; or, as a what-if question does, some facts without a value or at an end, and a state."""
    if picks.random() < 0.5:
        return Supposed({}, {}, {})
    named = picks.sample(sorted(chart.facts), 2)
    facts: dict[str, Fact | None] = {name: _at_an_end(chart.facts[name], picks) for name in named}
    return Supposed(facts, {picks.choice(sorted(chart.states)): picks.choice((ABSENT, UNKNOWN, PRESENT))}, {})


def _at_an_end(fact: Fact | None, picks: random.Random) -> Fact | None:
    end = picks.choice(("low", "high", ""))
    return fact and (fact._replace(value=Interval(*[getattr(fact.value, end)] * 2)) if end else None)


@given(st.one_of(people(), crowds()), st.integers(0, 2**32))
@examples(RECORDS)
def test_what_is_compiled_says_what_the_steps_say(resources: list[Json], seed: int) -> None:
    assert compiled_of(the_book()) is not None
    assert compiled_of(step_wise()) is None
    record, picks = read_record(bundle(*resources), the_book(), AS_OF), random.Random(seed)
    compiled, plain = assert_same(record, Supposed({}, {}, {}))
    for _ in range(VARIATIONS):
        supposed = suppositions(compiled, picks)
        assert_same(varied(record, picks), supposed)
        if supposed.facts:
            ends = (chart.supposing(supposed.facts, supposed.states) for chart in (compiled, plain))
            assert content(next(ends)) == content(next(ends))


def lines_under(text: str, start: str) -> Iterator[str]:
    """A line that begins so, and the lines that are further in."""
    lines = iter(text.splitlines())
    first = next(line for line in lines if line.strip().startswith(start))
    yield first.strip()
    inside = len(first) - len(first.lstrip())
    for line in lines:
        if len(line) - len(line.lstrip()) <= inside:
            return
        yield line.strip()


def test_a_finding_can_be_read_with_its_sentence_its_number_and_its_line() -> None:
    spot = the_book().findings["T-score of -2.5 or lower"].spot
    assert list(lines_under(source_of(the_book()), "if 'T-score of -2.5 or lower' in todo")) == [
        f"if 'T-score of -2.5 or lower' in todo:  # {spot.file}, line {spot.line}",
        "# DXA T-score is at most -2.5 {T-score}",
        "fact, state = facts['DXA T-score'], UNKNOWN",
        "if fact is not None:",
        "low, high, low_open, high_open = fact.value",
        "# at most -2.5 {T-score}",
        "state = ABSENT if low > -2.5 or (low_open and low == -2.5) else PRESENT if high <= -2.5 else UNKNOWN",
        "states['T-score of -2.5 or lower'] = state",
    ]


def test_every_finding_and_every_fact_that_is_worked_out_stands_in_the_text_once() -> None:
    text, empty = source_of(the_book()), chart_of(Record(""), step_wise(), AS_OF)
    for name in (*empty.facts, *empty.states):
        assert text.count(f"    if {name!r} in todo:") == 1


@pytest.mark.parametrize("text", ['"""', "\nraise SystemExit\n", "\r\nraise SystemExit", "'] = 1 #"])
def test_no_text_of_a_rule_file_is_more_than_a_comment_or_a_name(text: str, tmp_path: Path) -> None:
    name, finding = "T-score of -2.5 or lower", the_book().findings["T-score of -2.5 or lower"]
    odd = finding._replace(text=text, chapter=text, spot=finding.spot._replace(file=text))
    book = replace(the_book(), title=text, version=text, findings=Frozen({**the_book().findings, name: odd}))
    Compiled(book, source_of(book), tmp_path / "kept.py")


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> RuleBook:
    """A rulebook, kept in a cache of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    return open_rulebook(folder / "rules")


def test_another_threshold_gets_another_file_beside_its_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    before = opened(tmp_path, monkeypatch)
    assert compiled_of(before) is not None
    changed = tmp_path / "rules" / "dose" / "findings.yaml"
    changed.write_text(changed.read_text("utf-8").replace("is above 1500 mg/d", "is above 1501 mg/d"), "utf-8")
    after = opened(tmp_path, monkeypatch)
    assert compiled_of(after) is not None
    texts = []
    for book in (before, after):
        place = cache_file_of(book)
        assert place is not None
        assert place.with_suffix(".py").stat().st_mode & 0o777 == 0o600
        texts.append(place.with_suffix(".py").read_text("utf-8"))
    assert "low > 1501.0" not in texts[0]
    assert "low > 1501.0" in texts[1]


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_not_run(mode: int, tmp_path: Path) -> None:
    place = tmp_path / "kept.py"
    made = kept_source(the_book(), place)
    assert place.read_text("utf-8") == made
    place.write_text(f"raise SystemExit\n{made}", "utf-8")
    assert kept_source(the_book(), place) != made
    place.chmod(mode)
    assert kept_source(the_book(), place) == made
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_file_in_a_folder_that_others_can_write_is_not_run(tmp_path: Path) -> None:
    place = tmp_path / "kept.py"
    made = kept_source(the_book(), place)
    place.write_text(f"raise SystemExit\n{made}", "utf-8")
    tmp_path.chmod(0o777)
    assert kept_source(the_book(), place) == made


def test_a_file_that_was_not_written_whole_is_made_anew(tmp_path: Path) -> None:
    place = tmp_path / "kept.py"
    made = kept_source(the_book(), place)
    place.write_text(made[: len(made) // 2], "utf-8")
    assert kept_source(the_book(), place) == made == place.read_text("utf-8")


def test_without_a_folder_to_write_to_the_text_is_made_every_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert kept_source(the_book(), tmp_path / "file" / "kept.py").startswith("# Calcium")
