"""The doses of a day, each with its times.

What is said of a strength beside a number of tablets is no second dose.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from cds.intake.sigs.dose import Dose
from cds.intake.sigs.frequency import TIMES, UnfitError, often_of
from cds.intake.sigs.language import Token
from cds.intake.sigs.productions import MOST_UNITS
from cds.intake.sigs.said import Part
from cds.quantity import Interval, point, tidy

MOST_AT_ONCE = 4
"""More dose forms than these, beside a mass with times of its own, may be a supply."""


def parts_of(told: Sequence[Token]) -> list[Part]:
    """The parts of one step.

    Raises:
        UnfitError: doses and times do not fit together.

    """
    items = [token for token in _without_strengths(_without_supply(told)) if token.kind in ("dose", *TIMES)]
    return [_part(group) for group in _groups(items)]


def _without_strengths(told: Sequence[Token]) -> list[Token]:
    """Of doses that stand beside each other the number of dose forms; the mass beside it is what they hold."""
    found: list[Token] = []
    for token in told:
        last = found[-1] if found else None
        if token.kind == "dose" and last is not None and last.kind == "dose":
            found[-1] = _counted_of(last, token)
        elif token.kind in ("dose", *TIMES):
            found.append(token)
    return found


def _without_supply(told: Sequence[Token]) -> list[Token]:
    """The tokens without a large number of dose forms beside a small one: ``1 tab bid, 60 tablets``."""
    counted = [token.value.number.high for token in told if token.kind == "dose" and token.value.unit == ""]
    if not counted or min(counted) > MOST_UNITS:
        return list(told)
    return [t for t in told if t.kind != "dose" or t.value.unit or t.value.number.high <= MOST_UNITS]


def _counted_of(one: Token, other: Token) -> Token:
    if one.value == other.value:
        return one
    counted = [token for token in (one, other) if token.value.unit == ""]
    if len(counted) == 1:
        return counted[0]
    masses = [token for token in (one, other) if token.value.unit != "ml"]
    if len(counted) == 2 or len(masses) != 1:
        raise UnfitError
    return masses[0]


def _groups(items: Sequence[Token]) -> list[list[Token]]:
    """Each dose with its times, which stand behind the doses or before them."""
    doses = [token.value for token in items if token.kind == "dose"]
    if len(doses) < 2:
        return [list(items)] if items else []
    if len({dose.unit for dose in doses}) > 1:
        return _counted_alone(items)
    lead = next(number for number, token in enumerate(items) if token.kind == "dose")
    behind = _split(items[lead:])
    if all(len(group) > 1 for group in behind):
        return _checked(items[:lead], behind)
    if lead:
        return _split_before_times(items)
    raise UnfitError


def _counted_alone(items: Sequence[Token]) -> list[list[Token]]:
    """One number of dose forms with all times, where all other doses are masses that a dose form holds.

    The mass stands before the number and its times (``120 mg, once a day 1 tablet``), or behind all (``1 tablet daily -
    75 mg``). Many dose forms behind all are a supply.
    """
    doses = [token for token in items if token.kind == "dose"]
    counted = [dose for dose in doses if dose.value.unit == ""]
    behind = items[-1].kind == "dose"
    if len(counted) != 1 or not (behind or items[1].kind != "dose") or counted[0].value.number.high > MOST_AT_ONCE:
        raise UnfitError
    if not behind and doses[0] is not counted[0]:
        raise UnfitError
    return [[token for token in items if token.kind != "dose" or token is counted[0]]]


def _split(items: Sequence[Token]) -> list[list[Token]]:
    """Groups that begin with a dose."""
    groups: list[list[Token]] = []
    for token in items:
        if token.kind == "dose":
            groups.append([])
        groups[-1].append(token)
    return groups


def _split_before_times(items: Sequence[Token]) -> list[list[Token]]:
    """Groups that end with a dose: ``in the morning 1, at night 2``."""
    groups: list[list[Token]] = [[]]
    for token in items:
        if groups[-1] and groups[-1][-1].kind == "dose":
            groups.append([])
        groups[-1].append(token)
    if any(group[-1].kind != "dose" or len(group) < 2 for group in groups):
        raise UnfitError
    return groups


def _checked(lead: Sequence[Token], groups: list[list[Token]]) -> list[list[Token]]:
    """The groups, where what stands before them says how many times there are in all, or only that it is each day."""
    if not lead:
        return groups
    stated = often_of(lead)
    total = reduce(Interval.plus, (often for group in groups if (often := often_of(group)) is not None))
    if stated is not None and stated not in (total, point(1.0)):
        raise UnfitError
    return groups


def _part(group: Sequence[Token]) -> Part:
    dose = next((token.value for token in group if token.kind == "dose"), None)
    hours = frozenset(token.value for token in group if token.kind == "hour")
    often = often_of(group)
    sets = next((token.value for token in group if token.kind == "sets"), None)
    if sets is not None and dose is not None and any(token.kind == "often" for token in group):
        dose = Dose(dose.number.across(sets), dose.unit)
    divided = next((token.value for token in group if token.kind == "divided"), None)
    if divided is not None:
        return Part(share_of(dose, divided), divided, hours)
    return Part(dose, often, hours)


def share_of(dose: Dose | None, times: Interval) -> Dose | None:
    """One of the doses into which that of a day is divided."""
    if dose is None or not times.is_point or not times.low:
        return None
    return Dose(Interval(tidy(dose.number.low / times.low), tidy(dose.number.high / times.low)), dose.unit)
