"""Outcomes with the rules that decided them, and rules by how often they fire, as JSON data."""

from __future__ import annotations

from collections.abc import Mapping

from cds.jsontypes import Json
from cds.population.report.small_cells import Cell, SmallCells, rank
from cds.population.tables.answer_table import Answers
from cds.rulebook.model import RuleBook

Decided = Mapping[str, Mapping[str, int]]
"""For each outcome the rules that decided, with how many patients."""


def deciding_of(decided: Decided, book: RuleBook, cells: SmallCells) -> list[Json]:
    """Every outcome of the rulebook in its order, and any other, with its patients and the rules that decided."""
    counts = {name: sum(decided.get(name, {}).values()) for name in dict.fromkeys((*book.outcomes, *decided))}
    shown, answered = cells.partition(counts), sum(counts.values())
    return [
        {
            "outcome": name,
            "says": book.outcomes.get(name, ""),
            "patients": patients,
            "per100": cells.per_100(patients, answered),
            "decidedBy": _rules(decided.get(name, {}), patients, book, cells),
        }
        for name, patients in shown.items()
    ]


def _rules(counts: Mapping[str, int], whole: Cell, book: RuleBook, cells: SmallCells) -> list[Json]:
    """The rules that decided an outcome; of one whose patients are not shown, no rule's are."""
    shown = cells.partition(counts)
    if isinstance(whole, str):
        shown = {rule: cells.hidden(n) for rule, n in counts.items()}
    told = [{"rule": rule, "title": title_of(rule, book), "patients": n} for rule, n in shown.items()]
    return sorted(told, key=lambda entry: (rank(entry["patients"]), entry["rule"]))


def title_of(rule: str, book: RuleBook) -> str:
    """The title of a rule; empty for what is none of the rulebook."""
    return book.rules[rule].title if rule in book.rules else ""


def rules_of(answers: Answers, decided: Decided, outcomes: list[Json], book: RuleBook, cells: SmallCells) -> list[Json]:
    """Every rule with the patients in whom it fired and those in whom it decided: the most frequent first.

    Those in whom it fired are not shown where they would tell a few in whom it did not decide, or those in whom it did.
    """
    fired, answered = answers.patients("fired"), sum(sum(rules.values()) for rules in decided.values())
    told = []
    for rule in dict.fromkeys((*fired, *book.rules)):
        deciding = sum(rules.get(rule, 0) for rules in decided.values())
        shown = _shown_deciding(rule, deciding, outcomes, cells)
        patients = _firing(fired.get(rule, 0), deciding, shown, answered, cells)
        rate = cells.per_100(patients, answered)
        title = title_of(rule, book)
        told.append({"rule": rule, "title": title, "fired": patients, "per100": rate, "decided": shown})
    return sorted(told, key=lambda entry: (rank(entry["fired"]), entry["rule"]))


def _firing(fired: int, deciding: int, shown: Cell, answered: int, cells: SmallCells) -> Cell:
    """Those in whom a rule fired; where those in whom it decided are not ``shown``, not about as many."""
    others = fired - deciding
    tells = cells.is_small(others) or (isinstance(shown, str) and others < cells.least)
    return cells.hidden(fired) if tells else cells.part(fired, answered)


def _shown_deciding(rule: str, deciding: int, outcomes: list[Json], cells: SmallCells) -> Cell:
    """Those in whom a rule decided; not shown where they are not with one of the outcomes."""
    parts = [entry["patients"] for o in outcomes for entry in o["decidedBy"] if entry["rule"] == rule]
    return cells.hidden(deciding) if any(isinstance(part, str) for part in parts) else deciding
