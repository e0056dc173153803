"""What was proved about a rulebook, and where it is kept; nothing here needs the solver."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from cds.cache import DECIDING, cache_folder, keep, key_of
from cds.rulebook.model import RuleBook

PROVED_CODE = (*DECIDING, "proof", "review")
"""What a proof speaks about: when one of these changes, it is made anew."""


class Seen(NamedTuple):
    """What ``cds evaluate`` says about a witness: as of which day, outcome, deciding rule, rules shown, codes said."""

    as_of: str
    outcome: str
    decided_by: str
    fired: tuple[str, ...]
    advice: tuple[str, ...]


class Witnesses(NamedTuple):
    """Patients who show something: their bundles and what the product says about each."""

    bundles: tuple[dict[str, Any], ...]
    seen: tuple[Seen, ...]


class Proof(NamedTuple):
    """A property of the rulebook and what became of it.

    ``holds`` is True (for every patient), False (``witness`` breaks it, or nobody exists who should), or None (a
    patient may break it, and none was found whom the product confirms; or the solver gave up). ``says`` is a sentence,
    ``rules`` the rules it speaks of. ``witness`` is an invented patient as a FHIR bundle; evaluated as of
    ``seen['asOf']`` the product gives what ``seen`` says (outcome, decidedBy, fired, advice). ``worse`` and
    ``worse_seen`` are the second patient where two are compared. ``seconds`` is the time it took, ``asked`` how many
    questions a property that holds came down to: one that asked nothing is not settled.
    """

    name: str
    holds: bool | None
    says: str
    rules: tuple[str, ...]
    witness: dict[str, Any] | None
    seconds: float
    seen: dict[str, Any] | None = None
    worse: dict[str, Any] | None = None
    worse_seen: dict[str, Any] | None = None
    asked: int = 0


def proof_of(
    name: str,
    holds: bool | None,
    says: str,
    rules: tuple[str, ...],
    found: Witnesses | None,
    seconds: float,
    *,
    asked: int = 0,
) -> Proof:
    """A proof with the patients that were found, and what the product says about them."""
    bundles, seen = ((), ()) if found is None else (found.bundles, found.seen)
    pairs = [(bundle, seen_data(one)) for bundle, one in zip(bundles, seen, strict=True)]
    (first, first_seen), (second, second_seen), *_ = [*pairs, (None, None), (None, None)]
    listed, took = tuple(dict.fromkeys(rules)), round(seconds, 3)
    return Proof(name, holds, says, listed, first, took, first_seen, second, second_seen, asked)


def seen_data(seen: Seen) -> dict[str, Any]:
    """What the product says, by the names of ``cds evaluate --json``."""
    return {
        "asOf": seen.as_of,
        "outcome": seen.outcome,
        "decidedBy": seen.decided_by,
        "fired": list(seen.fired),
        "advice": list(seen.advice),
    }


def cached_proofs(book: RuleBook) -> tuple[Proof, ...] | None:
    """The proofs of a rulebook that was read from files, if they were made before; never imports the solver."""
    try:
        kept = json.loads(_place(book).read_text(encoding="utf-8"))
        return tuple(Proof(**{**item, "rules": tuple(item["rules"])}) for item in kept) or None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def keep_proofs(book: RuleBook, proofs: tuple[Proof, ...]) -> None:
    """Keep the proofs beside the rulebook's cache; a folder that cannot be written is no error."""
    keep(_place(book), json.dumps([proof._asdict() for proof in proofs]).encode())


def _place(book: RuleBook) -> Path:
    content = (book.sha256, sorted(book.off), sorted(book.shadow))
    return cache_folder() / f"{key_of(content, PROVED_CODE)}.proofs"


class Verdict(NamedTuple):
    """It holds for all, is broken (by the patients found, if it needs any), or is not settled (None).

    ``asked`` is how many questions a property came down to that holds: with none it does not.
    """

    holds: bool | None
    says: str
    rules: tuple[str, ...] = ()
    found: Witnesses | None = None
    asked: int = 0
