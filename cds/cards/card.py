"""From an evaluation to CDS Hooks 2.0 cards: the deciding card first, then by tier; little information is folded."""

from __future__ import annotations

from typing import TypeAlias

from cds.cards.basis import Basis, each_once
from cds.cards.called import Calls
from cds.cards.filling import Filling
from cds.cards.frames import DRAFT, card_about, data_of, extension_of, frame_of, uuid_of
from cds.cards.hours import hours_text
from cds.cards.notices import Notice, notices_of
from cds.cards.suggestions import suggestions_of
from cds.cards.unheard import Heading, heading_of
from cds.evaluation import Answer, Evaluation
from cds.jsontypes import Json
from cds.reasoning.decision import Said
from cds.rulebook.model import LONGEST_SUMMARY, Code, RuleBook

Asked: TypeAlias = Code | str
MOST_INFO = 3
"""How many cards for information are shown one by one; the others are folded into one."""
ALSO_REVIEW = "ALSOREVIEW"


def shown_cards(evaluation: Evaluation) -> list[Json]:
    """The cards of an evaluation as they are shown."""
    return folded(cards_of(evaluation), evaluation)


def cards_of(evaluation: Evaluation) -> list[Json]:
    """One card for each rule that speaks, complete, as JSON data.

    The deciding card comes first, also where no rule in force stands for the decision (``cds.cards.unheard``).
    """
    asked: set[Asked] = set()
    book, today = evaluation.book, _today(evaluation)
    basis = Basis(evaluation)
    filling = Filling(evaluation, basis.calls)
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
        notices = notices_of(evaluation, basis) if said is leading else []
        cards.append(_card(filling, basis, said, fresh, notices))
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


def _card(filling: Filling, basis: Basis, said: Said, fresh: dict[str, bool], notices: list[Notice]) -> Json:
    """``fresh`` are the codes that no card above has turned into suggestions, and whether they are for today."""
    evaluation = filling.evaluation
    answer, book = evaluation.answer, evaluation.answer.book
    frame = frame_of(book, said)
    identity = uuid_of(evaluation, said.rule)
    told = basis.told(answer.grounds[said.rule])
    opening = [filling.detail(frame.text), hours_text(filling, book.rules[said.rule].card), frame.local]
    detail = _detail(opening, each_once(told), notices, frame.closing)
    card = {**frame.card, "summary": filling.summary(frame.text), "uuid": identity, "detail": detail}
    if fresh and (suggestions := suggestions_of(evaluation, fresh, identity)):
        card["suggestions"], card["selectionBehavior"] = suggestions, "any"
    card["extension"] = extension_of(book, _extension(answer, said, [step for step, _ in told], notices))
    return card


def _headed(heading: Heading, evaluation: Evaluation, basis: Basis) -> Json:
    """The deciding card that is about no rule in force."""
    notices = notices_of(evaluation, basis)
    detail = "\n\n".join([heading.opening, *(notice.text for notice in notices)])
    data = {"decides": True, "rulebook": _rulebook(evaluation.book)}
    data |= {notice.key: notice.data for notice in notices if notice.data}
    return card_about(evaluation, heading.topic, heading.display, "warning", heading.summary, detail, data=data)


def _detail(opening: list[str], facts: list[str], notices: list[Notice], closing: str) -> str:
    """The rule's text, the facts it rests on, the notices of the deciding card, evidence and status."""
    based_on = "**Based on**\n" + "\n".join(facts) if facts else ""
    return "\n\n".join(filter(None, [*opening, based_on, *(notice.text for notice in notices), closing]))


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


def _rulebook(book: RuleBook) -> Json:
    return {"version": book.version, "sha256": book.sha256}


def folded(cards: list[Json], evaluation: Evaluation) -> list[Json]:
    """The cards with those for information beyond the third folded into one; critical and warning ones stay whole.

    The deciding card is never folded, and a single card too many stays as it is.
    """
    info = [card for card in cards[1:] if card["indicator"] == "info"]
    first = MOST_INFO - sum(card["indicator"] == "info" for card in cards[:1])
    extra = info[first:]
    if len(extra) < 2:
        return cards
    return [card for card in cards if card not in extra] + [_also_review(extra, evaluation)]


def _also_review(cards: list[Json], evaluation: Evaluation) -> Json:
    suggestions = [suggestion for card in cards for suggestion in card.get("suggestions", ())]
    links = {link["url"]: link for card in cards for link in card.get("links", ())}
    more: Json = {"links": list(links.values())} if links else {}
    if suggestions:
        more |= {"suggestions": suggestions, "selectionBehavior": "any"}
    summary = _summary([card["source"]["topic"]["display"] for card in cards])
    data = {"folded": [{"summary": card["summary"], **data_of(card)} for card in cards]}
    return card_about(evaluation, ALSO_REVIEW, "Also review", "info", summary, _folded_detail(cards), data=data, **more)


def _folded_detail(cards: list[Json]) -> str:
    """The details under their summaries; that rules are drafts is said once, at the end."""
    details = [card["detail"].removesuffix(f"\n\n{DRAFT}") for card in cards]
    drafts = any(detail != card["detail"] for detail, card in zip(details, cards, strict=True))
    parts = [f"### {card['summary']}\n\n{detail}" for detail, card in zip(details, cards, strict=True)]
    return "\n\n".join([*parts, DRAFT] if drafts else parts)


def _summary(titles: list[str]) -> str:
    """As many titles as fit."""
    shown = [_inside_a_sentence(title) for title in titles]
    for count in range(len(shown), 0, -1):
        rest = len(shown) - count
        text = f"Also review: {'; '.join(shown[:count])}" + (f"; and {rest} more" if rest else "") + "."
        if len(text) <= LONGEST_SUMMARY:
            return text
    return f"Also review: {len(shown)} further points."


def _inside_a_sentence(title: str) -> str:
    """The title with a small first letter, unless it begins with an abbreviation such as CKD or HIV."""
    abbreviated = title[1:2].isupper() or title[1:2].isdigit()
    return title if abbreviated else title[:1].lower() + title[1:]
