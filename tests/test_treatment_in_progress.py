"""A treatment whose Procedure is in progress goes on: however old it is, and also where no day of it is on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from people import AS_OF, SUBJECT, Json, codes_of, concept, read, resource

from cds.facts.chart import chart_of
from cds.quantity import ABSENT, PRESENT, UNKNOWN, State
from cds.rulebook.model import RuleBook

LONG_AGO, LATER = "2023-04-01", str(AS_OF + timedelta(days=200))
GOING_ON: dict[str, Json] = {
    "no date": {},
    "the day on which it began": {"performedDateTime": LONG_AGO},
    "a period without an end": {"performedPeriod": {"start": LONG_AGO}},
    "a period whose end is only foreseen": {"performedPeriod": {"start": LONG_AGO, "end": LATER}},
    "words": {"performedString": "since 2023"},
    "the element of R5": {"occurrencePeriod": {"start": LONG_AGO}},
}


def treatment(status: str = "in-progress", said: str = "Hemodialysis", **more: Any) -> Json:
    code = concept("SNOMED 302497006", said)
    return resource("Procedure", "hd", status=status, subject=SUBJECT, code=code, **more)


def state(book: RuleBook, *resources: Json) -> State:
    return chart_of(read(book, *resources), book, AS_OF).state("dialysis")


@pytest.mark.parametrize("dated", GOING_ON)
def test_what_is_in_progress_goes_on(book: RuleBook, dated: str) -> None:
    item = treatment(**GOING_ON[dated])
    assert state(book, item) is PRESENT
    assert "unclear-condition" not in codes_of(read(book, item))


ENDED: dict[str, tuple[Json, State]] = {
    "completed, without a date": (treatment("completed"), UNKNOWN),
    "completed long ago": (treatment("completed", performedDateTime=LONG_AGO), ABSENT),
    "in progress, with an end long ago": (
        treatment(performedPeriod={"start": "2022-01-01", "end": LONG_AGO}), ABSENT),
    "in progress, with an end that cannot be read": (treatment(performedPeriod={"end": "spring"}), UNKNOWN),
    "it begins later": (treatment(performedDateTime=LATER), ABSENT),
    "on hold": (treatment("on-hold"), ABSENT),
    "its words say that it is planned": (treatment(said="Hemodialysis planned"), UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("case", ENDED)
def test_what_ended_or_has_not_begun_does_not(book: RuleBook, case: str) -> None:
    item, expected = ENDED[case]
    assert state(book, item) is expected
