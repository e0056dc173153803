"""From an evaluation to CDS Hooks 2.0 cards: the deciding card first, then by tier."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from uuid import NAMESPACE_URL

from cds.cards.extension import extension_of
from cds.cards.heading import Heading, heading_of
from cds.cards.local import local_thresholds
from cds.cards.notices import Notice, notices_of
from cds.cards.override_reasons import OVERRIDE_REASONS
from cds.cards.proof import Proof
from cds.cards.suggestions import suggestions_of, uuid_text
from cds.evaluation import Evaluation
from cds.reasoning.decision import Said
from cds.rulebook.model import Code, Rule, RuleBook

Json = dict[str, Any]
Asked: TypeAlias = Code | str
DRAFT = "Draft rule, not yet signed by a clinician. Not a cleared medical device; check before acting."


def cards_of(evaluation: Evaluation) -> list[Json]:
    """One card for each rule that speaks, complete, as JSON data.

    The deciding card comes first, also where no rule in force stands for the decision (``cds.cards.heading``).
    """
    asked: set[Asked] = set()
    book, today = evaluation.book, _today(evaluation)
    proof = Proof(evaluation)
    heading = heading_of(evaluation)
    cards = [] if heading is None else [_headed(heading, evaluation, proof)]
    leading = None if heading else _leading(evaluation)
    for said in evaluation.decision.said:
        fresh = {}
        for code in said.codes:
            what = _asked(book, code)
            if what not in asked:
                asked.add(what)
                fresh[code] = what in today
        notices = notices_of(evaluation, proof) if said is leading else []
        cards.append(_card(evaluation, proof, said, fresh, notices))
    return cards


def _asked(book: RuleBook, code: str) -> Asked:
    """What a code asks for: two codes that order the same test ask for one thing."""
    return book.advice[code].order or code


def _today(evaluation: Evaluation) -> set[Asked]:
    """What some card asks for today: a critical one, or the one that says stop, whatever its indicator."""
    decision = evaluation.decision
    stops = decision.decided_by if decision.outcome == evaluation.book.stop_now else None
    cards = [said for said in decision.said if said.indicator == "critical" or said.rule == stops]
    return {_asked(evaluation.book, code) for said in cards for code in said.codes}


def _leading(evaluation: Evaluation) -> Said | None:
    """The card that carries the notices: the deciding one; the first, where that of the default rule is silenced."""
    said = evaluation.decision.said
    return next((item for item in said if item.rule == evaluation.decision.decided_by), next(iter(said), None))


def _card(evaluation: Evaluation, proof: Proof, said: Said, fresh: dict[str, bool], notices: list[Notice]) -> Json:
    """``fresh`` are the codes that no card above has turned into suggestions, and whether they are for today."""
    frame = frame_of(evaluation.book, said)
    identity = uuid_of(evaluation, said.rule)
    leaves = evaluation.answer.grounds[said.rule]
    card = {**frame.card, "uuid": identity, "detail": _detail(frame, proof.based_on(leaves), notices)}
    if fresh and (suggestions := suggestions_of(evaluation, fresh, identity)):
        card["suggestions"], card["selectionBehavior"] = suggestions, "any"
    card["extension"] = extension_of(evaluation.book, _extension(evaluation, said, proof.trail(leaves), notices))
    return card


def _headed(heading: Heading, evaluation: Evaluation, proof: Proof) -> Json:
    """The deciding card that is about no rule in force."""
    book, notices = evaluation.book, notices_of(evaluation, proof)
    told = {"decides": True, "rulebook": {"version": book.version, "sha256": book.sha256}}
    topic = {"system": f"{book.canonical}/topics", "code": heading.topic, "display": heading.display}
    return {
        "summary": heading.summary,
        "detail": "\n\n".join([heading.opening, *(notice.text for notice in notices)]),
        "indicator": "warning",
        "source": {"label": f"{book.title} {book.version}", "topic": topic},
        "uuid": uuid_of(evaluation, heading.topic),
        "overrideReasons": OVERRIDE_REASONS,
        "extension": extension_of(book, told | {notice.key: notice.data for notice in notices if notice.data}),
    }


def uuid_of(evaluation: Evaluation, topic: str) -> str:
    """The uuid of the card about a topic: the same for the same patient, so that a repeated call updates the card."""
    return uuid_text(NAMESPACE_URL.bytes, f"{evaluation.book.canonical}/{evaluation.chart.record.patient}/{topic}")


class Frame(NamedTuple):
    """What is the same for every patient about whom a rule says this: the card, how its detail begins and ends.

    It is never changed after it was built.
    """

    card: Json
    opening: str
    closing: str


@lru_cache(maxsize=4096)
def frame_of(book: RuleBook, said: Said) -> Frame:
    """The frame of a card."""
    rule = book.rules[said.rule]
    text = rule.card.texts[said.text]
    links = [
        {"label": f"{name}: {book.sources[name].citation}"[:200], "url": book.sources[name].url, "type": "absolute"}
        for name in rule.evidence
        if book.sources[name].url
    ]
    card: Json = {
        "summary": text.summary,
        "detail": "",
        "indicator": said.indicator,
        "source": _source(book, rule, links),
        "overrideReasons": OVERRIDE_REASONS,
    }
    return Frame(card | ({"links": links} if links else {}), _opening(book, rule, text.detail), _closing(rule))


def _opening(book: RuleBook, rule: Rule, detail: str) -> str:
    return "\n\n".join(filter(None, (_paragraphs(detail), local_thresholds(book, rule))))


def _closing(rule: Rule) -> str:
    evidence = f"**Evidence:** {', '.join(rule.evidence)}; strength: {rule.strength}. Rule {rule.id} {rule.version}."
    return f"{evidence}\n\n{DRAFT}" if rule.status == "draft" else evidence


def _paragraphs(text: str) -> str:
    """The text without the line breaks inside its paragraphs."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _source(book: RuleBook, rule: Rule, links: list[Json]) -> Json:
    topic = {"system": f"{book.canonical}/topics", "code": rule.id.replace("-", ""), "display": rule.title}
    label = f"{book.title} {book.version}, rule {rule.id}"
    return {"label": label, "topic": topic} | ({"url": links[0]["url"]} if links else {})


def _detail(frame: Frame, facts: list[str], notices: list[Notice]) -> str:
    """The rule's text, the facts it rests on, the notices of the deciding card, evidence and status."""
    parts = [frame.opening] if frame.opening else []
    if facts:
        parts.append("**Based on**\n" + "\n".join(facts))
    parts += [notice.text for notice in notices if notice.text]
    return "\n\n".join([*parts, frame.closing])


def _extension(evaluation: Evaluation, said: Said, trail: list[Json], notices: list[Notice]) -> Json:
    """Rule, rulebook, codes, the evidence trail and the data of the notices."""
    rule, book, decision = evaluation.book.rules[said.rule], evaluation.book, evaluation.decision
    data: Json = {
        "rule": rule.id,
        "version": rule.version,
        "status": rule.status,
        "decides": said.rule == decision.decided_by,
        "rulebook": {"version": book.version, "sha256": book.sha256},
        "strength": rule.strength,
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
