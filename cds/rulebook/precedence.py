"""precedence.yaml and silencing.yaml -> what decides, and what is silenced."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from cds.errors import Problem
from cds.rulebook.declared import several
from cds.rulebook.model import (
    CASE_WORDS,
    ORDERED,
    CardOrder,
    Clause,
    Frozen,
    Removal,
    Role,
    Rule,
    Tier,
    verb_of,
)
from cds.rulebook.model.outcome import NO_ORDER
from cds.rulebook.model.removal import STAGES
from cds.rulebook.reading import Names, check_names, read_entry
from cds.rulebook.report import Where
from cds.rulebook.rules import link_clauses
from cds.rulebook.shape import Shape


def offer_tier(precedence: Any, unreadable: Iterable[Problem]) -> list[Problem]:
    """Problems of files that cannot be used; that of a rule without a tier says which one only gives a card."""
    speaks = next((tier.name for tier in precedence.tiers if not tier.outcome), "")
    todo = f"Write 'tier: {speaks}' if the rule only gives a card, else the tier in which it decides."
    lacks = speaks and "'tier' is missing."
    return [problem._replace(todo=todo) if problem.what == lacks else problem for problem in unreadable]


def link_roles(shape: Any, where: Where) -> dict[Role, str]:
    """Which outcome has which role; a role that is missing, given twice or out of order is reported."""
    roles: dict[Role, str] = {}
    verbs: dict[str, str] = {}
    for name, outcome in shape.outcomes.items():
        place = where.at("outcomes", name)
        if name in CASE_WORDS:
            todo = "Give it another name: cases say it of a rule."
            place.problem(f"'{name}' cannot be the name of an outcome.", todo, "outcome-role")
        if (other := verbs.setdefault(verb_of(name), name)) != name:
            what = f"'this rule {verb_of(name)}s' can mean '{other}' and '{name}'."
            place.problem(what, "Give one of them a name that begins with another word.", "duplicate-name")
        if outcome.means in roles:
            what = f"'{roles[outcome.means]}' means '{outcome.means}' already."
            place.at("means").problem(what, "Keep one of the two.", "outcome-role")
        elif outcome.means:
            roles[outcome.means] = name
    if "no answer" not in roles:
        todo = "Write 'means: no answer' below the outcome that is given while needed data are missing."
        where.at("outcomes").problem("no outcome means 'no answer'.", todo, "outcome-role")
    _check_order(roles, list(shape.outcomes), where)
    return roles


def _check_order(roles: Mapping[Role, str], order: list[str], where: Where) -> None:
    """Report an outcome that stands below one that is more permissive by what they mean."""
    known = [role for role in ORDERED if role in roles]
    for strict, loose in itertools.pairwise(known):
        if order.index(roles[strict]) > order.index(roles[loose]):
            what = f"'{roles[strict]}' ({strict}) stands below '{roles[loose]}' ({loose})."
            todo = "Order the outcomes from the strictest to the most permissive."
            where.at("outcomes", roles[strict]).problem(what, todo, "outcome-order")


def read_tiers(shape: Any, where: Where) -> dict[str, Tier]:
    """The tiers in their order; an outcome that nobody knows is reported."""
    tiers: dict[str, Tier] = {}
    for index, entry in enumerate(shape.tiers):
        place = where.at("tiers", index)
        tier: Tier = read_entry(entry, place)
        if tier.name in tiers:
            place.problem(f"'{tier.name}' is defined twice.", "Give one of them another name.", "duplicate-name")
        tiers.setdefault(tier.name, tier)
        check_names(tier, place, {"outcome": shape.outcomes})
    return tiers


def check_tiers(shape: Any, rules: Mapping[str, Rule], ids: Collection[str], where: Where) -> None:
    """Report rules that an order names and nobody wrote, or that never decide in that tier."""
    where.at("default").known(shape.default, ids, "rule")
    for index, tier in enumerate(shape.tiers):
        for place, rule in enumerate(tier.rules):
            spot = where.at("tiers", index, "rules", place)
            if spot.known(rule, ids, "rule") and rule in rules:
                _check_vote(rules[rule], tier.name, spot)


def _check_vote(rule: Rule, tier: str, where: Where) -> None:
    """Report a rule that never decides in a tier; not if it votes in one that nobody defines, as that is the cause."""
    if tier not in {vote.tier for vote in rule.votes} and not where.report.names_nothing(rule.spot.file, "tier"):
        todo = f"Take it out, or write 'tier: {tier}' in the rule."
        where.problem(f"{rule.id} does not decide in '{tier}'.", todo, "undecided-order")


def card_order(shape: Any, where: Where, rules: Collection[str]) -> CardOrder:
    """How the cards of an answer stand; a rule in it that nobody wrote, or that is joined twice, is reported."""
    if not isinstance(shape.cards, Shape):
        return NO_ORDER
    order: CardOrder = read_entry(shape.cards, where)
    check_names(order, where, {"rule": rules})
    seen: set[str] = set()
    for number, card in enumerate(order.joined):
        check_names(card, where.at("joined", number), {"rule": rules})
        for rule in seen.intersection(card.rules):
            place = where.at("joined", number)
            place.problem(f"{rule} is joined twice.", "Keep it in one of the cards.", "duplicate-name")
        seen.update(card.rules)
    return order


def read_removals(shape: Any, where: Where, names: Names) -> Iterator[Removal]:
    """The entries of the three parts, in the order in which they act, every name in them checked."""
    for key, stage in STAGES:
        for index, entry in enumerate(getattr(shape, key)):
            place = where.at(key.replace("_", " "), index)
            cards = frozenset(entry.no_card_of)
            if entry.no_card_except_of:
                cards |= set(names.rules).difference(entry.no_card_except_of)
            yield _linked(read_entry(entry, place, cards=cards)._replace(stage=stage), entry, place, names)


def _linked(removal: Removal, entry: Any, where: Where, names: Names) -> Removal:
    named = {"by": removal.by, "no card of": entry.no_card_of, "no card except of": entry.no_card_except_of}
    for key, rules in {**named, "no decision of": entry.votes}.items():
        for number, rule in enumerate(rules):
            where.at(key).item(number).known(rule, names.rules, "rule")
    _check_codes(entry.codes, where.at("not said"), names)
    return removal._replace(
        when=_clauses(removal.when, where.at("when"), names),
        only_if=_clauses(removal.only_if, where.at("only if"), names),
        codes=Frozen({code: rules or frozenset(names.rules) for code, rules in removal.codes.items()}),
    )


def _clauses(clauses: Iterable[Clause], where: Where, names: Names) -> tuple[Clause, ...]:
    """Conditions, one to a line; a name in one that nobody defines is reported at its line."""
    return tuple(clause for index, one in enumerate(clauses) for clause in link_clauses([one], where.at(index), names))


def _check_codes(texts: list[str], where: Where, names: Names) -> None:
    for index, text in enumerate(texts):
        code, _, rules = text.partition(", of ")
        where.at(index).known(code, names.advice, "advice code")
        for rule in several(rules):
            where.at(index).known(rule, names.rules, "rule")
