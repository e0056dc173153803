"""How often a day, by all the times that stand at one dose."""

from __future__ import annotations

from collections.abc import Sequence

from cds.intake.sigs.language import Token
from cds.quantity import Interval, point, tidy

TIMES = frozenset({"often", "sets", "period", "hour", "meals", "share", "weekday", "divided"})


class UnfitError(ValueError):
    """Numbers, doses or times that do not fit together."""


def often_of(group: Sequence[Token]) -> Interval | None:
    """Intakes a day of some times; None where they do not say.

    Raises:
        UnfitError: they contradict each other.

    """
    base = _base(group)
    days = _share_of_week(group)
    if days is None or base is None:
        return base or days
    return base.across(days) if base.low >= 1 else base.hull(days)


def _base(group: Sequence[Token]) -> Interval | None:
    """Intakes on the days on which it is taken."""
    times = {kind: [token.value for token in group if token.kind == kind] for kind in TIMES}
    hours, period = len(set(times["hour"])), max(times["period"], default=None)
    stated = times["often"] or times["sets"]
    if stated:
        if len(set(stated)) > 1 or (period is not None and period != 1):
            raise UnfitError
        often: Interval = stated[0]
        return often.hull(point(float(hours))) if hours > often.high else often
    if hours:
        return point(tidy(hours / (period or 1)))
    if period is not None:
        return point(tidy(1 / period))
    return Interval(1, 3) if times["meals"] else None


def _share_of_week(group: Sequence[Token]) -> Interval | None:
    days = len({token.value for token in group if token.kind == "weekday"})
    stated: list[Interval] = [token.value for token in group if token.kind == "share"]
    return stated[0] if stated else point(days / 7) if days else None
