"""Who wrote and who signed the rules: the history of their files from git, and the last signature of each."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TypeAlias

from cds.review.signatures import content_hash, valid_signatures
from cds.rulebook.model import RuleBook

FORMAT = "--format=%h%x09%as%x09%an%x09%s"


class Commit(NamedTuple):
    """A commit that changed a file."""

    id: str
    day: str
    author: str
    subject: str


class History(NamedTuple):
    """The commits of a file, the newest first; ``unsaved`` when the file was changed since."""

    commits: tuple[Commit, ...]
    unsaved: bool


Histories: TypeAlias = "dict[str, History]"


def histories(folder: Path, files: Iterable[str]) -> Histories:
    """The history of each file of a folder of rules; empty where git keeps none of its files."""
    kept, status = _git(folder, "ls-files", "--", "."), _git(folder, "status", "--porcelain", "--", ".")
    if not kept or status is None:
        return {}
    changed = [line[3:].strip('"') for line in status.splitlines()]
    found = {}
    for file in dict.fromkeys(files):
        log = _git(folder, "log", "--follow", FORMAT, "--", file) or ""
        commits = tuple(Commit(*line.split("\t", 3)) for line in log.splitlines())
        found[file] = History(commits, any(path == file or path.endswith(f"/{file}") for path in changed))
    return found


def _git(folder: Path, *words: str) -> str | None:
    """What git says about a folder; None when it cannot, or there is no git."""
    command = ["git", "--no-pager", "-C", str(folder), *words]
    try:
        done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", errors="replace")  # noqa: S603 - fixed words
    except OSError:
        return None
    return None if done.returncode else done.stdout


class Signed(NamedTuple):
    """The last signature under a rule; ``valid`` while the rule, and all that it rests on, is as it was signed."""

    reviewer: str
    role: str
    day: str
    valid: bool


def contents_of(book: RuleBook) -> dict[str, str]:
    """The hash of the content of each rule: what a clinician signs."""
    return {name: content_hash(book, name) for name in book.rules}


def signed_by(book: RuleBook) -> dict[str, Signed]:
    """The last signature of each rule that has one; one that is valid goes before any that is not."""
    found = {}
    for name in book.rules:
        valid = valid_signatures(book, name)
        given = valid or tuple(item for item in book.signatures if item.rule == name)
        if given:
            last = max(given, key=lambda item: item.date)
            found[name] = Signed(last.reviewer, last.role, last.date, bool(valid))
    return found
