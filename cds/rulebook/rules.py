"""Rule files and advice.yaml -> rules and what they may say, every name in them checked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from cds.quantity import Interval
from cds.rulebook import lines
from cds.rulebook.cases import check_case
from cds.rulebook.meant import is_spelled_as, respelled
from cds.rulebook.model import (
    Advice,
    Card,
    Clause,
    Frozen,
    OtherNumber,
    Reader,
    Rule,
    Saying,
    Spot,
    Vote,
    verb_of,
)
from cds.rulebook.placeholders import check_placeholders
from cds.rulebook.reading import Names, check_names, read_entry
from cds.rulebook.report import Where
from cds.rulebook.shape import shape_of
from cds.rulebook.yaml_text import Data

KEYS = tuple(field.alias or name for name, field in shape_of(Rule).model_fields.items())


def link_rule(shape: Any, chapter: str, where: Where, names: Names, attributes: Mapping[str, str]) -> Rule:
    """The rule of one file; what it names and nobody defines is reported."""
    _check_order(where)
    numbers = tuple(link_other_numbers(shape.other_numbers, where.at("other numbers"), names))
    spots = Frozen(_spots(shape, where))
    rule: Rule = read_entry(shape, where, chapter=chapter, other_numbers=numbers, spots=spots)
    check_names(rule, where, {"evidence source": names.sources})
    for index, code in enumerate(rule.never):
        where.at("never", index).known(code, names.never, "advice code")
    for index, part in enumerate(rule.when.parts):
        where.at("when", rule.when.how, index).known(part.finding, names.findings, "finding")
    for index, case in enumerate(rule.cases):
        check_case(case, where.at("cases", index), names)
    check_placeholders(rule.card, where.at("card"), names)
    return rule._replace(
        votes=_votes(rule, where.at("tier"), names),
        advice=tuple(_advice(rule, where.at("advice"), names)),
        card=_card(rule.card, where.at("card"), names),
        attributes=Frozen({**attributes, **rule.attributes}),
    )


def link_advice(shape: Any, where: Where, nutrients: Collection[str]) -> dict[str, Advice]:
    """The advice codes; contradictions are written once and hold both ways."""
    found: dict[str, Advice] = {
        code: read_entry(entry, where.at("advice", code)) for code, entry in shape.advice.items()
    }
    contradicts: dict[str, set[str]] = {code: set() for code in found}
    for code, entry in shape.advice.items():
        check_names(found[code], where.at("advice", code), {"nutrient name": nutrients})
        for index, other in enumerate(entry.contradicts):
            place = where.at("advice", code, "never together with", index)
            if not place.known(other, found, "advice code"):
                continue
            if other == code or other in contradicts[code]:
                what, todo = f"'{other}' stands against '{code}' twice.", "Write each pair once."
                place.problem(what, todo, "contradiction-one-sided")
            contradicts[code].add(other)
            contradicts[other].add(code)
    return {code: item._replace(contradicts=frozenset(contradicts[code])) for code, item in found.items()}


def _spots(shape: Any, where: Where) -> Iterator[tuple[str, Spot]]:
    """Where each key of a rule stands, and where each text begins, by what the text is."""
    for key in _keys(where):
        yield key, where.at(key).spot
    for key in ("title", "says", "because"):
        yield key, begin(getattr(shape, key), where.at(key))
    for source in shape.grade:
        yield f"grade of {source}", where.at("grade", source).spot
    for key in (field.replace("_", " ") for field in Reader._fields if shape.reader is not None):
        yield f"reader {key}", where.at("reader", key).spot
    for index, text in enumerate(shape.limits):
        yield f"limit {index + 1}", begin(text, where.at("limits", index))
    parts: list[tuple[str, Any, Where]] = [("card", shape.card, where.at("card"))]
    parts += [
        (f"card variant {index + 1}", variant, where.at("card", "variants", index))
        for index, variant in enumerate(shape.card.variants)
    ]
    for called, part, place in parts:
        yield f"{called} summary", begin(part.summary, place.at("summary"))
        if part.fallback:
            yield f"{called} fallback", begin(part.fallback, place.at("fallback"))
        yield f"{called} detail", begin(part.detail, place.at("detail"))
    for name, text in shape.card.hours.items():
        yield f"card hours of '{name}'", begin(text, where.at("card", "hours", name))


def begin(text: str, where: Where) -> Spot:
    """The first line of a text; that of a block (``|``) is the one below its key."""
    spot = where.spot
    return spot._replace(line=spot.line + 1) if text.endswith("\n") else spot


def _keys(where: Where) -> list[str]:
    """The keys of a rule in the order of its file."""
    data: Data = where.page.data
    return [key for key in data if key in KEYS] if isinstance(data, dict) else []


def _check_order(where: Where) -> None:
    keys = _keys(where)
    for earlier, later in itertools.pairwise(keys):
        if KEYS.index(later) < KEYS.index(earlier):
            todo = f"Move it above '{earlier}': the order is {', '.join(KEYS)}."
            where.at(later).problem(f"'{later}' stands too late.", todo, "key-order")
            return


def _votes(rule: Rule, where: Where, names: Names) -> tuple[Vote, ...]:
    for number, vote in enumerate(rule.votes):
        place = where.item(number)
        if vote.tier not in names.tiers and vote.tier in names.outcomes:
            _is_an_outcome(vote.tier, place, names)
        elif place.known(vote.tier, names.tiers, "tier") and names.tiers[vote.tier].outcome:
            _check_listed(rule.id, vote, place, names)
        if vote.finding:
            place.known(vote.finding, names.findings, "finding")
    return tuple(vote for vote in rule.votes if vote.tier in names.tiers and names.tiers[vote.tier].outcome)


def _is_an_outcome(name: str, where: Where, names: Names) -> None:
    tiers = [tier.name for tier in names.tiers.values() if tier.outcome == name]
    what, todo = f"'{name}' is an outcome and not a tier.", f"Write a tier that has it: {', '.join(tiers)}."
    where.undefined(name, what, todo if tiers else "Write the name of a tier.", "unknown-tier", "tier")


def _check_listed(rule: str, vote: Vote, where: Where, names: Names) -> None:
    listed = names.tiers[vote.tier].rules
    misspelt = [name for name in listed if name not in names.rules and is_spelled_as(name, rule)]
    if rule not in listed and not misspelt:  # a name that is misspelt there is the cause, and is said there
        todo = "Put it in its place among the rules of that tier in precedence.yaml."
        where.problem(f"{rule} is not in the deciding order of '{vote.tier}'.", todo, "undecided-order")


def link_clauses(clauses: Iterable[Clause], where: Where, names: Names) -> tuple[Clause, ...]:
    """Conditions, with outcomes for verbs; the findings, outcomes and rules that nobody defines are reported."""
    return tuple(_clause(clause, where, names) for clause in clauses)


def _clause(clause: Clause, where: Where, names: Names) -> Clause:
    if clause.kind == "vote" and clause.value:
        voted = {verb_of(outcome): outcome for outcome in names.outcomes}
        return clause._replace(value=voted[clause.value]) if where.known(clause.value, voted, "outcome") else clause
    if clause.kind == "finding":
        where.known(clause.value, names.findings, "finding")
    elif clause.kind == "outcome":
        where.known(clause.value, names.outcomes, "outcome")
    elif clause.kind in ("shown", "fires", "decider"):
        where.known(clause.value, names.rules, "rule")
    return clause


def _advice(rule: Rule, where: Where, names: Names) -> Iterator[Saying]:
    for index, (code, clauses) in enumerate(rule.advice):
        where.at(index).known(code, names.advice, "advice code")
        yield Saying(code, link_clauses(clauses, where.at(index), names))


def _card(card: Card, where: Where, names: Names) -> Card:
    variants = []
    for index, variant in enumerate(card.variants):
        place = where.at("variants", index, "when")
        lines_of = enumerate(variant.when)
        when = tuple(link_clauses(line, place.item(number), names) for number, line in lines_of)
        variants.append(variant._replace(when=when))
    place = where.at("indicator")
    indicators = tuple((word, link_clauses(clauses, place, names)) for word, clauses in card.indicators)
    return card._replace(variants=tuple(variants), indicators=indicators)


NUMBER_FORM = "Write it like '14 mg/dL' or '600 to 800 IU/d'."
_SOURCED = re.compile(r"(?P<what>.+) \((?P<sources>[^()]+)\)")


def link_other_numbers(shape: Mapping[str, str], where: Where, names: Names) -> Iterator[OtherNumber]:
    """The numbers that a rule declares; one of no form, or without a source, is reported and left out."""
    for amount, text in shape.items():
        place = where.at(amount)
        found = lines.amount(amount)
        if found is None:
            said = respelled(amount, lines.amount) or (f"'{amount}' is no number.", NUMBER_FORM)
            place.problem(*said, "wrong-value")
        elif text in names.findings or text in names.terms:
            place.report.used.add(text)
            yield OtherNumber(amount, *found, what=text, sources=(), of=text, spot=place.spot)
        elif match := _SOURCED.fullmatch(text):
            yield _sourced(amount, found, match, place, names)
        else:
            todo = (
                "Name it behind the words: 'where emergency care begins (HYPERCA2022)'; or write a finding or a term."
            )
            problem = place.page.problem(place.place, f"'{amount}' has no source.", todo, "threshold-without-source")
            place.report.undefined(text, problem, "finding", "term")


def _sourced(amount: str, found: tuple[Interval, str], match: re.Match[str], where: Where, names: Names) -> OtherNumber:
    sources = tuple(match["sources"].split(", "))
    for source in sources:
        where.known(source, names.sources, "evidence source")
    return OtherNumber(amount, *found, what=match["what"], sources=sources, of="", spot=where.spot)
