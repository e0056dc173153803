"""What changed between two versions of the rules, in words, and which version number that calls for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple

from cds.forms.nothing import NoneRecorded
from cds.review.aspects import Order, Thing, Words, things
from cds.rulebook.graph import FINDING, TERM, Node, graph_of
from cds.rulebook.model import Finding, Joined, RuleBook
from cds.rulebook.printing import definition_text

LEVELS = ("nothing", "patch", "minor", "major")
TEXTS = frozenset(
    (
        *("title", "says", "evidence", "grade", "status", "owner", "authored", "review by", "version", "because"),
        *("chapter", "why", "other number", "never", "phrases", "order of card texts"),
        *("subject", "question", "intended user", "first sample"),
        *("citation", "url", "short", "does not say", "next check", "statements", "canonical", "verdict", "carried by"),
    )
)
"""Aspects that change no answer: texts, evidence, dates."""
TEXT_KINDS = frozenset({"source", "claim", "amendment", "never-claim"})
TEXT_BEGINNINGS = ("card ", "case ", "case patient", "source attribute", "outcome ", "accepted ", "service ")
MINOR = frozenset({"indicator", "order of advice", "orders", "refers to"})
GONE = frozenset({"rule", "term", "tier", "silencing", "product", "brand", "salt"})
"""Kinds of things whose loss changes answers."""


class Change(NamedTuple):
    """One change in words; ``level`` says how much it can change answers: patch (texts), minor (more), major.

    ``before`` and ``after`` are the two values (empty: none); ``rules`` are those whose answers it can reach.
    """

    what: str
    level: str
    kind: str
    name: str
    aspect: str = ""
    before: str = ""
    after: str = ""
    rules: tuple[str, ...] = ()


def changes(old: RuleBook, new: RuleBook) -> list[Change]:
    """All changes from one rulebook to another, the weightiest first."""
    before, after = things(old), things(new)
    found = [change for key in before | after for change in _of_thing(before.get(key), after.get(key))]
    found += [change for name in old.findings.keys() & new.findings.keys() for change in _sentence(old, new, name)]
    touched = [graph_of(book).readers for book in (old, new)]
    named = (change._replace(rules=_touched(change, touched)) for change in found)
    return sorted(named, key=lambda change: (-LEVELS.index(change.level), change.what))


def proposed_version(old: RuleBook, found: list[Change]) -> str:
    """The version number after these changes (semantic versioning; before 1.0.0 each level counts one less)."""
    return version_after(old.version, found)


def version_after(version: str, found: Iterable[Change]) -> str:
    """The version of something after these changes of it."""
    highest = max((LEVELS.index(change.level) for change in found), default=0)
    major, minor, patch = map(int, version.split("."))
    highest = max(1, highest - 1) if major == 0 and highest else highest
    return (version, f"{major}.{minor}.{patch + 1}", f"{major}.{minor + 1}.0", f"{major + 1}.0.0")[highest]


def _of_thing(before: Thing | None, after: Thing | None) -> Iterator[Change]:
    if before is None or after is None:
        thing = before or after
        assert thing is not None  # noqa: S101 - one of two is given
        is_new = before is None
        title = str(thing.aspects.get("title") or thing.aspects.get("says") or "")
        level = "patch" if thing.kind in TEXT_KINDS else "major" if thing.kind in GONE and not is_new else "minor"
        what = f"{thing.called} is {'new' if is_new else 'gone'}{f': {title}' if title else ''}"
        yield Change(what, level, thing.kind, thing.name)
        return
    for aspect in before.aspects | after.aspects:
        one, other = before.aspects.get(aspect, ""), after.aspects.get(aspect, "")
        if one != other:
            yield from _of_aspect(after, aspect, one, other)


def _of_aspect(thing: Thing, aspect: str, before: Words, after: Words) -> Iterator[Change]:
    about = (_level(thing.kind, aspect), thing.kind, thing.name, aspect)
    called = f"{thing.called}: {aspect}"
    if isinstance(before, str) and isinstance(after, str):
        how = f"is new: {after}" if not before else f"is gone: {before}" if not after else f"{before} -> {after}"
        yield Change(f"{called}{' ' if not before or not after else ': '}{how}", *about, before, after)
        return
    was, now = (tuple(dict.fromkeys(_listed(value))) for value in (before, after))
    if not aspect.startswith("order of"):
        yield from (Change(f"{called} added: {item}", *about, "", item) for item in now if item not in was)
        yield from (Change(f"{called} removed: {item}", *about, item, "") for item in was if item not in now)
    if isinstance(before or after, Order):
        first, second = _moved([item for item in was if item in now], [item for item in now if item in was])
        if first != second:
            yield Change(f"{called}: {first} -> {second}", *about, first, second)


def _listed(value: Words) -> tuple[str, ...]:
    return (value,) * bool(value) if isinstance(value, str) else value


def _moved(before: list[str], after: list[str]) -> tuple[str, str]:
    """The stretch in which two orders of the same items differ."""
    different = [place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    stretch = slice(different[0], different[-1] + 1) if different else slice(0, 0)
    return " > ".join(before[stretch]), " > ".join(after[stretch])


def _level(kind: str, aspect: str) -> str:
    if kind in TEXT_KINDS or aspect in TEXTS or aspect.startswith(TEXT_BEGINNINGS):
        return "patch"
    return "minor" if aspect in MINOR or aspect.startswith("says '") else "major"


def _sentence(old: RuleBook, new: RuleBook, name: str) -> Iterator[Change]:
    """The change of a finding's sentence, with its numbers before and after."""
    before, after = old.findings[name], new.findings[name]
    both_listed = type(before.definition) is type(after.definition) in (Joined, NoneRecorded)
    if before.definition == after.definition or both_listed:
        return
    one, other = definition_text(before), definition_text(after)
    numbers = _numbers(before, after)
    what = f"'{name}': {numbers} ({one} -> {other})" if numbers else f"'{name}': {one} -> {other}"
    yield Change(what, "major", "finding", name, "threshold" if numbers else "sentence", one, other)


def _numbers(before: Finding, after: Finding) -> str:
    """``threshold 20 ng/mL -> 30 ng/mL``, ``90 days -> 60 days``; empty when other words changed."""
    one, other = before.definition, after.definition
    if isinstance(one, Joined) or isinstance(other, Joined) or type(one) is not type(other):
        return ""
    said = []
    for first, second in zip_longest(one.thresholds, other.thresholds):
        if first is None or second is None or first.scale != second.scale:
            return ""
        was, now = first.comparison, second.comparison
        if was != now:
            words = f"{was.bound} -> {now.bound}" if was.word == now.word else f"{was} -> {now}"
            said.append(f"{first.scale} threshold {words}".strip())
    days = one.period, other.period
    said += [f"{days[0]} days -> {days[1]} days"] if days[0] != days[1] else []
    return ", ".join(said)


def _touched(change: Change, readers: list[dict[Node, list[str]]]) -> tuple[str, ...]:
    if change.kind == "rule":
        return (change.name,)
    node = ({"finding": FINDING, "term": TERM}.get(change.kind, ""), change.name)
    return tuple(sorted(set().union(*(found.get(node, []) for found in readers))))
