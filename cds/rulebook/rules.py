"""Rule files -> rules, every name in them checked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping

from cds.quantity import Interval
from cds.rulebook import lines
from cds.rulebook.cases import link_case
from cds.rulebook.model import (
    INDICATORS,
    LONGEST_SUMMARY,
    Card,
    CardText,
    Clause,
    Frozen,
    Indicator,
    Joined,
    OtherNumber,
    Rule,
    Saying,
    Spot,
    Vote,
    verb_of,
)
from cds.rulebook.reading import Names
from cds.rulebook.report import Where
from cds.rulebook.shapes.rule import CardShape, RuleFile, VariantShape
from cds.rulebook.yaml_text import Data

KEYS = tuple(field.alias or name for name, field in RuleFile.model_fields.items())


def link_rule(shape: RuleFile, chapter: str, where: Where, names: Names, attributes: Mapping[str, str]) -> Rule:
    """The rule of one file; what it names and nobody defines is reported."""
    _check_order(where)
    for index, code in enumerate(shape.never):
        where.at("never", index).known(code, names.never, "advice code")
    for index, source in enumerate(shape.evidence):
        where.at("evidence", index).known(source, names.sources, "evidence source")
    return Rule(
        id=shape.rule,
        title=shape.title,
        says=shape.says,
        chapter=chapter,
        version=shape.version,
        status=shape.status,
        owner=shape.owner,
        authored=shape.authored,
        review_by=shape.review_by,
        when=_when(shape, where, names),
        if_unknown=shape.if_unknown,
        because=shape.because,
        votes=_votes(shape, where, names),
        advice=_advice(shape, where.at("advice"), names),
        card=_card(shape.card, where.at("card"), names),
        never=tuple(shape.never),
        evidence=tuple(shape.evidence),
        strength=shape.strength,
        attributes=Frozen({**attributes, **shape.source_attributes}),
        cases=tuple(link_case(case, where.at("cases", i), names) for i, case in enumerate(shape.cases)),
        spot=where.spot,
        guarded=shape.guarded,
        other_numbers=tuple(link_other_numbers(shape.other_numbers, where.at("other numbers"), names)),
        spots=Frozen(_spots(shape, where)),
    )


def _spots(shape: RuleFile, where: Where) -> Iterator[tuple[str, Spot]]:
    """Where each text of a rule begins, by what the text is."""
    for key in ("title", "says", "because"):
        yield key, _begin(getattr(shape, key), where.at(key))
    parts: list[tuple[str, CardShape | VariantShape, Where]] = [("card", shape.card, where.at("card"))]
    parts += [
        (f"card variant {index + 1}", variant, where.at("card", "variants", index))
        for index, variant in enumerate(shape.card.variants)
    ]
    for called, part, place in parts:
        yield f"{called} summary", _begin(part.summary, place.at("summary"))
        yield f"{called} detail", _begin(part.detail, place.at("detail"))


def _begin(text: str, where: Where) -> Spot:
    """The first line of a text; that of a block (``|``) is the one below its key."""
    spot = where.spot
    return spot._replace(line=spot.line + 1) if text.endswith("\n") else spot


def _check_order(where: Where) -> None:
    data: Data = where.page.data
    keys = [key for key in data if key in KEYS] if isinstance(data, dict) else []
    for earlier, later in itertools.pairwise(keys):
        if KEYS.index(later) < KEYS.index(earlier):
            todo = f"Move it above '{earlier}': the order is {', '.join(KEYS)}."
            where.at(later).problem(f"'{later}' stands too late.", todo, "key-order")
            return


def _when(shape: RuleFile, where: Where, names: Names) -> Joined:
    if bool(shape.when.all) == bool(shape.when.any):
        where.at("when").problem("a rule has one of 'all' or 'any'.", "Keep one.", "bad-sentence")
    how = "all" if shape.when.all else "any"
    parts = tuple(lines.part_line(text) for text in getattr(shape.when, how))
    for index, part in enumerate(parts):
        where.at("when", how, index).known(part.finding, names.findings, "finding")
    return Joined("all" if shape.when.all else "any", parts)


def _votes(shape: RuleFile, where: Where, names: Names) -> tuple[Vote, ...]:
    texts = [shape.tier] if isinstance(shape.tier, str) else shape.tier
    votes = tuple(lines.vote_line(text) for text in texts)
    place = where.at("tier")
    for vote in votes:
        if place.known(vote.tier, names.tiers, "tier") and names.tiers[vote.tier].outcome:
            _check_listed(shape.rule, vote, place, names)
        if vote.finding:
            place.known(vote.finding, names.findings, "finding")
    return tuple(vote for vote in votes if vote.tier in names.tiers and names.tiers[vote.tier].outcome)


def _check_listed(rule: str, vote: Vote, where: Where, names: Names) -> None:
    if rule not in names.tiers[vote.tier].rules:
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


def _advice(shape: RuleFile, where: Where, names: Names) -> tuple[Saying, ...]:
    sayings = []
    for index, text in enumerate(shape.advice):
        code, clauses = lines.saying_line(text)
        where.at(index).known(code, names.advice, "advice code")
        sayings.append(Saying(code, link_clauses(clauses, where.at(index), names)))
    return tuple(sayings)


def _card(shape: CardShape, where: Where, names: Names) -> Card:
    texts = [_text(shape.summary, shape.detail, (), where)]
    for index, variant in reversed(list(enumerate(shape.variants))):
        place = where.at("variants", index)
        whens = [variant.when] if isinstance(variant.when, str) else variant.when
        joined = tuple(link_clauses(lines.joined_clauses(text), place.at("when"), names) for text in whens)
        texts.insert(0, _text(variant.summary, variant.detail, joined, place))
    return Card(tuple(texts), _indicators(shape, where.at("indicator"), names))


def _text(summary: str, detail: str, when: tuple[tuple[Clause, ...], ...], where: Where) -> CardText:
    if len(summary) > LONGEST_SUMMARY:
        todo = f"Shorten it to {LONGEST_SUMMARY} (CDS Hooks 2.0)."
        where.at("summary").problem(f"the summary has {len(summary)} characters.", todo, "summary-too-long")
    return CardText(summary, detail.strip(), when)


def _indicators(shape: CardShape, where: Where, names: Names) -> tuple[tuple[Indicator, tuple[Clause, ...]], ...]:
    texts = [shape.indicator] if isinstance(shape.indicator, str) else shape.indicator
    found: list[tuple[Indicator, tuple[Clause, ...]]] = []
    for text in texts:
        word, parsed = lines.conditions(text)
        clauses = link_clauses(parsed, where, names)
        if word in INDICATORS:
            found.append((word, clauses))
        else:
            where.problem(f"'{word}' is no indicator.", "Use info, warning or critical.", "wrong-value")
    return tuple(found)


NUMBER_FORM = "Write it like '14 mg/dL' or '600 to 800 IU/d'."
_SOURCED = re.compile(r"(?P<what>.+) \((?P<sources>[^()]+)\)")


def link_other_numbers(shape: Mapping[str, str], where: Where, names: Names) -> Iterator[OtherNumber]:
    """The numbers that a rule declares; one of no form, or without a source, is reported and left out."""
    for amount, text in shape.items():
        place = where.at(amount)
        found = lines.amount(amount)
        if found is None:
            place.problem(f"'{amount}' is no number.", NUMBER_FORM, "wrong-value")
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
