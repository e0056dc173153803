"""The prefetch follows from the rulebook, and what is not sent is unknown, never absent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import pytest
from calls import TODAY, searchset
from generated import people
from hypothesis import given
from people import cds_services
from profiles import examples
from test_patients import PATIENTS

from cds.code_systems import LOINC
from cds.facts.chart import chart_of
from cds.forms.results import Dated, Known, Missing, TakenFrom
from cds.forms.whatif import ChangedBy, DependsOn
from cds.hooks.answering import answer
from cds.hooks.prefetch import PREFETCH_KEYS, keys_for, prefetch_of
from cds.hooks.refusal import RefusedError
from cds.quantity import UNKNOWN
from cds.rulebook.graph import graph_of
from cds.rulebook.model import Computed, Condition, Joined, Measurement, RuleBook
from cds.rulebook.model.term import BIRTH_DATE, GENDER

Json = dict[str, Any]
KNOWLEDGE = (Missing, Known, DependsOn, ChangedBy, TakenFrom)
REVIEW = cds_services()["patient-view"]
PORTABLE = re.compile(
    r"[A-Z][A-Za-z]+(/\{{context\.patientId\}\}|\?patient=\{\{context\.patientId\}\}(&code=[^&=?{}]+)?)"
)


def test_every_term_that_a_rule_reads_is_covered_by_a_key(book: RuleBook) -> None:
    roots = frozenset().union(*graph_of(book).roots.values())
    named = {name.removeprefix("target of ") for name in roots} & set(book.terms)
    keys = prefetch_of(book)
    uncovered = [name for name in named if not keys_for(book.terms[name]) & set(keys)]
    assert (uncovered, {BIRTH_DATE, GENDER} <= roots, len(named) > 60) == ([], True, True)


def test_every_term_is_covered_or_computed_from_terms_that_are(book: RuleBook) -> None:
    assert [name for name, term in book.terms.items() if not keys_for(term) and not isinstance(term, Computed)] == []


def test_every_code_by_which_a_result_says_something_is_asked_for(book: RuleBook) -> None:
    asked = dict(parse_qsl(prefetch_of(book)["observations"].partition("?")[2]))["code"].split(",")
    codes = [code for t in book.terms.values() if isinstance(t, Measurement) for code in t.codes]
    codes += [code for t in book.terms.values() if isinstance(t, Condition) for code in t.observations]
    assert set(asked) == {c.code if c.system == LOINC else f"{c.system}|{c.code}" for c in codes}
    assert len(asked) == len(set(asked))


def test_nothing_is_asked_for_that_no_term_needs(book: RuleBook) -> None:
    needed = frozenset().union(*(keys_for(term) for term in book.terms.values()))
    assert set(prefetch_of(book)) == needed


def test_queries_stay_within_the_portable_subset(book: RuleBook) -> None:
    assert [query for query in prefetch_of(book).values() if not PORTABLE.fullmatch(query)] == []
    assert sum(map(len, prefetch_of(book).values())) < 4000


@lru_cache(maxsize=1)
def plain_findings(book: RuleBook) -> frozenset[str]:
    """The findings about the patient; not those about what is known ("calcium is missing", "unsure about ...").

    Nor those about which of several values is in use.
    """

    def is_plain(name: str) -> bool:
        definition = book.findings[name].definition
        if isinstance(definition, Joined):
            return all(part.sense in ("is", "not") and is_plain(part.finding) for part in definition.parts)
        return not isinstance(definition, KNOWLEDGE) and not (isinstance(definition, Dated) and definition.of)

    return frozenset(name for name in book.findings if is_plain(name))


def prefetch_from(resources: list[Json]) -> Json:
    """A whole prefetch with these resources."""
    by_type: dict[str, list[Json]] = {}
    for resource in resources:
        by_type.setdefault(resource["resourceType"], []).append(resource)
    sent: Json = {key.name: searchset(*by_type.get(key.type, ())) for key in PREFETCH_KEYS if key.name != "patient"}
    return {"patient": by_type["Patient"][0], **sent}


def states_of(book: RuleBook, identity: str, prefetch: Json, day: date) -> dict[str, int]:
    body = {"hook": "patient-view", "hookInstance": "i", "context": {"patientId": identity}}
    try:
        record = answer(body | {"prefetch": prefetch}, REVIEW, book, day).record
    except RefusedError:
        return dict.fromkeys(plain_findings(book), UNKNOWN)
    chart = chart_of(record, book, day)
    return {name: chart.state(name) for name in plain_findings(book)}


def changed_by_leaving_out(book: RuleBook, resources: list[Json], day: date) -> Iterator[tuple[str, str, int, int]]:
    """Key, finding and both states wherever a known state became the other known state."""
    whole = prefetch_from(resources)
    identity = str(whole["patient"]["id"])
    before = states_of(book, identity, whole, day)
    for key in whole:
        after = states_of(book, identity, {name: value for name, value in whole.items() if name != key}, day)
        for name, state in before.items():
            if state is not UNKNOWN and after[name] not in (state, UNKNOWN):
                yield key, name, state, after[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", PATIENTS)
def test_leaving_a_key_out_makes_findings_unknown_never_absent(name: str, book: RuleBook) -> None:
    person = PATIENTS[name]
    resources = [entry["resource"] for entry in person["bundle"]["entry"]]
    assert list(changed_by_leaving_out(book, resources, date.fromisoformat(person["asOf"]))) == []


@examples(60)
@given(people())
def test_leaving_a_key_out_makes_findings_unknown_for_any_patient(book: RuleBook, resources: list[Json]) -> None:
    assert list(changed_by_leaving_out(book, resources, TODAY)) == []


def test_most_findings_are_about_the_patient(book: RuleBook) -> None:
    assert len(plain_findings(book)) > 0.6 * len(book.findings)
