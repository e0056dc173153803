"""What the cases of a rulebook say, kept while nothing changed on which that rests: it outlives a change of words.

It rests on all files but those of rules, and on the conditions, votes, advice, titles and cases of each rule.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson

from cds.cache import cache_folder, keep, key_of, read_own
from cds.review.check import Logic
from cds.review.mutation import mutants
from cds.review.quick_proofs.tried import Tried
from cds.rulebook.files import kind_of
from cds.rulebook.folder import fingerprint, rule_files
from cds.rulebook.kept import folder_of
from cds.rulebook.model import Rule, RuleBook

PROMISES = ("ladders", "patients", "losses")


def place_of_logic(book: RuleBook, code: tuple[str, ...]) -> Path | None:
    """Where it is kept; None for a rulebook with an overlay, or that no folder holds any more."""
    folder = folder_of(book)
    if folder is None or book.overlay is not None or fingerprint(folder) != book.sha256:
        return None
    content = (_other_files(folder), [logic_of_rule(rule) for rule in book.rules.values()])
    return cache_folder() / f"{key_of(content, code)}.logic"


def kept_logic(book: RuleBook, place: Path) -> Logic | None:
    """What was kept there of a rulebook; None where nothing was, or it is damaged."""
    try:
        kept: dict[str, Any] = orjson.loads(read_own(place))
        names = frozenset(kept["missed"])
        missed = tuple(mutant for mutant in mutants(book) if mutant.what in names)
        return Logic((), (), Tried(**{name: kept[name] for name in PROMISES}), missed, kept["changes"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep_logic(logic: Logic, place: Path) -> None:
    """Keep it if there is nothing to tell of cases and promises: what is told has lines, and lines move."""
    if logic.failed or logic.tried.problems:
        return
    counts = {name: getattr(logic.tried, name) for name in PROMISES}
    missed = [mutant.what for mutant in logic.missed]
    keep(place, orjson.dumps({**counts, "missed": missed, "changes": logic.changes}))


def logic_of_rule(rule: Rule) -> tuple[object, ...]:
    """All of a rule that can decide whether a case holds, by values of which the ``repr`` is always the same."""
    card = rule.card
    titles = [(text.summary, text.fallback, text.when) for text in card.texts]
    cases = [case._replace(spot=rule.spot) for case in rule.cases]
    own = (rule.id, rule.chapter, rule.spot.file, rule.votes, rule.guarded, rule.when, rule.if_unknown, rule.advice)
    return (*own, card.act, card.indicators, titles, cases)


def _other_files(folder: Path) -> str:
    """The SHA-256 of all files of a folder but those of rules, names and contents."""
    digest = hashlib.sha256()
    for path in rule_files(folder):
        name = path.relative_to(folder).as_posix()
        if kind_of(name) != "rule":
            digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
