"""Every sentence of a rulebook that people read, with the rules, findings and terms whose numbers it may state.

Notes, which authors write beside the rules (reasons, claims), are read by people too, so their numbers are
checked. Not here: citations of sources (pages, years and results of others), labels of products, names of cases (their
values are those of an invented patient).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cds.rulebook.graph import FINDING, TERM, Node, findings_of_removal, findings_of_rule, graph_of
from cds.rulebook.model import AnyTerm, Clause, Finding, Rule, RuleBook, Spot


class RuleText(NamedTuple):
    """A sentence, what it is (``VD-01 card summary``), where it begins, and whose numbers it has (``VD-01``).

    It may state the numbers of ``rules`` (with those that they declare), of ``nodes`` and all that these are worked out
    from, and those of what it has ``named`` or what a removal reads by which the rule silences another. ``own`` are the
    findings under which it is said, beside those that make its rule fire. A note stands beside a rule and not in it (a
    reason, a strength): no other words can be laid over it. A reason has dates, times and counts of its own (``watched
    for 3 months``, ``nobody of 17 comes here``).
    """

    place: str
    text: str
    spot: Spot
    of: str
    rules: tuple[str, ...] = ()
    nodes: tuple[Node, ...] = ()
    named: tuple[Node, ...] = ()
    own: tuple[Node, ...] = ()
    is_note: bool = False
    has_own_times: bool = False

    @property
    def is_name(self) -> bool:
        """Whether it is the name of a finding, a term or an entry of silencing, to which everything refers."""
        return self.place.endswith("' name")

    @property
    def can_be_reworded(self) -> bool:
        """Whether an overlay can lay other words over it: texts of rules, of advice and of silencing."""
        fixed = self.is_name or self.is_note or self.place.startswith(("never-claim ", "tier "))
        return bool(self.rules) and not fixed


def _any_of(rules: tuple[str, ...]) -> str:
    """``CA-01 or CA-02``."""
    return " or ".join(rules) or "any rule"


def _everything_in(book: RuleBook) -> tuple[Node, ...]:
    """All findings and terms: what a sentence about the whole rulebook speaks of."""
    return (*((FINDING, name) for name in book.findings), *((TERM, name) for name in book.terms))


_RULE = re.compile(r"\b[A-Z]+-\d\d\b")


def texts_of(book: RuleBook) -> Iterator[RuleText]:
    """All sentences; one that names another rule (``falls to CA-01``) may state that rule's numbers too."""
    kinds = (_of_rules, _of_answers, _of_findings_and_terms, _of_the_book, _notes)
    for item in (item for kind in kinds for item in kind(book)):
        rules = (book.rules[name] for name in _RULE.findall(item.text) if name in book.rules)
        read = (node for rule in rules for node in nodes_of_rule(rule))
        yield item._replace(named=(*item.named, *read))


def nodes_of_condition(rule: Rule) -> tuple[Node, ...]:
    """The findings that make a rule fire."""
    return tuple((FINDING, part.finding) for part in rule.when.parts)


def nodes_of_rule(rule: Rule) -> tuple[Node, ...]:
    """The findings that a rule names anywhere."""
    return tuple((FINDING, name) for name in findings_of_rule(rule))


def _of_rules(book: RuleBook) -> Iterator[RuleText]:
    for rule in book.rules.values():
        removals = (entry for entry in book.removals if rule.id in entry.by)
        silenced = tuple((FINDING, name) for entry in removals for name in findings_of_removal(entry))
        for place, text, own in _sentences(rule):
            spot = rule.spot_of(place)
            yield RuleText(f"{rule.id} {place}", text, spot, rule.id, (rule.id,), named=silenced, own=own)
        for code in dict.fromkeys(saying.code for saying in rule.advice):
            advice, said = book.advice[code], (saying.conditions for saying in rule.advice if saying.code == code)
            own = _nodes(clause for conditions in said for clause in conditions)
            yield RuleText(f"advice {code}", advice.says, advice.spot, rule.id, (rule.id,), own=own)


def _sentences(rule: Rule) -> Iterator[tuple[str, str, tuple[Node, ...]]]:
    """The texts of a rule by their places, as ``Rule.spots`` names them, and the findings under which each is said."""
    votes = tuple((FINDING, vote.finding) for vote in rule.votes if vote.finding)
    yield from (("title", rule.title, votes), ("says", rule.says, votes), ("because", rule.because, votes))
    shown = (*votes, *_nodes(clause for _, line in rule.card.indicators for clause in line))
    *variants, plain = rule.card.texts
    for called, text in (("card", plain), *((f"card variant {n}", text) for n, text in enumerate(variants, 1))):
        own = (*shown, *_nodes(clause for line in text.when for clause in line))
        for place, words in (("summary", text.summary), ("fallback", text.fallback), ("detail", text.detail)):
            if words:
                yield f"{called} {place}", words, own
    yield from ((f"card hours of '{name}'", text, shown) for name, text in rule.card.hours)


def _nodes(clauses: Iterable[Clause]) -> tuple[Node, ...]:
    """The findings that conditions on the answer name."""
    return tuple((FINDING, clause.value) for clause in clauses if clause.kind == "finding")


def _of_answers(book: RuleBook) -> Iterator[RuleText]:
    everybody = tuple(book.rules)
    for claim in book.never.values():
        bound = tuple(rule.id for rule in book.rules.values() if claim.code in rule.never)
        for text in (claim.says, *claim.phrases):
            yield RuleText(f"never-claim {claim.code}", text, claim.spot, _any_of(bound), bound or everybody)
    for entry in book.removals:
        read = tuple((FINDING, name) for name in findings_of_removal(entry))
        for place, text in ((" name", entry.name), ("", entry.why)):
            yield RuleText(f"silencing '{entry.name}'{place}", text, entry.spot, _any_of(entry.by), entry.by, read)
    for tier in book.tiers:
        yield RuleText(f"tier '{tier.name}'", tier.says, tier.spot, _any_of(tier.rules), tier.rules or everybody)


def _of_findings_and_terms(book: RuleBook) -> Iterator[RuleText]:
    """A finding or a term may also state the numbers of a term that its own sentence names."""
    found: list[tuple[str, Finding | AnyTerm]] = [(FINDING, item) for item in book.findings.values() if item.chapter]
    found += [(TERM, item) for item in book.terms.values()]
    for kind, thing in found:
        own, called = (kind, thing.name), f"'{thing.name}'"
        for place, text in (("name", thing.name), ("says", thing.says)):
            named = _named(book, text, own)
            spot = getattr(thing, "says_at", None) if place == "says" else None
            yield RuleText(f"{kind} {called} {place}", text, spot or thing.spot, called, nodes=(own,), named=named)


def _named(book: RuleBook, text: str, own: Node) -> tuple[Node, ...]:
    """The terms that a text names and that its finding or term does not read anyway."""
    named = {(TERM, name) for name in book.terms if " " in name and name in text}
    return tuple(sorted(named - graph_of(book).behind([own]))) if named else ()


def _of_the_book(book: RuleBook) -> Iterator[RuleText]:
    everything = _everything_in(book)
    yield RuleText("title", book.title, Spot("rulebook.yaml", 1), "the rulebook", nodes=everything)
    for name, text in book.attributes.items():
        yield RuleText(f"source attribute '{name}'", text, Spot("rulebook.yaml", 1), "the rulebook", nodes=everything)
    for name, text in book.outcomes.items():
        yield RuleText(f"outcome '{name}'", text, Spot("precedence.yaml", 1), "the rulebook", nodes=everything)


def _notes(book: RuleBook) -> Iterator[RuleText]:
    """Texts of rules that are no sentence of theirs, verdicts on claims, reasons of review.yaml and of an overlay."""
    for rule in book.rules.values():
        for place, text, spot in _beside_rule(rule, book):
            yield RuleText(f"{rule.id} {place}", text, spot, rule.id, (rule.id,), is_note=True)
    for claim in book.claims:
        spot, rules = Spot("claims.yaml", 1), claim.rules or tuple(book.rules)
        yield RuleText(f"claim '{claim.claim}'", claim.because, spot, _any_of(claim.rules), rules, is_note=True)
    for change, reason in book.accepted.items():
        nodes = _everything_in(book)
        called, spot = f"accepted '{change}'", Spot("review.yaml", 1)
        yield RuleText(called, reason, spot, "the rulebook", nodes=nodes, is_note=True, has_own_times=True)
    yield from _of_overlay(book)


def _beside_rule(rule: Rule, book: RuleBook) -> Iterator[tuple[str, str, Spot]]:
    """The chapter, what a reader sees first, what it does not see, what declared numbers are.

    And the source attributes that the rule has for itself.
    """
    yield "chapter", rule.chapter, rule.spot
    for name, text in (rule.reader._asdict() if rule.reader else {}).items():
        yield f"reader {name.replace('_', ' ')}", text, rule.spot
    for number, text in enumerate(rule.limits, 1):
        yield f"limit {number}", text, rule.spot_of(f"limit {number}")
    for item in rule.other_numbers:
        if not item.of:
            yield f"other numbers '{item.amount}'", item.what, item.spot
    for name, text in rule.attributes.items():
        if book.attributes.get(name) != text:
            yield f"source attribute '{name}'", text, rule.spot


def _of_overlay(book: RuleBook) -> Iterator[RuleText]:
    """Why an overlay is there, and why it switches rules; cards say the latter to whoever treats the patient."""
    if book.overlay is None:
        return
    for item in book.overlay.switches:
        for place, text in (("reason", item.reason), ("accepted risk", item.accepted_risk)):
            called = f"{item.how} {item.rule} {place}"
            yield RuleText(called, text, item.spot, item.rule, (item.rule,), is_note=True, has_own_times=True)
    nodes = _everything_in(book)
    for layer in book.overlay.layers:
        spot = Spot(f"{layer.place}/overlay.yaml", 1)
        yield RuleText("reason", layer.reason, spot, "the rulebook", nodes=nodes, is_note=True, has_own_times=True)
