"""Parts of a rulebook in words, as its files say them: numbers, codes, conditions, advice, amounts."""

from __future__ import annotations

from collections.abc import Iterable

from cds.quantity import Interval
from cds.rulebook.lines import OLDEST, SYSTEMS, VOTES
from cds.rulebook.model import (
    Clause,
    Code,
    Contents,
    Finding,
    Instead,
    OtherNumber,
    Part,
    Row,
    Vote,
    Window,
)

SYSTEM_NAMES = {url: name for name, url in SYSTEMS.items()}
_VOTE_WORDS = {outcome: word for word, outcome in VOTES.items()}
_PEOPLE: dict[tuple[str, ...], str] = {("female",): "women", ("male",): "men"}


def number(value: float) -> str:
    """A number without noise: ``0.9938``, ``20``."""
    return f"{value:.12g}"


def interval(value: Interval) -> str:
    """``4 to 20``, ``500``."""
    return number(value.low) if value.is_point else f"{number(value.low)} to {number(value.high)}"


def code_text(code: Code) -> str:
    """``LOINC 17861-6 Calcium``, with the preference of its term where that is not the first."""
    last = f" (preference {code.rank + 1})" if code.rank else ""
    return f"{code_key(code.system, code.code)} {code.display}".rstrip() + last


def code_key(system: str, code: str) -> str:
    """``LOINC 17861-6``."""
    return f"{SYSTEM_NAMES.get(system, system)} {code}"


def clause_text(clause: Clause) -> str:
    """A condition on the answer: ``this rule holds``, ``the outcome is not stop``, ``CA-01 fires``, a finding."""
    no = "not " if clause.negated else ""
    match clause.kind:
        case "finding":
            return no + str(Part(clause.value, clause.sense))
        case "outcome":
            return f"the outcome is {no}{clause.value}"
        case "decider":
            return f"the decider is {no}{clause.value}"
        case "vote":
            word = _VOTE_WORDS[clause.value]
            return f"this rule does not {word.removesuffix('s')}" if clause.negated else f"this rule {word}"
        case _:
            return f"{no}{clause.value} {'fires' if clause.kind == 'fires' else 'is shown'}"


def conditions_text(clauses: Iterable[Clause]) -> str:
    """``if A, unless B``; ``always`` without a condition."""
    said = [f"{'unless' if c.negated else 'if'} {clause_text(c._replace(negated=False))}" for c in clauses]
    return ", ".join(said) or "always"


def line_text(clauses: Iterable[Clause]) -> str:
    """Clauses that must all be true: ``A, if B``."""
    first, *rest = clauses
    return ", ".join([clause_text(first), *([conditions_text(rest)] if rest else [])])


def vote_text(vote: Vote) -> str:
    """``hold, if the calcium load is too high``."""
    return f"{vote.tier}, if {vote.finding}" if vote.finding else vote.tier


def other_number_text(item: OtherNumber) -> str:
    """``14 mg/dL: where emergency care begins (HYPERCA2022)``."""
    return f"{item.amount}: {item.what}" + (f" ({', '.join(item.sources)})" if item.sources else "")


def definition_text(finding: Finding) -> str:
    """What a finding is: its sentence, or the findings that it joins."""
    return finding.text or str(finding.definition)


def window_text(window: Window) -> tuple[str, str]:
    """When a window applies, and how long it is: ``usable, if thiazide``, ``180 days``."""
    condition = window.finding or ("" if window.at_most is None else f"at most {number(window.at_most)}")
    when = f"usable, if {condition}" if condition else "usable"
    return when, "any age" if window.days is None else f"{window.days} days"


def row_text(row: Row) -> tuple[str, str]:
    """For whom a row of a table holds, and its amount: ``for women from 19 to 50 years``, ``1000``."""
    people = _PEOPLE.get(row.sexes, "anybody")
    end = f" to {row.last}" if row.last < OLDEST else ""
    return f"for {people} from {row.first}{end} years", number(row.amount)


def instead_text(item: Instead) -> tuple[str, str]:
    """When an exception holds, and what stands instead: ``instead, if dialysis``, ``1500``."""
    return f"instead, if {item.finding}", item.term if item.amount is None else number(item.amount)


def contents_texts(contents: Contents) -> dict[str, str]:
    """What a product holds, by nutrient; with its salt, labelled strength and purpose where it has them."""
    said = {f"{nutrient} in one": interval(amount) for nutrient, amount in contents.amounts.items()}
    said |= {f"share of {nutrient}": number(share) for nutrient, share in contents.fractions.items()}
    said |= {"salt": contents.salt, "intent": contents.intent, "measure": contents.measure, "name": contents.name}
    said["nutrients"] = ", ".join(contents.nutrients)
    if contents.strength is not None:
        said["labelled strength (mg)"] = number(contents.strength)
    return {aspect: text for aspect, text in said.items() if text}
