"""What a rulebook that loads can still have wrong: things nobody uses, texts that overclaim, reviews that are due."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from cds.errors import Problem
from cds.review.evidence import grade_problems
from cds.review.first_read import reader_problems, todo_problems
from cds.review.number_remarks import number_remarks
from cds.review.signatures import signature_problems
from cds.review.thresholds import impossible_thresholds
from cds.rulebook.graph import FINDING, TERM, Node, findings_of_removal, findings_of_rule, graph_of
from cds.rulebook.model import Rule, RuleBook
from cds.rulebook.model.placeholder import shortened
from cds.rulebook.placeholders import named_in

MOST_WORDS = 60
"""The words of the detail of a card: what is read in a consultation (a choice of this product)."""
WORD = re.compile(r"\w[\w./%,-]*")
CASE_WORDS = {"silent": {"nothing", "ask"}, "unknown": {"ask"}}


def remarks(book: RuleBook, today: date) -> list[Problem]:
    """Everything that is wrong with rules, findings, terms and texts, in the order of files."""
    own = (*_unused(book), *_texts(book), *_reviews(book, today), *_cases(book), *_guards(book), *grade_problems(book))
    mistyped = (*_codes(book), *impossible_thresholds(book), *number_remarks(book), *todo_problems(book))
    return sorted((*own, *mistyped, *reader_problems(book), *signature_problems(book, today)))


def _used(book: RuleBook) -> set[Node]:
    """The findings and terms that a rule, its card, an entry of silencing.yaml, or the usability of a term reads."""
    names = [name for rule in book.rules.values() for name in findings_of_rule(rule)]
    names += [name for entry in book.removals for name in findings_of_removal(entry)]
    shown = {name for rule in book.rules.values() for name in named_in(rule.card)}
    nodes = [
        (kind, name) for kind, known in ((FINDING, book.findings), (TERM, book.terms)) for name in shown & known.keys()
    ]
    return graph_of(book).behind_findings(names) | graph_of(book).behind(nodes)


def _needless(book: RuleBook) -> set[Node]:
    """What no rule reads, but for what another such finding or term reads: to remove that first would harm."""
    written = {(FINDING, finding.name) for finding in book.findings.values() if finding.chapter}
    unused = (written | {(TERM, name) for name in book.terms}) - _used(book)
    graph = graph_of(book)
    return unused - graph.behind(need for node in unused for need in graph.needs[node])


def _unused(book: RuleBook) -> Iterator[Problem]:
    for kind, name in _needless(book):
        if kind == FINDING:
            what, spot = "no rule reads this finding.", book.findings[name].spot
            yield Problem(*spot, name, what, "Use it or remove it.", "unused-finding")
        else:
            what, spot = "no finding reads this term.", book.terms[name].spot
            yield Problem(*spot, name, what, "Use it or remove it.", "unused-term")
    said = {saying.code for rule in book.rules.values() for saying in rule.advice}
    for code in book.advice.keys() - said:
        yield Problem(*book.advice[code].spot, code, "no rule says this.", "Use it or remove it.", "unused-advice")
    cited = {name for rule in book.rules.values() for name in rule.evidence}
    cited |= {name for rule in book.rules.values() for item in rule.other_numbers for name in item.sources}
    cited |= {name for item in (*book.findings.values(), *book.terms.values()) for name in item.evidence}
    for name in book.sources.keys() - cited:
        spot = book.sources[name].spot
        yield Problem(*spot, name, "nothing cites this source.", "Cite it or remove it.", "unused-source")


def _codes(book: RuleBook) -> Iterator[Problem]:
    for item in book.doubtful_codes:
        what = f"'{item.code}' is no code of {item.system}: {item.why}."
        todo = f"Did you mean '{item.near[0]}'?" if len(item.near) == 1 else "Look it up: no record has this one."
        yield Problem(*item.spot, item.place, what, todo, "impossible-code")


def _guards(book: RuleBook) -> Iterator[Problem]:
    """A rulebook that does not say which of its rules keep patients from harm, or not of those that stop a product."""
    if not any(tier.guarded for tier in book.tiers):
        what = "no tier is guarded, so every rule that decides counts as one that keeps patients from harm."
        todo = "Write 'guarded: yes' in the tiers whose rules no overlay may switch off without an accepted risk."
        yield Problem("precedence.yaml", 1, "tiers", what, todo, "nothing-guarded")
        return
    for tier in book.tiers:
        guarded = all(book.is_guarded(name) for name in tier.rules if name in book.rules)
        if tier.outcome == book.stop_now and not guarded:
            what = "it stops, and an overlay may switch off its rules without a word."
            yield Problem(*tier.spot, f"tier '{tier.name}'", what, "Write 'guarded: yes' there.", "nothing-guarded")


def _texts(book: RuleBook) -> Iterator[Problem]:
    for rule in book.rules.values():
        for place, text in _shown(rule):
            for code, phrase in _claims(book, text):
                what, todo = f"it says '{phrase}', which no card may say ({code}).", "Say it otherwise."
                yield Problem(*rule.spot_of(place), f"{rule.id} {place}", what, todo, "never-claim")
        yield from _contradictions(book, rule)
        yield from _too_long(rule)
    for advice in book.advice.values():
        for code, phrase in _claims(book, advice.says):
            what = f"the advice says '{phrase}', which no card may say ({code})."
            yield Problem(*advice.spot, advice.code, what, "Say it otherwise.", "never-claim")


def _shown(rule: Rule) -> Iterator[tuple[str, str]]:
    """The texts of a rule that somebody is shown, by their places, as ``Rule.spots`` names them."""
    yield from (("title", rule.title), ("says", rule.says))
    *variants, plain = rule.card.texts
    for called, text in (("card", plain), *((f"card variant {n}", text) for n, text in enumerate(variants, 1))):
        yield from ((f"{called} {key}", getattr(text, key)) for key in ("summary", "fallback", "detail"))
    yield from ((f"card hours of '{name}'", text) for name, text in rule.card.hours)


def _claims(book: RuleBook, text: str) -> Iterator[tuple[str, str]]:
    """The claims that no card may make and that a text makes, each with the first phrase that makes it."""
    whole = " ".join(text.split())
    if _any_claim(book).search(whole):
        for claim in book.never.values():
            if phrase := next((one for one in claim.phrases if _saying(one).search(whole)), ""):
                yield claim.code, phrase


@lru_cache(maxsize=8)
def _any_claim(book: RuleBook) -> re.Pattern[str]:
    """Finds any of the phrases that no card may say: hardly a text says one."""
    return _saying(*(phrase for claim in book.never.values() for phrase in claim.phrases))


def _saying(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b", re.IGNORECASE)


def _too_long(rule: Rule) -> Iterator[Problem]:
    """The details of a card that have too many words; a placeholder counts as one."""
    *variants, plain = rule.card.texts
    for called, text in (("card", plain), *((f"card variant {n}", text) for n, text in enumerate(variants, 1))):
        place = f"{called} detail"
        words = len(WORD.findall(shortened(text.detail)))
        if words > MOST_WORDS:
            what, todo = f"it has {words} words.", f"Shorten it to {MOST_WORDS}."
            yield Problem(*rule.spot_of(place), f"{rule.id} {place}", what, todo, "card-too-long")


def _contradictions(book: RuleBook, rule: Rule) -> Iterator[Problem]:
    always = [saying.code for saying in rule.advice if not saying.conditions]
    for place, code in enumerate(always):
        for other in always[place + 1 :]:
            if other in book.advice[code].contradicts:
                what, todo = f"'{code}' and '{other}' contradict each other.", "Put a condition on one of them."
                yield Problem(*rule.spot_of("advice"), "advice", what, todo, "contradiction")


def _reviews(book: RuleBook, today: date) -> Iterator[Problem]:
    for rule in book.rules.values():
        if rule.review_by < today.isoformat():
            what, todo = f"the review was due on {rule.review_by}.", "Review the rule and move the date."
            yield Problem(*rule.spot_of("review by"), "review by", what, todo, "review-overdue")


def _cases(book: RuleBook) -> Iterator[Problem]:
    for rule in book.rules.values():
        yield from (
            Problem(*rule.spot_of("cases"), "cases", what, todo, "case-lacking") for what, todo in _lacking(rule)
        )


def _lacking(rule: Rule) -> Iterator[tuple[str, str]]:
    """What the cases of a rule do not show, and what to add."""
    expected = {case.expect for case in rule.cases}
    if not expected - CASE_WORDS["silent"]:
        yield "no case in which the rule fires.", "Add one; begin with a patient whom you have seen."
    if not expected & CASE_WORDS["silent"]:
        yield "no case in which the rule is silent.", "Add the patient who just misses it."


def rules_lacking_cases(book: RuleBook) -> set[str]:
    """The rules that lack a case of a kind that a reviewer needs."""
    return {rule.id for rule in book.rules.values() if any(_lacking(rule))}
