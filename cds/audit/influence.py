"""What a rule silences and overrules, and what silences and overrules it."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from cds.rulebook.model import Removal, Rule, RuleBook


class Taken(NamedTuple):
    """What an entry of silencing.yaml takes away from some rules; ``what`` is the card, the decision, or a code."""

    what: str
    rules: tuple[str, ...]
    all_but: tuple[str, ...]


class Influence(NamedTuple):
    """What a rule does to others and what others do to it.

    ``stronger`` are, for each tier in which the rule decides, the rules that decide before it.
    """

    silences: tuple[tuple[Removal, tuple[Taken, ...]], ...]
    silenced: tuple[tuple[Removal, tuple[str, ...]], ...]
    stronger: tuple[tuple[str, int, int, tuple[str, ...], tuple[str, ...]], ...]


def influence_of(book: RuleBook, rule: Rule) -> Influence:
    """The influence of a rule, from silencing.yaml and precedence.yaml."""
    silences = tuple((entry, taken(book, entry)) for entry in book.removals if rule.id in entry.by)
    losses = ((entry, _lost(entry, rule)) for entry in book.removals)
    return Influence(silences, tuple((entry, what) for entry, what in losses if what), _stronger(book, rule))


def taken(book: RuleBook, entry: Removal) -> tuple[Taken, ...]:
    """What an entry takes away, and from whom; codes that are taken from the same rules stand together."""
    found = [_taken(book, what, rules) for what, rules in (("card", entry.cards), ("decision", entry.votes)) if rules]
    grouped: dict[frozenset[str], list[str]] = {}
    for code, rules in entry.codes.items():
        grouped.setdefault(rules, []).append(code)
    return (*found, *(_taken(book, ", ".join(sorted(codes)), rules) for rules, codes in grouped.items()))


def _taken(book: RuleBook, what: str, rules: Collection[str]) -> Taken:
    """Named by those who keep it where these are fewer."""
    named = tuple(name for name in book.rules if name in rules)
    kept = tuple(name for name in book.rules if name not in rules)
    return Taken(what, (), kept) if len(kept) < len(named) else Taken(what, named, ())


def _lost(entry: Removal, rule: Rule) -> tuple[str, ...]:
    codes = {saying.code for saying in rule.advice}
    found = ["its card"] if rule.id in entry.cards else []
    found += ["its decision"] if rule.id in entry.votes else []
    return (*found, *(code for code in sorted(entry.codes) if code in codes and rule.id in entry.codes[code]))


def _stronger(book: RuleBook, rule: Rule) -> tuple[tuple[str, int, int, tuple[str, ...], tuple[str, ...]], ...]:
    """Tier, the rule's place in it and how many it has, the rules before it there, and the tiers above."""
    found = []
    for number, tier in enumerate(book.tiers):
        if rule.id in tier.rules and tier.name in {vote.tier for vote in rule.votes}:
            place = tier.rules.index(rule.id)
            above = tuple(other.name for other in book.tiers[:number])
            found.append((tier.name, place + 1, len(tier.rules), tier.rules[:place], above))
    return tuple(found)
