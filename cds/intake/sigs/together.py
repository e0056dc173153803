"""Reduced tokens -> what a text says.

A text may have several parts that are taken beside each other (two in the morning and one at night), and parts that
follow each other (``then``). What stands in brackets, and limits of a day, are no doses of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from cds.intake.sigs.dose import Dose
from cds.intake.sigs.frequency import TIMES, UnfitError
from cds.intake.sigs.groups import parts_of, share_of
from cds.intake.sigs.language import Token
from cds.intake.sigs.productions import MOST_UNITS
from cds.intake.sigs.said import Part, Said, as_one
from cds.intake.sigs.tokens import BAD, SIGN
from cds.quantity import Interval

_OPEN = frozenset({"change", "if", "word", "or", "other", "length"})
_ODD = frozenset({"number", "occasions", "scheme", BAD, SIGN})


def said_by(told: Sequence[Token], *, in_a_day: bool = False) -> Said:
    """What reduced tokens say; ``in_a_day``: the number of dose forms may be that of a whole day."""
    kinds = {token.kind for token in told}
    inner, said = _said_by(_outside_brackets(told)), _said_by(told)
    if inner.is_complete and not (_counts(said) and not _counts(inner)):
        said = inner
    if ("weekday" in kinds and "change" in kinds) or ("or" in kinds and len(said.parts) > 1):
        said = said._replace(odd=True)
    return said._replace(
        others=(*said.others, *_shares_of(said.parts)) if in_a_day else said.others,
        needed="needed" in kinds,
        lasts=None if "then" in kinds else _fewest_days(told),
        stopped="stop" in kinds,
        open=bool(kinds & _OPEN),
    )


def _counts(said: Said) -> bool:
    """Whether it is complete and says numbers of dose forms."""
    return said.is_complete and all(part.dose is not None and part.dose.unit == "" for part in said.parts)


def _fewest_days(told: Sequence[Token]) -> float | None:
    return min((token.value.low for token in told if token.kind == "lasts"), default=None)


def _shares_of(parts: Sequence[Part]) -> Iterator[Part]:
    """What is taken each time where the number of dose forms is that of a day: ``6 tablets, 3 times a day``."""
    for part in parts:
        times = part.per_day
        if part.dose and part.dose.unit == "" and times and times.is_point and 1 < times.low <= part.dose.number.low:
            yield part._replace(dose=share_of(part.dose, times))


def _said_by(told: Sequence[Token]) -> Said:
    plain, most, upto = _limited(_with_bare(told))
    try:
        first, *later = [parts_of(step) for step in _steps(plain)]
    except UnfitError:
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
    later_on = [as_one(step) for step in steps[1:]]
    dose = steps[0][0].dose if steps else None
    return (steps[0] if steps else first), [part if part.dose else part._replace(dose=dose) for part in later_on]


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
