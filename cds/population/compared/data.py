"""What changed between two runs as JSON data: what ``cds population compare --json`` prints."""

from __future__ import annotations

from cds.jsontypes import Json
from cds.population.books.finished_run import FinishedRun
from cds.population.compared.compare import Comparison, Example, Move
from cds.population.compared.inputs import inputs_compared


def comparison_data(found: Comparison) -> Json:
    """The comparison; ``outcome`` and ``decidedBy`` are null where there is no answer."""
    return {
        "a": _run(found.a),
        "b": _run(found.b),
        "inputs": _inputs(found),
        "patients": {"both": found.both, "onlyA": found.only_a.patients, "onlyB": found.only_b.patients},
        "namesakes": found.namesakes,
        "changed": found.changed,
        "otherCardsOnly": found.cards,
        "why": [{"changed": list(why), "patients": count} for why, count in found.causes.items()],
        "outcomes": _moves("outcome", found.outcomes),
        "decidedBy": _moves("decidedBy", found.decided),
        "rules": [{"rule": item.rule, "came": item.came, "went": item.went} for item in found.rules],
        "examples": {
            "changed": [_example(one) for one in found.examples],
            "onlyA": list(found.only_a.first),
            "onlyB": list(found.only_b.first),
        },
    }


def _run(run: FinishedRun) -> Json:
    overlay = {"overlay": run.overlay} if run.overlay else {}
    return {
        "folder": str(run.folder),
        "asOf": run.as_of.isoformat(),
        "rulebook": {"version": run.version, "sha256": run.sha256, **overlay},
        "program": run.program,
        "problems": list(run.problems),
    }


def _inputs(found: Comparison) -> Json:
    told = inputs_compared(found.a, found.b)
    return {
        "same": told.same,
        "changed": list(told.changed),
        "moved": list(told.moved),
        "onlyA": list(told.only_a),
        "onlyB": list(told.only_b),
    }


def _moves(name: str, moves: dict[Move, int]) -> list[Json]:
    return [{name: list(move), "patients": count} for move, count in moves.items()]


def _example(one: Example) -> Json:
    return {
        "patient": one.patient,
        "file": one.file,
        "outcome": list(one.outcome),
        "decidedBy": list(one.decided_by),
        "came": list(one.came),
        "went": list(one.went),
        "why": list(one.why),
    }
