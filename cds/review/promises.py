"""What a rulebook promises of its own answers (safety.yaml), in words."""

from __future__ import annotations

from cds.rulebook.model import AtTime, Occurrence, RuleBook, SafeProperty, Safety, Statement


def promises(book: RuleBook) -> dict[str, str]:
    """Each part of safety.yaml in a line, by what it is; nothing of a rulebook that promises nothing."""
    if book.safety is None:
        return {}
    safety = book.safety
    found = {"who must be answered": answered_text(safety), "lost together": ", ".join(safety.families)}
    found["products of witnesses"] = "; ".join(safety.products)
    found |= {f"property {item.name}": f"{item.says}: {property_text(item)}" for item in safety.properties.values()}
    found |= {f"normal {term}": f"{value:g}" for term, value in safety.normal.items()}
    for item in safety.exceptions:
        found[f"exception '{item.name}'"] = f"of {' and '.join(item.of)}: {occurrence_text(item.when.occurs)}"
    return found


def answered_text(safety: Safety) -> str:
    """``adult with a calcium product, unless deceased``."""
    said = safety.must_be_answered
    return f"{said.who}, unless {' or '.join(said.unless)}"


def property_text(item: SafeProperty) -> str:
    """``serum calcium is higher, and then high serum calcium``."""
    then = f", and then {item.then}" if item.then else ""
    match item.way:
        case "added":
            return f"one of {', '.join(item.terms)} is added{then}"
        case "lower" | "higher":
            return f"{item.terms[0]} is {item.way}{then}"
        case "normal result lost":
            return f"a normal result is lost{then}"
        case "result lost":
            return f"any result is lost{then}"


def occurrence_text(when: Occurrence) -> str:
    """``all of (before: eGFR is known; not after: eGFR is known; after: DATA-03 fires)``."""
    if isinstance(when, AtTime):
        time = "after" if when.after else "before"
        return f"{'not ' if when.negated else ''}{time}: {statement_text(when.statement)}"
    return f"{when.how} of ({'; '.join(map(occurrence_text, when.parts))})"


def statement_text(statement: Statement) -> str:
    """``CA-01 decides``, ``dialysis is present``, ``the outcome is stop``: as safety.yaml says it."""
    match statement.says:
        case "outcome":
            return f"the outcome is {statement.name}"
        case "present" | "possible" | "known":
            return f"{statement.name} is {statement.says}"
        case verb:
            return f"{statement.name} {verb}"
