"""The amount of one intake of a medicine."""

from __future__ import annotations

import math
from typing import NamedTuple

from cds.quantity import Interval


class Dose(NamedTuple):
    """The amount of one intake: a number in a unit; ``unit`` is '' for dose forms and '?' when it is not stated."""

    number: Interval
    unit: str


ANY_NUMBER = Interval(0, math.inf)
NOT_UNDERSTOOD = Dose(ANY_NUMBER, "?")
"""A dose that is stated and not understood: any amount."""
