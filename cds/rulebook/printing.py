"""A rulebook printed back, as its files say it: numbers, codes, conditions, definitions, advice, amounts.

What is printed of conditions, ``cds.rulebook.lines`` reads back.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds.quantity import Interval
from cds.rulebook.graph import graph_of
from cds.rulebook.lines import OLDEST, SYSTEMS, vote_words
from cds.rulebook.model import (
    Clause,
    Code,
    Contents,
    Finding,
    Instead,
    OtherNumber,
    Row,
    RuleBook,
    Vote,
    Window,
)

OWN_NOT = ("vote", "outcome", "decider")
"""The kinds of clauses that say ``not`` themselves."""
SYSTEM_NAMES = {url: name for name, url in SYSTEMS.items()}
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
        case "vote":
            return vote_words(clause.value, negated=clause.negated)
        case "outcome" | "decider":
            return f"the {clause.kind} is {no}{clause.value}"
        case "fires" | "shown":
            return f"{no}{clause.value} {'fires' if clause.kind == 'fires' else 'is shown'}"
        case _:
            return no + clause.sense.of(clause.value)


def condition_text(clause: Clause) -> str:
    """A clause with ``if`` or ``unless``; a negated vote, outcome or decider carries its own ``not``."""
    if clause.negated and clause.kind not in OWN_NOT:
        return f"unless {clause_text(clause._replace(negated=False))}"
    return f"if {clause_text(clause)}"


def conditions_text(clauses: Iterable[Clause]) -> str:
    """``if this rule holds, unless PTH in the last 90 days``: all of them must be true."""
    return ", ".join(map(condition_text, clauses))


def lines_text(lines: Iterable[Iterable[Clause]]) -> str:
    """Lines of which any must be true."""
    return "; or ".join(map(conditions_text, lines))


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


def definitions_text(book: RuleBook, names: Iterable[str]) -> str:
    """A line for each finding that stands behind these names, down to the sentences with the numbers."""
    found = (book.findings[name] for name in graph_of(book).made_of(names))
    return "\n".join(f"{finding.name}: {definition_text(finding)}" for finding in found)


def window_text(window: Window) -> tuple[str, str]:
    """When a window applies, and how long it is: ``usable, if thiazide``, ``180 days``."""
    bounds = (("at most", window.at_most), ("below", window.below))
    condition = window.finding or next((f"{word} {number(bound)}" for word, bound in bounds if bound is not None), "")
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
