"""The head of the deciding card where no rule in force stands for it: a rule is switched off, or left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cds.cards.unheard import left_out, switched_to
from cds.evaluation import Evaluation
from cds.reasoning.decision import SWITCHED_OFF, Switched
from cds.rulebook.model import RuleBook
from cds.rulebook.model.rule import LONGEST_SUMMARY

NO_ANSWER = (
    "**Not answered:** a rule that counts for this patient is not in force here, and no other rule answers in its "
    "place. Judge by what it looks at, or ask those who run this service. Nothing here says that the dose may go on."
)
LONGEST_TOPIC = 100
"""The characters of a topic that clients can remember (CDS Hooks)."""


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
        topic = _topic("OFF", decision.switched.rules)
        return Heading(_no_answer(evaluation.book, decision.switched), _opening(decision.switched), topic,
                       "Rule switched off")  # fmt: skip
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
