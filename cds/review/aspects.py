"""A rulebook as named things with aspects in words, so that two versions can be compared aspect by aspect.

An aspect is one text, a set of texts (a tuple), or texts whose order counts (``Order``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from cds.forms.nothing import NoneRecorded
from cds.quantity import Interval
from cds.review.promises import promises
from cds.rulebook import printing
from cds.rulebook.declared import NAME, NOT_COMPARED, ORDERED, fields_of
from cds.rulebook.model import (
    Code,
    Finding,
    Instead,
    Joined,
    Nutrient,
    Removal,
    Row,
    Rule,
    RuleBook,
    Spot,
    Topic,
    Window,
)
from cds.rulebook.model.product import Usual


class Order(tuple[str, ...]):
    """Texts whose order counts."""

    __slots__ = ()


Words: TypeAlias = "str | tuple[str, ...]"
Aspects: TypeAlias = dict[str, Words]

KINDS = (
    "rule",
    "finding",
    "term",
    "tier",
    "silencing",
    "advice",
    "never-claim",
    "source",
    "nutrient",
    "intent",
    "salt",
    "product",
    "brand",
    "claim",
    "amendment",
    "topic",
    "rulebook",
)
TEXTS: dict[type, Callable[[Any], str]] = {Code: printing.code_text, Interval: printing.interval}
"""What prints a value of one line; others say themselves what they are."""
PAIRS: dict[type, Callable[[Any], tuple[str, str]]] = {
    Window: printing.window_text,
    Row: printing.row_text,
    Instead: printing.instead_text,
}
"""What prints a line that has a condition: that, and what holds under it."""


class Thing(NamedTuple):
    """One part of a rulebook: its kind, its name, what to call it, and its aspects."""

    kind: str
    name: str
    called: str
    aspects: Aspects


def things(book: RuleBook) -> dict[tuple[str, str], Thing]:
    """Every part of a rulebook, by kind and name."""
    return {(thing.kind, thing.name): thing for thing in _things(book)}


def _things(book: RuleBook) -> Iterator[Thing]:
    for rule in book.rules.values():
        switched = "off" if rule.id in book.off else "shadow" if rule.id in book.shadow else "on"
        switched += ", left out" if rule.id in book.left_out else ""
        yield Thing("rule", rule.id, rule.id, {**aspects_of_rule(rule, book.attributes), "switched": switched})
    for finding in book.findings.values():
        if finding.chapter:
            yield Thing("finding", finding.name, f"'{finding.name}'", aspects_of_finding(finding))
    for term in book.terms.values():
        yield Thing("term", term.name, f"term '{term.name}'", aspects_of(term))
    for tier in book.tiers:
        yield Thing("tier", tier.name, f"tier '{tier.name}'", aspects_of(tier))
    for entry in book.removals:
        yield Thing("silencing", entry.name, f"silencing '{entry.name}'", _of_removal(entry, set(book.rules)))
    yield from _vocabulary(book)
    yield from _products(book)
    yield Thing("topic", "", "topic", _of_topic(book.topic))
    yield Thing("rulebook", "", "rulebook", _of_book(book))


def aspects_of_rule(rule: Rule, inherited: Mapping[str, str]) -> Aspects:
    """What a rule is, says and rests on; of its source attributes those that it does not inherit."""
    aspects: Aspects = {
        "title": rule.title,
        "says": rule.says,
        "chapter": rule.chapter,
        "version": rule.version,
        "status": rule.status,
        "owner": rule.owner,
        "authored": rule.authored,
        "review by": rule.review_by,
        "conditions joined by": rule.when.how,
        "condition": tuple(map(str, rule.when.parts)),
        "if unknown": rule.if_unknown,
        "because": rule.because,
        "decides in": Order(map(printing.vote_text, rule.votes)),
        "never": rule.never,
        "act": rule.card.act,
        "limit": rule.limits,
        "evidence": rule.evidence,
        "grade": tuple(f"{source}: {grade}" for source, grade in rule.grade),
        "guarded": "yes" if rule.guarded else "",
        "other number": tuple(map(printing.other_number_text, rule.other_numbers)),
    }
    aspects |= {f"reader: {name.replace('_', ' ')}": text for name, text in _reader(rule)}
    aspects |= _grouped(
        (f"says '{item.code}'", printing.conditions_text(item.conditions) or "always") for item in rule.advice
    )
    aspects["order of advice"] = Order(saying.code for saying in rule.advice)
    for text in rule.card.texts:
        when = f", when {' or '.join(map(printing.line_text, text.when))}" if text.when else ""
        aspects |= {f"card summary{when}": text.summary, f"card detail{when}": text.detail}
        if text.fallback:
            aspects[f"card fallback{when}"] = text.fallback
    aspects |= {f"card hours of '{name}'": text for name, text in rule.card.hours}
    aspects["order of card hours"] = Order(name for name, _ in rule.card.hours)
    aspects["order of card texts"] = Order(text.summary for text in rule.card.texts)
    aspects["indicator"] = Order(
        f"{word} {printing.conditions_text(c) or 'always'}" for word, c in rule.card.indicators
    )
    aspects |= {
        f"source attribute '{name}'": text for name, text in rule.attributes.items() if inherited.get(name) != text
    }
    aspects |= _grouped((f"case '{case.name}'", _case(case)) for case in rule.cases)
    return aspects


def _reader(rule: Rule) -> Iterable[tuple[str, str]]:
    """What somebody who signs the rule reads first, by what it is."""
    return rule.reader._asdict().items() if rule.reader else ()


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Aspects that can stand twice, such as a code that is said under two conditions: their texts together."""
    found: dict[str, str] = {}
    for aspect, text in pairs:
        found[aspect] = f"{found[aspect]}; or {text}" if aspect in found else text
    return found


def aspects_of_finding(finding: Finding) -> Aspects:
    """What a finding says and what it joins; its sentence is compared as data, not as text."""
    definition = finding.definition
    aspects: Aspects = {"says": finding.says, "evidence": finding.evidence, "chapter": finding.chapter}
    aspects["local"] = "yes" if finding.local else ""
    if isinstance(definition, Joined):
        aspects |= {"joined by": definition.how, "part": tuple(map(str, definition.parts))}
    if isinstance(definition, NoneRecorded):
        aspects["no record of any"] = definition.findings
    return aspects


def aspects_of(item: Any) -> Aspects:
    """What is declared of something, field by field: as its file says it, without its name and its place."""
    aspects: Aspects = {}
    for field in fields_of(item.__class__):
        if field.type is not Spot and not {NAME, NOT_COMPARED}.intersection(field.marks):
            aspects |= _of_field(field.called, getattr(item, field.name), ordered=ORDERED in field.marks)
    return aspects


def _of_field(called: str, value: Any, *, ordered: bool) -> Aspects:
    if isinstance(value, Mapping):
        parts = [(f"{called} '{name}'" if name else called, part) for name, part in value.items()]
        return {name: text for key, part in parts for name, text in _of_field(key, part, ordered=ordered).items()}
    if isinstance(value, (tuple, frozenset)) and type(value) not in TEXTS and not hasattr(value, "_fields"):
        items = sorted(value) if isinstance(value, frozenset) else list(value)
        return _of_list(called, items, ordered=ordered)
    return {called: text_of(value)}


def _of_list(called: str, items: list[Any], *, ordered: bool) -> Aspects:
    if items and type(items[0]) in PAIRS:
        pairs = [PAIRS[type(item)](item) for item in items]
        order: Aspects = {f"order of {called}": Order(when for when, _ in pairs)} if ordered else {}
        return {**_grouped(pairs), **order}
    texts = map(text_of, items)
    return {called: Order(texts) if ordered else tuple(texts)}


def text_of(value: Any) -> str:
    """A value as the files write it; nothing of one that is not stated."""
    if type(value) in TEXTS:
        return TEXTS[type(value)](value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else printing.number(value) if isinstance(value, (int, float)) else str(value)


def _case(case: Any) -> str:
    parts = [*(f"{name}: {text}" for name, text in case.given), f"expect {case.expect}"]
    parts += [f"says {code}" for code in case.says] + [f"does not say {code}" for code in case.not_says]
    return "; ".join([*parts, *filter(None, (case.summary, case.indicator, "telling" if case.telling else ""))])


def _who(rules: frozenset[str], everybody: set[str]) -> tuple[str, ...]:
    """Rules by name; most rules as all but the others, so that a new rule changes nothing that names all."""
    most = 2 * len(rules) > len(everybody)
    return ("all rules", *(f"but {name}" for name in sorted(everybody - rules))) if most else tuple(sorted(rules))


def _of_removal(entry: Removal, everybody: set[str]) -> Aspects:
    return {
        "stage": f"by the {entry.stage}",
        "when": tuple(map(printing.clause_text, entry.when)),
        "only if": tuple(map(printing.clause_text, entry.only_if)),
        "by": Order(entry.by),
        "no card of": _who(entry.cards, everybody),
        "no decision of": _who(entry.votes, everybody),
        "why": entry.why,
        **{f"not said '{code}', of": _who(rules, everybody) for code, rules in entry.codes.items()},
    }


def _vocabulary(book: RuleBook) -> Iterator[Thing]:
    for code, item in book.advice.items():
        yield Thing("advice", code, f"advice '{code}'", aspects_of(item))
    for code, never in book.never.items():
        yield Thing("never-claim", code, f"never-claim '{code}'", aspects_of(never))
    for name, source in book.sources.items():
        yield Thing("source", name, f"source {name}", aspects_of(source))
    for said in book.claims:
        yield Thing("claim", said.claim, f"claim '{said.claim}'", aspects_of(said))
    for made in book.amendments:
        yield Thing("amendment", made.id, f"amendment {made.id}", aspects_of(made))


def _products(book: RuleBook) -> Iterator[Thing]:
    products = book.products
    for nutrient in products.nutrients.values():
        yield Thing("nutrient", nutrient.name, f"nutrient '{nutrient.name}'", _of_nutrient(nutrient))
    for intent in products.intents.values():
        yield Thing("intent", intent.name, f"intent '{intent.name}'", aspects_of(intent))
    for salt in products.salts.values():
        yield Thing("salt", salt.name, f"salt '{salt.name}'", aspects_of(salt))
    for (system, code), contents in products.coded.items():
        key = printing.code_key(system, code)
        yield Thing("product", key, f"product {key} {contents.name}", dict(printing.contents_texts(contents)))
    for name, contents in products.brands:
        yield Thing("brand", name, f"brand '{name}'", dict(printing.contents_texts(contents)))


def _of_nutrient(nutrient: Nutrient) -> Aspects:
    """The units, names and habits of a nutrient; an interval in words, what is not stated left out."""
    has: dict[str, Any] = nutrient._asdict()
    factors, up_to = has.pop("units"), has.pop("element_up_to")
    usual: Usual | None = has.pop("usual")
    aspects: Aspects = {
        name.replace("_", " "): value if isinstance(value, tuple) else text_of(value) for name, value in has.items()
    }
    aspects |= {f"unit '{unit}'": f"x {printing.number(factor)}" for unit, factor in factors.items()}
    if usual:
        aspects[f"usual {usual.of}"] = printing.interval(usual.amount)
    if up_to != math.inf:
        aspects["without a salt it is the element up to"] = printing.number(up_to)
    return aspects


def _of_others(book: RuleBook) -> Aspects:
    """The names of what is known to be none of the terms."""
    aspects: Aspects = {"names of other conditions": tuple(sorted(book.other_conditions))}
    for name, listed in book.other_medicines._asdict().items():
        groups = listed.items() if isinstance(listed, Mapping) else (("", listed),)
        aspects |= {
            f"other medicines, {name.replace('_', ' ')}: {group}".rstrip(": "): found for group, found in groups
        }
    return aspects


def _of_topic(topic: Topic) -> Aspects:
    """What the rulebook judges; a service in words."""
    services = {f"service {hook}": f"{service.id}: {service.says}" for hook, service in topic.services.items()}
    others = {name: words for name, words in aspects_of(topic).items() if not name.startswith("services")}
    return {**others, **services}


def _of_book(book: RuleBook) -> Aspects:
    products = book.products
    aspects: Aspects = {
        "title": book.title,
        "canonical": book.canonical,
        "default rule": book.default,
        "order of the tiers": Order(tier.name for tier in book.tiers),
        "order of silencing": Order(entry.name for entry in book.removals),
        "excluded products": tuple(sorted(printing.code_key(*pair) for pair in products.excluded)),
        "main nutrient": products.main.name,
        "usual intent": products.usual_intent,
        "order of the intents": Order(products.intents),
        "other medicines": products.other_medicines,
        "phrases that name no product": products.no_products,
        "stems of medicine names": products.stems,
        "ATC groups with products": products.atc_groups,
    }
    aspects |= _of_others(book)
    aspects["order of the outcomes"] = Order(book.outcomes)
    aspects |= {f"outcome that means '{role}'": name for role, name in book.roles.items()}
    aspects |= {f"outcome '{name}'": text for name, text in book.outcomes.items()}
    aspects |= {"card that stands last": book.cards.stands_last, "folded first": Order(book.cards.folded_first)}
    aspects |= {f"joined card '{card.name}'": (card.title, *card.rules) for card in book.cards.joined}
    aspects |= {f"label words: {name}": listed for name, listed in products.labels.items()}
    aspects |= {f"'{name}' in English": english for name, english in products.translations.items()}
    aspects |= {f"source attribute '{name}'": text for name, text in book.attributes.items()}
    aspects |= {f"case patient: {name}": text for name, text in book.background}
    aspects |= promises(book)
    aspects |= {f"accepted '{name}'": text for name, text in book.accepted.items()}
    return aspects
