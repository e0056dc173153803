"""The one-line forms of the rule files: codes, units, amounts, windows, table rows, conditions, advice.

Every function returns None when the text has not its form; the caller knows the place and reports it.
"""

from __future__ import annotations

import re

from cds.code_systems import SYSTEMS
from cds.errors import close
from cds.quantity import Interval, unit_key
from cds.rulebook.model.outcome import verb_of
from cds.rulebook.model.sense import asked_of
from cds.rulebook.model.value import (
    INDICATORS,
    SO_MANY_DAYS,
    Choice,
    Clause,
    Code,
    Indicator,
    Instead,
    Part,
    Row,
    Saying,
    Vote,
    Window,
    WordsNear,
)

ANY_VOTE = "decide"
"""The verb of a rule that votes for whatever outcome."""

OLDEST = 150
_NUMBER = r"-?\d+(?:\.\d+)?"
_CODE = re.compile(rf"({'|'.join(map(re.escape, SYSTEMS))}|\S+://\S+|urn:\S+) (\S+)(?: (.+))?")
_UNIT = re.compile(rf"(\S+)(?: ([x/]) ({_NUMBER}))?")
_RANGE = re.compile(rf"({_NUMBER})(?: to ({_NUMBER}))?(?: (\S.*))?")
_WINDOW = re.compile(r"(?:(\d+) days|any age)(?:, if (.+))?")
_AT_MOST = re.compile(rf"at most ({_NUMBER})")
_BELOW = re.compile(rf"below ({_NUMBER})")
_DAYS = re.compile(r"(\d+) days")
_PERCENT = re.compile(r"(\d+) %")
_ROW = re.compile(r"(\d+(?:\.\d+)?) for (women|men|anybody) from (\d+)(?: to (\d+))? years")
_INSTEAD = re.compile(r"(.+?), if (.+)")
_WORDS_NEAR = re.compile(r"(\S.*?) within (\d+) words of (\S.*)")
_VOTE = re.compile(r"this rule (?:does not (?P<no>[a-z]+)|(?P<yes>[a-z]+)s)")
_OUTCOME = re.compile(r"the outcome is (not )?(\S.*)")
_DECIDER = re.compile(r"the decider is (not )?([A-Z]+-\d\d)")
_RULE = re.compile(r"([A-Z]+-\d\d) (is shown|fires)")


def code_line(text: str) -> Code | None:
    """``LOINC 17861-6 Calcium SerPl-mCnc``, perhaps with ``(not verified)`` at the end."""
    if not (match := _CODE.fullmatch(text)):
        return None
    return Code(SYSTEMS.get(match[1], match[1]), match[2], (match[3] or "").removesuffix(" (not verified)"))


def near_code_line(text: str) -> str:
    """What to write instead of a text that is no code, where only its system is misspelt; else empty."""
    system, _, rest = text.partition(" ")
    return (
        f"{close(system, SYSTEMS)} Write it like 'LOINC 1234-5 name of the test'."
        if rest and close(system, SYSTEMS)
        else ""
    )


def unit_line(text: str) -> tuple[str, float] | None:
    """A unit and its factor to the term's unit: ``mmol/L x 4.008``, ``g/L / 10``, ``ug/L``."""
    if not (match := _UNIT.fullmatch(text)):
        return None
    number = float(match[3] or 1)
    if number <= 0:
        return None
    return unit_key(match[1]), 1 / number if match[2] == "/" else number


def amount(text: str) -> tuple[Interval, str] | None:
    """An amount and its unit: ``500 mg``, ``200 to 400 mg``, ``4 to 20``."""
    if not (match := _RANGE.fullmatch(text)):
        return None
    low, high = float(match[1]), float(match[2] or match[1])
    return (Interval(low, high), match[3] or "") if low <= high else None


def window_line(text: str) -> Window | None:
    """``365 days``, ``180 days, if thiazide``, ``1825 days, if at most 0``, ``90 days, if below 15``, ``any age``."""
    if not (match := _WINDOW.fullmatch(text)):
        return None
    days, condition = int(match[1]) if match[1] else None, match[2] or ""
    if bound := _AT_MOST.fullmatch(condition):
        return Window(days, at_most=float(bound[1]))
    if bound := _BELOW.fullmatch(condition):
        return Window(days, below=float(bound[1]))
    return Window(days, condition)


def days_line(text: str) -> int | None:
    """``90 days``."""
    window = window_line(text)
    return window and window.days


def range_line(text: str) -> Interval | None:
    """``4 to 20``, without a unit."""
    found = amount(text)
    return found[0] if found and not found[1] else None


def number_line(text: str) -> float | None:
    """``500``, ``0.4``."""
    found = amount(text)
    return found[0].low if found and not found[1] and found[0].is_point else None


def choice_line(text: str) -> Choice:
    """``newest``, ``highest of the last 1825 days, else newest``."""
    match = _DAYS.search(text)
    return Choice(text.replace(match[0], SO_MANY_DAYS), int(match[1])) if match else Choice(text)


def percent(text: str) -> float | None:
    """``15 %``."""
    match = _PERCENT.fullmatch(text)
    return float(match[1]) if match else None


def row_line(text: str) -> Row | None:
    """``1000 for men from 51 to 70 years``."""
    if not (match := _ROW.fullmatch(text)):
        return None
    sexes = {"women": ("female",), "men": ("male",), "anybody": ("female", "male")}[match[2]]
    first, last = int(match[3]), int(match[4] or OLDEST)
    return Row(sexes, first, last, float(match[1])) if first <= last else None


def instead_line(text: str) -> Instead | None:
    """``2500, if malabsorption or bariatric surgery``, ``recommended intake, if ...``."""
    if not (match := _INSTEAD.fullmatch(text)):
        return None
    number = re.fullmatch(_NUMBER, match[1])
    return Instead(float(match[1]) if number else None, "" if number else match[1], match[2])


def words_near_line(text: str) -> WordsNear | None:
    """``metastatic, metastases within 6 words of bone, spine``."""
    if not (match := _WORDS_NEAR.fullmatch(text)):
        return None
    return WordsNear(tuple(match[1].split(", ")), int(match[2]), tuple(match[3].split(", ")))


def part_line(text: str) -> Part:
    """A finding, perhaps with the word of a sense before it: ``not high calcium``."""
    sense, finding = asked_of(text)
    return Part(finding, sense)


def clause_line(text: str) -> Clause:
    """A condition on the answer: ``this rule holds``, ``the outcome is not stop``, ``RENAL-01 fires``, a finding.

    Of what a rule does itself the clause holds the verb, for which ``cds.rulebook.rules`` puts the outcome.
    """
    if match := _VOTE.fullmatch(text):
        verb = match["no"] or match["yes"]
        return Clause("vote", "" if verb == ANY_VOTE else verb, bool(match["no"]))
    if match := _OUTCOME.fullmatch(text):
        return Clause("outcome", match[2], bool(match[1]))
    if match := _DECIDER.fullmatch(text):
        return Clause("decider", match[2], bool(match[1]))
    if match := _RULE.fullmatch(text):
        return Clause("fires" if match[2] == "fires" else "shown", match[1])
    part = part_line(text)
    return Clause("finding", part.finding, sense=part.sense)


def vote_words(outcome: str, *, negated: bool) -> str:
    """How a condition says that the rule votes for it: ``this rule holds``, ``this rule does not adjust``."""
    verb = verb_of(outcome) or ANY_VOTE
    return f"this rule does not {verb}" if negated else f"this rule {verb}s"


def conditions(text: str) -> tuple[str, tuple[Clause, ...]]:
    """What stands before ``, if ...`` and ``, unless ...``, and those conditions (all must be true)."""
    head, *rest = re.split(r", (?=if |unless )", text)
    clauses = []
    for words in rest:
        word, condition = words.split(" ", 1)
        clause = clause_line(condition)
        if word == "unless":
            clause = Clause(clause.kind, clause.value, not clause.negated, clause.sense)
        clauses.append(clause)
    return head, tuple(clauses)


def joined_clauses(text: str) -> tuple[Clause, ...]:
    """``urine calcium above its limit, if this rule holds``: clauses that must all be true."""
    head, clauses = conditions(text)
    return clause_line(head), *clauses


def saying_line(text: str) -> Saying:
    """``order-pth, unless PTH in the last 90 days``."""
    return Saying(*conditions(text))


def indicator_line(text: str) -> tuple[Indicator, tuple[Clause, ...]] | None:
    """``warning``, ``critical, if the outcome is stop``."""
    word, clauses = conditions(text)
    return next(((indicator, clauses) for indicator in INDICATORS if indicator == word), None)


def vote_line(text: str) -> Vote:
    """``hold`` or ``adjust, if the calcium load is too high``."""
    tier, clauses = conditions(text)
    return Vote(tier, clauses[0].value if clauses else "")
