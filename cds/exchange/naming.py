"""Ids, addresses and computable names of what is exported, all derived from the names in the rule files."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from cds.rulebook.model import Frozen, RuleBook

LOGIC, ORDER = "rule-files", "order-of-decision"
"""The ids of the Library, and of the PlanDefinition that says which rule decides first."""
_LONGEST = 64
_HASH = 8


def address(book: RuleBook, kind: str, identity: str) -> str:
    """The canonical URL of a resource of this rulebook."""
    return f"{book.canonical.rstrip('/')}/{kind}/{identity}"


def reference(book: RuleBook, kind: str, identity: str) -> str:
    """A canonical reference to the version that is exported: ``URL|version``."""
    version = book.rules[identity].version if identity in book.rules else book.version
    return f"{address(book, kind, identity)}|{version}"


@lru_cache(maxsize=8)
def term_ids(book: RuleBook) -> Mapping[str, str]:
    """The id of the ValueSet of each term."""
    return Frozen(_identities(book.terms))


@lru_cache(maxsize=8)
def advice_ids(book: RuleBook) -> Mapping[str, str]:
    """The id of the ActivityDefinition of each advice code."""
    return Frozen(_identities(book.advice))


def _identities(names: Iterable[str]) -> dict[str, str]:
    """An id (letters, digits, hyphens, at most 64) for each name; a hash of the name where two would be the same."""
    plain = {name: re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") for name in names}
    often = Counter(plain.values())
    return {
        name: text if text and often[text] == 1 and len(text) <= _LONGEST else _hashed(name, text)
        for name, text in plain.items()
    }


def _hashed(name: str, text: str) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH]
    return f"{text[: _LONGEST - _HASH - 1]}-{digest}".lstrip("-")


def computable(prefix: str, name: str) -> str:
    """A name that programs can use: a capital first, then letters, digits and ``_`` (FHIR invariant 0 of each kind)."""
    words = re.findall(r"[A-Za-z0-9]+", name)
    return (prefix + "".join(word[0].upper() + word[1:] for word in words))[:255]
