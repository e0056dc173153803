"""Until the next change an evaluation says the same on every day, and on that day it says something else.

The oracle is the evaluation itself, of each day anew.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from generated import people
from hypothesis import given
from hypothesis import strategies as st
from people import (
    ALBUMIN,
    AS_OF,
    CALCIUM,
    SOME,
    SUBJECT,
    Json,
    bundle,
    concept,
    condition,
    dosage,
    observation,
    patient,
    request,
    statement,
)
from people import resource as fhir
from short_patients import AS_OF as SHORT_DAY
from short_patients import short_patients

from cds.errors import RecordError
from cds.evaluation import evaluate
from cds.files.people import Found, people_of
from cds.intake.bundles.bundle import gather
from cds.intake.reading import record_of
from cds.intake.validation import report_invalid
from cds.outlook import Outlook, outlook_of
from cds.result import result_of
from cds.rulebook.model import RuleBook
from cds.watched import Watched

HERE = Path(__file__).resolve().parent
ONE = timedelta(days=1)
LONG = timedelta(days=900)


def labelled() -> Iterator[tuple[Json, date]]:
    """The patients of the tests and of the samples, and the day as of which each is evaluated."""
    for file in ("patients.jsonl", "outsider_patients.jsonl"):
        for line in (HERE / file).read_text("utf-8").splitlines():
            item = json.loads(line)
            yield item["bundle"], date.fromisoformat(item["asOf"])
    yield from ((short.data, SHORT_DAY) for short in short_patients(HERE / "patients"))
    for path in sorted((HERE.parent / "fhir_samples").glob("*/bundle.json")):
        day = json.loads(path.with_name("expected.json").read_text("utf-8"))["asOf"]
        yield json.loads(path.read_text("utf-8")), date.fromisoformat(day)


PATIENTS = list(labelled())


def said(data: Any, book: RuleBook, day: date) -> Json:
    """All that an evaluation of a day says, but the day."""
    record = record_of(gather(data), book, day)
    report_invalid(record)
    return without_day(result_of(evaluate(record, book, day)))


def without_day(result: Json) -> Json:
    return {key: value for key, value in result.items() if key != "asOf"}


def as_bytes(result: Json, *gone: str) -> bytes:
    return orjson.dumps({key: value for key, value in result.items() if key not in gone})


def outlook(data: Any, book: RuleBook, day: date) -> Outlook:
    return outlook_of(gather(data), book, day)


def first_difference(data: Any, book: RuleBook, day: date, *gone: str) -> date | None:
    """The first later day on which something else is said, within ``LONG``."""
    now = as_bytes(said(data, book, day), *gone)
    days = (day + number * ONE for number in range(1, LONG.days))
    return next((later for later in days if as_bytes(said(data, book, later), *gone) != now), None)


def differences(data: Any, book: RuleBook, day: date, chance: Random) -> list[tuple[date, str]]:
    """Days before the next change on which something else is said: the last one, and any."""
    now, seen = said(data, book, day), outlook(data, book, day)
    found: list[tuple[date, str]] = []
    for change, gone in ((seen.next_change, ()), (seen.next_finding, ("cards",))):
        days = ((change or day + LONG) - day).days - 1
        for number in {days, chance.randint(1, days)} if days > 0 else ():
            later = said(data, book, day + number * ONE)
            found += [(day + number * ONE, key) for key in now if key not in gone and later[key] != now[key]]
    return found


def test_an_outlook_says_what_an_evaluation_says(book: RuleBook) -> None:
    for data, day in PATIENTS:
        seen = outlook(data, book, day)
        assert as_bytes(without_day(result_of(seen.evaluation))) == as_bytes(said(data, book, day))
        assert orjson.dumps(seen.cards) == orjson.dumps(said(data, book, day)["cards"])
        assert seen.evaluation.chart.as_of == day


def test_until_the_next_change_everything_is_said_as_before(book: RuleBook) -> None:
    chance = Random(1)
    assert [found for data, day in PATIENTS for found in differences(data, book, day, chance)] == []


@SOME
@given(people(), st.integers(-40, 700), st.randoms(use_true_random=False))
def test_until_the_next_change_any_patient_is_told_the_same(
    book: RuleBook, who: list[Json], back: int, chance: Random
) -> None:
    data, day = bundle(*who), AS_OF - back * ONE
    assert as_bytes(without_day(result_of(outlook(data, book, day).evaluation))) == as_bytes(said(data, book, day))
    assert differences(data, book, day, chance) == []


def with_other_dates(data: Json, day: date, chance: Random) -> Json:
    """The same record with most of its dates moved: whole ones and partial ones, times in zones, the future too."""

    def moved(found: re.Match[str]) -> str:
        other = (day + chance.randint(-420, 90) * ONE).isoformat()
        times = (f"{other}T23:30:00-11:00", f"{other}T00:30:00+14:00", other[:7], other[:4])
        return f'"{chance.choice((other, other, other, *times))}"' if chance.random() < 0.6 else found[0]

    found: Json = orjson.loads(re.sub(r'"\d{4}(-\d\d){0,2}(T[^"]*)?"', moved, orjson.dumps(data).decode()))
    return found


def test_until_the_next_change_records_with_any_dates_say_the_same(book: RuleBook) -> None:
    chance = Random(3)
    for data, day in PATIENTS[::2]:
        assert differences(with_other_dates(data, day, chance), book, day, chance) == []


def test_no_memory_keeps_a_watched_day(book: RuleBook) -> None:
    for data, day in PATIENTS[::10]:
        outlook(data, book, day)
    gc.collect()
    assert [one for one in gc.get_objects() if type(one) is Watched] == []


def test_nearly_every_change_that_is_named_comes_true(book: RuleBook) -> None:
    needless = told = 0
    for data, day in PATIENTS:
        if change := outlook(data, book, day).next_change:
            told += 1
            needless += said(data, book, change) == said(data, book, day)
    assert told > len(PATIENTS) / 2
    assert needless < told / 25


@pytest.mark.parametrize("number", range(0, len(PATIENTS), 40))
def test_a_walk_from_change_to_change_misses_nothing_that_any_day_says(number: int, book: RuleBook) -> None:
    data, begin = PATIENTS[number]
    day, end = begin - 200 * ONE, begin + 400 * ONE
    while day < end:
        seen, now = outlook(data, book, day), said(data, book, day)
        change = min(seen.next_finding or end, end)
        for days in range(1, (change - day).days):
            assert as_bytes(said(data, book, day + days * ONE), "cards") == as_bytes(now, "cards")
        day = change


WAYS_TO_CHANGE: dict[str, list[Json]] = {
    "a birthday": [],
    "a result becomes too old": [statement(), observation(CALCIUM, 9.4, "mg/dL")],
    "a result of the future begins to exist": [observation(CALCIUM, 12.4, "mg/dL", day="2026-02-03")],
    "a result by the month": [statement(), observation(CALCIUM, 9.4, "mg/dL", day="2025-12")],
    "two results": [observation(CALCIUM, 9.4, "mg/dL"), observation(ALBUMIN, 3.4, "g/dL", "2026-01-09", "a")],
    "a course ends": [
        request("RxNorm 282465", dosage(timing={"repeat": {"boundsDuration": {"value": 400, "code": "d"}}}))
    ],
    "an entry ends": [statement(effectivePeriod={"start": "2025-03-01", "end": "2026-02-11"})],
    "an entry begins": [statement(effectivePeriod={"start": "2026-02-11"})],
    "a supply is over": [
        fhir("MedicationDispense", "d", status="completed", medicationCodeableConcept=concept("RxNorm 282465"),
             subject=SUBJECT, whenHandedOver="2026-01-02", daysSupply={"value": 30})
    ],
    "an onset in the future": [condition("SNOMED 95570007", onsetDateTime="2026-03-01")],
    "an operation is forgotten": [
        fhir("Procedure", "o", status="completed", performedDateTime="2025-06-01", subject=SUBJECT,
             code=concept("SNOMED 13619001", "thyroidectomy"))
    ],
    "an injury of the kidneys": [condition("SNOMED 14669001", onsetDateTime="2025-12-20")],
    "a death that is to come": [],
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS_TO_CHANGE)
@pytest.mark.parametrize("gone", [(), ("cards",)])
def test_from_change_to_change_the_first_day_is_found_on_which_something_else_is_said(
    way: str, gone: tuple[str, ...], book: RuleBook
) -> None:
    who = patient(deceasedDateTime="2026-02-02") if "death" in way else patient()
    data = bundle(who, *WAYS_TO_CHANGE[way])
    now, steps = as_bytes(said(data, book, AS_OF), *gone), [AS_OF]
    while as_bytes(said(data, book, steps[-1]), *gone) == now:
        seen = outlook(data, book, steps[-1])
        change = seen.next_finding if gone else seen.next_change
        assert change is not None
        steps.append(change)
    assert steps[-1] == first_difference(data, book, AS_OF, *gone)
    assert len(steps) <= 3


def test_time_alone_changes_nothing_of_a_patient_without_dates(book: RuleBook) -> None:
    data = bundle(patient(birth=None), condition("SNOMED 95570007"))
    assert outlook(data, book, AS_OF)[2:] == (None, None)


def test_a_text_that_counts_days_changes_tomorrow_and_the_findings_may_stay(book: RuleBook) -> None:
    seen = [(outlook(data, book, day), day) for data, day in PATIENTS]
    titles = [" ".join(card["summary"] for card in one.cards) for one, _ in seen]
    counting = [each for each, title in zip(seen, titles, strict=True) if re.search(r"\d days ago", title)]
    assert counting
    assert {(one.next_change or day) - day for one, day in counting} == {ONE}
    assert any(one.next_finding and one.next_finding > day + ONE for one, day in counting)


def test_published_histories_say_the_same_until_their_next_change(book: RuleBook, shared: Path) -> None:
    chance, day = Random(2), date(2021, 6, 1)
    for place in ("bulk", "synthea", "ips"):
        for found in people_of(shared / "data" / place, lambda *_: None):
            if isinstance(found, Found) and chance.random() < 0.5:
                check_published(found, book, day, chance)


def check_published(found: Found, book: RuleBook, day: date, chance: Random) -> None:
    try:
        now = as_bytes(without_day(result_of(found.evaluation(book, day))))
    except RecordError:
        with pytest.raises(RecordError):
            outlook_of(found.gather(), book, day)
        return
    seen = outlook_of(found.gather(), book, day)
    assert as_bytes(without_day(result_of(seen.evaluation))) == now
    days = ((seen.next_change or day + LONG) - day).days - 1
    for number in {days, chance.randint(1, days)} if days > 0 else ():
        later = found.evaluation(book, day + number * ONE)
        assert as_bytes(without_day(result_of(later))) == now
