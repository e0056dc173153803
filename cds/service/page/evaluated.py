"""A bundle, as JSON -> everything that the page shows about it, as JSON data."""

from __future__ import annotations

from datetime import date

from cds.cards.account_words import account_text, entry_text, not_shown
from cds.cards.card import summary_of
from cds.cards.frames import data_of
from cds.cards.markdown import blocks
from cds.cards.not_read import not_read_data
from cds.cards.references import with_references
from cds.cards.wording import fact_text, harmless
from cds.evaluation import Evaluation, evaluate
from cds.explanation import every_rule, fact_shown, why
from cds.intake.account import account_of
from cds.intake.reading import read_record
from cds.intake.record import Record
from cds.intake.validation import report_invalid
from cds.jsontypes import Json
from cds.result import meaning_of, result_of
from cds.rulebook.model import BIRTH_DATE, GENDER, RECORDED, RuleBook
from cds.service.page.editable import editable_values


def evaluated(data: object, book: RuleBook, as_of: date) -> Json:
    """The result of ``result_of`` with meaning and role of the outcome, the patient, why-trees and what can be changed.

    ``details`` holds, for each card in order, its Markdown with the resources behind its lines, as a tree of elements;
    ``why`` every rule with its tree
    (``cds.explanation``); ``values`` the numbers of the record with their paths
    (``cds.service.page.editable``); ``said`` what each rule that speaks says, folded cards unfolded;
    ``known`` every quantity as text, also those too old to be used; ``accountSaid`` what became of the record in the
    words of ``cds evaluate``, with every entry.

    Raises:
        RecordError: the JSON cannot be read as one patient's FHIR R4 data.
        DisagreementError, EngineError: no answer may be given.

    """
    record = read_record(data, book, as_of)
    report_invalid(record)
    evaluation = evaluate(record, book, as_of)
    result = result_of(evaluation)
    return {
        **result,
        "meaning": meaning_of(evaluation),
        "role": (book.role_of(evaluation.outcome) or "").replace(" ", "-") or "other",
        "person": _person(record, evaluation),
        "details": [blocks(with_references(card)) for card in result["cards"]],
        "said": _said(evaluation),
        "known": _known(evaluation),
        "why": why(evaluation, every_rule(evaluation)),
        "values": editable_values(data, record),
        "accountSaid": _account_said(evaluation, result),
    }


def _account_said(evaluation: Evaluation, result: Json) -> Json:
    """The sentence that counts what was sent, and each entry that was not understood, not read, or silenced."""
    account = account_of(evaluation.chart.record, evaluation.book)
    why = (entry["why"] for entry in result["account"]["notUnderstood"])
    return {
        "sent": account_text(account.resources),
        "notUnderstood": [
            {"text": entry_text(entry), "why": codes} for entry, codes in zip(account.not_understood, why, strict=True)
        ],
        "notRead": not_read_data(evaluation.chart.record),
        "notShown": list(not_shown(evaluation.decision)),
        "sources": [source for card in result["cards"] for source in data_of(card).get("sources", ())],
    }


def _person(record: Record, evaluation: Evaluation) -> Json:
    """Reference, age and sex as the chart has them."""
    age, sex = (_demographic(evaluation, element) for element in (BIRTH_DATE, GENDER))
    return {"reference": harmless(record.patient), "age": age, "sex": sex}


def _demographic(evaluation: Evaluation, element: str) -> str:
    """What an element of Patient says, in words."""
    name = evaluation.book.demographic(element)
    fact = evaluation.chart.value(name) if name else None
    return "unknown" if fact is None else fact_text(evaluation.book, evaluation.book.terms[name], fact)


def _known(evaluation: Evaluation) -> list[Json]:
    terms = evaluation.book.terms.items()
    shown = (fact_shown(evaluation, name) for name, term in terms if not isinstance(term, RECORDED))
    return [fact for fact in shown if "sources" in fact or "tooOld" in fact]


def _said(evaluation: Evaluation) -> list[Json]:
    found = []
    for said in evaluation.decision.said:
        rule = evaluation.book.rules[said.rule]
        about = {"rule": said.rule, "title": rule.title, "indicator": said.indicator}
        found.append({**about, "summary": summary_of(evaluation, said), "advice": sorted(said.codes)})
    return found
