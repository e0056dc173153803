"""Whether what changed since another version of the rules says so: by the version of each rule, and of the rulebook."""

from __future__ import annotations

from collections.abc import Iterator

from cds.errors import Problem, few
from cds.review.changes import Change, changes, version_after
from cds.review.signatures import UNSIGNED
from cds.rulebook.model import RuleBook

NO_CONTENT = ("version", "switched", *UNSIGNED)
"""How the names of aspects begin by which a rule stays what it is: as for signatures, cases and status are none."""


def not_raised(old: RuleBook, new: RuleBook) -> list[Problem]:
    """The rules whose own file says something else under the same version, or an earlier one; then the rulebook.

    An overlay has no version and is left out. What a rule only rests on (findings, terms, the topic) has none either:
    its change calls for another version of the rulebook.
    """
    before, after = (book.overlay.base if book.overlay else book for book in (old, new))
    found = changes(before, after)
    return [*_rules(before, after, found), *_rulebook(before, after, found)]


def _rules(old: RuleBook, new: RuleBook, found: list[Change]) -> Iterator[Problem]:
    for name in old.rules.keys() & new.rules.keys():
        own = [item for item in found if item.kind == "rule" and item.name == name and _is_content(item)]
        was, now = old.rules[name].version, new.rules[name].version
        if _earlier(now, version_after(was, own)):
            changed = few(list(dict.fromkeys(item.aspect for item in own))) or "nothing else"
            what, todo = f"{_since(was, now)}; changed: {changed}.", f"Write 'version: {version_after(was, own)}'."
            yield Problem(*new.rules[name].spot_of("version"), f"{name} version", what, todo, "version-not-raised")


def _rulebook(old: RuleBook, new: RuleBook, found: list[Change]) -> Iterator[Problem]:
    version = version_after(old.version, found)
    if _earlier(new.version, version):
        calling = "one change calls" if len(found) == 1 else f"{len(found)} changes call"
        what = f"{_since(old.version, new.version)}; {calling} for another."
        yield Problem(*new.spot, "version", what, f"Write 'version: {version}'.", "version-not-raised")


def _since(was: str, now: str) -> str:
    return f"it is still {now}" if was == now else f"it was {was} and is {now}, which is not enough"


def _is_content(change: Change) -> bool:
    return not change.aspect.startswith(NO_CONTENT)


def _earlier(version: str, other: str) -> bool:
    """Whether a version is lower than another."""
    return [*map(int, version.split("."))] < [*map(int, other.split("."))]
