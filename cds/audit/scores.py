"""How many small changes to a rule its cases notice, and proofs, kept beside the rulebook cache.

Trying the changes takes a minute; the result belongs to the content of the rules and of the code, and is kept under
a key of both.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from cds.cache import cache_folder, keep, key_of
from cds.evaluation import Evaluator
from cds.reasoning.inference import PlainReasoner
from cds.review.cases import failures
from cds.review.mutation import Mutant, Progress, mutants, unnoticed
from cds.review.overlay_effects import overridden, without_cases
from cds.rulebook.graph import FINDING, graph_of
from cds.rulebook.model import Rule, RuleBook

SOURCES = ("quantity.py", "evaluation.py", "rulebook", "forms", "facts", "reasoning", "review", "intake", "topics")
"""The code that tries the changes."""


class Score(NamedTuple):
    """Of so many small changes to a rule and to the findings that it reads, those that no case notices.

    ``accepted`` are survivors with the reason that review.yaml gives.
    """

    tried: int
    survived: tuple[str, ...]
    accepted: tuple[tuple[str, str], ...]

    @property
    def percent(self) -> float:
        """The share of changes that a case notices, in percent; none of none."""
        return 100 * (1 - (len(self.survived) + len(self.accepted)) / self.tried) if self.tried else 0.0


def surviving(book: RuleBook, progress: Progress = lambda done, total: None) -> frozenset[str] | None:
    """The small changes, in words, that no case of the rulebook notices; from the cache where they are known.

    Cases of the base that an overlay makes untrue are left out. None while another case fails: such a case would seem
    to notice every change, and nothing was tried.
    """
    kept = place_of(book)
    known = _read(kept)
    if known is None:
        failed = failures(book, Evaluator(book, PlainReasoner(book)))
        local = overridden(book, failed)
        if len(local) < len(failed):
            return None
        known = sorted(mutant.what for mutant in unnoticed(without_cases(book, local), progress)[0])
        keep(kept, json.dumps(known).encode())
    return frozenset(known)


def score_of(book: RuleBook, rule: Rule, alive: frozenset[str], tried: list[Mutant]) -> Score:
    """The score of a rule: the changes to itself and to every finding that it reads."""
    names = {name for kind, name in graph_of(book).behind_rule(rule) if kind == FINDING}
    own = [mutant.what for mutant in tried if mutant.rule == rule.id or mutant.finding in names]
    left = [what for what in own if what in alive]
    accepted = tuple((what, book.accepted[what]) for what in left if what in book.accepted)
    return Score(len(own), tuple(what for what in left if what not in book.accepted), accepted)


def scores_of(book: RuleBook, alive: frozenset[str]) -> dict[str, Score]:
    """The score of each rule."""
    tried = mutants(book)
    return {name: score_of(book, rule, alive, tried) for name, rule in book.rules.items()}


def place_of(book: RuleBook) -> Path:
    """Where the survivors of a rulebook are kept."""
    content = (book.sha256, sorted(book.off), sorted(book.shadow))
    return cache_folder() / f"{key_of(content, SOURCES)}.survivors.json"


def _read(path: Path) -> list[str] | None:
    """The list of a cache file; None when there is none, or it is damaged."""
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, list) and all(isinstance(item, str) for item in found) else None
