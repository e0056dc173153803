"""The rules that are not heard, as data and in words: switched off, or left out by a hospital that accepts the risk.

A rule that is switched off is named where it would have counted, with what it looks at and the reason that was given,
and never with what it would have said: perhaps that is why it is off.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds.cards.proof import Proof
from cds.cards.wording import escaped
from cds.evaluation import Evaluation
from cds.jsontypes import Json
from cds.quantity import PRESENT
from cds.rulebook.model import RuleBook
from cds.why import Leaf

LONGEST_REASON = 240


def switched_off(evaluation: Evaluation, proof: Proof) -> list[Json]:
    """Each rule that is switched off and counts here: why, whether it would have decided, and what it looks at.

    ``state`` is that of its condition: present, or unknown where it would have asked for data.
    """
    return [_told(evaluation, proof, rule, read) for rule, read in evaluation.answer.unheard.items()]


def _told(evaluation: Evaluation, proof: Proof, rule: str, read: Iterable[Leaf]) -> Json:
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
        "looksAt": proof.trail(read),
    }


def switched_to(book: RuleBook, rule: str) -> str:
    """What became of a rule, in words."""
    return "switched off" if rule in book.off else "in shadow"


def switched_off_text(evaluation: Evaluation, proof: Proof, told: Json) -> str:
    """A paragraph about one of them: ``**Not heard, switched off here:** CA-01 (...)``, and the facts that it reads."""
    how = switched_to(evaluation.book, told["rule"])
    read = evaluation.answer.unheard[told["rule"]]
    facts = proof.based_on(read) or [f"- {name}: not known" for leaf in read for name in leaf.terms or (leaf.finding,)]
    text = f"**Not heard, {how} here:** {told['rule']} ({told['title']}); {_effect(told)}.{_because(told['reason'])}"
    return "\n".join([f"{text} It looks at:", *dict.fromkeys(facts)])


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
    book = evaluation.book
    return [
        {
            "rule": item.rule, "title": book.rules[item.rule].title, "switched": item.how, "reason": item.reason,
            "acceptedRisk": item.accepted_risk, "by": book.overlay.name,
        }
        for item in (book.overlay.switches if book.overlay else ())
        if book.overlay and item.rule in evaluation.left_out and item.rule in book.overlay.base.rules
    ]  # fmt: skip


def left_out_text(told: Json) -> str:
    """A paragraph about one of them: who left it out, why, and the risk that was accepted."""
    risk = f" Accepted risk: {escaped(told['acceptedRisk'], LONGEST_REASON).rstrip('.')}."
    rule = f"{told['rule']} ({told['title']})"
    return f"**Not applied here:** {rule}, left out by {escaped(told['by'])}.{_because(told['reason'])}{risk}"


def not_heard(evaluation: Evaluation) -> Json:
    """Both lists, ``switchedOff`` and ``leftOut``, for results and answers; a list with nothing in it is left out."""
    found = {"switchedOff": switched_off(evaluation, Proof(evaluation)), "leftOut": left_out(evaluation)}
    return {key: told for key, told in found.items() if told}
