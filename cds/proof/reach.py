"""Nothing in the rulebook is dead: every rule can fire, be shown and decide, every word can be said.

That somebody exists is shown by a patient whom the product itself answers so; one patient shows many things.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import z3

from cds.proof.always import Single
from cds.proof.model import Model
from cds.proof.rails import Bool
from cds.proof.verdict import Verdict


def reachable(single: Single) -> Iterator[Verdict]:
    """Every rule fires and is shown for somebody, and its vote stands in the tier that decides."""
    answer = single.answer
    goals: dict[tuple[str, str], Bool] = {}
    silent = single.book.off | single.book.shadow
    for rule in single.book.rules:
        if rule not in silent:
            goals[rule, f"{rule} never fires"] = answer.fires[rule]
            goals[rule, f"{rule} is always overruled"] = answer.shown[rule]
    for (rule, tier), vote in answer.votes.items():
        if rule not in silent:
            in_tier = z3.Or([way for (_, other), way in answer.decides.items() if other == tier])
            goals[rule, f"{rule} never has a say in the tier '{tier}'"] = z3.And(vote, in_tier)
    yield from _reached(single, goals, "rules and their votes")


def effective(single: Single) -> Iterator[Verdict]:
    """Every code of a rule is said to somebody, every text of a card shown, every entry of silencing.yaml acts."""
    answer = single.answer
    silent = single.book.off | single.book.shadow
    goals: dict[tuple[str, str], Bool] = {}
    for (rule, code), formula in answer.says.items():
        goals[rule, f"{rule} never says '{code}'"] = formula
    for (rule, number), formula in answer.text.items():
        summary = single.book.rules[rule].card.texts[number].summary
        goals[rule, f"the card of {rule} never has the text '{summary}'"] = formula
    goals = {goal: formula for goal, formula in goals.items() if goal[0] not in silent}
    for entry, formula in answer.acts.items():
        goals["", f"the entry '{entry}' of silencing.yaml never acts"] = formula
    yield from _reached(single, goals, "codes, texts and entries of silencing.yaml")


def _reached(single: Single, goals: Mapping[tuple[str, str], Bool], what: str) -> Iterator[Verdict]:
    left = dict(goals)
    while left:
        (rule, says), formula = next(iter(left.items()))
        found = single.shows(formula)
        if isinstance(found, Model):
            left = {goal: other for goal, other in left.items() if not found.is_true(other)}
            continue
        del left[rule, says]
        ending = ": no such patient exists." if found is False else ", as far as was seen: possible, not confirmed."
        yield Verdict(found, f"{says}{ending}", (rule,) if rule else ())
    says = f"{len(goals)} {what}: each was shown by a patient whom the product answers so."
    yield Verdict(True, says, asked=len(goals))
