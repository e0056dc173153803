"""What the codes of a concept say that it holds, and its texts in English."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cds.intake.concepts import codings, texts
from cds.intake.english import in_english
from cds.rulebook.lines import PREFIX_SYSTEMS
from cds.rulebook.model import Contents, RuleBook


def english_texts(concept: Any, book: RuleBook) -> list[str]:
    """The texts of a concept with the names of products.yaml in other languages as the English ones."""
    return [in_english(text, book) for text in texts(concept)]


def coded_contents(concept: Any, book: RuleBook) -> list[Contents]:
    """What each coding of a concept holds; one of ICD-10-CM or ATC by the longest beginning that is known."""
    found = []
    for coding in codings(concept):
        system, code = coding.get("system"), coding.get("code")
        if not isinstance(system, str) or not isinstance(code, str):
            continue
        contents = book.products.coded.get((system, code))
        if contents is None and system in PREFIX_SYSTEMS:
            shorter = (book.products.coded.get((system, code[:length])) for length in range(len(code) - 1, 2, -1))
            contents = next((c for c in shorter if c is not None), None)
        if contents is not None:
            found.append(contents)
    return found


def best(found: Iterable[Contents]) -> Contents | None:
    """The most telling of several codings: a product with amounts before a substance, a salt before none."""
    return max(found, key=lambda c: (bool(c.amounts), c.salt not in ("", "unspecified")), default=None)


def is_excluded(concept: Any, book: RuleBook) -> bool:
    """Whether a code says that it is no calcium product."""
    return any((c.get("system"), c.get("code")) in book.products.excluded for c in codings(concept))


def product_codes(concept: Any, book: RuleBook) -> tuple[str, ...]:
    """The codes that stand for one product: not those of substances, classes and terms, which many products share."""
    return tuple(
        f"{system}|{code}"
        for coding in codings(concept)
        if isinstance(system := coding.get("system"), str) and isinstance(code := coding.get("code"), str)
        if system not in PREFIX_SYSTEMS and _may_be_one_product(system, code, book)
    )


def _may_be_one_product(system: str, code: str, book: RuleBook) -> bool:
    known = book.products.coded.get((system, code))
    return bool(known.amounts) if known is not None else (system, code) not in book.products.excluded
