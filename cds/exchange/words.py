"""Conditions in the words of the rule files; what they print, ``cds.rulebook.lines`` reads back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds.rulebook.lines import VOTES
from cds.rulebook.model import Clause, Finding, Joined, Part, RuleBook

_VOTED = {vote: word for word, vote in VOTES.items()}


def joined_text(joined: Joined) -> str:
    """``all of: a; not b``."""
    return f"{joined.how} of: {'; '.join(map(str, joined.parts))}"


def conditions_text(clauses: Iterable[Clause]) -> str:
    """``if this rule holds, unless PTH in the last 90 days``: all of them must be true."""
    return ", ".join(_condition(clause) for clause in clauses)


def lines_text(lines: Iterable[Iterable[Clause]]) -> str:
    """Lines of which any must be true."""
    return "; or ".join(conditions_text(line) for line in lines)


def _condition(clause: Clause) -> str:
    """A clause with ``if`` or ``unless``; a negated vote, outcome or decider carries its own ``not``."""
    match clause.kind, clause.negated:
        case "vote", True:
            word = _VOTED[clause.value].removesuffix("s")
            return f"if this rule does not {word}"
        case (("outcome" | "decider"), True):
            return f"if the {clause.kind} is not {clause.value}"
        case _, negated:
            return f"{'unless' if negated else 'if'} {_positive(clause)}"


def _positive(clause: Clause) -> str:
    match clause.kind:
        case "vote":
            return f"this rule {_VOTED[clause.value]}"
        case "outcome" | "decider":
            return f"the {clause.kind} is {clause.value}"
        case "fires":
            return f"{clause.value} fires"
        case "shown":
            return f"{clause.value} is shown"
        case _:
            return str(Part(clause.value, clause.sense))


def definitions(book: RuleBook, names: Iterable[str]) -> Iterator[str]:
    """A line for each finding that stands behind these names, down to the sentences with the numbers."""
    seen: set[str] = set()
    todo = list(names)[::-1]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        finding = book.findings[name]
        yield f"{name}: {_meaning(finding)}"
        if isinstance(finding.definition, Joined):
            todo += [part.finding for part in reversed(finding.definition.parts)]


def _meaning(finding: Finding) -> str:
    return joined_text(finding.definition) if isinstance(finding.definition, Joined) else finding.text
