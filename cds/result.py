"""An evaluation as one JSON object: what ``cds evaluate --json`` prints."""

from __future__ import annotations

from cds.cards.basis import fact_data
from cds.cards.card import cards_of
from cds.cards.missing import missing_names
from cds.cards.unheard import not_heard
from cds.cards.wording import harmless, issue_text
from cds.evaluation import Evaluation
from cds.intake.account import UNKNOWN_CODE, Account, Entry, account_of
from cds.intake.record import Issue
from cds.jsontypes import Json
from cds.reasoning.decision import SWITCHED_OFF, Silenced
from cds.rulebook.model import RECORDED


def result_of(evaluation: Evaluation) -> Json:
    """Outcome, deciding rule, advice, facts, findings, issues and cards of an evaluation, as JSON data."""
    book, chart, decision = evaluation.book, evaluation.chart, evaluation.decision
    return {
        **head_of(evaluation),
        "advice": sorted({code for said in decision.said for code in said.codes}),
        "fired": sorted(said.rule for said in decision.said),
        "overruled": [{"rule": rule, "by": by} for rule, by in decision.overruled],
        "silenced": [{"rule": item.rule, **silenced_data(item)} for item in decision.silenced],
        "shadowed": list(decision.shadowed),
        **not_heard(evaluation),
        "asks": sorted(evaluation.answer.asking),
        "missing": missing_names(evaluation),
        "facts": _facts(evaluation),
        "stale": [fact_data(book.terms[name], fact) for name, fact in sorted(chart.stale.items())],
        "findings": {name: evaluation.state(name).word for name in book.findings},
        "account": account_data(account_of(chart.record, book)),
        "issues": [issue_data(issue) for issue in chart.record.issues],
        "cards": cards_of(evaluation),
    }


def head_of(evaluation: Evaluation) -> Json:
    """The patient, the day, the rulebook (with the name of its overlay where it has one), the outcome and its rule."""
    book, chart = evaluation.book, evaluation.chart
    overlay = {"overlay": book.overlay.name} if book.overlay else {}
    return {
        "patient": chart.record.patient,
        "asOf": chart.as_of.isoformat(),
        "rulebook": {"version": book.version, "sha256": book.sha256, **overlay},
        "outcome": evaluation.decision.outcome,
        "decidedBy": evaluation.decision.decided_by,
    }


def issue_data(issue: Issue) -> Json:
    """An issue, with the type of the resource where one was not used because of it."""
    return {"code": issue.code, "source": issue.source, "text": issue_text(issue)} | (
        {"notUsed": issue.not_used} if issue.not_used else {}
    )


def account_data(account: Account) -> Json:
    """How many resources, codings and texts were used and were not, and the list of what was not understood."""
    return {
        "resources": account.resources,
        "codingsAndTexts": account.codings_and_texts,
        "notUnderstood": [_entry_data(entry) for entry in account.not_understood],
    }


def _entry_data(entry: Entry) -> Json:
    why = list(entry.why) or [UNKNOWN_CODE]
    return {"source": entry.source, "why": why, "words": list(map(harmless, entry.words))}


def meaning_of(evaluation: Evaluation) -> str:
    """What the outcome means, in words; of an answer that is not given, why not."""
    if evaluation.decision.decided_by == SWITCHED_OFF:
        return "No advice can be given: a rule that counts for this patient is switched off here."
    return evaluation.book.outcomes[evaluation.outcome]


def silenced_data(item: Silenced) -> Json:
    """What of a rule was silenced, by which rule, and the entry of ``silencing.yaml`` that says so."""
    return {"what": item.what, "by": item.by, "because": item.entry}


def _facts(evaluation: Evaluation) -> list[Json]:
    """Every quantity that was read or computed and comes from the record or a table."""
    chart = evaluation.chart
    quantities = [term for term in chart.book.terms.values() if not isinstance(term, RECORDED)]
    facts = ((term, chart.value(term.name)) for term in quantities)
    return [fact_data(term, fact) for term, fact in facts if fact is not None]
