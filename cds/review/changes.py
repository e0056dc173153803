"""What changed between two versions of the rules, in words, and which version number that calls for."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from cds.errors import CdsError
from cds.rulebook.model import Finding, Joined, Rule, RuleBook

LEVELS = ("nothing", "patch", "minor", "major")


class Change(NamedTuple):
    """One change in words; ``level`` says how much it can change answers: patch (texts), minor (more), major."""

    what: str
    level: str


@contextmanager
def rules_at(reference: str, folder: Path) -> Iterator[Path]:
    """The rule files of a folder as they were at a git revision; or another folder, if the reference names one.

    Raises:
        CdsError: when the reference is neither.

    """
    if Path(reference).is_dir():
        yield Path(reference)
        return
    command = ["git", "-C", str(folder), "archive", "--format=tar", reference, "."]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a fixed command, no shell
    if done.returncode:
        raise CdsError(f"'{reference}' is neither a folder nor a git revision of '{folder}'.")
    with TemporaryDirectory() as place:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(place, filter="data")
        yield Path(place)


def changes(old: RuleBook, new: RuleBook) -> list[Change]:
    """All changes from one rulebook to another."""
    found = [*_added_and_removed(old, new), *_findings(old, new), *_rules(old, new), *_rest(old, new)]
    return sorted(found, key=lambda change: (-LEVELS.index(change.level), change.what))


def proposed_version(old: RuleBook, found: list[Change]) -> str:
    """The version number after these changes (semantic versioning; before 1.0.0 each level counts one less)."""
    highest = max((LEVELS.index(change.level) for change in found), default=0)
    major, minor, patch = map(int, old.version.split("."))
    highest = max(1, highest - 1) if major == 0 and highest else highest
    return (old.version, f"{major}.{minor}.{patch + 1}", f"{major}.{minor + 1}.0", f"{major + 1}.0.0")[highest]


def _added_and_removed(old: RuleBook, new: RuleBook) -> Iterator[Change]:
    for name in new.rules.keys() - old.rules.keys():
        yield Change(f"{name} is new: {new.rules[name].title}", "minor")
    for name in old.rules.keys() - new.rules.keys():
        yield Change(f"{name} is gone: {old.rules[name].title}", "major")


def _findings(old: RuleBook, new: RuleBook) -> Iterator[Change]:
    for name in new.findings.keys() & old.findings.keys():
        before, after = old.findings[name], new.findings[name]
        if before.definition != after.definition:
            yield Change(f"'{name}': {_said(before)} -> {_said(after)}", "major")
        elif before.evidence != after.evidence:
            yield Change(f"'{name}': evidence {_listed(before.evidence)} -> {_listed(after.evidence)}", "patch")


def _said(finding: Finding) -> str:
    if isinstance(finding.definition, Joined):
        return f"{finding.definition.how} of ({'; '.join(map(str, finding.definition.parts))})"
    return finding.text


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def _rules(old: RuleBook, new: RuleBook) -> Iterator[Change]:
    for name in sorted(new.rules.keys() & old.rules.keys()):
        before, after = old.rules[name], new.rules[name]
        yield from _rule(before, after)


def _rule(before: Rule, after: Rule) -> Iterator[Change]:
    for field, level, noun in (
        ("when", "major", "its condition"), ("votes", "major", "when it decides"), ("advice", "minor", "what it says"),
        ("if_unknown", "major", "what it does when data are missing"), ("card", "patch", "its card"),
        ("evidence", "patch", "its evidence"), ("strength", "patch", "the strength of its evidence"),
        ("status", "patch", "its status"), ("review_by", "patch", "its review date"), ("cases", "patch", "its cases"),
    ):  # fmt: skip
        if _plain(getattr(before, field)) != _plain(getattr(after, field)):
            yield Change(f"{after.id}: {noun} changed", level)


def _plain(value: Any) -> str:
    """The value without the lines on which its parts stand."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return str({key: _plain(item) for key, item in value._asdict().items() if key != "spot"})
    if isinstance(value, dict):
        return str(sorted((key, _plain(item)) for key, item in value.items()))
    if isinstance(value, frozenset):
        return str(sorted(value))
    return str([_plain(item) for item in value]) if isinstance(value, tuple) else str(value)


def _rest(old: RuleBook, new: RuleBook) -> Iterator[Change]:
    if _plain(old.tiers) != _plain(new.tiers):
        yield Change("precedence.yaml: the tiers or the order of deciding changed", "major")
    if _plain(old.removals) != _plain(new.removals):
        yield Change("silencing.yaml: what silences what changed", "major")
    for name in new.terms.keys() | old.terms.keys():
        before, after = old.terms.get(name), new.terms.get(name)
        if before is None or after is None:
            new_or_gone, level = ("new", "minor") if before is None else ("gone", "major")
            yield Change(f"term '{name}' is {new_or_gone}", level)
        elif _plain(before) != _plain(after):
            yield Change(f"term '{name}' changed", "major")
    if old.products != new.products:
        yield Change("products.yaml: what products hold changed", "major")
