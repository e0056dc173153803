"""A little of the rooms whose own tests are slow, so that the fast tier walks through the whole house."""

from __future__ import annotations

from datetime import date

import pytest

from cds.audit.audit_data import AuditData
from cds.audit.site import Site
from cds.rulebook.model import RuleBook
from cds.rulebook.model.term import SEXES
from cds.topics.calcium.kidney import ckd_epi_2021


def test_the_page_of_a_chapter_in_the_audit_book_shows_each_of_its_rules(book: RuleBook) -> None:
    audit = AuditData(book, date(2026, 11, 22), histories={}, samples=())
    name, rules = next(iter(audit.chapters.items()))
    page = Site(audit).chapter(name)
    assert rules
    assert all(rule.id in page.html for rule in rules)


def test_a_property_of_texts_is_settled_by_what_it_asked(book: RuleBook) -> None:
    pytest.importorskip("z3", reason="the solver z3 is not installed (extra 'prove')")
    from cds.proof.prove import prove

    (proof,) = prove(book, ["never-claims"])
    assert proof.holds
    assert proof.says


def test_a_formula_of_the_topic_gives_its_published_value() -> None:
    assert round(ckd_epi_2021(0.9, 40, SEXES["male"])) == 111
