"""Conditions in the words of the rule files; what they print, ``cds.rulebook.lines`` reads back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds.rulebook.lines import vote_words
from cds.rulebook.model import Clause, Finding, Joined, Part, RuleBook, Sense

MEANINGS: dict[Sense, str] = {
    "not": "it is absent; unknown stays unknown",
    "without": "it is not surely there",
    "proven": "it is surely there",
    "possible": "it is not surely absent",
    "unsure about": "it is unknown",
    "in doubt if": "while it is there, what stands beside it is unknown",
}
"""What a word before a finding asks; without one, the finding itself, which is present, absent or unknown."""


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
            return f"if {vote_words(clause.value, negated=True)}"
        case (("outcome" | "decider"), True):
            return f"if the {clause.kind} is not {clause.value}"
        case _, negated:
            return f"{'unless' if negated else 'if'} {_positive(clause)}"


def _positive(clause: Clause) -> str:
    match clause.kind:
        case "vote":
            return vote_words(clause.value, negated=False)
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
