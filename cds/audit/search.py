"""What can be looked up in the book: one entry for each thing that has a place, for the search and the A–Z page.

A page opened from a folder may not read a file of data beside it, so the index is a script that only holds data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from cds.audit.addresses import (
    advice_link,
    chapter_page,
    finding_link,
    product_link,
    rule_page,
    sample_page,
    source_link,
    term_link,
)
from cds.audit.audit_data import AuditData
from cds.rulebook.model import AnyTerm, RuleBook

INDEX_FILE = "search-index.js"


class Entry(NamedTuple):
    """A thing with a place: what it is, its name, other words by which it is found, and its codes."""

    kind: str
    title: str
    link: str
    words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def entries_of(audit: AuditData) -> tuple[Entry, ...]:
    """Every entry, the rules first: of two that fit equally well the earlier one is shown first."""
    book = audit.book
    return (
        *(Entry("rule", f"{r.id} {r.title}", rule_page(r.id), (r.says, r.chapter)) for r in book.rules.values()),
        *(Entry("chapter", name, chapter_page(name)) for name in audit.chapters),
        *(Entry("term", item.name, term_link(book, item.name), *_called(item)) for item in book.terms.values()),
        *_findings(book),
        *(Entry("advice", code, advice_link(code), (item.says,)) for code, item in book.advice.items()),
        *(
            Entry("never said", code, advice_link(code), (item.says, *item.phrases))
            for code, item in book.never.items()
        ),
        *(Entry("source", s.id, source_link(s.id), (s.citation, s.short)) for s in book.sources.values()),
        *_products(book),
        *(Entry("sample patient", item.title, sample_page(item.name)) for item in audit.samples),
    )


def _findings(book: RuleBook) -> Iterator[Entry]:
    """The findings that stand in a chapter; the others are terms by another name, and found as such."""
    for name, finding in book.findings.items():
        if finding.chapter:
            yield Entry("finding", name, finding_link(book, name), (finding.says, finding.text))


def _called(term: AnyTerm) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What else a term is called, and its codes."""
    names = (word for kind in ("known_as", "names", "own_names") for word in getattr(term, kind, ()))
    codes = (code.code for kind in ("codes", "refused", "questions") for code in getattr(term, kind, ()))
    return (term.says, *dict.fromkeys(names)), tuple(dict.fromkeys(codes))


def _products(book: RuleBook) -> Iterator[Entry]:
    coded = ((item.name, (code,)) for (_, code), item in book.products.coded.items())
    named = ((item.name, ()) for _, item in book.products.brands)
    for number, (name, codes) in enumerate((*coded, *named), 1):
        yield Entry("product", name, product_link(number), (), codes)


def index_script(entries: Iterable[Entry]) -> str:
    """The entries as a script that holds nothing but data: kind, name, link, other words and codes of each."""
    rows = [(e.kind, e.title, e.link, [*filter(None, (*e.words, *e.codes))]) for e in entries]
    return f"self.bookIndex = {json.dumps(rows, ensure_ascii=False, separators=(',', ':'))};\n"


class Letter(NamedTuple):
    """The entries whose names begin with a letter."""

    letter: str
    entries: tuple[Entry, ...]


def by_letter(entries: Iterable[Entry]) -> tuple[Letter, ...]:
    """The entries by the letter with which their names begin; what begins with no Latin letter stands at the end."""
    ordered = sorted(entries, key=lambda entry: (_letter(entry), entry.title.lower(), entry.kind, entry.link))
    return tuple(Letter(letter.strip("~"), tuple(found)) for letter, found in groupby(ordered, _letter))


def _letter(entry: Entry) -> str:
    first = entry.title[:1].upper()
    return first if "A" <= first <= "Z" else "0–9" if first.isdigit() else "~other"


def by_code(entries: Iterable[Entry]) -> tuple[tuple[str, Entry], ...]:
    """Every code with what it is a code of, in order."""
    return tuple(sorted(((code, entry) for entry in entries for code in entry.codes), key=lambda item: item[0]))
