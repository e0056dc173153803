"""For how long an order supplies a medicine: its validity, and the days of each supply with its repeats.

A supply that has ended does not end a course: a patient may have some left, or buy more. An order that is recorded as
active and ended long ago is no proof either that the medicine is still taken.
"""

from __future__ import annotations

import math
from typing import Any

from cds.intake.times import NEVER, days_of, moment
from cds.jsontypes import Json

LONG_AFTER = 365
"""After so many days without a new order it is not certain that the medicine is still taken: prescriptions are renewed
at least every year."""


def is_long_past(order: Json, day: int) -> bool:
    """Whether the validity and the supplies of an order ended long before a day; not where neither is stated."""
    dispense = order.get("dispenseRequest")
    if not isinstance(dispense, dict):
        return False
    until = _supplied_until(order, dispense)
    return until is not None and day - until > LONG_AFTER


def _supplied_until(order: Json, dispense: Json) -> int | None:
    """The last day of the validity and of all supplies; None where none is stated, or it cannot be read."""
    period = dispense.get("validityPeriod")
    validity: Json = period if isinstance(period, dict) else {}
    end = moment(str(validity.get("end") or ""))
    began = moment(str(validity.get("start") or order.get("authoredOn") or ""))
    length = days_of(dispense.get("expectedSupplyDuration"))
    ends = [end.last] if end is not None else []
    if length is not None and began is not None and length.high < math.inf:
        ends.append(int(min(began.last + length.high * _supplies(dispense.get("numberOfRepeatsAllowed")), NEVER)))
    return max(ends, default=None)


def _supplies(repeats: Any) -> int:
    counted = isinstance(repeats, int) and not isinstance(repeats, bool) and repeats > 0
    return 1 + (repeats if counted else 0)
