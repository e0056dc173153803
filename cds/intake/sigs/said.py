"""What directions in words say, put together from their reduced tokens.

A text may have several parts that are taken beside each other (two in the morning and one at night), and parts that
follow each other (``then``). What is said of a strength beside a number of tablets is no second dose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

from cds.intake.medicines.dose import Dose
from cds.intake.sigs.grammar import MOST_UNITS
from cds.intake.sigs.language import Token
from cds.intake.sigs.tokens import BAD, SIGN
from cds.quantity import Interval, point, tidy


class Part(NamedTuple):
    """One dose at its times: intakes a day, and the parts of the day; None where the text does not say."""

    dose: Dose | None = None
    per_day: Interval | None = None
    hours: frozenset[str] = frozenset()


class Said(NamedTuple):
    """What a text says.

    ``parts`` are taken beside each other; of ``others`` one may be meant instead of them. ``odd``: it has numbers that
    are not understood, so that dose and times are not known. ``open``: words that are not understood may change it.
    ``lasts`` are the fewest days for which it is taken; ``stopped``: it says that the medicine is not taken.
    """

    parts: tuple[Part, ...] = ()
    others: tuple[Part, ...] = ()
    needed: bool = False
    most: Dose | None = None
    lasts: float | None = None
    stopped: bool = False
    odd: bool = False
    open: bool = False

    @property
    def says_something(self) -> bool:
        """Whether it says a dose or times, or has numbers that are not understood."""
        return self.odd or any(part.dose or part.per_day for part in self.parts)

    @property
    def is_complete(self) -> bool:
        """Whether each part has a dose and times, and nothing is left over."""
        return bool(self.parts) and not self.odd and all(part.dose and part.per_day for part in self.parts)


NOTHING = Said()
MOST_AT_ONCE = 4
"""More dose forms than these, beside a mass with times of its own, may be a supply."""
TIMES = frozenset({"often", "sets", "period", "hour", "meals", "share", "weekday", "divided"})
_ODD = frozenset({"number", "occasions", "scheme", BAD, SIGN})


class NotUnderstood(ValueError):
    """Numbers, doses or times that do not fit together."""


def said_by(told: Sequence[Token]) -> Said:
    """What reduced tokens say."""
    kinds = {token.kind for token in told}
    flags = {"needed": "needed" in kinds, "stopped": "stop" in kinds, "open": bool(kinds & {"change", "word"})}
    lasts = min((token.value.low for token in told if token.kind == "lasts"), default=None)
    inner = _said_by(_outside_brackets(told))
    said = inner if inner.is_complete else _said_by(told)
    return said._replace(lasts=lasts, **flags)


def _said_by(told: Sequence[Token]) -> Said:
    plain, most, upto = _limited(_with_bare(told))
    try:
        first, *later = [_parts(step) for step in _steps(plain)]
    except NotUnderstood:
        return Said(odd=True)
    parts, others = _first_of(first, later)
    parts = [_at_most(part) for part in parts] if upto else parts
    return Said(tuple(parts), tuple(others), most=most, odd=bool({t.kind for t in plain} & _ODD))


def _outside_brackets(told: Sequence[Token]) -> list[Token]:
    """The tokens without those in brackets: these say the same in other words, or what a dose form holds."""
    found: list[Token] = []
    depth = 0
    for token in told:
        depth = max(0, depth + (token.kind == "open") - (token.kind == "close"))
        if depth == 0:
            found.append(token)
    return found


def _first_of(first: list[Part], later: list[list[Part]]) -> tuple[list[Part], list[Part]]:
    """The parts of the first step, and each later step as one; a step without a dose or times says nothing."""
    steps = [step for step in (first, *later) if any(p.dose or p.per_day for p in step)]
    return (steps[0] if steps else first), [as_one(step) for step in steps[1:]]


def as_one(parts: Sequence[Part]) -> Part:
    """Several parts of a day as one, with the range of their doses."""
    if len(parts) == 1:
        return parts[0]
    doses, often = [p.dose for p in parts if p.dose], [p.per_day for p in parts if p.per_day]
    if len(doses) < len(parts) or len(often) < len(parts) or len({d.unit for d in doses}) > 1:
        return Part()
    numbers = reduce(Interval.hull, (dose.number for dose in doses))
    hours = frozenset[str]().union(*(part.hours for part in parts))
    return Part(Dose(numbers, doses[0].unit), reduce(Interval.plus, often), hours)


def _steps(told: Sequence[Token]) -> list[list[Token]]:
    """The tokens before and after each ``then``."""
    steps: list[list[Token]] = [[]]
    for token in told:
        if token.kind == "then":
            steps.append([])
        else:
            steps[-1].append(token)
    return steps


def _with_bare(told: Sequence[Token]) -> list[Token]:
    """A small number beside a time, or beside 'as needed', is a number of dose forms: ``1 BID``."""
    plain = [
        token for token in told if token.kind not in ("open", "close", "dash", "separator", "each", "said", "form")
    ]
    near = TIMES | {"needed", "most"}
    found = list(plain)
    for place, token in enumerate(plain):
        beside = [other.kind for other in (*plain[max(0, place - 1) : place], *plain[place + 1 : place + 2])]
        if token.kind == "number" and token.value.high <= MOST_UNITS and near & set(beside):
            found[place] = Token("dose", Dose(token.value, ""))
    return found


def _limited(told: Sequence[Token]) -> tuple[list[Token], Dose | None, bool]:
    """The tokens without what is only a limit of a day, that limit, and whether all is an 'up to'."""
    if not any(token.kind == "most" for token in told):
        return list(told), None, False
    place = next(number for number, token in enumerate(told) if token.kind == "most")
    before, behind = list(told[:place]), [token for token in told[place + 1 :] if token.kind != "most"]
    dose = behind[0].value if behind and behind[0].kind == "dose" else None
    rest = behind[1:]
    if dose is None or not _says_a_dose(before):
        return [*before, *([Token("limit")] if dose is None else []), *behind], None, True
    if rest and rest[0].kind == "period":
        return [*before, *rest[1:]], Dose(dose.number.times(1 / rest[0].value), dose.unit), False
    return [*before, *rest], None, False


def _says_a_dose(told: Iterable[Token]) -> bool:
    return any(token.kind in ("dose", "needed") for token in told)


def _at_most(part: Part) -> Part:
    """A part of which any less may be taken."""
    often = part.per_day
    return part._replace(per_day=None if often is None else Interval(0, often.high))


def _parts(told: Sequence[Token]) -> list[Part]:
    """The parts of one step.

    Raises:
        NotUnderstood: doses and times do not fit together.

    """
    items = [token for token in _without_strengths(told) if token.kind == "dose" or token.kind in TIMES]
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


def _counted_of(one: Token, other: Token) -> Token:
    if one.value == other.value:
        return one
    counted = [token for token in (one, other) if token.value.unit == ""]
    if len(counted) == 1:
        return counted[0]
    masses = [token for token in (one, other) if token.value.unit != "ml"]
    if len(counted) == 2 or len(masses) != 1:
        raise NotUnderstood
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
    raise NotUnderstood


def _counted_alone(items: Sequence[Token]) -> list[list[Token]]:
    """One number of dose forms with all times, where all other doses are masses that a dose form holds.

    The mass stands before the number and its times (``120 mg, once a day 1 tablet``), or behind all (``1 tablet daily -
    75 mg``). Many dose forms behind all are a supply.
    """
    doses = [token for token in items if token.kind == "dose"]
    counted = [dose for dose in doses if dose.value.unit == ""]
    behind = items[-1].kind == "dose"
    if len(counted) != 1 or not (behind or items[1].kind != "dose") or counted[0].value.number.high > MOST_AT_ONCE:
        raise NotUnderstood
    if not behind and doses[0] is not counted[0]:
        raise NotUnderstood
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
        raise NotUnderstood
    return groups


def _checked(lead: Sequence[Token], groups: list[list[Token]]) -> list[list[Token]]:
    """The groups, where what stands before them says how many times there are in all, or only that it is each day."""
    if not lead:
        return groups
    often = _often(lead)
    total = reduce(Interval.plus, (often_of for group in groups if (often_of := _often(group)) is not None))
    if often is not None and often not in (total, point(1.0)):
        raise NotUnderstood
    return groups


def _part(group: Sequence[Token]) -> Part:
    dose = next((token.value for token in group if token.kind == "dose"), None)
    hours = frozenset(token.value for token in group if token.kind == "hour")
    often = _often(group)
    sets = next((token.value for token in group if token.kind == "sets"), None)
    if sets is not None and dose is not None and any(token.kind == "often" for token in group):
        dose = Dose(dose.number.across(sets), dose.unit)
    divided = next((token.value for token in group if token.kind == "divided"), None)
    if divided is not None:
        return Part(_shared(dose, divided), divided, hours)
    return Part(dose, often, hours)


def _shared(dose: Dose | None, times: Interval) -> Dose | None:
    """One of the doses into which that of a day is divided."""
    if dose is None or not times.is_point or not times.low:
        return None
    return Dose(Interval(tidy(dose.number.low / times.low), tidy(dose.number.high / times.low)), dose.unit)


def _often(group: Sequence[Token]) -> Interval | None:
    """Intakes a day of some times; None where they do not say.

    Raises:
        NotUnderstood: they contradict each other.

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
            raise NotUnderstood
        return stated[0].hull(point(float(hours))) if hours > stated[0].high else stated[0]
    if hours:
        return point(tidy(hours / (period or 1)))
    if period is not None:
        return point(tidy(1 / period))
    return Interval(1, 3) if times["meals"] else None


def _share_of_week(group: Sequence[Token]) -> Interval | None:
    days = len({token.value for token in group if token.kind == "weekday"})
    stated = [token.value for token in group if token.kind == "share"]
    return stated[0] if stated else point(days / 7) if days else None
