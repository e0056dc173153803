"""A little of the rooms whose own tests are slow, so that the fast tier walks through the whole house."""

from __future__ import annotations

from datetime import date

import pytest

from cds.audit.contents import Press
from cds.audit.matter import Matter
from cds.rulebook.model import RuleBook


def test_the_first_page_of_the_audit_book_names_the_rulebook(book: RuleBook) -> None:
    first = next(Press(Matter(book, date(2026, 11, 22), histories={}, samples=())).single_pages())
    assert first.name == "index.html"
    assert book.title in first.html


def test_a_property_of_texts_is_settled_by_what_it_asked(book: RuleBook) -> None:
    pytest.importorskip("z3", reason="the solver z3 is not installed (extra 'prove')")
    from cds.proof.prove import prove

    (proof,) = prove(book, ["never-claims"])
    assert proof.holds
    assert proof.says
