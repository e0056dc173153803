"""From an evaluation to CDS Hooks 2.0 cards, in the order of the decision; how they are folded, ``folding`` says."""

from __future__ import annotations

from typing import TypeAlias

from cds.cards.basis import Basis
from cds.cards.called import Calls
from cds.cards.closing import disclaimer_of, sources_of_answer
from cds.cards.drafts import ASSOCIATED, Drafts
from cds.cards.filling import Filling
from cds.cards.folding import folded
from cds.cards.frames import card_about, extension_of, frame_of, uuid_of
from cds.cards.hours import hours_text
from cds.cards.lines import Line, data_of_lines, each_once, listed, most_telling
from cds.cards.not_found import not_found_text
from cds.cards.notices import Notice, notices_of
from cds.cards.phrased import phrased
from cds.cards.suggestions import suggestions_of
from cds.cards.unheard import Heading, heading_of
from cds.evaluation import Answer, Evaluation
from cds.jsontypes import Json
from cds.reasoning.decision import Said
from cds.rulebook.model import Code, RuleBook

Asked: TypeAlias = Code | str


def cards_of(evaluation: Evaluation) -> list[Json]:
    """The cards of an evaluation as they are shown."""
    return phrased(folded(cards_of_rules(evaluation), evaluation), evaluation.book)


def cards_of_rules(evaluation: Evaluation) -> list[Json]:
    """One card for each rule that speaks, complete, as JSON data.

    Where no rule in force stands for the decision, a card of its own comes first (``cds.cards.unheard``). The deciding
    card ends with what is said once, the disclaimer, and has the sources of the whole answer in its extension.
    """
    asked: set[Asked] = set()
    book, today = evaluation.book, _today(evaluation)
    basis = Basis(evaluation)
    filling = Filling(evaluation, basis.calls)
    drafts = Drafts(evaluation, basis.calls) if evaluation.chart.record.drafts else None
    heading = heading_of(evaluation)
    cards = [] if heading is None else [_headed(heading, evaluation, basis)]
    leading = None if heading else _leading(evaluation)
    for said in evaluation.decision.said:
        fresh = {}
        for code in said.codes:
            what = _asked(book, code)
            if what not in asked:
                asked.add(what)
                fresh[code] = what in today
        notices = _once(evaluation, basis) if said is leading else []
        cards.append(_card(filling, basis, said, fresh, notices, drafts))
    return cards


def summary_of(evaluation: Evaluation, said: Said) -> str:
    """The title of a card, filled in for the patient."""
    text = evaluation.book.rules[said.rule].card.texts[said.text]
    return Filling(evaluation, Calls(evaluation.chart.record)).summary(text)


def _asked(book: RuleBook, code: str) -> Asked:
    """What a code asks for: two codes that order the same test ask for one thing."""
    return book.advice[code].order or code


def _today(evaluation: Evaluation) -> set[Asked]:
    """What some card asks for today: a critical one, or the one that says stop, whatever its indicator."""
    decision, book = evaluation.decision, evaluation.book
    stops = decision.decided_by if decision.outcome == book.stop_now else None
    cards = [said for said in decision.said if said.indicator == "critical" or said.rule == stops]
    return {_asked(book, code) for said in cards for code in said.codes}


def _leading(evaluation: Evaluation) -> Said | None:
    """The card that carries the notices: the deciding one; the first, where that of the default rule is silenced."""
    said = evaluation.decision.said
    return next((item for item in said if item.rule == evaluation.decision.decided_by), next(iter(said), None))


def _card(
    filling: Filling, basis: Basis, said: Said, fresh: dict[str, bool], notices: list[Notice], drafts: Drafts | None
) -> Json:
    """``fresh`` are the codes that no card above has turned into suggestions, and whether they are for today."""
    evaluation = filling.evaluation
    answer, book = evaluation.answer, evaluation.answer.book
    frame = frame_of(book, said)
    identity = uuid_of(evaluation, said.rule)
    told = basis.told(answer.grounds[said.rule])
    unsure = "" if notices else not_found_text(evaluation, said.rule)
    opening = [filling.detail(frame.text), hours_text(filling, book.rules[said.rule].card), frame.local, unsure]
    lines = each_once([line for _, own in told for line in own])
    summary = filling.summary(frame.text)
    shown = most_telling(lines, summary, opening[0])
    detail = _detail(opening, shown, frame.closing, notices)
    card = {**frame.card, "summary": summary, "uuid": identity, "detail": detail}
    suggestions = suggestions_of(evaluation, fresh, identity) if fresh else []
    data = _extension(answer, said, [step for step, _ in told], notices)
    card["extension"] = extension_of(book, _with_basis(data, lines, notices))
    if drafts is not None:
        removed = drafts.to_remove(said, lines)
        suggestions = [*drafts.removals(removed, identity), *suggestions]
        if about := drafts.about(said, lines, removed):
            card["extension"][ASSOCIATED] = about
    if suggestions:
        card["suggestions"], card["selectionBehavior"] = suggestions, "any"
    return card


def _headed(heading: Heading, evaluation: Evaluation, basis: Basis) -> Json:
    """The deciding card that is about no rule in force."""
    notices = _once(evaluation, basis)
    detail = "\n\n".join(filter(None, [heading.opening, *(notice.text for notice in notices)]))
    data = {"decides": True, "rulebook": _rulebook(evaluation.book)}
    data = _with_basis(data | {notice.key: notice.data for notice in notices if notice.data}, [], notices)
    return card_about(evaluation, heading.topic, heading.display, "warning", heading.summary, detail, data=data)


def _once(evaluation: Evaluation, basis: Basis) -> list[Notice]:
    """What one card of an answer says for all of them: the notices, the sources (as data) and the disclaimer."""
    rules = tuple(said.rule for said in evaluation.decision.said)
    sources = sources_of_answer(evaluation.book, rules)
    return [*notices_of(evaluation, basis), Notice("sources", sources, disclaimer_of(evaluation.book, rules))]


def _detail(opening: list[str], facts: list[Line], closing: str, notices: list[Notice]) -> str:
    """The rule's text, the facts it rests on, its source and status, and what is said once."""
    based_on = f"**Based on**\n{listed(facts)}" if facts else ""
    return "\n\n".join(filter(None, [*opening, based_on, closing, *(notice.text for notice in notices)]))


def _extension(answer: Answer, said: Said, trail: list[Json], notices: list[Notice]) -> Json:
    """Rule, rulebook, codes, the evidence trail and the data of the notices."""
    book, decision = answer.book, answer.decision
    rule = book.rules[said.rule]
    data: Json = {
        "rule": rule.id,
        "version": rule.version,
        "status": rule.status,
        "decides": said.rule == decision.decided_by,
        "rulebook": _rulebook(book),
        "grade": dict(rule.grade),
        "trail": trail,
    }
    if said.codes:
        data["advice"] = list(said.codes)
    if overruled := [name for name, by in decision.overruled if by == said.rule]:
        data["overruled"] = overruled
    for notice in notices:
        if notice.data:
            data[notice.key] = notice.data
    return data


def _with_basis(data: Json, lines: list[Line], notices: list[Notice]) -> Json:
    """The data with ``basis``: for each line of the detail about entries of the record, the resources behind it."""
    basis = data_of_lines(lines)
    for notice in notices:
        basis += data_of_lines(notice.lines)
    if basis:
        data["basis"] = basis
    return data


def _rulebook(book: RuleBook) -> Json:
    return {"version": book.version, "sha256": book.sha256}
