"""The text of a sentence -> its form as data (see ``cds.rulebook.sentences``)."""

from __future__ import annotations

import re
from collections.abc import Callable

from cds.rulebook.sentences import (
    After,
    Bound,
    ChangedBy,
    Compared,
    Comparison,
    Conflicting,
    Dated,
    DependsOn,
    DoseDateUnknown,
    Given,
    Known,
    Lasted,
    Missing,
    OpenEnded,
    OutsideLimits,
    Recorded,
    Repeated,
    ResultUnused,
    Sentence,
    SomeResult,
    Started,
    TakenFrom,
    Twice,
)

COMPARISONS = ("at least", "above", "below", "at most")
_COMPARISON = rf"(?:{'|'.join(COMPARISONS)}) .+?"
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?: (\S.*))?")
_SHIFTED = re.compile(r"(.+?) (plus|minus) (\d+(?:\.\d+)?) (\S+)")


def comparison(text: str) -> Comparison:
    """The comparison of ``at least 12 mg/dL`` or ``above recommended intake plus 300 mg/d``."""
    word = next(word for word in COMPARISONS if text.startswith(word))
    rest = text[len(word) :].strip()
    if number := _NUMBER.fullmatch(rest):
        return Comparison(word, Bound(float(number[1]), number[2] or ""))
    if shifted := _SHIFTED.fullmatch(rest):
        sign = 1 if shifted[2] == "plus" else -1
        return Comparison(word, Bound(sign * float(shifted[3]), shifted[4], shifted[1]))
    return Comparison(word, Bound(0, "", rest))


def _compared(m: re.Match[str]) -> Sentence:
    lower, upper = m["first"], m["second"]
    if upper and _NUMBER.fullmatch(lower.removeprefix("at least ").removeprefix("above ")):
        unit = comparison(upper).bound.unit
        lower = lower if lower.endswith(f" {unit}") or not unit else f"{lower} {unit}"
    both = tuple(comparison(text) for text in (lower, upper) if text)
    return Compared(m["term"], both, (comparison(m["ionised"]),) if m["ionised"] else ())


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Sentence]], ...] = tuple(
    (re.compile(pattern), build)
    for pattern, build in (
        (r"a result could not be used", lambda m: ResultUnused()),
        (r"the outcome depends on (?P<term>.+)", lambda m: DependsOn(tuple(m["term"].split(", ")))),
        (r"the outcome changes when (?P<by>.+) replaces (?P<term>.+)", lambda m: ChangedBy(m["term"], m["by"])),
        (r"a result of (?P<term>.+) within (?P<days>\d+) days was outside its limits",
         lambda m: OutsideLimits(m["term"], int(m["days"]))),
        (r"(?P<term>.+) is missing", lambda m: Missing(m["term"])),
        (r"(?P<term>.+) is known", lambda m: Known(m["term"])),
        (r"(?P<term>.+) is on record", lambda m: Recorded(m["term"])),
        (r"(?P<term>.+) is recorded after (?P<of>.+)", lambda m: After(m["term"], m["of"])),
        (rf"some result of (?P<term>.+?) is (?P<how>{_COMPARISON})(?: \(ionised: (?P<ionised>{_COMPARISON})\))?",
         lambda m: SomeResult(m["term"], comparison(m["how"]), (comparison(m["ionised"]),) if m["ionised"] else ())),
        (r"(?P<term>.+?) is dated within (?P<days>\d+) days(?: of (?P<of>.+))?",
         lambda m: Dated(m["term"], int(m["days"]), m["of"] or "")),
        (r"results of (?P<term>.+) conflict", lambda m: Conflicting(m["term"])),
        (r"(?P<term>.+) is taken from (?P<of>.+)", lambda m: TakenFrom(m["term"], m["of"])),
        (rf"(?P<term>.+?) was (?P<how>{_COMPARISON}) on two days at least (?P<days>\d+) days apart",
         lambda m: Twice(m["term"], comparison(m["how"]), int(m["days"]))),
        (r"(?P<term>.+) was measured twice less than (?P<days>\d+) days apart",
         lambda m: Repeated(m["term"], int(m["days"]))),
        (r"(?P<term>.+) was given within (?P<days>\d+) days", lambda m: Given(m["term"], int(m["days"]))),
        (r"(?P<term>.+) is active with an unknown dose date", lambda m: DoseDateUnknown(m["term"])),
        (r"(?P<term>.+) was started within (?P<days>\d+) days", lambda m: Started(m["term"], int(m["days"]))),
        (r"(?P<term>.+) has lasted at least (?P<days>\d+) days", lambda m: Lasted(m["term"], int(m["days"]))),
        (r"(?P<term>.+) has no end date", lambda m: OpenEnded(m["term"])),
        (rf"(?P<term>.+?) is (?P<first>{_COMPARISON})(?: and (?P<second>{_COMPARISON}))?"
         rf"(?: \(ionised: (?P<ionised>{_COMPARISON})\))?", _compared),
    )
)  # fmt: skip


def parse_sentence(text: str) -> Sentence | None:
    """The sentence a text says; None when it has none of the forms above."""
    for pattern, build in _FORMS:
        if match := pattern.fullmatch(text):
            return build(match)
    return None
