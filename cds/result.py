"""An evaluation as one JSON object: what ``cds evaluate --json`` prints."""

from __future__ import annotations

from typing import Any

from cds.cards.folding import shown_cards
from cds.cards.proof import fact_data
from cds.evaluation import Evaluation
from cds.quantity import State
from cds.rulebook.model import RECORDED

Json = dict[str, Any]


def result_of(evaluation: Evaluation) -> Json:
    """Outcome, deciding rule, advice, facts, findings, issues and cards of an evaluation, as JSON data."""
    book, chart, decision, inferred = evaluation.book, evaluation.chart, evaluation.decision, evaluation.inferred
    return {
        "patient": chart.record.patient,
        "asOf": chart.as_of.isoformat(),
        "rulebook": {"version": book.version, "sha256": book.sha256},
        "outcome": decision.outcome,
        "decidedBy": decision.decided_by,
        "advice": sorted({code for said in decision.said for code in said.codes}),
        "fired": sorted(said.rule for said in decision.said),
        "overruled": [{"rule": rule, "by": by} for rule, by in decision.overruled],
        "silenced": [{"rule": s.rule, "what": s.what, "by": s.by, "because": s.entry} for s in decision.silenced],
        "shadowed": list(decision.shadowed),
        "asks": sorted(evaluation.answer.asking),
        "facts": _facts(evaluation),
        "stale": [fact_data(name, fact) for name, fact in sorted(chart.stale.items())],
        "findings": {name: State(inferred.state(name)).word for name in book.findings},
        "issues": [issue._asdict() for issue in chart.record.issues],
        "cards": shown_cards(evaluation),
    }


def _facts(evaluation: Evaluation) -> list[Json]:
    """Every quantity that was read or computed and comes from the record or a table."""
    chart = evaluation.chart
    quantities = [name for name, term in chart.book.terms.items() if not isinstance(term, RECORDED)]
    facts = ((name, chart.value(name)) for name in quantities)
    return [fact_data(name, fact) for name, fact in facts if fact is not None]
