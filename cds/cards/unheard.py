"""The rules that are not heard, because they are switched off or left out: as data, in words, and as a heading.

A rule that is switched off is named where it would have counted, with what it looks at and the reason that was given,
and never with what it would have said: perhaps that is why it is off. Where no rule in force stands for the answer, the
deciding card has a heading of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cds.cards.basis import Basis
from cds.cards.frames import LONGEST_TOPIC
from cds.cards.lines import each_once, line_of, listed
from cds.cards.wording import escaped
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.quantity import PRESENT
from cds.reasoning.decision import SWITCHED_OFF, Switched
from cds.rulebook.model import LONGEST_SUMMARY, RuleBook
from cds.why import Leaf

LONGEST_REASON = 240
NO_ANSWER = (
    "**Not answered:** a rule that counts for this patient is not in force here, and no other rule answers in its "
    "place. Judge by what it looks at, or ask those who run this service. Nothing here says that the dose may go on."
)


def switched_off(evaluation: Evaluation, basis: Basis) -> list[Json]:
    """Each rule that is switched off and counts here: why, whether it would have decided, and what it looks at.

    ``state`` is that of its condition: present, or unknown where it would have asked for data.
    """
    return [_told(evaluation, basis, rule, read) for rule, read in evaluation.answer.unheard.items()]


def _told(evaluation: Evaluation, basis: Basis, rule: str, read: Iterable[Leaf]) -> Json:
    book, decision = evaluation.book, evaluation.decision
    back = {item.rule for item in decision.silenced if item.by == rule}
    return {
        "rule": rule,
        "title": book.rules[rule].title,
        "switched": "off" if rule in book.off else "shadow",
        "reason": book.reasons.get(rule, ""),
        "state": "present" if evaluation.inferred.state(rule) == PRESENT else "unknown",
        "decides": decision.switched is not None and decision.switched.decided_by == rule,
        "holdsBack": sorted(back),
        "looksAt": basis.trail(read),
    }


def switched_to(book: RuleBook, rule: str) -> str:
    """What became of a rule, in words."""
    return "switched off" if rule in book.off else "in shadow"


def switched_off_text(evaluation: Evaluation, basis: Basis, told: Json) -> str:
    """A paragraph about one of them: ``**Not heard, switched off here:** CA-01 (...)``, and the facts that it reads."""
    how = switched_to(evaluation.book, told["rule"])
    read = evaluation.answer.unheard[told["rule"]]
    names = [name for leaf in read for name in leaf.terms or (leaf.finding,)]
    facts = basis.based_on(read) or [line_of(f"{name}: not known") for name in names]
    text = f"**Not heard, {how} here:** {told['rule']} ({told['title']}); {_effect(told)}.{_because(told['reason'])}"
    return f"{text} It looks at:\n{listed(each_once(facts))}"


def _effect(told: Json) -> str:
    if told["state"] == "unknown":
        return "it would have asked for data"
    if told["decides"]:
        return "it would have decided"
    return f"it holds back {', '.join(told['holdsBack'])}" if told["holdsBack"] else "its card is not shown"


def _because(reason: str) -> str:
    return f" Reason given: {escaped(reason, LONGEST_REASON).rstrip('.')}." if reason else ""


def left_out(evaluation: Evaluation) -> list[Json]:
    """Each rule of the base that the overlay leaves out with an accepted risk, and that counts here."""
    book, overlay = evaluation.book, evaluation.book.overlay
    return [
        {
            "rule": item.rule,
            "title": book.rules[item.rule].title,
            "switched": item.how,
            "reason": item.reason,
            "acceptedRisk": item.accepted_risk,
            "by": overlay.name,
        }
        for item in (overlay.switches if overlay else ())
        if overlay and item.rule in evaluation.left_out and item.rule in overlay.base.rules
    ]


def left_out_text(told: Json) -> str:
    """A paragraph about one of them: who left it out, why, and the risk that was accepted."""
    risk = f" Accepted risk: {escaped(told['acceptedRisk'], LONGEST_REASON).rstrip('.')}."
    rule = f"{told['rule']} ({told['title']})"
    return f"**Not applied here:** {rule}, left out by {escaped(told['by'])}.{_because(told['reason'])}{risk}"


def not_heard(evaluation: Evaluation) -> Json:
    """Both lists, ``switchedOff`` and ``leftOut``, for results and answers; a list with nothing in it is left out."""
    found = {"switchedOff": switched_off(evaluation, Basis(evaluation)), "leftOut": left_out(evaluation)}
    return {key: told for key, told in found.items() if told}


class Heading(NamedTuple):
    """What stands at the head of a deciding card that is about no rule in force."""

    summary: str
    opening: str
    topic: str
    display: str


def heading_of(evaluation: Evaluation) -> Heading | None:
    """Of the card that is shown where the deciding rule shows none, and a rule is not heard; None where none is due."""
    decision = evaluation.decision
    if decision.switched is not None and decision.decided_by == SWITCHED_OFF:
        summary, opening = _no_answer(evaluation.book, decision.switched), _opening(decision.switched)
        return Heading(summary, opening, _topic("OFF", decision.switched.rules), "Rule switched off")
    rules = [*evaluation.answer.unheard, *(one["rule"] for one in left_out(evaluation))]
    if not rules or any(said.rule == decision.decided_by for said in decision.said):
        return None
    meaning = f"**{decision.outcome}:** {evaluation.book.outcomes[decision.outcome]}"
    summary = _without(evaluation.book, rules[0], decision.outcome)
    return Heading(summary, meaning, _topic("WITHOUT", rules), "Rule not heard")


def _topic(kind: str, rules: Iterable[str]) -> str:
    """Alphanumeric; another one for other rules, so that a card which rests hides nothing else."""
    return f"{kind}{''.join(rules)}".replace("-", "")[:LONGEST_TOPIC]


def _no_answer(book: RuleBook, switched: Switched) -> str:
    decides = switched.decided_by in switched.rules
    rule = switched.decided_by if decides else switched.rules[0]
    word = switched_to(book, rule)
    effect = "would have decided" if decides else "would have changed the answer"
    return _fitting(
        f"No advice on {book.topic.subject}: {name} is {word} here and {effect}." for name in _names(book, rule)
    )


def _without(book: RuleBook, rule: str, outcome: str) -> str:
    word = "left out" if rule in book.left_out else switched_to(book, rule)
    return _fitting(f"Answered without {name}, {word} here: {outcome}." for name in _names(book, rule))


def _names(book: RuleBook, rule: str) -> tuple[str, str]:
    return f"{rule} ({book.rules[rule].title})", rule


def _fitting(texts: Iterable[str]) -> str:
    """The first text that is short enough for a summary; the last one is."""
    listed = list(texts)
    return next((text for text in listed if len(text) <= LONGEST_SUMMARY), listed[-1])


def _opening(switched: Switched) -> str:
    """What is said before the rules are named; where a rule in force alone pauses or stops, that is said too."""
    if switched.in_force is None:
        return NO_ANSWER
    outcome, rule = switched.in_force
    return f"{NO_ANSWER}\n\n**Not less than {outcome}:** {rule}, which is in force, says so by itself."
