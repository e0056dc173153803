"""What can be said, and what never is: nothing in the rulebook is dead, nothing contradicts, no card claims too much.

That somebody exists is shown by a patient whom the product itself answers so; one patient shows many things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import z3

from cds.proof.report import Verdict
from cds.proof.search import Single
from cds.proof.three_valued import Bool, Model
from cds.rulebook.model import RuleBook


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
    left = {goal: formula for goal, formula in goals.items() if not any(m.is_true(formula) for m in single.shown)}
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


def no_contradictions(single: Single) -> Iterator[Verdict]:
    """No two advice codes that contradict each other are said together: the safeguard never has to leave one out."""
    answer, book = single.answer, single.book
    pairs = sorted({tuple(sorted((code, other))) for code in book.advice for other in book.advice[code].contradicts})
    for one, other in pairs:
        title = f"{one} and {other}"
        said = answer.said(one), answer.said(other)
        says = f"'{one}' and '{other}' are said together (the safeguard leaves one out)"
        verdict = single.ask(title, says, (), *said)
        if verdict is not None:
            yield verdict._replace(rules=_rules_that_say(book, one, other))
    says = f"{len(pairs)} pairs of codes that contradict each other are never said together."
    yield Verdict(True, says, asked=len(pairs))


def _rules_that_say(book: RuleBook, *codes: str) -> tuple[str, ...]:
    return tuple(r.id for r in book.rules.values() if any(saying.code in codes for saying in r.advice))


def no_never_claims(single: Single) -> Iterator[Verdict]:
    """No text or code that can be shown makes a claim that no card may make."""
    answer, book = single.answer, single.book
    phrases = [
        (claim.code, re.compile(rf"\b{re.escape(phrase)}\b", re.I))
        for claim in book.never.values()
        for phrase in claim.phrases
    ]
    texts = 0
    for rule in book.rules.values():
        for number, text in enumerate(rule.card.texts):
            texts += 1
            whole = " ".join(" ".join((*text.words, *(hours for _, hours in rule.card.hours))).split())
            for claim, phrase in phrases:
                if phrase.search(whole) and (v := _claim(single, rule.id, claim, answer.text[rule.id, number])):
                    yield v
        for saying in rule.advice:
            words = book.advice[saying.code].says
            claims = [claim for claim, phrase in phrases if phrase.search(words)]
            claims += [saying.code] if saying.code in book.never or saying.code in rule.never else []
            for claim in claims:
                if v := _claim(single, rule.id, claim, answer.says[rule.id, saying.code]):
                    yield v
    said = f"{texts} texts of cards and {len(book.advice)} advice codes"
    asked = len(phrases) * (texts + len(book.advice)) + len(book.never) * len(answer.says)
    yield Verdict(True, f"{said} make none of {len(book.never)} claims, said in {len(phrases)} ways.", asked=asked)


def _claim(single: Single, rule: str, claim: str, formula: Bool) -> Verdict | None:
    return single.ask(f"claim {claim}", f"{rule} makes a claim that no card may make ({claim})", (rule,), formula)
