"""A call that is repeated within a minute: the same answer, and never another patient's, day's or rulebook's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from calls import REVIEW, SELECT, TODAY, call, client_of, draft, orders, searchset, service_for
from generated import the_book
from people import cds_services, observation

from cds.hooks.answering import answered
from cds.hooks.calls import Call, call_of
from cds.hooks.profiles import GENERIC, PROFILES
from cds.service.response_cache import CACHE_SIZE, ResponseCache, cache_key

HIGH = searchset(observation("LOINC 17861-6", 10.9, "mg/dL"))


def the_call(hook: str = "patient-view", **prefetch: Any) -> Call:
    return call_of(call(hook, **prefetch), cds_services()[hook])


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_kept_for_so_many_seconds_and_not_longer() -> None:
    clock = Clock()
    cache, asked = ResponseCache(60, clock), cache_key(the_call(), the_book(), TODAY, GENERIC)
    answer = answered(the_call(), the_book(), TODAY)
    cache.put(asked, answer)
    clock.now += 60
    assert cache.get(asked) is answer

    clock.now += 1
    assert cache.get(asked) is None


def test_at_most_so_many_answers_are_kept_and_none_where_that_is_said() -> None:
    cache, none = ResponseCache(60, Clock()), ResponseCache(0, Clock())
    answer = answered(the_call(), the_book(), TODAY)
    days = [date(2026, 1, 1 + n % 28).replace(year=2026 + n // 28) for n in range(CACHE_SIZE + 1)]
    for day in days:
        cache.put(cache_key(the_call(), the_book(), day, GENERIC), answer)
        none.put(cache_key(the_call(), the_book(), day, GENERIC), answer)

    found = [day for day in days if cache.get(cache_key(the_call(), the_book(), day, GENERIC))]
    assert found == days[1:]
    assert none.get(cache_key(the_call(), the_book(), days[-1], GENERIC)) is None


def test_whatever_an_answer_follows_from_makes_it_another_question() -> None:
    same = cache_key(the_call(), the_book(), TODAY, GENERIC)
    others = [
        cache_key(the_call(observations=HIGH), the_book(), TODAY, GENERIC),
        cache_key(the_call(statements="left out"), the_book(), TODAY, GENERIC),
        cache_key(the_call()._replace(patient="q"), the_book(), TODAY, GENERIC),
        cache_key(the_call("order-select"), the_book(), TODAY, GENERIC),
        cache_key(the_call(), replace(the_book(), off=frozenset({"CA-01"})), TODAY, GENERIC),
        cache_key(the_call(), the_book(), date(2026, 1, 16), GENERIC),
        cache_key(the_call(), the_book(), TODAY, PROFILES["epic"]),
    ]
    opened_again = call_of({**call("patient-view"), "hookInstance": "another"}, cds_services()["patient-view"])
    elsewhere = call_of({**call("patient-view"), "fhirServer": "https://x.example"}, cds_services()["patient-view"])
    others.append(cache_key(elsewhere, the_book(), TODAY, GENERIC))
    assert cache_key(opened_again, the_book(), TODAY, GENERIC) == same
    assert same not in others
    assert len(set(others)) == len(others)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 60])
def test_a_repeated_call_is_answered_the_same_and_a_changed_rulebook_at_once(seconds: int) -> None:
    service = service_for(the_book(), limits={"repeat seconds": seconds})
    client = client_of(service)
    first, again = (client.post(REVIEW, json=call(observations=HIGH)).content for _ in range(2))
    assert first == again
    assert b'"code":"CA01"' in first

    service.current.book = replace(the_book(), off=frozenset({"CA-01"}))
    assert b'"code":"OFFCA01"' in client.post(REVIEW, json=call(observations=HIGH)).content


@pytest.mark.slow
def test_a_repeated_call_with_another_order_gets_another_answer() -> None:
    client = client_of(service_for(the_book()))
    picked = {"selections": ["MedicationRequest/r"], "draftOrders": orders(draft())}
    nothing = client.post(SELECT, json=call("order-select", picked | {"draftOrders": orders()})).content
    assert client.post(SELECT, json=call("order-select", picked)).content != nothing
