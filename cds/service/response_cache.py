"""The answers of the last seconds: a chart that is opened again, an order that is looked at twice, send the same call.

An answer follows from the call, the rulebook, the day and the profile of the client, and from nothing else; so the same
of all four has the same answer, which costs a fifth of working it out. Only the instance of the hook may differ.

Most calls are all different and pay for the question, so it costs them little: the texts of calls are compared, which
are written already, and Python's own keyed hash of them is all that is worked out.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import orjson

from cds.hooks.answering import Answered
from cds.hooks.calls import Call
from cds.hooks.profiles import Profile
from cds.rulebook.model import RuleBook

CACHE_SIZE = 64


class CacheKey(NamedTuple):
    """Everything that an answer follows from; of the text of the call, what is before and behind its instance."""

    before: bytes
    behind: bytes
    patient: str
    service: str
    profile: str
    day: date
    book: RuleBook


def cache_key(call: Call, book: RuleBook, day: date, profile: Profile) -> CacheKey:
    """The key of a call; quick where its text is written."""
    before, _, behind = call.written().text.partition(b'"hookInstance":' + orjson.dumps(call.instance))
    return CacheKey(before, behind, call.patient, call.service.id, profile.name, day, book)


class ResponseCache:
    """At most 64 answers, each for so many seconds (0: none); what is too old goes with the next call."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._kept: OrderedDict[CacheKey, tuple[float, Answered]] = OrderedDict()

    def get(self, key: CacheKey) -> Answered | None:
        """The answer to the same call a moment ago; None where there is none."""
        oldest = self._clock() - self._seconds
        while self._kept and next(iter(self._kept.values()))[0] < oldest:
            self._kept.popitem(last=False)
        kept = self._kept.get(key)
        return kept[1] if kept else None

    def put(self, key: CacheKey, answer: Answered) -> None:
        """Keep an answer from now on, in place of the oldest one where there are too many."""
        if not self._seconds:
            return
        self._kept.pop(key, None)
        self._kept[key] = self._clock(), answer
        if len(self._kept) > CACHE_SIZE:
            self._kept.popitem(last=False)
