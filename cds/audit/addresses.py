"""Where everything stands in the audit book: the names of its pages and of the places in them."""

from __future__ import annotations

import re

from cds.forms.records import Recorded
from cds.rulebook.model import (
    AnyTerm,
    Computed,
    Condition,
    Measurement,
    Medication,
    ProductTerm,
    RuleBook,
)

TERM_PAGES: dict[type, tuple[str, str]] = {
    Measurement: ("terms-measurements.html", "Measurements"),
    Computed: ("terms-computed.html", "Computed values and limits"),
    Condition: ("terms-conditions.html", "Conditions"),
    Medication: ("terms-medicines.html", "Medicines"),
    ProductTerm: ("terms-products.html", "Products"),
}
"""The page and the title of each kind of term; doses, age, sex and goals stand on a page of their own."""
OTHER_TERMS = ("terms-doses.html", "Doses, age, sex and goals")


def slug(name: str) -> str:
    """A name as part of an address: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def rule_page(rule: str) -> str:
    """The page of a rule."""
    return f"rule-{slug(rule)}.html"


def chapter_page(chapter: str) -> str:
    """The page of a chapter."""
    return f"chapter-{slug(chapter)}.html"


def term_page(term: AnyTerm) -> tuple[str, str]:
    """The page, and its title, on which a term stands."""
    return TERM_PAGES.get(type(term), OTHER_TERMS)


def term_link(book: RuleBook, name: str) -> str:
    """The place of a term in the glossary."""
    return f"{term_page(book.terms[name])[0]}#{slug(name)}"


def finding_link(book: RuleBook, name: str) -> str:
    """The place of a finding in its chapter; one that only says that a term is on record stands with its term."""
    finding = book.findings[name]
    if not finding.chapter and isinstance(finding.definition, Recorded):
        return term_link(book, finding.definition.term)
    return f"{chapter_page(finding.chapter)}#finding-{slug(name)}"


def source_link(source: str) -> str:
    """The place of a source of evidence."""
    return f"sources.html#{slug(source)}"


def advice_link(code: str) -> str:
    """The place of an advice code or of a claim that no card may make."""
    return f"advice.html#{slug(code)}"


def product_link(number: int) -> str:
    """The place of a product by its number in the list of what products hold."""
    return f"terms-products.html#product-{number}"


def entry_link(name: str) -> str:
    """The place of an entry of silencing.yaml."""
    return f"silencing.html#{slug(name)}"


def sample_page(name: str) -> str:
    """The page of a sample patient."""
    return f"patient-{slug(name)}.html"
